"""What tests of the indexer share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from indexer.article import Article, parse_article
from indexer.encoder import Encoder
from indexer.snapshot import Snapshot

# Four articles that have nothing to do with each other.
PLAIN_FILES = {
    "coffee.md": "# Coffee machine\n\nFill the tank with water, then press the green button.\n",
    "bicycle.md": "# Bicycle repair\n\nPump the tyre and oil the chain before you ride.\n",
    "tax.md": "# Tax return\n\nSend the income form to the revenue office before July.\n",
    "garden.md": "# Garden\n\nPlant the tulip bulbs in autumn, ten centimetres deep.\n",
}


@pytest.fixture
def write_files() -> Callable[[Path, dict[str, str | bytes]], Path]:
    """Return a function that writes files below a folder and gives the folder."""

    def write(folder: Path, files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


@pytest.fixture
def parsed() -> Callable[..., Article]:
    """Return a function that makes an article of a Markdown text."""

    def run(text: str, path: str = "a.md") -> Article:
        return parse_article(path, text.encode())

    return run


@pytest.fixture
def words() -> Callable[[Sequence[str]], list[int]]:
    """A token counter to calculate with: one token a word, and one at each end."""

    def count(texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    return count


@pytest.fixture
def open_index(build, tmp_path: Path, encoder: Encoder) -> Callable[..., Snapshot]:
    """Return a function that builds files and opens the snapshot."""

    def run(files: dict[str, str | bytes], **options: object) -> Snapshot:
        build(files, **options)
        return Snapshot.open(tmp_path / "index")

    return run


@pytest.fixture
def plain_files(tmp_path: Path, write_files: Callable[..., Path]) -> Path:
    """A folder with `PLAIN_FILES`."""
    return write_files(tmp_path / "sop", dict(PLAIN_FILES))
