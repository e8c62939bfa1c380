"""`sop follow-ups`: tickets that nobody has closed yet."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import results
from indexer.errors import SopError
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from search_api.insights.follow_ups import FollowUp
    from search_api.settings import Settings


def follow_ups(
    context: typer.Context,
    shift: Annotated[str | None, typer.Option(help="Only what is due in this shift.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Only open, waiting, escalated or reopened ones.")
    ] = None,
    close: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Say that this ticket is resolved.")
    ] = None,
    article: Annotated[
        str | None, typer.Option(help="With --close: id of the article that resolved it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the tickets that nobody has closed, the earliest due first.

    For example:

        sop follow-ups

        sop follow-ups --shift Dublin --state escalated

        sop follow-ups --close SUP-104102 --article acc-001
    """
    from search_api.insights.follow_ups import STATES
    from search_api.reports.follow_ups import read_follow_ups

    settings: Settings = context.obj
    demand_log(settings.events_url, ", so nothing waits")
    if state is not None and state not in STATES:
        raise SopError(f"no state is named {state}; there are: {', '.join(STATES)}")
    now = datetime.now(UTC)
    found = read_follow_ups(settings, now)
    if close is not None:
        _close(settings, found, close, article)
        return
    known = [one.name for one in settings.shifts]
    if shift is not None and shift not in known:
        raise SopError(f"no shift is named {shift}; there are: {', '.join(known)}")
    chosen = [
        one
        for one in found
        if (one.state == "resolved" if state == "resolved" else one.waits(now))
        and state in (None, one.state)
        and shift in (None, one.due_in)
    ]
    if as_json:
        print(json.dumps([_as_json(one) for one in chosen], indent=1, ensure_ascii=False))
    else:
        _print(chosen)


def _close(settings: Settings, found: list[FollowUp], reference: str, article: str | None) -> None:
    """Store that a ticket is resolved; it is named as in the log, or as in its tool."""
    from indexer.checks.folder import meant
    from indexer.snapshot import read_articles
    from search_api.auth import actor_hash, load_actor_key
    from search_api.events.event import FeedbackEvent
    from search_api.events.log import EventLog
    from search_api.recording import safe_label

    key = load_actor_key(settings.actor_key_file)
    names = (reference, safe_label(reference, key))
    ticket = next((one for one in found if one.reference in names), None)
    if ticket is None:
        known = [one.reference for one in found]
        hint = meant(reference, known, "sop follow-ups lists them")
        raise SopError(f"nothing was asked for {reference} in the last 31 days; {hint}")
    if article is not None:
        known = [one.id for one in read_articles(settings.index)]
        if article not in known:
            hint = meant(article, known, "ids are in the articles' front matter")
            raise SopError(f"no article of the index has the id {article}; {hint}")
    log = EventLog(settings.events_url, 1)
    try:
        log.record_feedback(
            FeedbackEvent(
                given_at=datetime.now(UTC),
                query_id=None,
                reference=ticket.reference,
                page=None,
                article_id=article or ticket.article,
                event="resolved",
                reason=None,
                comment=None,
                actor=actor_hash(person(None), key),
            )
        )
    finally:
        log.close()
    results.print(f"{reference} is resolved", markup=False)


def _print(chosen: list[FollowUp]) -> None:
    from rich.table import Column, Table

    if not chosen:
        results.print("nothing waits")
        return
    now = datetime.now(UTC)
    table = Table(
        # Whoever copies a ticket's name needs all of it.
        Column("ticket", no_wrap=True),
        "state",
        "due (UTC)",
        "shift",
        "article",
        "asked",
        box=None,
        pad_edge=False,
    )
    for one in chosen:
        late = " overdue" if one.is_overdue(now) else ""
        table.add_row(
            one.reference,
            one.state,
            f"{one.due:%Y-%m-%d %H:%M}{late}",
            one.due_in,
            one.article or "",
            f"{one.questions} times" if one.questions > 1 else "once",
        )
    results.print(table)


def _as_json(one: FollowUp) -> dict[str, object]:
    return {
        "reference": one.reference,
        "state": one.state,
        "asked_at": one.asked_at.isoformat(),
        "since": one.since.isoformat(),
        "due": one.due.isoformat(),
        "due_in": one.due_in,
        "article": one.article,
        "questions": one.questions,
        "reopened": one.reopened,
        "channel": one.channel,
        "language": one.language,
    }
