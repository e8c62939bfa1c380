"""Malfunctions: a rise of like questions that the usual rhythm does not explain.

Takes questions in the order of their times, with their vectors; gives the malfunctions that
they show. Pure: no clock, no database, no HTTP. `Watch` is fed as questions come, and a past
period is the same questions fed at once, so both give the same alarms.

**The test.** When a question arrives, it is asked how many other people asked a like one in
the last 5, 15 and 60 minutes. Like means: a cosine of at least 0.45 or 0.55 within one
encoder, or the same first article, which links languages. The number is compared with what
is usual for this topic at this hour of the week: gamma-Poisson, see `Baseline` and `tail`.
That the question itself is there is given, so only the others count, and each person once.

**The false alarms.** A budget of false alarms a month is spent in equal parts on all tests
of a month: a malfunction is raised when the probability of so many others is at most

    budget / (questions a month * tests a question)

By the linearity of expectation the expected number of false alarms a month is then at most
the budget, however the tests depend on each other: the same question is tested nine ways, and
neighbouring questions share their windows. This controls the mean number of false discoveries
(the per-family error rate), which is what whoever is woken at night counts; a false discovery
rate would promise a share of alarms, and most months have no true one.

Source: A. Gordon, G. Glazko, X. Qiu and A. Yakovlev, Control of the mean number of false
discoveries, Bonferroni and stability of multiple testing, Annals of Applied Statistics 1
(2007), 179-190.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from search_api.events.event import QuestionEvent
from search_api.insights.askers import FEWEST_ASKERS, asker_of
from search_api.insights.baseline import Baseline, Usual
from search_api.insights.counts import tail

WINDOWS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
LIKE = (0.45, 0.55)
TESTS_A_QUESTION = len(WINDOWS) * (len(LIKE) + 1)
FALSE_ALARMS_A_MONTH = 0.5
FEWEST_QUESTIONS = 5
MOST_EXAMPLES = 5
# So few are asked in a month where a log is young or small.
_FEWEST_A_MONTH = 3_000
# A question belongs to a malfunction that goes on from this cosine to its middle on.
_BELONGS = 0.55
# Two that go on at once are one from this cosine of their middles on: people tell of one
# fault in two ways.
_SAME_MIDDLES = 0.45
# Whoever raises the same again within this time means the same malfunction.
_SAME_WITHIN = timedelta(hours=6)
_SHARED_PART = 1 / 3
_KEPT = timedelta(hours=24)
# Over: for half an hour there was no more of it than chance has every twentieth time.
_OVER_AFTER, _OVER_CHANCE = timedelta(minutes=30), 0.05
_RISE_WINDOW = timedelta(minutes=15)
_MOST_MEMBERS = 500

State = Literal["rising", "ongoing", "over"]


@dataclass(frozen=True, slots=True)
class Malfunction:
    """A rise of like questions, as it is at one moment.

    Attributes:
        id: stays the same while it lasts.
        raised_at: when the test failed.
        first_seen, last_seen: the first and the last question that belong to it.
        count: how many belong to it, of how many askers.
        in_window, window_minutes, expected: when it was raised: how many questions in how many
            minutes, and how many are usual then.
        chance: the probability of that by chance.
        articles: ids of first articles of its questions, the most frequent first.
        languages, channels: of its questions, the most frequent first.
        examples: redacted questions, each of another asker, the newest first.
        members: all its questions, the oldest first.
    """

    id: str
    state: State
    raised_at: datetime
    first_seen: datetime
    last_seen: datetime
    count: int
    askers: int
    in_window: int
    window_minutes: int
    expected: float
    chance: float
    articles: tuple[str, ...]
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    examples: tuple[str, ...]
    members: tuple[QuestionEvent, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Finding:
    """A test that failed: too many like questions."""

    members: list[QuestionEvent]
    article: str | None
    usual: Usual
    window: timedelta
    expected: float
    chance: float


@dataclass(slots=True)
class _Open:
    """A malfunction in the making; see `Malfunction`."""

    finding: _Finding
    raised_at: datetime
    members: list[QuestionEvent]
    ids: set[str]
    middles: dict[str, NDArray[np.float32]]
    is_over: bool = False


class Watch:
    """Sees questions in the order of their times, and says which malfunctions they show."""

    def __init__(
        self, baseline: Baseline | None = None, false_alarms_a_month: float = FALSE_ALARMS_A_MONTH
    ) -> None:
        """Begin with what is usual; without a baseline, nothing is known yet."""
        self.baseline = baseline or Baseline()
        self._budget = false_alarms_a_month
        self._recent = _Hour()
        self._by_encoder: dict[str, _Hour] = {}
        self._by_article: dict[str, _Hour] = {}
        self._open: list[_Open] = []

    def advance(self, questions: Iterable[QuestionEvent]) -> None:
        """See questions, each no older than the one before; in the order given."""
        for question in questions:
            self._see(question)

    def malfunctions(self, now: datetime) -> list[Malfunction]:
        """Return those of the last day, the newest first; nothing is changed by looking."""
        found = [
            _view(one, self._state(one, now))
            for one in self._open
            if now - one.members[-1].asked_at < _KEPT
        ]
        return sorted(found, key=lambda one: (one.raised_at, one.id), reverse=True)

    def _see(self, question: QuestionEvent) -> None:
        at = question.asked_at
        self.baseline.estimate_burstiness(at, LIKE[0])
        self._forget(at)
        if not self._joins(question):
            finding = self._test(question)
            if finding is not None:
                self._raise(question, finding)
        self._recent.append(question)
        if question.vector is not None and question.encoder is not None:
            hour = self._by_encoder.setdefault(question.encoder, _Hour())
            hour.append(question, question.vector)
        article = answered_by(question)
        if article is not None:
            self._by_article.setdefault(article, _Hour()).append(question)
        self.baseline.add(question, article, asker_of(question))

    def _forget(self, at: datetime) -> None:
        oldest = at - WINDOWS[-1]
        self._recent.forget(oldest)
        for hour in self._by_encoder.values():
            hour.forget(oldest)
        for one in self._open:
            one.is_over = one.is_over or self._is_over(one, at)
        self._open = [one for one in self._open if at - one.members[-1].asked_at < _KEPT]

    def _joins(self, question: QuestionEvent) -> bool:
        """Add a question to the malfunction that it belongs to, where one goes on."""
        for one in self._open:
            if not one.is_over and _belongs(question, one):
                _add(one, [question])
                return True
        return False

    def _test(self, question: QuestionEvent) -> _Finding | None:
        """Return the least probable of the counts around a question, if it is too improbable."""
        found = [*self._like_ones(question), *self._answered_alike(question)]
        if not found:
            return None
        a_month = max(_FEWEST_A_MONTH, self.baseline.a_month(question.asked_at))
        least = min(found, key=lambda one: one.chance)
        return least if least.chance <= self._budget / (a_month * TESTS_A_QUESTION) else None

    def _like_ones(self, question: QuestionEvent) -> list[_Finding]:
        if question.vector is None or question.encoder is None:
            return []
        hour = self._by_encoder.get(question.encoder)
        if hour is None:
            return []
        near = hour.like(question.vector, LIKE)
        if not _enough(question, near[0]):
            return []
        usual = self.baseline.like(question.vector, question.encoder, question.asked_at, LIKE)
        return [
            finding
            for like, one in zip(near, usual, strict=True)
            for finding in _findings(question, like, hour, one, None)
        ]

    def _answered_alike(self, question: QuestionEvent) -> list[_Finding]:
        article = answered_by(question)
        hour = self._by_article.get(article) if article else None
        if article is None or hour is None:
            return []
        hour.forget(question.asked_at - WINDOWS[-1])
        like = hour.all()
        if not _enough(question, like):
            return []
        usual = self.baseline.of_article(article, question.asked_at)
        return _findings(question, like, self._recent, usual, article)

    def _raise(self, question: QuestionEvent, finding: _Finding) -> None:
        """Open a malfunction, or add to the one that this is again."""
        opened = _Open(finding, question.asked_at, [], set(), {})
        _add(opened, finding.members)
        found = opened.ids
        for one in self._open:
            is_shared = len(found & one.ids) >= _SHARED_PART * len(found)
            since = question.asked_at - one.members[-1].asked_at
            is_again = since < _SAME_WITHIN and _belongs(question, one)
            if is_shared or is_again or (not one.is_over and _is_near(opened, one)):
                one.is_over = False
                _add(one, finding.members)
                return
        self._open.append(opened)

    def _state(self, one: _Open, now: datetime) -> State:
        if one.is_over or self._is_over(one, now):
            return "over"
        newer = _between(one, now - _RISE_WINDOW, now)
        older = _between(one, now - 2 * _RISE_WINDOW, now - _RISE_WINDOW)
        return "rising" if newer > older else "ongoing"

    def _is_over(self, one: _Open, now: datetime) -> bool:
        count = _between(one, now - _OVER_AFTER, now)
        usual = one.finding.usual
        expected = usual.expected(_OVER_AFTER.total_seconds(), 0)
        return tail(count, expected, usual.shape) > _OVER_CHANCE


def answered_by(question: QuestionEvent) -> str | None:
    """Return the article that a question was answered with; None where it was not."""
    shown = question.shown_suggestions
    is_answered = question.decision == "suggest" and shown
    return shown[0]["id"] if is_answered else None


class _Hour:
    """The questions of the last hour, the oldest first; those with a vector as one matrix."""

    def __init__(self) -> None:
        self._questions: list[QuestionEvent] = []
        self._times: list[datetime] = []
        self._vectors = np.empty((0, 0), np.float32)
        self._first = 0

    def append(self, question: QuestionEvent, vector: NDArray[np.float32] | None = None) -> None:
        count = len(self._questions)
        if vector is not None:
            if count == len(self._vectors):
                grown = np.empty((max(64, 2 * count), len(vector)), np.float32)
                if count:
                    grown[:count] = self._vectors
                self._vectors = grown
            self._vectors[count] = vector
        self._questions.append(question)
        self._times.append(question.asked_at)

    def forget(self, until: datetime) -> None:
        """Leave out what was asked until then."""
        self._first = bisect_right(self._times, until)
        if self._first > len(self._times) // 2:
            kept = len(self._times) - self._first
            if len(self._vectors):
                self._vectors[:kept] = self._vectors[self._first : self._first + kept].copy()
            del self._questions[: self._first], self._times[: self._first]
            self._first = 0

    def count_after(self, since: datetime) -> int:
        return len(self._times) - max(self._first, bisect_right(self._times, since))

    def all(self) -> list[QuestionEvent]:
        return self._questions[self._first :]

    def like(
        self, vector: NDArray[np.float32], similarities: Sequence[float]
    ) -> list[list[QuestionEvent]]:
        """Return the questions with at least each cosine to a vector."""
        rows = slice(self._first, len(self._questions))
        if rows.start == rows.stop:
            return [[] for _ in similarities]
        found = self._vectors[rows] @ vector
        return [
            [self._questions[rows.start + int(row)] for row in np.flatnonzero(found >= least)]
            for least in similarities
        ]


def _enough(question: QuestionEvent, like: Sequence[QuestionEvent]) -> bool:
    askers = {asker_of(one) for one in like} | {asker_of(question)}
    return len(like) + 1 >= FEWEST_QUESTIONS and len(askers) >= FEWEST_ASKERS


def _findings(
    question: QuestionEvent,
    like: Sequence[QuestionEvent],
    space: _Hour,
    usual: Usual,
    article: str | None,
) -> list[_Finding]:
    """Return what a topic's questions before this one say, for each window that has enough."""
    found = []
    for window in WINDOWS:
        since = question.asked_at - window
        members = [one for one in like if one.asked_at > since]
        if not _enough(question, members):
            continue
        others = {asker_of(one) for one in members} - {asker_of(question)}
        around = space.count_after(since) - len(members)
        expected = usual.expected(window.total_seconds(), around)
        chance = tail(len(others), expected, usual.shape)
        found.append(_Finding([*members, question], article, usual, window, expected, chance))
    return found


