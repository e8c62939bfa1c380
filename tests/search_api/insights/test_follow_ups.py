"""Follow-ups: a ticket's state from what was asked and said, and when it is due."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from support_events import NOON, asked, told

from search_api.insights.follow_ups import due_before, follow_ups, waiting
from search_api.insights.shifts import FollowUpHours, Shift, ShiftPlan

PLAN = ShiftPlan(
    [
        Shift(name="Early", starts=time(0), zone="Etc/UTC"),
        Shift(name="Late", starts=time(14), zone="Etc/UTC"),
    ]
)
HOURS = FollowUpHours(open=4, reopened=2, waiting=24, escalated=8)


def found(questions, feedback=()):
    """What follows from these events."""
    return follow_ups(questions, feedback, HOURS, PLAN)


@pytest.mark.parametrize(
    ("events", "state", "due_hours"),
    [
        ([], "open", 4),
        (["viewed"], "open", 4),
        (["linked"], "waiting", 24),
        (["linked", "rejected"], "open", 4),
        (["gap"], "open", 4),
        (["escalated"], "escalated", 8),
        (["escalated", "rejected"], "escalated", 8),
        (["linked", "resolved"], "resolved", 0),
        (["resolved", "reopened"], "reopened", 2),
        (["resolved", "reopened", "resolved"], "resolved", 0),
        (["resolved", "rejected"], "resolved", 0),
        (["resolved", "linked"], "resolved", 0),
        (["resolved", "gap"], "resolved", 0),
        (["resolved", "escalated"], "resolved", 0),
        (["resolved", "rejected", "reopened"], "reopened", 2),
        (["escalated", "linked"], "escalated", 8),
        (["escalated", "gap"], "escalated", 8),
        (["resolved", "reopened", "linked"], "reopened", 2),
        (["resolved", "reopened", "rejected"], "reopened", 2),
        (["resolved", "reopened", "escalated"], "escalated", 8),
    ],
)
def test_state_follows_from_what_was_said(events, state, due_hours):
    """Each kind of feedback moves a ticket, or leaves it; the due time counts from the move."""
    feedback = [told(event, minute=10 * place) for place, event in enumerate(events, 1)]
    (ticket,) = found([asked()], feedback)
    assert ticket.state == state
    assert ticket.due - ticket.since == timedelta(hours=due_hours)


def test_due_time_of_a_ticket_is_not_moved_by_what_leaves_its_state():
    """An article that is linked to an escalated ticket gives nobody more time."""
    feedback = [told("escalated", minute=30), told("linked", minute=60)]
    assert found([asked()], feedback)[0].since == NOON + timedelta(minutes=30)


def test_due_time_counts_from_the_state_and_names_its_shift():
    """Linked at 12:30, a ticket is due a day later at 12:30, in the shift that works then."""
    (ticket,) = found([asked()], [told("linked", minute=30)])
    assert ticket.since == NOON + timedelta(minutes=30)
    assert ticket.due == NOON + timedelta(days=1, minutes=30)
    assert ticket.due_in == "Early"
    (open_ticket,) = found([asked()])
    assert (open_ticket.due, open_ticket.due_in) == (NOON + timedelta(hours=4), "Late")


def test_question_after_the_end_reopens():
    """Who asks again in a ticket that was resolved has not been helped; it counts once."""
    questions = [asked(1), asked(2, 60, reference="T-1"), asked(3, 70, reference="T-1")]
    (ticket,) = found(questions, [told("resolved", minute=30)])
    assert (ticket.state, ticket.reopened, ticket.questions) == ("reopened", 1, 3)
    assert ticket.asked_at == NOON
    assert ticket.since == NOON + timedelta(minutes=60)


def test_feedback_finds_its_ticket_by_question():
    """Feedback that names only the question closes the ticket that the question belongs to."""
    question = asked()
    feedback = told("resolved", reference=None, query_id=question.query_id)
    assert found([question], [feedback])[0].state == "resolved"
    stranger = told("resolved", reference=None, query_id="f" * 32)
    assert found([question], [stranger])[0].state == "open"


def test_question_without_a_ticket_is_not_followed_up():
    """Nobody can be asked how it went."""
    assert found([asked(reference=None)]) == []


def test_article_is_the_one_that_was_passed_on():
    """The first suggestion, until somebody links another article; none where none was shown."""
    assert found([asked()])[0].article == "acc-001"
    assert found([asked()], [told("linked", article_id="acc-007")])[0].article == "acc-007"
    assert found([asked()], [told("rejected", article_id="acc-007")])[0].article == "acc-001"
    abstained = asked(decision="abstain", shown=0)
    assert found([abstained])[0].article is None


def test_earliest_due_comes_first():
    """Tickets are in the order in which somebody has to look at them; equal times by reference."""
    questions = [asked(1, 30), asked(2, 0), asked(3, 0)]
    feedback = [told("linked", reference="T-2")]
    assert [one.reference for one in found(questions, feedback)] == ["T-3", "T-1", "T-2"]


def test_due_list_of_a_shift_has_overdue_ones_too():
    """What is due before a shift ends is its work, whoever left it; what is done is not."""
    questions = [asked(1, -600), asked(2, 0), asked(3, 0)]
    feedback = [told("linked", reference="T-2"), told("resolved", reference="T-3")]
    tickets = found(questions, feedback)
    shift = PLAN.shift_at(NOON)
    assert [one.reference for one in due_before(tickets, shift, NOON)] == ["T-1"]
    assert tickets[0].is_overdue(NOON)
    assert not tickets[2].is_overdue(NOON)
    assert [one.reference for one in waiting(tickets, NOON)] == ["T-1", "T-2"]


def test_due_list_begins_with_what_came_back():
    """Reopened, then escalated, then the others, whichever is due first."""
    questions = [asked(1, -600), asked(2, -600), asked(3, -600)]
    feedback = [
        told("escalated", reference="T-2", minute=-500),
        told("resolved", reference="T-3", minute=-300),
        told("reopened", reference="T-3", minute=-200),
    ]
    due = due_before(found(questions, feedback), PLAN.shift_at(NOON), NOON)
    assert [one.reference for one in due] == ["T-3", "T-2", "T-1"]


def test_due_list_begins_with_what_is_still_to_come():
    """A shift's own work in the order of its times comes first, then the newest of the late."""
    questions = [asked(n, minute) for n, minute in ((1, -600), (2, -300), (3, -60), (4, -30))]
    due = due_before(found(questions), PLAN.shift_at(NOON + timedelta(hours=2)), NOON)
    assert [one.reference for one in due] == ["T-3", "T-4", "T-2", "T-1"]


def test_ticket_of_which_nobody_says_a_word_lapses():
    """After 72 hours an open or waiting ticket waits no more; an escalated one does."""
    questions = [asked(1), asked(2), asked(3)]
    feedback = [told("escalated", reference="T-2"), told("linked", reference="T-3", minute=60)]
    tickets = found(questions, feedback)
    late = NOON + timedelta(hours=72, minutes=30)
    assert [one.reference for one in waiting(tickets, late)] == ["T-2", "T-3"]
    assert [one.reference for one in waiting(tickets, late + timedelta(hours=1))] == ["T-2"]
    lapsed = next(one for one in tickets if one.reference == "T-1")
    assert lapsed.has_lapsed(late)
    assert not lapsed.is_overdue(late)
