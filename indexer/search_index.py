"""Everything that ranking looks at, in memory: arrays by article, BM25 and vector spaces.

A build makes one to calibrate with, before it is written; a snapshot holds one. It knows
articles by row only: their texts and front matter are the snapshot's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from indexer.article import FrontMatter
from indexer.chunking import Chunk
from indexer.language import DEFAULT_LANGUAGE
from indexer.lexical import LexicalIndex
from indexer.space import VectorSpace
from indexer.vocabulary import Vocabulary

Rows = npt.NDArray[np.int64]


class RankingSettings(BaseModel):
    """The weights of ranking; a snapshot carries them, so that an answer can be repeated.

    Attributes:
        dense: of similarity by meaning to an article's chunks and questions.
        questions: how much of that its own questions are, where it has some.
        lexical: of BM25.
        pairs: of neighbouring words within BM25, words alone being 1.
        title: of the title's similarity.
        tokens: of late interaction between the question's words and those of the best chunk.
        asked_tokens: of late interaction between the question's words and those of the
            article's own questions.
        token_depth: articles for which late interaction is looked at, the best ones without it.
        overdue: what an article past its review date loses.
    """

    model_config = ConfigDict(frozen=True)

    dense: float = 0.70
    questions: float = 2 / 3
    lexical: float = 0.30
    pairs: float = 0.50
    title: float = 0.15
    tokens: float = 0.20
    asked_tokens: float = 0.15
    token_depth: int = 20
    overdue: float = 0.03


class IndexedArticle(Protocol):
    """What of an article decides how it is ranked."""

    @property
    def id(self) -> str:
        """Unique among the articles."""

    @property
    def front_matter(self) -> FrontMatter:
        """Its questions, status and dates."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """All articles, ready to be ranked. Immutable, safe to share between threads.

    Attributes:
        chunk_starts: row of each article's first chunk, and the number of chunks at the
            end: article i has rows `chunk_starts[i]` to `chunk_starts[i + 1]`.
        question_starts: the same for questions.
        review_days: last day before each article is overdue, as a proleptic ordinal.
        leads_to: row of the article that each one leads to: itself, its replacement when
            deprecated, or -1 for nowhere.
        lexical_chunks: BM25 of the chunks.
        lexical_articles: BM25 of the articles.
        vocabulary: the corpus' words and its glossary.
        spaces: one, or two: for English questions, and for those in other languages.
        settings: the weights.
    """

    chunk_starts: Rows
    question_starts: Rows
    review_days: Rows
    leads_to: Rows
    lexical_chunks: LexicalIndex
    lexical_articles: LexicalIndex
    vocabulary: Vocabulary
    spaces: tuple[VectorSpace, ...]
    settings: RankingSettings

    @classmethod
    def of(
        cls,
        articles: Sequence[IndexedArticle],
        chunks: Sequence[Chunk],
        lexical_chunks: LexicalIndex,
        lexical_articles: LexicalIndex,
        vocabulary: Vocabulary,
        spaces: tuple[VectorSpace, ...],
        settings: RankingSettings,
    ) -> SearchIndex:
        """Return the index of articles and their chunks, those of an article together."""
        rows = {article.id: row for row, article in enumerate(articles)}
        count = len(articles)
        review_days = [(a.front_matter.review_by or date.max).toordinal() for a in articles]
        leads_to = [_replacement(articles, rows, row) for row in range(count)]
        return cls(
            chunk_starts=_starts(Counter(rows[chunk.article_id] for chunk in chunks), count),
            question_starts=_starts(
                {row: len(a.front_matter.questions) for row, a in enumerate(articles)}, count
            ),
            review_days=np.array(review_days, dtype=np.int64),
            leads_to=np.array(leads_to, dtype=np.int64),
            lexical_chunks=lexical_chunks,
            lexical_articles=lexical_articles,
            vocabulary=vocabulary,
            spaces=spaces,
            settings=settings,
        )

    def __len__(self) -> int:
        return len(self.leads_to)

    def space_for(self, language: str) -> int:
        """Return which of the spaces a question in this language is asked in."""
        return 0 if language == DEFAULT_LANGUAGE else len(self.spaces) - 1


def _replacement(articles: Sequence[IndexedArticle], rows: Mapping[str, int], row: int) -> int:
    """Return the row that an article leads to; -1 when its replacement is missing or loops."""
    seen = {row}
    while (stated := articles[row].front_matter).status == "deprecated":
        following = rows.get(stated.replaced_by or "")
        if following is None or following in seen:
            return -1
        row = following
        seen.add(row)
    return row


def _starts(sizes: Mapping[int, int], groups: int) -> Rows:
    """Return where each of `groups` neighbouring groups starts, and the end."""
    lengths = [sizes.get(group, 0) for group in range(groups)]
    return np.cumsum([0, *lengths], dtype=np.int64)
