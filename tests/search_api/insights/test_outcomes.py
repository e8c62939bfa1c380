"""What became of a question, by its feedback."""

from __future__ import annotations

import pytest
from support_events import asked, told

from search_api.insights.outcomes import read_outcomes


def outcome(*feedback, **changes):
    """What became of question T-1."""
    (found,) = read_outcomes([asked(**changes)], feedback)
    return found


def signals(*feedback, **changes):
    """What went badly."""
    return outcome(*feedback, **changes).signals


def test_a_suggestion_without_feedback_went_well():
    """Nobody complained, so nothing is said."""
    assert signals() == ()
    assert outcome().helped_by is None


def test_abstaining_went_badly_until_an_article_helped():
    """An article that was linked or resolved it afterwards makes it good."""
    assert signals(decision="abstain") == ("abstained",)
    assert signals(told("linked"), decision="abstain") == ()
    assert signals(told("resolved"), decision="abstain") == ()
    assert signals(told("resolved", article_id=None), decision="abstain") == ("abstained",)


def test_what_came_back_was_not_resolved():
    """After reopened, an abstained question is one again; after another resolved it is not."""
    back = (told("resolved"), told("reopened", 2))
    assert signals(*back, decision="abstain") == ("abstained", "reopened")
    again = outcome(*back, told("resolved", 3, article_id="acc-009"), decision="abstain")
    assert (again.signals, again.helped_by) == (("reopened",), "acc-009")


def test_reopening_of_another_article_leaves_what_resolved():
    """Only the article that came back is taken back."""
    found = outcome(told("resolved"), told("reopened", 2, article_id="acc-002"))
    assert (found.signals, found.helped_by) == (("reopened",), "acc-001")


@pytest.mark.parametrize("event", ["gap", "rejected", "reopened", "escalated"])
def test_each_complaint_is_a_signal(event):
    """A shown suggestion went badly when people say so."""
    assert signals(told(event)) == (event,)


def test_escalation_that_an_article_resolved_is_none():
    """Escalated and resolved by an article went well; linked alone did not resolve it."""
    assert signals(told("escalated"), told("resolved", 2)) == ()
    assert signals(told("linked"), told("escalated", 2)) == ("escalated",)


def test_feedback_finds_its_question_by_id_or_by_ticket():
    """By id whatever the ticket, or by ticket the newest question before it; else not at all."""
    first, second = asked(1, 0), asked(2, 10, reference="T-1")
    feedback = [
        told("gap", 5),
        told("rejected", 15),
        told("escalated", 20, query_id=first.query_id, reference=None),
        told("gap", 30, reference="T-9"),
        told("gap", 30, query_id="f" * 32),
        told("gap", -5),
    ]
    found = read_outcomes([second, first], feedback)
    assert [one.signals for one in found] == [("gap", "escalated"), ("rejected",)]
