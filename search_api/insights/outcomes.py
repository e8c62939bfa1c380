"""What became of each question: its feedback, which article helped, and what went badly.

Pure functions over events of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from search_api.events.event import FeedbackEvent, QuestionEvent

Signal = Literal["abstained", "gap", "rejected", "reopened", "escalated"]
# What each signal says, for people; also the order in which they are listed.
SIGNALS: dict[Signal, str] = {
    "abstained": "no article was likely enough",
    "gap": "somebody reported that an article is missing",
    "rejected": "a suggestion was rejected",
    "reopened": "it was resolved and came back",
    "escalated": "it was escalated",
}
_OF_USE = ("linked", "resolved")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, and what became of it.

    Attributes:
        question: as the log keeps it.
        feedback: on this question, the oldest first.
        helped_by: the article that resolved it for good, else one that was of use; None where
            none did.
        signals: what went badly; none for a question that went well.
    """

    question: QuestionEvent
    feedback: tuple[FeedbackEvent, ...] = ()
    helped_by: str | None = None
    signals: tuple[Signal, ...] = ()

    @property
    def top(self) -> str | None:
        """The id of the likeliest article, whether or not it was shown."""
        return self.question.suggestions[0]["id"] if self.question.suggestions else None

    @property
    def runner_up(self) -> str | None:
        """The id of the second likeliest article."""
        return self.question.suggestions[1]["id"] if len(self.question.suggestions) > 1 else None


def read_outcomes(
    questions: Iterable[QuestionEvent], feedback: Iterable[FeedbackEvent]
) -> list[Outcome]:
    """Return what became of each question, the oldest first.

    Feedback names its question by id. Where it names only a ticket, it is about the newest
    question of that ticket before it. Feedback on other questions is passed over.

    Args:
        questions: any order, ids unique.
        feedback: any order.
    """
    ordered = sorted(questions, key=lambda one: (one.asked_at, one.query_id))
    told = _by_question(ordered, feedback)
    return [_outcome(one, told.get(one.query_id, ())) for one in ordered]


def _by_question(
    ordered: Sequence[QuestionEvent], feedback: Iterable[FeedbackEvent]
) -> dict[str, list[FeedbackEvent]]:
    known = {one.query_id for one in ordered}
    by_ticket: dict[str, list[QuestionEvent]] = {}
    for one in ordered:
        if one.reference:
            by_ticket.setdefault(one.reference, []).append(one)
    told: dict[str, list[FeedbackEvent]] = {}
    for event in sorted(feedback, key=lambda one: one.given_at):
        query_id = event.query_id
        if query_id is None:
            of_ticket = reversed(by_ticket.get(event.reference or "", ()))
            before = (one.query_id for one in of_ticket if one.asked_at <= event.given_at)
            query_id = next(before, None)
        if query_id in known:
            told.setdefault(query_id, []).append(event)
    return told


def _outcome(question: QuestionEvent, told: Sequence[FeedbackEvent]) -> Outcome:
    resolved_by = used = None
    for event in told:
        if event.event == "resolved" and event.article_id:
            resolved_by = event.article_id
        elif event.event == "reopened" and event.article_id in (None, resolved_by):
            resolved_by = used = None
        if event.event in _OF_USE and event.article_id:
            used = event.article_id
    events = {event.event for event in told}
    holds: dict[Signal, bool] = {
        "abstained": question.decision == "abstain" and used is None,
        "gap": "gap" in events,
        "rejected": "rejected" in events,
        "reopened": "reopened" in events,
        "escalated": "escalated" in events and resolved_by is None,
    }
    signals = tuple(signal for signal in SIGNALS if holds[signal])
    return Outcome(question, tuple(told), resolved_by or used, signals)
