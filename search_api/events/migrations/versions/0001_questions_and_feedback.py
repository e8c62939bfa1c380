"""Questions, feedback and audit, as the first form of the log made them without migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


_TABLES = {
    "question": (
        sa.Column("query_id", sa.String(32), primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("channel", sa.String(200)),
        sa.Column("reference", sa.String(200), index=True),
        sa.Column("actor", sa.String(32)),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("index_version", sa.String(16), nullable=False),
        sa.Column("took_ms", sa.Float, nullable=False),
    ),
    "feedback": (
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("query_id", sa.String(200), index=True),
        sa.Column("reference", sa.String(200), index=True),
        sa.Column("page", sa.String(500)),
        sa.Column("article_id", sa.String(500), index=True),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(30)),
        sa.Column("comment", sa.Text),
        sa.Column("actor", sa.String(32)),
    ),
    "audit": (
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("command", sa.String(30), nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("articles", sa.JSON, nullable=False),
        sa.Column("target", sa.String(500), nullable=False),
    ),
}


def upgrade() -> None:
    """Make the tables that are not there; a log of the first form has them already."""
    there = sa.inspect(op.get_bind()).get_table_names()
    for name, columns in _TABLES.items():
        if name not in there:
            op.create_table(name, *columns)
