"""What this machine has computed before, by the digest of what it was computed from.

One SQLite file per kind below the user's cache folder. It can be deleted at any time: the
next build computes what is missing. A damaged file is set aside, not an error.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_UNUSED_DAYS = 90
# SQLite takes 999 values in one statement, in its oldest builds.
_AT_ONCE = 500
WAIT_S = 60
_logger = logging.getLogger("sop.cache")


def cache_folder() -> Path:
    """Return the folder of this program's caches: `$XDG_CACHE_HOME/sop-kb`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sop-kb"


class Cache:
    """Bytes by key, in one file.

    Several builds may use one cache at once: every call opens the file anew and holds no
    lock afterwards. A cache that cannot be used only means that more is computed.
    """

    def __init__(self, path: Path, wait_s: float = WAIT_S) -> None:
        """Use a file; wait up to `wait_s` seconds while another build writes."""
        self._path = path
        self._wait_s = wait_s
        # Found with today's date, so that there is nothing to note.
        self._fresh: set[bytes] = set()

    def find(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return what is known for each key; None where nothing is."""
        rows = self._with_database(lambda db: _read(db, keys)) or {}
        today = datetime.now(UTC).date().isoformat()
        self._fresh |= {key for key, (_, used) in rows.items() if used >= today}
        return [rows[key][0] if key in rows else None for key in keys]

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those keys that something is known for, without reading what."""
        return self._with_database(lambda db: _known(db, keys)) or set()

    def store(self, values: Iterable[tuple[bytes, bytes]]) -> None:
        """Remember a value for each key."""
        insert = "INSERT OR REPLACE INTO entry (key, value, used) VALUES (?, ?, date('now'))"
        self._with_database(lambda db: db.executemany(insert, values))

    def touch(self, keys: Iterable[bytes]) -> None:
        """Note that these were used today, and forget what no build used for long."""
        used = [key for key in keys if key not in self._fresh]
        # Whoever used all of them today before has looked for what is old.
        if used:
            self._with_database(lambda db: _touch(db, used))

    def _with_database(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Do one piece of work in one transaction; None when the file cannot be used.

        A damaged file is set aside. A locked or full one is left alone.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(_connect(self._path, self._wait_s)) as db, db:
                return work(db)
        except sqlite3.OperationalError as error:
            _logger.warning("%s is not used: %s", self._path.name, error)
        except sqlite3.DatabaseError:
            self._path.replace(self._path.with_suffix(".damaged"))
        return None


def _read(db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, tuple[bytes, str]]:
    """Return each known value, and when it was used last.

    Many keys at once take a third of the time of one by one.
    """
    found: dict[bytes, tuple[bytes, str]] = {}
    for some in _batches(keys):
        select = f"SELECT key, value, used FROM entry WHERE key IN ({_marks(some)})"  # noqa: S608  # question marks
        found |= {bytes(k): (bytes(value), used) for k, value, used in db.execute(select, some)}
    return found


def _known(db: sqlite3.Connection, keys: Sequence[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for some in _batches(keys):
        select = f"SELECT key FROM entry WHERE key IN ({_marks(some)})"  # noqa: S608  # the same
        found |= {bytes(key) for (key,) in db.execute(select, some)}
    return found


def _touch(db: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    for some in _batches(keys):
        where = f"used < date('now') AND key IN ({_marks(some)})"
        db.execute(f"UPDATE entry SET used = date('now') WHERE {where}", some)  # noqa: S608  # the same
    db.execute("DELETE FROM entry WHERE used < date('now', ?)", (f"-{_UNUSED_DAYS} days",))


def _batches(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (keys[first : first + _AT_ONCE] for first in range(0, len(keys), _AT_ONCE))


def _marks(keys: Sequence[bytes]) -> str:
    return ",".join("?" * len(keys))


def _connect(path: Path, wait_s: float) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=wait_s)
    # A lost cache costs a minute of work, so no write waits for the disk.
    db.execute("PRAGMA synchronous = OFF")
    db.execute(
        "CREATE TABLE IF NOT EXISTS entry "
        "(key BLOB PRIMARY KEY, value BLOB NOT NULL, used TEXT NOT NULL) WITHOUT ROWID"
    )
    return db
