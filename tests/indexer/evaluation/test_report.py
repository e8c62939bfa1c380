"""Results as a table, as JSON, against floors, and as a chart."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from indexer.errors import SopError
from indexer.evaluation.chart import Line, risk_coverage_svg
from indexer.evaluation.dataset import Dataset, Question
from indexer.evaluation.measures import risk_coverage
from indexer.evaluation.report import (
    abstention_header,
    abstention_rows,
    aligned,
    as_json,
    below,
    miss_lines,
    parse_floor,
    product_means,
    rank_header,
    rank_rows,
)
from indexer.evaluation.result import judge
from indexer.evaluation.run import PRODUCT, Asked

SVG = "{http://www.w3.org/2000/svg}"


def result(name, firsts, unanswerable=(), language=None, contested=()):
    """Return the results of a set whose questions all want article `a`, by first article."""
    questions = [Question(f"q{i}", "why?", language) for i in range(len(firsts))]
    grades = {question.id: {"a": 1} for question in questions}
    data = Dataset(name, None, tuple(questions), grades, (), ())
    asked = [
        Asked(question, {PRODUCT: (first,)}, 0.9, "suggest")
        for question, first in zip(questions, firsts, strict=True)
    ]
    refusable = [
        Asked(Question(f"o{i}", "what?"), {PRODUCT: ("a",)}, confidence, "abstain")
        for i, confidence in enumerate(unanswerable)
    ]
    return judge(data, 2, asked, refusable, contested)


def test_rank_rows_end_with_the_mean_in_which_each_set_counts_the_same():
    """A set of one question weighs as much as one of three."""
    rows = list(rank_rows([result("one", "a"), result("three", "abb")]))
    places = {head: place for place, head in enumerate(rank_header())}
    assert [row[0] for row in rows] == ["one", "three", "mean"]
    assert [row[places["success@1"]] for row in rows] == ["1.000", "0.333", "0.667"]
    assert all(len(row) == len(places) for row in rows)


def test_rank_rows_of_one_set_need_no_mean():
    """A single set is its own mean; its languages follow it."""
    rows = list(rank_rows([result("set", "ab", language="de")]))
    assert [row[:3] for row in rows] == [("set", "2", "product"), ("set de", "2", "product")]


def test_abstention_rows_are_those_of_sets_with_unanswerable_questions():
    """Sets without any are left out. ECE of 0.9, 0.9 (one right), 0.1, 0.2: (0.8 + 0.3) / 4."""
    found = [result("all answered", "ab"), result("some", "ab", (0.1, 0.2))]
    rows = list(abstention_rows(found))
    assert rows == [("some", "2", "2", "1.000", "0.833", "0.275", "1.000", "1.000")]
    assert len(abstention_header()) == len(rows[0])


def test_contested_questions_are_shown_and_left_out_apart():
    """With the label of 0.95 in doubt a second row leaves it out, and a second mean."""
    unsure = result("unsure", "ab", (0.1, 0.95), contested=("o1",))
    rows = list(abstention_rows([unsure, result("some", "ab", (0.1, 0.2))]))
    assert [row[:4] for row in rows] == [
        ("unsure", "2", "2", "0.500"),
        ("unsure, contested left out", "2", "1", "1.000"),
        ("some", "2", "2", "1.000"),
        ("mean", "", "", "0.750"),
        ("mean, contested left out", "", "", "1.000"),
    ]
    found = as_json([unsure])["sets"][0]
    assert found["contested"] == ["o1"]
    assert found["abstention"]["AUROC answerable"] == 0.5
    assert found["abstention_uncontested"]["AUROC answerable"] == 1.0


def test_aligned_puts_figures_under_each_other():
    """Words stand left, figures right, and no line ends in blanks."""
    assert aligned(("set", "n", "x"), [("a", "10", "0.5"), ("bcde", "7", "-")]).split("\n") == [
        "set   n   x",
        "a     10  0.5",
        "bcde   7    -",
    ]


def test_miss_lines_say_what_was_asked_expected_and_found():
    """Three lines a miss, the question in one."""
    assert list(miss_lines([result("set", "b")])) == [
        "set q0: why?",
        "    expected a",
        "    got      b",
    ]


def test_json_has_every_set_and_no_nan():
    """What cannot be told is null, so that any reader of JSON can read it."""
    text = json.dumps(as_json([result("set", "aa")]), allow_nan=False)
    told = json.loads(text)
    assert told["sets"][0]["systems"][0]["means"]["success@1"] == 1.0
    assert told["sets"][0]["abstention"] is None
    assert told["mean"]["AUROC answerable"] is None


def test_floor_is_read_as_name_and_value():
    """Capitals do not matter, since a shell's user has none to spare."""
    assert parse_floor("success@3=0.8") == ("success@3", 0.8)
    assert parse_floor("ndcg@10=1") == ("nDCG@10", 1.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("success@3", "must be NAME=VALUE"),
        ("success@3=high", "must be NAME=VALUE"),
        ("success@4=0.5", "no measure is named success@4; there are: nDCG@10, success@1"),
        ("ECE=0.1", "no measure is named ECE"),
        ("success@3=80", "must lie between 0 and 1"),
    ],
)
def test_a_floor_that_cannot_be_is_refused(text, message):
    """The message says what is wrong and what there is."""
    with pytest.raises(SopError) as caught:
        parse_floor(text)
    assert message in str(caught.value)


