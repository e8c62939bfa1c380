"""What a rule yields and what a check reports: one fault, where it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule says about one place; which rule it was is known to whoever runs it.

    Attributes:
        path: the file, relative to the repository's root where there is one.
        line: counted from 1.
        message: what is wrong, without secrets and personal data.
        hint: what to do about it.
        column: counted from 1.
    """

    path: str
    line: int
    message: str
    hint: str
    column: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in one file.

    Attributes:
        path: the file, relative to the repository's root where there is one.
        line: counted from 1.
        column: counted from 1.
        rule: the rule's name.
        message: what is wrong.
        hint: what to do about it.
        severity: an error makes the check fail, a warning does not.
        accepted: why the writer lets it stand, from the file's `x-accept`; None for the others.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    hint: str
    severity: Severity
    accepted: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message} ({self.hint})"

    def as_dict(self) -> dict[str, str | int]:
        """Return the finding as JSON has it; `accepted` is there only where somebody did."""
        keys = ("rule", "severity", "path", "line", "column", "message", "hint")
        values: dict[str, str | int] = {key: getattr(self, key) for key in keys}
        return values if self.accepted is None else values | {"accepted": self.accepted}


def visible(text: str) -> str:
    """Return a text on one line, with escapes for what would act on a terminal or a CI log."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )
