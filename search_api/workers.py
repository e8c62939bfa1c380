"""The bounded queue in front of the encoder: work off the event loop, and not too much of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class OverloadedError(Exception):
    """The queue is full; the caller should come back in a second."""


class Workers:
    """Runs blocking work in a few threads and refuses what would wait too long."""

    def __init__(self, threads: int, queue_limit: int, name: str) -> None:
        """Work in `threads` threads; at most `queue_limit` calls wait for one of them."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + queue_limit
        self._busy = 0

    @property
    def busy(self) -> int:
        """How many calls are being worked on or wait."""
        return self._busy

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, without blocking the event loop.

        Raises:
            OverloadedError: too many calls are waiting already.
        """
        if self._busy >= self._most:
            raise OverloadedError
        return await self._run(work)

    async def run_each(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        """Return what each piece of work returns, in order.

        They take turns with what others ask: at most one of them waits at a time.

        Raises:
            OverloadedError: too many calls are waiting already.
        """
        if self._busy >= self._most:
            raise OverloadedError
        return [await self._run(work) for work in works]

    async def _run(self, work: Callable[[], Result]) -> Result:
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Finish what was begun, start nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
