"""What a rule reports: one fault, where it is, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

FindingSeverity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault in one file.

    Attributes:
        path: the file, relative to the repository's root where there is one.
        line: counted from 1.
        column: counted from 1.
        rule: the rule's name.
        message: what is wrong.
        hint: what to do about it.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: FindingSeverity
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message} ({self.hint})"

    def as_dict(self) -> dict[str, str | int]:
        """Return the finding as JSON has it."""
        values = asdict(self)
        keys = ("rule", "severity", "path", "line", "column", "message", "hint")
        return {key: values[key] for key in keys}
