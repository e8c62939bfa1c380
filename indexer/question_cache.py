"""Own questions already encoded on this machine, with the vectors of their words.

Asking thousands of them would otherwise take as long as embedding the library. They stand in
git; what people typed does not, and its words could be read back from what is kept here, so it
is encoded anew each time and left nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from indexer.answer import ReadQuestion
from indexer.cache import Cache, cache_folder
from indexer.encoder import Encoded, Encoder
from indexer.ranking import Question
from indexer.search_index import SearchIndex


def encode_questions(
    index: SearchIndex, read: Sequence[ReadQuestion], *, remember: bool
) -> list[Question]:
    """Return questions as ranking takes them, in order.

    Args:
        index: where they will be asked.
        read: the questions.
        remember: whether all of them stand in git, so that they may be kept on this machine.
    """
    encoded: dict[tuple[int, str], Encoded] = {}
    for number, space in enumerate(index.spaces):
        texts = list(dict.fromkeys(one.text for one in read if one.space == number))
        found = (
            encode_remembered(space.encoder, texts)
            if remember
            else space.encoder.encode_tokens(texts, "query")
        )
        encoded |= {(number, text): one for text, one in zip(texts, found, strict=True)}
    return [one.encoded_as(encoded[one.space, one.text]) for one in read]


def encode_remembered(
    encoder: Encoder, texts: Sequence[str], step: Callable[[int], None] | None = None
) -> list[Encoded]:
    """Return own questions as an encoder sees them; what is not known is encoded and kept.

    Args:
        encoder: of a vector space.
        texts: questions that stand in git.
        step: called with 1 after each that is encoded, from any thread.
    """
    cache = Cache(cache_folder() / "questions" / f"{encoder.description.digest[:24]}.sqlite")
    keys = [hashlib.sha256(text.encode()).digest() for text in texts]
    raw = cache.find(keys)
    known = [None if one is None else _from_bytes(one, encoder) for one in raw]
    missing = [place for place, one in enumerate(known) if one is None]
    if missing:
        computed = encoder.encode_tokens([texts[place] for place in missing], "query", step)
        pairs = list(zip(missing, computed, strict=True))
        cache.store((keys[place], _to_bytes(one)) for place, one in pairs)
        for place, one in pairs:
            known[place] = one
    cache.touch(keys)
    return [one for one in known if one is not None]


def _to_bytes(encoded: Encoded) -> bytes:
    """Return vector, token ids and token vectors, one after the other, little-endian."""
    parts = (encoded.vector, encoded.token_ids, encoded.token_vectors)
    kinds = ("<f4", "<i4", "<f4")
    return b"".join(p.astype(kind).tobytes() for p, kind in zip(parts, kinds, strict=True))


def _from_bytes(raw: bytes, encoder: Encoder) -> Encoded | None:
    """Return what `_to_bytes` wrote for this encoder; None for anything else."""
    head, each = 4 * encoder.dim, 4 + 4 * encoder.token_dim
    count, rest = divmod(len(raw) - head, each)
    if count < 0 or rest:
        return None
    middle = head + 4 * count
    return Encoded(
        vector=np.frombuffer(raw[:head], dtype="<f4"),
        token_ids=np.frombuffer(raw[head:middle], dtype="<i4"),
        token_vectors=np.frombuffer(raw[middle:], dtype="<f4").reshape(count, encoder.token_dim),
    )
