"""The plan of a month, and what becomes of it: the same for the same seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from support_events import asked

from indexer.article import FrontMatter
from indexer.errors import SopError
from indexer.snapshot import SnapshotArticle
from search_api.demo.month import plan_month, topics_of
from search_api.demo.outcomes import fitness_of, tell
from search_api.demo.practising import practised
from search_api.insights.follow_ups import follow_ups, waiting
from search_api.insights.shifts import FollowUpHours, Shift, ShiftPlan

LAST = date(2026, 11, 21)
KINDS = {"viewed", "linked", "resolved", "rejected", "escalated", "reopened", "gap"}


@pytest.fixture(scope="module")
def month(topics):
    """Thirty days with many questions."""
    return plan_month(topics, 7, LAST, 30, 160)


def answers(month, shown):
    """What a log would keep of the questions when these articles are shown for each."""
    suggestions = [{"id": one, "score": 0.5, "confidence": 0.5} for one in shown]
    return {
        one.query_id: asked(query_id=one.query_id, suggestions=suggestions, shown=len(shown))
        for one in month.questions
    }


def test_same_seed_gives_the_same_month(topics, month):
    """Seed, topics, last day and number decide everything; another seed changes it."""
    assert plan_month(topics, 7, LAST, 30, 160) == month
    other = plan_month(topics, 8, LAST, 30, 160)
    assert {one.query_id for one in other.questions}.isdisjoint(
        one.query_id for one in month.questions
    )


def test_month_is_believable(month):
    """Some thousand questions of several hundred people, by ticket and chat, in order of time."""
    questions = month.questions
    assert 4_000 < len(questions) < 6_000
    assert len({one.query_id for one in questions}) == len(questions)
    assert 300 < len({one.person for one in questions}) < 600
    assert [one.at for one in questions] == sorted(one.at for one in questions)
    assert month.start <= questions[0].at <= questions[-1].at < month.end
    channels = Counter(one.request.channel for one in questions)
    assert channels["platform"] > channels["chat"] > 1_000
    assert all(one.request.reference for one in questions if one.request.channel == "platform")


def test_ticket_is_one_persons(month):
    """A ticket's number belongs to one person, and some ask a second time in theirs."""
    by_ticket = defaultdict(list)
    for one in month.questions:
        if one.request.reference:
            by_ticket[one.request.reference].append(one)
    assert list(by_ticket) == sorted(by_ticket)
    assert all(len({one.person for one in those}) == 1 for those in by_ticket.values())
    assert 100 < sum(len(those) == 2 for those in by_ticket.values()) < 300


def test_malfunction_is_two_hours_of_one_morning(month):
    """Dozens of different people ask about it in two hours of a working day."""
    burst = [one for one in month.questions if one.story == "malfunction"]
    assert month.malfunction == datetime(2026, 11, 13, 9, 40, tzinfo=UTC)
    assert month.malfunction.weekday() < 5
    assert len(burst) == 45
    assert len({one.person for one in burst}) > 25
    assert all(timedelta() <= one.at - month.malfunction <= timedelta(hours=2) for one in burst)


def test_gaps_are_asked_again_by_many(month):
    """Each of the four is asked a dozen times or more, by as many people, on many days."""
    for gap in {one.topic for one in month.questions if one.story == "gap"}:
        those = [one for one in month.questions if one.topic == gap]
        assert len(those) >= 12
        assert len({one.person for one in those}) >= 10
        assert len({one.at.date() for one in those}) >= 8


def test_known_issue_ends_when_it_is_fixed(month):
    """It takes many questions a day while it lasts, and hardly any afterwards."""
    days = Counter(one.at.date() for one in month.questions if one.story == "known_issue")
    assert month.known_issue == "acc-003"
    fixed = month.issue_fixed.date()
    during = [count for day, count in days.items() if day < fixed]
    assert sum(during) > 80
    assert sum(count for day, count in days.items() if day > fixed) < 15


@pytest.mark.parametrize(("days", "per_day"), [(1, 1), (2, 40), (7, 10), (366, 2)])
def test_any_period_works(topics, days, per_day):
    """A day or a year, with many questions or few, has its malfunction inside."""
    month = plan_month(topics, 7, LAST, days, per_day)
    assert month.start <= month.malfunction < month.end
    assert all(month.start <= one.at < month.end for one in month.questions)


