"""Has the log surveyed now and then, by a process of its own; see `search_api.survey`."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import ValidationError

from search_api.events.place import has_log
from search_api.insights.surveyed import Survey
from search_api.log_columns import LogColumns
from search_api.settings import Settings

# Whoever just started has better things to do.
_FIRST_AFTER_S, _LOOK_EVERY_S = 5.0, 2.0
_MOST_SECONDS = 900
_FAILED = "gaps and wishes could not be looked for"
_logger = logging.getLogger("sop.insights")


class Surveyor:
    """What the last survey found.

    Attributes:
        found: None before the first one, and after events were taken out of the log.
    """

    def __init__(self, settings: Settings, columns: LogColumns) -> None:
        """Prepare; nothing is looked for before `watch`."""
        self._settings, self._columns = settings, columns
        self._surveyed_at = -float("inf")
        self._seen = (0, 0)
        self.found: Survey | None = None

    async def watch(self) -> None:
        """Survey the log for ever, where it is switched on."""
        await asyncio.sleep(_FIRST_AFTER_S)
        while self._settings.survey_minutes:
            if self._is_due():
                await self._survey()
            await asyncio.sleep(_LOOK_EVERY_S)

    def _is_due(self) -> bool:
        """Tell whether to look again: what was erased must not stay here either."""
        columns = self._columns.columns
        if columns is None or not has_log(self._settings.events_url):
            return False
        seen = (self._columns.times_read, len(columns.asked.at) + len(columns.told.at))
        if seen[0] != self._seen[0]:
            self.found, self._surveyed_at = None, -float("inf")
        is_late = time.monotonic() - self._surveyed_at >= self._settings.survey_minutes * 60
        if is_late and seen != self._seen:
            self._seen = seen
            return True
        return False

    async def _survey(self) -> None:
        """Survey once; what was found before stays where it fails."""
        self._surveyed_at = time.monotonic()
        settings = self._settings
        wanted = {
            "url": settings.events_url,
            "until": datetime.now(UTC).isoformat(),
            "index": str(settings.index),
            "sop": str(settings.sop),
        }
        # The address may hold a password, so it is told by a pipe, where nobody else sees it.
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "search_api.survey", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                told, _ = await child.communicate(json.dumps(wanted).encode())
            self.found = Survey.model_validate_json(told)
        except (TimeoutError, ValidationError):
            _logger.error(_FAILED)
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
