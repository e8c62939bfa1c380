"""What tests of the service share: the `sop` command as a process, and patience."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support_postgres import Postgres

from indexer.build import BuildReport, build_snapshot
from search_api.app import create_app
from search_api.auth import KeyFile
from search_api.settings import Settings

Eventually = Callable[..., None]
LogSop = Callable[..., subprocess.CompletedProcess[str]]
Sop = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Return a function that waits until a condition holds, and fails when it never does."""

    def wait(holds: Callable[[], bool], within_s: float = 8.0) -> None:
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, f"not so within {within_s} s"
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory, sop_index: Path) -> Iterator[TestClient]:
    """The application over this repository's articles, for tests that leave nothing behind."""
    folder = tmp_path_factory.mktemp("service")
    app = create_app(
        Settings(
            index=sop_index,
            events_url=f"sqlite:///{folder / 'events.db'}",
            keys_file=folder / "keys.json",
            actor_key_file=folder / "actor.key",
        )
    )
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as test_client:
        yield test_client


@pytest.fixture
def settings_file(tmp_path: Path, sop_index: Path) -> Path:
    """A settings file whose every path lies in the test's own folder."""
    path = tmp_path / "sop.toml"
    path.write_text(
        f'sop = "{tmp_path / "sop"}"\n'
        f'index = "{sop_index}"\n'
        f'events_url = "sqlite:///{tmp_path / "events.db"}"\n'
        f'keys_file = "{tmp_path / "keys.json"}"\n'
        f'actor_key_file = "{tmp_path / "actor.key"}"\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def sop_program() -> Path:
    """The installed `sop` command."""
    return Path(sys.executable).with_name("sop")


@pytest.fixture
def sop(settings_file: Path, sop_program: Path) -> Sop:
    """Return a function that runs the `sop` command with the test's settings."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sop_program, "--settings", settings_file, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            cwd=settings_file.parent,
            env=os.environ | {"COLUMNS": "200"},
        )

    return run


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
        text = (f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        file.write_text("".join(text))
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
def keys(tmp_path: Path) -> KeyFile:
    """The key file of the test's application; it holds no key yet."""
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
def publish_folder(tmp_path: Path, encoder_folder: Path) -> Callable[..., BuildReport]:
    """Return a function that writes files into a fresh folder and publishes only those."""

    def publish(name: str, files: dict[str, str], **options: Path) -> BuildReport:
        folder = tmp_path / name / "sop"
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content, encoding="utf-8")
        return build_snapshot(folder, tmp_path / "index", **options)

    return publish


def bytes_in_files(folder: Path) -> bytes:
    """Return the content of every file below a folder, one after the other."""
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def stored_bytes(tmp_path: Path) -> Callable[[], bytes]:
    """Return a function that gives every byte that the test's application has written."""
    return lambda: bytes_in_files(tmp_path)
