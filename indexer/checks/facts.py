"""What a file alone shows, kept on this machine: the parts of its page, and personal data in it.

Reading Markdown and looking for telephone numbers take most of a check, and depend on nothing
but the text, the names that articles may use, and the code. Of personal data only the kind
and the line are kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from indexer import anchors, markdown, pages
from indexer.cache import Cache, cache_folder
from indexer.checks import folder as folders
from indexer.checks import page, wording
from indexer.checks.folder import Facts, Folder, Source
from indexer.checks.wording import nobodys, personal_lines
from indexer.redaction import redactor

_CODE = (anchors, markdown, pages, folders, page, wording)
_LIBRARIES = ("markdown-it-py", "phonenumbers")
_FACTS = TypeAdapter(Facts)


def with_facts(folder: Folder) -> Folder:
    """Return a folder whose looked-at files know their facts, from the cache where it has them."""
    wanted = folder.looked_at
    kept = Cache(cache_folder() / "facts.sqlite")
    names = json.dumps([(one.pattern, one.flags) for one in nobodys(folder.platform)])
    keys = [_key(source, names) for source in wanted]
    made: list[tuple[bytes, bytes]] = []
    facts: dict[str, Facts] = {}
    for source, key, raw in zip(wanted, keys, kept.find(keys), strict=True):
        found = None if raw is None else _from_bytes(raw)
        if found is None:
            found = Facts(source.page, personal_lines(source, nobodys(folder.platform)))
            if packed := _to_bytes(found):
                made.append((key, packed))
        facts[source.path] = found
    if made:
        kept.store(made)
    kept.touch(keys)
    sources = [
        replace(one, facts=facts[one.path]) if one.path in facts else one for one in folder.sources
    ]
    return replace(folder, sources=sources)


def _key(source: Source, names: str) -> bytes:
    parts = [_code(), names.encode(), str(source.body_line).encode(), source.raw]
    # Template code is no text in some files, so that the name counts.
    parts.append(source.path.lower().rpartition(".")[2].encode())
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).digest()


@cache
def _code() -> bytes:
    """Return what names the code that finds facts."""
    files = [Path(str(module.__file__)) for module in _CODE]
    files += sorted(Path(str(redactor.__file__)).parent.glob("*.py"))
    raw = [file.read_bytes() for file in files]
    return b"".join([*raw, *(version(name).encode() for name in _LIBRARIES)])


def _to_bytes(facts: Facts) -> bytes | None:
    """Return facts as bytes; None where they hold what is no text."""
    try:
        return _FACTS.dump_json(facts)
    except ValueError:
        return None


def _from_bytes(raw: bytes) -> Facts | None:
    try:
        return _FACTS.validate_json(raw)
    except ValidationError:
        return None
