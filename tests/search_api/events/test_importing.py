"""Imported tickets in the log: whole batches, known by their reference, never into a demo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support_events import NOON, asked, told

from search_api.events.database import EventStoreError, open_engine
from search_api.events.importing import KnownTicket, TicketLog, read_known
from search_api.events.reading import read_feedback, read_questions
from search_api.events.schema import upgrade
from search_api.events.store import Store, mark_demo, read_store

DAY = timedelta(days=1)


@pytest.fixture
def mark(events_url):
    """Return a function that marks the log as demo."""

    def run():
        engine = open_engine(events_url)
        upgrade(engine)
        with engine.begin() as connection:
            mark_demo(connection)
        engine.dispose()

    return run


def test_batch_comes_back_as_it_was_written(events_url):
    """Questions and feedback of a batch are read as they were written; the region is labelled."""
    questions = [asked(number, shown=0, source="import") for number in (1, 2)]
    with TicketLog(events_url, "eu") as log:
        log.write(questions, [told(source="import")])
        log.write([], [])
    assert read_questions(events_url, NOON, NOON + DAY) == questions
    assert [one.source for one in read_feedback(events_url, NOON, NOON + DAY)] == ["import"]
    assert read_store(events_url) == Store(region="eu")


def test_known_tells_what_the_log_has(events_url):
    """Links, the last end and its time are told, also of feedback that names the question."""
    with TicketLog(events_url) as log:
        log.write(
            [asked(1), asked(2)],
            [
                told("reopened", 9),
                told("resolved", 5),
                told("linked", 1, article_id="acc-002"),
                told("rejected", 2),
                told("escalated", 3, reference=None, query_id=f"{2:032x}"),
                told("resolved", 4, reference="T-8"),
            ],
        )
        assert log.known(["T-1", "T-2", "T-8", "T-9"]) == {
            "T-1": KnownTicket(
                is_asked=True,
                linked={"acc-002"},
                outcome="reopened",
                told_at=NOON + timedelta(minutes=9),
            ),
            "T-2": KnownTicket(
                is_asked=True,
                linked=set(),
                outcome="escalated",
                told_at=NOON + timedelta(minutes=3),
            ),
            "T-8": KnownTicket(
                is_asked=False,
                linked=set(),
                outcome="resolved",
                told_at=NOON + timedelta(minutes=4),
            ),
            "T-9": KnownTicket(),
        }
    assert read_known(events_url, ["T-2"])["T-2"].outcome == "escalated"


def test_batch_that_fails_leaves_nothing(events_url):
    """A question that is there already stops its whole batch, and the message says what to do."""
    with TicketLog(events_url) as log:
        log.write([asked(1)], [])
        with pytest.raises(EventStoreError, match="another import writes the same tickets"):
            log.write([asked(2), asked(1)], [told()])
    assert len(read_questions(events_url, NOON, NOON + DAY)) == 1
    assert read_feedback(events_url, NOON, NOON + DAY) == []


def test_demo_log_takes_no_ticket(events_url, mark):
    """A log of demo data is refused when it is opened, when it is read, and at every batch."""
    with TicketLog(events_url) as log:
        mark()
        with pytest.raises(EventStoreError, match="holds demo data, and real tickets do not"):
            log.write([asked()], [])
    for refused in (lambda: TicketLog(events_url).__enter__(), lambda: read_known(events_url, [])):
        with pytest.raises(EventStoreError, match="name another database: SOPKB_EVENTS_URL"):
            refused()
    assert read_questions(events_url, NOON, NOON + DAY) == []


def test_log_without_tables_knows_no_ticket(events_url, tmp_path):
    """A look at an empty database makes no table."""
    if events_url.startswith("sqlite"):
        (tmp_path / "events.db").touch()
    assert read_known(events_url, ["T-1"]) == {"T-1": KnownTicket()}
    assert read_questions(events_url, NOON, NOON + DAY) == []


def test_log_that_cannot_be_written_is_named(tmp_path):
    """A folder where the database should be is one sentence."""
    (tmp_path / "events.db").mkdir()
    with (
        pytest.raises(EventStoreError, match="cannot be written"),
        TicketLog(f"sqlite:///{tmp_path / 'events.db'}"),
    ):
        pass
