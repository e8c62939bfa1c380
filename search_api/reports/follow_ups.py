"""The tickets of a log that are followed up, read for the shift desk and the command line."""

from __future__ import annotations

from datetime import datetime, timedelta

from search_api.events.reading import read_feedback, read_questions
from search_api.events.tickets import read_older_tickets
from search_api.insights.follow_ups import FollowUp, follow_ups
from search_api.insights.shifts import ShiftPlan
from search_api.settings import Settings

# No open or waiting ticket is followed up for longer, whatever the settings say.
_BACK = timedelta(days=31)


def read_follow_ups(settings: Settings, now: datetime) -> list[FollowUp]:
    """Return every ticket of 31 days, and older ones that still wait, the earliest due first.

    Raises:
        EventStoreError: the log cannot be read.
    """
    url, since, until = settings.events_url, now - _BACK, now + timedelta(seconds=1)
    older, said_before = read_older_tickets(url, since, until)
    return follow_ups(
        [*older, *read_questions(url, since, until, with_requests=False)],
        [*said_before, *read_feedback(url, since, until)],
        settings.follow_up_hours,
        ShiftPlan(settings.shifts),
    )
