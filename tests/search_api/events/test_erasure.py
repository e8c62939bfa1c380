"""Erasing and retention: rows go, and a search of every file finds no byte of them."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from support_bytes import files_with_bytes
from support_events import FIRST_FORM, NOON, annotate, asked, quiet, rows_of, told

from search_api.events.audit import AuditRecord
from search_api.events.database import EventStoreError, open_engine
from search_api.events.erased import fingerprint_of
from search_api.events.erasure import Target
from search_api.events.event import pack_vector
from search_api.events.log import EventLog
from search_api.events.reading import read_audit, read_feedback, read_questions
from search_api.events.store import read_store
from search_api.events.tables import NOTES, REPORTS
from search_api.events.upkeep import Places, apply_retention, erase

YEAR = timedelta(days=365)
RECORD = AuditRecord(NOON, "ana", "erase", 0, [], "")
MARK = "0123456789abcdef"
ROWS = 400


def secret(number):
    """A vector that only one question has."""
    vector = np.random.default_rng(number).normal(size=64).astype(np.float32)
    return vector / np.linalg.norm(vector)


def fill(url, seed):
    """Log many tickets; every fourth is the one to be erased. Return what must be gone then."""
    log = EventLog(url, 10 * ROWS)
    log.start()
    for number in range(ROWS):
        is_wanted = number % 4 == 0
        log.record_question(
            asked(
                number,
                minute=number,
                reference=f"{seed}-77" if is_wanted else f"OTHER-{number}",
                actor=f"{number:032x}",
                text=f"words {seed} of ticket {number} " * 5 if is_wanted else f"other {number}",
                vector=secret(number),
            )
        )
    log.close()
    log = EventLog(url, 10)
    log.start()
    for number in range(0, 80, 4):
        log.record_feedback(told(reference=f"{seed}-77", comment=f"comment {seed} {number}"))
        log.record_feedback(
            told(reference=None, query_id=f"{number:032x}", comment=f"on query {seed} {number}")
        )
    log.record_feedback(told(reference="OTHER-1", comment="the note on the printer stays here"))
    log.close()
    vectors = [pack_vector(secret(number)) for number in range(0, ROWS, 4)]
    return [seed, seed.lower(), *vectors]


def test_no_byte_of_an_erased_ticket_is_left(places, written, events_url):
    """Rows, vectors, comments and statistics of a ticket are in no file; all others stay."""
    seed = f"ZQX{os.getpid()}SEED"
    needles = fill(events_url, seed)
    engine = open_engine(events_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    assert files_with_bytes(written, needles)
    outcome = erase(places, Target(reference=f"{seed}-77", names=(f"{seed}-77",)), RECORD, quiet)
    assert (outcome.found.questions, outcome.found.feedback) == (ROWS // 4, 40)
    assert outcome.remains == ()
    assert files_with_bytes(written, needles) == []
    left = read_questions(events_url, NOON, NOON + YEAR, with_vectors=True)
    assert [one.query_id for one in left] == [f"{n:032x}" for n in range(ROWS) if n % 4]
    np.testing.assert_allclose(left[0].vector, secret(1), atol=1e-3)
    assert [one.comment for one in read_feedback(events_url, NOON, NOON + YEAR)] == [
        "the note on the printer stays here"
    ]
    assert not read_store(events_url).is_rewrite_due


def test_last_ticket_of_a_log_leaves_nothing(places, written, events_url):
    """Where nothing else is in the log, the statistics of what was there go too."""
    seed = f"ONLY{os.getpid()}ONE"
    log = EventLog(events_url, 1000)
    log.start()
    for number in range(300):
        log.record_question(asked(number, reference=seed, text=f"{seed} {number}", vector=None))
    log.close()
    engine = open_engine(events_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    assert erase(places, Target(reference=seed, names=(seed,)), RECORD, quiet).remains == ()
    assert files_with_bytes(written, [seed]) == []


def test_person_is_erased_by_their_hash_and_their_name(places, written, events_url):
    """What a person asked and told goes; their name goes from what others wrote."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, actor="b" * 32, text="how do I reset it"))
    log.record_question(asked(2, actor="c" * 32, text="Jane.Doe cannot sign in, jane.does can"))
    log.record_feedback(told(actor="b" * 32, reference=None))
    log.record_feedback(told(actor="c" * 32, comment="done with jane.doe", page="/jane.doe/"))
    log.close()
    annotate(events_url, "asked jane.doe twice", {"top": ["jane.doe", 3]}, author="jane.doe")
    outcome = erase(places, Target(actor="b" * 32, names=("jane.doe",)), RECORD, quiet)
    found = outcome.found
    assert (found.questions, found.feedback, found.mentions) == (1, 1, 2)
    assert (found.notes, found.reports) == (1, 1)
    (question,) = read_questions(events_url, NOON, NOON + YEAR, with_vectors=True)
    assert question.text == "[erased] cannot sign in, jane.does can"
    assert question.vector is None
    (feedback,) = read_feedback(events_url, NOON, NOON + YEAR)
    assert (feedback.comment, feedback.page) == ("done with [erased]", "/[erased]/")
    (note,) = rows_of(events_url, NOTES)
    assert (note["author"], note["text"]) == ("[erased]", "asked [erased] twice")
    (report,) = rows_of(events_url, REPORTS)
    assert (report["content"], report["approved_by"]) == ({"top": ["[erased]", 3]}, "[erased]")
    assert files_with_bytes(written, [b"b" * 32, b"jane.doe ", b"jane.doe/"]) == []


