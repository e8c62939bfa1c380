"""What a log is and how much it holds, for an operator; nothing of what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from search_api.events.database import (
    EventStoreError,
    cause,
    connected_for_reading,
    file_of,
    open_engine,
)
from search_api.events.schema import NEWEST, upgrade, version
from search_api.events.store import store_of
from search_api.events.tables import FEEDBACK, QUESTIONS


@dataclass(frozen=True, slots=True)
class Status:
    """What a log says of itself.

    Attributes:
        where: its address, without a password.
        form: the name of its last migration; None for a log of the first form or an empty one.
        first: when the oldest question was asked.
        last: when the newest question was asked.
        size_bytes: of its files, or of the server's database; None where nobody tells.
    """

    where: str
    form: str | None
    is_newest: bool
    region: str | None
    is_demo: bool
    is_rewrite_due: bool
    questions: int
    feedback: int
    first: datetime | None
    last: datetime | None
    size_bytes: int | None


def read_status(url: str) -> Status:
    """Return what a log is; nothing is written.

    Raises:
        EventStoreError: it cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        form, store = version(connection), store_of(connection)
        asked = QUESTIONS.c.asked_at
        has_questions = sa.inspect(connection).has_table(QUESTIONS.name)
        first, last = None, None
        if has_questions:
            first, last = connection.execute(
                sa.select(sa.func.min(asked), sa.func.max(asked))
            ).one()
        return Status(
            where=sa.make_url(url).render_as_string(hide_password=True),
            form=form,
            is_newest=form == NEWEST,
            region=store.region,
            is_demo=store.is_demo,
            is_rewrite_due=store.is_rewrite_due,
            questions=_count(connection, QUESTIONS) if has_questions else 0,
            feedback=_count(connection, FEEDBACK) if has_questions else 0,
            first=first,
            last=last,
            size_bytes=_size(connection, file_of(url)),
        )


def bring_up(url: str) -> None:
    """Bring a log to the newest form.

    Raises:
        EventStoreError: it is of a newer version, or cannot be written.
        SettingsError: see `open_engine`.
    """
    engine = open_engine(url)
    try:
        upgrade(engine)
    except (SQLAlchemyError, OSError) as error:
        raise EventStoreError(
            f"the log keeps its form ({cause(error)}); is another program busy with it, or may "
            "you not write it?"
        ) from error
    finally:
        engine.dispose()


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _size(connection: sa.Connection, path: Path | None) -> int | None:
    if path is not None:
        parts = (path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))
        return sum(part.stat().st_size for part in parts if part.exists())
    if connection.dialect.name == "postgresql":
        size = connection.exec_driver_sql("SELECT pg_database_size(current_database())")
        return int(size.scalar_one())
    return None
