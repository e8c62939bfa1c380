"""Vectors by the digest of their text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.vector_cache import VectorCache, cache_folder

VECTORS = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)


def values(rows) -> list[list[float] | None]:
    """Return rows as lists."""
    return [None if row is None else row.tolist() for row in rows]


def test_find_returns_what_was_stored(tmp_path):
    """Each text's vector comes back in the order asked for, None where it is not known."""
    VectorCache(tmp_path, "d" * 64, 2).store(["one", "two"], VECTORS)
    cache = VectorCache(tmp_path, "d" * 64, 2)
    assert values(cache.find(["two", "three", "one", "two"])) == [
        pytest.approx([0.6, 0.8]),
        None,
        [1.0, 0.0],
        pytest.approx([0.6, 0.8]),
    ]
    assert cache.find([]) == []


def test_find_keeps_encoders_apart(tmp_path):
    """Another encoder's vectors are not found, nor are those of another length."""
    VectorCache(tmp_path, "d" * 64, 2).store(["one", "two"], VECTORS)
    assert VectorCache(tmp_path, "e" * 64, 2).find(["one"]) == [None]
    assert VectorCache(tmp_path, "d" * 64, 3).find(["one"]) == [None]


def test_vectors_unused_for_long_are_dropped(tmp_path):
    """A vector that no build used for three months goes; one that was used stays."""
    cache = VectorCache(tmp_path, "d" * 64, 2)
    cache.store(["one", "two"], VECTORS)
    (path,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE vector SET used = date('now', '-91 days')")
        db.commit()
    cache.touch(["one"])
    assert values(cache.find(["one", "two"])) == [[1.0, 0.0], None]


def test_a_file_that_is_no_database_is_set_aside(tmp_path):
    """A damaged file keeps its content under another name, and a new cache starts empty."""
    path = tmp_path / f"{'d' * 64}.sqlite"
    path.write_bytes(b"nothing of use" * 100)
    cache = VectorCache(tmp_path, "d" * 64, 2)
    assert cache.find(["one"]) == [None]
    assert path.with_suffix(".damaged").read_bytes() == b"nothing of use" * 100
    cache.store(["one", "two"], VECTORS)
    assert values(cache.find(["one"])) == [[1.0, 0.0]]


def test_a_cache_that_another_build_is_writing_is_left_alone(tmp_path):
    """While the file is locked nothing is found and nothing is lost; afterwards all is there."""
    cache = VectorCache(tmp_path, "d" * 64, 2, wait_s=0.1)
    cache.store(["one", "two"], VECTORS)
    (path,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert cache.find(["one"]) == [None]
        cache.store(["three", "four"], VECTORS)
        other.execute("ROLLBACK")
    assert values(cache.find(["one", "three"])) == [[1.0, 0.0], None]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_cache_folder_follows_the_environment(monkeypatch):
    """The cache lies below `XDG_CACHE_HOME`, else below the home folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/srv/cache")
    assert cache_folder() == Path("/srv/cache/sop-kb")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "sop-kb"
