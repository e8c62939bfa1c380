"""The tables of the log, as the newest migration leaves them.

    store      what the database is: its region, whether it holds demo data
    question   what was asked, redacted, with its vector and its answer
    feedback   what became of it
    loss       questions that could not be logged while the database was away
    report     reports that were approved or annotated, see `search_api.events.reports`
    note       what people wrote below a report
    notice     what somebody pinned for everybody to see, until it ends
    practice   how often trainees chose which article, by day, see `search_api.events.practice`
    audit      who took questions out of the log, erased some, or pinned and ended notices

All times are stored in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()

# What each column of text may hold of somebody; erasing and rewriting go by it, and a column
# without a mark fails a test.
_HOLDS = "holds"
# What people wrote, and what they are called: cleaned where it names or quotes what was erased.
WORDS = {_HOLDS: "words"}
# Whose a row is: it goes with them.
LABEL = {_HOLDS: "label"}
# The product's own: ids, kinds, names of articles.
PLAIN = {_HOLDS: "plain"}
# Who did what with the log; it stays.
RECORD = {_HOLDS: "record"}


def columns_with(table: sa.Table, mark: dict[str, str]) -> tuple[str, ...]:
    """Return the names of a table's columns that hold this."""
    return tuple(column.name for column in table.columns if column.info == mark)


class Moment(sa.TypeDecorator[datetime]):
    """A time with its zone: stored in UTC, and read as UTC from SQLite, which keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the time in UTC; one without a zone is refused, since nobody knows which."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a time without a zone cannot be stored"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Return the stored time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _moment(name: str, **options: Any) -> sa.Column[datetime]:
    return sa.Column(name, Moment, **options)


STORE = sa.Table(
    "store",
    METADATA,
    sa.Column("key", sa.String(30), primary_key=True, info=PLAIN),
    sa.Column("value", sa.String(200), nullable=False, info=PLAIN),
)
QUESTIONS = sa.Table(
    "question",
    METADATA,
    sa.Column("query_id", sa.String(32), primary_key=True, info=PLAIN),
    _moment("asked_at", nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False, info=WORDS),
    sa.Column("vector", sa.LargeBinary),
    sa.Column("encoder", sa.String(16), info=PLAIN),
    sa.Column("language", sa.String(35), info=PLAIN),
    sa.Column("channel", sa.String(200), info=WORDS),
    sa.Column("reference", sa.String(200), index=True, info=LABEL),
    sa.Column("actor", sa.String(32), index=True, info=LABEL),
    sa.Column("decision", sa.String(10), nullable=False, info=PLAIN),
    sa.Column("confidence", sa.Float),
    sa.Column("threshold", sa.Float),
    sa.Column("suggestions", sa.JSON, nullable=False, info=PLAIN),
    sa.Column("shown", sa.Integer),
    sa.Column("asked_with", sa.JSON, info=PLAIN),
    sa.Column("index_version", sa.String(16), nullable=False, info=PLAIN),
    sa.Column("took_ms", sa.Float, nullable=False),
    sa.Column("source", sa.String(10), nullable=False, server_default="api", info=PLAIN),
)
FEEDBACK = sa.Table(
    "feedback",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _moment("given_at", nullable=False, index=True),
    sa.Column("query_id", sa.String(200), index=True, info=PLAIN),
    sa.Column("reference", sa.String(200), index=True, info=LABEL),
    sa.Column("page", sa.String(500), info=WORDS),
    sa.Column("article_id", sa.String(500), index=True, info=PLAIN),
    sa.Column("event", sa.String(20), nullable=False, info=PLAIN),
    sa.Column("reason", sa.String(30), info=PLAIN),
    sa.Column("comment", sa.Text, info=WORDS),
    sa.Column("actor", sa.String(32), index=True, info=LABEL),
    sa.Column("source", sa.String(10), nullable=False, server_default="api", info=PLAIN),
)
LOSSES = sa.Table(
    "loss",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _moment("at", nullable=False),
    sa.Column("questions", sa.Integer, nullable=False),
)
REPORTS = sa.Table(
    "report",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(20), nullable=False, info=PLAIN),
    _moment("starts_at", nullable=False),
    _moment("ends_at", nullable=False),
    sa.Column("content", sa.JSON, info=WORDS),
    sa.Column("approved_by", sa.String(200), info=WORDS),
    _moment("approved_at"),
    _moment("posted_at"),
    sa.Column("acknowledged_by", sa.String(200), info=WORDS),
    _moment("acknowledged_at"),
    sa.UniqueConstraint("kind", "starts_at", name="one_report_a_period"),
)
NOTES = sa.Table(
    "note",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("report", sa.Integer, sa.ForeignKey("report.id"), nullable=False, index=True),
    _moment("written_at", nullable=False),
    sa.Column("author", sa.String(200), nullable=False, info=WORDS),
    sa.Column("text", sa.Text, nullable=False, info=WORDS),
)
NOTICES = sa.Table(
    "notice",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("title", sa.String(200), nullable=False, info=WORDS),
    sa.Column("text", sa.Text, nullable=False, info=WORDS),
    sa.Column("article_id", sa.String(500), info=PLAIN),
    sa.Column("platforms", sa.JSON, nullable=False, info=WORDS),
    sa.Column("audiences", sa.JSON, nullable=False, info=PLAIN),
    sa.Column("malfunction", sa.String(20), info=PLAIN),
    _moment("pinned_at", nullable=False),
    sa.Column("pinned_by", sa.String(200), nullable=False, info=WORDS),
    _moment("expires_at", nullable=False, index=True),
    _moment("ended_at"),
    sa.Column("ended_by", sa.String(200), info=WORDS),
)
PRACTICE = sa.Table(
    "practice",
    METADATA,
    sa.Column("day", sa.Date, primary_key=True, info=PLAIN),
    # What was right and what was chosen; empty where none of the articles was.
    sa.Column("answer", sa.String(500), primary_key=True, info=PLAIN),
    sa.Column("chosen", sa.String(500), primary_key=True, info=PLAIN),
    sa.Column("source", sa.String(10), primary_key=True, server_default="api", info=PLAIN),
    sa.Column("tries", sa.Integer, nullable=False, info=PLAIN),
)
AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _moment("at", nullable=False),
    sa.Column("who", sa.String(200), nullable=False, info=RECORD),
    sa.Column("command", sa.String(30), nullable=False, info=RECORD),
    sa.Column("questions", sa.Integer, nullable=False),
    sa.Column("articles", sa.JSON, nullable=False, info=RECORD),
    sa.Column("target", sa.String(500), nullable=False, info=RECORD),
)
TABLES = tuple(METADATA.sorted_tables)
# Those whose files keep bytes of somebody when a row of theirs goes.
PERSONAL = tuple(table for table in TABLES if columns_with(table, WORDS))
