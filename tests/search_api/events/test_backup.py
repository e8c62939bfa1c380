"""Backups of the log: whole while somebody writes, verified, and put back without loss."""

from __future__ import annotations

import re
import shutil
import sqlite3
from dataclasses import replace

import pytest
from support_bytes import files_with_bytes
from support_events import NOON, asked, told

from search_api.events.audit import AuditRecord, append_record
from search_api.events.backup import BackupError, back_up, new_name, prune, restore
from search_api.events.database import EventStoreError, open_engine
from search_api.events.erased import fingerprint_of, name_mark_of
from search_api.events.erasure import Target
from search_api.events.log import EventLog
from search_api.events.reading import read_audit, read_feedback, read_questions
from search_api.events.reports import StoredNote, add_note, read_report
from search_api.events.schema import upgrade
from search_api.events.store import RegionError, mark_demo
from search_api.events.upkeep import Places, erase

RECORD = AuditRecord(NOON, "ana", "restore", 0, [], "")
KEY = b"k" * 32
YEAR_END = NOON.replace(month=12)


def write(url, *numbers, region=None):
    """Log a question and feedback for each number."""
    log = EventLog(url, 100, region)
    log.start()
    for number in numbers:
        log.record_question(asked(number))
        log.record_feedback(told(reference=f"T-{number}", comment=f"comment {number}"))
    log.close()


@pytest.fixture
def home(tmp_path):
    """A folder with a log of three questions, and its address."""
    url = f"sqlite:///{tmp_path / 'events.db'}"
    write(url, 1, 2, 3)
    return tmp_path, url


def numbers(url):
    """Return which questions a log has."""
    return [int(one.query_id, 16) for one in read_questions(url, NOON, YEAR_END)]


def put_back(home, url, backup, **options):
    """Restore, and collect what was said."""
    said = []
    done = restore(url, backup, home / "backups", RECORD, KEY, said.append, **options)
    return done, said


def test_backup_is_one_private_file_with_everything(home):
    """A copy that is made while the log is open has every row, and only its owner reads it."""
    folder, url = home
    log = EventLog(url, 10)
    log.record_feedback(told(comment="written just now"))
    back_up(folder / "events.db", folder / "backups" / "one.db")
    log.close()
    (copy,) = (folder / "backups").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert numbers(f"sqlite:///{copy}") == [1, 2, 3]
    comments = [f.comment for f in read_feedback(f"sqlite:///{copy}", NOON, YEAR_END)]
    assert comments[-1] == "written just now"


def test_backup_replaces_no_file(home):
    """A file that is there is named and kept."""
    folder, _ = home
    (folder / "kept.db").write_text("mine")
    with pytest.raises(BackupError, match=r"kept\.db is there already"):
        back_up(folder / "events.db", folder / "kept.db")
    assert (folder / "kept.db").read_text() == "mine"


