"""What a service does to its log by itself: every day it deletes what is too old."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from indexer.errors import SopError
from search_api.events.audit import AuditRecord
from search_api.events.erasure import Target
from search_api.events.upkeep import Places, apply_retention
from search_api.public_texts import public_texts
from search_api.routine import Routine
from search_api.settings import Settings

_DAY_S, _HOUR_S = 24 * 60 * 60.0, 60 * 60.0
_WHO = "the service"
_logger = logging.getLogger("sop.events")


class Upkeep:
    """Applies `retention_days` at the start and then every day, in a thread of its own.

    Attributes:
        last_success: when nothing that is too old was left, in Unix seconds; 0 before that.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepare; without `retention_days` nothing is ever deleted."""
        self.last_success = 0.0
        self._settings = settings
        self._routine = Routine("upkeep", self._apply, _logger, first_s=0.0, again_s=_HOUR_S)

    def start(self) -> None:
        """Begin, where there is something to do."""
        if self._settings.retention_days is not None:
            self._routine.start()

    def stop(self) -> None:
        """Begin nothing more; what a database is doing is safe to leave."""
        self._routine.stop()

    def _apply(self) -> float:
        """Delete what is too old; return after how many seconds to look again."""
        now, settings = datetime.now(UTC), self._settings
        places = Places(
            settings.events_url,
            settings.backups_folder,
            settings.reports_folder,
            public_texts(settings.index),
        )
        target = Target(before=now - timedelta(days=settings.retention_days or 0))
        record = AuditRecord(now, _WHO, "retention", 0, [], "")
        try:
            done = apply_retention(places, target, record, _logger.info)
        except SopError as error:
            _logger.error("what is too old was not deleted: %s", error)
            # What failed is tried again sooner.
            return _HOUR_S
        if done is None or not done.remains:
            self.last_success = now.timestamp()
        if done is not None:
            _logger.info(
                "deleted what is too old: %d questions, %d feedback",
                done.found.questions,
                done.found.feedback,
            )
            # Told of every day, until somebody has seen to it.
            for sentence in done.remains:
                _logger.warning("deleting what is too old is not finished: %s", sentence)
        return _DAY_S
