"""The commands of the log, run as an operator runs them."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from support_bytes import files_with_bytes
from support_events import FIRST_FORM, NOON, asked, told

from search_api.auth import actor_hash, load_actor_key
from search_api.events.log import EventLog
from search_api.events.reading import read_audit, read_questions
from search_api.events.schema import NEWEST

FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def key(tmp_path):
    """The installation's secret."""
    return load_actor_key(tmp_path / "actor.key")


@pytest.fixture
def filled(events_url, key):
    """The address of a log with a ticket, a person's question and an old one."""
    log = EventLog(events_url, 10, "eu")
    log.start()
    log.record_question(asked(1, reference="T-4711", text="screen SEEDONE is blue"))
    log.record_question(asked(2, actor=actor_hash("jane.doe", key), text="SEEDTWO is slow"))
    long_ago = datetime.now(UTC) - timedelta(days=500)
    log.record_question(asked(3, asked_at=long_ago, text="SEEDOLD of long ago"))
    log.record_feedback(told(reference="T-4711", comment="SEEDTHREE"))
    log.close()
    return events_url


def test_erase_by_ticket_and_by_person(filled, log_sop, key):
    """Each is found as the ticket tool names it; the record names neither."""
    first = log_sop(filled, "erase", "--reference", "T-4711", "--as", "Ana Example")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("log: 1 questions and 1 feedback erased;")
    second = log_sop(filled, "erase", "--actor", "jane.doe", "--json")
    told_of = json.loads(second.stdout)
    assert (second.returncode, told_of["log"]["questions"], told_of["remains"]) == (0, 1, [])
    assert [q.text for q in read_questions(filled, NOON.replace(year=2000), FAR)] == [
        "SEEDOLD of long ago"
    ]
    audit = read_audit(filled)
    assert (audit[0].who, audit[0].command) == ("Ana Example", "erase")
    assert audit[1].target.startswith("one actor, fingerprint ")
    for word in ("T-4711", "jane.doe", actor_hash("jane.doe", key)):
        assert word not in str(audit) + first.stdout + first.stderr + second.stdout
    listed = log_sop(filled, "learn", "--audit").stdout
    assert "Ana Example  erase: 1 questions; one reference, fingerprint" in listed


def test_dry_run_changes_and_records_nothing(filled, log_sop):
    """Counts come back, and the log is as it was."""
    done = log_sop(filled, "erase", "--reference", "T-4711", "--dry-run")
    assert done.returncode == 0
    assert "1 questions and 1 feedback would go" in done.stdout
    assert "nothing was changed" in done.stdout
    done = log_sop(filled, "retention", "--days", "400", "--dry-run", "--json")
    assert json.loads(done.stdout)["log"]["questions"] == 1
    assert len(read_questions(filled, NOON.replace(year=2000), FAR)) == 3
    assert read_audit(filled) == []


def test_retention_takes_days_from_option_or_setting(filled, log_sop):
    """Without either nobody has said how long, so nothing goes."""
    done = log_sop(filled, "retention")
    assert (done.returncode, "retention_days in sop.toml" in done.stderr) == (2, True)
    done = log_sop(filled, "retention", retention_days=400)
    assert done.returncode == 0, done.stderr
    assert [one.query_id[-1] for one in read_questions(filled, NOON.replace(year=2000), FAR)] == [
        "1",
        "2",
    ]
    (audit,) = read_audit(filled)
    assert (audit.command, audit.questions) == ("retention", 1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "name one of both"),
        (("--reference", "a", "--actor", "b"), "name one of both"),
        (("--reference", " "), "--reference is empty"),
        (("--actor", "jane"), "actor.key is not there"),
        (("--reference", "order for Jane <jane@example.com>"), "actor.key is not there"),
        (("--reference", "T-1"), "there is no log at events_url and no backup"),
    ],
)
def test_erase_refuses_what_it_cannot_do(tmp_path, log_sop, arguments, complaint):
    """Two names, none, a person without the key, and no log: one sentence each, exit code 2."""
    done = log_sop(f"sqlite:///{tmp_path / 'events.db'}", "erase", *arguments)
    assert (done.returncode, complaint in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "actor.key").exists()
    assert not (tmp_path / "events.db").exists()


def test_label_with_personal_data_is_erased_by_its_name(tmp_path, log_sop, key):
    """A reference that is kept as a keyed hash is found by what the ticket tool calls it."""
    url, name = f"sqlite:///{tmp_path / 'events.db'}", "order of Jane <jane@example.com>"
    log = EventLog(url, 10)
    log.start()
    log.record_question(asked(1, reference=actor_hash(name, key)))
    log.close()
    done = log_sop(url, "erase", "--reference", name)
    assert "log: 1 questions" in done.stdout
    assert read_questions(url, NOON, FAR) == []


