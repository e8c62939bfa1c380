"""A ticket becomes events: what it asked, and what the log does not know yet of its outcome.

Nobody who filed such a ticket has seen a suggestion, so none of its answer counts as shown.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from search_api.asking import Desk
from search_api.auth import actor_hash
from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.events.importing import KnownTicket
from search_api.importing.ticket import Ticket
from search_api.recording import question_event, safe_label

_OUTCOMES = ("resolved", "escalated", "reopened")
_MOMENT = timedelta(seconds=1)


def ticket_name(ticket: Ticket, secret: bytes) -> str:
    """Return a ticket's reference as the log keeps it."""
    return safe_label(ticket.request.reference, secret) or ""


def question_of(
    ticket: Ticket, desk: Desk, audiences: Collection[str], secret: bytes
) -> QuestionEvent:
    """Return what a ticket asked, with what the snapshot would have answered that day.

    The id is made of the reference, so a ticket has one however often it is imported.

    Raises:
        EmptyQuestionError: there is no word in it.
    """
    asked = desk.ask(ticket.request, frozenset(audiences), ticket.opened.date())
    event = question_event(
        asked,
        ticket.request,
        audiences=audiences,
        person=ticket.requester,
        secret=secret,
        at=ticket.opened,
        source="import",
    )
    name = f"import\0{ticket.request.reference}".encode()
    query_id = hmac.new(secret, name, hashlib.sha256).hexdigest()[:32]
    return replace(event, query_id=query_id, shown=0)


def feedback_of(
    ticket: Ticket, known: KnownTicket, article: str | None, secret: bytes
) -> list[FeedbackEvent]:
    """Return what became of a ticket, less what the log knows.

    An article is `linked` once. An outcome is told when it is another one than the log's
    last, and later: an old export never takes back what came after it.

    Args:
        ticket: as the export has it.
        known: what the log has of it.
        article: the id of the article that was used, where there is such an article.
        secret: the key of people's hashes.
    """
    told = []
    last = max(filter(None, (ticket.closed or ticket.opened, known.told_at)))
    if article is not None and article not in known.linked:
        told.append(("linked", ticket.closed or ticket.updated or last))
    outcome = ticket.outcome if ticket.outcome in _OUTCOMES else None
    if outcome is not None and outcome != known.outcome:
        stated = ticket.updated if outcome == "reopened" else ticket.closed or ticket.updated
        if known.told_at is None:
            told.append((outcome, stated or last))
        elif stated is None or stated > known.told_at:
            told.append((outcome, stated or last + _MOMENT))
    return [_event(ticket, name, at, article, secret) for name, at in told]


def _event(
    ticket: Ticket, name: str, at: datetime, article: str | None, secret: bytes
) -> FeedbackEvent:
    return FeedbackEvent(
        given_at=at,
        query_id=None,
        reference=ticket_name(ticket, secret),
        page=None,
        article_id=article,
        event=name,
        reason=None,
        comment=None,
        actor=actor_hash(ticket.specialist, secret),
        source="import",
    )
