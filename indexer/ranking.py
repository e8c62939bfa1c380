"""A question and a snapshot become scored articles, best first.

Candidates are the nearest chunks, questions and titles by cosine and the best by BM25.
Every candidate article is then given all of its evidence, whichever search found it:

    score = 0.70 s(best similarity of its chunks and questions)
          + 0.30 s(s(BM25 of the article) + s(BM25 of its best chunk))
          + 0.15 s(similarity of its title)
          - 0.03 when it is past its review date

with s(x) scaled to [0, 1] over the candidates. Audience, status and filters are applied
before any search is cut off, so a hidden article never takes a place.
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

DENSE_WEIGHT, LEXICAL_WEIGHT, TITLE_WEIGHT = 0.70, 0.30, 0.15
OVERDUE_PENALTY = 0.03
# How deep each search goes before all evidence is completed.
CHUNK_CANDIDATES, QUESTION_CANDIDATES, TITLE_CANDIDATES, LEXICAL_CANDIDATES = 200, 100, 50, 50

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


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """One article for one question.

    Attributes:
        rank: counted from 1.
        article: row in the snapshot.
        score: the fused score; comparable within one answer only.
        chunk: row of the best chunk, or None for an article without chunks.
        matched: which kind of evidence was nearest.
        evidence: the parts of the score.
    """

    rank: int
    article: int
    score: float
    chunk: int | None
    matched: Match
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
    if not allowed.any():
        return []
    words = _lexical(snapshot, query, allowed)
    candidates = _candidates(snapshot, vector, allowed, words)
    if not len(candidates):
        return []
    chunk, chunk_rows = _best_chunks(snapshot, vector, candidates)
    question = _best_questions(snapshot, vector, candidates)
    title = snapshot.title_vectors.similarities(vector, candidates)
    overdue = np.array([_is_overdue(snapshot, row, today) for row in candidates])
    scores = (
        DENSE_WEIGHT * _scaled(np.maximum(chunk, question))
        + LEXICAL_WEIGHT
        * _scaled(_scaled(words.articles[candidates]) + _scaled(words.chunks[candidates]))
        + TITLE_WEIGHT * _scaled(title)
        - OVERDUE_PENALTY * overdue
    )
    best = _without_deprecated(snapshot, candidates, scores, allowed, top_k)
    return [
        RankedArticle(
            rank=place,
            article=article,
            score=round(float(scores[i]), 6),
            chunk=_shown_chunk(snapshot, article, int(candidates[i]), int(chunk_rows[i])),
            matched=_matched(float(chunk[i]), float(question[i]), float(title[i])),
            evidence=Evidence(
                chunk=float(chunk[i]),
                question=float(question[i]),
                title=float(title[i]),
                lexical_article=float(words.articles[candidates[i]]),
                lexical_chunk=float(words.chunks[candidates[i]]),
                overdue=bool(overdue[i]),
            ),
        )
        for place, (article, i) in enumerate(best, 1)
    ]


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


@dataclass(frozen=True, slots=True)
class _Words:
    """BM25 per article row: of the whole article, of its best chunk; 0 where not allowed."""

    articles: Floats
    chunks: Floats


def _lexical(snapshot: Snapshot, query: str, allowed: Mask) -> _Words:
    terms = analyze(query)
    whole = snapshot.lexical_articles.scores(terms)
    pieces = snapshot.lexical_chunks.scores(terms)
    best = np.zeros(len(snapshot.articles), dtype=np.float32)
    starts = snapshot.chunk_starts
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        best[filled] = np.maximum.reduceat(pieces, starts[:-1][filled])
    return _Words(whole * allowed, best * allowed)


def _candidates(snapshot: Snapshot, vector: Embeddings, allowed: Mask, words: _Words) -> Rows:
    """Return the rows of articles worth scoring, in row order."""
    everything = bool(allowed.all())
    owners = _chunk_owners(snapshot)
    chunk_mask = None if everything else allowed[owners]
    question_mask = None if everything else allowed[snapshot.question_articles]
    chunks, _ = snapshot.chunk_vectors.search(vector, CHUNK_CANDIDATES, chunk_mask)
    questions, _ = snapshot.question_vectors.search(vector, QUESTION_CANDIDATES, question_mask)
    titles, _ = snapshot.title_vectors.search(
        vector, TITLE_CANDIDATES, None if everything else allowed
    )
    found = (
        owners[chunks],
        snapshot.question_articles[questions],
        titles,
        _top(words.articles),
        _top(words.chunks),
    )
    rows: Rows = np.unique(np.concatenate(found)).astype(np.int64)
    return rows


def _chunk_owners(snapshot: Snapshot) -> Rows:
    """Return the article row of every chunk."""
    starts = snapshot.chunk_starts
    return np.repeat(np.arange(len(snapshot.articles)), np.diff(starts))


def _top(scores: Floats) -> Rows:
    """Return the rows with the highest scores above 0, at most `LEXICAL_CANDIDATES`."""
    k = min(LEXICAL_CANDIDATES, len(scores))
    rows = np.argpartition(-scores, k - 1)[:k]
    top: Rows = rows[scores[rows] > 0].astype(np.int64)
    return top


def _best_chunks(
    snapshot: Snapshot, vector: Embeddings, candidates: Rows
) -> tuple[Floats, Rows]:
    """Return each candidate's best chunk similarity and that chunk's row (-1: no chunks)."""
    starts, stops = snapshot.chunk_starts[candidates], snapshot.chunk_starts[candidates + 1]
    rows, owners = _ranges(starts, stops)
    return _best_of(len(candidates), rows, owners, snapshot.chunk_vectors.similarities(vector, rows))


def _best_questions(snapshot: Snapshot, vector: Embeddings, candidates: Rows) -> Floats:
    """Return each candidate's best question similarity, -1 without questions."""
    starts = np.searchsorted(snapshot.question_articles, candidates)
    stops = np.searchsorted(snapshot.question_articles, candidates, side="right")
    rows, owners = _ranges(starts, stops)
    similarities = snapshot.question_vectors.similarities(vector, rows)
    return _best_of(len(candidates), rows, owners, similarities)[0]


