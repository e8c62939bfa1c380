"""Which time and which area figures are about, and the time that they are compared with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from search_api.insights.shifts import Period, ShiftPlan

Range = Literal["today", "7d", "28d", "90d"]
Step = Literal["hour", "day", "week"]
RANGES: tuple[Range, ...] = get_args(Range)
_DAYS: dict[Range, int] = {"today": 1, "7d": 7, "28d": 28, "90d": 90}
MOST_DAYS = 366
_DAY, _WEEK = timedelta(days=1), 7
_HOUR = timedelta(hours=1)
# Up to so many days a chart has hours, up to so many it has days, then weeks.
_DAYS_BY_HOUR, _DAYS_BY_DAY = 2, 120


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of whole days of the plan; one that runs ends now.

    Attributes:
        name: the range, or `2026-11-01 to 2026-11-07`.
        period: what figures are about.
        before: as long, on the same days of the week before it.
        first, last: its days, as the plan begins them.
        step: how long a point of a chart is.
        area: only questions and articles of this area; None for all.
        now: when the figures are made.
    """

    name: str
    period: Period
    before: Period
    first: date
    last: date
    step: Step
    area: str | None
    now: datetime

    def steps(self, plan: ShiftPlan) -> list[datetime]:
        """Return where each point of a chart begins, and where the last one ends."""
        if self.step == "hour":
            count = -((self.period.starts - self.period.ends) // _HOUR)
            return [self.period.starts + hour * _HOUR for hour in range(count + 1)]
        days = 1 if self.step == "day" else _WEEK
        starts = []
        day = self.first
        while day <= self.last:
            starts.append(plan.day(day).starts)
            day += days * _DAY
        return [*starts, self.period.ends]


def window_of(plan: ShiftPlan, named: Range, area: str | None, now: datetime) -> Window:
    """Return the days up to today that a range names."""
    today = plan.day_of(now)
    return _window(plan, named, today - (_DAYS[named] - 1) * _DAY, today, area, now)


def window_between(
    plan: ShiftPlan, first: date, last: date, area: str | None, now: datetime
) -> Window:
    """Return the days from one to another, both belonging to it.

    Raises:
        ValueError: they are the wrong way round, lie before us, or are too many.
    """
    if first > plan.day_of(now):
        raise ValueError("from: lies before us")
    if last < first:
        raise ValueError("from: comes after to")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"from, to: at most {MOST_DAYS} days")
    last = min(last, plan.day_of(now))
    return _window(plan, f"{first} to {last}", first, last, area, now)


def _window(
    plan: ShiftPlan, name: str, first: date, last: date, area: str | None, now: datetime
) -> Window:
    begin, end = plan.day(first), plan.day(last)
    period = Period(name, begin.starts, min(end.ends, now), begin.zone)
    days = (last - first).days + 1
    # Whole weeks back: a Monday is never compared with a Sunday.
    before = period.earlier(-(-days // _WEEK) * _WEEK)
    step: Step = "hour" if days <= _DAYS_BY_HOUR else "day" if days <= _DAYS_BY_DAY else "week"
    return Window(name, period, before, first, last, step, area, now)
