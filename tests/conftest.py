"""What tests share: the real encoder, compiled once a run, and folders of articles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings as drawing
from starlette.testclient import TestClient
from xdist.scheduler import LoadScopeScheduling

from indexer.build import BuildReport, build_snapshot
from indexer.cache import cache_folder
from indexer.encoder import Encoder
from indexer.model import export_encoder
from indexer.snapshot import Snapshot
from search_api.app import create_app
from search_api.settings import Settings

REPOSITORY = Path(__file__).parent.parent

# The same examples in every run: a change is what makes a test fail, and not the day.
drawing.register_profile("alike", derandomize=True)
drawing.load_profile("alike")

ArticleText = Callable[..., str]
WriteFiles = Callable[[Path, dict[str, str | bytes]], Path]
ClientFactory = Callable[..., AbstractContextManager[TestClient]]


# What takes longest comes first and stays together, since all of it asks the same snapshot.
_RETRIEVAL = "tests/retrieval/"
# The other process begins with what needs no encoder, since the first one is making that.
_FIRST = (_RETRIEVAL, "tests/search_api/events/")


class ByFile(LoadScopeScheduling):
    """`make test` runs several processes: the tests of one file are run by the same one."""

    def _split_scope(self, nodeid: str) -> str:
        return _RETRIEVAL if nodeid.startswith(_RETRIEVAL) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who runs what."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No process should wait for another at the end."""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in _FIRST])


@pytest.fixture(scope="session", autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Exports and vectors of a run go to a folder of its own, and no setting leaks in.

    The processes of one run share them, as several builds on one machine do.
    """
    kept = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("SOPKB_"):
            del os.environ[name]
    folder = tmp_path_factory.getbasetemp()
    run = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    os.environ["XDG_CACHE_HOME"] = str(run / "cache")
    os.environ["HF_HUB_OFFLINE"] = "1"
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture(scope="session")
def one_at_a_time(own_caches: None) -> FileLock:
    """For what takes long and is kept: one process of the run makes it, the others find it."""
    return FileLock(cache_folder().parent / "tests.lock")


@pytest.fixture(scope="session")
def encoder_folder(one_at_a_time: FileLock) -> Path:
    """The default model, compiled for real."""
    with one_at_a_time:
        return export_encoder("default", cache_folder() / "encoders")


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    """The compiled default model, loaded."""
    return Encoder.open(encoder_folder)


@pytest.fixture(scope="session")
def sop_index(
    tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path, one_at_a_time: FileLock
) -> Path:
    """A folder of snapshots with this repository's own articles. Do not write to it."""
    out = tmp_path_factory.mktemp("sop-index")
    with one_at_a_time:
        build_snapshot(REPOSITORY / "sop", out)
    return out


@pytest.fixture(scope="session")
def sop_snapshot(sop_index: Path) -> Snapshot:
    """This repository's own articles, open for searching."""
    return Snapshot.open(sop_index)


@pytest.fixture(scope="session")
def multilingual_folder(one_at_a_time: FileLock) -> Path:
    """The multilingual model, rebuilt and compiled for real: half a minute, once a run."""
    with one_at_a_time:
        return export_encoder("multilingual", cache_folder() / "encoders")


@pytest.fixture(scope="session")
def multilingual_encoder(multilingual_folder: Path) -> Encoder:
    """The compiled multilingual model, loaded."""
    return Encoder.open(multilingual_folder)


@pytest.fixture(scope="session")
def multilingual_home(
    tmp_path_factory: pytest.TempPathFactory,
    write_files: WriteFiles,
    encoder_folder: Path,
    multilingual_folder: Path,
) -> Path:
    """Five English articles in `sop`, and in `index` their snapshot for questions in any language.

    Do not write to it.
    """
    home = tmp_path_factory.mktemp("multilingual")
    articles: dict[str, str | bytes] = {
        "export.md": "# Export personal data\n\nThe privacy team approves such an export.\n",
        "phone.md": "# Reset a second factor\n\nOpen the user card and remove the lost phone.\n",
        "queue.md": "# Empty queue\n\nReload the board when no task is shown but tasks are open.\n",
        "shift.md": "# End of a shift\n\nWrite the handover note before you log off.\n",
        "video.md": "# Black picture\n\nA video plays again once the browser cache is cleared.\n",
    }
    build_snapshot(write_files(home / "sop", articles), home / "index", model="multilingual")
    return home


@pytest.fixture(scope="session")
def multilingual_snapshot(multilingual_home: Path) -> Snapshot:
    """Those articles in their two vector spaces, open for searching."""
    return Snapshot.open(multilingual_home / "index")


@pytest.fixture
def article_text() -> ArticleText:
    """Return the text of a valid article; name a key to change it, None leaves it out."""

    def text(body: str = "Call the desk.\n", **changed: Any) -> str:
        keys: dict[str, Any] = {
            "id": "acc-001",
            "title": "Reset a lost second factor",
            "summary": "For users who cannot pass the second step of the sign-in.",
            "type": "process",
            "status": "active",
            "owner": "access",
            "questions": ["phone lost", "no code arrives", "new phone, old app"],
            "last_reviewed": "2026-10-01",
            "review_by": "2099-01-01",
        }
        keys |= changed
        lines = [f"{key}: {_yaml(value)}" for key, value in keys.items() if value is not None]
        return "\n".join(["---", *lines, "---", "", body])

    return text


def _yaml(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_yaml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(part)}" for key, part in value.items()) + "}"
    text = str(value)
    return text if text.replace("-", "").isalnum() and " " not in text else f'"{text}"'


@pytest.fixture(scope="session")
def write_files() -> WriteFiles:
    """Return a function that writes files below a folder and gives the folder."""

    def write(folder: Path, files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


@pytest.fixture
def build(
    tmp_path: Path, encoder_folder: Path, write_files: WriteFiles
) -> Callable[..., BuildReport]:
    """Return a function that builds files into `tmp_path / "index"` and gives the report."""

    def run(files: dict[str, str | bytes], **options: Any) -> BuildReport:
        sop = write_files(tmp_path / "sop", files)
        return build_snapshot(sop, tmp_path / "index", **options)

    return run


@pytest.fixture
def client(tmp_path: Path, sop_index: Path) -> ClientFactory:
    """Return a context manager that runs the real application, lifespan included.

    Settings may be named; the index is that of this repository's articles unless named.
    The caller comes from loopback unless `caller` names another address.
    """

    @contextmanager
    def run(caller: str = "127.0.0.1", **settings: Any) -> Iterator[TestClient]:
        values: dict[str, Any] = {
            "index": sop_index,
            "events_url": f"sqlite:///{tmp_path / 'events.db'}",
            "keys_file": tmp_path / "keys.json",
            "actor_key_file": tmp_path / "actor.key",
            "reload_s": 0.05,
        }
        app = create_app(Settings(**(values | settings)))
        with TestClient(app, base_url="http://127.0.0.1", client=(caller, 50000)) as test_client:
            yield test_client

    return run