def _ranges(starts: Rows, stops: Rows) -> tuple[Rows, Rows]:
    """Return all rows of the ranges one after the other, and the range each belongs to."""
    lengths = stops - starts
    owners = np.repeat(np.arange(len(starts)), lengths)
    before = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.arange(int(lengths.sum())) - before + starts[owners], owners


def _best_of(count: int, rows: Rows, owners: Rows, values: Floats) -> tuple[Floats, Rows]:
    """Return the highest value of each owner and its row; the first row wins a tie."""
    best = np.full(count, -1.0, dtype=np.float32)
    where = np.full(count, -1, dtype=np.int64)
    if len(rows):
        order = np.lexsort((rows, -values, owners))
        first = np.unique(owners[order], return_index=True)[1]
        chosen = order[first]
        best[owners[chosen]] = values[chosen]
        where[owners[chosen]] = rows[chosen]
    return best, where


def _scaled(values: Floats) -> Floats:
    """Return the values scaled to [0, 1]; all 0 when they do not differ."""
    low, high = values.min(), values.max()
    scaled: Floats = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return scaled


def _is_overdue(snapshot: Snapshot, row: int, today: date) -> bool:
    review_by = snapshot.articles[row].front_matter.review_by
    return review_by is not None and review_by < today


def _without_deprecated(
    snapshot: Snapshot, candidates: Rows, scores: Floats, allowed: Mask, top_k: int
) -> list[tuple[int, int]]:
    """Return (article row to show, candidate) best first, each article once.

    A deprecated article leads to the one that replaces it, or nowhere.
    """
    best: dict[int, int] = {}
    for i in np.lexsort((candidates, -scores)):
        shown = _replacement(snapshot, int(candidates[i]))
        if shown is not None and allowed[shown]:
            best.setdefault(shown, int(i))
        if len(best) == top_k:
            break
    return list(best.items())


def _replacement(snapshot: Snapshot, row: int) -> int | None:
    """Return the article that a row leads to: itself unless deprecated; None for nowhere."""
    seen = {row}
    while (stated := snapshot.articles[row].front_matter).status == "deprecated":
        following = snapshot.article_rows.get(stated.replaced_by or "")
        if following is None or following in seen:
            return None
        row = following
        seen.add(row)
    return row


def _shown_chunk(snapshot: Snapshot, article: int, candidate: int, chunk: int) -> int | None:
    """Return the chunk to show: the best one, or the first of a replacement."""
    if article != candidate or chunk < 0:
        first, stop = snapshot.chunk_starts[article], snapshot.chunk_starts[article + 1]
        return int(first) if first < stop else None
    return chunk


def _matched(chunk: float, question: float, title: float) -> Match:
    if question >= max(chunk, title):
        return "question"
    return "title" if title > chunk else "chunk"
