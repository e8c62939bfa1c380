"""The index on disk: written aside, published by one atomic step, verified before use.

A folder of snapshots looks like this; everything in it is written by this module:

    current.json                     which snapshot serves, and its manifest's sha256
    snapshots/<id>/manifest.json     what the snapshot is; names every other file's sha256
    snapshots/<id>/articles.jsonl    one article a line
    snapshots/<id>/chunks.jsonl      one chunk a line, those of an article together
    snapshots/<id>/vocabulary.json   the words of the corpus and its glossary
    snapshots/<id>/lexical-*/        BM25 of chunks and of articles
    snapshots/<id>/space-<n>/        a vector space: encoder, vectors, tokens, see `indexer.space`
    snapshots/<id>/site/             the site of the same commit, where one was given

No pickle anywhere. A snapshot is never changed once published.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.article import FrontMatter
from indexer.calibration import Calibration
from indexer.chunking import Chunk
from indexer.encoder import EncoderDescription
from indexer.errors import ModelError, SnapshotError
from indexer.files import fsync, replace_file, sha256_of
from indexer.lexical import LexicalIndex
from indexer.search_index import RankingSettings, SearchIndex
from indexer.space import SPACE_FILES, SpaceContents, VectorSpace, save_space
from indexer.vocabulary import Vocabulary

FORMAT_VERSION = 3
POINTER = "current.json"
SNAPSHOTS = "snapshots"
MANIFEST = "manifest.json"
ARTICLES, CHUNKS = "articles.jsonl", "chunks.jsonl"
VOCABULARY = "vocabulary.json"
LEXICAL_CHUNKS, LEXICAL_ARTICLES = "lexical-chunks", "lexical-articles"
SITE = "site"
_STALE_S = 24 * 3600
# Every snapshot has these, and `SPACE_FILES` for each space; BM25 without a single term,
# and a site, may be missing.
_REQUIRED = (ARTICLES, CHUNKS, VOCABULARY)


class SnapshotArticle(BaseModel):
    """An article as a snapshot carries it.

    Attributes:
        url: path of its page below the site's root, ending in `/` or `.html`; None when
            the site of the same commit has no page for it.
        updated: when its file last changed in git.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    path: str
    title: str
    url: str | None
    updated: datetime | None = None
    front_matter: FrontMatter


class Counts(BaseModel):
    """How many of each a snapshot holds."""

    model_config = ConfigDict(frozen=True)

    articles: int
    chunks: int
    questions: int


class SpaceDescription(BaseModel):
    """What a manifest says about one vector space.

    Attributes:
        encoder: the query encoder.
        calibration: how confident an answer from this space is.
    """

    model_config = ConfigDict(frozen=True)

    encoder: EncoderDescription
    calibration: Calibration


class Manifest(BaseModel):
    """What a snapshot is, and the sha256 of every file in it.

    Attributes:
        id: 16 hexadecimal digits, a digest of all the rest except `created`.
        revision: git commit of the articles, with `+` when files differed from it.
        spaces: one, or two: for English questions, and for those in other languages.
        article_encoder: `compiled`, or `reference` for the original model's vectors.
        chunk_tokens: most tokens a chunk may have.
    """

    model_config = ConfigDict(frozen=True)

    format_version: int = FORMAT_VERSION
    id: str = ""
    created: datetime
    revision: str | None
    spaces: tuple[SpaceDescription, ...]
    article_encoder: str
    chunk_tokens: int
    counts: Counts
    ranking: RankingSettings
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a new snapshot, in memory.

    Rows agree: title vector i belongs to article i, question vector i to the i-th
    question in article order, chunk vector i to chunk i.
    """

    articles: Sequence[SnapshotArticle]
    chunks: Sequence[Chunk]
    spaces: Sequence[SpaceContents]
    calibrations: Sequence[Calibration]
    lexical_chunks: LexicalIndex
    lexical_articles: LexicalIndex
    vocabulary: Vocabulary
    ranking: RankingSettings
    article_encoder: str
    chunk_tokens: int
    revision: str | None
    site: Path | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A verified snapshot, loaded for searching. Immutable, safe to share between threads.

    Attributes:
        folder: where it lies; `site` below it is the site, where there is one.
        index: what ranking looks at; article and chunk rows are those of `articles` and
            `chunks`.
        questions: every question's text, in row order.
        article_rows: row of each article by id.
    """

    folder: Path
    manifest: Manifest
    articles: tuple[SnapshotArticle, ...]
    chunks: tuple[Chunk, ...]
    index: SearchIndex
    questions: tuple[str, ...]
    article_rows: dict[str, int]

    @property
    def site(self) -> Path | None:
        """The built site of the same commit, or None."""
        site = self.folder / SITE
        return site if site.is_dir() else None

    @classmethod
    def open(cls, folder: Path, snapshot_id: str | None = None, threads: int = 2) -> Snapshot:
        """Verify and load the current snapshot below `folder`, or the one named.

        Every byte is checked against the manifest, and that of the current snapshot
        against the pointer, before any library reads it.

        Raises:
            SnapshotError: there is none, or a file is missing, altered or unreadable;
                the message names the file.
        """
        expected = None
        if snapshot_id is None:
            pointer = read_pointer(folder)
            snapshot_id, expected = pointer.snapshot, pointer.manifest_sha256
        home = folder / SNAPSHOTS / snapshot_id
        manifest = _read_manifest(home, expected)
        try:
            _verify_files(home, manifest)
            return _load(cls, home, manifest, threads)
        except (ModelError, ValidationError, ValueError, KeyError, OSError) as error:
            raise SnapshotError(f"{home}: cannot be loaded: {error}") from error


