"""What each side answers: every own question without itself, and questions that people asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from indexer.answer import read_question
from indexer.calibration import DECISION_DEPTH
from indexer.compare.sides import Library, Side
from indexer.errors import SopError
from indexer.held_out import SHOWN
from indexer.question_cache import encode_questions
from indexer.ranking import Question, rank
from indexer.search_index import SearchIndex
from indexer.threads import one_blas_thread

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to ask on both sides.

    Attributes:
        text: as it is stated or was asked.
        article: id of the article that states it, or that is known to answer; None for unknown.
        is_own: whether an article states it, so that its own vector is held out.
        weight: how often it was asked.
    """

    text: str
    article: str | None
    is_own: bool = True
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one side answers.

    Attributes:
        articles: ids of the best articles, best first, at most `SHOWN`.
        rank: of the article that should come, counted from 1; None beyond `DEPTH`, or where
            it is not known or not there.
        is_stated: whether this side has the article that should come.
        is_answered: whether it is confident enough to suggest anything.
        confidence: of that decision, in [0, 1].
        threshold: the confidence that is enough on this side.
    """

    articles: tuple[str, ...]
    rank: int | None
    is_stated: bool
    is_answered: bool
    confidence: float
    threshold: float

    @property
    def is_shown(self) -> bool:
        """Whether the article that should come is among the best `SHOWN`."""
        return self.rank is not None and self.rank <= SHOWN

    @property
    def margin(self) -> float:
        """How far the confidence lies above what is enough; below it, less than 0."""
        return self.confidence - self.threshold


def own_questions(library: Library) -> list[Asked]:
    """Return the own questions of all articles that are suggested themselves."""
    return [
        Asked(question, article.id)
        for article in library.articles
        # A deprecated one is only suggested through another one.
        if article.front_matter.status != "deprecated"
        for question in article.front_matter.questions
    ]


def read_questions(file: Path) -> list[Asked]:
    """Return questions that people asked, from a file.

    One question a line: its text, or a JSON object with `text`, and if wanted `count`, how
    often it was asked, and `article`, the id of the article that answers.

    Raises:
        SopError: the file cannot be read, or a line is not like that; file and line are named.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SopError(f"{file} cannot be read: {error}") from error
    found = [_read_line(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise SopError(f"{file} holds no question; write one a line")
    return found


def _read_line(file: Path, number: int, line: str) -> Asked:
    if not line.lstrip().startswith("{"):
        return Asked(line.strip(), None, is_own=False)
    try:
        values = json.loads(line)
    except ValueError as error:
        raise SopError(f"{file}:{number}: no JSON: {error}") from error
    text, count, article = values.get("text"), values.get("count", 1), values.get("article")
    if not isinstance(text, str) or not text.strip():
        raise SopError(f'{file}:{number}: text: missing; write {{"text": "…", "count": 3}}')
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise SopError(f"{file}:{number}: count: must be a whole number, 1 or more")
    if article is not None and not isinstance(article, str):
        raise SopError(f"{file}:{number}: article: must be an id, such as acc-001")
    return Asked(text.strip(), article, is_own=False, weight=count)


def ask_side(
    side: Side, asked: Sequence[Asked], step: Callable[[int], None] = lambda _: None
) -> list[Outcome]:
    """Return what a side answers to each question, in order.

    Args:
        side: where to ask.
        asked: the questions; an own one is asked with its vector held out where this side
            has it.
        step: called with 1 after each.
    """
    indexed = side.indexed
    index, ids = indexed.index, [article.id for article in indexed.articles]
    rows = {(ids[article], text): row for article, row, text in indexed.own_questions()}
    everything = np.ones(len(index), dtype=np.bool_)
    prepared = {
        is_own: _prepared(index, [one.text for one in asked if one.is_own == is_own], is_own)
        for is_own in (True, False)
    }
    outcomes = []
    with one_blas_thread():
        for one in asked:
            question = prepared[one.is_own][one.text]
            held_out = rows.get((one.article or "", one.text)) if one.is_own else None
            # Dates must not make two sides differ: no article is overdue on the calendar's
            # first day.
            ranking = rank(index, question, everything, date.min, DEPTH, held_out=held_out)
            calibration = side.calibrations[question.space]
            found = [ids[ranked.article] for ranked in ranking.articles]
            confidence = max(calibration.confidences(ranking)[:DECISION_DEPTH], default=0.0)
            outcomes.append(
                Outcome(
                    articles=tuple(found[:SHOWN]),
                    rank=found.index(one.article) + 1 if one.article in found else None,
                    is_stated=one.article in ids,
                    is_answered=calibration.decide(confidence) == "suggest",
                    confidence=round(confidence, 4),
                    threshold=round(calibration.threshold, 4),
                )
            )
            step(1)
    return outcomes


def _prepared(index: SearchIndex, texts: Sequence[str], is_own: bool) -> dict[str, Question]:
    """Return questions as ranking takes them, by their text."""
    distinct = list(dict.fromkeys(texts))
    read = [read_question(index, text) for text in distinct]
    return dict(zip(distinct, encode_questions(index, read, remember=is_own), strict=True))
