"""Takes questions and feedback out of a log, with all that names or quotes them in it.

Rows are deleted and recorded in one transaction. What they left in the files is another
room's work, see `search_api.events.rewriting`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from search_api.events.audit import AuditRecord
from search_api.events.store import mark_rewrite
from search_api.events.tables import (
    AUDIT,
    FEEDBACK,
    NOTES,
    NOTICES,
    PERSONAL,
    PRACTICE,
    QUESTIONS,
    REPORTS,
    WORDS,
    columns_with,
)
from search_api.events.traces import Traces

MINUTE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Target:
    """What is to go: of one reference or actor, or from before a time; else only names.

    Attributes:
        reference: a ticket as the log labels it.
        actor: a person as the log hashes them.
        before: the time from which on everything stays.
        names: what the ticket or person is called, to be found in other texts.
        fingerprint: a keyed hash that tells later whether this was erased; of the label alone.
        name_mark: another, by which the name is found again in a backup.
    """

    reference: str | None = None
    actor: str | None = None
    before: datetime | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    fingerprint: str | None = None
    name_mark: str | None = None

    @property
    def told(self) -> str:
        """What the record says of it: never the name, nor what the log called it."""
        if self.before is not None:
            return f"what is older than {self.before.astimezone(UTC):{MINUTE}} UTC"
        kind = "one reference" if self.reference is not None else "one actor"
        mark = f", fingerprint {self.fingerprint}" if self.fingerprint else ""
        return f"{kind}{mark}, name {self.name_mark}" if self.name_mark else f"{kind}{mark}"


@dataclass(frozen=True, slots=True)
class Found:
    """How much of a target a log has, or had.

    Attributes:
        mentions: other questions and feedback that name it; the name goes, the rest stays.
        notes: notes below reports that name or quote it, or are too old.
        reports: stored reports that do.
        practice: days of what trainees chose, of which nobody is the owner; only age ends them.
        notices: notices, over or not, that do.
        texts: the erased texts, to be looked for in files; not to be shown.
    """

    questions: int = 0
    feedback: int = 0
    mentions: int = 0
    notes: int = 0
    reports: int = 0
    practice: int = 0
    notices: int = 0
    texts: frozenset[str] = field(default=frozenset(), repr=False)

    def __add__(self, other: Found) -> Found:
        return Found(
            self.questions + other.questions,
            self.feedback + other.feedback,
            self.mentions + other.mentions,
            self.notes + other.notes,
            self.reports + other.reports,
            self.practice + other.practice,
            self.notices + other.notices,
            self.texts | other.texts,
        )

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing."""
        kept = (self.mentions, self.notes, self.reports, self.notices, self.practice)
        return not (self.questions or self.feedback or any(kept))


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that stays, with other values."""

    table: sa.Table
    key: sa.Column[Any]
    row: object
    values: dict[str, Any]


def remove(
    connection: sa.Connection,
    target: Target,
    record: AuditRecord | None,
    public: Collection[str] = (),
) -> Found:
    """Take a target out of a log, and say so in its record; the caller commits.

    Args:
        connection: in a transaction, to a log of the newest form.
        target: what is to go.
        record: who does it; None leaves no record, for copies of a log that has one.
        public: texts of articles, which stay in reports also where somebody asked just that.
    """
    questions, feedback = _criteria(target)
    texts = _own_texts(connection, QUESTIONS.c.text, questions)
    texts |= _own_texts(connection, FEEDBACK.c.comment, feedback)
    # Feedback first: it is chosen by the questions that are there.
    told = connection.execute(FEEDBACK.delete().where(feedback)).rowcount
    asked = connection.execute(QUESTIONS.delete().where(questions)).rowcount
    traces = Traces(target.names, texts, public)
    aged = {table.name: _age_out(connection, table, target.before) for table in (NOTES, NOTICES)}
    changes = {table.name: _changes(connection, table, traces) for table in PERSONAL}
    for change in (one for some in changes.values() for one in some):
        connection.execute(
            change.table.update().where(change.key == change.row).values(**_fitting(change))
        )
    count = {name: len(some) + aged.get(name, 0) for name, some in changes.items()}
    found = Found(
        questions=asked,
        feedback=told,
        mentions=count.pop(QUESTIONS.name) + count.pop(FEEDBACK.name),
        notes=count.pop(NOTES.name),
        reports=count.pop(REPORTS.name),
        notices=count.pop(NOTICES.name),
        practice=_remove_practice(connection, target),
        texts=texts,
    )
    if not found.is_empty:
        mark_rewrite(connection)
    if record is not None:
        values = asdict(record) | {
            "questions": asked,
            "articles": [],
            "target": f"{target.told}; {told} feedback",
        }
        connection.execute(AUDIT.insert().values(**values))
    return found


def _remove_practice(connection: sa.Connection, target: Target) -> int:
    """Delete what trainees chose on days that are over the limit; return how many rows."""
    if target.before is None:
        return 0
    day = target.before.astimezone(UTC).date()
    return connection.execute(PRACTICE.delete().where(PRACTICE.c.day < day)).rowcount


def _criteria(target: Target) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return which questions and which feedback belong to a target."""
    asked, told = QUESTIONS.c, FEEDBACK.c
    if target.before is not None:
        return asked.asked_at < target.before, told.given_at < target.before
    if target.reference is None and target.actor is None:
        return sa.false(), sa.false()
    if target.reference is not None:
        questions, own = asked.reference == target.reference, told.reference == target.reference
    else:
        questions, own = asked.actor == target.actor, told.actor == target.actor
    return questions, own | told.query_id.in_(sa.select(asked.query_id).where(questions))


