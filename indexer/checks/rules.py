"""The writers' rules, in one ordered list. A rule looks at all files and yields findings.

To add a rule: one function, one line in `RULES`, one fixture, one entry in the handbook.
"""

from __future__ import annotations

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
Rule = Callable[[Sequence[Source]], Iterator[Finding]]


def source_of(path: str, raw: bytes) -> Source:
    """Return a file as rules see it; whatever is in it, this does not raise."""
    try:
        return Source(path, split_front_matter(path, raw))
    except ArticleError as error:
        return Source(path, error)


def readable(sources: Sequence[Source]) -> Iterator[Finding]:
    """A file is UTF-8 text and its front matter is safe YAML."""
    for source in sources:
        if isinstance(source.text, ArticleError):
            error = source.text
            yield _finding(source, error.line, error.reason, "mend the file; it is not published")


def schema(sources: Sequence[Source]) -> Iterator[Finding]:
    """Front matter has every required key, no unknown one, and allowed values."""
    for source in sources:
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


def unique_ids(sources: Sequence[Source]) -> Iterator[Finding]:
    """An id belongs to one article; every file that claims it is named."""
    claimants: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if is_ours(dict(source.values)):
            claimants[source.values["id"]].append(source)
    for article_id, group in claimants.items():
        for source in group if len(group) > 1 else ():
            others = ", ".join(other.path for other in group if other is not source)
            message = f"{article_id} is also the id of {others}"
            yield _finding(source, source.line_of("id"), message, "give one a new id")


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
)


def findings(sources: Sequence[Source]) -> Iterator[Finding]:
    """Yield what every rule finds, in the order of the rules."""
    for name, rule in RULES:
        for finding in rule(sources):
            yield replace(finding, rule=name)