def _belongs(question: QuestionEvent, one: _Open) -> bool:
    """Tell whether a question is like a malfunction's, or answered alike in another language."""
    article = answered_by(question)
    if article is not None and article == one.finding.article:
        return True
    middle = one.middles.get(question.encoder or "")
    if middle is not None and question.vector is not None:
        return float(middle @ question.vector) >= _BELONGS
    answers = Counter(answered_by(member) for member in one.members)
    common, times = answers.most_common(1)[0]
    return article is not None and article == common and times > len(one.members) / 2


def _is_near(new: _Open, one: _Open) -> bool:
    """Tell whether two are about the same, in any encoder that both have."""
    return any(
        float(middle @ one.middles[name]) >= _SAME_MIDDLES
        for name, middle in new.middles.items()
        if name in one.middles
    )


def _add(one: _Open, questions: Sequence[QuestionEvent]) -> None:
    """Add questions that are new to it, and find its middle again."""
    new = [question for question in questions if question.query_id not in one.ids]
    one.ids.update(question.query_id for question in new)
    one.members = sorted([*one.members, *new], key=lambda member: member.asked_at)
    by_encoder: dict[str, list[NDArray[np.float32]]] = {}
    for member in one.members[:_MOST_MEMBERS]:
        if member.vector is not None and member.encoder is not None:
            by_encoder.setdefault(member.encoder, []).append(member.vector)
    one.middles = {name: _middle(vectors) for name, vectors in by_encoder.items()}


