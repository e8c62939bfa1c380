"""What is kept of practice: how many tries a day, by what was right and what was chosen.

Nobody is in it, no text and no time of day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from search_api.events.database import (
    EventStoreError,
    cause,
    connected_for_reading,
    open_engine,
)
from search_api.events.event import Source
from search_api.events.place import has_log
from search_api.events.schema import upgrade
from search_api.events.tables import AUDIT, PRACTICE

# After these nothing that was read from the log before may be shown any more.
_TAKES_AWAY = ("erase", "retention", "restore")


@dataclass(frozen=True, slots=True)
class Tries:
    """How often one article was chosen on a day where another one, or the same, was right.

    Attributes:
        day: in UTC.
        answer: id of the article that was right; None where none of the choices was.
        chosen: id of the article that was chosen; None for "none of these".
        count: how many tries, at least 1.
        source: `demo` where it was made up.
    """

    day: date
    answer: str | None
    chosen: str | None
    count: int
    source: Source = "api"

    @property
    def is_right(self) -> bool:
        """Whether what was chosen is what was right."""
        return self.answer == self.chosen


def count_try(url: str, day: date, answer: str | None, chosen: str | None) -> None:
    """Count a try; it is on disk when this returns.

    Raises:
        EventStoreError: it could not be counted.
        SettingsError: see `open_engine`.
    """
    engine = open_engine(url)
    try:
        upgrade(engine)
        with engine.begin() as connection:
            add_tries(connection, [Tries(day, answer, chosen, 1)])
    except (SQLAlchemyError, OSError) as error:
        raise EventStoreError(f"the try could not be counted ({cause(error)})") from error
    finally:
        engine.dispose()


def add_tries(connection: sa.Connection, found: Iterable[Tries]) -> None:
    """Add tries to what was counted before, within somebody's transaction."""
    table = PRACTICE.c
    for one in found:
        key = {
            "day": one.day,
            "answer": one.answer or "",
            "chosen": one.chosen or "",
            "source": one.source,
        }
        more = PRACTICE.update().where(*(table[name] == value for name, value in key.items()))
        more = more.values(tries=table.tries + one.count)
        if connection.execute(more).rowcount:
            continue
        try:
            with connection.begin_nested():
                connection.execute(PRACTICE.insert().values(**key, tries=one.count))
        except IntegrityError:
            # Another process counted the first one at the same moment.
            connection.execute(more)


def read_tries(url: str, since: date, until: date) -> list[Tries]:
    """Return what was tried from a day on and before another, the oldest first.

    Where there is no log, and in one of an older form, there are none.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    if not has_log(url):
        return []
    table = PRACTICE.c
    query = (
        sa.select(table.day, table.answer, table.chosen, table.tries, table.source)
        .where(table.day >= since, table.day < until)
        .order_by(table.day, table.answer, table.chosen, table.source)
    )
    with connected_for_reading(url) as connection:
        if not sa.inspect(connection).has_table(PRACTICE.name):
            return []
        return [
            Tries(row.day, row.answer or None, row.chosen or None, row.tries, row.source)
            for row in connection.execute(query)
        ]


def last_taken_away(url: str) -> tuple[int, datetime] | None:
    """Return number and time of the last record that something was taken out of the log for good.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    query = (
        sa.select(AUDIT.c.id, AUDIT.c.at)
        .where(AUDIT.c.command.in_(_TAKES_AWAY))
        .order_by(AUDIT.c.id.desc())
        .limit(1)
    )
    if not has_log(url):
        return None
    with connected_for_reading(url) as connection:
        if not sa.inspect(connection).has_table(AUDIT.name):
            return None
        row = connection.execute(query).first()
        return (row.id, row.at) if row else None
