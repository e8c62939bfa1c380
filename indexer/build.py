"""The pipeline on one screen: a folder of Markdown becomes a published snapshot.

read_corpus -> chunk_article -> embed (reusing what is known) -> fit_calibration -> publish
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from indexer import model as models
from indexer.article import Article
from indexer.calibration import Calibration, fit_calibration
from indexer.chunking import Chunk, chunk_article
from indexer.corpus import Corpus, read_corpus
from indexer.encoder import Embeddings, Encoder
from indexer.errors import CorpusError
from indexer.lexical import LexicalIndex
from indexer.pages import PageLinks
from indexer.snapshot import Contents, Manifest, SnapshotArticle, prune, publish
from indexer.vector_cache import VectorCache, cache_folder
from indexer.vectors import DenseIndex

# Longer chunks blur what they are about, so this holds for models that could read more.
MAX_CHUNK_TOKENS = 256
KEEP_SNAPSHOTS, KEEP_DAYS = 10, 90

ArticleEncoder = Literal["compiled", "reference"]


class Progress(Protocol):
    """Is told what a build is doing while it runs."""

    def say(self, message: str) -> None:
        """Announce work that takes a while."""

    def embed(self, total: int) -> Callable[[int], None]:
        """Announce `total` texts to embed; the result is called with 1 after each."""


class _Silence:
    """Reports nothing."""

    def say(self, message: str) -> None:
        """Drop the message."""

    def embed(self, total: int) -> Callable[[int], None]:  # noqa: ARG002  # the protocol's
        """Count for nobody."""
        return lambda _done: None


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What became of articles that were indexed.

    Attributes:
        manifest: of the snapshot that is now current.
        unlinked: suggestions that cannot link to a page or a heading, one sentence each.
        reused: texts whose vectors were known.
        embedded: texts whose vectors were computed.
        embed_s: seconds spent computing vectors.
    """

    manifest: Manifest
    unlinked: tuple[str, ...]
    reused: int
    embedded: int
    embed_s: float


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        corpus: what was read, its errors and notes included.
        indexed: what became of the published articles.
        hidden: articles left out as draft or archived.
        total_s: seconds from start to end.
        pruned: ids of old snapshots that were deleted.
    """

    corpus: Corpus
    indexed: IndexReport
    hidden: int
    total_s: float
    pruned: tuple[str, ...]

    @property
    def manifest(self) -> Manifest:
        """The manifest of the snapshot that is now current."""
        return self.indexed.manifest


def build_snapshot(
    sop: Path,
    out: Path,
    model: str = models.DEFAULT_MODEL,
    article_encoder: ArticleEncoder = "compiled",
    site: Path | None = None,
    site_prefix: str | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Index a folder of Markdown and publish the snapshot.

    Args:
        sop: the folder; any Markdown will do.
        out: folder of snapshots; created if need be.
        model: see `export_encoder`.
        article_encoder: `reference` embeds articles with the original model.
        site: the built site to publish with the index.
        site_prefix: path of the articles' pages below the site's root; by default the
            folder's name.
        progress: is told what is going on.

    Raises:
        CorpusError: nothing in the folder can be published.
        ModelError: the model cannot be used.
    """
    started = time.perf_counter()
    corpus = read_corpus(sop)
    articles = [article for article in corpus.articles if article.is_published]
    if not articles:
        raise CorpusError(f"{sop}: no article can be published" + _first_error(corpus))
    prefix = sop.resolve().name if site_prefix is None else site_prefix
    indexed = index_articles(
        articles, out, model, article_encoder, site, prefix, corpus.revision, progress
    )
    return BuildReport(
        corpus=corpus,
        indexed=indexed,
        hidden=len(corpus.articles) - len(articles),
        total_s=time.perf_counter() - started,
        pruned=tuple(prune(out, KEEP_SNAPSHOTS, KEEP_DAYS)),
    )


