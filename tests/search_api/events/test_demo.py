"""Demo data in the log: marked, replaced as a whole, and never beside something real."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support_events import NOON, asked, told

from search_api.events.audit import AuditRecord, append_record
from search_api.events.database import EventStoreError
from search_api.events.demo import refuse_real, replace_demo
from search_api.events.importing import TicketLog
from search_api.events.log import EventLog
from search_api.events.notices import NoticeStore, make_notice
from search_api.events.reading import read_feedback, read_questions
from search_api.events.store import Store, read_store

DAY = timedelta(days=1)


def demo(*numbers):
    """Return demo questions with these numbers."""
    return [asked(number, source="demo") for number in numbers]


def ids(url):
    """The last digits of the questions that a log holds."""
    return sorted(one.query_id[-1] for one in read_questions(url, NOON, NOON + DAY))


def test_demo_marks_the_log(events_url):
    """A new log gets region, mark and events in one go."""
    replace_demo(events_url, demo(1, 2), [told(source="demo")], "eu")
    assert read_store(events_url) == Store(region="eu", is_demo=True)
    assert ids(events_url) == ["1", "2"]
    refuse_real(events_url)


def test_demo_replaces_the_last_one(events_url):
    """A second demonstration takes the place of the first; what a visitor asked stays."""
    replace_demo(events_url, demo(1, 2), [told(source="demo")])
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(7))
    log.record_feedback(told(minute=9))
    log.close()
    replace_demo(events_url, demo(2, 3), [told("viewed", source="demo")])
    assert ids(events_url) == ["2", "3", "7"]
    found = read_feedback(events_url, NOON, NOON + DAY)
    assert [(one.event, one.source) for one in found] == [("viewed", "demo"), ("resolved", "api")]


@pytest.mark.parametrize("source", ["api", "import"])
def test_log_with_real_events_is_refused(events_url, source):
    """One real question, or one real feedback, is enough; the log stays as it was."""
    for questions, feedback in (([], [told(source=source)]), ([asked(source=source)], [])):
        with TicketLog(events_url) as log:
            log.write(questions, feedback)
        for refused in (
            lambda: refuse_real(events_url),
            lambda: replace_demo(events_url, demo(5), []),
        ):
            with pytest.raises(EventStoreError, match="holds real events, and a demonstration"):
                refused()
    assert not read_store(events_url).is_demo
    assert ids(events_url) == ["1"]


@pytest.mark.parametrize("kind", ["notice", "audit"])
def test_log_with_only_a_real_notice_or_record_is_refused(events_url, kind):
    """What somebody pinned, or a record of who took questions out, is as real as a question."""
    if kind == "notice":
        store = NoticeStore(events_url)
        store.pin(make_notice("Gatehouse is down", "", hours=4, by="lead", at=NOON))
        store.close()
    else:
        append_record(events_url, AuditRecord(NOON, "lead", "learn", 3, [], "a branch"))
    with pytest.raises(EventStoreError, match="holds real events, and a demonstration"):
        replace_demo(events_url, demo(1), [])
    assert not read_store(events_url).is_demo


def test_demo_that_fails_leaves_the_last_one(events_url):
    """When a demonstration cannot be stored, the one before is there whole."""
    replace_demo(events_url, demo(1), [])
    with pytest.raises(EventStoreError, match=r"could not be stored .*the log is as it was"):
        replace_demo(events_url, demo(2, 2), [])
    assert ids(events_url) == ["1"]
