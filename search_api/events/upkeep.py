"""Erasing and retention, in every file that the product wrote: the log, its backups, reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from search_api.events.audit import AuditRecord
from search_api.events.database import EventStoreError, cause, file_of, open_engine
from search_api.events.erasure import Found, Target, remove
from search_api.events.place import has_log
from search_api.events.rewriting import PATIENCE_S, Say, rewrite
from search_api.events.schema import lock, upgrade
from search_api.events.store import store_of
from search_api.events.traces import Traces, files_with

BACKUP_SUFFIX = ".db"


@dataclass(frozen=True, slots=True)
class Places:
    """Where words of the log may be.

    Attributes:
        url: the log's database.
        backups: the folder of its backups.
        reports: the folder of reports that were written to files.
    """

    url: str
    backups: Path
    reports: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, or would be.

    Attributes:
        found: in the log.
        in_backups: in all backups together.
        backups: how many backups were gone through.
        files: report files that named or quoted it; they are deleted.
        remains: where bytes may still be, and why, one sentence each.
    """

    found: Found
    in_backups: Found
    backups: int
    files: tuple[Path, ...]
    remains: tuple[str, ...]


def erase(
    places: Places,
    target: Target,
    record: AuditRecord | None,
    say: Say,
    patience_s: float = PATIENCE_S,
) -> Outcome:
    """Take a target out of the log, its backups and report files, so that no byte is left.

    Args:
        places: where to look.
        target: what is to go.
        record: who does it; None only counts, and changes nothing.
        say: is told what takes long.
        patience_s: how long others may hold the log.

    Raises:
        EventStoreError: the log cannot be written; a backup that cannot is told of instead.
        SettingsError: see `open_engine`.
    """
    found = Found()
    remains: list[str] = []
    is_trial = record is None
    if has_log(places.url):
        found, left = _erase_in(places.url, target, record, say, patience_s, is_trial=is_trial)
        remains += left
    in_backups, count = Found(), 0
    for path in backups_in(places.backups):
        say(f"looking through {path}")
        try:
            there, left = _erase_in(
                f"sqlite:///{path}", target, None, say, patience_s, is_trial=is_trial
            )
        except EventStoreError as error:
            remains.append(f"{path} could not be searched: {error}")
            continue
        in_backups, count = in_backups + there, count + 1
        remains += (f"{path}: {sentence}" for sentence in left)
    # A report was written from the log as it was, so texts of older backups count too.
    traces = Traces(target.names, found.texts | in_backups.texts)
    files = tuple(files_with(places.reports, traces))
    if record is not None:
        for path in files:
            path.unlink(missing_ok=True)
    return Outcome(found, in_backups, count, files, tuple(remains))


def apply_retention(
    places: Places, target: Target, record: AuditRecord, say: Say
) -> Outcome | None:
    """Erase what is too old, where there is any; None where there is nothing to do.

    Raises:
        EventStoreError: see `erase`.
        SettingsError: see `open_engine`.
    """
    counted = erase(places, target, None, say)
    if counted.found.is_empty and counted.in_backups.is_empty and not _is_rewrite_due(places.url):
        return None
    return erase(places, target, record, say)


def backups_in(folder: Path) -> Sequence[Path]:
    """Return the backups in a folder, the oldest name first."""
    return sorted(path for path in folder.glob(f"*{BACKUP_SUFFIX}") if path.is_file())


def _erase_in(
    url: str,
    target: Target,
    record: AuditRecord | None,
    say: Say,
    patience_s: float,
    *,
    is_trial: bool,
) -> tuple[Found, Sequence[str]]:
    """Take a target out of one database, and rewrite its files; a trial takes all back."""
    with _opened(url) as engine:
        with engine.connect() as connection:
            lock(connection)
            found = remove(connection, target, record)
            if is_trial:
                connection.rollback()
                return found, ()
            is_clean = found.is_empty and not store_of(connection).is_rewrite_due
            connection.commit()
        # A log is rewritten in any case: somebody may have deleted rows by hand.
        return found, () if record is None and is_clean else rewrite(engine, say, patience_s)


def _is_rewrite_due(url: str) -> bool:
    if not has_log(url):
        return False
    with _opened(url) as engine, engine.connect() as connection:
        return store_of(connection).is_rewrite_due


@contextmanager
def _opened(url: str) -> Iterator[sa.Engine]:
    """Give a log of the newest form.

    Raises:
        EventStoreError: it cannot be read or written.
    """
    engine = open_engine(url)
    try:
        upgrade(engine)
        yield engine
    except (SQLAlchemyError, OSError) as error:
        where = file_of(url) or "the log"
        raise EventStoreError(
            f"{where} cannot be changed ({cause(error)}); is another program busy with it, is it "
            "damaged, or may you not write it?"
        ) from error
    finally:
        engine.dispose()
