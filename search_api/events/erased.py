"""What the record keeps of erasures, and how it is found again in a backup: keyed hashes alone."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from search_api.events.audit import AuditRecord
from search_api.events.erasure import MINUTE, Target
from search_api.events.tables import FEEDBACK, PERSONAL, QUESTIONS, WORDS, columns_with
from search_api.events.traces import is_distinctive

_FINGERPRINT = re.compile(r"fingerprint ([0-9a-f]{16})")
_NAME = re.compile(r", name (?:short|(\d{1,3}-[0-9a-f]{16}))")
_BEFORE = re.compile(r"older than (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
_WORD = re.compile(r"\w+")
_MOST_WORDS = 100


def fingerprint_of(kind: str, label: str, secret: bytes) -> str:
    """Return what a record keeps of an erased target; another hash than the log's own."""
    return _hash(f"erased {kind}: {label}", secret)


def name_mark_of(name: str, secret: bytes) -> str:
    """Return how many words a name has, and a keyed hash of it, to be found in texts."""
    words = list(_WORD.finditer(name))
    if not is_distinctive(name) or not 0 < len(words) <= _MOST_WORDS:
        return "short"
    return _mark(name[words[0].start() : words[-1].end()], len(words), secret)


def without_name_mark(records: Iterable[AuditRecord]) -> int:
    """Return of how many erasures nobody can tell any more which name was looked for in texts."""
    erased = (one.target for one in records if one.command == "erase")
    return sum(bool(_FINGERPRINT.search(told)) and not _NAME.search(told) for told in erased)


def names_again(
    connection: sa.Connection, records: Iterable[AuditRecord], secret: bytes
) -> Sequence[str]:
    """Return the names that texts of a log have of those that records say were erased."""
    found = (_NAME.search(one.target) for one in records if one.command == "erase")
    marks = {mark[1] for mark in found if mark and mark[1]}
    lengths = {int(mark.partition("-")[0]) for mark in marks}
    seen: set[str] = set()
    names = []
    for text in _texts(connection) if marks else ():
        for name, length in _runs(text, lengths):
            if name not in seen:
                seen.add(name)
                if _mark(name, length, secret) in marks:
                    names.append(name)
    return sorted(names)


def fingerprints_in(records: Iterable[AuditRecord]) -> set[str]:
    """Return the fingerprints of all that records say was erased."""
    found = (_FINGERPRINT.search(one.target) for one in records if one.command == "erase")
    return {mark[1] for mark in found if mark}


def newest_limit(records: Iterable[AuditRecord]) -> datetime | None:
    """Return before which time records say that everything was deleted by age."""
    found = (_BEFORE.search(one.target) for one in records if one.command == "retention")
    limits = [datetime.strptime(f"{limit[1]} +0000", f"{MINUTE} %z") for limit in found if limit]
    return max(limits, default=None)


def targets_with(
    connection: sa.Connection, fingerprints: set[str], secret: bytes
) -> Sequence[Target]:
    """Return what a log still has of targets that were erased elsewhere."""
    found = []
    for kind in ("reference", "actor"):
        labels = {
            label
            for table in (QUESTIONS, FEEDBACK)
            for label in connection.execute(sa.select(table.c[kind]).distinct()).scalars()
            if label is not None
        }
        for label in sorted(labels):
            mark = fingerprint_of(kind, label, secret)
            if mark in fingerprints:
                is_reference = kind == "reference"
                found.append(
                    Target(
                        reference=label if is_reference else None,
                        actor=None if is_reference else label,
                        names=(label,),
                        fingerprint=mark,
                    )
                )
    return found


def _texts(connection: sa.Connection) -> Iterator[str]:
    """Give every text that people wrote into a log."""
    for table in PERSONAL:
        columns = [table.c[name] for name in columns_with(table, WORDS)]
        for row in connection.execute(sa.select(*columns)):
            for value in row:
                yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _strings(part))


def _runs(text: str, lengths: set[int]) -> Iterator[tuple[str, int]]:
    """Give every run of so many words of a text, in small letters, with what stands between."""
    words = [word.span() for word in _WORD.finditer(text)]
    for length in lengths:
        for (start, _), (_, end) in zip(words, words[length - 1 :], strict=False):
            yield text[start:end].casefold(), length


def _mark(name: str, length: int, secret: bytes) -> str:
    return f"{length}-{_hash(f'erased name: {name.casefold()}', secret)}"


def _hash(text: str, secret: bytes) -> str:
    return hmac.digest(secret, text.encode(), "sha256").hex()[:16]