def test_short_name_is_not_looked_for_in_texts(places, events_url):
    """A ticket called 12 goes; minutes that are 12 stay."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, reference="12"))
    log.record_question(asked(2, text="wait 12 minutes"))
    log.close()
    annotate(events_url, "12 minutes", {"tickets": ["12", "123"], "text": "12 minutes"})
    outcome = erase(places, Target(reference="12", names=("12",)), RECORD, quiet)
    assert (outcome.found.questions, outcome.found.mentions) == (1, 0)
    (left,) = read_questions(events_url, NOON, NOON + YEAR)
    assert left.text == "wait 12 minutes"
    (report,) = rows_of(events_url, REPORTS)
    assert report["content"] == {"tickets": ["[erased]", "123"], "text": "12 minutes"}


def test_wildcards_of_a_name_mean_themselves(places, events_url):
    """A name with `%` or `_` is compared as it is."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, text="case A%1 is open, A_1 is not, AB1 neither"))
    log.close()
    erase(places, Target(actor="f" * 32, names=("A%1", "A_1")), RECORD, quiet)
    (left,) = read_questions(events_url, NOON, NOON + YEAR)
    assert left.text == "case [erased] is open, [erased] is not, AB1 neither"


def test_counting_changes_nothing(places, events_url):
    """Without a record the same counts come back, and every row and file stays."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, text="the whole screen is blue today"))
    log.record_feedback(told())
    log.close()
    report = places.reports / "daily-2026-11-03-0800.md"
    report.write_text("Most asked: *The whole screen* is **blue** today (3)", encoding="utf-8")
    target = Target(reference="T-1", names=("T-1",))
    counted = erase(places, target, None, quiet)
    assert (counted.found.questions, counted.found.feedback) == (1, 1)
    assert counted.files == (report,)
    assert report.exists()
    assert len(read_questions(events_url, NOON, NOON + YEAR)) == 1
    assert read_audit(events_url) == []
    assert erase(places, target, RECORD, quiet).found == counted.found
    assert not report.exists()


def test_report_files_that_name_or_quote_it_go(places, events_url):
    """Reports in files are found through Markdown, HTML and JSON; those of others stay."""
    text = "Ümlaut & screen <b>flickers</b> since\nthe update of yesterday"
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, text=text))
    log.record_question(asked(2, text="the printer on floor three jams"))
    log.record_question(asked(3, reference="T-1", text="the printer on floor three jams"))
    log.close()
    files = {
        "daily-2026-11-01-0800.html": "<li>Ümlaut &amp; screen <i>flickers</i> since<br>the update"
        " of</li>",
        "daily-2026-11-02-0800.json": json.dumps({"example": text}),
        "handover-2026-11-02-1600.md": "> Ümlaut \\& screen flickers since the update of yesterday",
        "weekly-2026-11-02-0800.md": "opened as ticket t-1 by chat",
        "weekly-2026-11-09-0800.md": "the printer on floor three jams; T-10, T-1x",
    }
    for name, content in files.items():
        (places.reports / name).write_text(content, encoding="utf-8")
    outcome = erase(places, Target(reference="T-1", names=("T-1",)), RECORD, quiet)
    assert [path.name for path in outcome.files] == sorted(files)[:-1]
    assert [path.name for path in places.reports.iterdir()] == ["weekly-2026-11-09-0800.md"]


def test_what_articles_say_is_nobodys(places, events_url):
    """Whoever asked a title word for word is erased; reports may go on naming the article."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, text="reset a lost second factor"))
    log.close()
    annotate(events_url, "fine", {"title": "Reset a lost second factor"})
    (places.reports / "daily-2026-11-03-0800.md").write_text(
        "1. Reset a lost second factor", encoding="utf-8"
    )
    public = replace(places, public=frozenset(["Reset a lost second factor"]))
    outcome = erase(public, Target(reference="T-1", names=("T-1",)), RECORD, quiet)
    assert (outcome.found.questions, outcome.found.reports, outcome.files) == (1, 0, ())
    assert read_questions(events_url, NOON, NOON + YEAR) == []


