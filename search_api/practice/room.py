"""What a running service practises with: the articles' own questions, and those of the log.

The log is read when somebody practises, at most once a day, beside the answers; again after a
new index and after something was taken out of the log, so that what was erased is not shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from indexer.errors import SopError
from indexer.snapshot import Snapshot
from search_api.events.practice import last_taken_away
from search_api.practice.exercises import Exercise, own_exercises
from search_api.practice.gathering import Gathered, gather
from search_api.service import Service

_logger = logging.getLogger("sop.practice")
_DAY, _AGAIN = timedelta(days=1), timedelta(minutes=1)
# A page had rather show the articles' own questions meanwhile, and looks again.
_MOST_SECONDS = 2
_NOTHING = Gathered({})

# Where the questions of the log are, or why there are none.
Origin = Literal["log", "off", "not_allowed", "too_few", "reading", "away"]


@dataclass(frozen=True, slots=True)
class _Held:
    """What was read from the log, and what it rests on.

    Attributes:
        until: when it is read again.
        snapshot: the id of the index that it was compared with.
        mark: the last record of something that was taken out of the log.
        is_read: whether the log could be read.
    """

    gathered: Gathered
    until: datetime
    snapshot: str
    mark: object
    is_read: bool


class PracticeRoom:
    """The questions of one service. Not for several event loops."""

    def __init__(self, service: Service) -> None:
        """Prepare; nothing is read yet."""
        self._service = service
        self._own: tuple[str, dict[str, Exercise]] = ("", {})
        self._held: _Held | None = None
        self._reading: asyncio.Task[None] | None = None

    async def own(self, snapshot: Snapshot) -> Mapping[str, Exercise]:
        """Return the questions that articles state, by id."""
        if self._own[0] != snapshot.manifest.id:
            secret = self._service.actor_key
            found = await asyncio.to_thread(own_exercises, snapshot, secret)
            self._own = (snapshot.manifest.id, found)
        return self._own[1]

    async def asked(self, snapshot: Snapshot) -> tuple[Gathered, Origin]:
        """Return the questions of the log, and why there are none where there are none."""
        if not self._service.settings.practice_from_log:
            return _NOTHING, "off"
        try:
            mark = await self._service.clerks.run(
                partial(last_taken_away, self._service.settings.events_url)
            )
        except SopError:
            return _NOTHING, "away"
        held = self._held
        if held is not None and held.mark != mark:
            # Nobody is shown what was erased meanwhile, not even until it is read again.
            held = self._held = None
        is_old = held is None or held.until <= _now() or held.snapshot != snapshot.manifest.id
        if is_old and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read(snapshot, mark))
        if held is None and self._reading is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._reading), _MOST_SECONDS)
            held = self._held
        if held is None:
            return _NOTHING, "reading"
        if not held.gathered.exercises:
            return _NOTHING, "too_few" if held.is_read else "away"
        return held.gathered, "log"

    async def _read(self, snapshot: Snapshot, mark: object) -> None:
        service = self._service
        work = partial(
            gather,
            service.settings.events_url,
            snapshot,
            service.redactor,
            service.actor_key,
            _now(),
        )
        gathered, is_read = _NOTHING, False
        try:
            gathered, is_read = await service.clerks.run(work), True
        except SopError as error:
            _logger.error("questions of the log cannot be practised: %s", error)
        except Exception as error:  # noqa: BLE001  # whoever practises gets the other questions
            name = type(error).__name__
            _logger.error("questions of the log cannot be practised: %s", name)
        until = _now() + (_DAY if is_read else _AGAIN)
        self._held = _Held(gathered, until, snapshot.manifest.id, mark, is_read)


def _now() -> datetime:
    return datetime.now(UTC)
