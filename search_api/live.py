"""The snapshot that serves now, and its replacement when a new one is published.

The running snapshot is one immutable object behind one reference. A new one is opened
beside it, and only when it is verified and loaded does the reference change. A snapshot
that cannot be opened is reported once, and the old one goes on serving.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from indexer.errors import SnapshotError
from indexer.snapshot import Pointer, Snapshot, read_pointer, stored_snapshots
from search_api.notices import NoticeBoard
from search_api.redaction import redactor_of
from search_api.settings import Settings
from search_api.suggest import Suggester

_logger = logging.getLogger("sop.index")
# Every question is encoded by the worker thread that took it.
_ENCODER_THREADS = 1
_RETRY_S = 60


class LiveIndex:
    """Holds the serving `Suggester`.

    Attributes:
        suggester: None while no snapshot could be opened.
        failures: how many published snapshots could not be opened since the start.
    """

    def __init__(self, settings: Settings, board: NoticeBoard | None = None) -> None:
        self._settings, self._board = settings, board
        self._tried: Pointer | None = None
        self._retry_at = 0.0
        self._pointer_fault: str | None = None
        self._snapshot_fault: str | None = None
        self.suggester: Suggester | None = None
        self.failures = 0

    @property
    def fault(self) -> str | None:
        """Why the published snapshot is not the one that serves; None when it is."""
        return self._pointer_fault or self._snapshot_fault

    def open_first(self) -> None:
        """Open the published snapshot; if that fails, the newest older one that is intact."""
        self._follow_pointer()
        if self.suggester is not None:
            return
        for snapshot_id in stored_snapshots(self._settings.index):
            if self._tried and snapshot_id == self._tried.snapshot:
                continue
            try:
                snapshot = Snapshot.open(self._settings.index, snapshot_id, _ENCODER_THREADS)
            except SnapshotError as error:
                _logger.error("%s", error)
            else:
                self._serve(snapshot)
                return

    async def watch(self) -> None:
        """Look for a new snapshot for ever."""
        while True:
            await asyncio.sleep(self._settings.reload_s)
            await asyncio.to_thread(self._follow_pointer)

    def _follow_pointer(self) -> None:
        """Open what is published, unless that was tried already; never raises."""
        try:
            pointer = read_pointer(self._settings.index)
        except SnapshotError as error:
            self._pointer_fault = str(error)
            return
        self._pointer_fault = None
        is_failed = self._snapshot_fault is not None
        if pointer == self._tried and not (is_failed and time.monotonic() >= self._retry_at):
            return
        self._tried = pointer
        # What failed for want of memory or by a fault of the disk may go well later.
        self._retry_at = time.monotonic() + _RETRY_S
        try:
            self._serve(Snapshot.open(self._settings.index, threads=_ENCODER_THREADS))
        except SnapshotError as error:
            self._refuse(str(error))
        except Exception as error:  # noqa: BLE001  # the next look must take place
            self._refuse(f"the published snapshot cannot be used: {error}")
        else:
            self._snapshot_fault = None

    def _refuse(self, fault: str) -> None:
        """Count and remember why the published snapshot does not serve; log each fault once."""
        self.failures += 1
        if self._snapshot_fault != fault:
            _logger.error("%s", fault)
        self._snapshot_fault = fault

    def _serve(self, snapshot: Snapshot) -> None:
        suggester = Suggester(
            snapshot, self._settings.public_url, redactor_of(self._settings), self._board
        )
        # The first question would otherwise pay for the libraries' one-time work.
        suggester.warm_up()
        self.suggester = suggester
        _logger.info("serving snapshot %s", snapshot.manifest.id)


def site_folder(live: LiveIndex, settings: Settings) -> Path | None:
    """Return the site to serve: the one that was set, else the serving snapshot's own."""
    if settings.site is not None:
        return settings.site
    return live.suggester.snapshot.site if live.suggester else None
