"""Topics that trainees fail: from ten tries on, with what each asks of a writer."""

from __future__ import annotations

from datetime import date

import pytest

from search_api.events.practice import Tries
from search_api.insights.practice import (
    FAILING,
    FEWEST_TRIES,
    Topic,
    as_json,
    as_lines,
    as_markdown,
    failing_topics,
)

DAY = date(2026, 11, 3)


def tries(answer, **chosen):
    """Counts of what was chosen where one article was right; `none` is none of these."""
    return [
        Tries(DAY, answer, None if name == "none" else name.replace("_", "-"), count)
        for name, count in chosen.items()
    ]


def test_article_that_is_taken_for_another_competes_with_it():
    """Where one article takes half of the failed tries or more, both are named."""
    (topic,) = failing_topics(tries("acc-001", acc_001=12, acc_002=6, none=2))
    assert topic == Topic(
        "acc-001", 20, 8, (("acc-002", 6), (None, 2)), "compete", ("acc-001", "acc-002")
    )
    assert topic.sentence == (
        "trainees pick acc-002 (6), none of these (2) instead of acc-001: 8 of 20 tries failed"
    )


def test_article_that_is_missed_for_many_reasons_is_to_be_edited():
    """Where the failed tries go everywhere, or nowhere, the article itself does not say enough."""
    spread = tries("acc-001", acc_001=5, acc_002=2, acc_003=2, acc_004=2)
    unseen = tries("acc-005", acc_005=5, none=6)
    assert [(one.advice, one.articles) for one in failing_topics([*spread, *unseen])] == [
        ("edit", ("acc-001",)),
        ("edit", ("acc-005",)),
    ]


def test_article_that_is_taken_for_an_answer_where_there_is_none_is_to_be_narrowed():
    """What looks as if it answered is named, the most often taken first."""
    (topic,) = failing_topics(tries(None, none=10, acc_001=3, acc_002=6))
    assert (topic.advice, topic.articles) == ("narrow", ("acc-002", "acc-001"))
    assert topic.sentence.endswith("where none answers: 9 of 19 tries failed")


@pytest.mark.parametrize(
    ("right", "wrong", "is_shown"), [(6, 4, True), (5, 4, False), (7, 4, False)]
)
def test_topic_is_shown_from_ten_tries_and_two_of_five_failed_on(right, wrong, is_shown):
    """One try or one failure fewer, and nobody is told of it."""
    assert (FEWEST_TRIES, FAILING) == (10, 0.4)
    assert bool(failing_topics(tries("acc-001", acc_001=right, acc_002=wrong))) is is_shown


def test_days_are_added_up_and_the_most_failed_comes_first():
    """Tries of several days are one topic; equal counts by id."""
    counts = [
        *tries("acc-002", acc_001=5, acc_002=5),
        *tries("acc-001", acc_001=4, acc_002=3),
        Tries(date(2026, 11, 4), "acc-001", "acc-002", 4),
    ]
    assert [(one.answer, one.failed) for one in failing_topics(counts)] == [
        ("acc-001", 7),
        ("acc-002", 5),
    ]


def test_topics_are_told_in_every_form():
    """A terminal, a table and plain values say the same; without a topic there is no heading."""
    topics = failing_topics(tries("acc-001", acc_001=4, acc_002=6))
    assert as_lines(topics) == [
        "trainees fail",
        "  trainees pick acc-002 (6) instead of acc-001: 6 of 10 tries failed",
        "    two articles compete (acc-001, acc-002)",
        "",
    ]
    assert as_markdown(topics)[-1] == (
        "| acc-001 | acc-002 (6) | two articles compete (acc-001, acc-002) | 6 of 10 |"
    )
    assert as_json(topics) == [
        {
            "answer": "acc-001",
            "tries": 10,
            "failed": 6,
            "chosen": [{"article": "acc-002", "tries": 6}],
            "advice": "compete",
            "articles": ["acc-001", "acc-002"],
        }
    ]
    assert (as_lines([]), as_markdown([]), as_json([])) == ([], [], [])
