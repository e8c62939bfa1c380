"""Which time figures are about, and what it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from search_api.insights.shifts import ShiftPlan
from search_api.insights.windows import window_between, window_of
from search_api.settings import Settings

PLAN = ShiftPlan(Settings().shifts)
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday; a day begins at 00:00 UTC


@pytest.mark.parametrize(
    ("named", "days", "back", "step"),
    [("today", 1, 7, "hour"), ("7d", 7, 7, "day"), ("28d", 28, 28, "day"), ("90d", 90, 91, "day")],
)
def test_range_is_compared_with_the_same_days_of_the_week(named, days, back, step):
    """It ends now, and the time before it lies whole weeks back."""
    window = window_of(PLAN, named, None, NOW)
    assert window.period.ends == NOW
    assert window.period.starts == datetime(2026, 11, 18, tzinfo=UTC) - timedelta(days=days - 1)
    assert window.period.starts - window.before.starts == timedelta(days=back)
    assert window.period.ends - window.before.ends == timedelta(days=back)
    assert window.step == step


def test_days_are_whole_where_they_are_over():
    """Both named days belong to it; a day that has not come is left out."""
    window = window_between(PLAN, date(2026, 11, 9), date(2026, 11, 10), "queues", NOW)
    assert window.period.starts == datetime(2026, 11, 9, tzinfo=UTC)
    assert window.period.ends == datetime(2026, 11, 11, tzinfo=UTC)
    assert (window.area, window.step) == ("queues", "hour")
    assert len(window.steps(PLAN)) == 49
    later = window_between(PLAN, date(2026, 11, 17), date(2026, 12, 24), None, NOW)
    assert (later.last, later.period.ends) == (date(2026, 11, 18), NOW)


def test_long_time_has_weeks():
    """A year has a point for each week, and the last one ends with it."""
    window = window_between(PLAN, date(2025, 12, 1), date(2026, 11, 1), None, NOW)
    steps = window.steps(PLAN)
    assert (window.step, len(steps)) == ("week", 49)
    assert (steps[0], steps[-1]) == (window.period.starts, window.period.ends)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 3), date(2026, 11, 2), "comes after"),
        (date(2026, 12, 1), date(2026, 12, 2), "before us"),
        (date(2020, 1, 1), date(2026, 1, 1), "at most 366 days"),
    ],
)
def test_days_that_cannot_be_are_refused(first, last, said):
    """The sentence says what is wrong."""
    with pytest.raises(ValueError, match=said):
        window_between(PLAN, first, last, None, NOW)
