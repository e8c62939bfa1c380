"""Counts over a stretch of time: how much was asked, how it went, what helped.

Nobody is counted by name. A group of questions is shown only when three different people
asked; where a tool does not say who asked, different tickets stand for different people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.insights.askers import FEWEST_ASKERS, asker_of
from search_api.insights.shifts import Period, ShiftPlan

_USED = ("linked", "resolved")


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that have something in common.

    Attributes:
        name: what they have in common.
        questions: how many.
        answered: how many of them got an article.
        askers: different people who asked.
    """

    name: str
    questions: int
    answered: int
    askers: int


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and to how many.

    Attributes:
        times: each ticket counts once.
        people: different ones.
    """

    times: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in a stretch of time.

    Attributes:
        questions: asked.
        answered: that got at least one article.
        askers: different people who asked.
        tickets: different references.
        events: tickets by the kinds of feedback that they got; rejections one by one.
        reasons: rejections by reason.
        used: articles that were linked or resolved something, with whoever had asked.
        rejected: articles that were rejected, with whoever rejected them.
    """

    questions: int = 0
    answered: int = 0
    askers: int = 0
    tickets: int = 0
    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    used: Mapping[str, Count] = field(default_factory=dict)
    rejected: Mapping[str, Count] = field(default_factory=dict)

    @property
    def answered_share(self) -> float | None:
        """The share of questions that got an article, in [0, 1]; None without questions."""
        return self.answered / self.questions if self.questions else None


def figures(
    questions: Iterable[QuestionEvent], feedback: Iterable[FeedbackEvent], period: Period
) -> Figures:
    """Count what happened in a period.

    Args:
        questions: those of the period, and others that its feedback may be about.
        feedback: of any time.
        period: what is counted.
    """
    questions = list(questions)
    tickets = _Tickets(questions)
    asked = [one for one in questions if period.holds(one.asked_at)]
    told = [one for one in feedback if period.holds(one.given_at)]
    return Figures(
        questions=len(asked),
        answered=sum(is_answered(one) for one in asked),
        askers=len({asker_of(one) for one in asked}),
        tickets=len({one.reference for one in asked if one.reference}),
        events=Counter(event for event, *_ in {_sign(one, tickets) for one in told}),
        reasons=Counter(one.reason or "unknown" for one in told if one.event == "rejected"),
        used=_counted(
            (one.article_id, tickets.of(one), tickets.asker(one))
            for one in told
            if one.event in _USED and one.article_id
        ),
        rejected=_counted(
            (one.article_id, _sign(one, tickets), one.actor or tickets.of(one))
            for one in told
            if one.event == "rejected" and one.article_id
        ),
    )


def is_answered(question: QuestionEvent) -> bool:
    """Tell whether a question was given an article as likely enough."""
    return question.decision == "suggest"


def grouped(
    questions: Iterable[QuestionEvent], names: Callable[[QuestionEvent], Collection[str]]
) -> tuple[list[Group], int]:
    """Return the groups that may be shown, the largest first, and how many questions are in others.

    Args:
        questions: those to count.
        names: the groups that a question belongs to.
    """
    found: defaultdict[str, list[QuestionEvent]] = defaultdict(list)
    for question in questions:
        for name in names(question):
            found[name].append(question)
    groups = [
        Group(
            name=name,
            questions=len(members),
            answered=sum(map(is_answered, members)),
            askers=len({asker_of(one) for one in members}),
        )
        for name, members in found.items()
    ]
    shown = [one for one in groups if one.askers >= FEWEST_ASKERS]
    hidden = sum(one.questions for one in groups if one.askers < FEWEST_ASKERS)
    return sorted(shown, key=lambda one: (-one.questions, one.name)), hidden


def by_language(question: QuestionEvent) -> Collection[str]:
    """Return the language that a question was asked in."""
    return (question.language or "not known",)


def by_channel(question: QuestionEvent) -> Collection[str]:
    """Return the channel that a question came through."""
    return (question.channel or "not named",)


def by_shift(plan: ShiftPlan) -> Callable[[QuestionEvent], Collection[str]]:
    """Return a function that gives the shift that a question fell into."""
    return lambda question: (plan.shift_at(question.asked_at).name,)


def by_first_article(question: QuestionEvent) -> Collection[str]:
    """Return the article that was suggested first; none where the answer had none."""
    return [one["id"] for one in question.shown_suggestions[:1]]


def needed(
    questions: Sequence[QuestionEvent],
    feedback: Sequence[FeedbackEvent],
    articles: Collection[str],
    period: Period,
) -> Mapping[str, Count]:
    """Count the tickets or questions of a period that each of some articles was needed for.

    Needed is what was suggested first, linked, or resolved something; several signs of one
    ticket count once. Articles that were not needed are left out.
    """
    tickets = _Tickets(questions)
    needs: list[tuple[str, str, str | None]] = [
        (name, question.reference or question.query_id, asker_of(question))
        for question in questions
        if period.holds(question.asked_at)
        for name in by_first_article(question)
        if name in articles
    ]
    needs += [
        (event.article_id, tickets.of(event), tickets.asker(event))
        for event in feedback
        if event.article_id in articles and event.article_id is not None
        if event.event in _USED and period.holds(event.given_at)
    ]
    return _counted(needs)


class _Tickets:
    """Whose ticket feedback is about, and which; a question without one is a ticket by itself."""

    def __init__(self, questions: Iterable[QuestionEvent]) -> None:
        self._tickets: dict[str, str] = {}
        self._askers: dict[str, str | None] = {}
        for one in questions:
            ticket = one.reference or one.query_id
            self._tickets[one.query_id] = ticket
            self._askers.setdefault(ticket, asker_of(one))

    def of(self, event: FeedbackEvent) -> str:
        """Return the ticket that feedback is about; what names only a page is one by itself."""
        if event.reference or event.query_id:
            query_id = event.query_id or ""
            return event.reference or self._tickets.get(query_id, query_id)
        return f"{event.page} {event.actor} {event.given_at}"

    def asker(self, event: FeedbackEvent) -> str | None:
        """Return who asked what feedback is about, as `asker_of` does."""
        ticket = self.of(event)
        if ticket in self._askers:
            return self._askers[ticket]
        return f"ticket {event.reference}" if event.reference else event.actor


def _sign(event: FeedbackEvent, tickets: _Tickets) -> tuple[str, ...]:
    """Return what feedback says; the same said twice of a ticket is one sign."""
    if event.event == "rejected":
        return event.event, tickets.of(event), event.article_id or "", event.actor or ""
    return event.event, tickets.of(event)


def _counted(signs: Iterable[tuple[str, Hashable, str | None]]) -> Mapping[str, Count]:
    """Count what happened to articles, from the article, what happened, and to whom."""
    times: defaultdict[str, set[Hashable]] = defaultdict(set)
    people: defaultdict[str, set[str | None]] = defaultdict(set)
    for article, sign, person in signs:
        times[article].add(sign)
        people[article].add(person)
    return {name: Count(len(times[name]), len(people[name])) for name in times}


def per_period(questions: Iterable[QuestionEvent], periods: Sequence[Period]) -> list[int]:
    """Count the questions of each of some periods that follow one another."""
    counts = [0] * len(periods)
    for question in questions:
        for place, period in enumerate(periods):
            if period.holds(question.asked_at):
                counts[place] += 1
                break
    return counts
