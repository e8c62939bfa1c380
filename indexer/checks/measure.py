"""What only an index can tell about a folder: what its questions find, and who says the same.

Rules look at the values that this gives; without a compiled encoder there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.article import Article, article_of
from indexer.checks.folder import Folder, Source
from indexer.corpus import as_corpus
from indexer.embedding import CompiledModel
from indexer.errors import ArticleError
from indexer.held_out import ask_own_questions
from indexer.indexing import index_in_memory
from indexer.overlap import overlaps_of
from indexer.progress import Progress
from indexer.vocabulary import Synonyms


def measured(
    folder: Folder,
    models: Sequence[CompiledModel],
    synonyms: Synonyms,
    progress: Progress | None = None,
) -> Folder:
    """Return a folder with what its own questions bring and which passages say the same.

    Where a branch is looked at, only its own articles are measured, against all others.

    Args:
        folder: what was read.
        models: one for each vector space, from `compiled_models`.
        synonyms: the glossary.
        progress: is told what is going on.
    """
    articles = published_articles(folder.texts)
    if len(articles) < 2:
        return folder
    wanted = None if folder.change is None else folder.change.paths
    indexed = index_in_memory(articles, models, synonyms, progress=progress)
    return replace(
        folder,
        asked=ask_own_questions(indexed, wanted),
        overlaps=overlaps_of(indexed, models[0], wanted, progress),
    )


def published_articles(sources: Sequence[Source]) -> list[Article]:
    """Return the articles of sources that a build would publish, by the sources' own paths."""
    found = []
    for source in sources:
        if isinstance(source.text, ArticleError):
            continue
        try:
            article = article_of(source.path, source.text)
        except ArticleError:  # the rule `schema` says what is wrong with it
            continue
        if article.is_published and not article.is_empty:
            found.append(article)
    return as_corpus(found)[0]
