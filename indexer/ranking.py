"""A question and a snapshot become scored articles, best first.

Every article that the caller may see is given all of its evidence, so nothing is lost to
a cut before scores are fused:

    score = 0.70 s(best similarity of its chunks and questions)
          + 0.30 s(s(BM25 of the article) + s(BM25 of its best chunk))
          + 0.15 s(similarity of its title)
          - 0.03 when it is past its review date

with s(x) scaled to [0, 1] over those articles, and the weights as the manifest has them.
Audience, status and filters are applied before anything is scaled or cut, so a hidden
article never takes a place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexer.encoder import Embeddings
from indexer.lexical import analyze
from indexer.snapshot import Snapshot
from indexer.vectors import Mask

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Match = Literal["chunk", "question", "title"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an article's score is made of, before scaling.

    Attributes:
        chunk: cosine of its best chunk, in [-1, 1].
        question: cosine of its best question, in [-1, 1]; -1 without questions.
        title: cosine of its title, in [-1, 1].
        lexical_article: BM25 of the whole article, 0 or more.
        lexical_chunk: BM25 of its best chunk by words, 0 or more.
        overdue: whether it is past its review date.
    """

    chunk: float
    question: float
    title: float
    lexical_article: float
    lexical_chunk: float
    overdue: bool

    @property
    def similarity(self) -> float:
        """The best cosine of its chunks and questions, in [-1, 1]."""
        return max(self.chunk, self.question)

    @property
    def matched(self) -> Match:
        """Which of its vectors is nearest; a chunk wins a tie, then a question."""
        nearest = max(self.chunk, self.question, self.title)
        if self.chunk == nearest:
            return "chunk"
        return "question" if self.question == nearest else "title"


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """One article for one question.

    Attributes:
        rank: counted from 1.
        article: row in the snapshot.
        score: the fused score; comparable within one answer only.
        confidence: calibrated probability that the article answers, in [0, 1].
        chunk: row of the best chunk, or None for an article without chunks.
        evidence: the parts of the score.
    """

    rank: int
    article: int
    score: float
    confidence: float
    chunk: int | None
    evidence: Evidence


def rank(
    snapshot: Snapshot,
    query: str,
    vector: Embeddings,
    allowed: Mask,
    today: date,
    top_k: int,
) -> list[RankedArticle]:
    """Return the best articles for a question; equal scores in article order.

    Args:
        snapshot: where to search.
        query: the question's text, for BM25.
        vector: the question's unit vector, shape (dim,).
        allowed: bool, shape (articles,); what this caller may be shown, see `allowed_articles`.
        today: decides which articles are past their review date.
        top_k: articles wanted, at least 1.
    """
    rows = np.flatnonzero(allowed)
    if not len(rows):
        return []
    terms = analyze(query)
    chunk_similarities = snapshot.chunk_vectors.similarities(vector)
    chunk = best_by_group(chunk_similarities, snapshot.chunk_starts, -1.0)
    question = best_by_group(
        snapshot.question_vectors.similarities(vector), snapshot.question_starts, -1.0
    )
    title = snapshot.title_vectors.similarities(vector)
    lexical_article = snapshot.lexical_articles.scores(terms)
    lexical_chunk = best_by_group(snapshot.lexical_chunks.scores(terms), snapshot.chunk_starts, 0.0)
    # What counts is the date of the article that is shown.
    overdue = snapshot.review_days[snapshot.leads_to] < today.toordinal()
    weights = snapshot.manifest.ranking
    scores = (
        weights.dense * _scaled(np.maximum(chunk, question)[rows])
        + weights.lexical * _scaled(_scaled(lexical_article[rows]) + _scaled(lexical_chunk[rows]))
        + weights.title * _scaled(title[rows])
        - weights.overdue * overdue[rows]
    )
    ranked = []
    best = _without_deprecated(snapshot, rows, scores, allowed, top_k)
    for place, (shown, i) in enumerate(best, 1):
        row = int(rows[i])
        evidence = Evidence(
            chunk=float(chunk[row]),
            question=float(question[row]),
            title=float(title[row]),
            lexical_article=float(lexical_article[row]),
            lexical_chunk=float(lexical_chunk[row]),
            overdue=bool(overdue[row]),
        )
        ranked.append(
            RankedArticle(
                rank=place,
                article=shown,
                score=round(float(scores[i]), 6),
                confidence=snapshot.manifest.calibration.confidence(evidence.similarity),
                chunk=_best_chunk(snapshot, shown, chunk_similarities),
                evidence=evidence,
            )
        )
    return ranked


def allowed_articles(
    snapshot: Snapshot,
    audiences: Iterable[str],
    tags: Iterable[str] = (),
    platforms: Iterable[str] = (),
    types: Iterable[str] = (),
) -> Mask:
    """Return which articles may be shown: bool, shape (articles,).

    An article is shown to a caller who has one of its audiences. Each filter that names
    anything keeps the articles that have one of the names.
    """
    callers, tagged, used, kinds = set(audiences), set(tags), set(platforms), set(types)

    def is_allowed(row: int) -> bool:
        stated = snapshot.articles[row].front_matter
        return (
            not callers.isdisjoint(stated.audience)
            and (not tagged or not tagged.isdisjoint(stated.tags))
            and (not used or not used.isdisjoint(stated.platforms))
            and (not kinds or stated.type in kinds)
        )

    return np.array([is_allowed(row) for row in range(len(snapshot.articles))], dtype=np.bool_)


def best_by_group(values: Floats, starts: Rows, empty: float) -> Floats:
    """Return the highest value of each group of neighbouring rows.

    Args:
        values: one value a row.
        starts: first row of each group, and the number of rows at the end.
        empty: what a group without rows gets.
    """
    best = np.full(len(starts) - 1, empty, dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        best[filled] = np.maximum.reduceat(values, starts[:-1][filled])
    return best


def _scaled(values: Floats) -> Floats:
    """Return the values scaled to [0, 1]; all 0 when they do not differ."""
    low, high = values.min(), values.max()
    scaled: Floats = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return scaled


def _without_deprecated(
    snapshot: Snapshot, rows: Rows, scores: Floats, allowed: Mask, top_k: int
) -> list[tuple[int, int]]:
    """Return (article row to show, index into `rows`) best first, each article once.

    A deprecated article leads to the one that replaces it, or nowhere.
    """
    best: dict[int, int] = {}
    for i in np.lexsort((rows, -scores)):
        shown = int(snapshot.leads_to[rows[i]])
        if shown >= 0 and allowed[shown]:
            best.setdefault(shown, int(i))
        if len(best) == top_k:
            break
    return list(best.items())


def _best_chunk(snapshot: Snapshot, article: int, similarities: Floats) -> int | None:
    """Return the row of an article's nearest chunk, or None where it has no text."""
    first, stop = snapshot.chunk_starts[article], snapshot.chunk_starts[article + 1]
    return int(first + np.argmax(similarities[first:stop])) if first < stop else None
