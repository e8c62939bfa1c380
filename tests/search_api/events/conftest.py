"""What tests of the log share: a database of each kind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support_postgres import Postgres

from search_api.events.log import EventLog


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL; it stops when the tests end.

    Its folder is no other test run's to close: pytest takes rights from its own parent folder,
    and where root tests, the server is another user.
    """
    with tempfile.TemporaryDirectory(prefix="sop-postgres-") as folder:
        server = Postgres(Path(folder))
        yield server
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def events_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that has no table yet, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'events.db'}"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def log(events_url: str) -> Iterator[EventLog]:
    """A started log; closing it writes what waits."""
    log = EventLog(events_url, 100)
    log.start()
    yield log
    log.close()
