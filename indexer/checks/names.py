"""Rules about names that are kept in files beside the articles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from indexer.article import ID_PATTERN
from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Source, meant, pairs_of
from indexer.platform import PLATFORM, Names
from indexer.teams import TEAMS

# `GH-1020`; in `questions` people also type `gh-1020`.
_CODE = re.compile(r"(?<![\w./-])[A-Za-z]{2,8}-\d{3,6}(?![\w-])", re.ASCII)
_KEYS_WITH_CODES = ("title", "summary", "questions", "symptoms")
_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_USE_KNOWN = "use a name that is there, or add yours there first"


def owner_exists(folder: Folder) -> Iterator[Fault]:
    """The owner and the team to escalate to are those of `teams.yml`."""
    teams = None if folder.teams is None else frozenset(folder.teams)
    for source in folder.texts:
        team = source.part("escalation").get("team")
        yield from _unknown(source, ("owner",), [source.word("owner")], teams, TEAMS)
        yield from _unknown(source, ("escalation", "team:"), [team], teams, TEAMS)


def platform_names(folder: Folder) -> Iterator[Fault]:
    """Tools, tags, channels and error codes are those of `platform.yml`."""
    platform = folder.platform
    for source in folder.looked_at:
        channel = source.part("escalation").get("channel")
        for place, used, known in (
            (("platforms",), source.words("platforms"), platform.tools),
            (("depends_on",), _depended_on(source), platform.tools),
            (("tags",), source.words("tags"), platform.tags),
            (("escalation", "channel:"), [channel], platform.channels),
        ):
            yield from _unknown(source, place, used, known, PLATFORM)
        if platform.error_codes is not None:
            yield from _unknown_codes(source, platform.error_codes)


def placeholders(folder: Folder) -> Iterator[Fault]:
    """A placeholder stands in fenced code, and `platform.yml` says what it means."""
    known = folder.platform.placeholders
    for source in folder.looked_at:
        for block in source.page.code:
            for line, text in enumerate(block.text.split("\n"), block.line):
                for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
                    if known is not None and name not in known:
                        message = f"{{{{{name}}}}} is no placeholder of {PLATFORM}"
                        yield source.fault(line, message, meant(name, known, _USE_KNOWN))
        for block in (*source.page.prose, *source.page.names):
            for found in _PLACEHOLDER.finditer(block.text):
                message = f"{found[0]} stands outside fenced code"
                yield source.fault(block.line, message, "put it into a fence, or say it in words")


def _depended_on(source: Source) -> list[str]:
    """Return the tools that an article depends on; it may name articles too."""
    return [name for name in source.words("depends_on") if not re.fullmatch(ID_PATTERN, name)]


def _unknown(
    source: Source, place: tuple[str, ...], used: Iterable[object], known: Names | None, file: str
) -> Iterator[Fault]:
    """Yield a fault for each used name that a file does not list."""
    key, *inner = place
    field = ".".join([key, *(word.rstrip(":") for word in inner)])
    for name in used:
        if known is not None and isinstance(name, str) and name not in known:
            line = source.line_of(key, *inner, name)
            message = f"{field}: {name} is not in {file}"
            yield source.fault(line, message, meant(name, known, _USE_KNOWN))


def _unknown_codes(source: Source, known: Names) -> Iterator[Fault]:
    """Yield a fault for each code of a tool in the text that is no error code of it."""
    prefixes = {code.partition("-")[0] for code in known}
    for key, text in pairs_of(source.values, *_KEYS_WITH_CODES):
        for code in sorted(_codes(text, prefixes) - known):
            message = f"{code} is no error code of {PLATFORM}"
            yield source.fault(source.line_of(key, text), message, meant(code, known, _USE_KNOWN))
    for block in source.page.words:
        for code in sorted(_codes(block.text, prefixes) - known):
            message = f"{code} is no error code of {PLATFORM}"
            yield source.fault(block.line, message, meant(code, known, _USE_KNOWN))


def _codes(text: str, prefixes: set[str]) -> set[str]:
    """Return what looks like a code with one of these prefixes."""
    found = {code[0].upper() for code in _CODE.finditer(text)}
    return {code for code in found if code.partition("-")[0] in prefixes}
