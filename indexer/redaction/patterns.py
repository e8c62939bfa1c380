"""Patterns of an operator: what else is personal here, such as user ids of an own form.

A pattern is refused at the door unless its cost is bounded. Python's matcher goes back over
its choices and cannot be interrupted; so a pattern is read, and the ways in which it may go
through a text from one place are counted. There may be 500. That is why `+` and `*` are
refused and `{1,40}` is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from indexer.errors import SopError

KIND = re.compile(r"[a-z]{2,20}(?:-[a-z]{1,20}){0,2}")
MOST_PATTERNS, MOST_CHARS, MOST_WAYS = 20, 300, 500
# Nothing in it is personal; a pattern that finds something here takes what people ask about.
_ORDINARY = (
    "how do i reset the password of a user in the queue comments-std, the page shows GH-1001 and "
    "nothing else. Since 10:15 on 2026-10-01 version 2.4 is slow: 40 of 200 tasks wait in sg."
)
_QUANTIFIER = re.compile(r"[?*+]|\{(?P<low>\d*)(?P<comma>,?)(?P<high>\d*)\}")
_GROUP_START = re.compile(r"\(\?(?::|=|!|<=|<!|>|P<\w+>|[aims]+\)|[aims]+:)|\((?!\?)")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[^0-9]|0)", re.DOTALL)


class PatternError(SopError, ValueError):
    """A pattern of the settings is not one that may be used."""


@dataclass(frozen=True, slots=True)
class CustomPattern:
    """One pattern and what stands in the place of what it finds."""

    kind: str
    pattern: re.Pattern[str]


def read_patterns(table: Mapping[str, str | tuple[str, ...]]) -> tuple[CustomPattern, ...]:
    """Return the patterns of a table of kinds, each with one pattern or several.

    A group named `value` says which part of what is found is taken out; without one, all is.

    Raises:
        PatternError: a kind or a pattern is not allowed; says which and what to do.
    """
    found = tuple(
        _read_pattern(kind, pattern)
        for kind, patterns in table.items()
        for pattern in ((patterns,) if isinstance(patterns, str) else patterns)
    )
    if len(found) > MOST_PATTERNS:
        raise PatternError(
            f"{len(found)} patterns are too many; write at most {MOST_PATTERNS}, "
            "and join those of a kind with |"
        )
    return found


def _from_json(written: object) -> object:
    """Return the table that a variable writes as JSON; anything else as it is.

    Raises:
        PatternError: it is no JSON.
    """
    if not isinstance(written, str):
        return written
    try:
        return json.loads(written)
    except ValueError as error:
        raise PatternError(f"is written as JSON in a variable: {error}") from error


def _bounded(table: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    """Return the table as it is; refuse what `read_patterns` refuses."""
    read_patterns(table)
    return table


PatternTable = Annotated[
    dict[str, str | tuple[str, ...]], BeforeValidator(_from_json), AfterValidator(_bounded)
]


def _read_pattern(kind: str, written: str) -> CustomPattern:
    if not KIND.fullmatch(kind):
        raise PatternError(
            f"kind {kind!r} is no name for a placeholder; write small letters with hyphens between "
            "them, such as user-id"
        )
    where = f"{kind}: pattern {written}"
    if len(written) > MOST_CHARS:
        raise PatternError(f"{where} has {len(written)} characters; write at most {MOST_CHARS}")
    try:
        pattern = re.compile(written)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"{where} is no regular expression: {error}") from error
    ways = _Reader(written, where).ways()
    if ways > MOST_WAYS:
        raise PatternError(
            f"{where} can go through a text in "
            + ("any number of" if ways == inf else f"{ways:,.0f}")
            + f" ways and would keep the service busy; at most {MOST_WAYS:,} are allowed: write "
            "{1,20} for + and *, and no repeat within a repeat"
        )
    if pattern.match("") or pattern.search(_ORDINARY):
        raise PatternError(
            f"{where} also finds ordinary text; begin and end it with \\b and write what is always "
            "the same in it, such as \\bE\\d{6}\\b"
        )
    return CustomPattern(kind, pattern)


class _Reader:
    """Counts in how many ways a pattern can match from one place of a text.

    One way for a character; a sequence multiplies, a choice adds, a repeat of something with
    one way has as many as it has lengths. What it does not know, such as a reference back to
    a group, is refused. The pattern has been compiled, so brackets are known to match.
    """

    def __init__(self, written: str, where: str) -> None:
        self._text = written
        self._where = where
        self._place = 0

    def ways(self) -> float:
        """Return the number of ways, infinite where nothing bounds it."""
        return self._choice()

    def _choice(self) -> float:
        ways = self._sequence()
        while self._text.startswith("|", self._place):
            self._place += 1
            ways += self._sequence()
        return ways

    def _sequence(self) -> float:
        ways = 1.0
        while self._place < len(self._text) and self._text[self._place] not in "|)":
            ways *= self._repeated(self._item())
        return ways

    def _item(self) -> float:
        if self._text[self._place] == "(":
            start = _GROUP_START.match(self._text, self._place)
            if start is None:
                raise self._refusal(self._text[self._place : self._place + 4])
            self._place = start.end()
            if start[0].endswith(")"):
                return 1
            ways = self._choice()
            self._place += 1
            return ways
        for whole in (_CLASS, _ESCAPE):
            if found := whole.match(self._text, self._place):
                self._place = found.end()
                return 1
        if self._text[self._place] == "\\":
            raise self._refusal(self._text[self._place : self._place + 2])
        self._place += 1
        return 1

    def _repeated(self, ways: float) -> float:
        found = _QUANTIFIER.match(self._text, self._place)
        if found is None or found[0] in ("{}", "{,}"):
            return ways
        self._place = found.end()
        if self._text[self._place : self._place + 1] in ("?", "+") and self._place < len(
            self._text
        ):
            self._place += 1  # lazy or possessive: no more ways than greedy
        if found[0] in "*+" or (found["comma"] and not found["high"]):
            return inf
        low = 0 if found[0] == "?" else int(found["low"] or 0)
        high = 1 if found[0] == "?" else int(found["high"] or low)
        if ways == 1:
            return high - low + 1
        # Above this the sum is far beyond what is allowed, and need not be worked out.
        return inf if high > 20 else sum(ways**count for count in range(low, high + 1))

    def _refusal(self, part: str) -> PatternError:
        return PatternError(
            f"{self._where} has {part!r}, whose cost cannot be told; leave it out: allowed are "
            "characters, classes, groups, choices and repeats with a limit"
        )
