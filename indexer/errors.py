"""The errors this package raises: each says what is wrong, where, and what to do.

`SopError` is the root, so that a command can report any of them in one sentence and
leave every other exception as the bug that it is.
"""

from __future__ import annotations


class SopError(Exception):
    """Something a person can mend: the message says what and how."""


class ArticleError(SopError):
    """One article file cannot be read; the others still can.

    Attributes:
        path: the file, relative to the folder that was read.
        line: the line the fault is on, counted from 1.
        field: the front matter field at fault, or None.
        reason: what is wrong and what is allowed, without the location.
    """

    def __init__(self, path: str, line: int, reason: str, field: str | None = None) -> None:
        self.path = path
        self.line = line
        self.field = field
        self.reason = reason
        where = f"{path}:{line}: "
        super().__init__(f"{where}{field}: {reason}" if field else f"{where}{reason}")


class CorpusError(SopError):
    """The folder as a whole cannot be used: it is missing, or holds no article."""


class ModelError(SopError):
    """A model cannot be loaded, exported or trusted."""


class SnapshotError(SopError):
    """A snapshot is missing, incomplete or altered; the message names the file."""
