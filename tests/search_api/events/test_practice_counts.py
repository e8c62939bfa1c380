"""What is kept of practice: counts by day, which age and backups treat like the rest of the log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from support_events import NOON, asked

from search_api.events.audit import AuditRecord, append_record
from search_api.events.backup import back_up, restore
from search_api.events.database import EventStoreError, open_engine
from search_api.events.demo import refuse_real, replace_demo
from search_api.events.erasure import Target
from search_api.events.log import EventLog
from search_api.events.practice import Tries, count_try, last_taken_away, read_tries
from search_api.events.schema import upgrade
from search_api.events.tables import PRACTICE
from search_api.events.upkeep import Places, apply_retention, erase

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (2, 3, 4))
RECORD = AuditRecord(NOON, "ana", "retention", 0, [], "")


def quiet(_told):
    """Say nothing while it takes long."""


@pytest.fixture
def places(events_url, tmp_path):
    """The log, and folders of backups and reports that are empty."""
    for name in ("backups", "reports"):
        (tmp_path / name).mkdir()
    return Places(events_url, tmp_path / "backups", tmp_path / "reports")


def test_tries_are_added_up_by_day_answer_and_choice(events_url):
    """Nothing else is kept: neither who tried nor when."""
    for day, answer, chosen in (
        (MONDAY, "acc-001", "acc-002"),
        (MONDAY, "acc-001", "acc-001"),
        (MONDAY, "acc-001", "acc-002"),
        (TUESDAY, None, "acc-002"),
        (TUESDAY, None, None),
    ):
        count_try(events_url, day, answer, chosen)
    assert read_tries(events_url, MONDAY, WEDNESDAY) == [
        Tries(MONDAY, "acc-001", "acc-001", 1),
        Tries(MONDAY, "acc-001", "acc-002", 2),
        Tries(TUESDAY, None, None, 1),
        Tries(TUESDAY, None, "acc-002", 1),
    ]
    assert read_tries(events_url, MONDAY, TUESDAY)[-1].count == 2
    assert [column.name for column in PRACTICE.c] == ["day", "answer", "chosen", "source", "tries"]


def test_no_try_is_lost_when_many_come_at_once(events_url):
    """Twenty tries from eight threads are twenty, also the first ones."""
    with ThreadPoolExecutor(8) as threads:
        work = [threads.submit(count_try, events_url, MONDAY, "acc-001", None) for _ in range(20)]
        for one in work:
            one.result()
    assert [one.count for one in read_tries(events_url, MONDAY, TUESDAY)] == [20]


def test_old_days_are_deleted_by_age_and_by_nothing_else(events_url, places):
    """Retention takes days before its limit, also where no question is left; erasing takes none."""
    log = EventLog(events_url, 10)
    log.start()
    log.record_question(asked(1, actor="a" * 32))
    log.close()
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        count_try(events_url, day, "acc-001", "acc-001")
    erase(places, Target(actor="a" * 32), RECORD, quiet)
    assert len(read_tries(events_url, MONDAY, WEDNESDAY)) == 2
    limit = datetime(2026, 11, 3, 12, tzinfo=UTC)
    done = apply_retention(places, Target(before=limit), RECORD, quiet)
    assert (done.found.questions, done.found.practice) == (0, 1)
    left = read_tries(events_url, MONDAY, WEDNESDAY + timedelta(days=1))
    assert [one.day for one in left] == [TUESDAY, WEDNESDAY]
    assert apply_retention(places, Target(before=limit), RECORD, quiet) is None


def test_log_without_the_table_has_no_tries(events_url):
    """A log of an older form is read as far as it goes, and gets the table with the first try."""
    engine = open_engine(events_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.schema.DropTable(PRACTICE))
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    engine.dispose()
    assert read_tries(events_url, MONDAY, TUESDAY) == []
    count_try(events_url, MONDAY, "acc-001", None)
    assert [one.chosen for one in read_tries(events_url, MONDAY, TUESDAY)] == [None]


def test_tries_come_back_with_a_backup(tmp_path):
    """A backup has them, and what became too old since is taken out again."""
    path, folder = tmp_path / "events.db", tmp_path / "backups"
    url = f"sqlite:///{path}"
    for day in (MONDAY, WEDNESDAY):
        count_try(url, day, "acc-001", "acc-002")
    back_up(path, folder / "one.db")
    places = Places(url, tmp_path / "nowhere", tmp_path / "reports")
    limit = datetime(2026, 11, 3, tzinfo=UTC)
    record = AuditRecord(NOON + timedelta(days=1), "ana", "retention", 0, [], "")
    apply_retention(places, Target(before=limit), record, quiet)
    again = AuditRecord(NOON + timedelta(days=2), "ana", "restore", 0, [], "")
    restore(url, folder / "one.db", folder, again, None, quiet)
    kept = read_tries(url, MONDAY, WEDNESDAY + timedelta(days=1))
    assert [one.day for one in kept] == [WEDNESDAY]


def test_demonstration_takes_the_place_of_its_own_tries_only(tmp_path):
    """Made-up tries are marked and replaced; a log with real ones is no place for them."""
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    for count in (3, 5):
        made_up = Tries(MONDAY, "acc-001", "acc-002", count, "demo")
        replace_demo(url, [], [], tries=[made_up])
        assert read_tries(url, MONDAY, TUESDAY) == [made_up]
    count_try(url, MONDAY, "acc-001", "acc-002")
    replace_demo(url, [], [])
    assert read_tries(url, MONDAY, TUESDAY) == [Tries(MONDAY, "acc-001", "acc-002", 1)]
    real = f"sqlite:///{tmp_path / 'real.db'}"
    count_try(real, MONDAY, "acc-001", None)
    with pytest.raises(EventStoreError, match="holds real events"):
        refuse_real(real)


def test_what_takes_questions_away_for_good_is_told_from_what_shows_them(events_url, places):
    """The mark changes with an erasure, and not with a record of somebody who read."""
    count_try(events_url, MONDAY, None, None)
    assert last_taken_away(events_url) is None
    append_record(events_url, AuditRecord(NOON, "ana", "gaps", 3, [], "screen"))
    assert last_taken_away(events_url) is None
    append_record(events_url, AuditRecord(NOON, "ana", "erase", 1, [], "one actor"))
    first = last_taken_away(events_url)
    append_record(events_url, AuditRecord(NOON, "ana", "erase", 1, [], "one actor"))
    assert first is not None
    assert last_taken_away(events_url) != first
