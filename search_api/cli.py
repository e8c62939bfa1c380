"""The `sop` command: everything a person or a script starts.

Results go to standard output, complaints to standard error. Exit code 0: done, also when
no article answers; 1: findings, or some files refused; 2: unusable input or snapshot.
Commands import what they need when they run, so that `sop --help` is instant.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from indexer.commands.adopt import adopt
from indexer.commands.build import build
from indexer.commands.check import REJECTIONS, check
from indexer.commands.compare import compare
from indexer.commands.evaluate import evaluate
from indexer.commands.new import FROM_GAP, new
from indexer.commands.owners import owners
from indexer.commands.schema import schema
from indexer.commands.terminal import complaints, results
from indexer.errors import SopError
from search_api.commands.demo_log import demo_log
from search_api.commands.erasure import erase, retention
from search_api.commands.export import export
from search_api.commands.follow_ups import follow_ups
from search_api.commands.gaps import gap_commands, report_gaps, start_from_gap
from search_api.commands.import_tickets import import_tickets
from search_api.commands.insights import insights
from search_api.commands.learn import learn
from search_api.commands.log import backup, log_commands, restore
from search_api.commands.notice import malfunctions, notice_commands
from search_api.commands.replay import replay
from search_api.commands.report import report_commands

if TYPE_CHECKING:
    from indexer.checks.folder import Rejection
    from search_api.schemas import Suggestion, SuggestResponse
    from search_api.settings import Settings

_DEMO = "the log holds demo data, so what it says of rejections is made up"
_BLANKS = re.compile(r"\s+")

app = typer.Typer(
    name="sop",
    help="Find, judge and improve operating procedures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
key_commands = typer.Typer(
    help="API keys: create, list, revoke.", no_args_is_help=True, rich_markup_mode="markdown"
)
app.command()(build)
app.command()(check)
app.command()(compare)
app.command()(new)
app.command()(owners)
app.command()(adopt)
app.command()(schema)
app.command("eval")(evaluate)
app.command()(learn)
app.command("import")(import_tickets)
app.command("demo-log")(demo_log)
app.command()(erase)
app.command()(retention)
app.command()(backup)
app.command()(restore)
app.command()(export)
app.command()(replay)
app.command("follow-ups")(follow_ups)
app.command()(insights)
report_commands.command("gaps")(report_gaps)
app.add_typer(report_commands, name="report")
app.add_typer(key_commands, name="key")
app.add_typer(log_commands, name="log")
app.add_typer(gap_commands, name="gaps")
app.command()(malfunctions)
app.add_typer(notice_commands, name="notice")


def main() -> None:
    """Run the command; a person's mistake is one sentence, never a traceback."""
    try:
        app()
    except SopError as error:
        complaints.print(f"sop: {error}", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


@app.callback()
def settings_for_all(
    context: typer.Context,
    settings_file: Annotated[Path, typer.Option("--settings", help="File of settings.")] = Path(
        "sop.toml"
    ),
) -> None:
    """Give every command its defaults from the settings."""
    from search_api.settings_file import load_settings

    settings = load_settings(settings_file)
    context.obj = settings
    context.meta[REJECTIONS] = partial(_rejections, settings.events_url)
    context.meta[FROM_GAP] = partial(start_from_gap, settings)
    context.default_map = {
        "build": {
            "sop": settings.sop,
            "out": settings.index,
            "model": settings.model,
            "article_encoder": settings.article_encoder,
            "site_prefix": settings.site_prefix,
        },
        "check": {"sop": settings.sop, "model": settings.model},
        "compare": {"sop": settings.sop, "model": settings.model},
        "new": {"sop": settings.sop},
        "learn": {"sop": settings.sop, "model": settings.model},
        "notice": {"draft": {"sop": settings.sop}},
        "owners": {"sop": settings.sop},
        "adopt": {"sop": settings.sop},
        "eval": {"sop": settings.sop, "model": settings.model},
        "ask": {"index": settings.index},
        "import": {"index": settings.index},
        "demo-log": {"index": settings.index, "sop": settings.sop, "model": settings.model},
        "gaps": {"show": {"index": settings.index}},
        "insights": {"index": settings.index},
        "replay": {"index": settings.index},
        "report": {
            name: {"index": settings.index, "sop": settings.sop}
            for name in ("daily", "handover", "weekly")
        },
        "serve": {
            "index": settings.index,
            "site": settings.site,
            "host": settings.host,
            "port": settings.port,
        },
    }


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What somebody asks.")],
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    top: Annotated[int, typer.Option(min=1, max=20, help="Suggestions to show.")] = 5,
    unlikely: Annotated[
        bool, typer.Option("--unlikely", help="Show the nearest articles even when none answers.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what the API would answer.")
    ] = False,
) -> None:
    """Ask the index a question, without a service. Nothing is logged.

    For example:

        sop ask "my authenticator app is gone"

        sop ask "queue looks empty" --top 3 --json
    """
    from pydantic import ValidationError

    from indexer.snapshot import Snapshot
    from search_api.redaction import redactor_of
    from search_api.schemas import SuggestRequest
    from search_api.suggest import Suggester

    settings: Settings = context.obj
    try:
        request = SuggestRequest(
            query=question, limit=top, include_unlikely=unlikely, explain=as_json
        )
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise SopError(f"question: {message}") from error
    suggester = Suggester(Snapshot.open(index), settings.public_url, redactor_of(settings))
    answer = suggester.suggest(request, frozenset(settings.audiences)).response
    if as_json:
        print(answer.model_dump_json(indent=1))
    else:
        _print_answer(answer)


