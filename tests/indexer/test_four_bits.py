"""Weights in 4-bit blocks, unpacked and found again."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.four_bits import find_blocks, unpack


def test_unpack_gives_low_halves_first():
    """A block of scale 0.5 and bytes 0x10, 0x32 … has its low halves in front, minus 8."""
    scale = np.float16(0.5).tobytes()
    weights = unpack(scale + bytes([0xF0, 0x8A]) + bytes([0x88] * 14))
    assert weights.shape == (32,)
    assert weights[:2].tolist() == [0.5 * (0 - 8), 0.5 * (10 - 8)]
    assert weights[16:18].tolist() == [0.5 * (15 - 8), 0.5 * (8 - 8)]
    assert not weights[2:16].any()
    assert not weights[18:].any()


def test_find_blocks_gives_back_what_was_unpacked():
    """Numbers and scales of unpacked blocks are found, a block of zeros among them."""
    rng = np.random.default_rng(3)
    numbers = rng.integers(0, 16, (6, 32)).astype(np.uint8)
    numbers[:, 5] = 0
    scales = rng.normal(size=6).astype(np.float16)
    scales[4] = 0
    packed = b"".join(
        scale.tobytes() + (block[:16] | (block[16:] << 4)).tobytes()
        for scale, block in zip(scales, numbers, strict=True)
    )
    weights = unpack(packed).reshape(3, 64)
    pairs, found_scales = find_blocks(weights)
    assert pairs.shape == (3, 2, 16)
    np.testing.assert_array_equal(found_scales, scales.astype(np.float32).reshape(3, 2))
    found = np.stack([pairs & 15, pairs >> 4], axis=-1).reshape(6, 32)
    numbers[4] = 8
    np.testing.assert_array_equal(found, numbers)


@pytest.mark.parametrize("columns", [32, 40])
def test_find_blocks_finds_none_in_ordinary_weights(columns):
    """Weights that are on no 4-bit grid, or in no whole blocks, are left alone."""
    weights = np.random.default_rng(3).normal(size=(4, columns)).astype(np.float32)
    assert find_blocks(weights) is None
    assert find_blocks(np.ones((2, 40), dtype=np.float32)) is None
