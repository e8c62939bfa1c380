"""Follow-ups read from a log: the newest weeks, and whatever still waits from before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support_events import NOON, asked, told

from search_api.events.log import EventLog
from search_api.reports.follow_ups import read_follow_ups
from search_api.reports.gather import gather
from search_api.settings import Settings

DAY_MINUTES = 24 * 60
LONG_AGO = -40 * DAY_MINUTES


@pytest.fixture
def settings(tmp_path):
    """Settings whose log is the test's own."""
    return Settings(events_url=f"sqlite:///{tmp_path / 'events.db'}")


@pytest.fixture
def waiting(settings):
    """Return a function that stores events and gives references and states of what waits."""

    def run(questions, feedback=(), now=NOON):
        log = EventLog(settings.events_url, 100)
        log.start()
        for one in questions:
            log.record_question(one)
        for one in feedback:
            log.record_feedback(one)
        log.close()
        found = [one for one in read_follow_ups(settings, now) if one.waits(now)]
        material = gather(settings, now - timedelta(days=1), now, [])
        assert [one for one in material.follow_ups if one.waits(now)] == found
        return [(one.reference, one.state, one.asked_at) for one in found]

    return run


@pytest.mark.parametrize("names", ["reference", "question"])
@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([("escalated", LONG_AGO + 60)], "escalated"),
        ([("resolved", LONG_AGO + 60), ("reopened", LONG_AGO + 90)], "reopened"),
        ([("reopened", -DAY_MINUTES)], "reopened"),
        ([("resolved", LONG_AGO + 60), ("linked", -DAY_MINUTES)], None),
        ([("escalated", LONG_AGO + 60), ("resolved", LONG_AGO + 90)], None),
        ([("linked", LONG_AGO + 60)], None),
        ([("escalated", LONG_AGO + 60), ("resolved", -DAY_MINUTES)], None),
    ],
)
def test_ticket_waits_until_somebody_resolves_it(waiting, events, state, names):
    """However old it is: escalated and reopened ones stay, resolved and lapsed ones are gone."""
    question = asked(1, LONG_AGO)
    named = {"query_id": question.query_id, "reference": None} if names == "question" else {}
    feedback = [told(event, minute, **named) for event, minute in events]
    expected = [("T-1", state, question.asked_at)] if state else []
    assert waiting([question], feedback) == expected


def test_ticket_that_was_asked_again_long_ago_waits(waiting):
    """A question after the end reopens a ticket, also one of long ago; a later end closes it."""
    questions = [
        *(asked(1, LONG_AGO), asked(2, LONG_AGO + 90, reference="T-1")),
        *(asked(3, LONG_AGO), asked(4, LONG_AGO + 90, reference="T-3")),
    ]
    feedback = [
        told("resolved", LONG_AGO + 60),
        told("resolved", LONG_AGO + 60, reference="T-3"),
        told("resolved", LONG_AGO + 120, reference="T-3"),
    ]
    assert waiting(questions, feedback) == [("T-1", "reopened", questions[0].asked_at)]


def test_old_ticket_that_is_asked_again_has_its_whole_story(waiting):
    """What was resolved forty days ago and asked again today came back, since its first day."""
    questions = [asked(1, LONG_AGO), asked(2, -60, reference="T-1")]
    feedback = [told("resolved", LONG_AGO + 60)]
    assert waiting(questions, feedback) == [("T-1", "reopened", questions[0].asked_at)]
