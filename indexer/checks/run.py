"""Runs every rule over the articles of a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from indexer.checks.finding import Finding
from indexer.checks.rules import Folder, Source, findings, source_of
from indexer.corpus import markdown_paths, read_file
from indexer.errors import ArticleError, CorpusError
from indexer.platform import Platform, read_platform
from indexer.repository import Repository
from indexer.teams import read_teams
from indexer.vocabulary import read_synonyms

_Read = TypeVar("_Read")


def check_articles(sop: Path, only: Sequence[Path] = ()) -> list[Finding]:
    """Return all findings, ordered by path and line.

    Args:
        sop: folder of the articles; all of it is read, since some rules compare files.
        only: files or folders whose findings are wanted; none for all.

    Raises:
        CorpusError: the folder or one of `only` does not exist.
    """
    if not sop.is_dir():
        raise CorpusError(f"{sop} is no folder; name the one that holds the articles with --sop")
    for path in only:
        if not path.exists():
            raise CorpusError(f"{path} does not exist")
    repository = Repository.around(sop)
    root = (repository.root if repository else sop.parent).resolve()
    wanted = [_shown(path, root) for path in only]
    return sorted(
        finding
        for finding in findings(_folder(sop, root))
        if not wanted
        or any(finding.path == name or finding.path.startswith(f"{name}/") for name in wanted)
    )


def _folder(sop: Path, root: Path) -> Folder:
    """Return all that rules look at; a file that cannot be read is among the sources too."""
    sources: list[Source] = []
    unreadable: list[ArticleError] = []
    for name in markdown_paths(sop, [], unreadable):
        shown = _shown(sop / name, root)
        try:
            raw = read_file(sop, name)
        except ArticleError as error:
            sources.append(Source(shown, error))
            continue
        if raw is not None:
            sources.append(source_of(shown, raw))

    _read(read_synonyms, sop, unreadable)
    platform = _read(read_platform, sop, unreadable)
    teams = _read(read_teams, sop, unreadable)
    sources += [Source(_shown(sop / fault.path, root), fault) for fault in unreadable]
    names = None if teams is None else frozenset(teams)
    return Folder(sources, platform or Platform(), names)


def _read(
    reader: Callable[[Path], _Read], sop: Path, unreadable: list[ArticleError]
) -> _Read | None:
    """Return what a file beside the articles says; None, and an error more, where it is broken."""
    try:
        return reader(sop)
    except ArticleError as error:
        unreadable.append(error)
        return None


def _shown(path: Path, root: Path) -> str:
    """Return a path as findings show it: below the repository's root where it is there."""
    # A link is shown under its own name, so only the folder above it is resolved.
    resolved = path.parent.resolve() / path.name
    return (resolved.relative_to(root) if resolved.is_relative_to(root) else path).as_posix()
