"""A thread of the service that posts approved reports at their time."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from indexer.errors import SopError
from search_api.events.place import has_log
from search_api.reports.posting import post_due
from search_api.routine import Routine
from search_api.settings import Settings

_EVERY_S = 60.0
_logger = logging.getLogger("sop.reports")


class Poster:
    """Looks each minute for what is to go out; never raises."""

    def __init__(self, settings: Settings, every_s: float = _EVERY_S) -> None:
        """Prepare; without `post_reports_at` nothing is ever posted by itself."""
        self._settings = settings
        self._every_s = every_s
        self._routine = Routine(
            "report-poster", self._post, _logger, first_s=every_s, again_s=every_s
        )

    def start(self) -> None:
        """Begin, where there is something to do."""
        if self._settings.post_reports_at is not None:
            self._routine.start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._routine.stop()

    def _post(self) -> float:
        """Post what is due; return after how many seconds to look again."""
        try:
            # A log that nobody has written to yet is no fault.
            if has_log(self._settings.events_url):
                for title in post_due(self._settings, datetime.now(UTC)):
                    _logger.info("posted: %s", title)
        except SopError as error:
            _logger.error("reports were not posted: %s", error)
        return self._every_s
