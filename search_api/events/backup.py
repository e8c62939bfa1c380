"""Copies of a SQLite log: made while a service writes, verified, and put back without loss.

A server's log is backed up by the server's own tools.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from indexer.errors import SopError
from indexer.files import fsync
from search_api.events.asides import (
    aside_of,
    asides_beside,
    asides_in,
    remove_database,
    remove_stale,
    restored_aside,
)
from search_api.events.audit import AuditRecord
from search_api.events.database import EventStoreError, cause, file_of, open_engine
from search_api.events.erased import (
    fingerprints_in,
    names_again,
    newest_limit,
    targets_with,
    without_name_mark,
)
from search_api.events.erasure import Target, remove
from search_api.events.reading import read_audit
from search_api.events.rewriting import Say, rewrite
from search_api.events.schema import upgrade
from search_api.events.store import Store, read_store, refuse_other_region
from search_api.events.tables import AUDIT, QUESTIONS
from search_api.events.upkeep import BACKUP_SUFFIX

_PATIENCE_S = 5
_BACKUP, _REPLACED, _DAMAGED = "events", "replaced", "damaged"

_UNKNOWN = (
    "the log that is there cannot be read, so nobody knows what was erased since the backup; "
    "run those erasures again"
)

_UNTOLD = (
    "without actor_key_file nobody can tell what {count} erasures since the backup were about; "
    "run them again"
)

_UNSEARCHED = (
    "mentions of {count} tickets or people that were erased since the backup cannot be found in "
    "its texts; run those erasures again"
)


class BackupError(SopError):
    """A backup cannot be made or put back; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    Attributes:
        kept: where the log that was there is now; None where there was none.
        questions: how many the log has now.
        erased_again: how many questions and feedback of the backup had been erased since.
    """

    kept: Path | None
    questions: int
    erased_again: int


def sqlite_file(url: str, command: str) -> Path:
    """Return the file of the log.

    Raises:
        BackupError: it is none; the message names the server's own tool.
    """
    path = file_of(url)
    if path is None:
        tool = "pg_dump" if command == "backup" else "pg_restore"
        raise BackupError(
            f"sop {command} copies SQLite files, and the log of events_url is none; for "
            f"PostgreSQL use {tool}, and erase in such copies yourself: docs/log.md says how"
        )
    return path


def new_name(folder: Path, kind: str = _BACKUP) -> Path:
    """Return a name for a file made now; names sort by time."""
    stem = f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    name, count = folder / f"{stem}{BACKUP_SUFFIX}", 1
    while name.exists():
        name, count = folder / f"{stem}-{count}{BACKUP_SUFFIX}", count + 1
    return name


def back_up(source: Path, target: Path) -> None:
    """Copy a log that may be in use; the copy is whole and verified, and only its owner's.

    Raises:
        BackupError: there is a file already, the log cannot be read, or the copy is damaged.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; name another file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"{target.parent} cannot be made: {error.strerror}") from error
    aside = aside_of(target)
    try:
        _copy(source, aside)
        fault = _fault(aside)
        if fault:
            raise BackupError(f"{source} is damaged ({fault}), so no backup was made; restore one")
        _put(aside, target)
    finally:
        remove_database(aside)


def prune(folder: Path, kept: int) -> Sequence[Path]:
    """Delete all backups but the newest, and what broken-off ones left.

    Logs that a restore has kept aside stay.
    """
    remove_stale(asides_in(folder))
    old = sorted(folder.glob(f"{_BACKUP}-*{BACKUP_SUFFIX}"))[:-kept]
    for path in old:
        path.unlink()
    return old


