"""Vectors that are about the same thing, as groups: average linkage, without a matrix of all pairs.

Two groups are joined while the mean cosine between their rows is high enough, the likeliest
pair first. On unit rows that mean is the inner product of the groups' mean vectors, so that
nothing but means is kept: memory grows with the rows, not with their pairs.

Which cosine is high enough differs from one encoder to the next, where any two questions
reach 0.1 or 0.8. So it is measured from what any two questions of the log reach.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

# How far from what any two questions reach to 1. Chosen over five labelled sets and two
# encoders, see benchmarks/gaps.py: agreement changes by .02 between 0.40 and 0.50.
STEP = 0.45
# Above this, time grows with the rows and no longer with their pairs. On 20,000 questions the
# groups agree with those of all pairs to an adjusted Rand index of .98.
MOST_AT_ONCE = 8_192
_BLOCK = 512


def usual_similarity(vectors: Iterable[Vectors]) -> float:
    """Return the mean cosine of any two vectors; 0 for fewer than two.

    Args:
        vectors: float32, shape (d,), unit length; read once, none is kept.
    """
    count = 0
    total: npt.NDArray[np.float64] | None = None
    for vector in vectors:
        count += 1
        if total is None:
            total = np.zeros(len(vector))
        total += vector
    if total is None or count < 2:
        return 0.0
    return float((total @ total - count) / (count * (count - 1)))


def enough_similarity(usual: float) -> float:
    """Return the mean cosine from which on two groups are one.

    It is rounded, so that a day's questions more or fewer seldom move it.

    Args:
        usual: see `usual_similarity`.
    """
    return round(usual + STEP * (1 - usual), 2)


def cluster(vectors: Vectors, enough: float, at_once: int = MOST_AT_ONCE) -> Places:
    """Return for each row the place of the first row of its group.

    Equal similarities go by the rows' order, so a caller who sorts rows gets the same groups
    whatever order they came in.

    Args:
        vectors: float32, shape (n, d), unit rows.
        enough: the mean cosine from which on two groups are one, above 0.
        at_once: how many rows are compared with each other; of more, the later ones join the
            groups of the earlier, and what fits in none of them is compared again.

    Returns:
        int64, shape (n,); a row that is alone names itself.

    Source: average linkage (UPGMA) by reciprocal nearest neighbours; see Murtagh and
    Contreras, "Algorithms for hierarchical clustering: an overview", 2012, section 4.
    """
    distinct, of_row, sizes = _distinct(vectors)
    first = np.arange(len(distinct))
    waiting = first.copy()
    while len(waiting):
        now, waiting = waiting[:at_once], waiting[at_once:]
        joined, means = _join(vectors[distinct[now]], sizes[now], enough)
        first[now] = now[joined]
        if len(waiting):
            leaders = np.unique(joined)
            nearest, similarity = _nearest(vectors[distinct[waiting]], means[leaders])
            fits = similarity >= enough
            first[waiting[fits]] = now[leaders[nearest[fits]]]
            waiting = waiting[~fits]
    places: Places = distinct[first[of_row]]
    return places


def _distinct(vectors: Vectors) -> tuple[Places, Places, Places]:
    """Return the first of equal rows each, which of them a row equals, and how many do."""
    known: dict[bytes, int] = {}
    of_row = np.array([known.setdefault(row.tobytes(), len(known)) for row in vectors], np.int64)
    distinct, sizes = np.unique(of_row, return_index=True, return_counts=True)[1:]
    return distinct.astype(np.int64), of_row, sizes.astype(np.int64)


def _join(vectors: Vectors, sizes: Places, enough: float) -> tuple[Places, Vectors]:
    """Return each row's group, named by its first row, and the mean of every such group.

    In each round, groups that are each other's nearest are joined. That gives what joining
    one pair at a time gives: a joined group is never nearer to a third than both parts were.
    For the same reason a group whose nearest is too far will not be joined any more.
    """
    means, sizes = vectors.astype(np.float32), sizes.copy()
    group = np.arange(len(means))
    nearest, similarity = group.copy(), np.zeros(len(means), np.float32)
    active = stale = group.copy()
    while len(stale):
        nearest[stale], similarity[stale] = _nearest_other(means, stale, active)
        active = active[similarity[active] >= enough]
        kept, gone = _reciprocal(active, nearest, similarity)
        both = (sizes[kept] + sizes[gone])[:, None]
        means[kept] = (
            means[kept] * sizes[kept, None] + means[gone] * sizes[gone, None]
        ) / both.astype(np.float32)
        sizes[kept] += sizes[gone]
        group[gone] = kept
        is_gone = np.zeros(len(means), np.bool_)
        is_gone[gone] = True
        has_changed = is_gone.copy()
        has_changed[kept] = True
        active = active[~is_gone[active]]
        stale = active[has_changed[active] | has_changed[nearest[active]]]
    while (group[group] != group).any():
        group = group[group]
    return group, means


def _reciprocal(
    active: Places, nearest: Places, similarity: npt.NDArray[np.float32]
) -> tuple[Places, Places]:
    """Return the pairs that are each other's nearest, the earlier one first."""
    other = nearest[active]
    is_pair = (nearest[other] == active) & (active < other)
    if is_pair.any() or not len(active):
        return active[is_pair], other[is_pair]
    # Similarities that differ in their last digit only may point in a circle.
    best = active[similarity[active].argmax()]
    pair = np.sort([best, nearest[best]])
    return pair[:1], pair[1:]


def _nearest_other(
    means: Vectors, wanted: Places, active: Places
) -> tuple[Places, npt.NDArray[np.float32]]:
    """Return the nearest active group to each wanted one but itself, and how near it is."""
    if len(active) < 2:
        return wanted.copy(), np.full(len(wanted), -1, np.float32)
    column = np.full(len(means), -1)
    column[active] = np.arange(len(active))
    own = column[wanted]
    found, similarity = _nearest(means[wanted], means[active], own)
    return active[found], similarity


def _nearest(
    rows: Vectors, others: Vectors, own: Places | None = None
) -> tuple[Places, npt.NDArray[np.float32]]:
    """Return the nearest of some vectors to each row, its own place left out where one is given."""
    found = np.zeros(len(rows), np.int64)
    similarity = np.zeros(len(rows), np.float32)
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        products = rows[part] @ others.T
        line = np.arange(len(products))
        if own is not None:
            products[line, own[part]] = -2
        found[part] = products.argmax(axis=1)
        similarity[part] = products[line, found[part]]
    return found, similarity
