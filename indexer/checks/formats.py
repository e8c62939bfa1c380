"""Findings as people and machines read them: text, JSON, annotations on GitHub and GitLab."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from indexer.checks.finding import Finding

Format = Literal["text", "json", "github", "gitlab"]

# GitHub takes a step's summary of one megabyte at most.
_MOST_ROWS = 500
_MARKUP = frozenset("&<>\\|`*_[]!~@#")
_GITLAB_SEVERITIES = {"error": "major", "warning": "minor"}


def chosen_format(environment: Mapping[str, str]) -> Format:
    """Return the format for where a check runs; text where that is no known CI."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return "github"
    return "gitlab" if environment.get("GITLAB_CI") else "text"


def formatted(findings: Sequence[Finding], output: Format) -> str:
    """Return the findings in a format, without a line end; accepted ones stand in JSON only."""
    opened = [finding for finding in findings if finding.accepted is None]
    match output:
        case "json":
            return json.dumps([finding.as_dict() for finding in findings], indent=1)
        case "gitlab":
            return json.dumps(_code_quality(opened), indent=1)
        case "github":
            return "\n".join(map(_annotation, opened))
        case _:
            return "\n".join(map(_line, opened))


def totals(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each kind, in words."""
    kinds = Counter("accepted" if one.accepted is not None else one.severity for one in findings)
    told = [
        f"{kinds[kind]} {kind}{'' if kinds[kind] == 1 else 's'}" for kind in ("error", "warning")
    ]
    return ", ".join([*told, f"{kinds['accepted']} accepted"] if kinds["accepted"] else told)


def step_summary(findings: Sequence[Finding]) -> str:
    """Return all findings as Markdown for the summary of a step on GitHub."""
    opened = [finding for finding in findings if finding.accepted is None]
    accepted = [finding for finding in findings if finding.accepted is not None]
    lines = ["## sop check", "", totals(findings)]
    if opened:
        lines += ["", "| Where | Rule | What | What to do |", "| --- | --- | --- | --- |"]
        for one in opened[:_MOST_ROWS]:
            place = f"{one.path}:{one.line}"
            rule = one.rule if one.severity == "error" else f"{one.rule} (warning)"
            lines.append(f"| {' | '.join(map(table_cell, (place, rule, one.message, one.hint)))} |")
    if len(opened) > _MOST_ROWS:
        lines += ["", f"and {len(opened) - _MOST_ROWS} more"]
    if accepted:
        lines += ["", "| Accepted | Rule | Why |", "| --- | --- | --- |"]
        for one in accepted[:_MOST_ROWS]:
            place = f"{one.path}:{one.line}"
            lines.append(
                f"| {' | '.join(map(table_cell, (place, one.rule, one.accepted or '')))} |"
            )
    return "\n".join(lines) + "\n"


def _line(finding: Finding) -> str:
    return str(finding) if finding.severity == "error" else f"{finding} [warning]"


def _annotation(finding: Finding) -> str:
    """Return a workflow command.

    Source: the toolkit's rules of escaping, for a value and for a property.
    """
    properties = {
        "file": finding.path,
        "line": finding.line,
        "col": finding.column,
        "title": finding.rule,
    }
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{finding.severity} {told}::{_escaped(f'{finding.message} ({finding.hint})')}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _code_quality(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Return a code quality report.

    Of equal fingerprints GitLab keeps the first only, and one that has the line number
    changes whenever a line is added above; so equal findings of a file are counted.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    report: list[dict[str, object]] = []
    for finding in findings:
        key = (finding.path, finding.rule, finding.message)
        seen[key] += 1
        fingerprint = hashlib.sha256("\0".join([*key, str(seen[key])]).encode()).hexdigest()
        report.append(
            {
                "description": f"{finding.message} ({finding.hint})",
                "check_name": finding.rule,
                "fingerprint": fingerprint,
                "severity": _GITLAB_SEVERITIES[finding.severity],
                "location": {"path": finding.path, "lines": {"begin": finding.line}},
            }
        )
    return report


def table_cell(text: str) -> str:
    """Return a text for a table's cell: nothing in it is markup."""
    return "".join(f"&#{ord(one)};" if one in _MARKUP else one for one in text)
