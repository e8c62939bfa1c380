"""`sop replay`: a logged question, asked again of the snapshot that answered it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import complaints, results
from indexer.errors import SopError
from search_api.commands.log_there import demand_log

if TYPE_CHECKING:
    from search_api.events.event import QuestionEvent
    from search_api.replay import Replay
    from search_api.settings import Settings


def replay(
    context: typer.Context,
    query_id: Annotated[str, typer.Argument(help="From an answer, a ticket or a report.")],
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the replay as JSON.")] = False,
) -> None:
    """Ask a logged question again of the snapshot that answered it.

    Shows what was answered and what is answered now. Exit code 1 where they differ, which
    should never be. The question itself is not shown. A snapshot that is pruned cannot
    answer any more.

    For example:

        sop replay 5f2c0c1d9a374c0e8f7a5d0f2b6c4e11

        sop replay 5f2c0c1d9a374c0e8f7a5d0f2b6c4e11 --json
    """
    from indexer.build import KEEP_DAYS, KEEP_SNAPSHOTS
    from indexer.snapshot import Snapshot, stored_snapshots
    from search_api.events.reading import read_question
    from search_api.replay import replay as ask_again

    settings: Settings = context.obj
    demand_log(settings.events_url, ", so no question was logged")
    event = read_question(settings.events_url, query_id.strip().lower())
    if event is None:
        raise SopError(
            f"the log has no question {query_id}; it was erased, its time ran out, it was never "
            "logged, or this is not a query_id"
        )
    if event.index_version not in stored_snapshots(index):
        raise SopError(
            f"snapshot {event.index_version}, which answered on {event.asked_at:%Y-%m-%d}, is "
            f"not in {index} any more: a build keeps the newest {KEEP_SNAPSHOTS}, and none that "
            f"is older than {KEEP_DAYS} days"
        )
    # One thread, as in a service.
    done = ask_again(Snapshot.open(index, event.index_version, threads=1), event)
    if as_json:
        print(json.dumps(_as_json(done), indent=1))
    else:
        _print(done)
    if done.differences:
        raise typer.Exit(1)


def _as_json(done: Replay) -> dict[str, object]:
    event = done.event
    return {
        "query_id": event.query_id,
        "asked_at": event.asked_at.isoformat(),
        "index_version": event.index_version,
        "asked_with": event.asked_with,
        "logged": {"decision": event.decision, "suggestions": list(event.suggestions)},
        "now": {"decision": done.decision, "suggestions": done.ranked},
        "differences": done.differences,
    }


def _print(done: Replay) -> None:
    from rich.table import Table

    event = done.event
    results.print(_headline(event), markup=False)
    table = Table("", "article", "score", "confidence", "shown", box=None, pad_edge=False)
    shown = len(event.shown_suggestions)
    for place, one in enumerate(event.suggestions, 1):
        table.add_row(
            str(place),
            one["id"],
            f"{one['score']:.4f}",
            f"{one['confidence']:.4f}",
            "yes" if place <= shown else "no",
        )
    results.print(table)
    for difference in done.differences:
        complaints.print(f"differs: {difference}", markup=False)
    if not done.differences:
        results.print("asked again, the same snapshot gives the same answer")


def _headline(event: QuestionEvent) -> str:
    return (
        f"asked on {event.asked_at:%Y-%m-%d at %H:%M} UTC in {event.language or 'no language'}; "
        f"{event.decision}, by snapshot {event.index_version}"
    )