def index_articles(
    articles: Sequence[Article],
    out: Path,
    model: str = models.DEFAULT_MODEL,
    article_encoder: ArticleEncoder = "compiled",
    site: Path | None = None,
    site_prefix: str = "",
    revision: str | None = None,
    progress: Progress | None = None,
) -> IndexReport:
    """Index articles and publish the snapshot.

    Args:
        articles: at least one, ids unique.
        out: folder of snapshots; created if need be.
        model: see `export_encoder`.
        article_encoder: `reference` embeds articles with the original model.
        site: the built site to publish with the index.
        site_prefix: path of the articles' pages below the site's root.
        revision: git commit of the articles.
        progress: is told what is going on.

    Raises:
        ModelError: the model cannot be used.
    """
    progress = progress or _Silence()
    encoder_folder = models.export_encoder(model, cache_folder() / "encoders", progress.say)
    encoder = Encoder.open(encoder_folder)
    chunk_tokens = min(MAX_CHUNK_TOKENS, encoder.max_tokens)
    chunks = [
        chunk for a in articles for chunk in chunk_article(a, encoder.count_tokens, chunk_tokens)
    ]
    links = PageLinks(articles, chunks, site_prefix, site)

    embed = _Embedder(encoder, model, article_encoder, progress)
    questions = [question for a in articles for question in a.front_matter.questions]
    chunk_vectors, question_vectors, title_vectors = embed(
        [chunk.embedding_text() for chunk in links.chunks],
        questions,
        [article.title for article in articles],
    )
    calibration = _calibrate(articles, chunks, chunk_vectors, question_vectors, title_vectors)

    manifest = publish(
        out,
        Contents(
            articles=[_record(article, links.urls[article.id]) for article in articles],
            chunks=links.chunks,
            chunk_vectors=DenseIndex.build(chunk_vectors, encoder.dim),
            question_vectors=DenseIndex.build(question_vectors, encoder.dim),
            title_vectors=DenseIndex.build(title_vectors, encoder.dim),
            lexical_chunks=LexicalIndex.build([chunk.embedding_text() for chunk in chunks]),
            lexical_articles=LexicalIndex.build(_article_texts(articles, chunks)),
            calibration=calibration,
            encoder_folder=encoder_folder,
            encoder=encoder.description,
            article_encoder=article_encoder,
            chunk_tokens=chunk_tokens,
            revision=revision,
            site=site,
        ),
    )
    return IndexReport(
        manifest=manifest,
        unlinked=links.missing,
        reused=embed.reused,
        embedded=embed.embedded,
        embed_s=embed.seconds,
    )


class _Embedder:
    """Texts to vectors, computing only those that are not known yet; counts both."""

    def __init__(
        self, encoder: Encoder, model: str, article_encoder: ArticleEncoder, progress: Progress
    ) -> None:
        self._encoder = encoder
        self._model = model
        self._article_encoder = article_encoder
        self._progress = progress
        self.reused = self.embedded = 0
        self.seconds = 0.0

    def __call__(self, *groups: list[str]) -> list[Embeddings]:
        """Return the vectors of each group of texts: float32, (texts, dim), unit rows."""
        texts = [text for group in groups for text in group]
        description = self._encoder.description
        digest = description.digest + ("" if self._article_encoder == "compiled" else "-reference")
        key = digest[:24] + digest[64:]
        cache = VectorCache(cache_folder() / "vectors", key, description.dim)
        known = dict(zip(texts, cache.find(texts), strict=True))
        missing = [text for text, vector in known.items() if vector is None]
        started = time.perf_counter()
        if missing:
            vectors = self._compute(missing)
            cache.store(missing, vectors)
            known.update(zip(missing, vectors, strict=True))
        cache.touch(texts)
        self.seconds = time.perf_counter() - started
        self.embedded = len(missing)
        self.reused = len(texts) - len(missing)
        return [_stacked([known[text] for text in group], description.dim) for group in groups]

    def _compute(self, texts: list[str]) -> Embeddings:
        step = self._progress.embed(len(texts))
        if self._article_encoder == "compiled":
            return self._encoder.encode(texts, "passage", step)
        original = models.load_reference(self._model)
        vectors = models.encode_reference(original, texts, self._encoder.description)
        step(len(texts))
        return vectors


def _stacked(rows: Sequence[Embeddings | None], dim: int) -> Embeddings:
    found = [row for row in rows if row is not None]
    return np.stack(found) if found else np.zeros((0, dim), dtype=np.float32)


def _calibrate(
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    chunk_vectors: Embeddings,
    question_vectors: Embeddings,
    title_vectors: Embeddings,
) -> Calibration:
    """Describe the corpus by its titles and questions, against other articles."""
    rows = {article.id: row for row, article in enumerate(articles)}
    askers = [row for row, a in enumerate(articles) for _ in a.front_matter.questions]
    return fit_calibration(
        np.concatenate([question_vectors, title_vectors]),
        np.array([*askers, *range(len(articles))], dtype=np.int64),
        np.concatenate([chunk_vectors, question_vectors]),
        np.array([*(rows[chunk.article_id] for chunk in chunks), *askers], dtype=np.int64),
    )


def _article_texts(articles: Sequence[Article], chunks: Sequence[Chunk]) -> list[str]:
    """Return what BM25 sees of each article: title, questions, symptoms, headings and text."""
    texts: dict[str, list[str]] = {a.id: [a.title, a.front_matter.summary] for a in articles}
    for article in articles:
        texts[article.id] += [*article.front_matter.questions, *article.front_matter.symptoms]
    for chunk in chunks:
        texts[chunk.article_id] += [*chunk.heading_path[1:], chunk.text]
    return ["\n".join(parts) for parts in texts.values()]


def _record(article: Article, url: str | None) -> SnapshotArticle:
    return SnapshotArticle(
        id=article.id,
        path=article.path,
        title=article.title,
        url=url,
        updated=article.updated,
        front_matter=article.front_matter,
    )


def _first_error(corpus: Corpus) -> str:
    return (
        f"; the first of {len(corpus.errors)} errors: {corpus.errors[0]}" if corpus.errors else ""
    )
