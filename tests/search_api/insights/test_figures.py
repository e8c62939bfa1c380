"""Figures: counts of a period, and groups that are shown from three people on."""

from __future__ import annotations

from datetime import timedelta

from support_events import NOON, asked, told

from search_api.insights.figures import (
    Count,
    Group,
    by_first_article,
    by_language,
    figures,
    grouped,
    needed,
    per_period,
)
from search_api.insights.shifts import Period

HOUR = timedelta(hours=1)
FIRST = Period("first", NOON, NOON + HOUR, "Etc/UTC")
SECOND = Period("second", NOON + HOUR, NOON + 2 * HOUR, "Etc/UTC")
MISSED = {"decision": "abstain", "shown": 0}


def test_figures_count_their_period_only():
    """Questions and feedback count where they happened; the end belongs to the next period."""
    questions = [asked(1), asked(2, 30, actor="1" * 32), asked(3, 60), asked(4, 90, **MISSED)]
    feedback = [
        told("resolved", minute=5),
        told("rejected", minute=6, reason="outdated"),
        told("rejected", minute=59, article_id="lab-001"),
        told("linked", minute=61),
    ]
    first, second = (figures(questions, feedback, one) for one in (FIRST, SECOND))
    assert (first.questions, first.answered, first.askers, first.tickets) == (2, 2, 2, 2)
    assert first.events == {"resolved": 1, "rejected": 2}
    assert first.reasons == {"outdated": 1, "unknown": 1}
    assert first.used == {"acc-001": Count(1, 1)}
    assert first.rejected == {"acc-001": Count(1, 1), "lab-001": Count(1, 1)}
    assert (second.questions, second.answered, second.answered_share) == (2, 1, 0.5)
    assert second.used == {"acc-001": Count(1, 1)}


def test_share_of_nothing_is_unknown():
    """Without questions nobody can say what share was answered."""
    assert figures([], [], FIRST).answered_share is None


def test_group_shows_from_three_people_on():
    """Five questions of two people stay hidden; three of three are shown, the largest first."""
    questions = [
        *(asked(n, language="es", actor=f"{n % 2}") for n in range(5)),
        *(asked(n, language="de") for n in range(10, 13)),
        *(asked(n, language="en") for n in range(20, 24)),
        asked(30, language="en", **MISSED),
    ]
    shown, hidden = grouped(questions, by_language)
    assert shown == [Group("en", 5, 4, 5), Group("de", 3, 3, 3)]
    assert hidden == 5


def test_tickets_stand_for_people_who_are_not_known():
    """Where a tool names nobody, three tickets are three people, and no ticket at all is one."""
    unknown = [asked(n, actor=None) for n in range(3)]
    assert grouped(unknown, by_language)[0] == [Group("en", 3, 3, 3)]
    nobody = [asked(n, actor=None, reference=None) for n in range(9)]
    assert grouped(nobody, by_language) == ([], 9)


def test_first_article_is_the_first_that_was_shown():
    """What an answer kept to itself when it abstained was suggested to nobody."""
    assert by_first_article(asked()) == ["acc-001"]
    assert by_first_article(asked(**MISSED)) == []


def test_ticket_that_is_linked_and_resolved_used_its_article_once():
    """Two signs of one ticket are one use, and three tickets of one person are one person."""
    questions = [asked(n, actor="1" * 32) for n in (1, 2, 3)]
    feedback = [
        told(event, reference=f"T-{n}") for n in (1, 2, 3) for event in ("linked", "resolved")
    ]
    found = figures(questions, [*feedback, told("linked", minute=2)], FIRST)
    assert found.used == {"acc-001": Count(3, 1)}
    assert found.events == {"linked": 3, "resolved": 3}
    assert needed(questions, feedback, {"acc-001"}, FIRST) == {"acc-001": Count(3, 1)}


def test_need_counts_tickets_once():
    """An article that a ticket saw first, had linked and was resolved by was needed once."""
    questions = [asked(1), asked(2, reference="T-1"), asked(3), asked(4, reference=None)]
    feedback = [
        told("linked"),
        told("resolved"),
        told("resolved", reference=None, query_id=f"{3:032x}"),
        told("linked", reference="T-9"),
        told("rejected", reference="T-8"),
    ]
    assert needed(questions, feedback, {"acc-001"}, FIRST) == {"acc-001": Count(4, 5)}
    assert needed(questions, feedback, {"lab-001"}, FIRST) == {}
    assert needed(questions, feedback, {"acc-001"}, SECOND) == {}


def test_questions_are_counted_per_period():
    """Each falls into the period that holds it, or into none."""
    questions = [asked(n, minute) for n, minute in enumerate((-1, 0, 59, 60, 120))]
    assert per_period(questions, [FIRST, SECOND]) == [2, 1]
