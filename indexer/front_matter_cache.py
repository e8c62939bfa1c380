"""Front matter already read on this machine: the YAML of a library takes longer than its text.

What YAML says depends on nothing but its text and the code that reads it. Only what comes
back from the cache exactly as it was read is kept; what cannot be read is read anew each time,
so that its error names the file and the line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Files
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

from indexer import safe_yaml
from indexer.article import SourceText, split_front_matter
from indexer.cache import Cache, cache_folder
from indexer.errors import ArticleError
from indexer.safe_yaml import Mapping, load_mapping

# A day is written as a mapping with this key alone.
_DAY = "day"


def split_files(files: Files[str, bytes]) -> dict[str, SourceText | ArticleError]:
    """Return each file split at its front matter, or the error that reading it gave.

    Args:
        files: their bytes, by the path that errors name; see `split_front_matter`.
    """
    texts: dict[str, bytes] = {}

    def note(text: str, path: str, first_line: int) -> Mapping:  # noqa: ARG001  # a loader's
        texts[text] = hashlib.sha256(_code() + text.encode()).digest()
        return Mapping({}, {}, ())

    for path, raw in files.items():
        _split(path, raw, note)
    kept = Cache(cache_folder() / "front-matter.sqlite")
    found = dict(zip(texts, kept.find(list(texts.values())), strict=True))
    known = {text: mapping for text, raw in found.items() if raw and (mapping := _unpacked(raw))}
    made: dict[bytes, bytes] = {}

    def load(text: str, path: str, first_line: int) -> Mapping | None:
        mapping = known.get(text)
        if mapping is None:
            mapping = load_mapping(text, path, first_line)
            packed = None if mapping is None else _packed(mapping)
            if packed is not None:
                made[texts[text]] = packed
        return mapping

    split = {path: _split(path, raw, load) for path, raw in files.items()}
    if made:
        kept.store(made.items())
    kept.touch(texts.values())
    return split


def _split(path: str, raw: bytes, load: safe_yaml.Loader) -> SourceText | ArticleError:
    try:
        return split_front_matter(path, raw, load)
    except ArticleError as error:
        return error


@cache
def _code() -> bytes:
    """Return what names the code that reads YAML."""
    raw = Path(str(safe_yaml.__file__)).read_bytes() + version("PyYAML").encode()
    return hashlib.sha256(raw).digest()


def _packed(mapping: Mapping) -> bytes | None:
    """Return a mapping as bytes; None for one that would not come back as it is."""
    parts = [mapping.values, mapping.lines, mapping.repeated]
    try:
        raw = json.dumps(parts, default=_day).encode()
    except TypeError:
        return None
    return raw if _unpacked(raw) == mapping else None


def _unpacked(raw: bytes) -> Mapping | None:
    """Return the mapping that `_packed` wrote; None for anything else."""
    try:
        values, lines, repeated = json.loads(raw, object_hook=_read_day)
        return Mapping(values, lines, tuple(repeated))
    except (ValueError, TypeError):
        return None


def _day(value: object) -> dict[str, str]:
    """Return a day as JSON has it.

    Raises:
        TypeError: it is something else, or a time too.
    """
    if type(value) is not date:
        raise TypeError
    return {_DAY: value.isoformat()}


def _read_day(found: dict[str, object]) -> object:
    if list(found) == [_DAY] and isinstance(found[_DAY], str):
        return date.fromisoformat(str(found[_DAY]))
    return found
