"""Findings that a writer lets stand: `x-accept` in front matter, a rule's name with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from indexer.checks.finding import Fault, Finding
from indexer.checks.folder import ACCEPT_KEY, Folder, Source, meant, nearest

_FEWEST_REASON_CHARS = 10
# A file that breaks one of these is not what it says it is; there is no reason for that.
_NEVER = frozenset(
    {"readable", "schema", "unique-ids", "learned", "acceptance", "unused-acceptance"}
)
# These depend on the branch or the day, so an acceptance may hide something only now and then.
_PASSING = frozenset({"review-affected", "overdue", "reused-ids"})


def acceptance(folder: Folder) -> Iterator[Fault]:
    """`x-accept` names rules that exist and may be accepted, each with a reason."""
    for source in folder.looked_at:
        for key in source.values:
            is_other = key.startswith("x-") and key != ACCEPT_KEY
            if is_other and nearest(key, [ACCEPT_KEY], 0.8):
                message = f"{key} accepts nothing"
                yield source.fault(source.line_of(key), message, f"did you mean {ACCEPT_KEY}?")
        stated = source.values.get(ACCEPT_KEY)
        if stated is not None and not isinstance(stated, dict):
            message = f"{ACCEPT_KEY} must be lines such as: headings: why it may stay"
            yield source.fault(source.line_of(ACCEPT_KEY), message, "one line for each rule")
            continue
        for name, reason in (stated or {}).items():
            line = source.line_of(ACCEPT_KEY, f"{name}:")
            if name not in folder.rules:
                hint = meant(str(name), folder.rules, "sop check prints the names of rules")
                yield source.fault(line, f"{ACCEPT_KEY}: there is no rule {name}", hint)
            elif name in _NEVER:
                message = f"{ACCEPT_KEY}: {name} cannot be accepted"
                yield source.fault(line, message, "mend what it finds")
            elif not isinstance(reason, str) or len(reason.strip()) < _FEWEST_REASON_CHARS:
                message = f"{ACCEPT_KEY}: {name} has no reason"
                hint = f"say why in {_FEWEST_REASON_CHARS} characters or more"
                yield source.fault(line, message, hint)


def unused_acceptance(folder: Folder) -> Iterator[Fault]:
    """What is accepted is found: an acceptance that hides nothing is taken out."""
    used = {(finding.path, finding.rule) for finding in folder.found}
    for source in folder.looked_at:
        for name in _accepted(source, folder):
            if (source.path, name) not in used and name not in _PASSING:
                line = source.line_of(ACCEPT_KEY, f"{name}:")
                message = f"{ACCEPT_KEY}: {name} finds nothing here"
                yield source.fault(line, message, "remove the line")


def with_acceptance(found: Iterable[Finding], folder: Folder) -> list[Finding]:
    """Return the findings; those that their file accepts carry the reason."""
    reasons = {source.path: _accepted(source, folder) for source in folder.texts}
    return [
        replace(finding, accepted=reasons.get(finding.path, {}).get(finding.rule))
        for finding in found
    ]


def _accepted(source: Source, folder: Folder) -> Mapping[str, str]:
    """Return the rules that a file may and does accept, with its reasons."""
    return {
        name: " ".join(reason.split())
        for name, reason in source.part(ACCEPT_KEY).items()
        if isinstance(reason, str)
        and len(reason.strip()) >= _FEWEST_REASON_CHARS
        and name in folder.rules
        and name not in _NEVER
    }
