"""Takes questions and feedback out of a log, with all that names or quotes them in it.

Rows are deleted and recorded in one transaction. What they left in the files is another
room's work, see `search_api.events.rewriting`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from search_api.events.audit import AuditRecord
from search_api.events.store import mark_rewrite
from search_api.events.tables import AUDIT, FEEDBACK, NOTES, PRACTICE, QUESTIONS, REPORTS
from search_api.events.traces import Traces

_MINUTE = "%Y-%m-%d %H:%M"
_FINGERPRINT = re.compile(r"fingerprint ([0-9a-f]{16})")
_BEFORE = re.compile(r"older than (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")


@dataclass(frozen=True, slots=True)
class Target:
    """What is to go: exactly one of reference, actor and before.

    Attributes:
        reference: a ticket as the log labels it.
        actor: a person as the log hashes them.
        before: the time from which on everything stays.
        names: what the ticket or person is called, to be found in other texts.
        fingerprint: a keyed hash that tells later whether this was erased; of the name alone.
    """

    reference: str | None = None
    actor: str | None = None
    before: datetime | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    fingerprint: str | None = None

    @property
    def told(self) -> str:
        """What the record says of it: never the name, nor what the log called it."""
        if self.before is not None:
            return f"what is older than {self.before.astimezone(UTC):{_MINUTE}} UTC"
        kind = "one reference" if self.reference is not None else "one actor"
        return f"{kind}, fingerprint {self.fingerprint}" if self.fingerprint else kind


@dataclass(frozen=True, slots=True)
class Found:
    """How much of a target a log has, or had.

    Attributes:
        mentions: other questions and feedback that name it; the name goes, the rest stays.
        notes: notes below reports that name or quote it.
        reports: stored reports that do.
        practice: days of what trainees chose, of which nobody is the owner; only age ends them.
        texts: the erased texts, to be looked for in files; not to be shown.
    """

    questions: int = 0
    feedback: int = 0
    mentions: int = 0
    notes: int = 0
    reports: int = 0
    practice: int = 0
    texts: frozenset[str] = field(default=frozenset(), repr=False)

    def __add__(self, other: Found) -> Found:
        return Found(
            self.questions + other.questions,
            self.feedback + other.feedback,
            self.mentions + other.mentions,
            self.notes + other.notes,
            self.reports + other.reports,
            self.practice + other.practice,
            self.texts | other.texts,
        )

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing."""
        rows = (self.questions, self.feedback, self.mentions, self.notes, self.reports)
        return not any((*rows, self.practice))


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that stays, with other values."""

    table: sa.Table
    key: sa.Column[Any]
    row: object
    values: dict[str, Any]


def fingerprint_of(kind: str, label: str, secret: bytes) -> str:
    """Return what a record keeps of an erased target; another hash than the log's own."""
    return hmac.new(secret, f"erased {kind}: {label}".encode(), hashlib.sha256).hexdigest()[:16]


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
    changes = (
        [
            *_mentions(connection, QUESTIONS, ("text", "channel"), traces),
            *_mentions(connection, FEEDBACK, ("comment", "page"), traces),
        ],
        _in_table(connection, NOTES, ("author", "text"), traces),
        _in_table(connection, REPORTS, ("content", "approved_by", "acknowledged_by"), traces),
    )
    for change in (one for some in changes for one in some):
        connection.execute(
            change.table.update().where(change.key == change.row).values(**change.values)
        )
    mentions, notes, reports = (len(some) for some in changes)
    practice = _remove_practice(connection, target)
    found = Found(asked, told, mentions, notes, reports, practice, texts)
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


def fingerprints_in(records: Iterable[AuditRecord]) -> set[str]:
    """Return the fingerprints of all that records say was erased."""
    found = (_FINGERPRINT.search(one.target) for one in records if one.command == "erase")
    return {mark[1] for mark in found if mark}


def newest_limit(records: Iterable[AuditRecord]) -> datetime | None:
    """Return before which time records say that everything was deleted by age."""
    found = (_BEFORE.search(one.target) for one in records if one.command == "retention")
    limits = [datetime.strptime(f"{limit[1]} +0000", f"{_MINUTE} %z") for limit in found if limit]
    return max(limits, default=None)


def targets_with(
    connection: sa.Connection, fingerprints: set[str], secret: bytes
) -> Sequence[Target]:
    """Return what a log still has of targets that were erased elsewhere."""
    found = []
    for kind in ("reference", "actor"):
        labels = {
            label
            for table in (QUESTIONS, FEEDBACK)
            for label in connection.execute(sa.select(table.c[kind]).distinct()).scalars()
            if label is not None
        }
        for label in sorted(labels):
            mark = fingerprint_of(kind, label, secret)
            if mark in fingerprints:
                is_reference = kind == "reference"
                found.append(
                    Target(
                        reference=label if is_reference else None,
                        actor=None if is_reference else label,
                        names=(label,),
                        fingerprint=mark,
                    )
                )
    return found


def _criteria(target: Target) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return which questions and which feedback belong to a target."""
    asked, told = QUESTIONS.c, FEEDBACK.c
    if target.before is not None:
        return asked.asked_at < target.before, told.given_at < target.before
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
    """Return the rows of reports or notes that name the target or quote it, cleaned."""
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
