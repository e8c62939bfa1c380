"""What `sop check` knows from the log: which articles people keep rejecting, and nothing else."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from indexer.checks.folder import Rejection
from search_api.events.database import EventStoreError
from search_api.events.event import FeedbackEvent
from search_api.events.log import EventLog
from search_api.events.place import has_log
from search_api.events.reading import read_rejections

REPOSITORY = Path(__file__).parent.parent.parent
COMMENT = "the menu has moved, says Mrs Example"


@pytest.fixture
def url(tmp_path):
    """The address of the log that the `sop` command of these tests reads."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def reject(url):
    """Return a function that logs feedback on an article, given on a day."""
    log = EventLog(url, 1)

    def run(day: str, reason: str | None = "outdated", actor: str | None = None, **changed):
        event = {
            "given_at": datetime.fromisoformat(day).astimezone(UTC),
            "query_id": None,
            "reference": "T-1",
            "page": None,
            "article_id": "acc-001",
            "event": "rejected",
            "reason": reason,
            "comment": COMMENT,
            "actor": actor,
        }
        log.record_feedback(FeedbackEvent(**(event | changed)))

    yield run
    log.close()


@pytest.fixture
def article(tmp_path, write_files, article_text):
    """An article that was last reviewed on 1 October 2026."""
    write_files(tmp_path / "sop", {"access/a.md": article_text()})


def test_rejections_are_read_by_day_oldest_first(url, reject):
    """Article, day in UTC, reason and person are read; other feedback and pages are not."""
    reject("2026-10-03T23:30:00-02:00", actor="ana")
    reject("2026-10-02T12:00:00+00:00", reason=None)
    reject("2026-10-02T12:00:00+00:00", event="resolved", reason=None)
    reject("2026-10-02T12:00:00+00:00", article_id=None)
    assert read_rejections(url) == [
        Rejection("acc-001", date(2026, 10, 2), "unknown"),
        Rejection("acc-001", date(2026, 10, 4), "outdated", "ana"),
    ]


def test_check_warns_of_what_people_reject(sop, article, reject):
    """Four rejections since the review are a warning with their reasons, never with words."""
    for day, reason, actor in (
        ("2026-09-30T00:00:00+00:00", "outdated", "dan"),
        ("2026-10-02T00:00:00+00:00", "outdated", "ana"),
        ("2026-10-03T00:00:00+00:00", "outdated", "ana"),
        ("2026-10-04T00:00:00+00:00", "not_related", "ben"),
        ("2026-10-04T00:00:00+00:00", "outdated", None),
        ("2026-10-04T00:00:00+00:00", "outdated", None),
    ):
        reject(day, reason, actor)
    done = sop("check", "--fast")
    assert done.returncode == 0
    assert done.stdout == (
        "sop/access/a.md:9: rejected: rejected 4 times since its last review: "
        "3 outdated, 1 not related (read it beside the questions it was suggested for, mend it, "
        "set last_reviewed) [warning]\n"
    )
    assert COMMENT not in done.stdout + done.stderr


def test_check_without_a_log_makes_none(sop, article, tmp_path):
    """Where there is no database, the check says nothing of it and none is made."""
    before = sorted(tmp_path.rglob("*"))
    done = sop("check", "--fast")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 errors, 0 warnings\n")
    assert sorted(tmp_path.rglob("*")) == before


def test_check_without_a_log_loads_no_database_library(tmp_path, article):
    """SQLAlchemy is loaded where there is a log to read, and only there."""
    code = (
        "import sys; from search_api.cli import app; "
        "app(['check', '--fast', '--sop', 'sop'], standalone_mode=False); "
        "print('sqlalchemy' in sys.modules)"
    )

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=os.environ
            | {"PYTHONPATH": str(REPOSITORY), "SOPKB_EVENTS_URL": "sqlite:///events.db"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert run() == "False"
    with sqlite3.connect(tmp_path / "events.db") as db:
        db.execute("CREATE TABLE other (x)")
    assert run() == "True"


@pytest.mark.parametrize("content", [b"no database at all, but long enough" * 40, b""])
def test_a_log_that_is_none_never_fails_a_check(sop, article, tmp_path, content):
    """A broken file is one note; an empty one, as a service makes it, is a log without events."""
    (tmp_path / "events.db").write_bytes(content)
    done = sop("check", "--fast")
    notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert (done.returncode, done.stdout, len(notes)) == (0, "", 1 if content else 0)
    assert all(note.startswith("note: rejections are left out: the log") for note in notes)
    assert (tmp_path / "events.db").read_bytes() == content


def test_a_server_that_is_away_is_one_note(sop, article, settings_file):
    """Neither an unknown driver nor a closed port fails a check, and no password is shown."""
    text = settings_file.read_text(encoding="utf-8")
    line = next(line for line in text.split("\n") if line.startswith("events_url"))
    away = 'events_url = "postgresql+psycopg://me:hunter22@127.0.0.1:1/x"'
    settings_file.write_text(text.replace(line, away), encoding="utf-8")
    done = sop("check", "--fast")
    notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert (done.returncode, len(notes), "hunter22" in done.stderr) == (0, 1, False)


def test_a_writer_does_not_hold_up_a_check(url, reject, tmp_path):
    """While the service writes, what was there before is read at once."""
    reject("2026-10-02T00:00:00+00:00")
    with sqlite3.connect(tmp_path / "events.db", isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        assert len(read_rejections(url)) == 1
        assert time.monotonic() - started < 1
        db.execute("ROLLBACK")


def test_reading_changes_nothing(url, reject, tmp_path):
    """The database has the same bytes after it was read, and cannot be written while it is."""
    reject("2026-10-02T00:00:00+00:00")
    before = (tmp_path / "events.db").read_bytes()
    read_rejections(url)
    assert (tmp_path / "events.db").read_bytes() == before
    assert stat.S_IMODE((tmp_path / "events.db").stat().st_mode) == 0o600
    with pytest.raises(EventStoreError, match="cannot be read"):
        read_rejections(f"sqlite:///{tmp_path / 'gone.db'}")
    assert not (tmp_path / "gone.db").exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///there.db", True),
        ("sqlite+pysqlite:///there.db?timeout=3", True),
        ("sqlite:///file:there.db?mode=rw&uri=true", True),
        ("sqlite:///gone.db", False),
        ("sqlite:///", False),
        ("sqlite://", False),
        ("sqlite:///:memory:", False),
        ("postgresql+psycopg://kb/events", True),
    ],
)
def test_whether_there_is_a_log_is_told_from_its_address(monkeypatch, tmp_path, url, expected):
    """Only a file that exists is a SQLite log; of a server nobody knows before the call."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.db").touch()
    assert has_log(url) is expected
