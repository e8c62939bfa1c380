"""A question's choices, and what a pick was worth: the product's own ranking without peeking.

The wrong choices are what the product ranks next, with the question's own vector held out:
what a person would be shown too, and must tell from the right one. Nothing is remembered from
the choices to the pick: both follow from the question's id and from `turn`, which whoever asks
makes up anew each time.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import date

import numpy as np

from indexer.answer import Answer, prepare
from indexer.ranking import Ranking, rank
from indexer.snapshot import Snapshot
from indexer.vectors import Mask
from search_api.practice.exercises import Exercise

CHOICES = 5
# Of an article's own questions one of six has its article left out of the choices, as often as
# each of six answers would be right by chance.
_LEFT_OUT_OF = 6
_NEAR = 5


def is_left_out(secret: bytes, exercise: Exercise, turn: str) -> bool:
    """Tell whether the right article is not among the choices this time."""
    if exercise.article is None or exercise.source == "asked":
        return False
    return _digest(secret, turn, exercise.id)[0] % _LEFT_OUT_OF == 0


def choices(
    snapshot: Snapshot, exercise: Exercise, allowed: Mask, secret: bytes, turn: str
) -> list[int]:
    """Return the rows of the articles to choose from, in the order in which they are shown.

    Args:
        snapshot: where they are.
        exercise: the question; its article is one that the caller may see.
        allowed: bool, shape (articles,); what this caller may be shown.
        secret: keeps the order from telling anything.
        turn: another one gives another order.
    """
    right = None if exercise.article is None else snapshot.article_rows[exercise.article]
    ranking = _rank(snapshot, exercise, allowed, CHOICES + 1)
    wrong = [one.article for one in ranking.articles if one.article != right]
    if right is None or is_left_out(secret, exercise, turn):
        shown = wrong[:CHOICES]
    else:
        shown = [right, *wrong[: CHOICES - 1]]
    return sorted(shown, key=lambda row: _digest(secret, turn, snapshot.articles[row].id))


def is_fair(snapshot: Snapshot, exercise: Exercise) -> bool:
    """Tell whether a question of the log has the answer now that people said it had.

    Its article is among the first five, or, where none answers, none is likely enough.
    """
    everything = np.ones(len(snapshot.articles), dtype=np.bool_)
    ranking = _rank(snapshot, exercise, everything, _NEAR)
    if exercise.article is None:
        question = prepare(snapshot.index, exercise.text, exercise.language)
        calibration = snapshot.manifest.spaces[question.space].calibration
        reached = max(calibration.confidences(ranking), default=0.0)
        return calibration.decide(reached) == "abstain"
    return snapshot.article_rows[exercise.article] in (one.article for one in ranking.articles)


def passages(snapshot: Snapshot, exercise: Exercise, rows: Collection[int]) -> Answer:
    """Return the passage of each article that is nearest to a question, as an answer."""
    only = np.zeros(len(snapshot.articles), dtype=np.bool_)
    only[list(rows)] = True
    question = prepare(snapshot.index, exercise.text, exercise.language)
    calibration = snapshot.manifest.spaces[question.space].calibration
    ranking = _rank(snapshot, exercise, only, len(rows))
    return Answer(
        language=exercise.language,
        question=question,
        ranked=ranking.articles,
        confidences=tuple(calibration.confidences(ranking)),
        likeliest=None,
        confidence=0.0,
        threshold=calibration.threshold,
        decision="suggest",
    )


def _rank(snapshot: Snapshot, exercise: Exercise, allowed: Mask, top_k: int) -> Ranking:
    question = prepare(snapshot.index, exercise.text, exercise.language)
    # No article is overdue on the first day of the calendar: the choices stay from day to day.
    return rank(snapshot.index, question, allowed, date.min, top_k, held_out=exercise.held_out)


def _digest(secret: bytes, *names: str) -> bytes:
    return hmac.new(secret, "\0".join(("turn", *names)).encode(), hashlib.sha256).digest()
