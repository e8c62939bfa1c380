"""Copies of a log that a broken-off backup or restore has left: found, and deleted when stale."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_PARTS = ("-wal", "-shm", "-journal", "")
_OF_BACKUP = re.compile(r"\..+\.db\.(\d+)")


def aside_of(target: Path, kind: str = "") -> Path:
    """Return where a file is made before it gets its name; whoever looks can tell who makes it."""
    return target.with_name(f".{target.name}{kind}.{os.getpid()}")


def restored_aside(log: Path) -> Path:
    """Return where a backup is made fit to be the log."""
    return aside_of(log, ".restoring")


def asides_in(folder: Path) -> Sequence[Path]:
    """Return unfinished backups in a folder of backups."""
    return sorted(path for path in folder.glob(".*") if _OF_BACKUP.fullmatch(path.name))


def asides_beside(log: Path) -> Sequence[Path]:
    """Return unfinished restores beside a log; older versions did not say whose they are."""
    name = re.compile(rf"\.{re.escape(log.name)}\.restoring(?:\.\d+)?")
    return sorted(path for path in log.parent.glob(".*") if name.fullmatch(path.name))


def remove_stale(asides: Sequence[Path]) -> None:
    """Delete those that nobody is making any more."""
    for path in asides:
        pid = path.suffix.removeprefix(".")
        if not pid.isdigit() or not _is_at_work(int(pid)):
            remove_database(path)


def remove_database(path: Path) -> None:
    """Delete a database that is not finished, with what belongs to it."""
    for suffix in _PARTS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def _is_at_work(pid: int) -> bool:
    """Tell whether another process has this number; what this one made it has finished."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
