"""The support database for tests: built from SQL files, then opened so that nothing can write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_SQL = Path(__file__).parent / "platform"
# What a query needs. Everything else, `ATTACH` and `PRAGMA` included, is refused.
_ALLOWED = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    )
)


def build_database(path: Path) -> Path:
    """Write the tables and their rows to a new file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for name in ("schema.sql", "rows.sql"):
            connection.executescript((_SQL / name).read_text(encoding="utf-8"))
        connection.commit()
    return path


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open what `build_database` wrote: the file is read only, and so is every statement."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.set_authorizer(_authorize)
    return connection


def columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the columns of every table, in their order."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {
        name: [column[0] for column in connection.execute(f'SELECT * FROM "{name}"').description]  # noqa: S608 (names of the schema)
        for (name,) in tables.fetchall()
        if not name.startswith("sqlite_")
    }


def _authorize(action: int, *_about: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
