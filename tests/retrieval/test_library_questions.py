"""What people ask, in other words than the articles': found, answered, and refused.

`queries.jsonl`, `qrels.tsv` and `oos_queries.jsonl` are in the layout of `sop eval`. Half of
the questions were written from the handbook page about the platform alone, by people who had
not seen the articles. They stand as they were before the first run, and failures stay in.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.build import build_snapshot
from indexer.evaluation.dataset import read_dataset
from indexer.evaluation.evaluate import evaluate_snapshot
from indexer.evaluation.result import ANSWERED, REFUSED
from indexer.snapshot import Snapshot

HERE = Path(__file__).parent
# Measured 2026-11-23 with the multilingual model: 0.896, at least 0.692 (German), 0.896
# answered and 0.565 refused. The aims are 0.92, 0.90 and 0.70.
FOUND_IN_THREE, FOUND_IN_ANY_LANGUAGE = 0.87, 0.66
ANSWERED_SHARE, REFUSED_SHARE = 0.87, 0.54


@pytest.fixture(scope="module")
def result(tmp_path_factory, encoder_folder, multilingual_folder, one_at_a_time):
    """What the library makes of the questions, with the model that `sop.toml` names."""
    out = tmp_path_factory.mktemp("library")
    with one_at_a_time:
        build_snapshot(HERE.parents[1] / "sop", out, model="multilingual")
    found = evaluate_snapshot(read_dataset(HERE), Snapshot.open(out))
    for miss in found.misses:
        print(f"{miss.question_id} wants {miss.expected}, got {miss.got}: {miss.text}")
    return found


def test_there_are_enough_questions_of_each_kind():
    """At least 300 that an article answers, 60 that none does, and six languages."""
    dataset = read_dataset(HERE)
    assert len(dataset.questions) >= 300
    assert len(dataset.unanswerable) >= 60
    assert {q.language for q in dataset.questions} == {"de", "en", "es", "ja", "pt", "zh"}
    blind = [q for q in dataset.questions if q.id.startswith("b")]
    assert len(blind) >= len(dataset.questions) / 2


def test_questions_find_an_article_that_answers(result):
    """The right article is among the first three, in every language."""
    print(result.product().means)
    assert result.product().means["success@3"] >= FOUND_IN_THREE
    for language, systems in result.languages.items():
        assert systems[0].means["success@3"] >= FOUND_IN_ANY_LANGUAGE, language


def test_questions_are_answered_and_others_refused(result):
    """An answer is nearly always offered, and what no article covers is refused often."""
    print(result.abstention.figures)
    assert result.abstention.figures[ANSWERED] >= ANSWERED_SHARE
    assert result.abstention.figures[REFUSED] >= REFUSED_SHARE
