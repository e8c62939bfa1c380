"""The log of questions and feedback: the only home of SQLAlchemy.

Questions are written behind the answer's back: a bounded queue and one writer thread,
so that a slow or broken database never delays or fails an answer. What the queue cannot
take is dropped and counted. Feedback is stored before it is acknowledged.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from indexer.errors import SopError
from search_api.settings import SettingsError

_logger = logging.getLogger("sop.events")
_metadata = sa.MetaData()
_MOST_ROWS_A_COMMIT = 200
_OF_USE = ("linked", "resolved")

QUESTIONS = sa.Table(
    "question",
    _metadata,
    sa.Column("query_id", sa.String(32), primary_key=True),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("channel", sa.String(200)),
    sa.Column("reference", sa.String(200), index=True),
    sa.Column("actor", sa.String(32)),
    sa.Column("decision", sa.String(10), nullable=False),
    sa.Column("suggestions", sa.JSON, nullable=False),
    sa.Column("index_version", sa.String(16), nullable=False),
    sa.Column("took_ms", sa.Float, nullable=False),
)
FEEDBACK = sa.Table(
    "feedback",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("query_id", sa.String(200), index=True),
    sa.Column("reference", sa.String(200), index=True),
    sa.Column("page", sa.String(500)),
    sa.Column("article_id", sa.String(500), index=True),
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(30)),
    sa.Column("comment", sa.Text),
    sa.Column("actor", sa.String(32)),
)


class EventStoreError(SopError):
    """The database did not take an event."""


@dataclass(frozen=True, slots=True)
class QuestionEvent:
    """A question that was answered; `text` is redacted, `actor` a keyed hash.

    Attributes:
        suggestions: article ids with their scores and confidences, best first.
    """

    query_id: str
    asked_at: datetime
    text: str
    language: str | None
    channel: str | None
    reference: str | None
    actor: str | None
    decision: str
    suggestions: Sequence[dict[str, Any]]
    index_version: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """What became of a suggestion; `comment` is redacted, `actor` a keyed hash."""

    given_at: datetime
    query_id: str | None
    reference: str | None
    page: str | None
    article_id: str | None
    event: str
    reason: str | None
    comment: str | None
    actor: str | None


class EventLog:
    """Writes events to one database. Start it before use, close it to flush."""

    def __init__(self, url: str, queue_limit: int) -> None:
        """Prepare for the database at `url`; nothing is opened yet.

        Raises:
            SettingsError: the URL is none, or its driver is not installed.
        """
        self._engine = open_engine(url)
        self._queue: queue.Queue[QuestionEvent | None] = queue.Queue(queue_limit)
        self._writer = threading.Thread(target=self._write_queue, name="event-writer", daemon=True)
        # Two locks: whoever counts a drop must not wait for whoever waits for the database.
        self._tables_lock = threading.Lock()
        self._dropped_lock = threading.Lock()
        self._dropped = 0
        self._has_tables = False

    @property
    def dropped(self) -> int:
        """How many questions could not be logged since the start."""
        return self._dropped

    @property
    def waiting(self) -> int:
        """How many questions wait for the database."""
        return self._queue.qsize()

    def start(self) -> None:
        """Start the writer. A database that is away now may come back later."""
        self._writer.start()

    def close(self) -> None:
        """Write what is waiting, then stop."""
        if self._writer.is_alive():
            self._queue.put(None)
            self._writer.join(timeout=10)
        self._engine.dispose()

    def record_question(self, event: QuestionEvent) -> None:
        """Hand a question to the writer and return at once; never raises."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._count_dropped(1)

    def record_feedback(self, event: FeedbackEvent) -> int:
        """Store feedback and return its id; it is on disk when this returns.

        Raises:
            EventStoreError: it could not be stored.
        """
        try:
            self._ensure_tables()
            with self._engine.begin() as connection:
                done = connection.execute(FEEDBACK.insert().values(**asdict(event)))
                return int((done.inserted_primary_key or [0])[0])
        except (SQLAlchemyError, OSError) as error:
            _logger.error("feedback not stored: %s", cause(error))
            raise EventStoreError("the feedback could not be stored; try again") from error

    def count_used(self, since: datetime) -> list[tuple[str, int]]:
        """Return the articles that were of use since then, the most used first.

        Of use is what was linked to a user or solved a problem; equal counts by id.

        Raises:
            EventStoreError: the database cannot be read.
        """
        article, count = FEEDBACK.c.article_id, sa.func.count()
        # SQLite keeps no time zone and compares what it is given; all that is stored is UTC.
        since = since.astimezone(UTC)
        query = (
            sa.select(article, count)
            .where(FEEDBACK.c.given_at >= since, FEEDBACK.c.event.in_(_OF_USE))
            .where(article.is_not(None))
            .group_by(article)
            .order_by(count.desc(), article)
        )
        try:
            self._ensure_tables()
            with self._engine.connect() as connection:
                return [(row[0], int(row[1])) for row in connection.execute(query)]
        except (SQLAlchemyError, OSError) as error:
            _logger.error("use not counted: %s", cause(error))
            raise EventStoreError("what was used cannot be read; try again") from error

    def _write_queue(self) -> None:
        while (first := self._queue.get()) is not None:
            events = [first]
            stop = False
            while len(events) < _MOST_ROWS_A_COMMIT and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    stop = True
                    break
                events.append(following)
            self._store(events)
            if stop:
                return

    def _store(self, events: list[QuestionEvent]) -> None:
        try:
            self._ensure_tables()
            with self._engine.begin() as connection:
                connection.execute(QUESTIONS.insert(), [asdict(event) for event in events])
        except (SQLAlchemyError, OSError) as error:
            self._count_dropped(len(events))
            _logger.error("%d questions not logged: %s", len(events), cause(error))

    def _ensure_tables(self) -> None:
        with self._tables_lock:
            if not self._has_tables:
                if self._engine.dialect.name == "sqlite" and self._engine.url.database:
                    _make_private(Path(self._engine.url.database))
                _metadata.create_all(self._engine)
                self._has_tables = True

    def _count_dropped(self, count: int) -> None:
        with self._dropped_lock:
            self._dropped += count


def open_engine(url: str) -> sa.Engine:
    """Return the database at `url`, to read and to write; nothing is opened yet.

    Raises:
        SettingsError: the URL is none, or its driver is not installed.
    """
    try:
        engine = sa.create_engine(url, connect_args=_connect_arguments(url))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SettingsError(
            f"events_url: {error}; is it like sqlite:///var/events.db, and is the "
            "database's driver installed?"
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _make_durable)
    return engine


def _connect_arguments(url: str) -> dict[str, Any]:
    return {"timeout": 5} if url.startswith("sqlite") else {}


def _make_durable(connection: Any, _record: Any) -> None:
    """Make a commit survive a power cut, while readers do not wait for writers."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _make_private(database: Path) -> None:
    """Create the file readable by its owner only; SQLite gives its other files the same mode."""
    database.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))


def cause(error: Exception) -> str:
    """Return an error's cause without the statement's values, which are somebody's words."""
    return type(getattr(error, "orig", None) or error).__name__
