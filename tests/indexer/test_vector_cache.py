"""Encoded texts by the digest of their text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.cache import cache_folder
from indexer.tokens import PackedText, pack
from indexer.vector_cache import VectorCache


def packed(vector, ids=(), signs=()) -> PackedText:
    """Return an encoded text; each token has a row of signs, ten bits in two bytes."""
    return PackedText(
        vector=np.array(vector, dtype=np.float32),
        token_ids=np.array(ids, dtype=np.int32),
        token_signs=np.array(signs, dtype=np.uint8).reshape(len(ids), 2),
    )


ONE = packed([1, 0], [7, 30521], [[255, 192], [0, 64]])
TWO = packed([0.6, 0.8])


def cache_of(folder, digest="d" * 64, dim=2, token_dim=10, wait_s=60) -> VectorCache:
    """Return a cache of texts like those above, opened anew."""
    return VectorCache(folder, digest, dim, token_dim, wait_s)


def values(found) -> list[tuple | None]:
    """Return what was found as lists of numbers."""
    return [
        None if one is None else (one.vector.tolist(), one.token_ids.tolist(), signs(one))
        for one in found
    ]


def signs(text) -> list[list[int]]:
    """Return the rows of signs as lists."""
    rows: list[list[int]] = text.token_signs.tolist()
    return rows


KNOWN_ONE = ([1.0, 0.0], [7, 30521], [[255, 192], [0, 64]])
KNOWN_TWO = (pytest.approx([0.6, 0.8]), [], [])


def test_find_returns_what_was_stored(tmp_path):
    """Vector, tokens and signs come back in the order asked for, None where a text is unknown."""
    cache_of(tmp_path).store(["one", "two"], [ONE, TWO])
    cache = cache_of(tmp_path)
    found = cache.find(["two", "three", "one", "two"])
    assert values(found) == [KNOWN_TWO, None, KNOWN_ONE, KNOWN_TWO]
    types = [(t.vector.dtype, t.token_ids.dtype, t.token_signs.dtype) for t in found if t]
    assert types == [(np.float32, np.int32, np.uint8)] * 3
    # A text without tokens keeps the width of its signs, so that it can stand beside others.
    assert found[0].token_signs.shape == (0, 2)
    assert cache.find([]) == []


def test_what_is_found_is_what_was_encoded(tmp_path, encoder):
    """A real text comes back to the last bit."""
    text = "Call the desk: LR-4031!"
    (encoded,) = (pack(one) for one in encoder.encode_tokens([text], "passage"))
    cache = cache_of(tmp_path, dim=encoder.dim, token_dim=encoder.token_dim)
    cache.store([text], [encoded])
    (found,) = cache.find([text])
    assert len(found.token_ids) == 7
    for part in ("vector", "token_ids", "token_signs"):
        assert getattr(found, part).tobytes() == getattr(encoded, part).tobytes()
        assert getattr(found, part).shape == getattr(encoded, part).shape


def test_a_later_text_takes_the_place_of_an_earlier_one(tmp_path):
    """Storing a text again replaces what was known of it."""
    cache = cache_of(tmp_path)
    cache.store(["one"], [TWO])
    cache.store(["one"], [ONE])
    assert values(cache.find(["one"])) == [KNOWN_ONE]


def test_find_keeps_encoders_apart(tmp_path):
    """Another encoder's texts are not found, nor are those of other lengths."""
    cache_of(tmp_path).store(["one", "two"], [ONE, TWO])
    assert cache_of(tmp_path, digest="e" * 64).find(["one"]) == [None]
    assert cache_of(tmp_path, dim=3).find(["one", "two"]) == [None, None]
    assert values(cache_of(tmp_path, token_dim=16).find(["one"])) == [KNOWN_ONE]
    assert cache_of(tmp_path, token_dim=17).find(["one"]) == [None]


@pytest.mark.parametrize("change", [-20, -18, -13, -11, -7, -1, 1, 5, 7, 20])
def test_a_text_of_another_size_is_not_known(tmp_path, change):
    """A vector and two tokens are 8 + 2 * 6 bytes; anything but whole tokens is computed anew."""
    cache = cache_of(tmp_path)
    cache.store(["one", "two"], [ONE, TWO])
    (path,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(path)) as db:
        for key, raw in db.execute("SELECT key, value FROM entry").fetchall():
            if len(raw) == 20:
                value = raw[:change] if change < 0 else raw + bytes(change)
                db.execute("UPDATE entry SET value = ? WHERE key = ?", (value, key))
        db.commit()
    assert values(cache.find(["one", "two"])) == [None, KNOWN_TWO]


def test_vectors_unused_for_long_are_dropped(tmp_path):
    """A vector that no build used for three months goes; one that was used stays."""
    cache = cache_of(tmp_path)
    cache.store(["one", "two"], [ONE, TWO])
    (path,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE entry SET used = date('now', '-91 days')")
        db.commit()
    cache.touch(["one"])
    assert values(cache.find(["one", "two"])) == [KNOWN_ONE, None]


def test_a_file_that_is_no_database_is_set_aside(tmp_path):
    """A damaged file keeps its content under another name, and a new cache starts empty."""
    path = tmp_path / f"{'d' * 64}.sqlite"
    path.write_bytes(b"nothing of use" * 100)
    cache = cache_of(tmp_path)
    assert cache.find(["one"]) == [None]
    assert path.with_suffix(".damaged").read_bytes() == b"nothing of use" * 100
    cache.store(["one", "two"], [ONE, TWO])
    assert values(cache.find(["one"])) == [KNOWN_ONE]


def test_a_cache_that_another_build_is_writing_is_left_alone(tmp_path):
    """While the file is locked nothing is found and nothing is lost; afterwards all is there."""
    cache = cache_of(tmp_path, wait_s=0.1)
    cache.store(["one", "two"], [ONE, TWO])
    (path,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert cache.find(["one"]) == [None]
        cache.store(["three", "four"], [ONE, TWO])
        other.execute("ROLLBACK")
    assert values(cache.find(["one", "three"])) == [KNOWN_ONE, None]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_cache_folder_follows_the_environment(monkeypatch):
    """The cache lies below `XDG_CACHE_HOME`, else below the home folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/srv/cache")
    assert cache_folder() == Path("/srv/cache/sop-kb")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "sop-kb"
