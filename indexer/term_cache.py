"""Texts whose terms this machine has worked out before: stemming takes longer than counting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from indexer import lexical
from indexer.cache import Cache, cache_folder
from indexer.lexical import analyze


def terms_of(texts: Sequence[str], languages: Sequence[str]) -> list[list[str]]:
    """Return the terms of each text, in order; see `analyze`."""
    cache = Cache(cache_folder() / "terms.sqlite")
    # A term holds no blank, so one is enough to keep them apart.
    made_by = [Path(str(lexical.__file__)).read_text(encoding="utf-8"), version("PyStemmer")]
    code = hashlib.sha256(json.dumps(made_by).encode()).digest()
    pairs = list(zip(texts, languages, strict=True))
    keys = [hashlib.sha256(b"\0".join([code, o.encode(), t.encode()])).digest() for t, o in pairs]
    known = [None if raw is None else raw.decode().split() for raw in cache.find(keys)]
    found = [
        analyze(*pair) if terms is None else terms for pair, terms in zip(pairs, known, strict=True)
    ]
    missing = [place for place, terms in enumerate(known) if terms is None]
    if missing:
        cache.store((keys[place], " ".join(found[place]).encode()) for place in missing)
    cache.touch(keys)
    return found
