"""Rules about the file itself and the shape of its front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from indexer.article import ID_PATTERN, MIN_QUESTIONS, REQUIRED_KEYS, FrontMatter
from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Source, meant, nearest
from indexer.errors import ArticleError

# Where the key has the value, the needed key must be there too: what to say, and what to do.
_NEEDS = (
    ("type", "known-issue", "known_issue", "known_issue is missing", "say what its state is"),
    ("type", "tip", "pinned", "a tip must have an end", "add pinned.until"),
)
_SEE = "see docs/writing.md#front-matter"
_QUOTED = re.compile(r"'([^']*)'")
# A key this near is the other one with a slip, and may be mended without asking.
_SAFELY_NEAR = 0.8


def readable(folder: Folder) -> Iterator[Fault]:
    """A file is UTF-8 text and its front matter is safe YAML."""
    for source in folder.sources:
        if isinstance(source.text, ArticleError):
            error = source.text
            # In a file of many entries the field says which one is meant.
            told = f"{error.field}: {error.reason}" if "." in (error.field or "") else error.reason
            yield source.fault(error.line, told, "mend the file; it is not published")


def schema(folder: Folder) -> Iterator[Fault]:
    """Front matter has every required key, no unknown one, and allowed values."""
    for source in folder.texts:
        if not source.values:
            yield source.fault(1, "no front matter", "start from: sop new AREA/SLUG")
            continue
        if not isinstance(source.text, ArticleError) and source.text.mapping:
            for key in source.text.mapping.repeated:
                yield source.fault(source.line_of(key), f"{key} stands twice", "keep one")
        yield from _missing(source)
        yield from _wrong(source)


def misspelt_keys(source: Source) -> dict[str, str]:
    """Return keys that are another one with a slip, where the right one is missing and fits."""
    found: dict[str, str] = {}
    for key, value in source.values.items():
        if key in FrontMatter.model_fields or key.startswith("x-"):
            continue
        right = nearest(key, FrontMatter.model_fields, _SAFELY_NEAR)
        if right and right not in source.values and right not in found.values():
            try:
                FrontMatter.model_validate({right: value}, extra="forbid")
            except ValidationError:
                continue
            found[key] = right
    return found


def _missing(source: Source) -> Iterator[Fault]:
    values = source.values
    for key in REQUIRED_KEYS:
        # A key without a value says nothing: `owner:`.
        if values.get(key) is None:
            yield source.fault(
                source.line_of(key), f"{key} is missing", "add it to the front matter"
            )
    questions = values.get("questions")
    if isinstance(questions, list) and len(questions) < MIN_QUESTIONS:
        message = f"{len(questions)} questions, at least {MIN_QUESTIONS} are needed"
        yield source.fault(source.line_of("questions"), message, "add what people really type")
    for key, value, needed, message, hint in _NEEDS:
        if values.get(key) == value and needed not in values:
            yield source.fault(source.line_of(key), message, hint)


def _wrong(source: Source) -> Iterator[Fault]:
    known = {
        key: value
        for key, value in source.values.items()
        if not key.startswith("x-") and not (key in REQUIRED_KEYS and value is None)
    }
    try:
        FrontMatter.model_validate(known, extra="forbid")
    except ValidationError as error:
        for fault in error.errors():
            key, *inner = [str(part) for part in fault["loc"]]
            line = source.line_of(key, *(f"{part}:" for part in inner if not part.isdigit()))
            name = ".".join([key, *inner])
            if fault["type"] == "extra_forbidden":
                hint = meant(([key, *inner])[-1], _fields(key, inner), _unknown_hint(inner))
                yield source.fault(line, f"unknown key {name}", hint)
            elif name == "id":
                message = f"id {source.values['id']!r} is not like acc-001"
                yield source.fault(line, message, ID_PATTERN)
            elif name == "summary" and fault["type"] == "string_too_long":
                continue  # the rule `summary` says by how much
            else:
                yield source.fault(line, f"{name}: {fault['msg']}", _allowed_hint(fault))


def _fields(key: str, inner: Sequence[str]) -> list[str]:
    """Return the names that are allowed where an unknown one stands."""
    if not inner:
        return [*FrontMatter.model_fields]
    for part in get_args(FrontMatter.model_fields[key].annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return [*part.model_fields]
    return []


def _unknown_hint(inner: Sequence[str]) -> str:
    return "remove it" if inner else "remove it, or name it x-…"


def _allowed_hint(fault: Mapping[str, Any]) -> str:
    """Return the allowed word that is nearest, where words are listed."""
    allowed = _QUOTED.findall(str(fault.get("ctx", {}).get("expected", "")))
    given = fault.get("input")
    return meant(given, allowed, _SEE) if isinstance(given, str) and allowed else _SEE
