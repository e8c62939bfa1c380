"""`sop backup`, `sop restore` and `sop log`: the log as a file that an operator keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import complaints
from indexer.errors import SopError
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from search_api.events.audit import AuditRecord
    from search_api.events.status import Status
    from search_api.settings import Settings

_NO_LOG = "; the first question makes it"
_Who = Annotated[str | None, typer.Option("--as", help="Who does this [default: your user name]")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

log_commands = typer.Typer(
    help="The log of questions: what it holds, and its form.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="New file [default: a dated one in backups_folder]")
    ] = None,
    who: _Who = None,
    as_json: _Json = False,
) -> None:
    """Copy the log to a file, also while a service writes; the copy is verified.

    In backups_folder only the newest backups_kept stay, and sop erase and sop retention go
    through all of them. A FILE elsewhere is yours to keep, to erase in and to delete. Each
    run is recorded. Keep var/actor.key apart from it.

    For example:

        sop backup

        sop backup /mnt/safe/events.db
    """
    from search_api.events.audit import append_record
    from search_api.events.backup import back_up, new_name, prune, sqlite_file
    from search_api.events.status import read_status

    settings: Settings = context.obj
    source = sqlite_file(settings.events_url, "backup")
    demand_log(settings.events_url, _NO_LOG)
    target = file or new_name(settings.backups_folder)
    if target.exists():
        raise SopError(f"{target} is there already; name another file")
    # First the record: what cannot be recorded does not leave the log.
    questions = read_status(settings.events_url).questions
    record = replace(_record("backup", who, str(target)), questions=questions)
    append_record(settings.events_url, record)
    back_up(source, target)
    pruned = [] if file else prune(settings.backups_folder, settings.backups_kept)
    size = target.stat().st_size
    if as_json:
        told = {"file": str(target), "bytes": size, "deleted": [str(path) for path in pruned]}
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        print(f"{target}: {size:,} bytes, verified")
        for path in pruned:
            print(f"deleted {path}: {settings.backups_kept} newer ones are kept")
    if target.parent.resolve() != settings.backups_folder.resolve():
        complaints.print(
            f"note: sop erase and sop retention reach {settings.backups_folder} only, not this "
            "file",
            markup=False,
        )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that sop backup made.")],
    override: Annotated[
        str | None,
        typer.Option(help="Why a backup of another region is put back; it is recorded."),
    ] = None,
    who: _Who = None,
    as_json: _Json = False,
) -> None:
    """Put a backup in the place of the log, while no service runs.

    The log that is there is kept aside in backups_folder. What was erased since the backup
    was made is erased in it again, and the record of who took what out of the log goes on.

    For example:

        sop restore var/backups/events-20261101T020000.db
    """
    from search_api.auth import load_actor_key
    from search_api.events.backup import restore as put_back

    settings: Settings = context.obj
    path = settings.actor_key_file
    done = put_back(
        settings.events_url,
        file,
        settings.backups_folder,
        _record("restore", who, ""),
        load_actor_key(path) if path.exists() else None,
        lambda told: complaints.print(told, markup=False),
        region=settings.region,
        override=override,
    )
    if as_json:
        told = asdict(done) | {"kept": str(done.kept) if done.kept else None}
        print(json.dumps(told, indent=1, ensure_ascii=False))
        return
    print(f"{file} is the log now, with {done.questions} questions")
    if done.erased_again:
        print(f"erased again: {done.erased_again} questions and feedback, erased since the backup")
    if done.kept:
        print(f"the log that was there is {done.kept}")


@log_commands.command("status")
def log_status(context: typer.Context, as_json: _Json = False) -> None:
    """Tell where the log is, its form and region, how much is in it, and since when.

    For example:

        sop log status

        sop log status --json
    """
    from search_api.events.status import read_status

    settings: Settings = context.obj
    demand_log(settings.events_url, _NO_LOG)
    status = read_status(settings.events_url)
    if as_json:
        told = asdict(status) | {"retention_days": settings.retention_days}
        print(json.dumps(told, indent=1, ensure_ascii=False, default=_stamp))
    else:
        for line in _lines(status, settings):
            print(line)
    if status.is_rewrite_due:
        complaints.print(
            "the bytes of what was erased may still be in the log's files; run sop retention or "
            "the erasure again",
            markup=False,
        )


@log_commands.command("upgrade")
def log_upgrade(context: typer.Context) -> None:
    """Bring the log to the form of this version; the service does it by itself.

    For example:

        sop backup && sop log upgrade
    """
    from search_api.events.status import bring_up, read_status

    settings: Settings = context.obj
    demand_log(settings.events_url, _NO_LOG)
    before = read_status(settings.events_url).form
    bring_up(settings.events_url)
    after = read_status(settings.events_url).form
    print(f"form {after}: nothing to do" if before == after else f"form {before} is now {after}")


def _lines(status: Status, settings: Settings) -> list[str]:
    days = settings.retention_days
    newest = "" if status.is_newest else " (older; sop log upgrade brings it up)"
    size = "unknown" if status.size_bytes is None else f"{status.size_bytes:,} bytes"
    return [
        f"where      {status.where}",
        f"form       {status.form or 'none yet'}{newest}",
        f"region     {status.region or 'none'}",
        f"holds      {'demo data' if status.is_demo else 'real questions'}",
        f"questions  {status.questions:,}",
        f"feedback   {status.feedback:,}",
        f"first      {_stamp(status.first) if status.first else 'none'}",
        f"last       {_stamp(status.last) if status.last else 'none'}",
        f"size       {size}",
        f"kept for   {f'{days} days' if days else 'ever: retention_days is not set'}",
    ]


def _stamp(moment: object) -> str:
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else str(moment)


def _record(command: str, who: str | None, target: str) -> AuditRecord:
    from search_api.events.audit import AuditRecord

    return AuditRecord(datetime.now(UTC), person(who), command, 0, [], target[:500])
