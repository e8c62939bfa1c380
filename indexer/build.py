"""The pipeline on one screen: a folder of Markdown becomes a published snapshot.

read_corpus -> chunks -> embed (reusing what is known) -> fit_calibration -> publish
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from indexer import model as models
from indexer.answer import prepare
from indexer.article import Article
from indexer.cache import cache_folder
from indexer.calibration import (
    MOST_OWN_QUESTIONS,
    Calibration,
    OwnQuestion,
    choose_probes,
    fit_calibration,
    fit_own_questions,
)
from indexer.chunk_cache import ChunkCache
from indexer.chunking import Chunk
from indexer.corpus import Corpus, read_corpus
from indexer.encoder import Embeddings, Encoder, TextKind
from indexer.errors import ArticleError, CorpusError
from indexer.lexical import LexicalIndex, analyze
from indexer.pages import PageLinks
from indexer.projection import fit_projection
from indexer.search_index import RankingSettings, SearchIndex
from indexer.snapshot import Contents, Manifest, SnapshotArticle, prune, publish
from indexer.space import SpaceContents, VectorSpace
from indexer.tokens import PackedText, TokenIndex, pack
from indexer.vector_cache import VectorCache
from indexer.vocabulary import Synonyms, Vocabulary, read_synonyms

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
    synonyms: Synonyms = {}
    try:
        synonyms = read_synonyms(sop)
    except ArticleError as error:
        corpus = replace(corpus, errors=(*corpus.errors, error))
    indexed = index_articles(
        articles, out, model, article_encoder, site, prefix, corpus.revision, synonyms, progress
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
    synonyms: Synonyms | None = None,
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
        synonyms: the glossary, see `indexer.vocabulary`.
        progress: is told what is going on.

    Raises:
        ModelError: the model cannot be used.
    """
    progress = progress or _Silence()
    folders = [
        models.export_encoder(name, cache_folder() / "encoders", progress.say)
        for name in _models(model)
    ]
    encoders = [Encoder.open(folder) for folder in folders]
    # Both spaces hold the same chunks, so that an answer is the same passage in both.
    chunk_tokens = min(MAX_CHUNK_TOKENS, *(encoder.max_tokens for encoder in encoders))
    cutter = ChunkCache(cache_folder(), encoders[0].description.digest, chunk_tokens)
    chunks = cutter.chunks(articles, encoders[0].count_tokens)
    texts = [chunk.embedding_text() for chunk in chunks]
    links = PageLinks(articles, chunks, site_prefix, site)
    embedders = [
        _Embedder(encoder, name, article_encoder, progress)
        for encoder, name in zip(encoders, _models(model), strict=True)
    ]
    spaces = [
        _space(folder, embed, articles, chunks, texts, is_projected=not number)
        for number, (folder, embed) in enumerate(zip(folders, embedders, strict=True))
    ]
    languages = {article.id: article.front_matter.language for article in articles}
    index = SearchIndex.of(
        articles,
        links.chunks,
        lexical_chunks=LexicalIndex.build(texts, [languages[chunk.article_id] for chunk in chunks]),
        lexical_articles=LexicalIndex.build(
            _article_texts(articles, chunks), list(languages.values())
        ),
        # Not of the questions: they are written the way people type.
        vocabulary=Vocabulary.build(texts, synonyms or {}),
        spaces=tuple(
            VectorSpace.build(space, encoder)
            for space, encoder in zip(spaces, encoders, strict=True)
        ),
        settings=RankingSettings(),
    )
    manifest = publish(
        out,
        Contents(
            articles=[_record(article, links.urls[article.id]) for article in articles],
            chunks=links.chunks,
            spaces=spaces,
            calibrations=_calibrate(index, articles, chunks),
            lexical_chunks=index.lexical_chunks,
            lexical_articles=index.lexical_articles,
            vocabulary=index.vocabulary,
            ranking=index.settings,
            article_encoder=article_encoder,
            chunk_tokens=chunk_tokens,
            revision=revision,
            site=site,
        ),
    )
    return IndexReport(
        manifest=manifest,
        unlinked=links.missing,
        reused=sum(embed.reused for embed in embedders),
        embedded=sum(embed.embedded for embed in embedders),
        embed_s=sum(embed.seconds for embed in embedders),
    )


def _models(model: str) -> tuple[str, ...]:
    """Return the model of each space: the multilingual one stands beside the English one."""
    if model == models.MULTILINGUAL_MODEL:
        return models.DEFAULT_MODEL, models.MULTILINGUAL_MODEL
    return (model,)


def _space(
    folder: Path,
    embed: _Embedder,
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    chunk_texts: list[str],
    is_projected: bool,
) -> SpaceContents:
    """Encode all texts of the articles and learn how questions lie to passages.

    English titles do not show how questions in other languages lie to English text, and
    applying their projection to those made answers worse: the second space has none.
    """
    stated = [question for article in articles for question in article.front_matter.questions]
    texts, titles = embed("passage", chunk_texts, [article.title for article in articles])
    # People ask like these, so both are encoded alike.
    (asked,) = embed("query", stated)
    dim = embed.encoder.dim
    vectors, questions, headings = (_stacked(group, dim) for group in (texts, asked, titles))
    return SpaceContents(
        encoder_folder=folder,
        encoder=embed.encoder.description,
        chunks=vectors,
        questions=questions,
        titles=headings,
        tokens=TokenIndex.build(texts, embed.encoder.token_dim),
        projection=_projection(articles, chunks, headings, questions, vectors)
        if is_projected
        else np.eye(dim, dtype=np.float32),
    )


