"""What is a malfunction and what is not, with vectors that can be multiplied by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support_events import asked

from search_api.insights.baseline import Baseline
from search_api.insights.malfunctions import (
    FALSE_ALARMS_A_MONTH,
    TESTS_A_QUESTION,
    Watch,
    answered_by,
    asker_of,
)

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(weeks=1)
TOPICS = 40


def unit(place, dim=TOPICS):
    """A vector that is like itself only."""
    vector = np.zeros(dim, np.float32)
    vector[place] = 1
    return vector


class Log:
    """Questions with numbers of their own."""

    def __init__(self):
        self.questions = []

    def ask(self, at, topic=0, **changes):
        """One question by a new person, which no article answered."""
        number = len(self.questions) + 1
        values = {
            "query_id": f"{number * 2654435761 % 2**32:08x}{number:024x}",
            "asked_at": at,
            "vector": unit(topic),
            "decision": "abstain",
            "shown": 0,
        }
        self.questions.append(asked(number, **(values | changes)))
        return self.questions[-1]

    def ask_often(self, at, count, minutes, topic=0, **changes):
        """Questions spread evenly over some minutes, the first at once."""
        for number in range(count):
            self.ask(at + minutes * MINUTE * number / count, topic, **changes)

    def usual(self, weeks=4, an_hour=4):
        """Weeks in which every topic but the first comes up in turn, around the clock."""
        hours = weeks * 7 * 24
        for number in range(hours * an_hour):
            self.ask(MONDAY + number * HOUR / an_hour, 1 + number % (TOPICS - 1))
        return MONDAY + weeks * WEEK

    def seen(self):
        """A watch that has seen all of it, in the order of its times."""
        watch = Watch()
        watch.advance(sorted(self.questions, key=lambda one: one.asked_at))
        return watch


@pytest.fixture
def log():
    """A log that is empty yet."""
    return Log()


def test_twelve_like_questions_are_one_malfunction(log):
    """It is raised by the fifth of them, with its beginning, its count and what was usual."""
    now = log.usual() + 5 * HOUR
    log.ask_often(now, 12, 15, channel="chat")
    watch = log.seen()
    (found,) = watch.malfunctions(now + 15 * MINUTE)
    assert found.raised_at == now + 5 * MINUTE
    assert (found.first_seen, found.last_seen) == (now, now + timedelta(minutes=13.75))
    assert (found.count, found.askers, found.in_window, found.window_minutes) == (12, 12, 5, 15)
    # One of 2,700 questions at most, and one question in 15 minutes.
    assert found.expected == pytest.approx(0.0, abs=0.001)
    assert found.chance < FALSE_ALARMS_A_MONTH / (3_000 * TESTS_A_QUESTION)
    assert (found.state, found.languages, found.channels) == ("rising", ("en",), ("chat",))
    assert found.articles == ()


def test_four_like_questions_are_none(log):
    """So few are never called a malfunction, however rare their topic is."""
    now = log.usual()
    log.ask_often(now, 4, 2)
    assert log.seen().malfunctions(now + 5 * MINUTE) == []


def test_two_people_are_no_malfunction(log):
    """Three people must ask, however often two do."""
    now = log.usual()
    for number in range(30):
        log.ask(now + number * MINUTE / 3, actor=f"person {number % 2}")
    assert log.seen().malfunctions(now + 11 * MINUTE) == []
    log.ask(now + 10 * MINUTE, actor="a third")
    assert len(log.seen().malfunctions(now + 11 * MINUTE)) <= 1


def test_people_whom_nobody_knows_count_as_one(log):
    """Without person and ticket twelve questions may be one person's."""
    now = log.usual()
    log.ask_often(now, 12, 15, actor=None, reference=None)
    assert log.seen().malfunctions(now + 15 * MINUTE) == []


def test_a_ticket_stands_for_a_person_whom_nobody_named(log):
    """Each ticket is another person; a person's several tickets are one person."""
    one, other = log.ask(MONDAY, actor=None), log.ask(MONDAY, actor=None, reference=None)
    assert (asker_of(one), asker_of(other)) == ("ticket T-1", None)
    assert asker_of(log.ask(MONDAY, actor="a", reference="T-9")) == "a"


def test_rush_of_every_monday_is_no_malfunction(log):
    """What came at this hour in the weeks before is usual; on another day it is not."""
    now = log.usual()
    for week in range(4):
        log.ask_often(MONDAY + week * WEEK + 9 * HOUR, 14, 30)
    log.ask_often(now + 9 * HOUR, 14, 30)
    assert log.seen().malfunctions(now + 10 * HOUR) == []
    log.ask_often(now + 33 * HOUR, 14, 30)
    assert len(log.seen().malfunctions(now + 34 * HOUR)) == 1


def test_busy_hour_of_all_topics_is_no_malfunction(log):
    """When everything is asked ten times as often, no topic stands out."""
    now = log.usual()
    for number in range(TOPICS * 4):
        log.ask(now + number * HOUR / (TOPICS * 4), number % TOPICS)
    assert log.seen().malfunctions(now + HOUR) == []


def test_two_faults_at_once_are_two_malfunctions(log):
    """Each has its own questions, the newest raised first."""
    now = log.usual()
    log.ask_often(now, 12, 15, topic=0)
    log.ask_often(now + 5 * MINUTE, 12, 15, topic=7)
    found = log.seen().malfunctions(now + 20 * MINUTE)
    assert [(one.count, one.first_seen) for one in found] == [(12, now + 5 * MINUTE), (12, now)]


