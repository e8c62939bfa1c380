"""The log in memory: new events come in, erased ones go out, and nothing waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from support_events import asked, told

from search_api import log_columns
from search_api.events.audit import AuditRecord
from search_api.events.erasure import Target
from search_api.events.log import EventLog
from search_api.events.upkeep import Places, erase
from search_api.log_columns import LogColumns, LogReader

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def url(tmp_path):
    """The address of a log."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def write(url):
    """Return a function that puts events into the log."""

    def run(questions=(), feedback=()):
        log = EventLog(url, 100)
        log.start()
        for question in questions:
            log.record_question(question)
        for one in feedback:
            log.record_feedback(one)
        log.close()

    return run


def question(number, minutes_ago=10, **changes):
    """A question of the last minutes."""
    return asked(number, asked_at=NOW - timedelta(minutes=minutes_ago), **changes)


def sizes(columns):
    """How many questions and feedback there are."""
    return len(columns.asked.at), len(columns.told.at)


def test_new_events_come_in_and_none_twice(url, write):
    """Each look adds what is new, also what another process wrote a little late."""
    write([question(1), question(2, 5)], [told(given_at=NOW - timedelta(minutes=4))])
    reader = LogReader(url)
    assert sizes(reader.look(NOW)) == (2, 1)
    assert sizes(reader.look(NOW)) == (2, 1)
    write([question(3, 1)], [told("linked", given_at=NOW)])
    assert sizes(reader.look(NOW + timedelta(seconds=5))) == (3, 2)
    assert reader.times_read == 1


def test_long_log_is_read_in_slices(url, write, monkeypatch):
    """Slices overlap in nothing and miss nothing, also where many have one time."""
    monkeypatch.setattr(log_columns, "_SLICE", 3)
    write([question(number, 30 - number // 4) for number in range(17)])
    pauses = []
    found = LogReader(url).look(NOW, lambda: pauses.append(1))
    assert found.asked.case.tolist() == list(range(17))
    assert len(pauses) == 5


def test_erased_person_is_gone_with_the_next_look(url, write, tmp_path):
    """Erasing is recorded in the log, and everything is read again."""
    write([question(1, actor="a" * 32), question(2, actor="b" * 32)])
    reader = LogReader(url)
    assert sizes(reader.look(NOW)) == (2, 0)
    places = Places(url, tmp_path / "backups", tmp_path / "reports")
    record = AuditRecord(NOW, "op", "erase", 0, (), "")
    erase(places, Target(actor="a" * 32), record, lambda _told: None)
    assert sizes(reader.look(NOW)) == (1, 0)
    assert reader.times_read == 2


def test_imported_past_is_noticed(url, write, monkeypatch):
    """What comes into the past, or is deleted by hand, is seen when events are counted."""
    monkeypatch.setattr(log_columns, "_COUNT_EVERY_S", 0)
    write([question(1)])
    reader = LogReader(url)
    reader.look(NOW)
    write([question(2, 60 * 24 * 30)])
    assert sizes(reader.look(NOW)) == (2, 0)
    assert reader.times_read == 2
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM question"))
    engine.dispose()
    assert sizes(reader.look(NOW)) == (0, 0)


def test_log_that_is_not_there_is_empty(url, write, tmp_path):
    """Before the first question there is no file, and one that goes is empty again."""
    reader = LogReader(url)
    assert sizes(reader.look(NOW)) == (0, 0)
    write([question(1)])
    assert sizes(reader.look(NOW)) == (1, 0)
    (tmp_path / "events.db").unlink()
    assert sizes(reader.look(NOW)) == (0, 0)


def test_first_form_of_a_log_is_read(tmp_path):
    """A log of the first form has all that columns need."""
    import sqlite3

    from support_events import FIRST_FORM

    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_FORM)
    connection.close()
    found = LogReader(f"sqlite:///{path}").look(datetime(2026, 10, 2, tzinfo=UTC))
    assert (sizes(found), found.articles, found.languages) == ((1, 1), ("acc-001",), ("en",))


def test_broken_log_is_told_and_what_was_read_stays(url, write, tmp_path, eventually, monkeypatch):
    """The thread goes on, says the fault once, and has the old figures meanwhile."""
    monkeypatch.setattr(log_columns, "_EVERY_S", 0.02)
    write([question(1)])
    columns = LogColumns(url)
    columns.start()
    eventually(lambda: columns.columns is not None)
    path = tmp_path / "events.db"
    kept = path.read_bytes()
    path.write_bytes(b"no database" * 100)
    eventually(lambda: columns.fault is not None)
    assert sizes(columns.columns) == (1, 0)
    path.write_bytes(kept)
    eventually(lambda: columns.fault is None)
    columns.stop()
