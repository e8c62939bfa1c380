"""Labelled questions are read strictly, and redaction is judged by values and places."""

from __future__ import annotations

import json

import pytest

from indexer.errors import SopError
from indexer.evaluation.redaction import BAR, ClassResult, judge_redaction, read_labelled
from indexer.redaction.redactor import STANDARD


@pytest.fixture
def file(tmp_path):
    """Return a function that writes labelled lines to a file."""

    def write(*questions):
        path = tmp_path / "questions.jsonl"
        path.write_text("\n".join(json.dumps(one) for one in questions) + "\n", encoding="utf-8")
        return path

    return write


def line(text, *values, id_="p1"):
    """A labelled question."""
    return {"id": id_, "about": "x", "text": text, "values": [list(value) for value in values]}


def test_values_are_placed_in_order(file):
    """A value that stands twice is labelled twice; the bar in a token is left out."""
    (one,) = read_labelled(
        file(line(f"ab, ab and hf_{BAR}x", ("name", "ab"), ("name", "ab"), ("token", f"hf_{BAR}x")))
    )
    assert one.text == "ab, ab and hf_x"
    assert one.values == (("name", (0, 2)), ("name", (4, 6)), ("token", (11, 15)))


@pytest.mark.parametrize(
    "wrong",
    [line("a b", ("name", "c")), line("a b", ("name", "b"), ("name", "a")), {"id": "p1"}, [1], 5],
)
def test_wrong_line_is_named(file, wrong):
    """A value that is not there or out of order, or another shape, is refused by its line."""
    with pytest.raises(SopError, match=r"questions\.jsonl:2: .*; a line has id, about, text"):
        read_labelled(file(line("fine"), wrong))


def test_recall_counts_values_and_precision_what_was_taken(file):
    """Worked by hand: two of three addresses go, and of two phones taken one is none."""
    questions = read_labelled(
        file(
            line("a@b.example and c@d.example", ("email", "a@b.example"), ("email", "c@d.example")),
            line("jo at b.example", ("email", "jo at b.example"), id_="p2"),
            line("call 4155550123", ("phone", "4155550123"), id_="p3"),
            line("call 4155550124 times", id_="p4"),
        )
    )
    result = judge_redaction(questions, STANDARD)
    assert result.classes == (ClassResult("email", 3, 2, 2, 2), ClassResult("phone", 1, 1, 2, 1))
    assert [row.recall for row in result.classes] == [2 / 3, 1]
    assert [row.precision for row in result.classes] == [1, 1 / 2]
    assert [(miss.id, miss.name, miss.text) for miss in result.stayed] == [
        ("p2", "email", "jo at b.example")
    ]
    assert [(miss.id, miss.text) for miss in result.mistaken] == [("p4", "4155550124")]


def test_what_goes_only_in_part_counts_as_neither(file):
    """A value of which a piece stays is not found, and a find that takes the sentence is wrong."""
    questions = read_labelled(
        file(
            line("jo@mail.example now", ("name", "jo@mail.example now")),
            line("a@bcdefgh.example", ("name", "a"), id_="p2"),
        )
    )
    result = judge_redaction(questions, STANDARD)
    assert result.classes == (ClassResult("email", 0, 0, 2, 1), ClassResult("name", 2, 1, 0, 0))
    assert [row.recall for row in result.classes] == [1, 1 / 2]
