"""What commands say and show on a terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_MOST_LINES = 20
complaints = Console(stderr=True, highlight=False, soft_wrap=True)
results = Console(highlight=False, soft_wrap=True)


class ProgressBar(Progress):
    """Shows what a build is doing, on a terminal only."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=complaints,
            transient=True,
            disable=not complaints.is_terminal,
        )

    def say(self, message: str) -> None:
        """Print one sentence."""
        complaints.print(f"{message} …")

    def embed(self, total: int) -> Callable[[int], None]:
        """Show a bar for `total` texts."""
        task = self.add_task("embedding", total=total)
        return lambda done: self.advance(task, done)

    def count(self, doing: str, total: int) -> Callable[[int], None]:
        """Show a bar for `total` files."""
        task = self.add_task(doing, total=total)
        return lambda done: self.advance(task, done)

    def ask(self, name: str, total: int) -> Callable[[int], None]:
        """Show a bar for `total` questions to one dataset."""
        task = self.add_task(f"{name}: asking", total=total)
        return lambda done: self.advance(task, done)


def print_lines(heading: str, lines: list[str]) -> None:
    """Print lines to standard error, each under its heading, twenty at most."""
    for line in lines[:_MOST_LINES]:
        complaints.print(f"{heading}: {line}", markup=False)
    if len(lines) > _MOST_LINES:
        complaints.print(f"{heading}: and {len(lines) - _MOST_LINES} more; --json lists all")
