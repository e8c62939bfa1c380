"""The pipeline on one screen: a folder of Markdown becomes a published snapshot.

read_corpus -> index_in_memory (cut, embed, count) -> calibrate -> publish
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.article import Article
from indexer.corpus import Corpus, read_corpus
from indexer.embedding import ArticleEncoder, compiled_models
from indexer.errors import ArticleError, CorpusError
from indexer.indexing import calibrate, index_in_memory
from indexer.model_files import DEFAULT_MODEL
from indexer.pages import PageLinks
from indexer.progress import Progress
from indexer.snapshot import Contents, Manifest, SnapshotArticle, prune, publish
from indexer.vocabulary import Synonyms, read_synonyms

KEEP_SNAPSHOTS, KEEP_DAYS = 10, 90


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
    model: str = DEFAULT_MODEL,
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
    model: str = DEFAULT_MODEL,
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
    models = compiled_models(model, progress.say if progress else None)
    indexed = index_in_memory(articles, models, synonyms, article_encoder, progress)
    links = PageLinks(articles, indexed.chunks, site_prefix, site)
    manifest = publish(
        out,
        Contents(
            articles=[_record(article, links.urls[article.id]) for article in articles],
            chunks=links.chunks,
            spaces=indexed.spaces,
            calibrations=calibrate(indexed),
            lexical_chunks=indexed.index.lexical_chunks,
            lexical_articles=indexed.index.lexical_articles,
            vocabulary=indexed.index.vocabulary,
            ranking=indexed.index.settings,
            article_encoder=article_encoder,
            chunk_tokens=indexed.chunk_tokens,
            revision=revision,
            site=site,
        ),
    )
    return IndexReport(
        manifest=manifest,
        unlinked=links.missing,
        reused=indexed.reused,
        embedded=indexed.embedded,
        embed_s=indexed.embed_s,
    )


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
