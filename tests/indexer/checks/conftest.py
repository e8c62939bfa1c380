"""What tests of the writers' rules share: folders, some with a history."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import FIXTURES
from support_git import git

from indexer.checks.measure import measured
from indexer.checks.run import Measure
from indexer.embedding import compiled_models


@pytest.fixture
def sop(tmp_path):
    """An empty articles' folder inside a git work tree."""
    root = tmp_path / "repo"
    (root / "sop").mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    return root / "sop"


@pytest.fixture
def common(sop) -> Path:
    """The same with names, teams, a picture and three articles."""
    shutil.copytree(FIXTURES / "_folder", sop, dirs_exist_ok=True)
    return sop


@pytest.fixture(scope="session")
def measure(encoder_folder) -> Measure:
    """Adds what only an index can tell, with the real default model."""
    models = compiled_models("default")
    return lambda folder: measured(folder, models, {})


@pytest.fixture
def commit(sop, write_files) -> Callable[..., str]:
    """Return a function that writes files, None takes one out, and commits everything."""

    def run(files: dict[str, str | bytes | None], message: str = "change") -> str:
        for name in [name for name, content in files.items() if content is None]:
            (sop / name).unlink()
        write_files(sop, {name: text for name, text in files.items() if text is not None})
        git(sop, "add", "--all", ".")
        git(sop, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(sop, "rev-parse", "HEAD")

    return run
