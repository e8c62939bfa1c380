"""When people ask: days, hours, zones."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from search_api.demo.chance import dice, made_id
from search_api.demo.rhythm import REGIONS, moments, on_duty, period

LAST = date(2026, 11, 21)


def test_period_is_whole_days_in_utc():
    """Thirty days end with the last moment of the last day."""
    assert period(LAST, 30) == (
        datetime(2026, 10, 23, tzinfo=UTC),
        datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_moments_have_the_rhythm_of_a_week():
    """A day has about as many as asked for, Mondays most and Sundays fewest, none outside."""
    start, end = period(LAST, 28)
    found = [at for at, _ in moments(start, end, 160, dice(1))]
    assert 0.93 * 160 < len(found) / 28 < 1.07 * 160
    assert start <= min(found) <= max(found) < end
    by_day = Counter(at.weekday() for at in found)
    assert by_day.most_common()[0][0] in (0, 1)
    assert {day for day, _ in by_day.most_common()[-2:]} == {5, 6}


def test_people_ask_by_the_clock_on_their_wall():
    """Mornings are busy and nights quiet in each region, before and after the clocks change."""
    for until in (date(2026, 10, 24), date(2026, 11, 21)):
        start, end = period(until, 14)
        by_region = {region.key: Counter() for region in REGIONS}
        for at, region in moments(start, end, 400, dice(2)):
            by_region[region.key][at.astimezone(ZoneInfo(region.zone)).hour] += 1
        for hours in by_region.values():
            night, morning = sum(hours[h] for h in range(5)), sum(hours[h] for h in range(8, 12))
            assert morning > 8 * night


def test_every_hour_has_a_region_on_duty():
    """Singapore answers first, then Dublin, then Los Angeles."""
    hours = [on_duty(datetime(2026, 11, 3, hour, tzinfo=UTC)).key for hour in range(24)]
    assert hours == ["sg"] * 8 + ["ie"] * 8 + ["us"] * 8


def test_chance_comes_out_the_same_again():
    """One seed and name always throw the same; another name throws something else."""
    assert dice(7, "a").random() == dice(7, "a").random() != dice(7, "b").random()
    assert made_id(7, "a", 1) == made_id(7, "a", 1) != made_id(8, "a", 1)
    assert len(made_id(7, "a")) == 32
