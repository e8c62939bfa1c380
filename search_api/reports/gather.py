"""Gathers what a report is made of: the log, the articles that serve, and git."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from indexer.repository import Repository
from indexer.snapshot import SnapshotArticle
from search_api.events.notices import NoticeStore
from search_api.events.reading import read_feedback, read_losses, read_questions
from search_api.events.store import read_store
from search_api.insights.follow_ups import follow_ups
from search_api.insights.shifts import ShiftPlan
from search_api.reports.material import Alert, ArticleChange, ArticleFacts, Loss, Material
from search_api.settings import Settings

# A weekly report compares two weeks, and a daily one with four of the same weekday.
_BACK = timedelta(days=31)
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
    questions = read_questions(url, since, now)
    feedback = read_feedback(url, since, now)
    facts = {article.id: facts_of(article) for article in articles}
    return Material(
        now=now,
        plan=plan,
        questions=questions,
        feedback=feedback,
        follow_ups=follow_ups(questions, feedback, settings.follow_up_hours, plan),
        articles=facts,
        changes=_changes(sop, facts.values(), starts, now) if sop else None,
        alerts=_alerts(url, since, now),
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


def _alerts(url: str, since: datetime, until: datetime) -> list[Alert]:
    """Return what was pinned as a notice, with when it ended or will."""
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
