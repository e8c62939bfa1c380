"""Writes questions and feedback.

Questions are written behind the answer's back: a bounded queue and one writer thread,
so that a slow or broken database never delays or fails an answer. What the queue cannot
take is dropped and counted. Feedback is stored before it is acknowledged.
"""

from __future__ import annotations

import logging
import queue
import threading
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from search_api.events.database import EventStoreError, cause, open_engine
from search_api.events.event import FeedbackEvent, QuestionEvent, feedback_row, question_row
from search_api.events.schema import upgrade
from search_api.events.store import label_region
from search_api.events.tables import FEEDBACK, LOSSES, QUESTIONS

_logger = logging.getLogger("sop.events")
_MOST_ROWS_A_COMMIT = 200
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
        self._engine = open_engine(url)
        self._region = region
        self._queue: queue.Queue[QuestionEvent | None] = queue.Queue(queue_limit)
        self._writer = threading.Thread(target=self._write_queue, name="event-writer", daemon=True)
        # Two locks: whoever counts a drop must not wait for whoever waits for the database.
        self._tables_lock = threading.Lock()
        self._dropped_lock = threading.Lock()
        self._dropped = 0
        self._untold = 0
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
            self._store([])
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
        """Write questions and, once the database is back, how many were lost meanwhile."""
        lost = self._untold
        if not (events or lost):
            return
        try:
            self._ensure_tables()
            with self._engine.begin() as connection:
                if events:
                    rows = [question_row(event) for event in events]
                    connection.execute(QUESTIONS.insert(), rows)
                if lost:
                    now = datetime.now(UTC)
                    connection.execute(LOSSES.insert().values(at=now, questions=lost))
        except (SQLAlchemyError, OSError, EventStoreError) as error:
            self._count_dropped(len(events))
            _logger.error("%d questions not logged: %s", len(events), cause(error))
        else:
            with self._dropped_lock:
                self._untold -= lost

    def _ensure_tables(self) -> None:
        with self._tables_lock:
            if not self._has_tables:
                upgrade(self._engine)
                with self._engine.begin() as connection:
                    label_region(connection, self._region)
                self._has_tables = True

    def _count_dropped(self, count: int) -> None:
        with self._dropped_lock:
            self._dropped += count
            self._untold += count