def test_damaged_log_makes_no_backup(home):
    """A log with a torn page is not copied as if it were whole."""
    folder, url = home
    write(url, *range(10, 200))
    with (folder / "events.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    with pytest.raises(BackupError, match=r"damaged|cannot be copied"):
        back_up(folder / "events.db", folder / "backups" / "one.db")
    assert list((folder / "backups").iterdir()) == []


def test_folder_that_cannot_be_made_is_named(home):
    """A backup below a file is one sentence."""
    folder, _ = home
    (folder / "file").touch()
    with pytest.raises(BackupError, match="cannot be made"):
        back_up(folder / "events.db", folder / "file" / "one.db")


def test_newest_backups_are_kept(tmp_path):
    """Old ones go, the newest stay, and what a restore kept aside stays too."""
    names = [f"events-2026110{day}T020000.db" for day in range(1, 6)]
    for name in [*names, "replaced-20200101T000000.db", "mine.db"]:
        (tmp_path / name).touch()
    gone = prune(tmp_path, 2)
    assert [path.name for path in gone] == names[:3]
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [*names[3:], "mine.db", "replaced-20200101T000000.db"]


def test_names_of_one_second_differ(tmp_path):
    """Two backups in one second are two files."""
    first = new_name(tmp_path)
    first.touch()
    second = new_name(tmp_path)
    assert second != first
    assert re.fullmatch(r"events-\d{8}T\d{6}(-1)?\.db", second.name)


def test_restored_log_is_the_backup_and_the_other_is_kept(home):
    """The backup's rows are the log, the later ones are in the file kept aside."""
    folder, url = home
    backup = folder / "backups" / "events-1.db"
    back_up(folder / "events.db", backup)
    write(url, 4)
    done, said = put_back(folder, url, backup)
    assert (done.questions, done.erased_again, said) == (3, 0, [])
    assert numbers(url) == [1, 2, 3]
    assert numbers(f"sqlite:///{done.kept}") == [1, 2, 3, 4]
    assert (folder / "events.db").stat().st_mode & 0o777 == 0o600
    (record,) = read_audit(url)
    assert (record.command, record.questions, record.target) == ("restore", 3, "events-1.db")
    write(url, 5)
    assert numbers(url) == [1, 2, 3, 5]


def test_log_that_is_gone_comes_back(home):
    """Without a log the backup is put in its place, and nothing is kept aside."""
    folder, url = home
    backup = folder / "backups" / "one.db"
    back_up(folder / "events.db", backup)
    (folder / "events.db").unlink()
    done, _ = put_back(folder, url, backup)
    assert (done.kept, numbers(url)) == (None, [1, 2, 3])


def test_what_was_erased_since_stays_erased(home, tmp_path):
    """A backup from elsewhere brings no erased ticket or person back, and the record goes on."""
    folder, url = home
    backup = folder / "elsewhere.db"
    back_up(folder / "events.db", backup)
    places = Places(url, folder / "backups", folder / "reports")
    for kind, label in (("reference", "T-1"), ("actor", f"{2:032x}")):
        mark = fingerprint_of(kind, label, KEY)
        target = Target(**{kind: label}, names=("T-1",), fingerprint=mark)
        erase(places, target, replace(RECORD, command="erase"), str)
    append_record(url, replace(RECORD, command="learn", articles=["acc-001"], target="learn/x"))
    done, _ = put_back(folder, url, backup)
    assert (done.questions, done.erased_again) == (1, 3)
    assert numbers(url) == [3]
    assert [one.command for one in read_audit(url)] == ["erase", "erase", "learn", "restore"]
    backup.unlink()
    assert files_with_bytes(folder, ["question 1", "comment 1", "question 2"]) == []


@pytest.mark.parametrize("name", ["jane.doe", "Jane Doe", "jane@doe.example"])
def test_who_was_erased_since_is_named_by_nothing_again(home, name):
    """A person whom only texts of the backup name is taken out of them; the record has no name."""
    folder, url = home
    label = "d" * 32
    log = EventLog(url, 10)
    log.record_feedback(told(comment=f"done with {name.upper()}, jan can"))
    log.close()
    add_note(url, "daily", NOON, NOON, StoredNote(name, NOON, f"<{name}> asked"))
    backup = folder / "elsewhere.db"
    back_up(folder / "events.db", backup)
    places = Places(url, folder / "backups", folder / "reports")
    marks = (fingerprint_of("actor", label, KEY), name_mark_of(name, KEY))
    erase(places, Target(None, label, None, (name,), *marks), replace(RECORD, command="erase"), str)
    done, said = put_back(folder, url, backup)
    assert (done.erased_again, said) == (0, [])
    assert read_feedback(url, NOON, YEAR_END)[-1].comment == "done with [erased], jan can"
    (note,) = read_report(url, "daily", NOON).notes
    assert (note.author, note.text) == ("[erased]", "<[erased]> asked")
    backup.unlink()
    assert files_with_bytes(folder, [name, name.upper(), name.lower()]) == []


def test_erasure_of_an_older_version_is_told_of(home):
    """Where the record cannot tell which name was looked for, whoever restores is told."""
    folder, url = home
    backup = folder / "elsewhere.db"
    back_up(folder / "events.db", backup)
    places = Places(url, folder / "backups", folder / "reports")
    mark = fingerprint_of("actor", "d" * 32, KEY)
    target = Target(actor="d" * 32, names=("jane.doe",), fingerprint=mark)
    erase(places, target, replace(RECORD, command="erase"), str)
    _, (said,) = put_back(folder, url, backup)
    assert "mentions of 1 tickets or people that were erased since the backup" in said


def test_what_went_by_age_since_stays_away(home):
    """What a retention deleted since the backup is deleted in it again."""
    folder, url = home
    write(url, 4)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE question SET asked_at = '2020-01-01 00:00:00.000000' WHERE reference = 'T-1'"
        )
    engine.dispose()
    backup = folder / "elsewhere.db"
    back_up(folder / "events.db", backup)
    places = Places(url, folder / "backups", folder / "reports")
    target = Target(before=NOON.replace(year=2025))
    erase(places, target, replace(RECORD, command="retention"), str)
    done, _ = put_back(folder, url, backup)
    assert (done.erased_again, numbers(url)) == (1, [2, 3, 4])