def test_feedback_is_believable(topics, month):
    """All kinds of it, after the question and within the month; many tickets have none."""
    answered = answers(month, [topic.article for topic in topics])
    told = list(tell(month, topics, answered, 7, lambda name: f"<{name}>"))
    assert told == list(tell(month, topics, answered, 7, lambda name: f"<{name}>"))
    assert {one.event for one in told} == KINDS
    assert {one.source for one in told} == {"demo"}
    at = {one.query_id: one.at for one in month.questions}
    assert all(at[one.query_id] < one.given_at < month.end for one in told)
    assert all(one.actor.startswith("<ops-") for one in told)
    assert all((one.reason is None) == (one.event != "rejected") for one in told)
    silent = 1 - len({one.query_id for one in told}) / len(month.questions)
    assert 0.25 < silent < 0.6


def test_articles_do_differently_well(topics, month):
    """A few fail more often than not, and are rejected for one reason each."""
    fitness = fitness_of(topics, 7)
    weak = [one for one in fitness if fitness[one].is_weak]
    assert len(weak) == 3
    all_ids = [topic.article for topic in topics]
    told = list(tell(month, topics, answers(month, all_ids), 7, str))
    for one in weak:
        mine = Counter(event.event for event in told if event.article_id == one)
        assert mine["rejected"] > mine["resolved"]


def test_nothing_resolves_what_was_not_shown(topics, month):
    """Where nothing is shown there is no article to link: tickets end without one."""
    told = list(tell(month, topics, answers(month, []), 7, str))
    assert {one.event for one in told} == {"gap", "escalated", "resolved"}
    assert {one.article_id for one in told} == {None}


def test_most_tickets_are_closed_in_the_end(topics, month):
    """A team that reads about the month has a few dozen tickets to follow up, not hundreds."""
    answered = answers(month, [topic.article for topic in topics])
    told = list(tell(month, topics, answered, 7, str))
    plan = ShiftPlan([Shift(name="Day", starts=time(0), zone="Etc/UTC")])
    questions = [
        replace(answered[one.query_id], asked_at=one.at, reference=one.request.reference)
        for one in month.questions
    ]
    found = waiting(follow_ups(questions, told, FollowUpHours(), plan), month.end)
    assert 20 < len(found) < 200
    graver = [one for one in found if one.state in ("escalated", "reopened")]
    assert 3 < len(graver) < 40
    assert sum(month.end - one.since < timedelta(days=3) for one in graver) > len(graver) / 2


def test_topics_are_active_articles_with_questions():
    """Others are left out, questions are sorted by language, and none at all is an error."""

    def article(id_, **stated):
        values = FrontMatter(**stated)
        return SnapshotArticle(id=id_, path="a.md", title="A", url=None, front_matter=values)

    asked_both = ("where is the door key kept", "wo ist denn der Schlüssel für die Tür")
    (topic,) = topics_of(
        [
            article("a", questions=asked_both, type="tip"),
            article("b"),
            article("c", questions=asked_both, status="deprecated", replaced_by="acc-001"),
        ]
    )
    assert (topic.article, topic.type) == ("a", "tip")
    assert topic.questions == {"en": asked_both[:1], "de": asked_both[1:]} or topic.questions == {
        "en": [asked_both[0]],
        "de": [asked_both[1]],
    }
    with pytest.raises(SopError, match="no article has questions"):
        topics_of([article("b")])


def test_trainees_take_a_weak_article_for_its_neighbour(topics, month):
    """The same seed gives the same tries; weak articles are failed often, the others seldom."""
    fitness = fitness_of(topics, 7)
    answered = answers(month, [topic.article for topic in topics])
    tries = practised(month, fitness, answered, 7)
    assert tries == practised(month, fitness, answered, 7)
    assert {one.source for one in tries} == {"demo"}
    assert {one.day for one in tries} <= {one.at.date() for one in month.questions}
    share = {}
    for is_weak in (True, False):
        own = [one for one in tries if one.answer and fitness[one.answer].is_weak is is_weak]
        total = sum(one.count for one in own)
        share[is_weak] = sum(one.count for one in own if not one.is_right) / total
    assert share[True] > 0.5
    assert share[False] < 0.25
    assert any(one.answer is None and one.is_right for one in tries)
