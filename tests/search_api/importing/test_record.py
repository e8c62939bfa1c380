"""What the log does not know yet of a ticket becomes feedback; nothing is told twice."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from support_events import asked

from search_api.auth import actor_hash
from search_api.events.importing import KnownTicket
from search_api.importing.record import feedback_of, ticket_name
from search_api.importing.ticket import Ticket
from search_api.insights.follow_ups import follow_ups
from search_api.insights.shifts import FollowUpHours, Shift, ShiftPlan
from search_api.schemas import SuggestRequest

KEY = b"k"
OPENED = datetime(2026, 11, 3, 10, tzinfo=UTC)
CLOSED, LATER = OPENED + timedelta(hours=1), OPENED + timedelta(hours=5)


def ticket(outcome="open", reference="T-1", **values):
    """Return a ticket of ten o'clock."""
    request = SuggestRequest(subject="phone lost", reference=reference)
    return Ticket(1, request, OPENED, outcome=outcome, **values)


def told(one, known=None, article=None):
    """What an import tells of a ticket: event, article, time."""
    found = feedback_of(one, known or KnownTicket(), article, KEY)
    return [(event.event, event.article_id, event.given_at) for event in found]


def test_article_is_linked_and_resolves():
    """A solved ticket links its article and is resolved by it when it was closed."""
    one = ticket("resolved", closed=CLOSED, specialist="ops-1")
    assert told(one, article="acc-001") == [
        ("linked", "acc-001", CLOSED),
        ("resolved", "acc-001", CLOSED),
    ]
    first = feedback_of(one, KnownTicket(), None, KEY)[0]
    assert (first.source, first.reference) == ("import", "T-1")
    assert first.actor == actor_hash("ops-1", KEY)


def test_open_and_dropped_tickets_say_nothing():
    """Without an end and without an article there is nothing to tell."""
    assert told(ticket("open")) == []
    assert told(ticket("dropped", closed=CLOSED)) == []
    assert told(ticket("open"), article="acc-001") == [("linked", "acc-001", OPENED)]


def test_time_that_nobody_stated_is_the_last_one_known():
    """An end without a time stands at the opening, or a second behind what the log has."""
    assert told(ticket("escalated")) == [("escalated", None, OPENED)]
    known = KnownTicket(is_asked=True, linked=set(), outcome="resolved", told_at=CLOSED)
    assert told(ticket("reopened", closed=CLOSED), known) == [
        ("reopened", None, CLOSED + timedelta(seconds=1))
    ]


def test_known_feedback_is_not_told_again():
    """The same article and the same end are told once, whatever their times."""
    known = KnownTicket(is_asked=True, linked={"acc-001"}, outcome="resolved", told_at=CLOSED)
    assert told(ticket("resolved", closed=LATER), known, "acc-001") == []
    assert told(ticket("resolved", closed=CLOSED), known, "acc-002") == [
        ("linked", "acc-002", CLOSED)
    ]


def test_article_of_a_closed_ticket_does_not_open_it_again():
    """An export that fills in the article later links it behind the end; the ticket stays done."""
    first = feedback_of(ticket("resolved", closed=CLOSED), KnownTicket(), None, KEY)
    known = KnownTicket(is_asked=True, linked=set(), outcome="resolved", told_at=CLOSED)
    later = feedback_of(ticket("resolved", closed=CLOSED), known, "acc-001", KEY)
    assert [one.event for one in (*first, *later)] == ["resolved", "linked"]
    plan = ShiftPlan([Shift(name="Day", starts=time(0), zone="Etc/UTC")])
    (found,) = follow_ups([asked(asked_at=OPENED)], [*first, *later], FollowUpHours(), plan)
    assert (found.state, found.article, found.reopened) == ("resolved", "acc-001", 0)


def test_new_end_is_added_and_an_old_one_is_not():
    """A later end is added; an export that is older than the log takes nothing back."""
    reopened = KnownTicket(is_asked=True, linked=set(), outcome="reopened", told_at=CLOSED)
    assert told(ticket("resolved", closed=LATER), reopened) == [("resolved", None, LATER)]
    assert told(ticket("resolved", closed=CLOSED), reopened) == []
    resolved = KnownTicket(is_asked=True, linked=set(), outcome="resolved", told_at=CLOSED)
    assert told(ticket("reopened", updated=LATER), resolved) == [("reopened", None, LATER)]


def test_reference_that_is_no_plain_id_is_a_hash():
    """A formula or a name as a reference is stored as a keyed hash, the same every time."""
    assert ticket_name(ticket(reference="SUP-000123"), KEY) == "SUP-000123"
    for odd in ("=1+1", "ana@example.com"):
        assert ticket_name(ticket(reference=odd), KEY) == actor_hash(odd, KEY)
