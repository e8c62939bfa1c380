"""Questions are turned towards passages, as the corpus' own titles and questions lie to its text.

A question and the passage that answers it say different things, so their vectors point in
somewhat different directions, and how they differ depends on the corpus. Every corpus
shows it without labels: its titles and questions stand above the text that they announce.
A linear map learned from those pairs is applied to each question before the search.

Source: ridge regression (Hoerl and Kennard 1970) towards the identity instead of zero, so
that a direction in which the pairs show nothing is left as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.encoder import Embeddings, unit

Counts = npt.NDArray[np.int64]
Sums = npt.NDArray[np.floating[Any]]

# Chosen over all six English sets of docs/evaluation.md together; anything from a third
# to three times as much does nearly as well.
_RIDGE = 0.003
# Fewer pairs than this count for less: a question and a passage or two show no direction.
_ENOUGH_PAIRS = 100
# How far questions go along; the rest stays as the encoder gave it.
_STEP = 0.8


def fit_projection(
    questions: Embeddings, passages: Sums, counts: Counts | None = None
) -> Embeddings:
    """Return the map from questions to passages: float32, shape (dim, dim).

    Args:
        questions: unit vectors of titles and questions, shape (n, dim).
        passages: for each, the unit vector of the passage that belongs to it, or the sum of
            those of several, shape (n, dim).
        counts: how many passages belong to each, 0 or more, shape (n,); one without.
    """
    identity = np.eye(questions.shape[1])
    counts = np.ones(len(questions), dtype=np.int64) if counts is None else counts
    pairs = int(counts.sum())
    if not pairs:
        return identity.astype(np.float32)
    asked = questions.astype(np.float64)
    # As if each question stood there once for every passage.
    repeated = counts[:, np.newaxis] * asked
    ridge = _RIDGE * max(1.0, _ENOUGH_PAIRS / pairs)
    change = np.linalg.solve(
        asked.T @ repeated / pairs + ridge * identity, asked.T @ (passages - repeated) / pairs
    )
    return (identity + _STEP * change).astype(np.float32)


def project(question: Embeddings, projection: Embeddings) -> Embeddings:
    """Return a question's unit vector turned towards the passages: float32, shape (dim,)."""
    return unit(question @ projection)
