"""Tickets that nobody has closed yet, from what was asked and what was said of it afterwards.

A ticket is followed up from its first question until somebody says `resolved`; only its
reference is known here, never what was asked.

    asked, rejected or gap -> open        nothing helped yet
    linked                 -> waiting     an article was passed on, nobody said that it helped
    escalated              -> escalated   another team has it
    resolved               -> resolved    done
    reopened, asked again  -> reopened    it was done and is not

What says nothing of the end changes no state that is graver: an article that is linked to, or
rejected in, a ticket that is escalated, reopened or done leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.insights.shifts import FollowUpHours, Period, ShiftPlan

State = Literal["open", "waiting", "escalated", "resolved", "reopened"]
STATES: tuple[State, ...] = get_args(State)
_GRAVEST: tuple[State, ...] = ("reopened", "escalated", "open", "waiting")
_LEFT_ALONE = ("open", "waiting")
_AFTER: Mapping[str, State] = {
    "rejected": "open",
    "gap": "open",
    "linked": "waiting",
    "escalated": "escalated",
    "resolved": "resolved",
    "reopened": "reopened",
}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A ticket and what is to be done about it.

    Attributes:
        reference: the ticket, as its tool names it.
        state: where it stands.
        asked_at: its first question.
        since: when it came into this state.
        due: when somebody has to look at it again.
        due_in: name of the shift that it is due in.
        article: the article that was passed on last, else the one suggested first; None where
            no article was likely enough.
        questions: how often something was asked for it.
        reopened: how often it came back.
        channel: where it was asked last.
        language: that it was asked in last.
        touched: when something was last asked or said of it.
        lapses: when it is followed up no more if nobody says a word; None where it is not left
            to itself.
    """

    reference: str
    state: State
    asked_at: datetime
    since: datetime
    due: datetime
    due_in: str
    article: str | None
    questions: int
    reopened: int
    channel: str | None
    language: str | None
    touched: datetime
    lapses: datetime | None

    def waits(self, now: datetime) -> bool:
        """Tell whether it is neither done nor lapsed."""
        return self.state != "resolved" and not self.has_lapsed(now)

    def has_lapsed(self, now: datetime) -> bool:
        """Tell whether nobody has said for so long how it went that nobody will."""
        return self.lapses is not None and self.lapses <= now

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether somebody should have looked at it by now."""
        return self.waits(now) and self.due <= now


@dataclass(slots=True)
class _Ticket:
    """A ticket while its story is read."""

    reference: str
    asked_at: datetime
    since: datetime
    touched: datetime
    state: State = "open"
    article: str | None = None
    questions: int = 0
    reopened: int = 0
    channel: str | None = None
    language: str | None = None

    def ask(self, question: QuestionEvent) -> None:
        """Take up a question of this ticket."""
        self.questions += 1
        self.touched = question.asked_at
        self.channel, self.language = question.channel, question.language
        shown = question.shown_suggestions
        if shown and self.article is None:
            self.article = shown[0]["id"]
        if self.state == "resolved":
            self.move("reopened", question.asked_at)

    def hear(self, feedback: FeedbackEvent) -> None:
        """Take up what somebody said of this ticket."""
        self.touched = feedback.given_at
        if (state := _AFTER.get(feedback.event)) is None:
            return
        if feedback.article_id and state in ("waiting", "resolved"):
            self.article = feedback.article_id
        is_over = self.state == "resolved" and state != "reopened"
        if not is_over and (state not in _LEFT_ALONE or self.state in _LEFT_ALONE):
            self.move(state, feedback.given_at)

    def move(self, state: State, at: datetime) -> None:
        """Change its state; coming back counts."""
        self.reopened += state == "reopened" and self.state != "reopened"
        if state != self.state:
            self.since = at
        self.state = state


def follow_ups(
    questions: Iterable[QuestionEvent],
    feedback: Iterable[FeedbackEvent],
    hours: FollowUpHours,
    plan: ShiftPlan,
) -> list[FollowUp]:
    """Return every ticket that something was asked for, the earliest due first.

    What was asked without a reference belongs to no ticket and is left out. Feedback finds its
    ticket by reference, or by the question that it names.

    Args:
        questions: the oldest first.
        feedback: the oldest first.
        hours: how long a ticket may stay in a state.
        plan: the shifts that look after them.
    """
    asked = [question for question in questions if question.reference]
    references = {question.query_id: question.reference for question in asked}
    tickets: dict[str, _Ticket] = {}
    events: list[QuestionEvent | FeedbackEvent] = [*asked, *feedback]
    for event in sorted(events, key=_time):
        if isinstance(event, QuestionEvent):
            reference = event.reference or ""
            if reference not in tickets:
                tickets[reference] = _Ticket(
                    reference, asked_at=event.asked_at, since=event.asked_at, touched=event.asked_at
                )
            tickets[reference].ask(event)
        else:
            named = event.reference or references.get(event.query_id or "")
            if named in tickets:
                tickets[named].hear(event)
    found = [_follow_up(ticket, hours, plan) for ticket in tickets.values()]
    return sorted(found, key=lambda one: (one.due, one.reference))


def waiting(follow_ups: Iterable[FollowUp], now: datetime) -> list[FollowUp]:
    """Return those that are neither done nor lapsed, in the same order."""
    return [one for one in follow_ups if one.waits(now)]


def due_before(follow_ups: Sequence[FollowUp], period: Period, now: datetime) -> list[FollowUp]:
    """Return those that wait and are due before a period ends; the overdue ones come last.

    What came back or is with another team stands first among its like. Then what is still to
    come is in the order of its due times, and what is overdue the other way round: what was
    missed only now can be mended best.
    """

    def place(one: FollowUp) -> tuple[bool, int, float, str]:
        late, due_s = one.is_overdue(now), one.due.timestamp()
        return late, _GRAVEST.index(one.state), -due_s if late else due_s, one.reference

    return sorted(
        (one for one in waiting(follow_ups, now) if one.due < period.ends),
        key=place,
    )


def _follow_up(ticket: _Ticket, hours: FollowUpHours, plan: ShiftPlan) -> FollowUp:
    patience = {} if ticket.state == "resolved" else hours.model_dump()
    due = ticket.since + timedelta(hours=patience.get(ticket.state, 0))
    is_left = ticket.state in _LEFT_ALONE
    return FollowUp(
        reference=ticket.reference,
        state=ticket.state,
        asked_at=ticket.asked_at,
        since=ticket.since,
        due=due,
        due_in=plan.shift_at(due).name,
        article=ticket.article,
        questions=ticket.questions,
        reopened=ticket.reopened,
        channel=ticket.channel,
        language=ticket.language,
        touched=ticket.touched,
        lapses=ticket.since + timedelta(hours=hours.lapsed) if is_left else None,
    )


def _time(event: QuestionEvent | FeedbackEvent) -> tuple[datetime, bool]:
    """Return when something happened; at one moment the question comes before its feedback."""
    if isinstance(event, QuestionEvent):
        return event.asked_at, False
    return event.given_at, True
