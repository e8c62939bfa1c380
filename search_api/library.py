"""The articles of the serving snapshot as figures need them, made once for each snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from indexer.snapshot import SnapshotArticle
from search_api.insights.library import NO_AREA, LibraryArticle
from search_api.suggest import Suggester


@lru_cache(maxsize=2)
def library_of(suggester: Suggester) -> Mapping[str, LibraryArticle]:
    """Return the articles by id, with the addresses that answers have."""
    found = {}
    for article in suggester.snapshot.articles:
        named = suggester.naming(article.id)
        found[article.id] = _library_article(article, named[1] if named else None)
    return found


def library_from(articles: Iterable[SnapshotArticle]) -> Mapping[str, LibraryArticle]:
    """Return articles by id, where no service gives them an address."""
    return {one.id: _library_article(one, one.url) for one in articles}


def _library_article(article: SnapshotArticle, url: str | None) -> LibraryArticle:
    stated = article.front_matter
    folders = PurePosixPath(article.path).parts[:-1]
    return LibraryArticle(
        id=article.id,
        title=article.title,
        url=url,
        area=folders[0] if folders else NO_AREA,
        type=stated.type,
        status=stated.status,
        owner=stated.owner,
        last_reviewed=stated.last_reviewed,
        review_by=stated.review_by,
        pinned_until=stated.pinned.until if stated.pinned else None,
    )
