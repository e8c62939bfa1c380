"""Writes the files of a log anew, so that no byte of what was deleted is left in them.

A database keeps what it deleted: in free pages, in its write-ahead log, in statistics. Each
kind is told to give that up in its own way, and what could not be done is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from search_api.events.database import EventStoreError, cause
from search_api.events.store import unmark_rewrite
from search_api.events.tables import PERSONAL

PATIENCE_S = 60.0
_PAUSE_S = 0.2
_STATISTICS = "pg_catalog.pg_statistic"
_GRANTS = (
    "GRANT pg_checkpoint, pg_monitor TO {role}; "
    "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {role}; then run this again"
)

_WAL_STAYS = (
    "the server's write-ahead log keeps the deleted rows until it overwrites them, since this "
    "role may not have it overwritten: "
)
_SEGMENTS_STAY = (
    "the server keeps {count} old segments of its write-ahead log, for wal_keep_size, a "
    "replication slot or an archive; they hold the deleted rows until it removes them"
)

Say = Callable[[str], None]


def rewrite(engine: sa.Engine, say: Say, patience_s: float = PATIENCE_S) -> tuple[str, ...]:
    """Write a log's files anew; a service may use it meanwhile.

    Args:
        engine: the log, of the newest form.
        say: is told what takes long.
        patience_s: how long others may hold the log.

    Returns:
        Where bytes of what was deleted may still be, one sentence each; nothing where none is.

    Raises:
        EventStoreError: it could not be done; rows that were deleted stay deleted.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if engine.dialect.name == "sqlite":
                _rewrite_sqlite(connection, patience_s)
                remains: tuple[str, ...] = ()
            elif engine.dialect.name == "postgresql":
                remains = _rewrite_postgresql(connection, say, patience_s)
            else:
                remains = (
                    f"nobody has found out what {engine.dialect.name} keeps of deleted rows",
                )
            if not remains:
                unmark_rewrite(connection)
            if engine.dialect.name == "sqlite":
                _empty_wal(connection, time.monotonic() + patience_s)
    except (SQLAlchemyError, OSError) as error:
        raise _unfinished(cause(error)) from error
    return remains


def _unfinished(why: str) -> EventStoreError:
    return EventStoreError(
        f"the rows are deleted, but their bytes are still in the log's files ({why}); is another "
        "program using it for long, or the disk full? Then run this again"
    )


def _rewrite_sqlite(connection: sa.Connection, patience_s: float) -> None:
    """Rewrite the file, and empty the write-ahead log that it was rewritten through."""
    end = time.monotonic() + patience_s
    connection.exec_driver_sql("PRAGMA busy_timeout = 1000")
    while True:
        try:
            connection.exec_driver_sql("VACUUM")
            break
        except SQLAlchemyError as error:
            if "locked" not in str(getattr(error, "orig", "")) or time.monotonic() > end:
                raise
            time.sleep(_PAUSE_S)
    _empty_wal(connection, end)


def _empty_wal(connection: sa.Connection, end: float) -> None:
    """Move everything from the write-ahead log into the file; wait for whoever reads it."""
    while True:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        if not busy:
            return
        if time.monotonic() > end:
            raise _unfinished("somebody is reading them")
        time.sleep(_PAUSE_S)


def _rewrite_postgresql(connection: sa.Connection, say: Say, patience_s: float) -> tuple[str, ...]:
    connection.exec_driver_sql(f"SET lock_timeout = {int(patience_s * 1000)}")
    remains = []
    if not _outlive_others(connection, patience_s):
        remains.append(
            "the tables keep the deleted rows, since a transaction, replica or replication slot "
            "on the server is older than the deletion; end it and run this again"
        )
    say("rewriting the log's tables")
    for table in PERSONAL:
        _forget_statistics(connection, table)
        if not _rewritten(connection, table.name):
            remains.append(
                f"the table {table.name} keeps the deleted rows, since only its owner may "
                "rewrite it; run this as its owner"
            )
    if not _rewritten(connection, _STATISTICS):
        remains.append(
            "the server's statistics may keep values of the deleted rows, since only the "
            f"database's owner may rewrite {_STATISTICS}; run this as the owner"
        )
    for table in PERSONAL:
        connection.exec_driver_sql(f"ANALYZE {table.name}")
    return *remains, *_overwrite_wal(connection, say), *_copies(connection)