def _own_texts(
    connection: sa.Connection, column: sa.Column[Any], chosen: ColumnElement[bool]
) -> frozenset[str]:
    """Return the texts of rows that go and of no other: where those are quoted, it is of them."""
    # Whether a row without a reference has this one is unknown to SQL; here it has not.
    stays = sa.not_(sa.func.coalesce(chosen, sa.false()))
    gone, others = (sa.select(column).where(rows, column.is_not(None)) for rows in (chosen, stays))
    return frozenset(connection.execute(sa.except_(gone, others)).scalars())


def _age_out(connection: sa.Connection, table: sa.Table, before: datetime | None) -> int:
    """Delete notes, and notices that are over, from before a time; return how many."""
    if before is None:
        return 0
    columns = table.c
    since = (
        columns.written_at
        if table is NOTES
        else sa.func.coalesce(columns.ended_at, columns.expires_at, type_=columns.ended_at.type)
    )
    return connection.execute(table.delete().where(since < before)).rowcount


def _changes(connection: sa.Connection, table: sa.Table, traces: Traces) -> list[_Change]:
    """Return the rows of a table that stay, and name or quote what goes, cleaned."""
    columns = columns_with(table, WORDS)
    # Reports hold no words of questions, so what they seem to quote by age is an article's.
    if table is REPORTS and not traces.names:
        return []
    # There are too many of these to read them all; what they quote is their own.
    if table in (QUESTIONS, FEEDBACK):
        return _mentions(connection, table, columns, traces)
    return _in_table(connection, table, columns, traces)


def _fitting(change: _Change) -> dict[str, Any]:
    """Return new values cut to their columns: a server refuses what is longer than the name was."""
    return {
        name: value[: getattr(change.table.c[name].type, "length", None)]
        if isinstance(value, str)
        else value
        for name, value in change.values.items()
    }


def _mentions(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], traces: Traces
) -> list[_Change]:
    """Return the rows whose texts name the target, with the name taken out.

    The vector of a changed question goes: it was made of the name too.
    """
    wanted = [
        either
        for name in traces.searched_names
        for column in columns
        for either in (
            table.c[column].contains(name, autoescape=True),
            sa.func.lower(table.c[column]).contains(name.lower(), autoescape=True),
        )
    ]
    if not wanted:
        return []
    key = next(iter(table.primary_key))
    rows = connection.execute(sa.select(key, *(table.c[c] for c in columns)).where(sa.or_(*wanted)))
    changes = []
    for row in rows:
        values: dict[str, Any] = {
            name: cleaned
            for name, text in zip(columns, row[1:], strict=True)
            if text is not None and (cleaned := traces.without_names(text)) != text
        }
        if "text" in values:
            values["vector"] = None
        if values:
            changes.append(_Change(table, key, row[0], values))
    return changes


def _in_table(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], traces: Traces
) -> list[_Change]:
    """Return the rows of a small table that name the target or quote it, cleaned."""
    key = next(iter(table.primary_key))
    changes = []
    for row in connection.execute(sa.select(key, *(table.c[column] for column in columns))):
        values = {
            name: cleaned
            for name, value in zip(columns, row[1:], strict=True)
            if value is not None and (cleaned := traces.cleaned_tree(value)) != value
        }
        if values:
            changes.append(_Change(table, key, row[0], values))
    return changes