def test_malfunction_goes_on_and_ends(log):
    """It rises, goes on while more come, is over half an hour later, and forgotten in a day."""
    now = log.usual()
    log.ask_often(now, 12, 15)
    log.ask_often(now + 16 * MINUTE, 3, 14)
    watch = log.seen()
    states = {
        minutes: [one.state for one in watch.malfunctions(now + minutes * MINUTE)]
        for minutes in (14, 30, 55, 65, 24 * 60, 24 * 60 + 30)
    }
    assert states == {
        14: ["rising"],
        30: ["ongoing"],
        55: ["ongoing"],
        65: ["over"],
        24 * 60: ["over"],
        24 * 60 + 30: [],
    }


def test_same_fault_again_is_the_same_malfunction(log):
    """What rises again two hours after its end keeps its id; a day later it is a new one."""
    now = log.usual()
    log.ask_often(now, 12, 15)
    (first,) = log.seen().malfunctions(now + HOUR)
    log.ask_often(now + 2 * HOUR, 12, 15)
    (again,) = log.seen().malfunctions(now + 2.25 * HOUR)
    assert (first.state, again.state, again.id, again.count) == ("over", "rising", first.id, 24)
    log.ask_often(now + 23 * HOUR, 12, 15)
    newest, oldest = log.seen().malfunctions(now + 23.25 * HOUR)
    assert (newest.count, oldest.id) == (12, first.id)


def test_questions_in_two_languages_are_one_by_their_article(log):
    """Vectors of two encoders cannot be compared; the article that answers both links them."""
    now = log.usual()
    answered = {
        "decision": "suggest",
        "shown": 1,
        "suggestions": [{"id": "vid-001", "score": 1.0, "confidence": 0.9}],
    }
    log.ask_often(now, 7, 9, **answered)
    log.ask_often(
        now + 10 * MINUTE, 5, 5, **answered, encoder="f" * 16, language="ja", vector=unit(3, 5)
    )
    (found,) = log.seen().malfunctions(now + 15 * MINUTE)
    assert (found.count, found.articles, found.languages) == (12, ("vid-001",), ("en", "ja"))


def test_examples_are_the_newest_of_five_people(log):
    """Nobody is quoted twice, no text stands there twice, and five are enough."""
    now = log.usual()
    for number in range(12):
        log.ask(now + number * MINUTE, text=f"green {number % 7}", actor=f"p{number % 8}")
    (found,) = log.seen().malfunctions(now + 12 * MINUTE)
    assert found.examples == ("green 4", "green 3", "green 2", "green 1", "green 0")


def test_batch_and_minute_by_minute_give_the_same(log):
    """A past period gives what a service saw that looked every minute."""
    now = log.usual()
    log.ask_often(now, 12, 15, topic=0)
    log.ask_often(now + 40 * MINUTE, 9, 9, topic=4)
    log.ask_often(now + 3 * HOUR, 12, 15, topic=0)
    questions = sorted(log.questions, key=lambda one: one.asked_at)
    watch = Watch()
    watch.advance(one for one in questions if one.asked_at < now)
    for minute in range(4 * 60):
        since = now + minute * MINUTE
        watch.advance(one for one in questions if since <= one.asked_at < since + MINUTE)
        watch.malfunctions(since + MINUTE)
    end = now + 4 * HOUR
    assert watch.malfunctions(end) == log.seen().malfunctions(end)
    assert len(watch.malfunctions(end)) == 2


def test_budget_is_spent_on_all_tests_of_a_month(log):
    """Ten times the questions need a tenth of the probability."""
    now = log.usual(an_hour=8)
    watch = log.seen()
    assert watch.baseline.a_month(now) == pytest.approx(8 * 24 * 30, rel=0.01)
    assert TESTS_A_QUESTION == 9


def test_article_of_an_answer_is_the_first_that_was_shown():
    """What was not shown answered nobody."""
    assert answered_by(asked()) == "acc-001"
    assert answered_by(asked(decision="abstain", shown=0)) is None
    assert answered_by(asked(suggestions=[], shown=0)) is None


def test_young_log_does_not_call_its_first_questions_malfunctions(log):
    """In the first hours three topics that all ask about are no alarm."""
    for number in range(45):
        log.ask(MONDAY + number * 4 * MINUTE, number % 3)
    assert log.seen().malfunctions(MONDAY + 3 * HOUR) == []


def test_questions_without_a_vector_are_no_malfunction_of_their_own(log):
    """They can only be told by the article that answers them."""
    now = log.usual()
    log.ask_often(now, 12, 15, vector=None, encoder=None)
    assert log.seen().malfunctions(now + 15 * MINUTE) == []


def test_baseline_keeps_no_more_than_it_may(log):
    """A sample stands for the rest: what is usual stays the same within a fifth."""
    whole, small = Baseline(), Baseline(most_rows=500)
    now = log.usual(an_hour=12)
    for one in log.questions:
        for baseline in (whole, small):
            baseline.add(one, answered_by(one), asker_of(one))
    assert sum(len(rows) for rows in small._spaces.values()) <= 500
    (many,) = whole.like(unit(1), "e" * 16, now, [0.5])
    (few,) = small.like(unit(1), "e" * 16, now, [0.5])
    assert few.volume_per_s == pytest.approx(12 / 3600, rel=0.2)
    assert many.volume_per_s == pytest.approx(12 / 3600, rel=0.02)
    assert many.share == pytest.approx(1 / 39, rel=0.5)
    assert few.share == pytest.approx(1 / 39, rel=1)


def test_what_rises_now_is_not_usual_yet(log):
    """The last two hours do not count as what is usual."""
    now = log.usual()
    log.ask_often(now - HOUR, 50, 30)
    baseline = log.seen().baseline
    (usual,) = baseline.like(unit(0), "e" * 16, now, [0.5])
    assert usual.share < 1 / 2_000
    (later,) = baseline.like(unit(0), "e" * 16, now + 2 * HOUR, [0.5])
    assert later.share > 10 / 2_700
