"""A folder of Markdown becomes a corpus: every article, and every file that is none.

Nothing is dropped in silence: a file that cannot be read is an error, a file that was
passed over is a note, and both are named.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath, PurePosixPath

from indexer.article import (
    MAX_ARTICLE_BYTES,
    SUFFIXES,
    Article,
    article_of,
    parse_article,
    readable_name,
)
from indexer.errors import ArticleError, CorpusError
from indexer.front_matter_cache import split_files
from indexer.repository import Repository

_VAGUE_TITLES = frozenset(
    {
        "about",
        "background",
        "contents",
        "faq",
        "getting started",
        "guide",
        "help",
        "home",
        "index",
        "introduction",
        "notes",
        "operations",
        "overview",
        "quick start",
        "readme",
        "reference",
        "runbook",
        "summary",
        "symptoms",
        "table of contents",
        "troubleshooting",
        "tutorial",
        "tutorials",
        "what's new",
    }
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All articles of a folder.

    Attributes:
        articles: ordered by path.
        errors: one for each file that was refused.
        notes: files passed over on purpose, one sentence each.
        revision: the git commit, with `+` when files differ from it; None outside git.
    """

    articles: tuple[Article, ...]
    errors: tuple[ArticleError, ...]
    notes: tuple[str, ...]
    revision: str | None


