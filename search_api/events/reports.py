"""Reports that people have signed: notes below them, approval, and who took a shift over.

What was approved is kept as it was. A draft is not stored: it is counted anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from indexer.errors import SopError
from search_api.events.database import (
    EventStoreError,
    cause,
    connected_for_reading,
    open_engine,
)
from search_api.events.schema import upgrade
from search_api.events.tables import NOTES, REPORTS


class ReportError(SopError):
    """A report cannot be signed as somebody wants."""


@dataclass(frozen=True, slots=True)
class StoredNote:
    """What somebody wrote below a report; redacted."""

    author: str
    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report with what people said of it.

    Attributes:
        id: its number, for routes.
        kind: `daily`, `handover` or `weekly`.
        content: the report as it was approved; None while it is a draft.
    """

    id: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    content: Mapping[str, Any] | None
    approved_by: str | None
    approved_at: datetime | None
    posted_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    notes: tuple[StoredNote, ...] = ()


def read_report(url: str, kind: str, starts_at: datetime) -> StoredReport | None:
    """Return what is stored of a report; None where nobody has signed it.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        found = _read(connection, REPORTS.c.kind == kind, REPORTS.c.starts_at == starts_at)
    return found[0] if found else None


def read_reports(url: str, *, limit: int, approved_only: bool = False) -> list[StoredReport]:
    """Return the newest stored reports, the newest first.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    wanted = [REPORTS.c.content.is_not(None)] if approved_only else []
    with connected_for_reading(url) as connection:
        return _read(connection, *wanted, limit=limit)


def add_note(url: str, kind: str, starts_at: datetime, ends_at: datetime, note: StoredNote) -> None:
    """Write a note below a report, approved or not.

    Raises:
        EventStoreError: the database cannot be written.
        SettingsError: see `open_engine`.
    """
    with _writing(url) as connection:
        report = _ensure(connection, kind, starts_at, ends_at)
        connection.execute(
            NOTES.insert().values(
                report=report, author=note.author, written_at=note.written_at, text=note.text
            )
        )


def approve(
    url: str,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    content: Mapping[str, Any],
    who: str,
    at: datetime,
) -> None:
    """Keep a report as it is now.

    Raises:
        ReportError: it is approved already; a correction is a note.
        EventStoreError: the database cannot be written.
        SettingsError: see `open_engine`.
    """
    with _writing(url) as connection:
        report = _ensure(connection, kind, starts_at, ends_at)
        done = connection.execute(
            REPORTS.update()
            .where(REPORTS.c.id == report, REPORTS.c.approved_at.is_(None))
            .values(content=content, approved_by=who, approved_at=at)
        )
        if not done.rowcount:
            raise ReportError(
                "this report is approved already and stays as it is; write what is to be "
                'corrected below it: --note "Correction: …"'
            )


def mark_posted(url: str, report_id: int, at: datetime) -> None:
    """Say that a report has gone out.

    Raises:
        EventStoreError: the database cannot be written.
        SettingsError: see `open_engine`.
    """
    with _writing(url) as connection:
        connection.execute(REPORTS.update().where(REPORTS.c.id == report_id).values(posted_at=at))


def acknowledge(url: str, report_id: int, who: str, at: datetime) -> None:
    """Say who of the next shift has taken a handover.

    Raises:
        ReportError: there is no such approved handover, or somebody has taken it already.
        EventStoreError: the database cannot be written.
        SettingsError: see `open_engine`.
    """
    with _writing(url) as connection:
        done = connection.execute(
            REPORTS.update()
            .where(
                REPORTS.c.id == report_id,
                REPORTS.c.kind == "handover",
                REPORTS.c.approved_at.is_not(None),
                REPORTS.c.acknowledged_at.is_(None),
            )
            .values(acknowledged_by=who, acknowledged_at=at)
        )
        if not done.rowcount:
            raise ReportError(
                "there is no approved handover with this number that waits to be taken over"
            )


def _read(
    connection: sa.Connection, *wanted: sa.ColumnElement[bool], limit: int | None = None
) -> list[StoredReport]:
    if not sa.inspect(connection).has_table(REPORTS.name):
        return []
    query = sa.select(REPORTS).where(*wanted)
    query = query.order_by(REPORTS.c.starts_at.desc(), REPORTS.c.kind).limit(limit)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    told = sa.select(NOTES).where(NOTES.c.report.in_([row["id"] for row in rows]))
    notes: dict[int, list[StoredNote]] = {}
    for row in connection.execute(told.order_by(NOTES.c.id)).mappings():
        note = StoredNote(row["author"], row["written_at"], row["text"])
        notes.setdefault(row["report"], []).append(note)
    return [StoredReport(**row, notes=tuple(notes.get(row["id"], ()))) for row in rows]


def _ensure(connection: sa.Connection, kind: str, starts_at: datetime, ends_at: datetime) -> int:
    """Return the number of a report, which is stored from now on."""
    wanted = sa.select(REPORTS.c.id).where(REPORTS.c.kind == kind, REPORTS.c.starts_at == starts_at)
    found = connection.execute(wanted).scalar()
    if found is not None:
        return int(found)
    made = connection.execute(
        REPORTS.insert().values(kind=kind, starts_at=starts_at, ends_at=ends_at)
    )
    return int((made.inserted_primary_key or [0])[0])


@contextmanager
def _writing(url: str) -> Iterator[sa.Connection]:
    engine = open_engine(url)
    try:
        upgrade(engine)
        with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as error:
        raise EventStoreError(
            f"the report could not be stored ({cause(error)}); is another program busy with the "
            "database of events_url, or may you not write it?"
        ) from error
    finally:
        engine.dispose()
