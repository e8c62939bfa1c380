"""A question and a search index become scored articles, best first.

Every article that the caller may see is given all of its evidence, so nothing is lost to
a cut before scores are fused:

    score = 0.70 s(1/3 s(best similarity of its chunks) + 2/3 s(that of its questions))
          + 0.30 s(s(BM25 of the article) + s(BM25 of its best chunk))
          + 0.15 s(similarity of its title)
          - 0.03 when it is past its review date

and for the best 20 of these

          + 0.20 s(how well the question's words are met by those of its best chunk)
          + 0.15 s(how well they are met by those of its two nearest questions)

with s(x) scaled to [0, 1] over those articles, and the weights as the manifest has them.
Similarity to chunks is that of the question turned towards passages (`indexer.projection`);
that of an article's own questions is the mean of the two nearest of these and its title,
since one of twenty is near to something by chance. Chunks count alone for an article
without questions.
Audience, status and filters are applied before anything is scaled or cut, so a hidden
article never takes a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexer.encoder import Encoded
from indexer.projection import project
from indexer.search_index import SearchIndex
from indexer.vectors import Mask

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Match = Literal["chunk", "question", "title"]

_FEWEST_FOR_MEDIAN = 8
# Of an article's own questions, the nearest ones are looked at word by word; for a text with
# more tokens, a whole ticket, none: one line cannot meet its words.
_NEAREST_QUESTIONS, _LONG_TEXT_TOKENS = 2, 48


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ready to be ranked.

    Attributes:
        text: as it is searched for: spelling corrected, the glossary's terms added.
        space: which of the index' spaces it was encoded in.
        encoded: its vector and those of its words.
        terms: from `analyze`.
    """

    text: str
    space: int
    encoded: Encoded
    terms: Sequence[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an article's score is made of, before scaling.

    Attributes:
        chunk: cosine of its best chunk, in [-1, 1].
        question: cosine of its best question, in [-1, 1]; -1 without questions.
        title: cosine of its title, in [-1, 1].
        lexical_article: BM25 of the whole article, 0 or more.
        lexical_chunk: BM25 of its best chunk by words, 0 or more.
        tokens: late interaction with its best chunk, see `TokenIndex.match`; None where
            it was not among the best articles without it.
        overdue: whether it is past its review date.
        asked: mean cosine of the best two of its questions and title, in [-1, 1]; -1
            without questions.
        asked_tokens: mean late interaction with its two nearest questions; None where
            `tokens` is, without questions, and for a long text.
    """

    chunk: float
    question: float
    title: float
    lexical_article: float
    lexical_chunk: float
    tokens: float | None
    overdue: bool
    asked: float = -1.0
    asked_tokens: float | None = None

    @property
    def similarity(self) -> float:
        """The best cosine of its chunks, questions and title, in [-1, 1]."""
        return max(self.chunk, self.question, self.title)

    @property
    def matched(self) -> Match:
        """Which of its vectors is nearest; a chunk wins a tie, then a question."""
        if self.chunk == self.similarity:
            return "chunk"
        return "question" if self.question == self.similarity else "title"


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """One article for one question.

    Attributes:
        rank: counted from 1.
        article: row in the index.
        score: the fused score; comparable within one answer only.
        chunk: row of the best chunk, or None for an article without chunks.
        evidence: the parts of the score.
    """

    rank: int
    article: int
    score: float
    chunk: int | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best articles for one question.

    Attributes:
        articles: best first.
        median_similarity: what half of all allowed articles reach, see `Evidence.similarity`;
            None where there are too few for that to mean anything.
    """

    articles: tuple[RankedArticle, ...]
    median_similarity: float | None


def rank(
    index: SearchIndex,
    question: Question,
    allowed: Mask,
    today: date,
    top_k: int,
    held_out: int | None = None,
) -> Ranking:
    """Return the best articles for a question; equal scores in article order.

    Args:
        index: where to search.
        question: what to search for.
        allowed: bool, shape (articles,); what this caller may be shown, see `indexer.filters`.
        today: decides which articles are past their review date.
        top_k: articles wanted, at least 1.
        held_out: row of an article's own question whose vector does not count, so that
            asking it shows what the rest of the article does; None for none.
    """
    return rank_weighed(weigh(index, question, held_out), allowed, today, top_k)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a question's evidence is for every article, whoever may see it.

    Attributes:
        index: where it was searched for.
        question: what was searched for.
        similarities: to each chunk.
        chunk: see `Evidence`; one value an article, as all that follow.
        question_similarity: see `question` of `Evidence`.
        asked: see `Evidence`.
        title: see `Evidence`.
        lexical_article: see `Evidence`.
        lexical_chunk: see `Evidence`.
        to_questions: similarity to each own question; minus infinity where it is held out.
        matches: late interaction with chunks, by row, as far as it was looked at: a match
            depends on nothing but the question and the chunk.
        asked_matches: the same with own questions, by row of the article; see `Evidence`.
    """

    index: SearchIndex
    question: Question
    similarities: Floats
    chunk: Floats
    question_similarity: Floats
    asked: Floats
    title: Floats
    lexical_article: Floats
    lexical_chunk: Floats
    to_questions: Floats
    matches: dict[int, float] = field(default_factory=dict)
    asked_matches: dict[int, float | None] = field(default_factory=dict)


def weigh(index: SearchIndex, question: Question, held_out: int | Mask | None = None) -> Weighed:
    """Return all evidence of a question but late interaction; see `rank`.

    `held_out` may be several own questions too: bool, shape (own questions,).
    """
    space, weights = index.spaces[question.space], index.settings
    vector = question.encoded.vector
    similarities = space.chunks.similarities(project(vector, space.projection))
    to_questions = space.questions.similarities(vector)
    if held_out is not None:
        to_questions[held_out] = -np.inf
    best_question = best_by_group(to_questions, index.question_starts, -np.inf)
    title = space.titles.similarities(vector)
    lexical_chunks = index.lexical_chunks.scores(question.terms, weights.pairs)
    return Weighed(
        index=index,
        question=question,
        similarities=similarities,
        chunk=best_by_group(similarities, index.chunk_starts, -1.0),
        question_similarity=np.maximum(best_question, np.float32(-1.0)),
        asked=_asked(to_questions, index.question_starts, best_question, title),
        title=title,
        lexical_article=index.lexical_articles.scores(question.terms, weights.pairs),
        lexical_chunk=best_by_group(lexical_chunks, index.chunk_starts, 0.0),
        to_questions=to_questions,
    )


def rank_weighed(weighed: Weighed, allowed: Mask, today: date, top_k: int) -> Ranking:
    """Return the best articles by their evidence.

    Args:
        weighed: from `weigh`; one will do for several masks, dates and depths.
        allowed: see `rank`.
        today: see `rank`.
        top_k: see `rank`.
    """
    rows = np.flatnonzero(allowed)
    if not len(rows):
        return Ranking((), None)
    index, weights = weighed.index, weighed.index.settings
    chunk, asked, title = weighed.chunk, weighed.asked, weighed.title
    lexical_article, lexical_chunk = weighed.lexical_article, weighed.lexical_chunk
    # What counts is the date of the article that is shown.
    overdue = index.review_days[index.leads_to] < today.toordinal()
    scores = (
        weights.dense * _scaled(_by_meaning(chunk[rows], asked[rows], weights.questions))
        + weights.lexical * _scaled(_scaled(lexical_article[rows]) + _scaled(lexical_chunk[rows]))
        + weights.title * _scaled(title[rows])
        - weights.overdue * overdue[rows]
    )
    best = np.argsort(-scores, kind="stable")[: weights.token_depth]
    tokens, asked_tokens = _match_tokens(weighed, rows[best]), _match_asked(weighed, rows[best])
    scores[best] += weights.tokens * _scaled(tokens)
    scores[best] += weights.asked_tokens * _by_asked_words(tokens, asked_tokens)
    matches = dict(zip(rows[best].tolist(), tokens.tolist(), strict=True))

    ranked = []
    shown = _without_deprecated(index, rows, scores, allowed, top_k)
    for place, (article, i) in enumerate(shown, 1):
        row = int(rows[i])
        evidence = Evidence(
            chunk=float(chunk[row]),
            question=float(weighed.question_similarity[row]),
            asked=float(asked[row]),
            title=float(title[row]),
            lexical_article=float(lexical_article[row]),
            lexical_chunk=float(lexical_chunk[row]),
            tokens=matches.get(row),
            asked_tokens=weighed.asked_matches[row] if row in matches else None,
            overdue=bool(overdue[row]),
        )
        ranked.append(
            RankedArticle(
                rank=place,
                article=article,
                score=round(float(scores[i]), 6),
                chunk=_best_chunk(index.chunk_starts, article, weighed.similarities),
                evidence=evidence,
            )
        )
    nearest = np.maximum(np.maximum(chunk, weighed.question_similarity), title)[rows]
    median = float(np.median(nearest)) if len(rows) >= _FEWEST_FOR_MEDIAN else None
    return Ranking(tuple(ranked), median)


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


def second_by_group(values: Floats, starts: Rows, best: Floats) -> Floats:
    """Return the second highest value of each group of neighbouring rows.

    Args:
        values: one value a row; minus infinity for one that does not count.
        starts: first row of each group, and the number of rows at the end.
        best: the highest of each group, see `best_by_group`.

    Returns:
        One value a group; minus infinity where fewer than two count.
    """
    group = np.repeat(np.arange(len(best)), np.diff(starts))
    highest = np.flatnonzero(values == best[group])
    # Of equal values one is taken away, and the other is the second.
    _, first = np.unique(group[highest], return_index=True)
    rest = values.copy()
    rest[highest[first]] = -np.inf
    return best_by_group(rest, starts, -np.inf)


def _asked(to_questions: Floats, starts: Rows, best: Floats, title: Floats) -> Floats:
    """Return the mean of the two highest of an article's questions and title; -1 without questions.

    A title is how its writer would ask.
    """
    three = np.stack([best, second_by_group(to_questions, starts, best), title])
    _, middle, high = np.sort(three, axis=0)
    two = np.where(np.isneginf(middle), high, (middle + high) / 2)
    asked: Floats = np.where(np.diff(starts) > 0, two, -1.0).astype(np.float32)
    return asked


def _by_meaning(chunk: Floats, asked: Floats, share: float) -> Floats:
    """Return similarity to chunks and questions in one; without questions, to chunks alone."""
    blended = _scaled(chunk)
    stated = asked > -1.0
    # Articles without questions must not stretch the scale of those that have some.
    if stated.any():
        blended[stated] = (1 - share) * blended[stated] + share * _scaled(asked[stated])
    return blended


def _scaled(values: Floats) -> Floats:
    """Return the values scaled to [0, 1]; when they do not differ, all 1 if above 0, else 0."""
    low, high = values.min(), values.max()
    # A lone article is the best there is, and a filter that leaves only it must not hide it.
    scaled: Floats = (values - low) / (high - low) if high > low else np.sign(np.maximum(values, 0))
    return scaled


def _match_tokens(weighed: Weighed, articles: Rows) -> Floats:
    """Return late interaction with each article's nearest chunk; 0 for one without chunks."""
    index, matches = weighed.index, weighed.matches
    chunks = [
        _best_chunk(index.chunk_starts, int(article), weighed.similarities) for article in articles
    ]
    new = [chunk for chunk in chunks if chunk is not None and chunk not in matches]
    if new:
        space, encoded = index.spaces[weighed.question.space], weighed.question.encoded
        found = space.tokens.match(encoded, np.array(new, dtype=np.int64))
        matches.update(zip(new, found.tolist(), strict=True))
    reached = [0.0 if chunk is None else matches[chunk] for chunk in chunks]
    return np.array(reached, dtype=np.float32)


def _match_asked(weighed: Weighed, articles: Rows) -> list[float | None]:
    """Return late interaction with each article's nearest questions; None where none counts."""
    index, known = weighed.index, weighed.asked_matches
    if len(weighed.question.encoded.token_ids) > _LONG_TEXT_TOKENS:
        return [known.setdefault(int(article)) for article in articles]
    new = [int(article) for article in articles if int(article) not in known]
    nearest = {article: _nearest_questions(weighed, article) for article in new}
    rows = [row for near in nearest.values() for row in near]
    space, encoded = index.spaces[weighed.question.space], weighed.question.encoded
    found = space.asked_tokens.match(encoded, np.array(rows, dtype=np.int64)) if rows else ()
    matches = dict(zip(rows, map(float, found), strict=True))
    for article, near in nearest.items():
        known[article] = sum(matches[row] for row in near) / len(near) if near else None
    return [known[int(article)] for article in articles]


def _nearest_questions(weighed: Weighed, article: int) -> list[int]:
    """Return the rows of an article's own questions that are nearest and not held out."""
    first, stop = weighed.index.question_starts[article : article + 2]
    similarities = weighed.to_questions[first:stop]
    nearest = np.argsort(-similarities, kind="stable")[:_NEAREST_QUESTIONS]
    return [int(first + row) for row in nearest if similarities[row] > -np.inf]


def _by_asked_words(tokens: Floats, asked: Sequence[float | None]) -> Floats:
    """Return late interaction with own questions, scaled; with chunks for articles without any.

    Where none has any, nothing counts here.
    """
    stated = np.array([one is not None for one in asked], dtype=np.bool_)
    if not stated.any():
        return np.zeros(len(tokens), dtype=np.float32)
    blended = _scaled(tokens)
    blended[stated] = _scaled(np.array([one for one in asked if one is not None], np.float32))
    return blended


def _without_deprecated(
    index: SearchIndex, rows: Rows, scores: Floats, allowed: Mask, top_k: int
) -> list[tuple[int, int]]:
    """Return (article row to show, place in `rows`) best first, each article once.

    A deprecated article leads to the one that replaces it, or nowhere.
    """
    best: dict[int, int] = {}
    for i in np.argsort(-scores, kind="stable"):
        shown = int(index.leads_to[rows[i]])
        if shown >= 0 and allowed[shown]:
            best.setdefault(shown, int(i))
        if len(best) == top_k:
            break
    return list(best.items())


def _best_chunk(starts: Rows, article: int, similarities: Floats) -> int | None:
    """Return the row of an article's nearest chunk, or None where it has no text."""
    first, stop = starts[article], starts[article + 1]
    return int(first + np.argmax(similarities[first:stop])) if first < stop else None