def test_erasure_without_its_key_is_told_of(home):
    """What cannot be erased again, since nobody can tell what it was, is said."""
    folder, url = home
    backup = folder / "elsewhere.db"
    back_up(folder / "events.db", backup)
    places = Places(url, folder / "backups", folder / "reports")
    target = Target(reference="T-1", names=("T-1",))
    erase(places, target, replace(RECORD, command="erase"), str)
    done, said = put_back(folder, url, backup)
    assert (done.erased_again, numbers(url)) == (0, [1, 2, 3])
    assert "what 1 erasures since the backup were about; run them again" in said[0]


def test_damaged_log_is_moved_aside_and_told_of(home):
    """What cannot be read is kept as it is, and that erasures are not known is said."""
    folder, url = home
    backup = folder / "backups" / "one.db"
    back_up(folder / "events.db", backup)
    (folder / "events.db").write_bytes(b"rubbish " * 1000)
    done, said = put_back(folder, url, backup)
    assert numbers(url) == [1, 2, 3]
    assert done.kept.read_bytes() == b"rubbish " * 1000
    assert "run those erasures again" in said[0]


def test_log_in_use_is_not_replaced(home):
    """While a service has the log open it stays as it is."""
    folder, url = home
    backup = folder / "backups" / "one.db"
    back_up(folder / "events.db", backup)
    log = EventLog(url, 10)
    log.record_feedback(told())
    with pytest.raises(BackupError, match="is in use; stop the service"):
        put_back(folder, url, backup)
    log.record_feedback(told())
    log.close()
    assert len(read_feedback(url, NOON, YEAR_END)) == 5


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "is not there"),
        (b"text " * 1000, "no SQLite database"),
        ("CREATE TABLE other (x);", "no log of questions"),
    ],
)
def test_file_that_is_no_backup_is_refused(home, content, complaint):
    """A missing, a foreign and another program's file are named, and the log stays."""
    folder, url = home
    file = folder / "foreign.db"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        with sqlite3.connect(file) as db:
            db.executescript(content)
        db.close()
    with pytest.raises(BackupError, match=complaint):
        put_back(folder, url, file)
    assert numbers(url) == [1, 2, 3]


def test_log_itself_is_no_backup(home):
    """Naming the log as its own backup is refused."""
    folder, url = home
    with pytest.raises(BackupError, match="is the log itself"):
        put_back(folder, url, folder / "events.db")


def test_truncated_backup_is_refused(home):
    """A copy that was cut off is damaged, and said to be."""
    folder, url = home
    write(url, *range(10, 200))
    backup = folder / "cut.db"
    back_up(folder / "events.db", backup)
    content = backup.read_bytes()
    backup.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError, match="damaged"):
        put_back(folder, url, backup)


def test_backup_of_a_newer_version_is_refused(home):
    """A form that this version does not know is named, and the log stays."""
    folder, url = home
    shutil.copy(folder / "events.db", folder / "newer.db")
    with sqlite3.connect(folder / "newer.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    with pytest.raises(EventStoreError, match="form 9999 of a newer sop"):
        put_back(folder, url, folder / "newer.db")
    assert numbers(url) == [1, 2, 3]
    assert list(folder.glob(".*")) == []


def test_demo_data_is_not_put_in_a_real_logs_place(home):
    """Made up questions never become the log of real ones."""
    folder, url = home
    demo = f"sqlite:///{folder / 'demo.db'}"
    engine = open_engine(demo)
    upgrade(engine)
    with engine.begin() as connection:
        mark_demo(connection)
    engine.dispose()
    with pytest.raises(BackupError, match=r"demo\.db holds demo data, and the log .* real quest"):
        put_back(folder, url, folder / "demo.db")


def test_backup_of_another_region_needs_a_reason(tmp_path):
    """Questions of one region become another region's log only with a recorded reason."""
    write(f"sqlite:///{tmp_path / 'eu.db'}", 1, region="eu")
    url = f"sqlite:///{tmp_path / 'events.db'}"
    with pytest.raises(RegionError, match="belongs to the region eu, and this goes to us"):
        put_back(tmp_path, url, tmp_path / "eu.db", region="us")
    put_back(tmp_path, url, tmp_path / "eu.db", region="us", override="moved, DP-17")
    (record,) = read_audit(url)
    assert record.target == "eu.db from eu to us: moved, DP-17"


def test_server_is_backed_up_by_its_own_tools(log_sop):
    """For PostgreSQL one sentence names them, and nothing half-done is made."""
    url = "postgresql+psycopg://somebody@127.0.0.1:1/events"
    for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        done = log_sop(url, command, *(["x.db"] if command == "restore" else []))
        assert (done.returncode, tool in done.stderr) == (2, True)
