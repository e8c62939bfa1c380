"""What reports are made of, gathered from the log, the snapshot and git; values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from indexer.article import KnownIssue, Pin
from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.insights.follow_ups import FollowUp
from search_api.insights.shifts import ShiftPlan
from search_api.reports.report import Link


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What a report says about an article."""

    id: str
    title: str
    url: str | None
    owner: str | None
    status: str
    path: str = ""
    review_by: date | None = None
    known_issue: KnownIssue | None = None
    pinned: Pin | None = None


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """A change of an article that was committed.

    Attributes:
        what: `added`, `changed` or `removed`.
        article: its id; its path where it has none any more.
        subject: the commit's first line.
    """

    at: datetime
    what: str
    article: str
    subject: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Questions that the log could not take.

    Attributes:
        at: when the log was written to again.
        questions: how many.
    """

    at: datetime
    questions: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A malfunction: a rise of like questions, or a notice that somebody pinned.

    Attributes:
        since: its first question, or when it was pinned.
        until: its last question, or when the notice ends; the end of time while it lasts.
    """

    title: str
    since: datetime
    until: datetime
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that a report may tell.

    Attributes:
        now: when the report is made.
        plan: the team's shifts.
        questions: of the period and of some weeks before it, the oldest first.
        feedback: of the same time, the oldest first.
        follow_ups: all tickets of that time, and older ones that wait, see `follow_ups`.
        articles: of the serving snapshot, by id.
        changes: commits of the articles, the oldest first; None where git cannot tell.
        alerts: malfunctions, and notices of them.
        losses: questions that were not logged.
        is_demo: whether the log holds a demonstration.
    """

    now: datetime
    plan: ShiftPlan
    questions: Sequence[QuestionEvent]
    feedback: Sequence[FeedbackEvent]
    follow_ups: Sequence[FollowUp]
    articles: dict[str, ArticleFacts]
    changes: Sequence[ArticleChange] | None = ()
    alerts: Sequence[Alert] = ()
    losses: Sequence[Loss] = field(default=())
    is_demo: bool = False

    def link(self, article_id: str) -> Link:
        """Return an article as a report names it; an id alone where it is gone."""
        facts = self.articles.get(article_id)
        if facts is None:
            return Link(text=article_id)
        return Link(text=f"{facts.title} ({facts.id})", url=facts.url)
