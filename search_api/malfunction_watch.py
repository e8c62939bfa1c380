"""The log, watched for malfunctions: in the service every few seconds, in a command once.

What is usual is read from the last four weeks, the last day is then seen question by
question, and after that only what is new. All of it happens beside the answers: in a thread
of its own, in small pieces, with pauses while the weeks are read.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from indexer.errors import ArticleError, SopError
from indexer.platform import read_platform
from indexer.snapshot import SnapshotArticle
from search_api.events.event import QuestionEvent
from search_api.events.place import has_log
from search_api.events.reading import read_questions
from search_api.insights.askers import asker_of
from search_api.insights.baseline import WEEKS
from search_api.insights.malfunctions import Malfunction, Watch, answered_by
from search_api.insights.naming import ArticleName, Named, name_malfunction
from search_api.live import LiveIndex
from search_api.notices import is_open_issue

_logger = logging.getLogger("sop.malfunctions")
_EVERY_S = 15.0
_SEEN_WHOLE = timedelta(hours=24)
_PIECE = timedelta(hours=6)
_PAUSE_S = 0.05
# Several processes write the log, each behind a queue: what they write may be a little late.
_LATE = timedelta(minutes=2)

Say = Callable[[str], None]


class LogWatch:
    """A log, seen up to some moment. Not for several threads at once."""

    def __init__(self, url: str) -> None:
        """Watch the log at `url`; nothing is read yet."""
        self._url = url
        self._watch: Watch | None = None
        self._until = datetime.min.replace(tzinfo=UTC)
        self._seen: dict[str, datetime] = {}

    def look(
        self,
        now: datetime,
        pause: Callable[[], None] = lambda: None,
        say: Say = lambda _told: None,
    ) -> list[Malfunction]:
        """Read what is new, and return the malfunctions of the last day, the newest first.

        Args:
            now: the end of what is read.
            pause: is called after each piece of the first reading; it may raise to end it.
            say: is told of the first reading, which takes a while.

        Raises:
            EventStoreError: the log cannot be read.
        """
        if not has_log(self._url):
            return []
        if self._watch is None:
            watch, begin = Watch(), now - _SEEN_WHOLE
            say(f"reading the questions of {WEEKS} weeks")
            for piece in self._pieces(begin - timedelta(weeks=WEEKS), begin):
                for one in piece:
                    watch.baseline.add(one, answered_by(one), asker_of(one))
                pause()
            self._watch, self._until = watch, begin
        for piece in self._pieces(self._until - _LATE, now):
            self._watch.advance(one for one in piece if one.query_id not in self._seen)
            self._seen.update((one.query_id, one.asked_at) for one in piece)
        self._until = now
        oldest = now - 2 * _LATE
        self._seen = {name: at for name, at in self._seen.items() if at > oldest}
        return self._watch.malfunctions(now)

    def _pieces(self, since: datetime, until: datetime) -> Iterator[list[QuestionEvent]]:
        while since < until:
            stop = min(since + _PIECE, until)
            yield read_questions(self._url, since, stop, with_vectors=True)
            since = stop


class MalfunctionWatcher:
    """The malfunctions of now, for the API; looking at them never waits."""

    def __init__(self, url: str, sop: Path, live: LiveIndex, *, is_on: bool) -> None:
        """Watch a log; names come from the serving snapshot and the platform's file."""
        self._log, self._live = LogWatch(url), live
        self._sop, self._is_on = sop, is_on
        self._found: list[Malfunction] = []
        self._stopped = threading.Event()
        self._fault: str | None = None
        self.looked_at: datetime | None = None

    @property
    def going_on(self) -> int:
        """How many malfunctions are rising or ongoing."""
        return sum(one.state != "over" for one in self._found)

    async def watch(self) -> None:
        """Look for malfunctions for ever, where it is switched on."""
        try:
            while self._is_on:
                await asyncio.to_thread(self.look)
                await asyncio.sleep(_EVERY_S)
        finally:
            # Weeks that are still being read must not hold up the end of the service.
            self._stopped.set()

    def look(self) -> None:
        """Look once; where the log is away, what was found before stays. Never raises."""
        now = datetime.now(UTC)
        known = {one.id for one in self._found}
        try:
            self._found = self._log.look(now, self._pause)
            self.looked_at, self._fault = now, None
        except SopError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001  # the next look must take place
            self._complain(f"malfunctions cannot be told: {type(error).__name__}")
        for one in self._found:
            if one.id not in known:
                _logger.warning(
                    "malfunction %s: %d like questions in %d minutes, %.2f expected",
                    one.id,
                    one.in_window,
                    one.window_minutes,
                    one.expected,
                )

    def _complain(self, fault: str) -> None:
        """Log a fault once, however often it is met; nothing while the service ends."""
        if fault != self._fault and not self._stopped.is_set():
            _logger.error("%s", fault)
        self._fault = fault

    def _pause(self) -> None:
        if self._stopped.wait(_PAUSE_S):
            raise SopError("the service ends")

    def malfunctions(self) -> list[Named]:
        """Return the malfunctions of the last day, the newest first, with names."""
        serving = self._live.suggester
        articles = serving.snapshot.articles if serving else ()
        return name_all(self._found, articles, self._sop)


def name_all(
    found: Sequence[Malfunction], articles: Iterable[SnapshotArticle], sop: Path
) -> list[Named]:
    """Return malfunctions with the names of a snapshot's articles and the platform's tools."""
    if not found:
        return []
    names = {
        one.id: ArticleName(
            one.id, one.title, tuple(one.front_matter.platforms), is_open_issue(one)
        )
        for one in articles
    }
    tools = {tool for name in names.values() for tool in name.platforms} | _tools(sop)
    return [name_malfunction(one, names, tools) for one in found]


def _tools(sop: Path) -> frozenset[str]:
    """Return the tools of the platform's file; none where it is not there or is broken."""
    try:
        return read_platform(sop).tools or frozenset()
    except (ArticleError, OSError):
        return frozenset()
