"""The measures against worked examples and against other people's code."""

from __future__ import annotations

import math
from math import log2

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, Success, nDCG
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score

from indexer.evaluation.measures import (
    RANK_MEASURES,
    auroc,
    bootstrap_interval,
    expected_calibration_error,
    ndcg,
    recall,
    reciprocal_rank,
    risk_coverage,
    success,
)

THEIRS = {
    "nDCG@10": nDCG @ 10,
    "success@1": Success @ 1,
    "success@3": Success @ 3,
    "success@5": Success @ 5,
    "recall@10": R @ 10,
    "MRR@10": RR @ 10,
}


def test_ndcg_divides_by_the_best_possible_order():
    """Grades 3 and 1 at places 3 and 1: (1/log2(2) + 3/log2(4)) / (3/log2(2) + 1/log2(3))."""
    found = ndcg(["a", "x", "b"], {"a": 1, "b": 3})
    assert found == pytest.approx((1 + 3 / 2) / (3 + 1 / log2(3)))


def test_ndcg_looks_no_deeper_than_k():
    """What is relevant at place 3 gains nothing at k = 2, and the ideal has two places too."""
    grades = {"a": 1, "b": 1, "c": 1}
    assert ndcg(["x", "a", "b"], grades, k=2) == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))


def test_success_is_one_or_nothing_where_recall_is_a_share():
    """One of two relevant articles in the first three: success@3 is 1, recall@3 a half."""
    ranked, grades = ["x", "a", "y", "b"], {"a": 1, "b": 1}
    assert [success(ranked, grades, k) for k in (1, 3)] == [0.0, 1.0]
    assert [recall(ranked, grades, k) for k in (1, 3, 4)] == [0.0, 0.5, 1.0]


def test_reciprocal_rank_is_that_of_the_first_relevant_article():
    """Relevant at places 2 and 3: a half; beyond the cut: nothing."""
    ranked, grades = ["x", "a", "b"], {"a": 1, "b": 2}
    assert reciprocal_rank(ranked, grades) == 0.5
    assert reciprocal_rank(ranked, grades, k=1) == 0.0


def test_a_question_that_finds_nothing_counts_nothing():
    """An empty ranking has value 0 in every rank measure."""
    assert [measure.of([], {"a": 1}) for measure in RANK_MEASURES] == [0.0] * len(RANK_MEASURES)


def test_rank_measures_agree_with_trec_eval():
    """On 200 random runs with equal grades and several relevant articles, all six are the same."""
    draws = np.random.default_rng(7)
    names = [f"d{i}" for i in range(30)]
    runs, grades = {}, {}
    for number in range(200):
        question = f"q{number}"
        relevant = draws.choice(names, draws.integers(1, 15), replace=False)
        grades[question] = {str(name): int(draws.integers(1, 4)) for name in relevant}
        runs[question] = [str(name) for name in draws.permutation(names)[: draws.integers(1, 31)]]
    qrels = [
        ir_measures.Qrel(question, article, grade)
        for question, graded in grades.items()
        for article, grade in graded.items()
    ]
    scored = [
        ir_measures.ScoredDoc(question, article, -float(place))
        for question, ranked in runs.items()
        for place, article in enumerate(ranked)
    ]
    theirs = {
        (found.query_id, found.measure): found.value
        for found in ir_measures.iter_calc(list(THEIRS.values()), qrels, scored)
    }
    assert [measure.name for measure in RANK_MEASURES] == list(THEIRS)
    for measure in RANK_MEASURES:
        ours = [measure.of(ranked, grades[question]) for question, ranked in runs.items()]
        expected = [theirs[question, THEIRS[measure.name]] for question in runs]
        np.testing.assert_allclose(ours, expected, atol=1e-9, err_msg=measure.name)


def test_auroc_counts_pairs_and_halves_ties():
    """Positives 0.9 and 0.5 against negatives 0.5 and 0.1: three and a half of four pairs."""
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    assert auroc(scores, np.array([True, True, False, False])) == 3.5 / 4


def test_auroc_agrees_with_scikit_learn():
    """On random scores, most of them tied, the area is the same."""
    draws = np.random.default_rng(7)
    for _ in range(50):
        scores = draws.integers(0, 8, 60) / 8
        truth = draws.random(60) < 0.3
        assert auroc(scores, truth) == pytest.approx(roc_auc_score(truth, scores))


def test_auroc_of_one_kind_alone_is_no_number():
    """Without negatives or without positives there is no pair to compare."""
    scores = np.array([0.1, 0.9])
    assert math.isnan(auroc(scores, np.array([True, True])))
    assert math.isnan(auroc(scores, np.array([False, False])))


def test_calibration_error_weighs_each_bin_by_its_questions():
    """0.15 and 0.05 over two bins; the bin of three weighs three times the bin of one."""
    confidences = np.array([0.8, 0.85, 0.9 - 1e-9, 0.05])
    happened = np.array([True, True, False, False])
    upper = abs((0.8 + 0.85 + 0.9) / 3 - 2 / 3)
    expected = (3 * upper + 1 * 0.05) / 4
    assert expected_calibration_error(confidences, happened) == pytest.approx(expected)


def test_calibration_error_of_certainty_that_holds_is_nothing():
    """Confidence 1 lies in the last bin; always right with 1 and never with 0 is perfect."""
    confidences = np.array([1.0, 1.0, 0.0])
    happened = np.array([True, True, False])
    assert expected_calibration_error(confidences, happened) == 0.0
    assert expected_calibration_error(confidences, ~happened) == 1.0


def test_calibration_error_agrees_with_scikit_learns_bins():
    """The weighted gaps of scikit-learn's calibration curve add up to the same."""
    draws = np.random.default_rng(7)
    confidences = draws.random(500)
    happened = draws.random(500) < confidences**2
    share, mean = calibration_curve(happened, confidences, n_bins=10)
    sizes = np.histogram(confidences, bins=10, range=(0, 1))[0]
    expected = (np.abs(share - mean) * sizes).sum() / 500
    assert expected_calibration_error(confidences, happened) == pytest.approx(expected)


def test_risk_coverage_answers_the_most_confident_first():
    """Right, wrong, right by falling confidence: risks 0, 1/2, 1/3, whose mean is the area."""
    curve = risk_coverage(np.array([0.2, 0.9, 0.5]), np.array([True, True, False]))
    np.testing.assert_allclose(curve.coverage, [1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(curve.risk, [0, 1 / 2, 1 / 3])
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_risk_coverage_answers_equal_confidences_together():
    """Whatever the order of two that are tied, there is one point for both."""
    for is_right in ([True, False, True], [False, True, True]):
        curve = risk_coverage(np.array([0.9, 0.9, 0.1]), np.array(is_right))
        np.testing.assert_allclose(curve.coverage, [2 / 3, 1])
        np.testing.assert_allclose(curve.risk, [1 / 2, 1 / 3])
        assert curve.area == pytest.approx((1 / 2 * 2 + 1 / 3) / 3)


def test_bootstrap_interval_is_that_of_the_normal_approximation():
    """For 400 coin tosses the interval is the mean plus and minus 1.96 standard errors."""
    values = np.tile([0.0, 1.0], 200)
    low, high = bootstrap_interval(values)
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.003)


def test_bootstrap_interval_is_the_same_every_time():
    """The samples are drawn from a fixed seed, and equal values leave nothing to doubt."""
    values = np.random.default_rng(1).random(50)
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(np.full(9, 0.25)) == (0.25, 0.25)
