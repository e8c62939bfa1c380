"""What a log has of tickets that began before a stretch of time and are not over.

Read only. Most old tickets are over, and what was asked in those is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from search_api.events.database import connected_for_reading
from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.events.tables import FEEDBACK, QUESTIONS

_ASKED, _GIVEN = QUESTIONS.c, FEEDBACK.c
_BACK = ("escalated", "reopened")
_UNREAD_OF_QUESTIONS = ("vector", "encoder", "asked_with")
_UNREAD_OF_FEEDBACK = ("comment",)


def read_older_tickets(
    url: str, since: datetime, until: datetime
) -> tuple[list[QuestionEvent], list[FeedbackEvent]]:
    """Return what was asked and said before a time in tickets that are not over, oldest first.

    These are the tickets in which something happened from then on, and those that were
    escalated, reopened or asked again and never resolved since. Neither vectors nor comments
    are read.

    Args:
        url: of the log.
        since: what happened from then on is left out.
        until: what happened from then on counts as not known yet.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    wanted = sa.union(*_touched(since, until), *_unresolved(since)).subquery()
    references = sa.select(wanted.c.reference).where(wanted.c.reference.is_not(None))
    of_these = _ASKED.reference.in_(references)
    ids = sa.select(_ASKED.query_id).where(of_these, _ASKED.asked_at < since)
    with connected_for_reading(url) as connection:
        there = sa.inspect(connection)
        if not (there.has_table(QUESTIONS.name) and there.has_table(FEEDBACK.name)):
            return [], []
        first = connection.execute(sa.select(sa.func.min(_ASKED.asked_at))).scalar()
        if first is None or first >= since:
            return [], []
        questions = _rows(
            connection,
            QUESTIONS,
            _UNREAD_OF_QUESTIONS,
            (of_these, _ASKED.asked_at < since),
            (_ASKED.asked_at, _ASKED.query_id),
        )
        feedback = _rows(
            connection,
            FEEDBACK,
            _UNREAD_OF_FEEDBACK,
            (
                _GIVEN.given_at < since,
                _GIVEN.reference.in_(references)
                | (_GIVEN.reference.is_(None) & _GIVEN.query_id.in_(ids)),
            ),
            (_GIVEN.given_at, _GIVEN.id),
        )
    for row in feedback:
        del row["id"]
    return (
        [QuestionEvent(**row) for row in questions],
        [FeedbackEvent(comment=None, **row) for row in feedback],
    )


def _touched(since: datetime, until: datetime) -> list[sa.Select[Any]]:
    """Return queries for the tickets in which something happened in a time."""
    is_asked = sa.and_(_ASKED.asked_at >= since, _ASKED.asked_at < until)
    is_told = sa.and_(_GIVEN.given_at >= since, _GIVEN.given_at < until)
    return [
        sa.select(_ASKED.reference).where(is_asked),
        sa.select(_GIVEN.reference).where(is_told),
        sa.select(_ASKED.reference).where(
            _ASKED.query_id.in_(sa.select(_GIVEN.query_id).where(is_told))
        ),
    ]


def _unresolved(since: datetime) -> list[sa.Select[Any]]:
    """Return queries for tickets that waited for somebody at a time; a few too many do no harm."""

    def last(*events: str) -> sa.ColumnElement[datetime]:
        return sa.func.max(sa.case((_GIVEN.event.in_(events), _GIVEN.given_at)))

    by_question = (_GIVEN.reference.is_(None)) & (_ASKED.query_id == _GIVEN.query_id)
    reference = sa.func.coalesce(_GIVEN.reference, _ASKED.reference).label("reference")
    ends = (
        sa.select(reference, last("resolved").label("done"), last(*_BACK).label("back"))
        .select_from(FEEDBACK.outerjoin(QUESTIONS, by_question))
        .where(_GIVEN.event.in_(("resolved", *_BACK)), _GIVEN.given_at < since)
        .group_by(reference)
        .subquery()
    )
    return [
        sa.select(ends.c.reference).where(ends.c.done.is_(None) | (ends.c.back >= ends.c.done)),
        sa.select(_ASKED.reference)
        .join(ends, ends.c.reference == _ASKED.reference)
        .where(_ASKED.asked_at > ends.c.done, _ASKED.asked_at < since),
    ]


def _rows(
    connection: sa.Connection,
    table: sa.Table,
    unread: Sequence[str],
    wanted: Sequence[sa.ColumnElement[bool]],
    order: Sequence[sa.ColumnElement[Any]],
) -> list[dict[str, Any]]:
    """Return rows with the columns that the log's form has."""
    there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    columns = [one for one in table.c if one.name in there and one.name not in unread]
    found = connection.execute(sa.select(*columns).where(*wanted).order_by(*order))
    return [dict(row) for row in found.mappings()]