def _projection(
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    titles: Embeddings,
    questions: Embeddings,
    passages: Embeddings,
) -> Embeddings:
    """Learn from each title, and each question, with every passage of its article."""
    rows = {article.id: row for row, article in enumerate(articles)}
    owners = np.array([rows[chunk.article_id] for chunk in chunks], dtype=np.int64)
    askers = np.array([row for row, a in enumerate(articles) for _ in a.front_matter.questions])
    pairs = [
        (row, chunk)
        for row, owner in enumerate(askers)
        for chunk in np.flatnonzero(owners == owner)
    ]
    return fit_projection(
        np.concatenate([titles[owners], questions[[row for row, _ in pairs]]]),
        np.concatenate([passages, passages[[chunk for _, chunk in pairs]]]),
    )


class _Embedder:
    """Texts to vectors, computing only those that are not known yet; counts both."""

    def __init__(
        self, encoder: Encoder, model: str, article_encoder: ArticleEncoder, progress: Progress
    ) -> None:
        self.encoder = encoder
        self._model = model
        self._article_encoder = article_encoder
        self._progress = progress
        self.reused = self.embedded = 0
        self.seconds = 0.0

    def __call__(self, kind: TextKind, *groups: list[str]) -> list[list[PackedText]]:
        """Return the texts of each group as the encoder sees them."""
        texts = [text for group in groups for text in group]
        description = self.encoder.description
        digest = description.digest + ("" if self._article_encoder == "compiled" else "-reference")
        key = digest[:24] + digest[64:]
        if kind == "query" and description.query_prompt != description.passage_prompt:
            key += "-query"
        folder = cache_folder() / "vectors"
        cache = VectorCache(folder, key, description.dim, self.encoder.token_dim)
        known = dict(zip(texts, cache.find(texts), strict=True))
        missing = [text for text, found in known.items() if found is None]
        started = time.perf_counter()
        if missing:
            computed = self._compute(missing, kind)
            cache.store(missing, computed)
            known.update(zip(missing, computed, strict=True))
        cache.touch(texts)
        self.seconds += time.perf_counter() - started
        self.embedded += len(missing)
        self.reused += len(texts) - len(missing)
        return [[found for text in group if (found := known[text])] for group in groups]

    def _compute(self, texts: list[str], kind: TextKind) -> list[PackedText]:
        step = self._progress.embed(len(texts))
        compiled = self.encoder.encode_each(texts, kind, pack, step)
        if self._article_encoder == "compiled":
            return compiled
        # The original gives one vector a text; the words' own are the compiled encoder's.
        original = models.load_reference(self._model)
        vectors = models.encode_reference(original, texts, self.encoder.description, kind)
        return [replace(one, vector=v) for one, v in zip(compiled, vectors, strict=True)]


def _stacked(texts: Sequence[PackedText], dim: int) -> Embeddings:
    """Return the texts' vectors: float32, shape (texts, dim)."""
    return np.array([text.vector for text in texts], dtype=np.float32).reshape(len(texts), dim)


def _calibrate(
    index: SearchIndex, articles: Sequence[Article], chunks: Sequence[Chunk]
) -> list[Calibration]:
    """Let the corpus describe itself in each of its vector spaces."""
    owners = np.repeat(np.arange(len(index)), np.diff(index.chunk_starts)).tolist()
    probes = choose_probes(chunks, owners)
    texts = [probe.text for probe in probes]
    terms = [analyze(text) for text in texts]
    unasked = _without_own_questions(index, articles, chunks)
    calibrations = []
    for number, space in enumerate(index.spaces):
        encoded = space.encoder.encode_tokens(texts, "query")
        asked = list(zip(encoded, terms, strict=True))
        measured = fit_calibration(index, number, probes, asked)
        own = _own_questions(index, articles, number)
        calibrations.append(fit_own_questions(unasked, measured, own))
    return calibrations


def _without_own_questions(
    index: SearchIndex, articles: Sequence[Article], chunks: Sequence[Chunk]
) -> SearchIndex:
    """Return the index without the words of the articles' own questions."""
    if not any(article.front_matter.questions for article in articles):
        return index
    texts = _article_texts(articles, chunks, with_questions=False)
    languages = [article.front_matter.language for article in articles]
    return replace(index, lexical_articles=LexicalIndex.build(texts, languages))


def _own_questions(
    index: SearchIndex, articles: Sequence[Article], space: int
) -> list[OwnQuestion]:
    """Return questions spread evenly over the articles that may be suggested themselves."""
    asked = [
        (article, text)
        for article, stated in enumerate(articles)
        for text in stated.front_matter.questions
    ]
    chosen = [(row, *one) for row, one in enumerate(asked) if index.leads_to[one[0]] == one[0]]
    step = max(1.0, len(chosen) / MOST_OWN_QUESTIONS)
    chosen = [chosen[int(i * step)] for i in range(min(len(chosen), MOST_OWN_QUESTIONS))]
    return [
        OwnQuestion(article, row, prepare(index, text, space=space))
        for row, article, text in chosen
    ]


def _article_texts(
    articles: Sequence[Article], chunks: Sequence[Chunk], with_questions: bool = True
) -> list[str]:
    """Return what BM25 sees of each article: title, questions, symptoms, headings and text."""
    texts: dict[str, list[str]] = {a.id: [a.title, a.front_matter.summary] for a in articles}
    for article in articles:
        questions = article.front_matter.questions if with_questions else ()
        texts[article.id] += [*questions, *article.front_matter.symptoms]
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
