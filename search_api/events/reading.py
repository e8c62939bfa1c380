"""The log as commands read it: nothing is written, no file and no table is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from indexer.checks.folder import Rejection
from search_api.events.audit import AUDIT, AuditRecord
from search_api.events.log import (
    FEEDBACK,
    QUESTIONS,
    EventStoreError,
    FeedbackEvent,
    QuestionEvent,
    cause,
    open_engine,
)

# A check or a report had better say that there is no log than keep a person waiting for it.
_PATIENCE_S = 2
_NO_REASON = "unknown"


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
    with _connected(url) as connection:
        if not sa.inspect(connection).has_table(FEEDBACK.name):
            return []
        return [
            Rejection(article, _as_utc(given_at).date(), reason or _NO_REASON, actor)
            for article, given_at, reason, actor in connection.execute(query)
        ]


def read_resolved(url: str, since: datetime) -> tuple[list[QuestionEvent], list[FeedbackEvent]]:
    """Return what was resolved or reopened since a time, the oldest first, with its questions.

    Comments are not read. Of questions only those that such feedback names are, by id or by
    ticket.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    given = FEEDBACK.c
    is_wanted = sa.and_(
        given.event.in_(("resolved", "reopened")), given.given_at >= since.astimezone(UTC)
    )
    columns = [column for column in given if column.name not in ("id", "comment")]
    told = sa.select(*columns).where(is_wanted).order_by(given.given_at, given.id)
    asked = QUESTIONS.c
    questions = (
        sa.select(QUESTIONS)
        .where(
            asked.query_id.in_(sa.select(given.query_id).where(is_wanted))
            | asked.reference.in_(sa.select(given.reference).where(is_wanted))
        )
        .order_by(asked.asked_at, asked.query_id)
    )
    with _connected(url) as connection:
        tables = sa.inspect(connection)
        if not (tables.has_table(FEEDBACK.name) and tables.has_table(QUESTIONS.name)):
            return [], []
        feedback = [
            FeedbackEvent(**row | {"given_at": _as_utc(row["given_at"]), "comment": None})
            for row in map(dict, connection.execute(told).mappings())
        ]
        found = [
            QuestionEvent(**row | {"asked_at": _as_utc(row["asked_at"])})
            for row in map(dict, connection.execute(questions).mappings())
        ]
    return found, feedback


def read_audit(url: str) -> list[AuditRecord]:
    """Return every record of questions that left the log, the oldest first.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    columns = [column for column in AUDIT.c if column.name != "id"]
    with _connected(url) as connection:
        if not sa.inspect(connection).has_table(AUDIT.name):
            return []
        rows = connection.execute(sa.select(*columns).order_by(AUDIT.c.id)).mappings()
        return [AuditRecord(**row | {"at": _as_utc(row["at"])}) for row in map(dict, rows)]


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """Give a connection that cannot write, where the database has such a thing."""
    engine = open_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            engine = _read_only(engine.url)
        elif engine.driver.startswith("psycopg"):
            patience = {"connect_timeout": _PATIENCE_S}
            engine = sa.create_engine(engine.url, connect_args=patience, poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise EventStoreError(
            f"the log of questions cannot be read ({cause(error)}); "
            "is the database of events_url there, and may you read it?"
        ) from error
    finally:
        engine.dispose()


def _read_only(url: sa.URL) -> sa.Engine:
    """Return a SQLite database that is neither made nor changed by looking at it."""
    path = Path((url.database or "").removeprefix("file:"))
    address = f"{path.absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, timeout=_PATIENCE_S, uri=True)

    return sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _as_utc(stored: datetime) -> datetime:
    """Return a stored time with its zone: SQLite keeps none, and all that is stored is UTC."""
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)
