"""The database of events: how it is opened, and what goes wrong with it in words.

SQLite is durable here: write-ahead log, a commit is on the disk when it returns, and what is
deleted is overwritten. A file that was exchanged is opened again. PostgreSQL must have a commit
on its disk too, and one that says nothing any more is hung up on.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from indexer.errors import SopError
from search_api.settings import SettingsError

_WRITE_PATIENCE_S = 5
# A check or a report had better say that there is no log than keep a person waiting for it.
_READ_PATIENCE_S = 2
_WAIT_FOR_DISK = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
_FILE, _TIMER = "file", "timer"
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON")


class EventStoreError(SopError):
    """The database did not take or give an event."""


def open_engine(url: str, hang_up_s: float | None = None) -> sa.Engine:
    """Return the database at `url`, to read and to write; nothing is opened yet.

    Args:
        url: SQLAlchemy's address.
        hang_up_s: seconds after which a server that does not answer is given up; a service
            needs that, a command that rewrites tables must not have it.

    Raises:
        SettingsError: the URL is none, or its driver is not installed.
    """
    try:
        engine = sa.create_engine(url, **_options(url, hang_up_s))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SettingsError(
            f"events_url: {error}; is it like sqlite:///var/events.db, and is the "
            "database's driver installed?"
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _make_durable)
        _reopen_exchanged(engine)
    elif engine.driver.startswith("psycopg"):
        sa.event.listen(engine, "connect", _make_server_durable(hang_up_s))
        if hang_up_s is not None:
            _hang_up_after(engine, hang_up_s)
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


def identity_of(url: sa.URL | str) -> tuple[int, int] | None:
    """Return which file a SQLite database is now; None where there is none."""
    path = file_of(url)
    try:
        status = path.stat() if path is not None else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status else None


def make_private(engine: sa.Engine) -> None:
    """Create a SQLite file that only its owner can read; its other files get the same mode."""
    database = file_of(engine.url)
    if database is not None and not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))


def cause(error: Exception) -> str:
    """Return an error's cause without the statement's values, which are somebody's words."""
    return type(getattr(error, "orig", None) or error).__name__


def _options(url: str, hang_up_s: float | None) -> dict[str, Any]:
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _WRITE_PATIENCE_S}}
    # A server that was restarted has closed what the pool still holds.
    options: dict[str, Any] = {
        "pool_pre_ping": hang_up_s is None,
        "pool_timeout": _WRITE_PATIENCE_S,
    }
    if address.get_dialect().driver.startswith("psycopg") and (
        "connect_timeout" not in address.query
    ):
        options["connect_args"] = {"connect_timeout": _WRITE_PATIENCE_S}
    return options


def _make_durable(connection: Any, record: Any) -> None:
    """Make a commit survive a power cut, while readers do not wait for writers."""
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
    (path,) = cursor.fetchone()
    cursor.close()
    record.info[_FILE] = identity_of(f"sqlite:///{path}") if path else None


def _reopen_exchanged(engine: sa.Engine) -> None:
    """Open a file again that was deleted or exchanged: what is written to the old one is lost."""

    def demand_same(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get(_FILE) != identity_of(engine.url):
            raise DisconnectionError

    sa.event.listen(engine, "checkout", demand_same)


def _make_server_durable(hang_up_s: float | None) -> Callable[[Any, Any], None]:
    """Return what makes a new connection wait for the server's disk, and for nobody for long."""
    wanted = [_WAIT_FOR_DISK]
    if hang_up_s is not None:
        limit = int(_WRITE_PATIENCE_S * 1000)
        wanted += (f"SET {name} = {limit}" for name in ("statement_timeout", "lock_timeout"))

    def set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in wanted:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return set_up


def _hang_up_after(engine: sa.Engine, seconds: float) -> None:
    """Close a connection that was taken and not given back in time, from outside.

    A server that is stopped, or a network that swallows everything, sends no error, and the
    driver waits for ever. A connection is tried before it is given out, for the same reason
    and under the same limit.
    """

    def take(connection: Any, record: Any, _proxy: Any) -> None:
        line = socket.socket(fileno=os.dup(connection.fileno()))
        timer = threading.Timer(seconds, _shut, (line,))
        timer.daemon = True
        record.info[_TIMER] = (timer, line)
        timer.start()
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            cursor.close()
            connection.rollback()
        except engine.dialect.loaded_dbapi.Error as error:
            give_back(connection, record)
            raise DisconnectionError from error

    def give_back(_connection: Any, record: Any) -> None:
        timer, line = record.info.pop(_TIMER, (None, None))
        if timer is not None:
            timer.cancel()
            line.close()

    sa.event.listen(engine, "checkout", take)
    sa.event.listen(engine, "checkin", give_back)


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _read_only(url: sa.URL) -> sa.Engine:
    """Return a SQLite database that is neither made nor changed by looking at it."""
    path = file_of(url) or Path(":memory:")
    address = f"{path.absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, timeout=_READ_PATIENCE_S, uri=True)

    return sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)
