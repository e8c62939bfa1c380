"""Score features become a probability that the first article answers, and a decision.

First form. What a high similarity means differs from corpus to corpus: in one, unrelated
questions reach 0.2, in another 0.5. So every corpus is described, at build time and
without labels, by how similar its articles are to titles and questions *of other
articles*: that is what a question looks like that nothing here answers. A question's
best similarity is then expressed in those units.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from indexer.encoder import Embeddings

# confidence = 1 / (1 + exp(-(SLOPE * z + OFFSET))), z in standard deviations above what
# the corpus reaches on questions that it cannot answer.
SLOPE = 0.8
OFFSET = -0.4
# Below this confidence no article is suggested.
DECISION_THRESHOLD = 0.30
_MAX_PROBES = 1000
# A corpus too small to describe itself is described by these, typical of the model.
_DEFAULT_MEAN, _DEFAULT_SPREAD = 0.40, 0.10
_MIN_PROBES = 8

Decision = Literal["suggest", "abstain"]


class Calibration(BaseModel):
    """How similar this corpus is to questions that it cannot answer.

    Attributes:
        mean: of the best similarity with the probe's own article taken away, in [-1, 1].
        spread: its standard deviation, above 0.
        probes: how many titles and questions this was measured with.
        slope: of the logistic function, per standard deviation.
        offset: of the logistic function.
        threshold: confidence from which on an article is suggested, in [0, 1].
    """

    model_config = ConfigDict(frozen=True)

    mean: float
    spread: float
    probes: int
    slope: float = SLOPE
    offset: float = OFFSET
    threshold: float = DECISION_THRESHOLD

    def confidence(self, similarity: float) -> float:
        """Return the probability, in [0, 1], that an article with this similarity answers.

        Args:
            similarity: best cosine of the question to the article's chunks and questions.
        """
        z = (similarity - self.mean) / self.spread
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, self.slope * z + self.offset))))

    def decide(self, confidence: float) -> Decision:
        """Return `suggest` when the first article is likely enough to answer."""
        return "suggest" if confidence >= self.threshold else "abstain"


def fit_calibration(
    probes: Embeddings,
    probe_articles: npt.NDArray[np.int64],
    evidence: Embeddings,
    evidence_articles: npt.NDArray[np.int64],
) -> Calibration:
    """Describe a corpus by its own titles and questions, each with its article taken away.

    Args:
        probes: unit vectors of titles and questions, shape (p, d).
        probe_articles: article row of each probe, shape (p,).
        evidence: unit vectors of all chunks and questions, shape (e, d).
        evidence_articles: article row of each, shape (e,).
    """
    every = max(1, math.ceil(len(probes) / _MAX_PROBES))
    probes, probe_articles = probes[::every], probe_articles[::every]
    best: list[float] = []
    for vector, article in zip(probes, probe_articles, strict=True):
        others = (evidence @ vector)[evidence_articles != article]
        if len(others):
            best.append(float(others.max()))
    if len(best) < _MIN_PROBES:
        return Calibration(mean=_DEFAULT_MEAN, spread=_DEFAULT_SPREAD, probes=len(best))
    return Calibration(
        mean=round(float(np.mean(best)), 6),
        spread=round(max(0.02, float(np.std(best))), 6),
        probes=len(best),
    )
