"""What stands in articles for everybody to read, so that whoever repeats it gives nobody away."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from indexer.errors import SnapshotError
from indexer.snapshot import ARTICLES, SNAPSHOTS, SnapshotArticle, read_pointer


def public_texts(index: Path) -> frozenset[str]:
    """Return titles, summaries, questions and symptoms of the current snapshot's articles.

    Without a snapshot that can be read there are none.
    """
    try:
        home = index / SNAPSHOTS / read_pointer(index).snapshot
        lines = (home / ARTICLES).read_bytes().splitlines()
        articles = [SnapshotArticle.model_validate_json(line) for line in lines]
    except (SnapshotError, ValidationError, OSError):
        return frozenset()
    found: set[str] = set()
    for article in articles:
        keys = article.front_matter
        found.update((article.title, keys.summary or "", *keys.questions, *keys.symptoms))
    return frozenset(found)