def test_log_that_is_held_is_named(tmp_path):
    """While another program holds the log for writing nothing is erased, and that is said."""
    url = f"sqlite:///{tmp_path / 'events.db'}"
    log = EventLog(url, 10)
    log.record_feedback(told())
    log.close()
    holder = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    places = Places(url, tmp_path / "backups", tmp_path / "reports")
    with pytest.raises(EventStoreError, match=r"events\.db cannot be changed .* busy with it"):
        erase(places, Target(reference="T-1", names=("T-1",)), RECORD, quiet)
    holder.execute("ROLLBACK")
    holder.close()
    assert len(read_feedback(url, NOON, NOON + YEAR)) == 1


def test_retention_keeps_what_is_young_enough(places, written, events_url):
    """What was asked or told before goes, what came at that moment or later stays."""
    seed = f"OLD{os.getpid()}WORDS"
    log = EventLog(events_url, 10)
    log.start()
    for number, minute in enumerate((-1, 0, 1), 1):
        log.record_question(
            asked(number, minute, text=f"{seed} {number}" if minute < 0 else f"young {number}")
        )
        log.record_feedback(told(minute=minute, comment=seed if minute < 0 else "young"))
    log.close()
    annotate(events_url, "a note", {"asked": 3})
    record = replace(RECORD, command="retention")
    outcome = erase(places, Target(before=NOON), record, quiet)
    assert (outcome.found.questions, outcome.found.feedback) == (1, 1)
    assert [q.text for q in read_questions(events_url, NOON - YEAR, NOON + YEAR)] == [
        "young 2",
        "young 3",
    ]
    assert len(read_feedback(events_url, NOON - YEAR, NOON + YEAR)) == 2
    assert rows_of(events_url, REPORTS)[0]["content"] == {"asked": 3}
    assert files_with_bytes(written, [seed]) == []
    (audit,) = read_audit(events_url)
    assert (audit.command, audit.questions) == ("retention", 1)
    assert audit.target == "what is older than 2026-11-03 12:00 UTC; 1 feedback"


def test_daily_retention_does_nothing_without_something_old(places, events_url):
    """A day on which nothing is old leaves no record; unfinished work is taken up again."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1))
    log.close()
    record = replace(RECORD, command="retention")
    assert apply_retention(places, Target(before=NOON), record, quiet) is None
    places.backups.mkdir(exist_ok=True)
    damaged = places.backups / "events-1.db"
    damaged.write_bytes(b"no database " * 400)
    done = apply_retention(places, Target(before=NOON), record, quiet)
    assert done.found.is_empty
    assert [str(damaged) in one for one in done.remains] == [True]
    damaged.unlink()
    assert read_audit(events_url) == []
    engine = open_engine(events_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO store VALUES ('rewrite', 'due')")
    engine.dispose()
    assert apply_retention(places, Target(before=NOON), record, quiet).remains == ()
    assert not read_store(events_url).is_rewrite_due


def test_record_holds_no_name(places, events_url):
    """A run is recorded with a fingerprint that only the key's owner can make again."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, reference="T-1"))
    log.close()
    mark = fingerprint_of("reference", "T-1", b"k" * 32)
    target = Target(reference="T-1", names=("T-1",), fingerprint=mark)
    erase(places, target, RECORD, quiet)
    (audit,) = read_audit(events_url)
    assert (audit.who, audit.command, audit.questions) == ("ana", "erase", 1)
    assert audit.target == f"one reference, fingerprint {mark}; 0 feedback"
    assert mark != fingerprint_of("actor", "T-1", b"k" * 32)


