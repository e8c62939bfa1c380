"""Planted malfunctions in simulated weeks, with the real encoder: a short form of the benchmark."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
FEWEST_RAISED, MOST_FALSE = 18, 2


@pytest.fixture(scope="module")
def benchmarks():
    """The benchmark's modules, which are scripts and in no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY / "benchmarks"))
        yield importlib.import_module("simulated_months"), importlib.import_module("malfunctions")


@pytest.fixture(scope="module")
def library(benchmarks, encoder):
    """A part of this library's questions in other wordings, and the faults, encoded."""
    months, _ = benchmarks
    return months.read_library(
        REPOSITORY / "sop", lambda texts: encoder.encode(texts, "query"), most_a_article=12
    )


def test_faults_have_fifteen_wordings_each(benchmarks):
    """No wording stands there twice, and none is a question of an article."""
    months, _ = benchmarks
    faults = months.read_faults()
    assert {len(wordings) for wordings in faults.values()} == {15}
    assert len(faults) == 15
    texts = [text for wordings in faults.values() for text in wordings]
    assert len(set(texts)) == len(texts)
    written = "".join(
        path.read_text(encoding="utf-8") for path in (REPOSITORY / "sop").rglob("*.md")
    )
    assert [text for text in texts if text in written] == []


def test_planted_malfunctions_are_raised_within_15_minutes(benchmarks, library):
    """Of twenty in two months at least nine of ten are, with at most one false alarm a month."""
    months, malfunctions = benchmarks
    scores = [
        malfunctions.score(months.simulate(library, seed, 180, malfunctions.PLANTED_A_MONTH))
        for seed in (1001, 1002)
    ]
    delays = [[delay and round(delay, 1) for delay in one.delays] for one in scores]
    assert sum(one.in_time for one in scores) >= FEWEST_RAISED, delays
    told = [(one.raised_at, one.examples) for score in scores for one in score.false]
    assert len(told) <= MOST_FALSE, told


def test_months_without_a_malfunction_are_quiet(benchmarks, library):
    """In three months of bursts and rushes that are usual, at most three alarms are raised."""
    months, malfunctions = benchmarks
    false = [
        (one.raised_at, one.examples)
        for seed in (2001, 2002, 2003)
        for one in malfunctions.score(months.simulate(library, seed, 180, 0)).false
    ]
    assert len(false) <= 3, false
