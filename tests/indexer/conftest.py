"""What tests of the indexer share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from indexer.snapshot import Snapshot


@pytest.fixture
def words() -> Callable[[Sequence[str]], list[int]]:
    """A token counter to calculate with: one token a word, and one at each end."""

    def count(texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    return count


@pytest.fixture
def open_index(build, tmp_path: Path) -> Callable[..., Snapshot]:
    """Return a function that builds files and opens the snapshot."""

    def run(files: dict[str, str | bytes], **options: object) -> Snapshot:
        build(files, **options)
        return Snapshot.open(tmp_path / "index")

    return run
