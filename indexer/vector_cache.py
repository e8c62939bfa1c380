"""Vectors already computed on this machine, by the digest of their text and encoder.

One SQLite file per encoder below the user's cache folder. It can be deleted at any time:
the next build computes what is missing. A damaged file is set aside, not an error.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from indexer.encoder import Embeddings

_UNUSED_DAYS = 90


def cache_folder() -> Path:
    """Return the folder of this program's caches: `$XDG_CACHE_HOME/sop-kb`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sop-kb"


class VectorCache:
    """Unit vectors by text, for one encoder.

    Use as a context manager; what was stored is kept when the block ends without error.
    """

    def __init__(self, folder: Path, encoder_digest: str, dim: int) -> None:
        """Open the cache of the encoder that has this digest; `dim` is its vectors' length."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{encoder_digest[:32]}.sqlite"
        self._dim = dim
        try:
            self._db = _connect(self._path)
        except sqlite3.DatabaseError:
            self._start_anew()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with closing(self._db):
            if error is None:
                self._db.execute(
                    "DELETE FROM vector WHERE used < date('now', ?)", (f"-{_UNUSED_DAYS} days",)
                )
                self._db.commit()

    def find(self, texts: Sequence[str]) -> list[Embeddings | None]:
        """Return each text's vector, or None where it is not known."""
        keys = [_key(text) for text in texts]
        try:
            rows = [self._vector(key) for key in keys]
            self._db.executemany(
                "UPDATE vector SET used = date('now') WHERE key = ? AND used < date('now')",
                [(key,) for key in keys],
            )
        except sqlite3.DatabaseError:
            self._start_anew()
            return [None] * len(keys)
        return rows

    def _vector(self, key: bytes) -> Embeddings | None:
        row = self._db.execute("SELECT value FROM vector WHERE key = ?", (key,)).fetchone()
        vector = None if row is None else np.frombuffer(row[0], dtype="<f4")
        return vector if vector is not None and len(vector) == self._dim else None

    def _start_anew(self) -> None:
        """Set a damaged file aside and begin an empty one."""
        if hasattr(self, "_db"):
            self._db.close()
        self._path.replace(self._path.with_suffix(".damaged"))
        self._db = _connect(self._path)

    def store(self, texts: Sequence[str], vectors: Embeddings) -> None:
        """Remember one vector for each text."""
        self._db.executemany(
            "INSERT OR REPLACE INTO vector (key, value, used) VALUES (?, ?, date('now'))",
            [
                (_key(text), vector.astype("<f4").tobytes())
                for text, vector in zip(texts, vectors, strict=True)
            ],
        )


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=60)
    # A lost cache costs a minute of work, so no write waits for the disk.
    db.execute("PRAGMA synchronous = OFF")
    db.execute(
        "CREATE TABLE IF NOT EXISTS vector "
        "(key BLOB PRIMARY KEY, value BLOB NOT NULL, used TEXT NOT NULL) WITHOUT ROWID"
    )
    return db
