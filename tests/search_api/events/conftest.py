"""What tests of the log share: a database of each kind."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support_postgres import Postgres

from search_api.events.log import EventLog

LogSop = Callable[..., subprocess.CompletedProcess[str]]


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
def log_sop(tmp_path: Path, sop_program: Path) -> LogSop:
    """Return a function that runs `sop` on a log, without an index; every file is the test's."""

    def run(url: str, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        lines = {
            "events_url": url,
            "actor_key_file": str(tmp_path / "actor.key"),
            "backups_folder": str(tmp_path / "backups"),
            "reports_folder": str(tmp_path / "reports"),
        } | settings
        file = tmp_path / "sop.toml"
        file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items()))
        return subprocess.run(
            [sop_program, "--settings", file, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "200"},
        )

    return run


@pytest.fixture
def log(events_url: str) -> Iterator[EventLog]:
    """A started log; closing it writes what waits."""
    log = EventLog(events_url, 100)
    log.start()
    yield log
    log.close()