def test_short_name_is_told_of(tmp_path, log_sop):
    """What was not searched for in texts is said."""
    url = f"sqlite:///{tmp_path / 'events.db'}"
    log = EventLog(url, 10)
    log.record_feedback(told(reference="12"))
    log.close()
    done = log_sop(url, "erase", "--reference", "12")
    assert "too short to tell it from other words" in done.stderr
    assert done.returncode == 0


def test_backup_that_cannot_be_searched_is_exit_code_1(tmp_path, log_sop):
    """The log is done, the file is named, and a script sees that it is not finished."""
    url = f"sqlite:///{tmp_path / 'events.db'}"
    log = EventLog(url, 10)
    log.record_feedback(told())
    log.close()
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "x.db").write_text("rubbish")
    done = log_sop(url, "erase", "--reference", "T-1")
    assert done.returncode == 1
    assert "not finished:" in done.stderr
    assert "x.db could not be searched" in done.stderr


def test_backup_erase_restore(tmp_path, log_sop, key):
    """Backups are made, gone through, pruned and put back, and each run is recorded."""
    url = f"sqlite:///{tmp_path / 'events.db'}"
    log = EventLog(url, 10)
    log.start()
    log.record_question(asked(1, text="SEEDONE"))
    log.record_question(asked(2))
    log.close()
    for _time in range(3):
        done = log_sop(url, "backup", "--as", "Ana", backups_kept=2)
        assert done.returncode == 0, done.stderr
    assert "2 newer ones are kept" in done.stdout
    newest = max((tmp_path / "backups").iterdir())
    outside = log_sop(url, "backup", tmp_path / "out.db", "--json")
    assert json.loads(outside.stdout)["file"] == str(tmp_path / "out.db")
    assert "not this file" in outside.stderr
    assert log_sop(url, "erase", "--reference", "T-1").returncode == 0
    held = files_with_bytes(tmp_path, ["SEEDONE"])
    assert held == ["out.db: b'SEEDONE'"]
    done = log_sop(url, "restore", tmp_path / "out.db")
    assert done.returncode == 0, done.stderr
    assert "is the log now, with 1 questions" in done.stdout
    assert "erased again: 1 questions and feedback" in done.stdout
    assert files_with_bytes(tmp_path, ["SEEDONE"]) == held
    assert log_sop(url, "restore", newest, "--json").returncode == 0
    done = [(one.command, one.questions) for one in read_audit(url)]
    assert done == [("backup", 2)] * 4 + [("erase", 1), ("restore", 1), ("restore", 1)]


def test_status_tells_what_a_log_is(filled, log_sop):
    """Form, region, counts, first and last; a password is not shown."""
    done = log_sop(filled, "log", "status", "--json")
    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout)
    assert (status["questions"], status["feedback"], status["region"]) == (3, 1, "eu")
    assert (status["is_newest"], status["is_demo"]) == (True, False)
    assert status["last"] == NOON.isoformat()
    assert status["size_bytes"] > 10_000
    text = log_sop(filled, "log", "status", retention_days=90).stdout
    assert "questions  3\n" in text
    assert "kept for   90 days\n" in text
    assert "SEED" not in text + done.stdout


def test_status_hides_a_password(postgres, log_sop):
    """The address of a server is shown without its password."""
    url = postgres.new_database().replace("postgres:@", "postgres:hunter22@")
    done = log_sop(url, "log", "status")
    assert done.returncode == 0, done.stderr
    assert "hunter22" not in done.stdout + done.stderr
    assert "questions  0\n" in done.stdout


def test_old_log_is_upgraded_by_command(tmp_path, log_sop):
    """A log of the first form says so, and has the newest form afterwards."""
    path = tmp_path / "events.db"
    with sqlite3.connect(path) as db:
        db.executescript(FIRST_FORM)
    db.close()
    url = f"sqlite:///{path}"
    assert "none yet (older; sop log upgrade" in log_sop(url, "log", "status").stdout
    assert log_sop(url, "log", "upgrade").stdout == f"form None is now {NEWEST}\n"
    assert log_sop(url, "log", "upgrade").stdout == f"form {NEWEST}: nothing to do\n"


@pytest.mark.parametrize("command", [("backup",), ("log", "status"), ("log", "upgrade")])
def test_missing_log_is_named(tmp_path, log_sop, command):
    """Without a log each command says so with exit code 2 and makes none."""
    done = log_sop(f"sqlite:///{tmp_path / 'events.db'}", *command)
    assert (done.returncode, "there is no log at events_url" in done.stderr) == (2, True)
    assert not (tmp_path / "events.db").exists()
