"""How often trainees chose which article, by day; nobody and no text is in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table of tries."""
    op.create_table(
        "practice",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("answer", sa.String(500), primary_key=True),
        sa.Column("chosen", sa.String(500), primary_key=True),
        sa.Column("source", sa.String(10), primary_key=True, server_default="api"),
        sa.Column("tries", sa.Integer, nullable=False),
    )
