"""What is read before anything is adopted: the folder, its history, and what is here already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date
from pathlib import Path
from typing import Any

from indexer.adopt.derive import Known, derive
from indexer.adopt.places import narrower
from indexer.adopt.write import (
    Original,
    Titled,
    adopted_as,
    compose,
    read_original,
    without_title,
)
from indexer.article import is_ours, parse_article
from indexer.checks.ids import read_sources
from indexer.corpus import markdown_paths, read_file
from indexer.errors import ArticleError
from indexer.platform import Platform
from indexer.repository import Repository
from indexer.teams import Team

# Told what is done with how many files; gives what is told of each.
Progress = Callable[[str, int], Callable[[int], None]]
_NO_HISTORY = "it lies in no git repository, so nothing says when its files last changed"
_SHALLOW = (
    "its clone is shallow, so git does not say when files changed; fetch the rest first with: "
    "git fetch --unshallow"
)
# As long as an id can be: what is tried with it fits with every other one.
_LONGEST_ID = "xxxxxxxx-00000"


@dataclass(frozen=True, slots=True)
class Names:
    """The names that articles may use, and who owns those that are adopted."""

    owner: str | None
    teams: Mapping[str, Team]
    platform: Platform
    today: date


@dataclass(frozen=True, slots=True)
class Found:
    """A file that can be adopted.

    Attributes:
        original: the file.
        source: what it is recognised by later.
        values: its front matter without `id`.
        titled: its body without its title.
    """

    original: Original
    source: str
    values: dict[str, Any]
    titled: Titled


@dataclass(slots=True)
class Reading:
    """What was read.

    Attributes:
        found: files that can be adopted, by path.
        before: articles of files that were adopted before, by path of the file.
        changed: those of them that are not what they were.
        refused: files that cannot be adopted.
        notes: files that were passed over.
    """

    found: dict[str, Found] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    refused: list[ArticleError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_folder(folder: Path, sop: Path, names: Names, progress: Progress) -> Reading:
    """Read every Markdown file below a folder, as a build would, and derive its front matter."""
    reading = Reading()
    repository = Repository.around(folder)
    days = _days(folder, repository, reading)
    prefix = _source_prefix(folder, sop, repository)
    adopted = _adopted_before(sop)
    # The articles themselves may lie below the folder.
    own = sop.resolve()
    paths = [
        path
        for path in markdown_paths(folder, reading.notes, reading.refused)
        if not (folder / path).resolve().is_relative_to(own)
    ]
    advance = progress("reading", len(paths))
    for path in paths:
        advance(1)
        try:
            raw = read_file(folder, path)
            if raw is None:
                reading.notes.append(f"{path}: a link to a file that is read under its own name")
                continue
            known = Known(names.owner, names.teams, names.platform, days.get(path), names.today)
            found = _found(path, raw, f"{prefix}{path}", known)
        except ArticleError as error:
            reading.refused.append(error)
            continue
        if found.source in adopted:
            reading.before[path], digest = adopted[found.source]
            if digest != found.original.digest:
                reading.changed.append(path)
        elif not found.titled.body.strip() and not found.titled.heading:
            reading.notes.append(f"{path}: empty, nothing to adopt")
        else:
            reading.found[path] = found
    if sub_folder := narrower(paths):
        told = f"nearly all files lie in {sub_folder}/; to have its sub-folders as areas, adopt "
        reading.notes.append(f"{told}{folder / sub_folder}")
    return reading


def _found(path: str, raw: bytes, source: str, known: Known) -> Found:
    """Return a file that can be adopted, or raise for what hinders it."""
    article = parse_article(path, raw)
    original = read_original(path, raw)
    if is_ours(dict(original.stated)):
        reason = f"is an article already, {article.id}; move it with git mv"
        raise ArticleError(path, article.id_line, reason, "id")
    titled = without_title(original.body, article.title)
    values = derive(path, article, original.stated, known)
    compose(original, source, {"id": _LONGEST_ID, **values}, titled, titled.body)
    return Found(original, source, values, titled)


def _days(folder: Path, repository: Repository | None, reading: Reading) -> dict[str, date]:
    """Return the day on which git last saw each file change, where its history is whole."""
    if repository is None:
        reading.notes.append(_NO_HISTORY)
        return {}
    if repository.is_shallow():
        reading.notes.append(_SHALLOW)
        return {}
    changed = repository.last_changed(folder)
    return {path: moment.astimezone(UTC).date() for path, moment in changed.items()}


def _source_prefix(folder: Path, sop: Path, repository: Repository | None) -> str:
    """Return what stands before a path, so that files of two folders are told apart.

    In the articles' own repository that is the path from its root, which is the same in every
    clone. Elsewhere the name of the other repository, or of the folder, comes first.
    """
    here = folder.resolve()
    if repository is None:
        return f"{here.name}/"
    root = repository.root.resolve()
    below = here.relative_to(root).as_posix() if here != root else ""
    is_own = sop.resolve().is_relative_to(root)
    return "/".join(part for part in ("" if is_own else root.name, below) if part) + "/"


def _adopted_before(sop: Path) -> dict[str, tuple[str, str]]:
    """Return article and digest by the source that it was adopted from."""
    found: dict[str, tuple[str, str]] = {}
    for source in read_sources(sop):
        if not isinstance(source.text, ArticleError) and (told := adopted_as(source.text)):
            found.setdefault(told[0], (source.path, told[1]))
    return found