def test_below_compares_the_mean_over_the_sets():
    """The mean of 1 and 1/3 is 0.667: 0.66 holds and 0.67 does not."""
    found = [result("one", "a"), result("three", "abb")]
    assert below(found, [("success@1", 0.66)]) == []
    assert below(found, [("success@1", 0.67)]) == ["success@1 is 0.6667, below the floor of 0.67"]


def test_a_floor_that_nothing_can_tell_is_refused():
    """Refusing cannot be measured without unanswerable questions; that is no success."""
    with pytest.raises(SopError, match=r"oos_queries\.jsonl"):
        below([result("set", "a")], [("refused", 0.5)])


def test_product_means_leave_out_what_a_set_does_not_tell():
    """`refused` is the mean over the sets with unanswerable questions only."""
    found = [result("set", "a"), result("some", "ab", (0.1,))]
    assert product_means(found)["refused"] == 1.0
    assert product_means(found)["success@1"] == 0.75
    assert math.isnan(product_means(found[:1])["refused"])


@pytest.fixture
def lines():
    """Two curves: one that knows when it is right, one that does not."""
    confidences = np.array([0.9, 0.8, 0.2, 0.1])
    good = risk_coverage(confidences, np.array([True, True, False, False]))
    bad = risk_coverage(confidences, np.array([False, False, True, True]))
    return [Line("good & sure", good, (0.5, 0.0)), Line("bad", bad, (0.0, math.nan))]


def test_chart_draws_each_curve_where_its_figures_are(lines):
    """Coverage 1/4 to 1 and risk 0 to 1/2, on a plot of 420 by 260 from (64, 40)."""
    root = ET.fromstring(risk_coverage_svg("Risk", lines))  # noqa: S314  # our own
    drawn = [path.get("d") for path in root.iter(f"{SVG}path") if path.get("clip-path")]
    assert drawn[0] == "M169.0 300.0L274.0 300.0L379.0 213.3L484.0 170.0"
    assert len(drawn) == 2


def test_chart_marks_the_decision_only_where_there_is_one(lines):
    """A system that never suggests has no dot."""
    root = ET.fromstring(risk_coverage_svg("Risk", lines))  # noqa: S314
    dots = [(dot.get("cx"), dot.get("cy")) for dot in root.iter(f"{SVG}circle")]
    assert dots == [("274.0", "300.0")]


def test_chart_says_in_words_what_it_shows(lines):
    """Title, description, axes and key are text; markup in a name stays text."""
    root = ET.fromstring(risk_coverage_svg("Risk <1>", lines))  # noqa: S314
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Risk <1>"
    told = root.findtext(f"{SVG}desc")
    assert "good & sure: with every question answered 50% of the first suggestions" in told
    assert "at the product's decision 50% are answered and 0% of these wrongly" in told
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "coverage: questions answered" in texts
    assert "good & sure, area 0.21" in texts


def test_chart_of_many_questions_stays_small():
    """20,000 questions give a file of a few kilobytes that still ends at full coverage."""
    draws = np.random.default_rng(1)
    curve = risk_coverage(draws.random(20_000), draws.random(20_000) < 0.7)
    text = risk_coverage_svg("Risk", [Line("many", curve, (1.0, 0.3))])
    assert len(text) < 10_000
    assert "L484.0 " in text
