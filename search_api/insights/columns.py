"""The log's events as columns of numbers, so that a hundred thousand are counted at a glance.

Takes rows of the log in any order; keeps when, what and how it went, and no text, no vector and
no comment. People and tickets are numbers that mean nothing outside of one process. A question
and what became of it belong to one *case*: its ticket, or itself where it names none.

    Intake.add_questions, Intake.add_feedback -> Intake.columns() -> Columns

Pure: no clock, no database, no HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_api.events.scanning import FeedbackRow, QuestionRow
from search_api.insights.askers import asker_named
from search_api.insights.kinds import CODES, kind_of_text

Numbers = NDArray[np.int32]
Seconds = NDArray[np.int64]
Flags = NDArray[np.bool_]

EVENTS = ("viewed", "linked", "rejected", "escalated", "resolved", "reopened", "gap")
REASONS = ("unknown", "not_related", "related_not_answered", "outdated")
# A time that never comes: later than any other.
NEVER = np.iinfo(np.int64).max
_NOBODY = -1
_ASKED: Sequence[tuple[str, Any]] = (
    ("at", np.int64),
    ("is_answered", np.bool_),
    ("language", np.int32),
    ("channel", np.int32),
    ("article", np.int32),
    ("asker", np.int32),
    ("case", np.int32),
    ("kind", np.int8),
)
_TOLD: Sequence[tuple[str, Any]] = (
    ("at", np.int64),
    ("event", np.int8),
    ("reason", np.int8),
    ("article", np.int32),
    ("asker", np.int32),
    ("case", np.int32),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, a row each; all arrays have one length.

    Attributes:
        at: when, in seconds since 1970.
        is_answered: whether it got an article.
        language, channel: place in the names of `Columns`; -1 where it is not known.
        article: the likeliest article, shown or not: place in the names; -1 without one.
        asker: whoever asked, see `asker_of`; -1 stands for all that nobody named.
        case: what it belongs to.
        kind: what its text says that it is, see `kinds.CODES`.
    """

    at: Seconds
    is_answered: Flags
    language: Numbers
    channel: Numbers
    article: Numbers
    asker: Numbers
    case: Numbers
    kind: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Told:
    """Feedback, a row each; see `Asked`.

    Attributes:
        event: place in `EVENTS`.
        reason: of a rejection, place in `REASONS`.
    """

    at: Seconds
    event: NDArray[np.int8]
    reason: NDArray[np.int8]
    article: Numbers
    asker: Numbers
    case: Numbers

    def are(self, *events: str) -> Flags:
        """Return which rows are one of some events."""
        return np.isin(self.event, [EVENTS.index(one) for one in events])


@dataclass(frozen=True, slots=True)
class Cases:
    """Tickets and questions of their own, by the number of their case.

    Attributes:
        asked_at: its first question; `NEVER` for feedback without a question.
        article: the likeliest article of that question; -1 without one.
        asker: whoever asked it.
        is_answered: whether one of its questions got an article.
        useful_at: when an article was first linked or resolved it; `NEVER`, as in the others.
        resolved_at: when it was first resolved.
        escalated_at: when it first went to another team.
        back_at: when it came back: reopened, or asked again after it was resolved.
    """

    asked_at: Seconds
    article: Numbers
    asker: Numbers
    is_answered: Flags
    useful_at: Seconds
    resolved_at: Seconds
    escalated_at: Seconds
    back_at: Seconds


@dataclass(frozen=True, slots=True)
class Columns:
    """What a log has, as numbers.

    Attributes:
        languages, channels, articles: names, by the numbers that stand for them.
    """

    asked: Asked
    told: Told
    cases: Cases
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    articles: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        parts = (self.asked, self.told, self.cases)
        return sum(
            getattr(part, name).nbytes for part in parts for name in type(part).__dataclass_fields__
        )


class _Names:
    """Numbers for names, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str | None) -> int:
        """Return a name's number; -1 for none."""
        return _NOBODY if name is None else self._numbers.setdefault(name, len(self._numbers))

    def all(self) -> tuple[str, ...]:
        return tuple(self._numbers)


class _Rows:
    """Rows of numbers that grow; the columns of all of them are asked for now and then."""

    def __init__(self, columns: Sequence[tuple[str, Any]]) -> None:
        self._columns = columns
        self._settled = [np.empty(0, kind) for _, kind in columns]
        self._new: list[tuple[int, ...]] = []

    def __len__(self) -> int:
        return len(self._settled[0]) + len(self._new)

    def add(self, *values: int) -> None:
        self._new.append(values)

    def arrays(self) -> list[Any]:
        if self._new:
            fresh = np.array(self._new, np.int64).T
            self._settled = [
                np.concatenate((old, row.astype(old.dtype)))
                for old, row in zip(self._settled, fresh, strict=True)
            ]
            self._new = []
        return self._settled