def restore(
    url: str,
    backup: Path,
    folder: Path,
    record: AuditRecord,
    secret: bytes | None,
    say: Say,
    *,
    region: str | None = None,
    override: str | None = None,
) -> Restored:
    """Put a backup in the log's place; the log that is there is kept aside.

    What was erased since the backup was made is erased in it, and the record goes on.

    Args:
        url: the log.
        backup: the file to put back; it stays as it is.
        folder: where the present log is kept aside.
        record: who does it.
        secret: the key behind the record's fingerprints; None where there is none.
        say: is told what takes long.
        region: of this installation.
        override: why a backup of another region is put back all the same.

    Raises:
        BackupError: the file is no backup of a log, or the log is in use.
        RegionError: the backup belongs to another region.
        EventStoreError: the backup is of a newer version, or cannot be written.
    """
    log = sqlite_file(url, "restore")
    where = refuse_foreign(backup, log, region, override)
    _require_alone(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    aside = restored_aside(log)
    remove_stale(asides_beside(log))
    try:
        _copy(backup, aside)
        records = _records(log)
        if records is None:
            say(_UNKNOWN)
        record = replace(record, target=f"{backup.name}{where}"[:500])
        erased, questions = _bring_up(aside, records or (), record, secret, say)
        _require_alone(log)
        kept = _keep_aside(log, folder)
        _put(aside, log)
    finally:
        remove_database(aside)
    return Restored(kept, questions, erased)


def refuse_foreign(backup: Path, log: Path, region: str | None, override: str | None) -> str:
    """Return what the record says of the regions; refuse what is no backup of this log.

    Raises:
        BackupError: it is missing, damaged, no log, or demo data where the log is none.
        RegionError: it belongs to another region.
        EventStoreError: it cannot be read.
    """
    if not backup.is_file():
        raise BackupError(f"{backup} is not there; sop backup makes one")
    if log.exists() and backup.samefile(log):
        raise BackupError(f"{backup} is the log itself; name a backup")
    fault = _fault(backup)
    if fault:
        raise BackupError(f"{backup} cannot be put back: {fault}; name another backup")
    store = read_store(f"sqlite:///{backup}")
    here = Store() if _fault(log) else read_store(f"sqlite:///{log}")
    if not _fault(log) and here.is_demo != store.is_demo:
        one, other = sorted(("demo data", "real questions"), reverse=not store.is_demo)
        raise BackupError(f"{backup} holds {one}, and the log of events_url {other}")
    return refuse_other_region(store, here.region or region, override) if store.region else ""


def _records(log: Path) -> Sequence[AuditRecord] | None:
    """Return the record of the log that is there; None where it cannot be read."""
    if not log.exists():
        return ()
    try:
        return read_audit(f"sqlite:///{log}")
    except EventStoreError:
        return None


def _bring_up(
    aside: Path, records: Sequence[AuditRecord], record: AuditRecord, secret: bytes | None, say: Say
) -> tuple[int, int]:
    """Make a copy of a backup fit to be the log; return how much was erased, and is left."""
    engine = open_engine(f"sqlite:///{aside}")
    erased, is_changed = 0, False
    try:
        upgrade(engine)
        with engine.begin() as connection:
            known = {_identity(row) for row in read_audit(f"sqlite:///{aside}")}
            since = [old for old in records if _identity(old) not in known]
            for old in since:
                values = asdict(old) | {"articles": list(old.articles)}
                connection.execute(AUDIT.insert().values(**values))
            for target in _erased_since(connection, since, secret, say):
                found = remove(connection, target, None)
                erased += found.questions + found.feedback
                is_changed = is_changed or not found.is_empty
            values = asdict(record) | {"articles": [], "questions": _count(connection)}
            connection.execute(AUDIT.insert().values(**values))
            questions = _count(connection)
        if is_changed:
            rewrite(engine, say)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    except (SQLAlchemyError, OSError) as error:
        raise EventStoreError(
            f"the backup could not be brought to this version ({cause(error)}); the log is as it "
            "was; is the disk full?"
        ) from error
    finally:
        engine.dispose()
    return erased, questions


def _erased_since(
    connection: sa.Connection, records: Sequence[AuditRecord], secret: bytes | None, say: Say
) -> Sequence[Target]:
    """Return what records say was erased, as far as it is in a backup and can be told."""
    limit = newest_limit(records)
    targets = [Target(before=limit)] if limit else []
    marks = fingerprints_in(records)
    count = sum(record.command == "erase" for record in records)
    if count and (secret is None or len(marks) < count):
        say(_UNTOLD.format(count=count if secret is None else count - len(marks)))
    if secret is None:
        return targets
    if unsearched := without_name_mark(records):
        say(_UNSEARCHED.format(count=unsearched))
    names = tuple(names_again(connection, records, secret))
    targets += targets_with(connection, marks, secret)
    return [*targets, Target(names=names)] if names else targets


def _count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(QUESTIONS)).scalar_one()


def _identity(record: AuditRecord) -> tuple[object, ...]:
    return record.at, record.who, record.command, record.target


def _require_alone(log: Path) -> None:
    """Empty the write-ahead log of a log that nobody has open.

    Raises:
        BackupError: a service or another program has it open.
    """
    if not log.exists() or _fault(log):
        return
    try:
        with closing(sqlite3.connect(log, timeout=_PATIENCE_S)) as db:
            # Only who is alone may leave the mode in which others can read meanwhile.
            db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(
            f"{log} is in use; stop the service, and whatever else has it open, and run this again"
        ) from error


def _keep_aside(log: Path, folder: Path) -> Path | None:
    """Keep the log that is there; a damaged one is moved as it is."""
    if not log.exists():
        return None
    if not _fault(log):
        kept = new_name(folder, _REPLACED)
        back_up(log, kept)
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    kept = new_name(folder, _DAMAGED)
    for suffix in ("-wal", "-shm", ""):
        part = log.with_name(log.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept


def _copy(source: Path, target: Path) -> None:
    """Copy a database with SQLite's own backup, into a single private file."""
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        address = f"{source.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(address, timeout=_PATIENCE_S, uri=True)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)
            here.execute("PRAGMA journal_mode = DELETE")
    except (sqlite3.Error, OSError) as error:
        raise BackupError(
            f"{source} cannot be copied to {target.parent} ({type(error).__name__}); is it a log "
            "that you may read, and is there room on the disk?"
        ) from error


def _fault(path: Path) -> str | None:
    """Return what is wrong with a file that should be a log; None where nothing is."""
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, timeout=_PATIENCE_S, uri=True)) as db:
            (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                return "it is damaged"
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    except sqlite3.Error:
        return "it is no SQLite database, or a damaged one"
    return None if QUESTIONS.name in tables else "it is no log of questions"


def _put(aside: Path, target: Path) -> None:
    """Give a finished file its name; it is on the disk when this returns."""
    fsync(aside)
    aside.replace(target)
    fsync(target.parent)
