"""Byte searches for tests: which files hold a text, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def files_with_bytes(folder: Path, needles: Iterable[str | bytes]) -> list[str]:
    """Return which files below a folder hold which of the texts, as `path: text`."""
    wanted = [needle.encode() if isinstance(needle, str) else needle for needle in needles]
    found = []
    for path in sorted(folder.rglob("*")):
        # A server removes files while somebody looks.
        with suppress(FileNotFoundError):
            if path.is_file():
                content = path.read_bytes()
                found += [f"{path.relative_to(folder)}: {n!r}" for n in wanted if n in content]
    return found
