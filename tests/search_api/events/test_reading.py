"""Reading the log: what was written comes back, in order, from either kind of database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support_events import NOON, asked, told

from search_api.events.database import EventStoreError
from search_api.events.reading import read_feedback, read_question, read_questions

HOUR = timedelta(hours=1)


def test_question_comes_back_as_it_was_logged(log, events_url):
    """Every field is read as it was written; the vector is right to three digits."""
    question = asked(7, text="é 漢字 🙂\nline two", language="zh", decision="abstain", shown=0)
    log.record_question(question)
    log.close()
    found = read_question(events_url, question.query_id)
    assert found == question
    assert found.shown_suggestions == []
    assert found.vector.dtype == np.float32
    np.testing.assert_allclose(found.vector, [0.6, 0.8, 0], atol=1e-3)
    assert read_question(events_url, "f" * 32) is None


def test_vectors_are_read_on_demand(log, events_url):
    """Whoever does not compare questions does not load their vectors."""
    log.record_question(asked())
    log.close()
    assert read_questions(events_url, NOON, NOON + HOUR)[0].vector is None
    found = read_questions(events_url, NOON, NOON + HOUR, with_vectors=True)
    assert found[0].vector.shape == (3,)


def test_requests_are_left_out_on_demand(log, events_url):
    """Whoever looks at very many questions may do without what they were asked with."""
    log.record_question(asked())
    log.close()
    (found,) = read_questions(events_url, NOON, NOON + HOUR, with_requests=False)
    assert (found.asked_with, found.suggestions) == (None, asked().suggestions)


def test_period_is_half_open(log, events_url):
    """What happened at its start belongs to a period, what happened at its end to the next."""
    for number, minute in enumerate((0, 30, 60), 1):
        log.record_question(asked(number, minute))
        log.record_feedback(told(minute=minute))
    log.close()
    first = read_questions(events_url, NOON, NOON + HOUR)
    assert [one.asked_at.minute for one in first] == [0, 30]
    second = read_questions(events_url, NOON + HOUR, NOON + 2 * HOUR)
    assert [one.query_id[-1] for one in second] == ["3"]
    assert len(read_feedback(events_url, NOON, NOON + HOUR)) == 2


def test_times_of_other_zones_mean_the_same_moment(log, events_url):
    """A question asked at 20:00 in Singapore is found by its time in UTC, and read in UTC."""
    local = datetime(2026, 11, 3, 20, tzinfo=ZoneInfo("Asia/Singapore"))
    log.record_question(asked(asked_at=local))
    log.close()
    west = NOON.astimezone(timezone(timedelta(hours=-8)))
    (found,) = read_questions(events_url, west, west + timedelta(seconds=1))
    assert found.asked_at == NOON
    assert found.asked_at.utcoffset() == timedelta(0)


def test_oldest_comes_first(log, events_url):
    """Questions are in the order of their times, whatever order they were written in."""
    for number, minute in ((1, 5), (2, 1), (3, 3)):
        log.record_question(asked(number, minute))
    log.close()
    found = read_questions(events_url, NOON, NOON + HOUR)
    assert [one.asked_at.minute for one in found] == [1, 3, 5]


def test_log_without_tables_is_empty(events_url, tmp_path):
    """A database that nothing was logged to holds nothing, and gets no table."""
    if events_url.startswith("sqlite"):
        (tmp_path / "events.db").touch()
    assert read_questions(events_url, NOON, NOON + HOUR) == []
    assert read_feedback(events_url, NOON, NOON + HOUR) == []
    assert read_question(events_url, "0" * 32) is None


def test_log_that_is_away_is_named(tmp_path):
    """A missing file, and a server that nobody runs, are one sentence each."""
    for url in (
        f"sqlite:///{tmp_path / 'none.db'}",
        "postgresql+psycopg://somebody@127.0.0.1:1/events",
    ):
        with pytest.raises(EventStoreError, match="log of questions cannot be read"):
            read_questions(url, NOON, NOON + HOUR)
    assert not (tmp_path / "none.db").exists()
