"""What git says about articles: which ids are gone, and what a branch changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby

from indexer.article import SUFFIXES
from indexer.checks.folder import Change, Source, source_of
from indexer.repository import LineChange, Repository

_ID_PATTERN = "^id:"
_ID_LINE = re.compile(r"^id:\s*[\"']?([a-z]{2,8}-\d{3,5})[\"']?\s*(?:#.*)?$")
# Further down, such a line is an example in the text.
_LAST_ID_LINE = 20
SHALLOW_NOTE = (
    "this clone is shallow, so ids of older commits are not known here; "
    "fetch them with: git fetch --unshallow (in a CI job: fetch-depth: 0)"
)


def read_retired(repository: Repository, folder: str, revision: str) -> dict[str, str]:
    """Return the ids that articles no longer have, with the last file of each."""
    return retired_ids(repository.line_changes(folder, revision, _ID_PATTERN))


def retired_ids(changes: Iterable[LineChange]) -> dict[str, str]:
    """Return the ids that were taken out of all files, with the file that had each one last.

    An id that moves to another file within one commit goes with its article. One that
    comes back to its old file is no longer retired; one that comes to another file is.
    """
    holders: Counter[str] = Counter()
    retired: dict[str, str] = {}
    for _, commit in groupby(changes, key=lambda change: change.commit):
        difference: Counter[str] = Counter()
        paths: dict[tuple[str, bool], str] = {}
        for change in commit:
            found = _ID_LINE.match(change.text)
            if found and change.line <= _LAST_ID_LINE and change.path.lower().endswith(SUFFIXES):
                difference[found[1]] += 1 if change.is_added else -1
                paths[found[1], change.is_added] = change.path
        for article_id, count in difference.items():
            holders[article_id] = max(0, holders[article_id] + count)
            if count < 0 and not holders[article_id]:
                retired.setdefault(article_id, paths[article_id, False])
            elif count > 0 and retired.get(article_id) == paths[article_id, True]:
                del retired[article_id]
    return retired


def read_change(repository: Repository, folder: str, base: str) -> Change:
    """Return what the current branch and the work tree change, against a base.

    Args:
        repository: of the articles.
        folder: of the articles, below the repository's root; `.` for all of it.
        base: a branch or commit that this one will join.

    Raises:
        SopError: there is no such commit here, or none that both have.
    """
    tip = repository.named(base)
    since = repository.left_at(base)
    began = repository.branched_from(tip) or since
    paths = repository.changed(folder, since)
    ahead = [path for path in repository.changed(folder, began, tip) if _is_markdown(path)]
    before = set(_ids(repository.files_at(began, ahead)))
    there = _ids(repository.files_at(tip, ahead))
    return Change(
        base=base,
        paths=frozenset(paths),
        then=_sources(repository.files_at(since, filter(_is_markdown, paths))),
        taken={article_id: path for article_id, path in there.items() if article_id not in before},
    )


def read_uncommitted(repository: Repository, folder: str) -> Change | None:
    """Return what the work tree changes against the current commit, if there is one."""
    return read_change(repository, folder, "HEAD") if repository.commit("HEAD") else None


def _sources(files: Mapping[str, bytes]) -> dict[str, Source]:
    return {path: source_of(path, raw) for path, raw in files.items()}


def _ids(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the path of each id."""
    return {source.id: path for path, source in _sources(files).items() if source.id}


def _is_markdown(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)
