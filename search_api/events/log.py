"""Writes questions and feedback.

Questions are written behind the answer's back: a bounded queue and one writer thread,
so that a slow or broken database never delays or fails an answer. While the database is away
they wait; what the queue cannot take is dropped and counted. Feedback is stored before it is
acknowledged.
"""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import (
    IntegrityError,
    InterfaceError,
    InternalError,
    InvalidRequestError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from search_api.events.database import EventStoreError, cause, identity_of, open_engine
from search_api.events.event import FeedbackEvent, QuestionEvent, feedback_row, question_row
from search_api.events.schema import upgrade
from search_api.events.store import label_region, store_of
from search_api.events.tables import FEEDBACK, LOSSES, QUESTIONS

_logger = logging.getLogger("sop.events")
_MOST_ROWS_A_COMMIT = 200
_HANG_UP_S = 10.0
_CLOSE_WITHIN_S = 10.0
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
# What may be over when it is tried again.
_AWAY = (
    OperationalError,
    InterfaceError,
    InternalError,
    ProgrammingError,
    PoolTimeoutError,
    InvalidRequestError,
    OSError,
    EventStoreError,
)
_OF_USE = ("linked", "resolved")


class EventLog:
    """Writes events to one database. Start it before use, close it to flush."""

    def __init__(self, url: str, queue_limit: int, region: str | None = None) -> None:
        """Prepare for the database at `url`; nothing is opened yet.

        Args:
            url: SQLAlchemy's address of the database.
            queue_limit: questions that may wait for it.
            region: the label that a new log gets.

        Raises:
            SettingsError: the URL is none, or its driver is not installed.
        """
        self._engine = open_engine(url, hang_up_s=_HANG_UP_S)
        self._region = region
        self._queue: queue.Queue[QuestionEvent | None] = queue.Queue(queue_limit)
        self._writer = threading.Thread(target=self._write_queue, name="event-writer", daemon=True)
        # Two locks: whoever counts a drop must not wait for whoever waits for the database.
        self._tables_lock = threading.Lock()
        self._dropped_lock = threading.Lock()
        self._dropped = 0
        self._untold = 0
        self._has_tables = False
        self._file: tuple[int, int] | None = None
        self._closing = threading.Event()

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
        """Write what is waiting, then stop; a database that is away gets one more chance."""
        self._closing.set()
        with suppress(queue.Full):  # then the writer is awake
            self._queue.put_nowait(None)
        if self._writer.is_alive():
            self._writer.join(timeout=_CLOSE_WITHIN_S)
            if self._writer.is_alive():
                _logger.error("%d questions not logged: no time left", self.waiting)
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
                done = connection.execute(FEEDBACK.insert().values(**feedback_row(event)))
                return int((done.inserted_primary_key or [0])[0])
        except (SQLAlchemyError, OSError, ValueError) as error:
            self._look_again(error)
            _logger.error("feedback not stored: %s", cause(error))
            raise EventStoreError("the feedback could not be stored; try again") from error

    def count_used(self, since: datetime) -> list[tuple[str, int]]:
        """Return the articles that were of use since then, the most used first.

        Of use is what was linked to a user or solved a problem; equal counts by id.

        Raises:
            EventStoreError: the database cannot be read.
        """
        article, count = FEEDBACK.c.article_id, sa.func.count()
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
            self._look_again(error)
            _logger.error("use not counted: %s", cause(error))
            raise EventStoreError("what was used cannot be read; try again") from error

    def is_demo(self) -> bool:
        """Tell whether everything in this log was made up.

        Raises:
            EventStoreError: the database cannot be read.
        """
        try:
            self._ensure_tables()
            with self._engine.connect() as connection:
                return store_of(connection).is_demo
        except (SQLAlchemyError, OSError) as error:
            _logger.error("not told whether this is a demo: %s", cause(error))
            raise EventStoreError("the log cannot be read; try again") from error

    def _write_queue(self) -> None:
        while not (self._closing.is_set() and self._queue.empty()):
            events = self._take()
            if events:
                self._store_patiently(events)
        with suppress(SQLAlchemyError, OSError, EventStoreError):
            # The last word: how many were lost since questions were stored.
            self._store([])

    def _take(self) -> list[QuestionEvent]:
        """Return what waits, at most what one commit takes; wait where nothing does."""
        taken = [self._queue.get()]
        while len(taken) < _MOST_ROWS_A_COMMIT and not self._queue.empty():
            taken.append(self._queue.get())
        return [event for event in taken if event is not None]

    def _store_patiently(self, events: list[QuestionEvent]) -> None:
        """Store questions as soon as the database takes them; what it never will is dropped."""
        pause_s = _SHORTEST_PAUSE_S
        while True:
            is_last_time = self._closing.is_set()
            try:
                self._store(events)
            except _AWAY as error:
                self._look_again(error)
                if is_last_time:
                    self._drop(len(events), error)
                    return
                if pause_s == _SHORTEST_PAUSE_S:
                    _logger.error("%d questions wait for the log: %s", len(events), cause(error))
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            except Exception as error:  # noqa: BLE001  # whatever it is, the writer must go on
                self._store_each(events, error)
                return
            else:
                return

    def _store_each(self, events: list[QuestionEvent], fault: Exception) -> None:
        """Store one by one what the database refused together, and drop what it refuses alone."""
        if len(events) > 1:
            for event in events:
                self._store_patiently([event])
        # One that is there already was stored before its acknowledgement was lost.
        elif not isinstance(fault, IntegrityError):
            self._drop(1, fault)

    def _store(self, events: list[QuestionEvent]) -> None:
        """Write questions and, once the database is back, how many were lost meanwhile."""
        lost = self._untold
        if not (events or lost):
            return
        self._ensure_tables()
        with self._engine.begin() as connection:
            if events:
                rows = [question_row(event) for event in events]
                connection.execute(QUESTIONS.insert(), rows)
            if lost:
                connection.execute(LOSSES.insert().values(at=datetime.now(UTC), questions=lost))
        with self._dropped_lock:
            self._untold -= lost

    def _ensure_tables(self) -> None:
        with self._tables_lock:
            if self._has_tables and self._file == identity_of(self._engine.url):
                return
            upgrade(self._engine)
            with self._engine.begin() as connection:
                label_region(connection, self._region)
            self._file = identity_of(self._engine.url)
            self._has_tables = True

    def _look_again(self, error: Exception) -> None:
        """Make the tables anew where a server's database was exchanged for an empty one."""
        if isinstance(error, ProgrammingError):
            self._has_tables = False

    def _drop(self, count: int, error: Exception) -> None:
        self._count_dropped(count)
        _logger.error("%d questions not logged: %s", count, cause(error))

    def _count_dropped(self, count: int) -> None:
        with self._dropped_lock:
            self._dropped += count
            self._untold += count
