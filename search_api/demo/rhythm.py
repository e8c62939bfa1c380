"""When people ask: by the clock on their wall, in three regions, with quiet weekends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

# Of a week's questions, Monday first; their mean is 1.
_WEEKDAYS = (1.30, 1.25, 1.20, 1.15, 1.05, 0.60, 0.45)
# Of a day's questions, by the local hour: the night crew, the morning, lunch, the evening.
_HOURS = (2, 2, 1, 1, 2, 3, 6, 14, 24, 28, 26, 22, 14, 20, 23, 21, 18, 14, 9, 7, 6, 5, 4, 3)
# A day's number of questions lies this far around its mean, as a share of it.
_SPREAD = 0.07


@dataclass(frozen=True, slots=True)
class Region:
    """One of the places that people work in.

    Attributes:
        share: of all questions.
        languages: share of its people by the language that they would rather write.
        duty: hours in UTC from and to which its specialists answer.
    """

    key: str
    zone: str
    share: float
    languages: tuple[tuple[str, float], ...]
    duty: tuple[int, int]


# Cities, zones and shifts as in sop/platform.yml.
REGIONS = (
    Region("sg", "Asia/Singapore", 0.38, (("en", 0.70), ("zh", 0.21), ("ja", 0.09)), (0, 8)),
    Region(
        "ie",
        "Europe/Dublin",
        0.35,
        (("en", 0.70), ("de", 0.14), ("es", 0.09), ("pt", 0.07)),
        (8, 16),
    ),
    Region("us", "America/Los_Angeles", 0.27, (("en", 0.80), ("es", 0.14), ("pt", 0.06)), (16, 24)),
)


def period(until: date, days: int) -> tuple[datetime, datetime]:
    """Return the first moment of some days in UTC, and the first one behind them."""
    end = datetime.combine(until, time(), UTC) + timedelta(days=1)
    return end - timedelta(days=days), end


def on_duty(at: datetime) -> Region:
    """Return the region whose specialists answer at a time."""
    return next(region for region in REGIONS if region.duty[0] <= at.hour < region.duty[1])


def moments(
    start: datetime, end: datetime, per_day: float, dice: Random
) -> Iterator[tuple[datetime, Region]]:
    """Give when and where questions are asked, in UTC; region by region, day by day.

    Args:
        start: the first moment, in UTC.
        end: the first moment behind them.
        per_day: mean number of questions of a day, over a week and all regions.
        dice: decides.
    """
    for region in REGIONS:
        zone = ZoneInfo(region.zone)
        # A local day begins up to a day before or after the one in UTC.
        day = start.date() - timedelta(days=1)
        while day <= end.date():
            mean = per_day * region.share * _WEEKDAYS[day.weekday()]
            for _ in range(max(0, round(dice.gauss(mean, _SPREAD * mean)))):
                hour = dice.choices(range(24), _HOURS)[0]
                second = dice.randrange(3600)
                local = datetime.combine(day, time(hour, second // 60, second % 60), zone)
                at = local.astimezone(UTC)
                if start <= at < end:
                    yield at, region
            day += timedelta(days=1)
