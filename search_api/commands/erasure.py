"""`sop erase` and `sop retention`: what is in the log goes, and no byte of it is left."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import complaints
from indexer.errors import SopError
from search_api.commands.days import MOST_DAYS_KEPT
from search_api.commands.person import person

if TYPE_CHECKING:
    from search_api.events.audit import AuditRecord
    from search_api.events.erasure import Found, Target
    from search_api.events.upkeep import Outcome, Places
    from search_api.settings import Settings

_Who = Annotated[str | None, typer.Option("--as", help="Who does this [default: your user name]")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show counts only; change nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")]


def erase(
    context: typer.Context,
    reference: Annotated[str | None, typer.Option(help="A ticket, as its tool names it.")] = None,
    actor: Annotated[
        str | None, typer.Option(help="A person, as the ticket tool names them.")
    ] = None,
    who: _Who = None,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Erase a ticket or a person from the log, so that no byte is left in any file.

    Questions and feedback of the ticket or person go, and the feedback on these questions.
    Where other questions, comments, notes and notices name it, the name goes. Backups in
    backups_folder are gone through too, and report files that name or quote it are deleted.
    A service may run meanwhile. Each run is recorded, without saying who or what was erased.

    Exit code 1: something may be left, and the message says where and why.

    For example:

        sop erase --reference T-4711 --dry-run

        sop erase --reference T-4711

        sop erase --actor jane.doe --as "Ana Example"
    """
    settings: Settings = context.obj
    if (reference is None) == (actor is None):
        raise SopError("name one of both: sop erase --reference TICKET, or sop erase --actor ID")
    target = _target(settings, reference, actor)
    record = None if dry_run else _record("erase", who)
    outcome = _run(_places(settings), target, record, as_json=as_json)
    from search_api.events.traces import is_distinctive

    for name in target.names:
        if not is_distinctive(name):
            complaints.print(
                "note: the name is too short to tell it from other words, so texts that stay were "
                "not searched for it",
                markup=False,
            )
    _end(outcome)


def retention(
    context: typer.Context,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_DAYS_KEPT, help="Days to keep [default: retention_days]"),
    ] = None,
    who: _Who = None,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Delete questions and feedback that are older than some days, and every byte of them.

    Notes below reports that are older go too, and notices that ended before.
    It reaches what sop erase reaches. Figures of reports that were approved stay. With
    retention_days set, a running service does the same by itself every day.

    For example:

        sop retention --days 400 --dry-run

        sop retention
    """
    settings: Settings = context.obj
    kept = days or settings.retention_days
    if kept is None:
        raise SopError(
            "nobody has said how long questions are kept: sop retention --days 400, or set "
            "retention_days in sop.toml"
        )
    from search_api.events.erasure import Target

    target = Target(before=datetime.now(UTC) - timedelta(days=kept))
    record = None if dry_run else _record("retention", who)
    _end(_run(_places(settings), target, record, as_json=as_json))


def _target(settings: Settings, reference: str | None, actor: str | None) -> Target:
    """Return a ticket or person as the log has them.

    Raises:
        SettingsError: the key that people are hashed with is not there, or damaged.
    """
    from search_api.auth import actor_hash, load_actor_key
    from search_api.events.erased import fingerprint_of, name_mark_of
    from search_api.events.erasure import Target
    from search_api.recording import safe_label

    kind = "actor" if reference is None else "reference"
    name = (actor if reference is None else reference) or ""
    if not name.strip():
        raise SopError(f"--{kind} is empty; give it as the ticket tool does")
    path = settings.actor_key_file
    key = load_actor_key(path) if path.exists() else None
    if key is not None:
        label = actor_hash(name, key) if kind == "actor" else safe_label(name, key)
        mark = fingerprint_of(kind, label or "", key)
        return Target(
            reference=label if kind == "reference" else None,
            actor=label if kind == "actor" else None,
            # Reports name a ticket as the log does.
            names=tuple(dict.fromkeys((name.strip(), label or ""))),
            fingerprint=mark,
            name_mark=name_mark_of(name.strip(), key),
        )
    if kind == "reference" and safe_label(name, b"") == name:
        return Target(reference=name, names=(name.strip(),))
    raise SopError(
        f"{path} is not there, and without it nobody can tell which rows are meant; restore the "
        "file that the service has used (actor_key_file)"
    )


def _places(settings: Settings) -> Places:
    from search_api.events.place import has_log
    from search_api.events.upkeep import Places, backups_in
    from search_api.public_texts import public_texts

    if not has_log(settings.events_url) and not backups_in(settings.backups_folder):
        raise SopError(
            "there is no log at events_url and no backup in backups_folder, so nothing was kept"
        )
    return Places(
        settings.events_url,
        settings.backups_folder,
        settings.reports_folder,
        public_texts(settings.index),
    )


def _record(command: str, who: str | None) -> AuditRecord:
    from search_api.events.audit import AuditRecord

    # Counts and target are known when it is done.
    return AuditRecord(datetime.now(UTC), person(who), command, 0, [], "")


def _run(places: Places, target: Target, record: AuditRecord | None, *, as_json: bool) -> Outcome:
    from search_api.events.upkeep import erase as erase_everywhere

    outcome = erase_everywhere(
        places, target, record, lambda told: complaints.print(f"{told} …", markup=False)
    )
    is_trial = record is None
    if as_json:
        print(json.dumps(_as_json(outcome, is_trial=is_trial), indent=1, ensure_ascii=False))
    else:
        _print(outcome, is_trial=is_trial)
    return outcome


def _as_json(outcome: Outcome, *, is_trial: bool) -> dict[str, object]:
    return {
        "dry_run": is_trial,
        "log": _counts(outcome.found),
        "backups": {"count": outcome.backups} | _counts(outcome.in_backups),
        "report_files": [str(path) for path in outcome.files],
        "remains": list(outcome.remains),
    }


def _counts(found: Found) -> dict[str, int]:
    return {
        "questions": found.questions,
        "feedback": found.feedback,
        "mentions": found.mentions,
        "notes": found.notes,
        "reports": found.reports,
        "notices": found.notices,
    }


def _print(outcome: Outcome, *, is_trial: bool) -> None:
    verb = "would go" if is_trial else "erased"
    changed = "would be changed" if is_trial else "changed"
    for where, found in (
        ("log", outcome.found),
        (f"backups ({outcome.backups})", outcome.in_backups),
    ):
        print(
            f"{where}: {found.questions} questions and {found.feedback} feedback {verb}; "
            f"{found.mentions} other texts, {found.notes} notes, {found.reports} reports and "
            f"{found.notices} notices that name or quote them {changed}"
        )
    print(
        f"report files that name or quote them, {'to delete' if is_trial else 'deleted'}: "
        f"{', '.join(str(path) for path in outcome.files) or 'none'}"
    )
    if is_trial:
        print("nothing was changed; without --dry-run it is done and recorded")


def _end(outcome: Outcome) -> None:
    for sentence in outcome.remains:
        complaints.print(f"not finished: {sentence}", markup=False)
    if outcome.remains:
        raise typer.Exit(1)