class Intake:
    """Takes rows of a log and keeps what columns are made of. Not for several threads."""

    def __init__(self) -> None:
        self._asked, self._told = _Rows(_ASKED), _Rows(_TOLD)
        self._languages, self._channels, self._articles = _Names(), _Names(), _Names()
        self._askers, self._tickets = _Names(), _Names()
        self._case_of: dict[str, int] = {}
        self._case_of_ticket: dict[str, int] = {}
        self._cases = 0
        # Feedback whose question is not here yet: the log may be told of it first.
        self._early: list[FeedbackRow] = []

    @property
    def questions(self) -> int:
        """How many questions there are."""
        return len(self._asked)

    @property
    def feedback(self) -> int:
        """How much feedback there is."""
        return len(self._told) + len(self._early)

    @property
    def waiting(self) -> int:
        """How much feedback is about questions that are not here yet."""
        return len(self._early)

    def asked_before(self, seconds: int) -> int:
        """Return how many questions were asked before a time."""
        return int((self._asked.arrays()[0] < seconds).sum())

    def add_questions(self, rows: Iterable[QuestionRow]) -> int:
        """Take questions, each once; return how many were new."""
        count = 0
        for row in rows:
            if row.query_id in self._case_of:
                continue
            count += 1
            case = self._case(row.reference)
            self._case_of[row.query_id] = case
            self._asked.add(
                int(row.asked_at.timestamp()),
                row.decision == "suggest",
                self._languages.number(row.language),
                self._channels.number(row.channel),
                self._articles.number(row.article),
                self._askers.number(asker_named(row.actor, row.reference)),
                case,
                CODES[kind_of_text(row.text)],
            )
        return count

    def add_feedback(self, rows: Iterable[FeedbackRow]) -> int:
        """Take feedback, each once; return how much was new."""
        count = 0
        for row in rows:
            count += 1
            self._take(row)
        return count

    def columns(self) -> Columns:
        """Return what there is by now."""
        waiting, self._early = self._early, []
        for row in waiting:
            self._take(row)
        asked, told = Asked(*self._asked.arrays()), Told(*self._told.arrays())
        return Columns(
            asked=asked,
            told=told,
            cases=_cases(asked, told, self._cases),
            languages=self._languages.all(),
            channels=self._channels.all(),
            articles=self._articles.all(),
        )

    def _take(self, row: FeedbackRow) -> None:
        if row.query_id in self._case_of:
            case = self._case_of[row.query_id]
        elif row.reference:
            case = self._case(row.reference)
        elif row.query_id:
            self._early.append(row)
            return
        else:
            # A vote on a page: nothing else is known of it.
            case = self._case(None)
        self._told.add(
            int(row.given_at.timestamp()),
            EVENTS.index(row.event) if row.event in EVENTS else _NOBODY,
            REASONS.index(row.reason) if row.reason in REASONS else 0,
            self._articles.number(row.article_id),
            self._askers.number(asker_named(row.actor, row.reference)),
            case,
        )

    def _case(self, reference: str | None) -> int:
        """Return the case of a ticket; one of its own where there is none."""
        found = self._case_of_ticket.get(reference) if reference else None
        if found is not None:
            return found
        case = self._cases
        self._cases += 1
        if reference:
            self._case_of_ticket[reference] = case
        return case


def _cases(asked: Asked, told: Told, count: int) -> Cases:
    """Return what became of each case."""
    asked_at = _first(asked.case, asked.at, count)
    article, asker = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    # Of several rows for one place the last one stays, so the first question comes last.
    order = np.argsort(asked.at, kind="stable")[::-1]
    article[asked.case[order]] = asked.article[order]
    asker[asked.case[order]] = asked.asker[order]
    is_answered = np.zeros(count, np.bool_)
    is_answered[asked.case[asked.is_answered]] = True
    resolved_at = _first_told(told, count, "resolved")
    # Back is what happens after it was resolved, never what was there before.
    again = asked.at > resolved_at[asked.case]
    reopened = told.are("reopened") & (told.at >= resolved_at[told.case])
    back_at = np.minimum(
        _first(asked.case[again], asked.at[again], count),
        _first(told.case[reopened], told.at[reopened], count),
    )
    return Cases(
        asked_at=asked_at,
        article=article,
        asker=asker,
        is_answered=is_answered,
        useful_at=_first_told(told, count, "linked", "resolved"),
        resolved_at=resolved_at,
        escalated_at=_first_told(told, count, "escalated"),
        back_at=back_at,
    )


def _first_told(told: Told, count: int, *events: str) -> Seconds:
    chosen = told.are(*events)
    return _first(told.case[chosen], told.at[chosen], count)


def _first(case: Numbers, at: Seconds, count: int) -> Seconds:
    """Return the earliest time of each case."""
    found = np.full(count, NEVER, np.int64)
    np.minimum.at(found, case, at)
    return found
