"""The tickets of a log that are followed up, read for the shift desk and the command line."""

from __future__ import annotations

from datetime import datetime, timedelta

from search_api.events.reading import read_feedback, read_questions
from search_api.insights.follow_ups import FollowUp, follow_ups
from search_api.insights.shifts import ShiftPlan
from search_api.settings import Settings

_BACK = timedelta(days=31)


def read_follow_ups(settings: Settings, now: datetime) -> list[FollowUp]:
    """Return every ticket that something was asked for in 31 days, the earliest due first.

    Raises:
        EventStoreError: the log cannot be read.
    """
    since, until = now - _BACK, now + timedelta(seconds=1)
    return follow_ups(
        read_questions(settings.events_url, since, until),
        read_feedback(settings.events_url, since, until),
        settings.follow_up_hours,
        ShiftPlan(settings.shifts),
    )
