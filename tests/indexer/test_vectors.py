"""The dense index agrees with plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import SnapshotError
from indexer.vectors import DenseIndex

# Unit vectors to multiply by hand: 3-4-5 triangles.
ROWS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0.6, 0.8], [-1, 0, 0]], dtype=np.float32)


def unit_rows(seed: int, count: int, dim: int) -> np.ndarray:
    """Return random unit rows, the same ones for the same seed."""
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_similarities_are_cosines_in_row_order():
    """Each row's similarity is its inner product with the query."""
    query = np.array([0.6, 0.8, 0], dtype=np.float32)
    found = DenseIndex.build(ROWS, 3).similarities(query)
    np.testing.assert_allclose(found, [0.6, 1.0, 0.48, -0.6], atol=1e-6)


def test_search_gives_the_nearest_rows_best_first():
    """Rows come by falling similarity, and fewer come from a smaller index."""
    index = DenseIndex.build(ROWS, 3)
    rows, similarities = index.search(np.array([0.6, 0.8, 0], dtype=np.float32), 3)
    assert rows.tolist() == [1, 0, 2]
    np.testing.assert_allclose(similarities, [1.0, 0.6, 0.48], atol=1e-6)
    rows, _ = index.search(np.array([0.6, 0.8, 0], dtype=np.float32), 10)
    assert rows.tolist() == [1, 0, 2, 3]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 200), k=st.integers(1, 20))
def test_search_agrees_with_numpy(seed, count, k):
    """Search and similarities give what plain numpy gives."""
    rows, query = unit_rows(seed, count, 16), unit_rows(seed + 1, 1, 16)[0]
    index = DenseIndex.build(rows, 16)
    expected = rows @ query
    np.testing.assert_allclose(index.similarities(query), expected, atol=1e-5)
    found, similarities = index.search(query, k)
    best = np.sort(expected)[::-1][:k]
    np.testing.assert_allclose(similarities, best, atol=1e-5)
    np.testing.assert_allclose(expected[found], best, atol=1e-5)
    assert len(set(found.tolist())) == min(k, count)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 40])
def test_search_breaks_ties_by_row(k):
    """Equal similarities come in row order, also where k cuts between them."""
    rows = np.tile(ROWS[1], (40, 1))
    found, _ = DenseIndex.build(rows, 3).search(np.array([0, 1, 0], dtype=np.float32), k)
    assert found.tolist() == list(range(k))


def test_an_empty_index_finds_nothing(tmp_path):
    """No rows give no similarities and no hits, also after a round trip."""
    empty = DenseIndex.build(np.zeros((0, 3), dtype=np.float32), 3)
    loaded = DenseIndex.from_bytes(empty.to_bytes(), "x.faiss", 0, 3)
    for index in (empty, loaded):
        assert len(index) == 0
        assert index.vectors().shape == (0, 3)
        assert index.similarities(ROWS[0]).tolist() == []
        assert [part.tolist() for part in index.search(ROWS[0], 5)] == [[], []]


def test_from_bytes_reads_what_to_bytes_wrote():
    """A round trip keeps every bit of every row."""
    rows = unit_rows(1, 50, 8)
    raw = DenseIndex.build(rows, 8).to_bytes()
    assert DenseIndex.build(rows, 8).to_bytes() == raw
    loaded = DenseIndex.from_bytes(raw, "x.faiss", 50, 8)
    assert loaded.vectors().tobytes() == rows.tobytes()


@pytest.mark.parametrize(("count", "dim"), [(3, 3), (5, 3), (4, 2), (0, 3)])
def test_from_bytes_refuses_another_size_than_stated(count, dim):
    """Another number or length of vectors than the manifest's is refused by name."""
    raw = DenseIndex.build(ROWS, 3).to_bytes()
    with pytest.raises(
        SnapshotError, match=rf"x\.faiss: holds 4 vectors of length 3; .* {count} of length {dim}"
    ):
        DenseIndex.from_bytes(raw, "x.faiss", count, dim)


@pytest.mark.parametrize("raw", [b"", b"x", b"IxFI", b"not an index at all" * 20])
def test_from_bytes_refuses_garbage(raw):
    """Bytes that are no index are refused by name."""
    with pytest.raises(SnapshotError, match=r"x\.faiss"):
        DenseIndex.from_bytes(raw, "x.faiss", 4, 3)


def test_from_bytes_refuses_a_part_of_an_index():
    """An index cut anywhere is refused by name."""
    raw = DenseIndex.build(ROWS, 3).to_bytes()
    for length in range(0, len(raw), 7):
        with pytest.raises(SnapshotError, match=r"x\.faiss"):
            DenseIndex.from_bytes(raw[:length], "x.faiss", 4, 3)
