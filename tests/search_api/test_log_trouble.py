"""A log that is full, closed, gone, exchanged or silent: a real service goes on answering.

Feedback gets 503 and never a false yes, what is lost is counted, and all comes back without a
restart.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest
from support_bytes import files_with_bytes
from support_service import Serving

QUICK_S = 2.0
_LAST_SUCCESS = "sop_retention_last_success_timestamp_seconds"


@pytest.fixture
def serve(tmp_path, sop_index):
    """Return a context manager that runs a service with some settings."""

    @contextmanager
    def run(events_url, **settings):
        service = Serving(tmp_path, sop_index, events_url, **settings)
        try:
            yield service
        finally:
            if service.process.poll() is None:
                service.stop()

    return run


def url_of(path):
    """SQLAlchemy's address of a file."""
    return f"sqlite:///{path}"


def count(path, table):
    """How many rows a table has."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def expect_trouble(service, questions=6):
    """Questions are answered at once and feedback is refused, to be sent again."""
    answers = [service.ask(f"question {number}") for number in range(questions)]
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < QUICK_S
    status, again = service.tell()
    assert (status, int(again) > 0) == (503, True)


@pytest.mark.skipif(sys.platform != "linux", reason="another process is limited on Linux only")
def test_full_disk(serve, tmp_path, eventually):
    """While nothing can be written lost questions are counted; with room all goes on."""
    path = tmp_path / "events.db"
    with serve(url_of(path), event_queue_limit=2) as service:
        assert service.tell()[0] == 201
        service.limit_files(1)
        expect_trouble(service)
        # The writer holds some, two wait, and no more can.
        eventually(lambda: service.metric("sop_events_dropped") >= 1)
        dropped = service.metric("sop_events_dropped")
        service.limit_files(-1)
        assert service.tell()[0] == 201
        eventually(lambda: count(path, "question") == 6 - dropped)
        assert service.metric("sop_events_dropped") == dropped
    assert count(path, "feedback") == 2
    assert any("questions wait for the log" in line for line in service.lines)


def test_file_that_may_not_be_written(serve, tmp_path, eventually):
    """A log that is read-only takes nothing until it may be written."""
    path = tmp_path / "events.db"
    path.touch(mode=0o400)
    with serve(url_of(path)) as service:
        expect_trouble(service)
        path.chmod(0o600)
        eventually(lambda: service.tell()[0] == 201)
        eventually(lambda: count(path, "question") == 6)
        assert service.metric("sop_events_dropped") == 0


def test_folder_that_cannot_be_made(serve, tmp_path, eventually):
    """A log below a file, and in a folder that may not be written, waits for its place."""
    (tmp_path / "place").write_text("a file")
    path = tmp_path / "place" / "deep" / "events.db"
    with serve(url_of(path)) as service:
        expect_trouble(service)
        (tmp_path / "place").unlink()
        (tmp_path / "place").mkdir(mode=0o500)
        assert service.tell()[0] == 503
        (tmp_path / "place").chmod(0o700)
        eventually(lambda: service.tell()[0] == 201)
        eventually(lambda: count(path, "question") == 6)


def test_log_that_was_deleted_or_exchanged(serve, tmp_path, eventually):
    """Feedback is acknowledged only when it is in the file that is there now."""
    path = tmp_path / "events.db"
    with serve(url_of(path)) as service:
        assert service.tell()[0] == 201
        for part in tmp_path.glob("events.db*"):
            part.unlink()
        assert service.tell("after the file was deleted")[0] == 201
        service.ask()
        eventually(lambda: (count(path, "feedback"), count(path, "question")) == (1, 1))
        assert path.stat().st_mode & 0o777 == 0o600
        other = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as here, closing(sqlite3.connect(other)) as there:
            here.backup(there)
        for part in tmp_path.glob("events.db*"):
            part.unlink()
        other.rename(path)
        assert service.tell("after it was exchanged")[0] == 201
        assert count(path, "feedback") == 2


def test_text_that_a_database_refuses(serve, tmp_path, postgres):
    """A NUL character costs nothing: what is around it is stored."""
    for url in (url_of(tmp_path / "events.db"), postgres.new_database()):
        with serve(url) as service:
            assert service.tell("one\0two")[0] == 201
            assert service.tell("lone \ud800 half")[0] == 422
            assert service.ask("one\0two", channel="a\0b", filters={"tags": ["\0"]})[0] in (
                200,
                422,
            )
            assert service.ask("fine")[0] == 200


def test_server_that_stops_and_comes_back(serve, postgres, eventually):
    """While PostgreSQL is down questions wait; when it is back all are stored, and none twice."""
    url = postgres.new_database()
    with serve(url) as service:
        assert service.tell()[0] == 201
        postgres.kill()
        expect_trouble(service)
        postgres.restart()
        eventually(lambda: service.tell()[0] == 201)
        database = url.partition("?")[0].rpartition("/")[2]
        eventually(lambda: postgres.count(database, "question") == 6)
        assert service.metric("sop_events_dropped") == 0
    assert postgres.count(database, "feedback") == 2


def test_server_that_says_nothing(serve, postgres, eventually):
    """A PostgreSQL that hangs holds nobody for long, and the service can be stopped meanwhile."""
    url = postgres.new_database()
    with serve(url) as service:
        assert service.tell()[0] == 201
        postgres.pause()
        try:
            started = time.monotonic()
            expect_trouble(service)
            assert time.monotonic() - started < 20
        finally:
            postgres.resume()
        eventually(lambda: service.tell()[0] == 201, within_s=20)
        database = url.partition("?")[0].rpartition("/")[2]
        eventually(lambda: postgres.count(database, "question") == 6, within_s=20)
        postgres.pause()
        try:
            service.ask()
            assert service.stop() < 40
        finally:
            postgres.resume()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_ticket_is_erased_under_a_running_service(
    serve, tmp_path, postgres, log_sop, eventually, kind
):
    """`sop erase` beside a service that answers and logs leaves no byte, and loses no feedback."""
    folder = tmp_path if kind == "sqlite" else postgres.folder
    url = url_of(tmp_path / "events.db") if kind == "sqlite" else postgres.new_database()
    # The server has other tests' databases too.
    seed = f"seed{kind}7QX"
    ticket = f"{seed}-4711"
    with serve(url) as service:
        for number in range(5):
            service.ask(f"the board shows {seed} {number}", reference=ticket)
            service.tell(f"told of {seed}", reference=ticket)
        eventually(lambda: service.metric("sop_events_waiting") == 0)
        time.sleep(0.3)
        assert files_with_bytes(folder, [seed])
        stop, statuses = threading.Event(), []

        def go_on():
            while not stop.is_set():
                statuses.append((service.ask("another")[0], service.tell("another")[0]))

        caller = threading.Thread(target=go_on)
        caller.start()
        done = log_sop(url, "erase", "--reference", ticket)
        stop.set()
        caller.join()
        assert done.returncode == 0, done.stderr
        assert "5 questions and 5 feedback erased" in done.stdout
        assert files_with_bytes(folder, [seed]) == []
        assert {status for status, _ in statuses} == {200}
        assert {status for _, status in statuses} == {201}
        assert service.metric("sop_events_dropped") == 0
    assert files_with_bytes(folder, [seed]) == []


def test_service_deletes_what_is_too_old(serve, tmp_path, eventually):
    """With `retention_days` a service does every day, from its start on, what the command does."""
    path = tmp_path / "events.db"
    with serve(url_of(path)) as service:
        service.ask("the old SEEDOFOLD question")
        service.ask("the young one")
        assert service.metric(_LAST_SUCCESS) == 0
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "UPDATE question SET asked_at = '2020-01-01 00:00:00.000000' WHERE text LIKE '%OLD%'"
        )
        db.commit()
    begun = time.time()
    with serve(url_of(path), retention_days=30) as service:
        eventually(lambda: any("1 questions, 0 feedback" in line for line in service.lines))
        assert begun < service.metric(_LAST_SUCCESS) < time.time()
    assert files_with_bytes(tmp_path, ["SEEDOFOLD"]) == []
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT text FROM question").fetchall() == [("the young one",)]
        (record,) = db.execute("SELECT who, command, questions FROM audit").fetchall()
    assert record == ("the service", "retention", 1)


def test_backup_that_cannot_be_searched_is_no_success(serve, tmp_path, eventually):
    """Something old may be in it: the metric stays, and the log names the file."""
    backups = tmp_path / "backups"
    backups.mkdir()
    (backups / "events-1.db").write_bytes(b"no database " * 400)
    log = url_of(tmp_path / "events.db")
    with serve(log, retention_days=30, backups_folder=str(backups)) as service:
        eventually(lambda: any("events-1.db" in line for line in service.lines))
        assert service.metric(_LAST_SUCCESS) == 0
