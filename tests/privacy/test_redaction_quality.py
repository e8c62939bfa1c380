"""How much of what is personal redaction finds, and how much else it takes.

`questions.jsonl` was written before the patterns. `held_out.jsonl` was written when they were
ready and before they had seen it; what it showed then stands in `docs/privacy-benchmarks.md`,
and what could be mended in general was mended since. A line that fails stays.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.evaluation.redaction import judge_redaction, read_labelled
from indexer.redaction.redactor import RULES, STANDARD

HERE = Path(__file__).parent
QUESTIONS = read_labelled(HERE / "questions.jsonl")
HELD_OUT = read_labelled(HERE / "held_out.jsonl")
# What redaction claims to find; the other classes are labelled to say plainly that it does not.
CLAIMED = sorted({*(rule.name for rule in RULES), "phone"})
FEWEST_RECALL, FEWEST_PRECISION = 0.95, 0.90


@pytest.fixture(scope="module")
def result():
    """What redaction makes of the labelled questions."""
    found = judge_redaction(QUESTIONS, STANDARD)
    for miss in (*found.stayed, *found.mistaken):
        print(miss)
    return found


def test_there_are_enough_questions_of_each_kind():
    """At least 300 questions, 12 claimed classes with 8 values each, and 100 without any."""
    assert len(QUESTIONS) >= 320
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)
    names = [name for question in QUESTIONS for name, _ in question.values]
    assert len(CLAIMED) >= 12
    assert min(names.count(name) for name in CLAIMED) >= 8
    assert sum(not question.values for question in QUESTIONS) >= 100


@pytest.mark.parametrize("name", CLAIMED)
def test_every_claimed_class_reaches_its_floors(result, name):
    """Of each class at least 95 % of the values go, and 90 % of what its rule takes is one."""
    (one,) = (row for row in result.classes if row.name == name)
    assert one.recall >= FEWEST_RECALL
    assert one.precision >= FEWEST_PRECISION


def test_names_and_addresses_are_not_found(result):
    """What the handbook says is not found is not: names, addresses, dates of birth, own ids."""
    by_name = {row.name: row for row in result.classes}
    for name in ("name", "address", "birth-date", "disguised", "work-name", "plate"):
        assert by_name[name].found == 0


def test_unseen_questions_reach_the_floors_too():
    """Over all classes together, since there are few of each."""
    found = judge_redaction(HELD_OUT, STANDARD)
    values, gone = (sum(getattr(row, n) for row in found.classes) for n in ("values", "found"))
    taken, right = (sum(getattr(row, n) for row in found.classes) for n in ("taken", "right"))
    assert gone / values >= FEWEST_RECALL
    assert right / taken >= FEWEST_PRECISION
