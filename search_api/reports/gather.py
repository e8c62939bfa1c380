"""Gathers what a report is made of: the log, the articles that serve, and git."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from indexer.repository import Repository
from indexer.snapshot import SnapshotArticle
from search_api.events.event import QuestionEvent
from search_api.events.notices import NoticeStore
from search_api.events.reading import read_feedback, read_losses, read_questions
from search_api.events.store import read_store
from search_api.events.tickets import read_older_tickets
from search_api.insights.follow_ups import follow_ups
from search_api.insights.naming import Named
from search_api.insights.past_malfunctions import past_malfunctions
from search_api.insights.shifts import ShiftPlan
from search_api.malfunction_watch import name_all
from search_api.reports.material import Alert, ArticleChange, ArticleFacts, Loss, Material
from search_api.settings import Settings

# A weekly report compares two weeks, and a daily one with four of the same weekday.
_BACK = timedelta(days=31)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_LETTERS = {"A": "added", "M": "changed", "D": "removed"}


def gather(
    settings: Settings,
    starts: datetime,
    now: datetime,
    articles: Iterable[SnapshotArticle],
    sop: Path | None = None,
) -> Material:
    """Return what a report of a period can tell.

    Args:
        settings: where the log is; the shifts.
        starts: of the period that the report is about.
        now: when it is made; what comes later is not known.
        articles: those that serve.
        sop: folder of the articles, where git knows what changed.

    Raises:
        EventStoreError: the log cannot be read.
    """
    url, since = settings.events_url, starts - _BACK
    plan = ShiftPlan(settings.shifts)
    articles = list(articles)
    questions = read_questions(url, since, now, with_vectors=True, with_requests=False)
    feedback = read_feedback(url, since, now)
    older, said_before = read_older_tickets(url, since, now)
    tickets = follow_ups(
        [*older, *questions], [*said_before, *feedback], settings.follow_up_hours, plan
    )
    facts = {article.id: facts_of(article) for article in articles}
    return Material(
        now=now,
        plan=plan,
        questions=questions,
        feedback=feedback,
        follow_ups=tickets,
        articles=facts,
        changes=_changes(sop, facts.values(), starts, now) if sop else None,
        alerts=[
            *_malfunctions(questions, articles, sop, starts, now),
            *_notices(url, since, now),
        ],
        losses=[Loss(at, count) for at, count in read_losses(url, since, now)],
        is_demo=read_store(url).is_demo,
    )


def facts_of(article: SnapshotArticle) -> ArticleFacts:
    """Return what a report says about an article of a snapshot."""
    stated = article.front_matter
    return ArticleFacts(
        id=article.id,
        title=article.title,
        url=article.url,
        owner=stated.owner,
        status=stated.status,
        path=article.path,
        review_by=stated.review_by,
        known_issue=stated.known_issue,
        pinned=stated.pinned,
    )


def _malfunctions(
    questions: Sequence[QuestionEvent],
    articles: Sequence[SnapshotArticle],
    sop: Path | None,
    starts: datetime,
    now: datetime,
) -> list[Alert]:
    """Return the rises of like questions in a period, with what they are about."""
    named = name_all(past_malfunctions(questions, starts, now), articles, sop or Path())
    return [
        Alert(
            title=_told(one),
            since=one.malfunction.first_seen,
            until=one.malfunction.last_seen if one.malfunction.state == "over" else _FOR_EVER,
            article=one.article.id if one.article else None,
        )
        for one in sorted(named, key=lambda one: one.malfunction.first_seen)
    ]


def _told(named: Named) -> str:
    one = named.malfunction
    where = f" about {', '.join(named.platforms)}" if named.platforms else ""
    return (
        f"{one.count} like questions of {one.askers} people{where} from "
        f"{one.first_seen:%H:%M} to {one.last_seen:%H:%M} UTC"
    )


def _notices(url: str, since: datetime, until: datetime) -> list[Alert]:
    """Return what was pinned, with when it ended or will."""
    store = NoticeStore(url)
    try:
        return [
            Alert(
                title=notice.title,
                since=notice.pinned_at,
                until=notice.ended_at or notice.expires_at,
                article=notice.article_id,
            )
            for notice in store.shown_between(since, until)
        ]
    finally:
        store.close()


def _changes(
    sop: Path, facts: Iterable[ArticleFacts], since: datetime, until: datetime
) -> Sequence[ArticleChange] | None:
    """Return the commits of a folder's articles; None where it is in no repository."""
    repository = Repository.around(sop) if sop.is_dir() else None
    if repository is None:
        return None
    ids = {one.path: one.id for one in facts}
    return [
        ArticleChange(
            at=change.at,
            what=_LETTERS.get(change.letter, "changed"),
            article=ids.get(change.path, change.path),
            subject=change.subject,
        )
        for change in repository.changes_between(sop, since, until)
        if change.path.endswith(".md")
    ]
