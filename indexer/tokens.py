"""Late interaction: how well the words of a question are met by the words of a chunk.

One vector for a whole passage blurs its details. So every token of every chunk is kept
too, as the encoder sees it in its context, but only as the signs of its numbers: 48 bytes
instead of 1,536 where a vector has 384 numbers. `TokenIndex.match` looks up, for each
token of a question, the most similar token of a chunk, and takes the mean, rare tokens
weighing more. It is meant for the best chunks of a question, not for all of them.

Sources: maximum similarity per question token, Khattab and Zaharia, "ColBERT", 2020;
signs as a sketch of a direction, Charikar, "Similarity Estimation Techniques", 2002.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.encoder import Embeddings, Encoded, TokenIds

Bits = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

TOKEN_FILES = ("signs.npy", "starts.npy", "ids.npy", "weights.npy")
# A question's rarest tokens; what a long ticket has beyond them adds time and no meaning.
_MOST_QUESTION_TOKENS = 24
# Tokens in more chunks than this tell nothing apart, and are half of all tokens.
_COMMON_SHARE, _COMMON_COUNT = 0.25, 3
_ID_BITS = 32


@dataclass(frozen=True, slots=True)
class PackedText:
    """An encoded text, small enough to be kept for every text of a corpus.

    Attributes:
        vector: of the whole text; float32, shape (dim,), unit length.
        token_ids: int32, shape (n,).
        token_signs: one bit a number, 1 where it is above 0; uint8,
            shape (n, token_dim / 8 rounded up).
    """

    vector: Embeddings
    token_ids: TokenIds
    token_signs: Bits


def pack(encoded: Encoded) -> PackedText:
    """Return an encoded text with the signs of its tokens' numbers only."""
    return PackedText(
        vector=encoded.vector,
        token_ids=encoded.token_ids,
        token_signs=np.packbits(encoded.token_vectors > 0, axis=1),
    )


class TokenIndex:
    """The tokens of all chunks, and how much each distinct token tells."""

    def __init__(self, signs: Bits, starts: Rows, ids: TokenIds, weights: Floats) -> None:
        self._signs = signs
        self._starts = starts
        self._ids = ids
        self._weights = weights
        self._unseen_weight = _weight(0, len(self))

    @classmethod
    def build(cls, chunks: Sequence[PackedText], token_dim: int) -> TokenIndex:
        """Index the tokens of the chunks, in their order; those in most chunks are left out.

        A token's weight is its inverse document frequency over the chunks.
        """
        lengths = [len(chunk.token_ids) for chunk in chunks]
        owners = np.repeat(np.arange(len(chunks), dtype=np.int64), lengths)
        found = np.concatenate([np.zeros(0, dtype=np.int32), *(one.token_ids for one in chunks)])
        # Chunk and token in one number, so that one sort finds what each chunk has.
        distinct = np.unique(owners << _ID_BITS | found) & ((1 << _ID_BITS) - 1)
        ids, counts = np.unique(distinct, return_counts=True)
        common = ids[counts > max(_COMMON_COUNT, _COMMON_SHARE * len(chunks))]
        kept = ~np.isin(found, common)
        width = (token_dim + 7) // 8
        signs = np.concatenate(
            [np.zeros((0, width), dtype=np.uint8), *(one.token_signs for one in chunks)]
        )
        lasting = np.bincount(owners[kept], minlength=len(chunks))
        return cls(
            signs=signs[kept],
            starts=np.concatenate([[0], np.cumsum(lasting)]).astype(np.int64),
            ids=ids.astype(np.int32),
            weights=np.array([_weight(count, len(chunks)) for count in counts], dtype=np.float32),
        )

    def __len__(self) -> int:
        return len(self._starts) - 1

    def match(self, question: Encoded, chunks: Rows) -> Floats:
        """Return how well each of some chunks meets the words of a question.

        Args:
            question: encoded by the encoder of these chunks.
            chunks: rows of chunks, shape (k,).

        Returns:
            float32, shape (k,), about -0.8 to 0.8, as signs alone lose a fifth; 0 for a
            chunk without tokens.
        """
        weights = self._weights_of(question.token_ids)
        chosen = np.argsort(-weights, kind="stable")[:_MOST_QUESTION_TOKENS]
        weights = weights[chosen]
        scores = np.zeros(len(chunks), dtype=np.float32)
        total = float(weights.sum())
        if total <= 0:
            return scores
        tokens = question.token_vectors[chosen]
        # With signs s and bits b: t . s = t . (2 b - 1) = 2 (t . b) - sum(t).
        columns, sums = 2 * tokens.T, tokens.sum(axis=1)
        # One chunk at a time stays in the processor's cache: twice as fast as all at once.
        for place, chunk in enumerate(chunks):
            signs = self._signs[self._starts[chunk] : self._starts[chunk + 1]]
            if len(signs):
                bits = np.unpackbits(signs, axis=1, count=tokens.shape[1])
                best = (bits.astype(np.float32) @ columns).max(axis=0) - sums
                scores[place] = best @ weights / (math.sqrt(tokens.shape[1]) * total)
        return scores

    def save(self, folder: Path) -> None:
        """Write `TOKEN_FILES` into a new folder."""
        folder.mkdir(parents=True)
        arrays = (self._signs, self._starts, self._ids, self._weights)
        for name, array in zip(TOKEN_FILES, arrays, strict=True):
            np.save(folder / name, np.asarray(array), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        """Read what `save` wrote; the signs stay on disk. The caller has verified the files."""
        signs, *others = TOKEN_FILES
        return cls(
            # A plain array over the same pages: slices of a memmap take longer to make.
            np.asarray(np.load(folder / signs, mmap_mode="r", allow_pickle=False)),
            *(np.load(folder / name, allow_pickle=False) for name in others),
        )

    def _weights_of(self, ids: TokenIds) -> Floats:
        """Return each token's weight; one that no chunk has weighs most."""
        if not len(self._ids):
            return np.full(len(ids), self._unseen_weight, dtype=np.float32)
        places = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        known = self._ids[places] == ids
        return np.where(known, self._weights[places], self._unseen_weight).astype(np.float32)


def _weight(count: int, chunks: int) -> float:
    """Return the inverse document frequency of a token that `count` of the chunks have."""
    return math.log1p((chunks - count + 0.5) / (count + 0.5))
