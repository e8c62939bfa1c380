"""What a broken-off backup or restore leaves is a whole log: it goes, or is searched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from support_bytes import files_with_bytes
from support_events import NOON, asked, told

from search_api.events.audit import AuditRecord
from search_api.events.backup import prune
from search_api.events.erasure import Target
from search_api.events.log import EventLog
from search_api.events.upkeep import Places, erase

RECORD = AuditRecord(NOON, "ana", "erase", 0, [], "")


def test_what_a_broken_off_backup_left_is_erased_too(tmp_path):
    """A copy that nobody finishes is deleted before erasing; one that is being made is searched."""
    folder, url = tmp_path, f"sqlite:///{tmp_path / 'events.db'}"
    log = EventLog(url, 10)
    log.start()
    log.record_question(asked(1))
    log.record_feedback(told(comment="comment 1"))
    log.close()
    backups = folder / "backups"
    backups.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = [
        backups / f".events-20261122T000000.db.{gone.pid}",
        folder / ".events.db.restoring",
        folder / f".events.db.restoring.{gone.pid}",
    ]
    at_work = backups / f".events-20261122T000001.db.{os.getppid()}"
    for path in (*stale, at_work):
        shutil.copy(folder / "events.db", path)
    stale[0].with_name(f"{stale[0].name}-journal").write_bytes(b"question 1")
    target = Target(reference="T-1", names=("T-1",))
    places = Places(url, backups, folder / "reports")
    assert erase(places, target, None, str).backups == 2
    assert all(path.exists() for path in stale)
    outcome = erase(places, target, RECORD, str)
    assert (outcome.backups, outcome.remains) == (1, ())
    assert files_with_bytes(folder, ["question 1", "comment 1"]) == []
    assert [path.exists() for path in (*stale, at_work)] == [False, False, False, True]


def test_pruning_deletes_what_a_broken_off_backup_left(tmp_path):
    """A copy that was never finished does not stay for ever."""
    stale = tmp_path / ".events-20261122T000000.db.999999999"
    stale.write_bytes(b"a whole log")
    assert prune(tmp_path, 3) == []
    assert not stale.exists()
