"""What a run of adopting says: what became what, and what a person is to do, for which field."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from dataclasses import asdict, dataclass
from typing import Any

from indexer.checks.finding import visible
from indexer.errors import ArticleError


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file that became an article.

    Attributes:
        source: the file below the folder that was adopted.
        path: of the article.
        id: its new id.
        title: as it was found.
    """

    source: str
    path: str
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A file and where it is now: an earlier article, a picture, a document."""

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Todo:
    """What a person is to do: in which file, for which field, and what."""

    path: str
    field: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.field}: {self.what}"


@dataclass(frozen=True, slots=True)
class AdoptReport:
    """What was adopted and what is left to do.

    Attributes:
        is_rehearsal: nothing was written.
        adopted: in the order of the sources.
        before: files that an earlier run adopted, with their articles.
        copied: pictures and documents.
        written: other files.
        todo: by article, in the order of its fields.
        refused: files that were left, and why.
        notes: what else was passed over, one sentence each.
    """

    is_rehearsal: bool
    adopted: tuple[Adopted, ...]
    before: tuple[Copied, ...]
    copied: tuple[Copied, ...]
    written: tuple[str, ...]
    todo: tuple[Todo, ...]
    refused: tuple[ArticleError, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        stated = {
            name: [asdict(one) for one in getattr(self, name)]
            for name in ("adopted", "before", "copied", "todo")
        }
        refused = [
            {"path": one.path, "line": one.line, "field": one.field, "reason": one.reason}
            for one in self.refused
        ]
        others = {"written": list(self.written), "refused": refused, "notes": list(self.notes)}
        return {"dry_run": self.is_rehearsal, **stated, **others}

    def lines(self) -> Iterator[str]:
        """Yield the report as text, totals last."""
        for line in self._lines():
            yield visible(line)
        yield from ("", *self._totals()) if self.adopted else self._totals()

    def _lines(self) -> Iterator[str]:
        for one in self.adopted:
            yield f"{one.source} -> {one.path} ({one.id})"
        for copy in self.copied:
            yield f"{copy.source} -> {copy.path}"
        if self.todo:
            yield ""
            yield from map(str, self.todo)

    def _totals(self) -> Iterator[str]:
        """Yield in two sentences at most what happened."""
        verb = "would be adopted" if self.is_rehearsal else "adopted"
        told = [f"{len(self.adopted)} file{_s(self.adopted)} {verb}"]
        if self.copied:
            told.append(f"{len(self.copied)} linked file{_s(self.copied)} copied")
        if self.before:
            told.append(f"{len(self.before)} adopted before")
        if self.refused:
            told.append(f"{len(self.refused)} left, see above")
        if self.todo:
            told.append(f"{len(self.todo)} thing{_s(self.todo)} to do")
        yield ", ".join(told)
        if self.adopted:
            yield (
                "readers find them at once, marked as under review; read each, complete it, "
                "then set status: active; sop check names what is missing"
            )


def _s(counted: Sized) -> str:
    return "" if len(counted) == 1 else "s"
