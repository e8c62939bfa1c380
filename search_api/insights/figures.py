"""Counts over a stretch of time: how much was asked, how it went, what helped.

Nobody is counted by name. A group of questions is shown only when three different people
asked; where a tool does not say who asked, different tickets stand for different people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
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
class Figures:
    """What happened in a stretch of time.

    Attributes:
        questions: asked.
        answered: that got at least one article.
        askers: different people who asked.
        tickets: different references.
        events: feedback by kind.
        reasons: rejections by reason.
        used: articles by how often they were linked or resolved something.
        rejected: articles by how often they were rejected.
    """

    questions: int = 0
    answered: int = 0
    askers: int = 0
    tickets: int = 0
    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def answered_share(self) -> float | None:
        """The share of questions that got an article, in [0, 1]; None without questions."""
        return self.answered / self.questions if self.questions else None


def figures(
    questions: Iterable[QuestionEvent], feedback: Iterable[FeedbackEvent], period: Period
) -> Figures:
    """Count what happened in a period."""
    asked = [one for one in questions if period.holds(one.asked_at)]
    told = [one for one in feedback if period.holds(one.given_at)]
    return Figures(
        questions=len(asked),
        answered=sum(is_answered(one) for one in asked),
        askers=len({asker_of(one) for one in asked}),
        tickets=len({one.reference for one in asked if one.reference}),
        events=Counter(one.event for one in told),
        reasons=Counter(one.reason or "unknown" for one in told if one.event == "rejected"),
        used=Counter(one.article_id for one in told if one.event in _USED and one.article_id),
        rejected=Counter(
            one.article_id for one in told if one.event == "rejected" and one.article_id
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
) -> Counter[str]:
    """Count how many tickets or questions of a period each of some articles was needed for.

    Needed is what was suggested first, linked, or resolved something; several signs of one
    ticket count once.
    """
    needs: set[tuple[str, str]] = set()
    tickets = {one.query_id: one.reference or one.query_id for one in questions}
    for question in questions:
        if period.holds(question.asked_at):
            needs |= {
                (name, tickets[question.query_id])
                for name in by_first_article(question)
                if name in articles
            }
    for event in feedback:
        article = event.article_id or ""
        if event.event in _USED and article in articles and period.holds(event.given_at):
            ticket = event.reference or tickets.get(event.query_id or "", event.query_id)
            needs.add((article, ticket or event.page or ""))
    return Counter(name for name, _ in needs)


def per_period(questions: Iterable[QuestionEvent], periods: Sequence[Period]) -> list[int]:
    """Count the questions of each of some periods that follow one another."""
    counts = [0] * len(periods)
    for question in questions:
        for place, period in enumerate(periods):
            if period.holds(question.asked_at):
                counts[place] += 1
                break
    return counts