def test_service_may_write_meanwhile(places, written, events_url):
    """Feedback that is given while a ticket is erased is all there, and the ticket is not."""
    seed = f"BUSY{os.getpid()}LOG"
    needles = fill(events_url, seed)
    log = EventLog(events_url, 1000)
    log.start()
    stop, acknowledged = threading.Event(), []

    def write():
        while not stop.is_set():
            acknowledged.append(log.record_feedback(told(reference="LIVE-1")))
            log.record_question(asked(10_000 + len(acknowledged)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        target = Target(reference=f"{seed}-77", names=(f"{seed}-77",))
        outcome = erase(places, target, RECORD, quiet)
    finally:
        stop.set()
        writer.join()
    assert outcome.remains == ()
    assert files_with_bytes(written, needles) == []
    log.close()
    stored = [f for f in read_feedback(events_url, NOON, NOON + YEAR) if f.reference == "LIVE-1"]
    assert len(stored) == len(acknowledged) > 0
    assert log.dropped == 0


def test_reader_that_stays_is_named(places, events_url, tmp_path):
    """Somebody who reads for longer than anyone waits keeps the bytes, and that is said."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1))
    log.close()
    target = Target(reference="T-1", names=("T-1",))
    engine = open_engine(events_url)
    reader = (
        engine.connect().execution_options(isolation_level="REPEATABLE READ")
        if (engine.dialect.name == "postgresql")
        else engine.connect()
    )
    if engine.dialect.name == "sqlite":
        reader.exec_driver_sql("BEGIN")
    reader.exec_driver_sql("SELECT count(*) FROM audit")
    report = places.reports / "daily-2026-11-03-0800.md"
    report.write_text("opened as T-1")
    remains = erase(places, target, RECORD, quiet, patience_s=0.5).remains
    kept = "bytes are still in" if engine.dialect.name == "sqlite" else "older than the deletion"
    assert any(kept in sentence for sentence in remains)
    assert not report.exists()
    assert read_questions(events_url, NOON, NOON + YEAR) == []
    assert read_store(events_url).is_rewrite_due
    reader.rollback()
    reader.close()
    engine.dispose()
    assert erase(places, target, RECORD, quiet).remains == ()
    assert not read_store(events_url).is_rewrite_due


def test_role_without_rights_is_told_what_stays(postgres, tmp_path):
    """A role that only owns its tables is told what stays, and which grants it lacks."""
    admin = postgres.new_database()
    name = sa.make_url(admin).database
    role = f"role_{name}"
    postgres.run(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    postgres.run(f"ALTER DATABASE {name} OWNER TO {role}")
    url = sa.make_url(admin).set(username=role, password="x").render_as_string(hide_password=False)
    places = Places(url, tmp_path / "backups", tmp_path / "reports")
    log = EventLog(url, 10)
    log.start()
    log.record_question(asked(1))
    log.close()
    target = Target(reference="T-1", names=("T-1",))
    (sentence,) = erase(places, target, RECORD, quiet).remains
    assert "write-ahead log keeps the deleted rows until it overwrites them" in sentence
    assert f"GRANT pg_checkpoint, pg_monitor TO {role}" in sentence
    assert read_store(url).is_rewrite_due
    postgres.run(f"GRANT pg_checkpoint, pg_monitor TO {role}")
    engine = open_engine(admin)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {role}")
    engine.dispose()
    assert erase(places, target, RECORD, quiet).remains == ()


def test_backups_are_gone_through(tmp_path):
    """What a backup has of a ticket goes from it too; a file that is none is named."""
    for folder in ("backups", "reports"):
        (tmp_path / folder).mkdir()
    urls = [f"sqlite:///{tmp_path / 'events.db'}", f"sqlite:///{tmp_path / 'backups' / 'old.db'}"]
    for url in urls:
        fill(url, "BACKUPSEED")
    places = Places(urls[0], tmp_path / "backups", tmp_path / "reports")
    target = Target(reference="BACKUPSEED-77", names=("BACKUPSEED-77",))
    outcome = erase(places, target, RECORD, quiet)
    assert (outcome.backups, outcome.in_backups.questions) == (1, ROWS // 4)
    assert files_with_bytes(tmp_path, ["BACKUPSEED"]) == []
    assert read_audit(urls[1]) == []
    (tmp_path / "backups" / "zz.db").write_bytes(b"no database " * 100)
    outcome = erase(places, target, RECORD, quiet)
    assert outcome.backups == 1
    (sentence,) = outcome.remains
    assert "zz.db could not be searched" in sentence


def test_log_of_the_first_form_is_erased_too(tmp_path):
    """An old log is brought up first, so nothing in it is passed over."""
    path = tmp_path / "events.db"
    with sqlite3.connect(path) as db:
        db.executescript(FIRST_FORM)
    db.close()
    places = Places(f"sqlite:///{path}", tmp_path / "b", tmp_path / "r")
    outcome = erase(places, Target(reference="T-1", names=("T-1",)), RECORD, quiet)
    assert outcome.found.questions == 1
    assert files_with_bytes(tmp_path, ["phone lost"]) == []


def test_target_says_what_goes_without_naming_it():
    """The record's words for a target hold a fingerprint or a time, never a name."""
    assert Target(reference="T-1", names=("T-1",)).told == "one reference"
    assert Target(actor="b" * 32, fingerprint=MARK).told == f"one actor, fingerprint {MARK}"
    before = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert Target(before=before).told == "what is older than 2026-01-02 03:04 UTC"