class Pointer(BaseModel):
    """The content of `current.json`."""

    snapshot: str
    manifest_sha256: str


def publish(folder: Path, contents: Contents) -> Manifest:
    """Write a snapshot and make it the current one; the old one stays until pruned.

    Whatever happens before the last step, the old snapshot goes on serving: files are
    written to a folder aside and fsynced, the manifest last; the folder is renamed; then
    the pointer is replaced. Publishing the same contents again changes nothing but the
    pointer.
    """
    snapshots = folder / SNAPSHOTS
    snapshots.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".aside-", dir=snapshots))
    # Temporary folders are private; a service may run as somebody else.
    aside.chmod(0o755)
    try:
        manifest = _write(aside, contents)
        home = snapshots / manifest.id
        if not _is_intact(home):
            shutil.rmtree(home, ignore_errors=True)
            aside.rename(home)
        # Its age counts from when it was last published.
        os.utime(home)
        fsync(snapshots)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    sha256 = sha256_of(home / MANIFEST)
    pointer = Pointer(snapshot=manifest.id, manifest_sha256=sha256)
    replace_file(folder / POINTER, pointer.model_dump_json().encode() + b"\n")
    return manifest


def prune(folder: Path, keep: int, max_age_days: int) -> list[str]:
    """Delete old snapshots and return their ids, oldest first.

    A snapshot goes when `keep` newer ones exist or when it is older than `max_age_days`.
    The current one and the newest other one always stay, since a running service may not
    have changed over yet and must have something to fall back on. What this version
    cannot read is left alone; what a killed build left aside goes after a day.
    """
    current = read_pointer(folder).snapshot
    now = datetime.now(UTC)
    others = [(created, name) for created, name in _newest_first(folder) if name != current]
    doomed = [
        name
        for place, (created, name) in enumerate(others, 1)
        if place > 1 and (place >= keep or now - created > timedelta(days=max_age_days))
    ]
    for name in doomed:
        shutil.rmtree(folder / SNAPSHOTS / name, ignore_errors=True)
    for aside in (folder / SNAPSHOTS).glob(".aside-*"):
        if now.timestamp() - aside.stat().st_mtime > _STALE_S:
            shutil.rmtree(aside, ignore_errors=True)
    return doomed[::-1]


def read_pointer(folder: Path) -> Pointer:
    """Return which snapshot is current.

    Raises:
        SnapshotError: there is none, or the pointer is unreadable.
    """
    path = folder / POINTER
    try:
        return Pointer.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise SnapshotError(f"{folder} holds no snapshot; make one with: sop build") from error
    except (ValidationError, OSError) as error:
        raise SnapshotError(f"{path} is damaged; publish again with: sop build") from error


def read_articles(folder: Path) -> list[SnapshotArticle]:
    """Return the articles of the current snapshot below `folder`, and load nothing else.

    Raises:
        SnapshotError: there is no snapshot, or its list of articles is missing or altered.
    """
    pointer = read_pointer(folder)
    home = folder / SNAPSHOTS / pointer.snapshot
    manifest = _read_manifest(home, pointer.manifest_sha256)
    try:
        is_whole = sha256_of(home / ARTICLES) == manifest.files[ARTICLES]
        articles = list(_read_articles(home)) if is_whole else []
    except (ValidationError, ValueError, KeyError, OSError) as error:
        raise SnapshotError(f"{home / ARTICLES}: cannot be read: {error}") from error
    if not is_whole:
        raise SnapshotError(f"{home / ARTICLES}: altered since it was written; build it again")
    return articles


def stored_snapshots(folder: Path) -> list[str]:
    """Return the ids of the snapshots kept below `folder`, newest first."""
    return [name for _, name in _newest_first(folder)]


def _newest_first(folder: Path) -> list[tuple[datetime, str]]:
    """Return when each readable snapshot was last published, and its id."""
    found = []
    for manifest in (folder / SNAPSHOTS).glob("[!.]*/" + MANIFEST):
        try:
            Manifest.model_validate_json(manifest.read_bytes())
        except (OSError, ValidationError):
            continue
        published = datetime.fromtimestamp(manifest.parent.stat().st_mtime, UTC)
        found.append((published, manifest.parent.name))
    return sorted(found, reverse=True)


