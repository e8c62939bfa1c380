"""What Alembic runs when there is something to migrate, with the connection it is given."""

from __future__ import annotations

from alembic import context

# One transaction for all: a migration that fails half-way leaves the old form.
context.configure(
    connection=context.config.attributes["connection"], transaction_per_migration=False
)
context.run_migrations()
