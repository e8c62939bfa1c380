"""What tests of the log share: a database of each kind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search_api.events.log import EventLog
from search_api.events.upkeep import Places

LogSop = Callable[..., subprocess.CompletedProcess[str]]


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


@pytest.fixture
def places(events_url: str, tmp_path: Path) -> Places:
    """The log, and folders of backups and reports that are empty."""
    for name in ("backups", "reports"):
        (tmp_path / name).mkdir()
    return Places(events_url, tmp_path / "backups", tmp_path / "reports")


@pytest.fixture
def written(events_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The folder of every file that the log is in."""
    if events_url.startswith("sqlite"):
        return tmp_path
    return Path(request.getfixturevalue("postgres").folder)
