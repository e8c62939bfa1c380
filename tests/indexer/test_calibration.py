"""From a similarity to a probability and a decision."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest

from indexer.calibration import Calibration, fit_calibration


def test_confidence_is_logistic_in_spreads_above_the_mean():
    """The probability is 1 / (1 + exp(-(0.8 z - 0.4))), z in spreads above the mean."""
    calibration = Calibration(mean=0.4, spread=0.1, probes=50)
    for similarity, z in ((0.4, 0), (0.5, 1), (0.6, 2), (0.3, -1)):
        assert calibration.confidence(similarity) == pytest.approx(1 / (1 + exp(-(0.8 * z - 0.4))))


def test_confidence_rises_and_stays_in_range():
    """A higher similarity never has a lower confidence, and extremes do not overflow."""
    calibration = Calibration(mean=0.0, spread=0.001, probes=50)
    found = [calibration.confidence(x) for x in np.linspace(-1, 1, 41)]
    assert found == sorted(found)
    assert 0 <= found[0] < 1e-10
    assert 1 - 1e-10 < found[-1] <= 1


def test_decide_suggests_from_the_threshold_on():
    """The threshold itself is enough."""
    calibration = Calibration(mean=0.4, spread=0.1, probes=50, threshold=0.35)
    assert [calibration.decide(x) for x in (0.34, 0.35, 0.9)] == ["abstain", "suggest", "suggest"]


def test_fit_calibration_takes_each_probes_own_article_away():
    """Mean and spread are those of the best similarity to other articles' chunks."""
    # Article 0 points along x, article 1 along y, article 2 between them at 3-4-5.
    chunks = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    probes = np.tile(chunks, (4, 1))
    owners = np.arange(3, dtype=np.int64)
    found = fit_calibration(probes, np.tile(owners, 4), chunks, owners)
    best = [0.6, 0.8, 0.8]
    mean = sum(best) / 3
    spread = sqrt(sum((b - mean) ** 2 for b in best) / 3)
    assert found.mean == pytest.approx(mean, abs=1e-5)
    assert found.spread == pytest.approx(spread, abs=1e-5)
    assert found.probes == 12


def test_fit_calibration_of_a_small_corpus_uses_what_is_typical():
    """A corpus with too few probes, or one article alone, is described by fixed numbers."""
    one = np.ones((20, 1), dtype=np.float32)
    owner = np.zeros(20, dtype=np.int64)
    alone = fit_calibration(one, owner, one, owner)
    assert (alone.mean, alone.spread, alone.probes) == (0.40, 0.10, 0)
    few = fit_calibration(one[:7], np.arange(7), one, owner)
    assert (few.mean, few.spread) == (0.40, 0.10)


def test_fit_calibration_never_gives_a_spread_of_zero():
    """Probes that are all alike still give a spread to divide by."""
    rows = np.tile(np.array([[1, 0]], dtype=np.float32), (10, 1))
    found = fit_calibration(rows, np.arange(10), rows, np.arange(10))
    assert (found.mean, found.spread) == (1.0, 0.02)


def test_the_own_corpus_tells_its_questions_from_others(sop_snapshot):
    """An article's question is suggested, a question about something else is not."""
    calibration = sop_snapshot.manifest.calibration

    def decision(question):
        vector = sop_snapshot.encoder.encode([question], "query")[0]
        best = float(sop_snapshot.chunk_vectors.similarities(vector).max())
        return calibration.decide(calibration.confidence(best))

    assert decision("second factor lost, GH-1020, new phone") == "suggest"
    assert decision("what is a good recipe for apple pie") == "abstain"
    assert decision("who won the football match") == "abstain"
