"""Rules about the file itself and the shape of its front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from indexer.article import MIN_QUESTIONS, REQUIRED_KEYS, FrontMatter
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
_ID_WORDS = "2 to 8 small letters, a hyphen, 3 to 5 digits"
# What is wrong with a value, and what to do, by the type of pydantic's error.
_TOLD = {
    "missing": ("is missing", "add it below {key}"),
    "literal_error": ("{value} is none of {allowed}", "take one of them"),
    "tuple_type": ("is no list", "write [one, two], or each on a line of its own behind a hyphen"),
    "string_too_short": ("is empty", "write something, or remove the line"),
    "too_short": ("is an empty list", "write something, or remove the line"),
    "date": ("{value} is no date", "write it like 2026-10-14"),
    "int": ("{value} is no whole number", "write a number such as 30"),
    "greater_than_equal": ("{value} is too small", "write 0 or more"),
}
# What most often stands behind a message of the YAML reader.
_YAML_HINTS = (
    ("mapping values are not allowed", "put quotes around a value with a colon; align the keys"),
    ("cannot start any token", "write blanks instead of tabs, and quotes around odd characters"),
    ("could not find expected ':'", "write key: value, with a blank behind the colon"),
    ("alphabetic or numeric character", "put quotes around a value that begins with * or &"),
    ("but got '<stream end>'", "close the bracket, or put quotes around the value"),
    ("found unexpected end of stream", "close the quotes"),
    ("<block end>", "align the keys; close quotes and brackets"),
    ("never closed", "write --- on a line of its own below the last key"),
    ("not UTF-8", "save it as UTF-8 in your editor"),
)
_NO_TEXT = {
    type(None): ("is empty", "write something; what begins with # needs quotes around it"),
    dict: ("is no text, because of its colon", "put quotes around all of it"),
    list: ("is a list", "write one text, without brackets and hyphens"),
}
# A key this near is the other one with a slip, and may be mended without asking.
_SAFELY_NEAR = 0.8


def readable(folder: Folder) -> Iterator[Fault]:
    """A file is UTF-8 text and its front matter is safe YAML."""
    for source in folder.sources:
        if isinstance(source.text, ArticleError):
            error = source.text
            # In a file of many entries the field says which one is meant.
            told = f"{error.field}: {error.reason}" if "." in (error.field or "") else error.reason
            hint = next((hint for sign, hint in _YAML_HINTS if sign in told), "mend the file")
            yield source.fault(error.line, told, f"{hint}; it is not published")


def schema(folder: Folder) -> Iterator[Fault]:
    """Front matter has every required key, no unknown one, and allowed values."""
    for source in folder.texts:
        if not source.values:
            yield source.fault(
                1, "no front matter", "begin with sop new AREA/SLUG, and put the text there"
            )
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
    misspelt = misspelt_keys(source).values()
    for key in REQUIRED_KEYS:
        # A key without a value says nothing: `owner:`.
        if values.get(key) is None and key not in misspelt:
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
            line = _line(source, key, inner)
            name = ".".join([key, *inner])
            if fault["type"] == "extra_forbidden":
                hint = meant(([key, *inner])[-1], _fields(key, inner), _unknown_hint(key, inner))
                yield source.fault(line, f"unknown key {name}", hint)
            elif name == "id":
                yield source.fault(
                    line, f"id {source.values['id']!r} is not like acc-001", _ID_WORDS
                )
            elif name == "summary" and fault["type"] == "string_too_long":
                continue  # the rule `summary` says by how much
            else:
                message, hint = _told(fault, key)
                yield source.fault(line, f"{_place(key, inner)} {message}", hint)


def _line(source: Source, key: str, inner: Sequence[str]) -> int:
    """Return the line of a value: of an entry, of a key within a key, else of the key."""
    if len(inner) == 1 and inner[0].isdigit():
        return source.entry_line(key, int(inner[0]))
    return source.line_of(key, *(f"{part}:" for part in inner if not part.isdigit()))


def _place(key: str, inner: Sequence[str]) -> str:
    """Return how people name a value: `escalation.severity:`, `questions, entry 2:`."""
    names = [part for part in inner if not part.isdigit()]
    entry = "".join(f", entry {int(part) + 1}" for part in inner if part.isdigit())
    return f"{'.'.join([key, *names])}{entry}:"


def _told(fault: Mapping[str, Any], key: str) -> tuple[str, str]:
    """Return what is wrong with a value and what to do, in words that need no programming."""
    kind, value = str(fault["type"]), fault.get("input")
    shown = repr(value) if isinstance(value, str) else str(value)
    allowed = _QUOTED.findall(str(fault.get("ctx", {}).get("expected", "")))
    if kind == "string_type":
        message, hint = _NO_TEXT.get(type(value), (f"{shown} is no text", "put quotes around it"))
    elif kind == "string_pattern_mismatch" and key == "language":
        message, hint = f"{shown} is no language tag", "write one such as en, de or zh-Hans"
    elif kind == "string_pattern_mismatch":
        message, hint = f"{shown} is not like acc-001", _ID_WORDS
    else:
        family = kind if kind in _TOLD else kind.partition("_")[0]
        message, hint = _TOLD.get(family, (str(fault["msg"]), _SEE))
    if allowed and isinstance(value, str):
        hint = meant(value, allowed, hint)
    return message.format(value=shown, allowed=", ".join(allowed)), hint.format(key=key)


def _fields(key: str, inner: Sequence[str]) -> list[str]:
    """Return the names that are allowed where an unknown one stands."""
    if not inner:
        return [*FrontMatter.model_fields]
    for part in get_args(FrontMatter.model_fields[key].annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return [*part.model_fields]
    return []


def _unknown_hint(key: str, inner: Sequence[str]) -> str:
    return "remove it" if inner else f"remove it, or name it x-{key}"