def _outlive_others(connection: sa.Connection, patience_s: float) -> bool:
    """Wait until nobody can see the deleted rows any more: those would be rewritten too."""
    now = connection.exec_driver_sql("SELECT pg_current_xact_id()::xid::text").scalar_one()
    older = sa.text(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND age(backend_xmin) >= age(CAST(:now AS xid)) AND backend_xmin IS NOT NULL"
        " AND (datname IS NULL OR datname = current_database()))"
        " + (SELECT count(*) FROM pg_replication_slots"
        " WHERE age(xmin) >= age(CAST(:now AS xid)))"
        " + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())"
    )
    end = time.monotonic() + patience_s
    while connection.execute(older, {"now": now}).scalar_one():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE_S)
    return True


def _forget_statistics(connection: sa.Connection, table: sa.Table) -> None:
    """Drop the samples of a table's values; a change to the same type does that and no more."""
    changes = ", ".join(
        f"ALTER COLUMN {column.name} TYPE {column.type.compile(connection.dialect)}"
        for column in table.columns
    )
    try:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} {changes}")
    except DBAPIError as error:
        if not _is_denied(error):
            raise


def _rewritten(connection: sa.Connection, table: str) -> bool:
    """Rewrite a table; tell whether it was, since the server only warns where it may not be."""
    file = sa.text("SELECT pg_relation_filenode(CAST(:table AS regclass))")
    before = connection.execute(file, {"table": table}).scalar_one()
    connection.exec_driver_sql(f"VACUUM (FULL) {table}")
    return bool(connection.execute(file, {"table": table}).scalar_one() != before)


def _overwrite_wal(connection: sa.Connection, say: Say) -> tuple[str, ...]:
    """Overwrite every segment of the write-ahead log that may hold what was deleted.

    A checkpoint gives old segments new names and leaves what is in them, to be overwritten
    some day. A switch fills a segment with zeros to its end; so each is switched past once.
    """
    role = connection.exec_driver_sql("SELECT quote_ident(current_user)").scalar_one()
    try:
        last = _switch(connection)
        connection.exec_driver_sql("CHECKPOINT")
        stale = max(_segments(connection))
        steps = len(_segments(connection)) + 2
        say(f"overwriting the server's write-ahead log, {steps} segments")
        for _step in range(steps):
            if _switch(connection) >= stale:
                break
        connection.exec_driver_sql("CHECKPOINT")
        kept = [name for name in _segments(connection) if name <= last]
    except DBAPIError as error:
        if not _is_denied(error):
            raise
        return (_WAL_STAYS + _GRANTS.format(role=role),)
    return (_SEGMENTS_STAY.format(count=len(kept)),) if kept else ()


def _switch(connection: sa.Connection) -> str:
    """Fill the current segment of the write-ahead log to its end; return its name."""
    # A switch at a segment's start does nothing.
    connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'sop', '')")
    name = connection.exec_driver_sql("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    filled = str(name.scalar_one())
    connection.exec_driver_sql("SELECT pg_switch_wal()")
    return filled


def _segments(connection: sa.Connection) -> list[str]:
    found = connection.exec_driver_sql(
        "SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'"
    )
    return list(found.scalars())


def _copies(connection: sa.Connection) -> tuple[str, ...]:
    """Return what the server hands its write-ahead log on to, and cannot be reached from here."""
    found = []
    if connection.exec_driver_sql("SHOW archive_mode").scalar_one() != "off":
        found.append(
            "the server archives its write-ahead log; what is there has the deleted rows until "
            "you delete it"
        )
    if connection.exec_driver_sql("SELECT count(*) FROM pg_stat_replication").scalar_one():
        found.append(
            "the server has replicas; each keeps a write-ahead log of its own until it "
            "overwrites it"
        )
    return tuple(found)


def _is_denied(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "42501"
