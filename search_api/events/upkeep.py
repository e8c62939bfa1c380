"""Erasing and retention, in every file that the product wrote: the log, its backups, reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from search_api.events.asides import asides_beside, asides_in, remove_stale
from search_api.events.audit import AuditRecord
from search_api.events.database import EventStoreError, cause, file_of, open_engine
from search_api.events.erasure import Found, Target, remove
from search_api.events.place import has_log, sqlite_path
from search_api.events.report_files import delete, files_that_name, files_with_old_notes
from search_api.events.rewriting import PATIENCE_S, Say, rewrite
from search_api.events.schema import lock, upgrade
from search_api.events.store import store_of
from search_api.events.traces import Traces

BACKUP_SUFFIX = ".db"


@dataclass(frozen=True, slots=True)
class Places:
    """Where words of the log may be.

    Attributes:
        url: the log's database.
        backups: the folder of its backups.
        reports: the folder of reports that were written to files.
        public: texts of articles, which stay in reports also where somebody asked just that.
    """

    url: str
    backups: Path
    reports: Path
    public: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, or would be.

    Attributes:
        found: in the log.
        in_backups: in all backups together.
        backups: how many backups were gone through.
        files: posted reports that named or quoted it; they are deleted.
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
    if record is not None:
        log = sqlite_path(places.url)
        remove_stale([*asides_in(places.backups), *(asides_beside(log) if log else ())])
    counted = _go_through(places, target, None, say, patience_s, is_trial=True)
    # A report was written from the log as it was, so texts of older backups count too.
    texts = counted.found.texts | counted.in_backups.texts
    traces = Traces(target.names, texts, places.public)
    if target.before is None:
        hits = files_that_name(places.reports, traces)
    else:
        hits = files_with_old_notes(places.reports, traces, target.before)
    if record is None:
        return replace(counted, files=hits.posted, remains=(*hits.remains, *counted.remains))
    # Files first: once the rows are gone, nobody can tell any more what is quoted.
    files, left = delete(hits.posted)
    done = _go_through(places, target, record, say, patience_s, is_trial=False)
    return replace(done, files=files, remains=(*hits.remains, *left, *done.remains))


def apply_retention(
    places: Places, target: Target, record: AuditRecord, say: Say
) -> Outcome | None:
    """Erase what is too old, where there is any.

    Returns:
        None where there is nothing to do. Where nothing was found, but not everything could be
        searched, what was counted, with that in its `remains`; no record is kept of it.

    Raises:
        EventStoreError: see `erase`.
        SettingsError: see `open_engine`.
    """
    counted = erase(places, target, None, say)
    is_done = counted.found.is_empty and counted.in_backups.is_empty and not counted.files
    if is_done and not _is_rewrite_due(places.url):
        return counted if counted.remains else None
    return erase(places, target, record, say)


def backups_in(folder: Path) -> Sequence[Path]:
    """Return the backups in a folder, the oldest name first, and then unfinished ones."""
    whole = sorted(path for path in folder.glob(f"*{BACKUP_SUFFIX}") if path.is_file())
    return [*whole, *(path for path in asides_in(folder) if path not in whole)]


def _go_through(
    places: Places,
    target: Target,
    record: AuditRecord | None,
    say: Say,
    patience_s: float,
    *,
    is_trial: bool,
) -> Outcome:
    """Take a target out of the log and all backups; a trial takes everything back."""

    def take_out(url: str, record: AuditRecord | None) -> tuple[Found, Sequence[str]]:
        with _opened(url) as engine:
            with engine.connect() as connection:
                lock(connection)
                found = remove(connection, target, record, places.public)
                if is_trial:
                    connection.rollback()
                    return found, ()
                is_clean = found.is_empty and not store_of(connection).is_rewrite_due
                connection.commit()
            # A log is rewritten in any case: somebody may have deleted rows by hand.
            return found, () if record is None and is_clean else _rewrite(engine, say, patience_s)

    found, in_backups, count = Found(), Found(), 0
    remains: list[str] = []
    if has_log(places.url):
        found, left = take_out(places.url, record)
        remains += left
    for path in backups_in(places.backups):
        if not is_trial:
            say(f"going through {path}")
        try:
            there, left = take_out(f"sqlite:///{path}", None)
        except EventStoreError as error:
            remains.append(f"{path} could not be searched: {error}")
            continue
        in_backups, count = in_backups + there, count + 1
        remains += (f"{path}: {sentence}" for sentence in left)
    return Outcome(found, in_backups, count, (), tuple(remains))


def _rewrite(engine: sa.Engine, say: Say, patience_s: float) -> Sequence[str]:
    """Write a log's files anew; what keeps it from that is told, and the rest goes on."""
    try:
        return rewrite(engine, say, patience_s)
    except EventStoreError as error:
        return (str(error),)


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
