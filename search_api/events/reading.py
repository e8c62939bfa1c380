"""The log as commands and reports read it: nothing is written, no file and no table is made.

A log of an older form is read as far as it goes: what it did not keep is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from sys import intern
from typing import Any

import sqlalchemy as sa

from indexer.checks.folder import Rejection
from search_api.events.audit import AuditRecord
from search_api.events.database import connected_for_reading
from search_api.events.event import FeedbackEvent, QuestionEvent, unpack_vector
from search_api.events.tables import AUDIT, FEEDBACK, LOSSES, QUESTIONS

_NO_REASON = "unknown"
_ROWS_AT_ONCE = 2_000
# Texts that many rows share; kept once, they are a tenth of a long answer.
_REPEATED = ("actor", "channel", "decision", "encoder", "index_version", "language", "source")


def read_questions(
    url: str,
    since: datetime,
    until: datetime,
    *,
    with_vectors: bool = False,
    with_requests: bool = True,
) -> list[QuestionEvent]:
    """Return what was asked from a time on and before another, the oldest first.

    Vectors are half of what a log holds, so only those who compare questions read them. Those
    who look at very many may do without `asked_with`, which is as large in memory.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    asked = QUESTIONS.c
    unwanted = ((asked.vector, not with_vectors), (asked.asked_with, not with_requests))
    left_out = [column.name for column, is_unwanted in unwanted if is_unwanted]
    with connected_for_reading(url) as connection:
        query = _select(connection, QUESTIONS, left_out)
        if query is None:
            return []
        query = query.where(asked.asked_at >= since, asked.asked_at < until)
        query = query.order_by(asked.asked_at, asked.query_id)
        return [_question(row) for row in _rows(connection, query)]


def read_question(url: str, query_id: str) -> QuestionEvent | None:
    """Return one question with its vector; None where the log does not have it.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        query = _select(connection, QUESTIONS)
        if query is None:
            return None
        found = [
            _question(row)
            for row in _rows(connection, query.where(QUESTIONS.c.query_id == query_id))
        ]
        return found[0] if found else None


def read_feedback(url: str, since: datetime, until: datetime) -> list[FeedbackEvent]:
    """Return the feedback from a time on and before another, the oldest first.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    given = FEEDBACK.c
    with connected_for_reading(url) as connection:
        query = _select(connection, FEEDBACK, ("id",))
        if query is None:
            return []
        query = query.where(given.given_at >= since, given.given_at < until)
        return [
            FeedbackEvent(**row)
            for row in _rows(connection, query.order_by(given.given_at, given.id))
        ]


def read_rejections(url: str) -> list[Rejection]:
    """Return which articles were rejected as an answer, the oldest first.

    Neither comments nor questions are read. A log without feedback has none.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    table = FEEDBACK.c
    query = (
        sa.select(table.article_id, table.given_at, table.reason, table.actor)
        .where(table.event == "rejected", table.article_id.is_not(None))
        .order_by(table.given_at, table.id)
    )
    with connected_for_reading(url) as connection:
        if not sa.inspect(connection).has_table(FEEDBACK.name):
            return []
        return [
            Rejection(article, given_at.date(), reason or _NO_REASON, actor)
            for article, given_at, reason, actor in connection.execute(query)
        ]


def read_resolved(url: str, since: datetime) -> tuple[list[QuestionEvent], list[FeedbackEvent]]:
    """Return what was resolved or reopened since a time, the oldest first, with its questions.

    Comments are not read. Of questions only those that such feedback names, by id or by
    ticket.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    given, asked = FEEDBACK.c, QUESTIONS.c
    is_wanted = sa.and_(given.event.in_(("resolved", "reopened")), given.given_at >= since)
    with connected_for_reading(url) as connection:
        told = _select(connection, FEEDBACK, ("id", "comment"))
        questions = _select(connection, QUESTIONS, ("vector",))
        if told is None or questions is None:
            return [], []
        told = told.where(is_wanted).order_by(given.given_at, given.id)
        questions = questions.where(
            asked.query_id.in_(sa.select(given.query_id).where(is_wanted))
            | asked.reference.in_(sa.select(given.reference).where(is_wanted))
        ).order_by(asked.asked_at, asked.query_id)
        feedback = [FeedbackEvent(comment=None, **row) for row in _rows(connection, told)]
        return [_question(row) for row in _rows(connection, questions)], feedback


def read_losses(url: str, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Return when the log was back after it had lost questions, and how many, in order.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        query = _select(connection, LOSSES, ("id",))
        if query is None:
            return []
        query = query.where(LOSSES.c.at >= since, LOSSES.c.at < until).order_by(LOSSES.c.id)
        return [(row["at"], row["questions"]) for row in _rows(connection, query)]


def read_audit(url: str) -> list[AuditRecord]:
    """Return every record of questions that left the log or were erased, the oldest first.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        query = _select(connection, AUDIT, ("id",))
        if query is None:
            return []
        return [AuditRecord(**row) for row in _rows(connection, query.order_by(AUDIT.c.id))]


def _select(
    connection: sa.Connection, table: sa.Table, left_out: Collection[str] = ()
) -> sa.Select[Any] | None:
    """Return a query for the columns that the database has; None where it has no such table."""
    tables = sa.inspect(connection)
    if not tables.has_table(table.name):
        return None
    there = {column["name"] for column in tables.get_columns(table.name)} - set(left_out)
    return sa.select(*(column for column in table.c if column.name in there))


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    """Give the rows of a query; a long answer is fetched piece by piece."""
    found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
    names = list(found.keys())
    for row in found:
        yield dict(zip(names, row, strict=True))


def _question(row: Mapping[str, Any]) -> QuestionEvent:
    for suggested in row["suggestions"]:
        suggested["id"] = intern(suggested["id"])
    repeated = {name: row[name] and intern(row[name]) for name in _REPEATED if name in row}
    return QuestionEvent(**{**row, **repeated, "vector": unpack_vector(row.get("vector"))})
