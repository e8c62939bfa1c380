"""Shifts: every moment belongs to exactly one, also when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_api.insights.shifts import FollowUpHours, Shift, ShiftPlan

LOCAL = ShiftPlan(
    [
        Shift(name="Singapore", starts=time(8), zone="Asia/Singapore"),
        Shift(name="Dublin", starts=time(8), zone="Europe/Dublin"),
        Shift(name="Los Angeles", starts=time(8), zone="America/Los_Angeles"),
    ]
)


def utc(month, day, hour, minute=0):
    """A moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_shift_lasts_until_the_next_one_begins():
    """In winter Dublin works 08:00 to 16:00 UTC, in summer 07:00 to 15:00."""
    winter = LOCAL.shift_at(utc(11, 3, 12))
    assert (winter.name, winter.starts, winter.ends) == ("Dublin", utc(11, 3, 8), utc(11, 3, 16))
    summer = LOCAL.shift_at(utc(7, 3, 12))
    assert (summer.name, summer.starts, summer.ends) == ("Dublin", utc(7, 3, 7), utc(7, 3, 15))


def test_shift_of_the_night_crosses_midnight():
    """Los Angeles begins at 16:00 UTC and hands over at midnight UTC, when Singapore has 08:00."""
    late = LOCAL.shift_at(utc(11, 3, 23, 59))
    assert (late.name, late.starts, late.ends) == ("Los Angeles", utc(11, 3, 16), utc(11, 4, 0))
    assert LOCAL.shift_at(utc(11, 4, 0)).name == "Singapore"
    assert LOCAL.shift_before(late).name == "Dublin"


def test_start_belongs_to_the_shift_and_the_end_to_the_next():
    """A shift holds its own start and not its end."""
    shift = LOCAL.shift_at(utc(11, 3, 12))
    assert shift.holds(shift.starts)
    assert not shift.holds(shift.ends)
    assert LOCAL.shift_at(shift.ends).name == "Los Angeles"


def test_day_of_clock_change_has_three_shifts_without_gap():
    """On 2026-10-25 Dublin's clocks go back: its shift begins an hour later by UTC."""
    day = LOCAL.day(date(2026, 10, 25))
    shifts = LOCAL.shifts_of(day)
    assert [(one.name, one.starts.hour, one.ends.hour) for one in shifts] == [
        ("Singapore", 0, 8),
        ("Dublin", 8, 15),
        ("Los Angeles", 15, 0),
    ]
    before = LOCAL.shifts_of(LOCAL.day(date(2026, 10, 24)))
    assert [one.starts.hour for one in before] == [0, 7, 15]


def test_day_begins_with_the_first_shift():
    """A day is the first shift's: 08:00 in Singapore to 08:00 of the next day."""
    day = LOCAL.day(date(2026, 11, 3))
    assert (day.name, day.starts, day.ends) == ("2026-11-03", utc(11, 3, 0), utc(11, 4, 0))
    assert LOCAL.day_of(utc(11, 2, 23, 59)) == date(2026, 11, 2)
    assert LOCAL.day_of(utc(11, 3, 0)) == date(2026, 11, 3)


def test_time_that_the_clocks_leave_out_still_begins_a_shift():
    """A shift at 02:30 in Los Angeles begins on 2026-03-08 too, when that time does not exist."""
    plan = ShiftPlan([Shift(name="Night", starts=time(2, 30), zone="America/Los_Angeles")])
    assert plan.shift_at(utc(3, 8, 10, 30)).starts == utc(3, 8, 10, 30)
    assert plan.shift_at(utc(3, 9, 9, 30)).starts == utc(3, 9, 9, 30)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.lists(
        st.tuples(st.times(), st.sampled_from(["Asia/Singapore", "Europe/Dublin", "US/Pacific"])),
        min_size=1,
        max_size=4,
    ),
)
def test_every_moment_belongs_to_one_shift_and_one_day(moment, starts):
    """Whatever the shifts, the one that holds a moment is followed and preceded without gap."""
    moment = moment.replace(tzinfo=UTC)
    plan = ShiftPlan(
        [
            Shift(name=f"{n}", starts=t.replace(tzinfo=None), zone=z)
            for n, (t, z) in enumerate(starts)
        ]
    )
    shift = plan.shift_at(moment)
    assert shift.holds(moment)
    assert plan.shift_at(shift.ends).starts == shift.ends
    assert plan.shift_before(shift).ends == shift.starts
    assert shift.ends - shift.starts <= timedelta(hours=25)
    assert plan.day(plan.day_of(moment)).holds(moment)


def test_shift_is_found_by_name_and_day():
    """The shift of a name that begins on a day, and none where it does not begin then."""
    found = LOCAL.shift_named("Dublin", date(2026, 11, 3))
    assert found.starts == utc(11, 3, 8)
    assert LOCAL.shift_named("Lima", date(2026, 11, 3)) is None


def test_earlier_period_is_as_long():
    """A week earlier is the same stretch seven days before."""
    shift = LOCAL.shift_at(utc(11, 10, 12))
    assert (shift.earlier(7).starts, shift.earlier(7).ends) == (utc(11, 3, 8), utc(11, 3, 16))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Dublin 08:00", "written like Dublin=08:00 Europe/Dublin"),
        ("Dublin=08:00 Europe/Dublyn", "no time zone Europe/Dublyn"),
        ("Dublin=25:00 Europe/Dublin", "hour value is outside expected range"),
    ],
)
def test_shift_that_is_none_is_refused(written, message):
    """What is wrong with a written shift is said in one sentence."""
    with pytest.raises(ValidationError, match=message):
        Shift.model_validate(written)


def test_plan_needs_shifts_with_names_of_their_own():
    """No shift, or two of one name, are refused."""
    shift = Shift(name="A", starts=time(8), zone="Etc/UTC")
    for shifts in ([], [shift, shift]):
        with pytest.raises(ValueError, match="each a name of its own"):
            ShiftPlan(shifts)


def test_hours_are_read_from_a_variable():
    """`open=3,waiting=12` sets these and leaves the others."""
    hours = FollowUpHours.model_validate("open=3, waiting=12")
    assert (hours.open, hours.reopened, hours.waiting, hours.escalated) == (3, 2, 12, 8)
    with pytest.raises(ValidationError, match="opn"):
        FollowUpHours.model_validate("opn=3")
