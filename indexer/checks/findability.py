"""Rules about what people will be shown: questions that find their article, and who says the same.

They look at what `measure` found out with an index; without one they find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Source

if TYPE_CHECKING:
    from indexer.overlap import Overlap, Passage

_MOST_CHARS = 80
_NUMBER = re.compile(r"(?<![\w.-])(\d+(?:[.,:]\d+)*)\s?(%|[^\W\d]+)")
_NAMES = {
    "severity": re.compile(r"\bsev[1-4]\b"),
    "channel": re.compile(r"(?<![\w/])#[a-z][\w-]+"),
    "code": re.compile(r"\b[A-Z]{2,}-\d+\b"),
}
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\s+")
# A command belongs to a passage that ends at most this many lines above it.
_LINES_BELOW = 3


def own_questions(folder: Folder) -> Iterator[Fault]:
    """A question brings its article among the first three, also without its own vector."""
    # A question that is another article's too is not to be asked in a second way.
    told = {(one.path, one.line) for one in folder.found if one.rule == "same-question"}
    for one in folder.asked:
        if not one.is_found:
            source = folder.by_path[one.path]
            line = source.line_of("questions", one.question)
            if (one.path, line) in told:
                continue
            place = f"at rank {one.rank}" if one.rank else "nowhere near"
            message = (
                f"{one.question!r}, when it is not counted itself, brings this article {place}; "
                f"{one.first} comes first"
            )
            hint = "ask it in a second way too, say it in the text, or leave it to that article"
            yield source.fault(line, message, hint)


def overlap(folder: Folder) -> Iterator[Fault]:
    """No two articles say the same: one of them is forgotten when it changes."""
    for found in folder.overlaps:
        if not _difference(folder, found):
            for mine, other in ((found.first, found.second), (found.second, found.first)):
                message = (
                    f"says the same as {other.path}:{other.line} ({found.likeness:.0%} alike): "
                    f"“{_short(mine.text)}” / “{_short(other.text)}”"
                )
                hint = "say it in one place and link to it"
                yield folder.by_path[mine.path].fault(mine.line, message, hint)


def differing_facts(folder: Folder) -> Iterator[Fault]:
    """Where two articles say the same, they name the same command, number, team and code."""
    for found in folder.overlaps:
        difference = _difference(folder, found)
        if difference:
            here, there = difference
            for mine, other, own, others in (
                (found.first, found.second, here, there),
                (found.second, found.first, there, here),
            ):
                message = (
                    f"says {own} where {other.path}:{other.line} says {others}: "
                    f"“{_short(mine.text)}” / “{_short(other.text)}”"
                )
                hint = "find out which is right; say it in one place and link to it"
                yield folder.by_path[mine.path].fault(mine.line, message, hint)


def _difference(folder: Folder, found: Overlap) -> tuple[str, str] | None:
    """Return the first fact in which two passages differ, as each of them has it.

    Facts of a kind that only one of them has are no contradiction.
    """
    here, there = (_facts(folder, passage) for passage in (found.first, found.second))
    for kind, mine in here.items():
        others = there.get(kind, {})
        if mine and others and not mine.keys() & others.keys():
            return ", ".join(mine.values()), ", ".join(others.values())
    return None


def _facts(folder: Folder, passage: Passage) -> dict[str, dict[str, str]]:
    """Return what a passage names, by kind: commands, numbers of each unit, teams, codes.

    Each as it is compared, with how it is shown.
    """
    facts: dict[str, dict[str, str]] = {}

    def add(kind: str, fact: str, shown: str) -> None:
        facts.setdefault(kind, {})[fact] = shown

    for command in _commands(folder.by_path[passage.path], passage):
        add("command", command, command)
    for number, unit in _NUMBER.findall(passage.text):
        add(unit.lower().removesuffix("s"), number, f"{number} {unit}")
    for kind, pattern in _NAMES.items():
        for name in pattern.findall(passage.text):
            add(kind, name, name)
    for team in (folder.teams or {}).values():
        if team.name in passage.text:
            add("team", team.name, team.name)
    return facts


def _commands(source: Source, passage: Passage) -> Iterator[str]:
    """Yield the first lines of the code that belongs to a passage, placeholders left out."""
    for block in source.page.code:
        if passage.line < block.line <= passage.last_line + _LINES_BELOW:
            first = block.text.strip().split("\n")[0]
            yield _PLACEHOLDER.sub(" ", first).strip()


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - 1].rstrip() + "…"
