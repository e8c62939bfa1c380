"""The database of events: how it is opened, and what goes wrong with it in words.

SQLite is durable here: write-ahead log, a commit is on the disk when it returns, and what is
deleted is overwritten. A server such as PostgreSQL keeps its own promises.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from indexer.errors import SopError
from search_api.settings import SettingsError

_WRITE_PATIENCE_S = 5
# A check or a report had better say that there is no log than keep a person waiting for it.
_READ_PATIENCE_S = 2
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON")


class EventStoreError(SopError):
    """The database did not take or give an event."""


def open_engine(url: str) -> sa.Engine:
    """Return the database at `url`, to read and to write; nothing is opened yet.

    Raises:
        SettingsError: the URL is none, or its driver is not installed.
    """
    try:
        engine = sa.create_engine(url, **_options(url))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SettingsError(
            f"events_url: {error}; is it like sqlite:///var/events.db, and is the "
            "database's driver installed?"
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _make_durable)
    return engine


@contextmanager
def connected_for_reading(url: str) -> Iterator[sa.Connection]:
    """Give a connection that cannot write, where the database has such a thing.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    engine = open_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            engine = _read_only(engine.url)
        elif engine.driver.startswith("psycopg"):
            patience = {"connect_timeout": _READ_PATIENCE_S}
            engine = sa.create_engine(engine.url, connect_args=patience, poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise EventStoreError(
            f"the log of questions cannot be read ({cause(error)}); "
            "is the database of events_url there, and may you read it?"
        ) from error
    finally:
        engine.dispose()


def file_of(url: sa.URL | str) -> Path | None:
    """Return the file of a SQLite database; None for a server, and for one in memory."""
    address = sa.make_url(url)
    path = (address.database or "").removeprefix("file:")
    if address.get_backend_name() != "sqlite" or path in ("", ":memory:"):
        return None
    return Path(path)


def make_private(engine: sa.Engine) -> None:
    """Create a SQLite file that only its owner can read; its other files get the same mode."""
    database = file_of(engine.url)
    if database is not None and not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))


def cause(error: Exception) -> str:
    """Return an error's cause without the statement's values, which are somebody's words."""
    return type(getattr(error, "orig", None) or error).__name__


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": _WRITE_PATIENCE_S}}
    # A server that was restarted has closed what the pool still holds.
    return {"pool_pre_ping": True}


def _make_durable(connection: Any, _record: Any) -> None:
    """Make a commit survive a power cut, while readers do not wait for writers."""
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _read_only(url: sa.URL) -> sa.Engine:
    """Return a SQLite database that is neither made nor changed by looking at it."""
    path = file_of(url) or Path(":memory:")
    address = f"{path.absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, timeout=_READ_PATIENCE_S, uri=True)

    return sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)
