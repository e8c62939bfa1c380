"""The log as columns: what they keep, and what became of each case."""

from __future__ import annotations

import numpy as np
from support_events import NOON, asked, columns_of, told

from search_api.events.scanning import FeedbackRow, QuestionRow
from search_api.insights.columns import NEVER, Intake


def seconds(minute):
    """Minutes after noon as columns count."""
    return int(NOON.timestamp()) + minute * 60


def test_case_is_a_ticket_or_a_question_of_its_own():
    """Two questions of one ticket are one case; one without a ticket is a case itself."""
    columns = columns_of(
        [
            asked(1, 5, reference="T-1"),
            asked(2, 0, reference="T-1", suggestions=[], decision="abstain"),
            asked(3, 2, reference=None),
        ]
    )
    assert columns.asked.case.tolist() == [0, 0, 1]
    assert columns.cases.asked_at.tolist() == [seconds(0), seconds(2)]
    # The article is that of the first question, which had none.
    assert columns.cases.article.tolist() == [-1, 0]
    assert columns.cases.is_answered.tolist() == [True, True]


def test_outcome_of_a_case_is_when_it_happened_first():
    """Linked, resolved, escalated, and back by feedback or by asking again after it was solved."""
    columns = columns_of(
        [asked(1, 0), asked(2, 0), asked(3, 0), asked(4, 9, reference="T-2")],
        [
            told("linked", 3, reference="T-1"),
            told("resolved", 4, reference="T-1"),
            told("resolved", 6, reference="T-1"),
            told("resolved", 5, reference="T-2"),
            told("escalated", 7, query_id=f"{3:032x}", reference=None),
            told("reopened", 8, reference="T-3"),
        ],
    )
    cases = columns.cases
    assert cases.useful_at.tolist() == [seconds(3), seconds(5), NEVER]
    assert cases.resolved_at.tolist() == [seconds(4), seconds(5), NEVER]
    assert cases.escalated_at.tolist() == [NEVER, NEVER, seconds(7)]
    # T-3 was never solved, so it cannot come back.
    assert cases.back_at.tolist() == [NEVER, seconds(9), NEVER]


def test_feedback_may_come_before_its_question():
    """The log may tell of feedback first; it is counted once its question is there."""
    intake = Intake()
    row = FeedbackRow(1, NOON, "q1", None, None, "acc-001", "resolved", None, None)
    assert intake.add_feedback([row]) == 1
    assert (intake.waiting, len(intake.columns().told.at)) == (1, 0)
    question = QuestionRow("q1", NOON, "phone lost", "en", None, "T-9", None, "suggest", "acc-001")
    assert intake.add_questions([question, question]) == 1
    columns = intake.columns()
    assert columns.told.case.tolist() == columns.asked.case.tolist() == [0]
    assert (intake.waiting, intake.questions, intake.feedback) == (0, 1, 1)


def test_columns_hold_no_text_and_no_person():
    """What stays of a question are numbers and the names of languages, channels and articles."""
    columns = columns_of([asked(1, text="a secret", actor="somebody", reference="SUP-77")])
    names = (*columns.languages, *columns.channels, *columns.articles)
    assert names == ("en", "chat", "acc-001")
    assert columns.asked.asker.tolist() == [0]
    assert {array.dtype.kind for array in (columns.asked.at, columns.asked.kind)} == {"i"}


def test_vote_on_a_page_is_a_case_without_a_question():
    """It counts as a vote and never as a case that was asked about."""
    columns = columns_of([asked(1)], [told("resolved", reference=None, page="/sop/x/")])
    assert columns.told.case.tolist() == [1]
    assert columns.cases.asked_at.tolist() == [seconds(0), NEVER]


def test_those_whom_nobody_named_are_one_asker():
    """An actor, else the ticket; without both all are one."""
    columns = columns_of(
        [
            asked(1, actor="a", reference="T-1"),
            asked(2, actor="a", reference="T-2"),
            asked(3, actor=None, reference="T-3"),
            asked(4, actor=None, reference=None),
            asked(5, actor=None, reference=None),
        ]
    )
    assert columns.asked.asker.tolist() == [0, 0, 1, -1, -1]


def test_columns_are_small():
    """A hundred thousand questions take a few megabytes of arrays."""
    columns = columns_of(asked(number) for number in range(1000))
    assert columns.nbytes * 100 < 10_000_000
    assert columns.asked.at.dtype == np.int64
