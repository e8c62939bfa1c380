"""The writers' rules, in one ordered list. A rule looks at a whole folder and yields findings.

To add a rule: one function, one line in `RULES`, one fixture, one entry in the handbook.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from indexer.article import (
    ID_PATTERN,
    MIN_QUESTIONS,
    REQUIRED_KEYS,
    FrontMatter,
    SourceText,
    is_ours,
    split_front_matter,
)
from indexer.checks.finding import Finding, FindingSeverity
from indexer.errors import ArticleError
from indexer.markdown import text_lines
from indexer.platform import PLATFORM, Names, Platform
from indexer.teams import TEAMS


@dataclass(frozen=True, slots=True)
class Source:
    """A file as a rule sees it.

    Attributes:
        path: as findings show it.
        text: front matter and body, or the error that reading them gave.
    """

    path: str
    text: SourceText | ArticleError

    @property
    def values(self) -> Mapping[str, Any]:
        """The front matter's values; empty where there is none."""
        if isinstance(self.text, ArticleError) or self.text.mapping is None:
            return {}
        return self.text.mapping.values

    def line_of(self, key: str) -> int:
        """Return the line of a front matter key; 1 where it is missing."""
        if isinstance(self.text, ArticleError) or self.text.mapping is None:
            return 1
        return self.text.mapping.lines.get(key, 1)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a rule looks at.

    Attributes:
        sources: every file.
        platform: the names that articles may use.
        teams: the keys of `teams.yml`; None where there is none.
    """

    sources: Sequence[Source]
    platform: Platform
    teams: Names | None


# Where the key has the value, the needed key must be there too: what to say, and what to do.
_NEEDS = (
    ("type", "known-issue", "known_issue", "known_issue is missing", "say what its state is"),
    ("type", "tip", "pinned", "a tip must have an end", "add pinned.until"),
    (
        "status",
        "deprecated",
        "replaced_by",
        "a deprecated article must name its replacement",
        "add replaced_by",
    ),
)

# What a rule yields has no rule name yet: `findings` puts in the one that `RULES` gives it.
Rule = Callable[[Folder], Iterator[Finding]]

# `GH-1020`; in `questions` people also type `gh-1020`.
_CODE = re.compile(r"(?<![\w./-])[A-Za-z]{2,8}-\d{3,6}(?![\w-])", re.ASCII)
_KEYS_WITH_CODES = ("title", "summary", "questions", "symptoms")


def source_of(path: str, raw: bytes) -> Source:
    """Return a file as rules see it; whatever is in it, this does not raise."""
    try:
        return Source(path, split_front_matter(path, raw))
    except ArticleError as error:
        return Source(path, error)


def readable(folder: Folder) -> Iterator[Finding]:
    """A file is UTF-8 text and its front matter is safe YAML."""
    for source in folder.sources:
        if isinstance(source.text, ArticleError):
            error = source.text
            yield _finding(source, error.line, error.reason, "mend the file; it is not published")


def schema(folder: Folder) -> Iterator[Finding]:
    """Front matter has every required key, no unknown one, and allowed values."""
    for source in folder.sources:
        if isinstance(source.text, ArticleError):
            continue
        values = dict(source.values)
        if not values:
            yield _finding(source, 1, "no front matter", "start from: sop new AREA/SLUG")
            continue
        for key in source.text.mapping.repeated if source.text.mapping else ():
            message = f"{key} stands twice"
            yield _finding(source, source.line_of(key), message, "keep one")
        yield from _missing(source, values)
        yield from _wrong(source, values)


def _missing(source: Source, values: Mapping[str, Any]) -> Iterator[Finding]:
    for key in REQUIRED_KEYS:
        if key not in values:
            yield _finding(source, 1, f"{key} is missing", "add it to the front matter")
    questions = values.get("questions")
    if isinstance(questions, list) and len(questions) < MIN_QUESTIONS:
        line = source.line_of("questions")
        message = f"{len(questions)} questions, at least {MIN_QUESTIONS} are needed"
        yield _finding(source, line, message, "add what people really type")
    for key, value, needed, message, hint in _NEEDS:
        if values.get(key) == value and needed not in values:
            yield _finding(source, source.line_of(key), message, hint)


def _wrong(source: Source, values: Mapping[str, Any]) -> Iterator[Finding]:
    known = {key: value for key, value in values.items() if not key.startswith("x-")}
    try:
        FrontMatter.model_validate(known, extra="forbid")
    except ValidationError as error:
        for fault in error.errors():
            place = [str(part) for part in fault["loc"]]
            line = source.line_of(place[0])
            name = ".".join(place)
            if fault["type"] == "extra_forbidden":
                yield _finding(source, line, f"unknown key {name}", _nearest(place[-1]))
            elif name == "id":
                yield _finding(source, line, f"id {values['id']!r} is not like acc-001", ID_PATTERN)
            else:
                yield _finding(source, line, f"{name}: {fault['msg']}", "see the writer's handbook")


def _nearest(key: str) -> str:
    fields = [*FrontMatter.model_fields, "x-…"]
    near = get_close_matches(key, fields, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "remove it, or name it x-…"


def unique_ids(folder: Folder) -> Iterator[Finding]:
    """An id belongs to one article; every file that claims it is named."""
    claimants: dict[str, list[Source]] = defaultdict(list)
    for source in folder.sources:
        if is_ours(dict(source.values)):
            claimants[source.values["id"]].append(source)
    for article_id, group in claimants.items():
        for source in group if len(group) > 1 else ():
            others = ", ".join(other.path for other in group if other is not source)
            message = f"{article_id} is also the id of {others}"
            yield _finding(source, source.line_of("id"), message, "give one a new id")


def platform_names(folder: Folder) -> Iterator[Finding]:
    """Tools, tags, channels and error codes are those of `platform.yml`."""
    platform = folder.platform
    for source in folder.sources:
        values = source.values
        escalation = values.get("escalation")
        channel = escalation.get("channel") if isinstance(escalation, dict) else None
        for key, field, used, known in (
            ("platforms", "platforms", values.get("platforms"), platform.tools),
            ("depends_on", "depends_on", values.get("depends_on"), platform.tools),
            ("tags", "tags", values.get("tags"), platform.tags),
            ("escalation", "escalation.channel", channel, platform.channels),
        ):
            yield from _unknown(source, key, field, used, known, PLATFORM)
        if platform.error_codes is not None:
            yield from _unknown_codes(source, platform.error_codes)


def owner_exists(folder: Folder) -> Iterator[Finding]:
    """The owner and the team to escalate to are those of `teams.yml`."""
    for source in folder.sources:
        escalation = source.values.get("escalation")
        team = escalation.get("team") if isinstance(escalation, dict) else None
        owner = source.values.get("owner")
        yield from _unknown(source, "owner", "owner", owner, folder.teams, TEAMS)
        yield from _unknown(source, "escalation", "escalation.team", team, folder.teams, TEAMS)


def _unknown(
    source: Source, key: str, field: str, used: object, known: Names | None, file: str
) -> Iterator[Finding]:
    """Yield a finding for each used name that a file does not list."""
    for name in used if isinstance(used, list) else [used]:
        if known is not None and isinstance(name, str) and name not in known:
            message = f"{field}: {name} is not in {file}"
            yield _finding(source, source.line_of(key), message, _nearest_name(name, known))


def _unknown_codes(source: Source, known: Names) -> Iterator[Finding]:
    """Yield a finding for each code of a tool in the text that is no error code of it."""
    if isinstance(source.text, ArticleError):
        return
    lines = [(source.line_of(key), str(source.values.get(key, ""))) for key in _KEYS_WITH_CODES]
    body_line = source.text.body_line
    lines += [(body_line + line, text) for line, text in text_lines(source.text.body)]
    prefixes = {code.partition("-")[0] for code in known}
    for line, text in lines:
        for code in dict.fromkeys(found[0].upper() for found in _CODE.finditer(text)):
            if code not in known and code.partition("-")[0] in prefixes:
                message = f"{code} is no error code of {PLATFORM}"
                yield _finding(source, line, message, _nearest_name(code, known))


def _nearest_name(name: str, known: Names) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "use a name that is there, or add it there first"


def _finding(
    source: Source,
    line: int,
    message: str,
    hint: str,
    severity: FindingSeverity = "error",
) -> Finding:
    return Finding(source.path, line, 1, "", severity, message, hint)


RULES: tuple[tuple[str, Rule], ...] = (
    ("readable", readable),
    ("schema", schema),
    ("unique-ids", unique_ids),
    ("platform-names", platform_names),
    ("owner-exists", owner_exists),
)


def findings(folder: Folder) -> Iterator[Finding]:
    """Yield what every rule finds, in the order of the rules."""
    for name, rule in RULES:
        for finding in rule(folder):
            yield replace(finding, rule=name)
