"""Both sides of a comparison: the articles at a commit and as they are now, each as an index.

The only part that reads files and git; what it gives are values.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.article import Article
from indexer.calibration import Calibration
from indexer.corpus import read_corpus
from indexer.embedding import CompiledModel
from indexer.errors import ArticleError, CorpusError, SopError
from indexer.indexing import Indexed, calibrate, index_in_memory
from indexer.progress import Progress
from indexer.repository import Repository
from indexer.vocabulary import Synonyms, read_synonyms


@dataclass(frozen=True, slots=True)
class Library:
    """The articles of one side.

    Attributes:
        name: which side it is, in words.
        articles: those that a build would publish, in path order; their paths are below the
            repository's root.
        synonyms: the glossary.
        errors: what could not be read, one sentence each.
    """

    name: str
    articles: tuple[Article, ...]
    synonyms: Synonyms
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A library that can be asked."""

    library: Library
    indexed: Indexed
    calibrations: Sequence[Calibration]


def read_libraries(sop: Path, base: str, head: str | None) -> tuple[Library, Library]:
    """Return the articles as they were where a branch left its base, and as they are.

    Args:
        sop: the articles' folder, in a git work tree.
        base: the branch or commit that the change will join.
        head: a commit; None for the files as they are now.

    Raises:
        SopError: there is no git, no such commit, none that both have, or no article.
    """
    if not sop.is_dir():
        raise CorpusError(
            f"{sop} is no folder; start above the articles, or name theirs with --sop"
        )
    repository = Repository.around(sop)
    if repository is None:
        raise SopError(f"{sop} is in no git repository, so there is nothing to compare with")
    since = repository.left_at(base, head)
    here = sop.resolve().relative_to(repository.root.resolve()).as_posix()
    before = _at_commit(repository, since, here, f"{base} at {since[:7]}")
    if head is None:
        return before, _library(sop, here, "your files")
    until = repository.named(head)
    return before, _at_commit(repository, until, here, f"{head} at {until[:7]}")


def index_side(
    library: Library, models: Sequence[CompiledModel], progress: Progress | None = None
) -> Side:
    """Return a library with its index."""
    indexed = index_in_memory(library.articles, models, library.synonyms, progress=progress)
    return Side(library, indexed, calibrate(indexed))


def _at_commit(repository: Repository, commit: str, folder: str, name: str) -> Library:
    """Return the articles at a commit, read from a copy that is thrown away."""
    paths = repository.files_below(commit, folder)
    with tempfile.TemporaryDirectory(prefix="sop-compare-") as scratch:
        copy = Path(scratch)
        for path, raw in repository.files_at(commit, paths).items():
            file = copy / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)
        (copy / folder).mkdir(parents=True, exist_ok=True)
        return _library(copy / folder, folder, name)


def _library(sop: Path, folder: str, name: str) -> Library:
    try:
        corpus = read_corpus(sop)
    except CorpusError as error:
        raise SopError(f"{name}: {folder} holds no article") from error
    errors = [str(error) for error in corpus.errors]
    synonyms: Synonyms = {}
    try:
        synonyms = read_synonyms(sop)
    except ArticleError as error:
        errors.append(str(error))
    articles = [
        replace(article, path=f"{folder}/{article.path}")
        for article in corpus.articles
        if article.is_published
    ]
    if not articles:
        raise SopError(f"{name}: {folder} holds no article that can be published")
    return Library(name, tuple(articles), synonyms, tuple(errors))
