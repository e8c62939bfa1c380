"""What a replay needs beside a question; what the database is and lost; reports, notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns that older questions leave empty, and four tables."""
    for column in (
        sa.Column("vector", sa.LargeBinary),
        sa.Column("encoder", sa.String(16)),
        sa.Column("confidence", sa.Float),
        sa.Column("threshold", sa.Float),
        sa.Column("shown", sa.Integer),
        sa.Column("asked_with", sa.JSON),
        sa.Column("source", sa.String(10), nullable=False, server_default="api"),
    ):
        op.add_column("question", column)
    op.add_column(
        "feedback", sa.Column("source", sa.String(10), nullable=False, server_default="api")
    )
    op.create_index("ix_question_actor", "question", ["actor"])
    op.create_index("ix_feedback_actor", "feedback", ["actor"])
    op.create_table(
        "store",
        sa.Column("key", sa.String(30), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
    op.create_table(
        "loss",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON),
        sa.Column("approved_by", sa.String(200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("posted_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.String(200)),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("kind", "starts_at", name="one_report_a_period"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("report", sa.Integer, sa.ForeignKey("report.id"), nullable=False, index=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
