"""Friendly, fast, fixed right, first stop: figures that can be checked by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support_events import NOON, asked, columns_of, library_article, told

from search_api.insights.headlines import (
    Share,
    change_of_shares,
    first_stop,
    fixed_right,
    friendliness,
    headlines,
    waits,
)
from search_api.insights.library import View
from search_api.insights.shifts import Period, ShiftPlan
from search_api.insights.windows import window_of
from search_api.settings import Settings

LIBRARY = {
    "acc-001": library_article(),
    "que-001": library_article("que-001", area="queues"),
}
DAY = Period("", NOON - timedelta(hours=1), NOON + timedelta(days=1), "Etc/UTC")


def view_of(questions, feedback=(), area=None):
    """A day's events, as the dashboard of that evening sees them."""
    now = NOON + timedelta(hours=11)
    window = window_of(ShiftPlan(Settings().shifts), "today", area, now)
    return View(columns_of(questions, feedback), LIBRARY, window)


def test_last_word_on_an_article_is_the_vote():
    """Rejected and then solved is a yes; two articles of one case are two votes."""
    view = view_of(
        [asked(1), asked(2)],
        [
            told("rejected", 1, reference="T-1"),
            told("resolved", 2, reference="T-1"),
            told("rejected", 3, reference="T-1", article_id="que-001"),
            told("resolved", 4, reference="T-2", article_id=None),
            told("resolved", 5, reference=None, page="/sop/x/"),
        ],
    )
    found = friendliness(view, DAY)
    assert (found.good, found.cases) == (2, 3)


def test_fast_is_from_the_first_question_to_the_first_use():
    """Eleven cases took 1 to 11 minutes: the median is 6, nine of ten took at most 10."""
    questions = [asked(number, 0) for number in range(1, 13)]
    feedback = [told("linked", n, reference=f"T-{n}") for n in range(1, 12)]
    feedback.append(told("resolved", 60, reference="T-1"))
    found = waits(view_of(questions, feedback), DAY)
    assert (found.middle, found.slow, found.cases, found.value) == (6, 10, 11, 6)


def test_solved_and_back_is_not_fixed_right():
    """Reopened or asked again after it was solved; asked again before is no return."""
    view = view_of(
        [asked(1, 0), asked(2, 0), asked(3, 0), asked(4, 1, reference="T-3")],
        [
            told("resolved", 5, reference="T-1"),
            told("reopened", 6, reference="T-1"),
            told("resolved", 5, reference="T-2"),
            told("resolved", 5, reference="T-3"),
        ],
    )
    assert fixed_right(view, DAY) == Share(2, 3, 3)


def test_escalated_case_that_nobody_closes_is_no_first_stop():
    """Cases that other teams have still would flatter the figure if they were left out."""
    view = view_of(
        [asked(1), asked(2), asked(3), asked(4)],
        [
            told("resolved", 5, reference="T-1"),
            told("escalated", 5, reference="T-2"),
            told("escalated", 5, reference="T-3"),
            told("resolved", 9, reference="T-3"),
        ],
    )
    assert first_stop(view, DAY) == Share(1, 3, 3)


def test_area_is_that_of_the_first_questions_article():
    """Only the area's cases are counted, and only votes on its articles."""
    queue = [{"id": "que-001", "score": 0.5, "confidence": 0.5}]
    questions = [asked(1), asked(2, suggestions=queue)]
    feedback = [
        told("resolved", 5, reference="T-1"),
        told("resolved", 5, reference="T-2", article_id="que-001"),
    ]
    view = view_of(questions, feedback, area="queues")
    assert fixed_right(view, DAY) == Share(1, 1, 1)
    assert friendliness(view, DAY).cases == 1


def test_too_few_cases_or_people_are_told_as_such():
    """Nine cases, or ten of one person, are no figure: not 0 %, not 100 %."""
    assert Share(9, 9, 9).value is None
    assert Share(10, 10, 2).value is None
    assert Share(5, 10, 3).value == 0.5
    fast = next(one for one in headlines(view_of([asked(1)])) if one.key == "fast")
    assert (fast.value, fast.told) == (None, "no case to tell from")
    once = view_of([asked(1)], [told("linked", reference="T-1")])
    assert headlines(once)[1].told == "too few to say (under 3 cases)"


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        (Share(90, 100, 9), Share(50, 100, 9), "better"),
        (Share(50, 100, 9), Share(90, 100, 9), "worse"),
        (Share(52, 100, 9), Share(50, 100, 9), "same"),
        (Share(9100, 10000, 9), Share(9000, 10000, 9), "same"),
        (Share(5, 5, 5), Share(50, 100, 9), None),
    ],
)
def test_change_is_told_beyond_chance_and_beyond_what_one_feels(now, before, change):
    """Three standard deviations and two points; nothing where one side has too few."""
    assert change_of_shares(now, before) == change


def test_headlines_are_four_in_the_teams_order():
    """Each has its figure of now and of the time before."""
    week_ago = timedelta(days=7)
    feedback = [told("resolved", 9, reference=f"T-{n}") for n in range(1, 12)]
    questions = [asked(n) for n in range(1, 12)]
    questions += [asked(n, asked_at=NOON - week_ago) for n in range(21, 32)]
    feedback += [
        told("resolved", given_at=NOON - week_ago + timedelta(minutes=99), reference=f"T-{n}")
        for n in range(21, 32)
    ]
    found = headlines(view_of(questions, feedback))
    assert [one.key for one in found] == ["friendly", "fast", "fixed_right", "first_stop"]
    assert [one.value for one in found] == [None, 9, 1, 1]
    assert [one.before for one in found] == [None, 99, 1, 1]
    assert [one.change for one in found] == [None, "better", "same", "same"]
