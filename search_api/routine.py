"""A thread that does one thing again and again, for as long as the service runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable


class Routine:
    """Does some work, waits as long as the work says, and goes on; nothing ends it but `stop`."""

    def __init__(
        self,
        name: str,
        work: Callable[[], float],
        logger: logging.Logger,
        *,
        first_s: float,
        again_s: float,
    ) -> None:
        """Prepare.

        Args:
            name: of the thread.
            work: does it once, and returns after how many seconds it is to be done again.
            logger: is told of what went wrong.
            first_s: seconds until the first time.
            again_s: seconds until it is tried again after something went wrong.
        """
        self._work = work
        self._logger = logger
        self._first_s, self._again_s = first_s, again_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped.set()

    def _run(self) -> None:
        pause_s = self._first_s
        while not self._stopped.wait(pause_s):
            try:
                pause_s = self._work()
            except Exception:
                # Whatever it was, the next time may go well; a dead thread is noticed by nobody.
                self._logger.exception("%s failed; it is tried again", self._thread.name)
                pause_s = self._again_s
