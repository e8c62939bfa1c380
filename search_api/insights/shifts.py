"""Shifts and days as a team works them, in whatever time zones: periods without gap or overlap.

A shift lasts from its own start to the start of the next one, whichever that is. So every
moment belongs to exactly one shift, also when the clocks of one region change and those of
another do not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_WRITTEN = re.compile(r"(?P<name>[^=]+)=(?P<starts>\d\d:\d\d) (?P<zone>\S+)")
_DAY = timedelta(days=1)


class Shift(BaseModel):
    """A shift that begins every day at the same local time.

    Attributes:
        name: as the team calls it.
        starts: local time of day.
        zone: IANA time zone of that time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    starts: time
    zone: str

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Read `Dublin=08:00 Europe/Dublin`, as a variable has it."""
        if not isinstance(value, str):
            return value
        found = _WRITTEN.fullmatch(value.strip())
        if found is None:
            message = "a shift is written like Dublin=08:00 Europe/Dublin"
            raise ValueError(message)
        return found.groupdict()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            message = f"there is no time zone {zone}; name one like Europe/Dublin or Etc/UTC"
            raise ValueError(message)
        return zone

    def start_on(self, day: date) -> datetime:
        """Return when it begins on a day of its own calendar, in UTC.

        A time that the clocks leave out counts as if they had not been changed yet.
        """
        return datetime.combine(day, self.starts, ZoneInfo(self.zone)).astimezone(UTC)


class FollowUpHours(BaseModel):
    """How long a ticket may stay in a state before somebody looks at it again, in hours.

    Attributes:
        lapsed: after which an open or waiting ticket, of which nobody has said a word, is
            followed up no more. Escalated and reopened ones wait until they are resolved.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    open: float = Field(4, gt=0, le=720)
    reopened: float = Field(2, gt=0, le=720)
    waiting: float = Field(24, gt=0, le=720)
    escalated: float = Field(8, gt=0, le=720)
    lapsed: float = Field(72, gt=0, le=720)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Read `open=4,waiting=24`, as a variable has it."""
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        return {name.strip(): hours.strip() for name, _, hours in pairs}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time: from its start on, and before its end; both in UTC.

    Attributes:
        name: of the shift, or the day as `2026-11-03`.
        zone: the time zone that people there live in.
    """

    name: str
    starts: datetime
    ends: datetime
    zone: str

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment belongs to it."""
        return self.starts <= moment < self.ends

    def earlier(self, days: int) -> Self:
        """Return the stretch of the same length that ended some days before."""
        back = timedelta(days=days)
        return type(self)(self.name, self.starts - back, self.ends - back, self.zone)


class ShiftPlan:
    """The shifts of a team, and the days that they make."""

    def __init__(self, shifts: Sequence[Shift]) -> None:
        """Plan these shifts; a day begins with the first of them.

        Raises:
            ValueError: there is none, or two have one name.
        """
        if not shifts or len({shift.name for shift in shifts}) < len(shifts):
            message = "a plan needs at least one shift, and each a name of its own"
            raise ValueError(message)
        self.shifts = tuple(shifts)
        self._starts: dict[date, list[tuple[datetime, Shift]]] = {}

    def shift_at(self, moment: datetime) -> Period:
        """Return the shift that a moment belongs to."""
        starts = self._starts_around(moment)
        place = bisect_right(starts, moment, key=lambda one: one[0]) - 1
        (begin, shift), (end, _) = starts[place], starts[place + 1]
        return Period(shift.name, begin, end, shift.zone)

    def shift_before(self, shift: Period) -> Period:
        """Return the shift that handed over to this one."""
        return self.shift_at(shift.starts - timedelta(microseconds=1))

    def shifts_of(self, period: Period) -> list[Period]:
        """Return the shifts that begin in a period, in order."""
        found = []
        shift = self.shift_at(period.starts)
        while shift.starts < period.ends:
            if shift.starts >= period.starts:
                found.append(shift)
            shift = self.shift_at(shift.ends)
        return found

    def day(self, day: date) -> Period:
        """Return a day: from the first shift's start to its start on the next day."""
        first = self.shifts[0]
        return Period(day.isoformat(), first.start_on(day), first.start_on(day + _DAY), first.zone)

    def day_of(self, moment: datetime) -> date:
        """Return the day that a moment belongs to."""
        first = self.shifts[0]
        day = moment.astimezone(ZoneInfo(first.zone)).date() + _DAY
        while first.start_on(day) > moment:
            day -= _DAY
        return day

    def shift_named(self, name: str, day: date) -> Period | None:
        """Return the shift of that name which begins on a day of the plan; None without one."""
        return next((one for one in self.shifts_of(self.day(day)) if one.name == name), None)

    def _starts_around(self, moment: datetime) -> list[tuple[datetime, Shift]]:
        """Return all starts from two days before to two days after, in order."""
        today = moment.astimezone(UTC).date()
        # Reports ask this of every question, and a month has only so many days.
        if today not in self._starts:
            starts = [
                (shift.start_on(today + offset * _DAY), shift)
                for offset in range(-2, 3)
                for shift in self.shifts
            ]
            self._starts[today] = sorted(starts, key=lambda one: one[0])
        return self._starts[today]
