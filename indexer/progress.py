"""Who is told what long work is doing while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Is told what a build is doing while it runs."""

    def say(self, message: str) -> None:
        """Announce work that takes a while."""

    def embed(self, total: int) -> Callable[[int], None]:
        """Announce `total` texts to embed; the result is called with 1 after each."""


class Silence:
    """Reports nothing."""

    def say(self, message: str) -> None:
        """Drop the message."""

    def embed(self, total: int) -> Callable[[int], None]:  # noqa: ARG002  # the protocol's
        """Count for nobody."""
        return lambda _done: None
