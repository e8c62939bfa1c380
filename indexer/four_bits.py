"""Weights in blocks of 4-bit numbers: 32 weights share a scale.

weight = scale * (number - 8), with numbers from 0 to 15. The scale is chosen so that the
weight of largest magnitude has the number 0. Source: llama.cpp's `Q4_0`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]
# Numbers, two in a byte, and scales.
FourBits = tuple[npt.NDArray[np.uint8], Weights]

BLOCK = 32
_Q4_0 = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
BLOCK_BYTES = _Q4_0.itemsize
_CENTRE = 8


def unpack(packed: bytes | memoryview) -> Weights:
    """Return the weights of whole `Q4_0` blocks: a half-precision scale, then 16 bytes.

    The low halves of the bytes are the block's first sixteen numbers, the high halves the
    other sixteen.

    Returns:
        float32, shape (32 * number of blocks,).
    """
    blocks = np.frombuffer(packed, dtype=_Q4_0)
    weights = np.empty((len(blocks), BLOCK), dtype=np.float32)
    weights[:, : BLOCK // 2] = blocks["nibbles"] & 0x0F
    weights[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    weights -= _CENTRE
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.ravel()


def find_blocks(weights: Weights) -> FourBits | None:
    """Return the blocks that a matrix was unpacked from, or None if it was not.

    Args:
        weights: shape (rows, columns); a block lies along a row.

    Returns:
        The numbers, two in a byte, the first in the low half: shape (rows, columns / 32, 16);
        and the scales: shape (rows, columns / 32). They give the weights to the last bit.
    """
    rows, columns = weights.shape
    if columns % BLOCK:
        return None
    blocks = np.ascontiguousarray(weights).reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scales: Weights = largest / np.float32(-_CENTRE)
    # A block of zeros has no scale; its numbers are all 8.
    numbers = np.rint(blocks / np.where(scales == 0, np.float32(1), scales)) + _CENTRE
    if numbers.max(initial=0) > 15 or not np.array_equal((numbers - _CENTRE) * scales, blocks):
        return None
    halves = numbers.astype(np.uint8)
    pairs: npt.NDArray[np.uint8] = halves[:, 0::2] | (halves[:, 1::2] << np.uint8(4))
    return pairs.reshape(rows, -1, BLOCK // 2), scales.reshape(rows, -1)
