"""What tests of the indexer share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from indexer.encoder import Encoder
from indexer.model import export_encoder
from indexer.snapshot import Snapshot
from indexer.vector_cache import cache_folder


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


@pytest.fixture(scope="session")
def multilingual_folder(own_caches: None) -> Path:
    """The multilingual model, rebuilt and compiled for real: half a minute, once a run."""
    return export_encoder("multilingual", cache_folder() / "encoders")


@pytest.fixture(scope="session")
def multilingual_encoder(multilingual_folder: Path) -> Encoder:
    """The compiled multilingual model, loaded."""
    return Encoder.open(multilingual_folder)
