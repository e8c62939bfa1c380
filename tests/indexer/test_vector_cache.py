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
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        cache.store(["one", "two"], VECTORS)
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        assert values(cache.find(["two", "three", "one", "two"])) == [
            pytest.approx([0.6, 0.8]),
            None,
            [1.0, 0.0],
            pytest.approx([0.6, 0.8]),
        ]
        assert cache.find([]) == []


def test_find_keeps_encoders_apart(tmp_path):
    """Another encoder's vectors are not found, nor are those of another length."""
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        cache.store(["one", "two"], VECTORS)
    with VectorCache(tmp_path, "e" * 64, 2) as cache:
        assert cache.find(["one"]) == [None]
    with VectorCache(tmp_path, "d" * 64, 3) as cache:
        assert cache.find(["one"]) == [None]


def test_a_block_that_fails_stores_nothing(tmp_path):
    """What was stored in a block that ends in an error is not kept."""
    with pytest.raises(RuntimeError), VectorCache(tmp_path, "d" * 64, 2) as cache:  # noqa: PT012
        cache.store(["one", "two"], VECTORS)
        raise RuntimeError
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        assert cache.find(["one"]) == [None]


def test_vectors_unused_for_long_are_dropped(tmp_path):
    """A vector that no build used for three months goes; one that was used stays."""
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        cache.store(["one", "two"], VECTORS)
    (path,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE vector SET used = date('now', '-91 days')")
        db.commit()
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        assert values(cache.find(["one"])) == [[1.0, 0.0]]
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        assert values(cache.find(["one", "two"])) == [[1.0, 0.0], None]


def test_a_file_that_is_no_database_is_set_aside(tmp_path):
    """A damaged file keeps its content under another name, and a new cache starts empty."""
    path = tmp_path / f"{'d' * 32}.sqlite"
    path.write_bytes(b"nothing of use" * 100)
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        assert cache.find(["one"]) == [None]
        cache.store(["one", "two"], VECTORS)
    assert path.with_suffix(".damaged").read_bytes() == b"nothing of use" * 100
    with VectorCache(tmp_path, "d" * 64, 2) as cache:
        assert values(cache.find(["one"])) == [[1.0, 0.0]]


def test_cache_folder_follows_the_environment(monkeypatch):
    """The cache lies below `XDG_CACHE_HOME`, else below the home folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/srv/cache")
    assert cache_folder() == Path("/srv/cache/sop-kb")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "sop-kb"
