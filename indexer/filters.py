"""Which articles a caller may be shown: audiences and filters become one mask.

Applied before anything is ranked, so that a hidden article takes no place and no part in
scaling. What is learned from the whole corpus (document frequencies, the projection, the
calibration, spelling) still knows it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from indexer.snapshot import Snapshot
from indexer.vectors import Mask


def allowed_articles(
    snapshot: Snapshot,
    audiences: Iterable[str],
    tags: Iterable[str] = (),
    platforms: Iterable[str] = (),
    types: Iterable[str] = (),
) -> Mask:
    """Return which articles may be shown: bool, shape (articles,).

    An article is shown to a caller who has one of its audiences. Each filter that names
    anything keeps the articles that have one of the names.
    """
    callers, tagged, used, kinds = set(audiences), set(tags), set(platforms), set(types)

    def is_allowed(row: int) -> bool:
        stated = snapshot.articles[row].front_matter
        return (
            not callers.isdisjoint(stated.audience)
            and (not tagged or not tagged.isdisjoint(stated.tags))
            and (not used or not used.isdisjoint(stated.platforms))
            and (not kinds or stated.type in kinds)
        )

    return np.array([is_allowed(row) for row in range(len(snapshot.articles))], dtype=np.bool_)
