"""The log as columns in memory, kept up to date by one background thread.

The whole log is read once, in slices with pauses, so that neither the start nor an answer waits
for it; after that only what is new. Where events were taken out, or another file took the place
of the log, everything is read again. What is in memory has no text: see `insights.columns`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from indexer.errors import SopError
from search_api.events.place import has_log
from search_api.events.scanning import (
    Extent,
    Mark,
    read_extent,
    read_mark,
    scan_feedback,
    scan_questions,
)
from search_api.events.store import read_store
from search_api.insights.columns import Columns, Intake

# More than any range and the time before it.
KEPT = timedelta(days=740)
_EVERY_S, _COUNT_EVERY_S = 5.0, 60.0
_SLICE, _PAUSE_S = 4_000, 0.02
# Several processes write the log, each behind a queue: what they write may be a little late.
_LATE = timedelta(minutes=2)
_logger = logging.getLogger("sop.insights")

Pause = Callable[[], None]


class LogReader:
    """A log, read into columns up to some moment. Not for several threads at once."""

    def __init__(self, url: str) -> None:
        """Prepare to read the log at `url`; nothing is read yet."""
        self._url = url
        self._mark: Mark | None = None
        self._intake, self._newest_feedback = Intake(), 0
        self._since = self._until = datetime.min.replace(tzinfo=UTC)
        self._counted_at = 0.0
        self._columns = self._intake.columns()
        self.is_demo = False
        self.times_read = 0

    def look(self, now: datetime, pause: Pause = lambda: None) -> Columns:
        """Read what is new, and return all of it.

        Args:
            now: whole looks are compared by it.
            pause: is called after each slice; it may raise to end the look.

        Raises:
            EventStoreError: the log cannot be read.
        """
        if not has_log(self._url):
            self._mark, self.is_demo = None, False
            self._columns = Intake().columns()
            return self._columns
        mark = read_mark(self._url)
        if mark != self._mark or self._has_lost_some():
            self._begin_again(now)
        if self._read_new(now.replace(microsecond=0), pause) or self._mark != mark:
            self._columns = self._intake.columns()
        self._mark = mark
        return self._columns

    def _begin_again(self, now: datetime) -> None:
        self._intake, self._newest_feedback = Intake(), 0
        self._since = self._until = (now - KEPT).replace(microsecond=0)
        self._counted_at = time.monotonic()
        self.is_demo = read_store(self._url).is_demo
        self.times_read += 1
        self._mark = None

    def _has_lost_some(self) -> bool:
        """Count now and then what is there: an import or a hand may have changed the past."""
        if time.monotonic() - self._counted_at < _COUNT_EVERY_S:
            return False
        self._counted_at = time.monotonic()
        settled = self._until - _LATE
        there = read_extent(self._url, self._since, settled, self._newest_feedback)
        known = Extent(self._intake.asked_before(int(settled.timestamp())), self._intake.feedback)
        return there != known

    def _read_new(self, now: datetime, pause: Pause) -> int:
        count = 0
        since, last = max(self._since, self._until - _LATE), ""
        while rows := scan_questions(self._url, since, last, _SLICE):
            count += self._intake.add_questions(rows)
            since, last = rows[-1].asked_at, rows[-1].query_id
            if len(rows) < _SLICE:
                break
            pause()
        while told := scan_feedback(self._url, self._since, self._newest_feedback, _SLICE):
            count += self._intake.add_feedback(told)
            self._newest_feedback = told[-1].id
            if len(told) < _SLICE:
                break
            pause()
        self._until = now
        return count + self._intake.waiting


class LogColumns:
    """The columns of now, for the API; asking for them never waits.

    Attributes:
        columns: None until the log was read for the first time.
        times_read: how often the whole log was read; a rise says that events were taken out.
        fault: why they cannot be read now; None while they can.
    """

    def __init__(self, url: str) -> None:
        """Prepare; nothing is read before `start`."""
        self._reader = LogReader(url)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="columns", daemon=True)
        self.columns: Columns | None = None
        self.fault: str | None = None

    @property
    def is_demo(self) -> bool:
        """Whether the log holds a demonstration."""
        return self._reader.is_demo

    @property
    def times_read(self) -> int:
        """How often the whole log was read."""
        return self._reader.times_read

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no further slice."""
        self._stopped.set()

    def _run(self) -> None:
        while True:
            self._look()
            if self._stopped.wait(_EVERY_S):
                return

    def _look(self) -> None:
        """Look once; where the log is away, what was read before stays. Never raises."""
        try:
            self.columns = self._reader.look(datetime.now(UTC), self._pause)
            self.fault = None
        except SopError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001  # the next look must take place
            self._complain(f"the log cannot be counted: {type(error).__name__}")

    def _complain(self, fault: str) -> None:
        """Log a fault once, however often it is met; nothing while the service ends."""
        if fault != self.fault and not self._stopped.is_set():
            _logger.error("%s", fault)
        self.fault = fault

    def _pause(self) -> None:
        if self._stopped.wait(_PAUSE_S):
            raise SopError("the service ends")
