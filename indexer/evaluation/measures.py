"""How good answers are, in numbers: pure functions over ranked ids, confidences and labels.

Takes what a system gave and what people judged, gives numbers; reads no file and knows no
snapshot. Names are those that papers print. A test compares the rank measures with
trec_eval's own code (by way of ir-measures), and the others with scikit-learn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Events = npt.NDArray[np.bool_]
Ranked = Sequence[str]
Grades = Mapping[str, int]

_ECE_BINS = 10
_BOOTSTRAP_ROUNDS = 2000
_BOOTSTRAP_SEED = 20_261_101


def ndcg(ranked: Ranked, grades: Grades, k: int = 10) -> float:
    """Return nDCG@k: the gain of the first k articles over that of the best possible order.

    DCG@k = sum over i = 1..k of grade_i / log2(i + 1). The gain is linear in the grade, as
    in trec_eval (`ndcg_cut`). Burges et al. 2005 use 2^grade - 1 instead; both agree where
    every grade is 0 or 1.

    Args:
        ranked: article ids, best first, each at most once.
        grades: grade of each relevant article, above 0; at least one.
        k: how deep to look.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    found = _discounted(grades.get(article, 0) for article in ranked[:k])
    return found / _discounted(sorted(grades.values(), reverse=True)[:k])


def success(ranked: Ranked, grades: Grades, k: int) -> float:
    """Return success@k: 1 if any relevant article is among the first k, else 0.

    Also called hit rate or accuracy@k. Some papers call it recall@k; here that is the
    other measure. The two agree where each question has one relevant article.
    """
    return float(any(article in grades for article in ranked[:k]))


def recall(ranked: Ranked, grades: Grades, k: int = 10) -> float:
    """Return recall@k: the share of a question's relevant articles that are in the first k.

    With more than k relevant articles it cannot reach 1; it is not capped.
    """
    return sum(article in grades for article in ranked[:k]) / len(grades)


def reciprocal_rank(ranked: Ranked, grades: Grades, k: int = 10) -> float:
    """Return RR@k: 1 / rank of the first relevant article, 0 if none is in the first k.

    Its mean over questions is MRR@k. Without the cut, as in older papers, late finds would
    still count a little.

    Source: Voorhees, "The TREC-8 question answering track report", 1999.
    """
    places = (place for place, article in enumerate(ranked[:k], 1) if article in grades)
    return 1.0 / next(places, math.inf)


@dataclass(frozen=True, slots=True)
class RankMeasure:
    """A measure of one ranking; its mean over questions is what tables show.

    Attributes:
        name: as papers print it.
        of: a question's ranked ids and grades to a value in [0, 1].
    """

    name: str
    of: Callable[[Ranked, Grades], float]


# In the order in which tables show them.
RANK_MEASURES = (
    RankMeasure("nDCG@10", ndcg),
    RankMeasure("success@1", lambda ranked, grades: success(ranked, grades, 1)),
    RankMeasure("success@3", lambda ranked, grades: success(ranked, grades, 3)),
    RankMeasure("success@5", lambda ranked, grades: success(ranked, grades, 5)),
    RankMeasure("recall@10", recall),
    RankMeasure("MRR@10", reciprocal_rank),
)


def auroc(scores: Values, is_positive: Events) -> float:
    """Return the probability that a positive one scores above a negative one, ties counting half.

    That is the area under the ROC curve, by way of the rank sum.

    Args:
        scores: higher should mean positive, shape (n,).
        is_positive: the truth, shape (n,).

    Returns:
        In [0, 1], 0.5 for chance; NaN unless there are both kinds.

    Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve", 1982.
    """
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    if not positives or not negatives:
        return math.nan
    _, group, size = np.unique(scores, return_inverse=True, return_counts=True)
    # Equal scores share the mean of the ranks that they take up.
    mean_rank = np.cumsum(size) - (size - 1) / 2
    rank_sum = float(mean_rank[group][is_positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def expected_calibration_error(confidences: Values, came_true: Events) -> float:
    """Return how far confidences are from how often they come true, on average.

    Ten bins of equal width; in each, the distance of the mean confidence from the share
    that came true, weighted by the number of questions in it. A confidence on a border
    counts to the upper bin, 1 to the last. Other definitions use bins of equal size, or
    the middle of the bin instead of the mean confidence.

    Args:
        confidences: stated probabilities in [0, 1], shape (n,).
        came_true: whether the event happened, shape (n,).

    Returns:
        In [0, 1], 0 for perfect; NaN without questions.

    Source: Naeini et al. 2015; Guo et al., "On calibration of modern neural networks", 2017.
    """
    if not len(confidences):
        return math.nan
    bins = np.minimum((confidences * _ECE_BINS).astype(np.int64), _ECE_BINS - 1)
    # In each bin: |sum of confidences - number that came true| = size * |mean - share|.
    distance = np.bincount(bins, confidences - came_true, minlength=_ECE_BINS)
    return float(np.abs(distance).sum() / len(confidences))


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What it costs to answer more: one point for each confidence that was stated.

    Attributes:
        coverage: share of questions answered, rising to 1, shape (points,).
        risk: share of the answered ones whose first suggestion is wrong, shape (points,).
        area: mean risk over coverage (AURC); lower is better.
    """

    coverage: Values
    risk: Values
    area: float


def risk_coverage(confidences: Values, is_right: Events) -> RiskCoverage:
    """Return the curve of answering only from a confidence on, for every such confidence.

    Equal confidences cannot be told apart, so they are answered together and give one
    point. The area weighs each point by the questions that it adds, which without ties is
    the usual mean of the risks at coverage 1/n, 2/n, ..., 1.

    Args:
        confidences: of the first suggestion, shape (n,), n at least 1.
        is_right: whether the first suggestion is relevant; never for what nothing answers.

    Source: El-Yaniv and Wiener 2010; Geifman and El-Yaniv, "Selective classification for
    deep neural networks", 2017.
    """
    _, group, size = np.unique(-confidences, return_inverse=True, return_counts=True)
    answered = np.cumsum(size)
    wrong = np.cumsum(np.bincount(group, ~is_right, minlength=len(size)))
    risk = wrong / answered
    total = len(confidences)
    return RiskCoverage(answered / total, risk, float((risk * size).sum() / total))


def bootstrap_interval(values: Values) -> tuple[float, float]:
    """Return where the mean lies with 95 % confidence, had other questions been asked.

    2,000 samples of the questions with replacement, the same ones every time; percentile
    method.

    Args:
        values: one for each question, shape (n,), n at least 1.

    Source: Efron 1979; for retrieval, Sakai, "Evaluating evaluation metrics based on the
    bootstrap", 2006.
    """
    draws = np.random.default_rng(_BOOTSTRAP_SEED)
    means = [draws.choice(values, len(values)).mean() for _ in range(_BOOTSTRAP_ROUNDS)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def _discounted(gains: Iterable[int]) -> float:
    """Return the sum of gains, best place first, each divided by log2(rank + 1)."""
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
