"""Texts already encoded on this machine, by the digest of their text and encoder.

One SQLite file per encoder below the user's cache folder. It can be deleted at any time:
the next build computes what is missing. A damaged file is set aside, not an error.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np

from indexer.tokens import PackedText

Result = TypeVar("Result")

_UNUSED_DAYS = 90
_WAIT_S = 60
_logger = logging.getLogger("sop.cache")


def cache_folder() -> Path:
    """Return the folder of this program's caches: `$XDG_CACHE_HOME/sop-kb`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sop-kb"


class VectorCache:
    """Encoded texts, for one encoder.

    Several builds may use one cache at once: every call opens the file anew and holds no
    lock afterwards. A cache that cannot be used only means that more is computed.
    """

    def __init__(
        self, folder: Path, encoder_digest: str, dim: int, token_dim: int, wait_s: float = _WAIT_S
    ) -> None:
        """Use the cache of the encoder that has this digest.

        Args:
            folder: where caches lie; created if need be.
            encoder_digest: what names the encoder.
            dim: length of its vectors.
            token_dim: length of its tokens' vectors.
            wait_s: seconds to wait while another build writes.
        """
        self._path = folder / f"{encoder_digest}.sqlite"
        self._dim = dim
        self._token_dim = token_dim
        self._wait_s = wait_s

    def find(self, texts: Sequence[str]) -> list[PackedText | None]:
        """Return each text as it was encoded, or None where it is not known."""
        keys = [_key(text) for text in texts]
        found = self._with_database(lambda db: [self._read(db, key) for key in keys])
        return [None] * len(keys) if found is None else found

    def store(self, texts: Sequence[str], encoded: Sequence[PackedText]) -> None:
        """Remember each text as it was encoded."""
        rows = [(_key(text), _to_bytes(one)) for text, one in zip(texts, encoded, strict=True)]
        insert = "INSERT OR REPLACE INTO vector (key, value, used) VALUES (?, ?, date('now'))"
        self._with_database(lambda db: db.executemany(insert, rows))

    def touch(self, texts: Sequence[str]) -> None:
        """Note that these texts were used today, and forget what no build used for long."""
        keys = [(_key(text),) for text in texts]
        update = "UPDATE vector SET used = date('now') WHERE key = ? AND used < date('now')"
        forget = f"DELETE FROM vector WHERE used < date('now', '-{_UNUSED_DAYS} days')"  # noqa: S608  # a constant of ours
        self._with_database(lambda db: (db.executemany(update, keys), db.execute(forget)))

    def _with_database(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Do one piece of work in one transaction; None when the file cannot be used.

        A damaged file is set aside. A locked or full one is left alone.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(_connect(self._path, self._wait_s)) as db, db:
                return work(db)
        except sqlite3.OperationalError as error:
            _logger.warning("vectors are not remembered: %s", error)
        except sqlite3.DatabaseError:
            self._path.replace(self._path.with_suffix(".damaged"))
        return None

    def _read(self, db: sqlite3.Connection, key: bytes) -> PackedText | None:
        row = db.execute("SELECT value FROM vector WHERE key = ?", (key,)).fetchone()
        return None if row is None else _from_bytes(row[0], self._dim, self._token_dim)


def _to_bytes(text: PackedText) -> bytes:
    """Return vector, token ids and signs, one after the other, little-endian."""
    parts = (text.vector.astype("<f4"), text.token_ids.astype("<i4"), text.token_signs)
    return b"".join(part.tobytes() for part in parts)


def _from_bytes(raw: bytes, dim: int, token_dim: int) -> PackedText | None:
    """Return what `_to_bytes` wrote for these lengths of vectors; None for anything else."""
    signs = (token_dim + 7) // 8
    head, token = 4 * dim, 4 + signs
    count, rest = divmod(len(raw) - head, token)
    if count < 0 or rest:
        return None
    ids_end = head + 4 * count
    return PackedText(
        vector=np.frombuffer(raw[:head], dtype="<f4"),
        token_ids=np.frombuffer(raw[head:ids_end], dtype="<i4"),
        token_signs=np.frombuffer(raw[ids_end:], dtype=np.uint8).reshape(count, signs),
    )


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _connect(path: Path, wait_s: float) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=wait_s)
    # A lost cache costs a minute of work, so no write waits for the disk.
    db.execute("PRAGMA synchronous = OFF")
    db.execute(
        "CREATE TABLE IF NOT EXISTS vector "
        "(key BLOB PRIMARY KEY, value BLOB NOT NULL, used TEXT NOT NULL) WITHOUT ROWID"
    )
    return db
