"""A list of gaps as Markdown, for reports and comments."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from support_events import NOON, asked

from search_api.insights.gap_report import as_json, as_lines, as_markdown
from search_api.insights.gaps import find_gaps
from search_api.insights.outcomes import read_outcomes


def found(*askers):
    """A list with one gap of these askers, or with none where they are too few."""
    vector = np.array((1, 0, 0), np.float32)
    questions = [
        asked(n, text="badge red", actor=name, vector=vector, decision="abstain", confidence=0.1)
        for n, name in enumerate(askers)
    ]
    other = asked(99, vector=np.array((0, 1, 0), np.float32))
    outcomes = read_outcomes([*questions, other], [])
    return find_gaps(outcomes, NOON, NOON + timedelta(days=7))


def test_markdown_is_a_table_without_questions():
    """One line a gap: what it is about and what to do."""
    gaps = found("a", "b", "c")
    (gap,) = gaps.gaps
    assert as_markdown(gaps, gaps.gaps) == [
        "| gap | about | what to do | questions | askers | by week |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| `{gap.id}` | badge red | write a new one | 3 | 3 | 3 |",
    ]


def test_nothing_to_show_is_said():
    """Smaller groups are only counted, in every form."""
    gaps = found("a", "b")
    hidden = "nd 2 questions in groups of fewer than 3 askers"
    assert as_markdown(gaps, gaps.gaps) == ["No gap.", "", f"A{hidden}."]
    assert as_lines(gaps, gaps.gaps, {})[-3:] == ["no gap", "", f"a{hidden}"]
    assert as_json(gaps, gaps.gaps, {})["in_smaller_groups"] == 2
