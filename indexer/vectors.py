"""Nearest vectors by cosine: the only home of faiss.

Rows are unit vectors, so the inner product is the cosine similarity. Search is exact.
The word distance does not leave this module.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from indexer.encoder import Embeddings
from indexer.errors import SnapshotError

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MAX_VECTOR_BYTES = 4 * 1024**3
_MAX_LOOPS = 10_000_000


class DenseIndex:
    """Unit vectors, searched exactly by cosine similarity.

    Source: inner product over all rows, FAISS IndexFlatIP. `search` and `similarities`
    agree; the second gives all rows at once and is what ranking needs.
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Embeddings, dim: int) -> DenseIndex:
        """Index unit rows: float32, shape (n, dim); n may be 0."""
        index = faiss.IndexFlatIP(dim)
        if len(vectors):
            index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def from_bytes(cls, raw: bytes, name: str, count: int, dim: int) -> DenseIndex:
        """Load an index whose bytes have been verified.

        Raises:
            SnapshotError: faiss refuses the bytes, or they hold another number or
                length of vectors than the manifest says.
        """
        faiss.set_deserialization_vector_byte_limit(_MAX_VECTOR_BYTES)
        faiss.set_deserialization_loop_limit(_MAX_LOOPS)
        try:
            index = faiss.deserialize_index(np.frombuffer(raw, dtype=np.uint8))
        except RuntimeError as error:
            raise SnapshotError(f"{name}: faiss cannot read it: {error}") from error
        if (index.ntotal, index.d) != (count, dim):
            raise SnapshotError(
                f"{name}: holds {index.ntotal} vectors of length {index.d}; "
                f"the manifest says {count} of length {dim}"
            )
        return cls(index)

    def to_bytes(self) -> bytes:
        """Return the index as `from_bytes` reads it."""
        raw: bytes = faiss.serialize_index(self._index).tobytes()
        return raw

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def similarities(self, query: Embeddings) -> Embeddings:
        """Return every row's cosine similarity to one vector, in row order.

        Args:
            query: float32, shape (dim,), unit length.

        Returns:
            float32, shape (n,), in [-1, 1].
        """
        similarities: Embeddings = self.vectors() @ query
        return similarities

    def search(self, query: Embeddings, k: int) -> tuple[Rows, Embeddings]:
        """Return the k nearest rows to one vector, best first; equal ones in row order.

        Args:
            query: float32, shape (dim,), unit length.
            k: rows wanted, at least 1; fewer return from a smaller index.

        Returns:
            Row numbers and their cosine similarities in [-1, 1].
        """
        k = min(k, len(self))
        if k == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        similarities, rows = self._index.search(query[None, :], k)
        order = np.lexsort((rows[0], -similarities[0]))
        return rows[0][order], similarities[0][order]

    def vectors(self) -> Embeddings:
        """Return all rows as faiss holds them, not a copy: float32, shape (n, dim)."""
        count, dim = len(self), int(self._index.d)
        if not count:
            return np.zeros((0, dim), dtype=np.float32)
        rows: Embeddings = faiss.rev_swig_ptr(self._index.get_xb(), count * dim)
        return rows.reshape(count, dim)