@app.command()
def serve(
    context: typer.Context,
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    site: Annotated[
        Path | None, typer.Option(help="Built site to serve instead of the snapshot's own.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the API and, where there is one, the site, in one process.

    A newly published snapshot is picked up by itself. Without an API key the service
    listens on this machine only.

    For example:

        sop serve

        sop key create ticket-tool && sop serve --host 0.0.0.0
    """
    # What start-up makes stays; looking for garbage meanwhile costs a tenth of it.
    gc.disable()
    from threadpoolctl import threadpool_limits

    from indexer.snapshot import read_pointer, stored_snapshots
    from search_api.server import run

    settings: Settings = context.obj
    chosen = {"index": index, "site": site, "host": host, "port": port}
    if site is not None and not (site / "index.html").is_file():
        raise SopError(f"{site} is no built site: it has no index.html")
    if not stored_snapshots(index):
        # Says that there is none, and how to make one.
        read_pointer(index)
    # Questions are answered side by side; one product on all cores makes the others wait.
    threadpool_limits(1, "blas")
    run(settings.model_copy(update=chosen), results.print)


@key_commands.command("create")
def create_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="suggest, feedback, metrics, site or operate; repeatable."),
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option(help="What it may see; repeatable. [default: internal]")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
) -> None:
    """Make a key and print it once; only its hash is kept.

    For example:

        sop key create ticket-tool

        sop key create vendor-chat --scope suggest --audience partner --days 90
    """
    from search_api.auth import SCOPES, KeyFile

    settings: Settings = context.obj
    chosen = [known for known in SCOPES if scope is None or known in scope]
    if scope is None:
        chosen = ["suggest", "feedback"]
    elif unknown := set(scope) - set(SCOPES):
        raise SopError(f"no scope is named {', '.join(unknown)}; there are: {', '.join(SCOPES)}")
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    key, secret = KeyFile(settings.keys_file).create(
        name, chosen, audience or ["internal"], expires
    )
    complaints.print(
        f"key {key.id} for {name}: scopes {', '.join(key.scopes)}; "
        f"audiences {', '.join(key.audiences)}; shown only now:"
    )
    print(secret)


@key_commands.command("list")
def list_keys(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the keys, without their secrets."""
    import json

    from search_api.auth import KeyFile

    settings: Settings = context.obj
    keys = KeyFile(settings.keys_file).keys()
    if as_json:
        print(
            json.dumps([key.model_dump(mode="json", exclude={"sha256"}) for key in keys], indent=1)
        )
        return
    table = Table("id", "name", "scopes", "audiences", "created", "expires", box=None)
    for key in keys:
        expires = f"{key.expires:%Y-%m-%d}" if key.expires else "never"
        table.add_row(
            key.id,
            key.name,
            ", ".join(key.scopes),
            ", ".join(key.audiences),
            f"{key.created:%Y-%m-%d}",
            expires,
        )
    results.print(table if keys else "no keys; make one with: sop key create NAME")


@key_commands.command("revoke")
def revoke_key(
    context: typer.Context, key_id: Annotated[str, typer.Argument(help="From: sop key list")]
) -> None:
    """Revoke a key; a running service refuses it from the next request on."""
    from search_api.auth import KeyFile

    settings: Settings = context.obj
    file = KeyFile(settings.keys_file)
    key = file.revoke(key_id)
    results.print(f"revoked {key.id} ({key.name})")
    if not file.keys():
        complaints.print("no key is left: everybody on this machine may ask, and nobody else")


def _rejections(url: str) -> tuple[Sequence[Rejection], Sequence[str]]:
    """Return what the log knows of rejected articles, and why it knows nothing.

    A check works without a log, and is not held up by one: without a file not even the
    database's library is loaded.
    """
    from search_api.events.place import has_log

    if not has_log(url):
        return (), ()
    from search_api.events.database import EventStoreError
    from search_api.events.reading import read_rejections
    from search_api.events.store import read_store
    from search_api.settings import SettingsError

    try:
        rejections = read_rejections(url)
        is_made_up = bool(rejections) and read_store(url).is_demo
    except (EventStoreError, SettingsError) as error:
        return (), (f"rejections are left out: {error}",)
    return rejections, (_DEMO,) if is_made_up else ()


def _print_answer(answer: SuggestResponse) -> None:
    for notice in answer.notices:
        what = "known issue " if notice.kind == "known_issue" else ""
        line = f"{what}{notice.reference}: {notice.title}. {notice.workaround}"
        results.print(Text(line, style="yellow"))
    if answer.reason:
        results.print(answer.reason, markup=False)
    if not answer.suggestions:
        return
    table = Table("", "article", "confidence", box=None, pad_edge=False)
    table.add_column("why and where", overflow="fold")
    for found in answer.suggestions:
        table.add_row(
            str(found.rank),
            Text(f"{found.title}\n{found.id}"),
            f"{found.confidence:.0%}",
            _why(found),
        )
        table.add_row()
    results.print(table)


def _why(found: Suggestion) -> Text:
    text = Text()
    for piece in found.highlights:
        words = _BLANKS.sub(" ", piece.text)
        text.append(words, style="bold" if piece.type == "match" else "")
    if found.sharing:
        text.append(f"\nSharing: {found.sharing}", style="red")
    if found.overdue:
        text.append(f"\nPast its review date, {found.review_by}", style="yellow")
    if found.escalation:
        escalate = found.escalation
        text.append(
            f"\nEscalate: {escalate.severity} to {escalate.team} in {escalate.channel} "
            f"after {escalate.after_minutes} minutes",
            style="dim",
        )
    if found.url:
        text.append(f"\n{found.url}", style="cyan")
    return text
