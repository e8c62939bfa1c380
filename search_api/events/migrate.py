"""Alembic's migrations, run on one connection: the only home of Alembic.

`search_api.events.schema` loads this when a database has an older form, and not otherwise.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: sa.Connection) -> None:
    """Run what a database misses, in this connection's transaction."""
    command.upgrade(_config(connection), "head")


def revisions() -> list[str]:
    """Return the names of all forms that the log has had, the newest first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return [script.revision for script in scripts.walk_revisions()]


def _config(connection: sa.Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    # Windows' separator is a colon's neighbour; the option's default would warn.
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
