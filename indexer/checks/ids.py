"""Ids for new articles: the next free one of an area, never one that an article had before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from indexer.checks.folder import Source, source_of
from indexer.checks.history import read_retired
from indexer.checks.identity import next_free
from indexer.corpus import markdown_paths, read_file
from indexer.errors import ArticleError
from indexer.repository import Repository


class FreeIds:
    """Gives out ids that no article of a folder has or had."""

    def __init__(self, sop: Path) -> None:
        """Read which ids are taken, those that git remembers of articles that are gone too."""
        self._used: dict[str, set[str]] = {}
        self._prefixes: dict[str, list[str]] = {}
        for source in read_sources(sop):
            if source.id is not None:
                self._take(source.id)
                area = PurePosixPath(source.path).parent.name
                self._prefixes.setdefault(area, []).append(_prefix(source.id))
        repository = Repository.around(sop)
        if repository is not None:
            for article_id in read_retired(repository, str(sop.resolve()), "HEAD"):
                self._take(article_id)

    def next_id(self, area: str) -> str:
        """Return the next id with the prefix that the area uses, else its first letters."""
        used_here = self._prefixes.get(area, [])
        letters = re.sub(r"[^a-z]", "", area)[:3].ljust(2, "x")
        prefix = max(sorted(set(used_here)), key=used_here.count) if used_here else letters
        article_id = next_free(prefix, self._used.get(prefix, ()))
        self._take(article_id)
        return article_id

    def _take(self, article_id: str) -> None:
        self._used.setdefault(_prefix(article_id), set()).add(article_id)


def read_sources(sop: Path) -> Iterator[Source]:
    """Yield the files of a folder that can be read, by their paths below it."""
    for path in markdown_paths(sop, [], []) if sop.is_dir() else ():
        try:
            raw = read_file(sop, path)
        except ArticleError:
            continue
        if raw is not None:
            yield source_of(path, raw)


def _prefix(article_id: str) -> str:
    return article_id.partition("-")[0]
