"""Texts already encoded on this machine, by the digest of their text and encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.cache import WAIT_S, Cache
from indexer.tokens import PackedText


class VectorCache:
    """Encoded texts, for one encoder; see `Cache`."""

    def __init__(
        self, folder: Path, encoder_digest: str, dim: int, token_dim: int, wait_s: float = WAIT_S
    ) -> None:
        """Use the cache of the encoder that has this digest.

        Args:
            folder: where caches lie; created if need be.
            encoder_digest: what names the encoder.
            dim: length of its vectors.
            token_dim: length of its tokens' vectors.
            wait_s: seconds to wait while another build writes.
        """
        self._cache = Cache(folder / f"{encoder_digest}.sqlite", wait_s)
        self._dim = dim
        self._token_dim = token_dim

    def find(self, texts: Sequence[str]) -> list[PackedText | None]:
        """Return each text as it was encoded, or None where it is not known."""
        found = self._cache.find([_key(text) for text in texts])
        return [None if raw is None else self._read(raw) for raw in found]

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Return the texts that are not known, each once."""
        keys = {_key(text): text for text in texts}
        known = self._cache.known(list(keys))
        return [text for key, text in keys.items() if key not in known]

    def store(self, texts: Sequence[str], encoded: Sequence[PackedText]) -> None:
        """Remember each text as it was encoded."""
        pairs = zip(texts, encoded, strict=True)
        self._cache.store((_key(text), _to_bytes(one)) for text, one in pairs)

    def touch(self, texts: Sequence[str]) -> None:
        """Note that these texts were used today, and forget what no build used for long."""
        self._cache.touch(_key(text) for text in texts)

    def _read(self, raw: bytes) -> PackedText | None:
        return _from_bytes(raw, self._dim, self._token_dim)


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