def read_corpus(folder: Path) -> Corpus:
    """Read every Markdown file below `folder`, in path order.

    Hidden folders and files are passed over, as a site build does. A symbolic link is
    followed only to a file inside the folder, and then only if it is not read already.

    Raises:
        CorpusError: the folder does not exist or holds no Markdown file at all.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder} is no folder; name the one that holds your Markdown files")
    articles: list[Article] = []
    errors: list[ArticleError] = []
    notes: list[str] = []
    files: dict[str, bytes | None] = {}
    found = 0
    for path in markdown_paths(folder, notes, errors):
        found += 1
        try:
            files[path] = read_file(folder, path)
        except ArticleError as error:
            errors.append(error)
    split = split_files({path: raw for path, raw in files.items() if raw is not None})
    for path in files:
        if path not in split:
            notes.append(f"{path}: a link to a file that is read under its own name")
            continue
        text = split[path]
        try:
            if isinstance(text, ArticleError):
                raise text
            article = article_of(path, text)
        except ArticleError as error:
            errors.append(error)
            continue
        if article.is_empty:
            notes.append(f"{path}: empty, nothing to suggest")
        else:
            articles.append(article)
    if not found:
        raise CorpusError(f"{folder} holds no Markdown file ({', '.join(SUFFIXES)})")

    repository = Repository.around(folder)
    dates = repository.last_changed(folder) if repository else {}
    told, repeated = as_corpus(articles)
    return Corpus(
        articles=tuple(replace(article, updated=dates.get(article.path)) for article in told),
        errors=tuple(sorted([*errors, *repeated], key=lambda e: (e.path, e.line))),
        notes=tuple(notes),
        revision=repository.revision() if repository else None,
    )


def read_commit(
    repository: Repository, commit: str, folder: str
) -> tuple[dict[str, bytes], Corpus]:
    """Return the Markdown files below a folder at a commit, and the corpus that they are.

    Args:
        repository: to read from; its work tree is not looked at.
        commit: its full id.
        folder: below the repository's root; `.` for all. The corpus' paths are below the
            root too, and its articles have no dates.
    """
    names = [name for name in repository.files_below(commit, folder) if _is_read(PurePath(name))]
    files = repository.files_at(commit, sorted(names))
    articles: list[Article] = []
    errors: list[ArticleError] = []
    for path, raw in files.items():
        try:
            articles.append(parse_article(path, raw))
        except ArticleError as error:
            errors.append(error)
    told, repeated = as_corpus(articles)
    return files, Corpus(tuple(told), (*errors, *repeated), (), commit)


def as_corpus(articles: list[Article]) -> tuple[list[Article], list[ArticleError]]:
    """Return the articles as they stand beside each other, and those that are refused.

    Ids are unique, and titles that say too little have more behind them.
    """
    unique, repeated = _with_unique_ids(articles)
    return _with_telling_titles(unique), repeated


def markdown_paths(folder: Path, notes: list[str], errors: list[ArticleError]) -> Iterator[str]:
    """Yield the Markdown files below `folder` in path order, relative, with `/`.

    What is passed over is appended to `notes`, one sentence each; folders that cannot be
    read are appended to `errors`.
    """
    paths: list[str] = []

    def unreadable(error: OSError) -> None:
        where = Path(error.filename).relative_to(folder).as_posix()
        errors.append(ArticleError(where, 1, f"the folder cannot be read: {error.strerror}"))

    for parent, folders, files in os.walk(folder, onerror=unreadable, followlinks=False):
        here = Path(parent)
        for name in sorted(folders):
            if name == ".git":
                continue
            if name.startswith("."):
                hidden = sum(_is_markdown(p.name) for p in (here / name).rglob("*"))
                if hidden:
                    where = (here / name).relative_to(folder).as_posix()
                    notes.append(f"{where}/: hidden folder, {hidden} files not read")
            elif (here / name).is_symlink():
                # Reported as the file it is; `read_file` says where it leads.
                paths.append((here / name).relative_to(folder).as_posix())
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in filter(_is_markdown, files):
            path = (here / name).relative_to(folder).as_posix()
            if name.startswith("."):
                notes.append(f"{path}: hidden file, not read")
            else:
                paths.append(path)
    yield from sorted(paths)


def _is_markdown(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _is_read(path: PurePath) -> bool:
    """Tell whether a file inside the folder is read under its own name."""
    return _is_markdown(path.name) and not any(part.startswith(".") for part in path.parts)


def read_file(folder: Path, path: str) -> bytes | None:
    """Return a file's bytes, or None for a link to what is read anyway.

    Raises:
        ArticleError: a link that leads out of the folder or nowhere, a file over the
            size limit, or one that the operating system will not let us read.
    """
    file = folder / path
    try:
        path.encode()
    except UnicodeEncodeError as error:
        shown = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise ArticleError(shown, 1, "the file's name is not UTF-8; rename it") from error
    try:
        if file.is_symlink():
            target = file.resolve(strict=True)
            if not target.is_relative_to(folder.resolve()):
                raise ArticleError(path, 1, "a symbolic link that leads out of the folder")
            inside = target.relative_to(folder.resolve())
            if target.is_dir() or _is_read(inside):
                return None
            file = target
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArticleError(path, 1, "this is no regular file")
        size = status.st_size
        if size > MAX_ARTICLE_BYTES:
            raise ArticleError(
                path, 1, f"the file is {size:,} bytes; at most {MAX_ARTICLE_BYTES:,} are read"
            )
        return file.read_bytes()
    except (OSError, RuntimeError) as error:
        raise ArticleError(path, 1, f"cannot be read: {error}") from error


def _with_telling_titles(articles: list[Article]) -> list[Article]:
    """Put the file's or the folder's name behind titles that say too little to choose by.

    That is a title that several articles have, or one like "Overview" that only means
    something inside its folder. What our own front matter states is left as it is.
    """
    shared = Counter(article.title for article in articles)

    def told(article: Article) -> Article:
        is_vague = shared[article.title] > 1 or article.title.lower() in _VAGUE_TITLES
        if not is_vague or article.front_matter.id:
            return article
        folder = PurePosixPath(article.path).parent.as_posix()
        for name in (readable_name(article.path), readable_name(folder)):
            if name and _squeezed(name) != _squeezed(article.title):
                return replace(article, title=f"{article.title} ({name})")
        return article

    return [told(article) for article in articles]


def _squeezed(text: str) -> str:
    return "".join(text.lower().split())


def _with_unique_ids(articles: list[Article]) -> tuple[list[Article], list[ArticleError]]:
    """Keep the first article of each id in path order; an error names every later claimant.

    The first is kept because a new file with a mistaken id must not take down a good one.
    """
    kept: dict[str, Article] = {}
    errors = []
    for article in articles:
        first = kept.setdefault(article.id, article)
        if first is not article:
            reason = f"{article.id} is already the id of {first.path}, which is kept"
            errors.append(ArticleError(article.path, article.id_line, reason, "id"))
    return list(kept.values()), errors
