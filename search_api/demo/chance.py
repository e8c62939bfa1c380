"""Chance that comes out the same again: every number is a function of the seed and a name."""

from __future__ import annotations

import hashlib
from random import Random


def dice(seed: int, *name: object) -> Random:
    """Return dice of their own for a seed and a name; the same two always throw the same."""
    return Random(f"{seed}:{':'.join(map(str, name))}")  # noqa: S311  # nothing here is secret


def made_id(seed: int, *name: object) -> str:
    """Return 32 hexadecimal digits that stand for a seed and a name."""
    text = f"{seed}:{':'.join(map(str, name))}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
