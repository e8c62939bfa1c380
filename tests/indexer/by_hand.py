"""A search index of three-dimensional vectors, to calculate with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from indexer.article import FrontMatter
from indexer.chunking import Chunk
from indexer.encoder import Encoded
from indexer.lexical import LexicalIndex, analyze
from indexer.ranking import Question
from indexer.search_index import RankingSettings, SearchIndex
from indexer.space import VectorSpace
from indexer.tokens import PackedText, TokenIndex
from indexer.vectors import DenseIndex
from indexer.vocabulary import Vocabulary

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
# Between x and y, with the cosines 0.6 and 0.8.
XY = (0.6, 0.8, 0.0)
# Near z, with the cosine 0.28 to x.
XZ = (0.28, 0.0, 0.96)
NO_WORD = 10_000

Vector = Sequence[float]


@dataclass(frozen=True)
class Listed:
    """What an index wants to know of an article."""

    id: str
    front_matter: FrontMatter = field(default_factory=FrontMatter)


@dataclass(frozen=True)
class ByHand:
    """An article by the vectors of its chunks, its title and its questions."""

    chunks: Sequence[Vector]
    title: Vector
    questions: Sequence[Vector] = ()
    text: str = ""
    review_by: date | None = None


def chunk(article_id: str, ordinal: int = 0, text: str = "") -> Chunk:
    """Return a chunk that knows only where it belongs and what it says."""
    return Chunk(
        article_id=article_id,
        ordinal=ordinal,
        heading_path=(article_id,),
        anchor=None,
        start_line=1,
        end_line=1,
        text=text,
    )


def rows_of(vectors: Sequence[Vector]) -> np.ndarray:
    """Return vectors as rows: float32, shape (n, 3)."""
    return np.array(vectors, dtype=np.float32).reshape(len(vectors), 3)


def packed(vectors: np.ndarray) -> list[PackedText]:
    """Return texts of one word each, which has the text's own vector."""
    return [
        PackedText(
            vector=vector,
            token_ids=np.array([row], dtype=np.int32),
            token_signs=np.packbits(vector[None, :] > 0, axis=1),
        )
        for row, vector in enumerate(vectors)
    ]


def index_by_hand(
    articles: Sequence[ByHand],
    projection: np.ndarray | None = None,
    settings: RankingSettings | None = None,
) -> SearchIndex:
    """Return an index; chunks and questions have one word each, with their own vector."""
    listed = [
        Listed(
            f"a{row}",
            FrontMatter(questions=("asked",) * len(a.questions), review_by=a.review_by),
        )
        for row, a in enumerate(articles)
    ]
    chunks = [
        chunk(known.id, ordinal, article.text)
        for known, article in zip(listed, articles, strict=True)
        for ordinal in range(len(article.chunks))
    ]
    vectors = rows_of([vector for a in articles for vector in a.chunks])
    asked = rows_of([vector for a in articles for vector in a.questions])
    space = VectorSpace(
        encoder=None,
        chunks=DenseIndex.build(vectors, 3),
        questions=DenseIndex.build(asked, 3),
        titles=DenseIndex.build(rows_of([a.title for a in articles]), 3),
        tokens=TokenIndex.build(packed(vectors), 3),
        asked_tokens=TokenIndex.build(packed(asked), 3),
        projection=np.eye(3, dtype=np.float32) if projection is None else projection,
    )
    return SearchIndex.of(
        listed,
        chunks,
        lexical_chunks=LexicalIndex.build([one.text for one in chunks]),
        lexical_articles=LexicalIndex.build([a.text for a in articles]),
        vocabulary=Vocabulary([], {}),
        spaces=(space,),
        settings=settings or RankingSettings(),
    )


def encoded_by_hand(vector: Vector) -> Encoded:
    """Return a text of one word that no chunk has, with one vector for both."""
    (row,) = rows_of([vector])
    return Encoded(
        vector=row, token_ids=np.array([NO_WORD], dtype=np.int32), token_vectors=row[None, :]
    )


def question_by_hand(vector: Vector, text: str = "") -> Question:
    """Return a question that lies in a direction."""
    return Question(text=text, space=0, encoded=encoded_by_hand(vector), terms=analyze(text))