def _write(home: Path, contents: Contents) -> Manifest:
    """Write every file of a snapshot into `home`, fsynced, the manifest last."""
    _write_lines(home / ARTICLES, (a.model_dump_json() for a in contents.articles))
    _write_lines(
        home / CHUNKS, (json.dumps(asdict(c), ensure_ascii=False) for c in contents.chunks)
    )
    for number, space in enumerate(contents.spaces):
        save_space(home / _space(number), space)
    contents.vocabulary.save(home / VOCABULARY)
    contents.lexical_chunks.save(home / LEXICAL_CHUNKS)
    contents.lexical_articles.save(home / LEXICAL_ARTICLES)
    if contents.site:
        shutil.copytree(contents.site, home / SITE)

    manifest = Manifest(
        created=datetime.now(UTC),
        revision=contents.revision,
        spaces=tuple(
            SpaceDescription(encoder=space.encoder, calibration=calibration)
            for space, calibration in zip(contents.spaces, contents.calibrations, strict=True)
        ),
        article_encoder=contents.article_encoder,
        chunk_tokens=contents.chunk_tokens,
        counts=Counts(
            articles=len(contents.articles),
            chunks=len(contents.chunks),
            questions=sum(len(a.front_matter.questions) for a in contents.articles),
        ),
        ranking=contents.ranking,
        files={name: sha256_of(home / name) for name in _file_names(home)},
    )
    described = manifest.model_dump_json(exclude={"created", "id"}).encode()
    manifest = manifest.model_copy(update={"id": hashlib.sha256(described).hexdigest()[:16]})
    for name in _file_names(home):
        fsync(home / name)
    (home / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    fsync(home / MANIFEST)
    for parent in sorted({(home / name).parent for name in manifest.files}, reverse=True):
        fsync(parent)
    return manifest


def _load(cls: type[Snapshot], home: Path, manifest: Manifest, threads: int) -> Snapshot:
    articles = tuple(_read_articles(home))
    chunks = tuple(_chunk(json.loads(line)) for line in _read_lines(home / CHUNKS))
    questions = tuple(q for article in articles for q in article.front_matter.questions)
    counts = len(chunks), len(questions), len(articles)
    index = SearchIndex.of(
        articles,
        chunks,
        lexical_chunks=LexicalIndex.load(home / LEXICAL_CHUNKS),
        lexical_articles=LexicalIndex.load(home / LEXICAL_ARTICLES),
        vocabulary=Vocabulary.load(home / VOCABULARY),
        spaces=tuple(
            VectorSpace.load(home / _space(number), *counts, threads)
            for number in range(len(manifest.spaces))
        ),
        settings=manifest.ranking,
    )
    return cls(
        folder=home,
        manifest=manifest,
        articles=articles,
        chunks=chunks,
        index=index,
        questions=questions,
        article_rows={article.id: row for row, article in enumerate(articles)},
    )


def _read_articles(home: Path) -> Iterator[SnapshotArticle]:
    return (SnapshotArticle.model_validate_json(line) for line in _read_lines(home / ARTICLES))


def _space(number: int) -> str:
    """Return the folder of a vector space, counted from 0."""
    return f"space-{number}"


def _chunk(values: dict[str, Any]) -> Chunk:
    return Chunk(**{**values, "heading_path": tuple(values["heading_path"])})


def _read_manifest(home: Path, expected_sha256: str | None) -> Manifest:
    path = home / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{path} is missing; build the index again") from error
    if expected_sha256 and hashlib.sha256(raw).hexdigest() != expected_sha256:
        raise SnapshotError(f"{path} was altered after it was published; build the index again")
    try:
        version = json.loads(raw).get("format_version")
        if version != FORMAT_VERSION:
            raise SnapshotError(
                f"{path} has format {version}, this version reads {FORMAT_VERSION}; "
                "build the index again"
            )
        return Manifest.model_validate_json(raw)
    except (ValueError, AttributeError) as error:
        raise SnapshotError(f"{path} is damaged; build the index again") from error


def _verify_files(home: Path, manifest: Manifest) -> None:
    """Raise unless every file is there and has the content that the manifest states."""
    names = set(manifest.files)
    spaces = range(len(manifest.spaces))
    required = {*_REQUIRED, *(f"{_space(n)}/{file}" for n in spaces for file in SPACE_FILES)}
    missing = sorted({*names, *required} - {name for name in names if (home / name).is_file()})
    if missing:
        raise SnapshotError(f"{home}: missing {', '.join(missing)}; build the index again")
    altered = [name for name, sha in manifest.files.items() if sha256_of(home / name) != sha]
    if altered:
        raise SnapshotError(f"{home}: altered {', '.join(altered)}; build the index again")


def _is_intact(home: Path) -> bool:
    try:
        _verify_files(home, _read_manifest(home, None))
    except SnapshotError:
        return False
    return True


def _file_names(home: Path) -> list[str]:
    return sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def _read_lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1]