def _middle(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    total = np.stack(vectors).sum(axis=0)
    unit: NDArray[np.float32] = total / np.float32(float(np.linalg.norm(total)) or 1.0)
    return unit


def _between(one: _Open, since: datetime, until: datetime) -> int:
    """Return how many people's questions came after a time, up to another."""
    return len({asker_of(m) for m in one.members if since < m.asked_at <= until})


def _view(one: _Open, state: State) -> Malfunction:
    finding, members = one.finding, one.members
    return Malfunction(
        id=f"m-{min(finding.members, key=_when).query_id[:8]}",
        state=state,
        raised_at=one.raised_at,
        first_seen=members[0].asked_at,
        last_seen=members[-1].asked_at,
        count=len(members),
        askers=len({asker_of(member) for member in members}),
        in_window=len(finding.members),
        window_minutes=int(finding.window.total_seconds() // 60),
        expected=round(finding.expected, 3),
        chance=finding.chance,
        articles=_most(answered_by(member) for member in members),
        languages=_most(member.language for member in members),
        channels=_most(member.channel for member in members),
        examples=_examples(members),
        members=tuple(members),
    )


def _when(question: QuestionEvent) -> tuple[datetime, str]:
    return question.asked_at, question.query_id


def _most(names: Iterable[str | None]) -> tuple[str, ...]:
    """Return names by how often they occur, equal ones in their order of the alphabet."""
    counted = Counter(name for name in names if name)
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))


def _examples(members: Sequence[QuestionEvent]) -> tuple[str, ...]:
    by_asker: dict[str | None, str] = {}
    for member in reversed(members):
        if member.text not in by_asker.values():
            by_asker.setdefault(asker_of(member), member.text)
    return tuple(by_asker.values())[:MOST_EXAMPLES]
