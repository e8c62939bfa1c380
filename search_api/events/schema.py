"""The form of a log's tables: whether it is the newest, and the way there.

Whoever writes first brings an older form to the newest, under a lock, so that several
processes may start at once. One look tells that a database is up to date; the library that
changes tables is loaded only when there is something to change.
"""

from __future__ import annotations

import sqlalchemy as sa

from search_api.events.database import EventStoreError, make_private

# The last of `migrations/versions`; a test compares.
NEWEST = "0004"
_VERSION = sa.table("alembic_version", sa.column("version_num"))
# Any number that no other program is likely to lock.
_LOCK = 7_365_704


def upgrade(engine: sa.Engine) -> None:
    """Make the tables, or bring those of an older version to this one; what they hold stays.

    Raises:
        EventStoreError: the log was written by a newer version.
        SQLAlchemyError: the database cannot be written.
    """
    make_private(engine)
    with engine.connect() as connection:
        if version(connection) == NEWEST:
            return
        connection.rollback()
        lock(connection)
        # Meanwhile another process may have been here.
        found = version(connection)
        if found is not None and found > NEWEST:
            raise EventStoreError(
                f"the log of questions has the form {found} of a newer sop, and this one knows "
                f"{NEWEST}; update this one"
            )
        if found != NEWEST:
            from search_api.events.migrate import migrate

            migrate(connection)
        connection.commit()


def version(connection: sa.Connection) -> str | None:
    """Return the name of the form that a database has; None before the first migration."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar()


def lock(connection: sa.Connection) -> None:
    """Wait until no other process changes the tables; let go with the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
