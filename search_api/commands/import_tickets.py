"""`sop import`: tickets that never passed through the API come into the log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from indexer.commands.terminal import ProgressBar, complaints

if TYPE_CHECKING:
    from search_api.asking import Desk
    from search_api.events.event import FeedbackEvent, QuestionEvent
    from search_api.events.importing import KnownTicket
    from search_api.importing.rows import BadLine, Row, TicketFile
    from search_api.importing.ticket import Reading, Ticket
    from search_api.settings import Settings

_BATCH = 100
_DONE = ("imported", "brought up to date")
_MOST_LINES, _MOST_FAULTS = 50, 10_000

Known = Callable[[Sequence[str]], "dict[str, KnownTicket]"]


@dataclass(slots=True)
class _Report:
    """What an import did, or would do.

    Attributes:
        new: tickets that the log did not have.
        updated: those of which it had the question, and now more of what became of them.
        known: those of which it had everything.
        feedback: how many events, by kind.
        refused: how many lines could not be read.
        faults: the first of them.
        notes: tickets that were taken without something, one sentence each.
    """

    new: int = 0
    updated: int = 0
    known: int = 0
    feedback: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    faults: list[BadLine] = field(default_factory=list)
    notes: list[BadLine] = field(default_factory=list)

    def refuse(self, line: BadLine) -> None:
        """Count a line that could not be read; a file of nothing else takes no memory."""
        self.refused += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(line)

    def note(self, line: BadLine) -> None:
        """Remember that a ticket was taken without something."""
        if len(self.notes) < _MOST_FAULTS:
            self.notes.append(line)


def import_tickets(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Export of a ticket tool, CSV or JSON lines.")],
    file_format: Annotated[
        Literal["csv", "jsonl"] | None,
        typer.Option("--format", help="[default: what the file's name says]"),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help="Where the file has a field; repeatable."
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome", metavar="WORD=OUTCOME", help="What a word of your tool means; repeatable."
        ),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Time zone of times that name none, like Europe/Dublin.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="What parts columns [default: found in the first line]")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="How the file is written [default: UTF-8, or its mark]")
    ] = None,
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import tickets that never passed through the API into the log of questions.

    Each is redacted, asked to the current index, and stored with what became of it. A ticket
    is known by its reference, so the same file may be imported again: only what is new is
    added. A line that cannot be read is named and the rest is imported; the exit code is
    then 1.

    For example:

        sop import tickets.csv --dry-run

        sop import tickets.csv --map reference="Ticket ID" --map text=Problem --zone Europe/Dublin

        sop import tickets.jsonl --outcome erledigt=resolved --json
    """
    from search_api.importing.columns import stated_columns
    from search_api.importing.rows import look_at
    from search_api.importing.ticket import Reading, stated_outcomes, stated_zone

    settings: Settings = context.obj
    reading = Reading(datetime.now(UTC), stated_zone(zone), stated_outcomes(outcome or ()))
    found = look_at(file, stated_columns(columns or ()), file_format, encoding, delimiter)
    if dry_run:
        report = _rehearse(found, reading, settings)
    else:
        report = _import(found, reading, settings, index)
    _print_report(report, found, dry_run=dry_run, as_json=as_json)
    if report.refused:
        raise typer.Exit(1)


def _rehearse(file: TicketFile, reading: Reading, settings: Settings) -> _Report:
    """Return what an import would do; needs no index, and reads the log where there is one."""
    from search_api.auth import load_actor_key
    from search_api.events.importing import KnownTicket, read_known
    from search_api.events.place import has_log
    from search_api.importing.record import feedback_of, ticket_name

    def known(references: Sequence[str]) -> dict[str, KnownTicket]:
        if has_log(settings.events_url):
            return read_known(settings.events_url, references)
        return {reference: KnownTicket() for reference in references}

    # Without the key nothing was stored under a hash yet, and a look must not make one.
    key = settings.actor_key_file
    secret = load_actor_key(key) if key.exists() else b""
    report = _Report()
    for tickets in _batches(file, reading, report):
        names = [ticket_name(ticket, secret) for ticket in tickets]
        states = known(names)
        for ticket, name in zip(tickets, names, strict=True):
            state = states[name]
            _count(report, state, feedback_of(ticket, state, ticket.article, secret))
            state.is_asked = True
    return report


def _import(file: TicketFile, reading: Reading, settings: Settings, index: Path) -> _Report:
    """Import a file, a hundred tickets at a time, and return what was done."""
    from threadpoolctl import threadpool_limits

    from search_api.asking import opened_desk
    from search_api.auth import load_actor_key
    from search_api.events.importing import TicketLog

    report = _Report()
    with (
        threadpool_limits(1, "blas"),
        opened_desk(index, settings) as desk,
        TicketLog(settings.events_url, settings.region) as log,
        ProgressBar() as progress,
    ):
        secret = load_actor_key(settings.actor_key_file)
        step = progress.count("importing", _lines(file))
        for tickets in _batches(file, reading, report):
            questions, feedback = _events(tickets, log.known, desk, secret, settings, report)
            log.write(questions, feedback)
            step(len(tickets))
    return report


def _events(
    tickets: Sequence[Ticket],
    known: Known,
    desk: Desk,
    secret: bytes,
    settings: Settings,
    report: _Report,
) -> tuple[list[QuestionEvent], list[FeedbackEvent]]:
    """Return what the log does not have yet of some tickets, and count it."""
    from search_api.importing.record import feedback_of, question_of, ticket_name
    from search_api.importing.rows import BadLine
    from search_api.suggest import EmptyQuestionError

    audiences = frozenset(settings.audiences)

    def ask(ticket: Ticket) -> QuestionEvent | None:
        try:
            return question_of(ticket, desk, audiences, secret)
        except EmptyQuestionError:
            return None

    names = [ticket_name(ticket, secret) for ticket in tickets]
    states = known(names)
    new = {
        name: ticket
        for name, ticket in zip(reversed(names), reversed(tickets), strict=True)
        if not states[name].is_asked
    }
    asked = dict(zip(new, desk.each(ask, new.values()), strict=True))
    feedback: list[FeedbackEvent] = []
    for ticket, name in zip(tickets, names, strict=True):
        state = states[name]
        if name in asked and asked[name] is None:
            message = "holds no words; a ticket needs a subject or a text"
            report.refuse(BadLine(ticket.line, "text", message))
            continue
        article = ticket.article
        if article is not None and article not in desk.suggester.snapshot.article_rows:
            message = "no article of the index has this id; imported without it"
            report.note(BadLine(ticket.line, "article", message))
            article = None
        events = feedback_of(ticket, state, article, secret)
        _count(report, state, events)
        state.is_asked = True
        feedback += events
    return [event for event in asked.values() if event is not None], feedback


def _count(report: _Report, state: KnownTicket, events: Sequence[FeedbackEvent]) -> None:
    """Count what a ticket adds, and remember it for a later line about the same ticket."""
    if not state.is_asked:
        report.new += 1
    elif events:
        report.updated += 1
    else:
        report.known += 1
    for event in events:
        report.feedback[event.event] += 1
        state.take(event.event, event.article_id, event.given_at)


def _batches(file: TicketFile, reading: Reading, report: _Report) -> Iterator[list[Ticket]]:
    """Give the readable tickets of a file some at a time, and note the lines that are none."""
    from search_api.importing.rows import read_rows

    tickets = _tickets(read_rows(file), reading, report)
    while batch := list(islice(tickets, _BATCH)):
        yield batch


def _tickets(rows: Iterable[Row | BadLine], reading: Reading, report: _Report) -> Iterator[Ticket]:
    from search_api.importing.rows import BadLine
    from search_api.importing.ticket import read_ticket

    for row in rows:
        found = read_ticket(row, reading)
        if isinstance(found, BadLine):
            report.refuse(found)
        else:
            yield found


def _lines(file: TicketFile) -> int:
    """Return how many tickets a file has, counted by reading it once; that takes no index."""
    from search_api.importing.rows import Row, read_rows

    return sum(isinstance(row, Row) for row in read_rows(file))


def _print_report(report: _Report, file: TicketFile, *, dry_run: bool, as_json: bool) -> None:
    name = str(file.path)
    refused = [line.told(name) for line in sorted(report.faults, key=lambda one: one.line)]
    notes = [note.told(name) for note in report.notes]
    columns = file.columns
    if as_json:
        values = {
            "file": name,
            "dry_run": dry_run,
            "new": report.new,
            "updated": report.updated,
            "known": report.known,
            "feedback": dict(sorted(report.feedback.items())),
            "columns": dict(columns.by_field) if columns else None,
            "left_out": list(columns.left_out) if columns else None,
            "refused": report.refused,
            "faults": refused,
            "notes": notes,
        }
        print(json.dumps(values, indent=1, ensure_ascii=False))
        return
    _complain(notes, len(notes))
    _complain(refused, report.refused)
    new, updated = ("to import", "to bring up to date") if dry_run else _DONE
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.feedback.items()))
    print(
        f"tickets: {report.new:,} {new}, {report.updated:,} {updated}, "
        f"{report.known:,} known already; lines refused: {report.refused:,}\n"
        f"feedback: {told or 'none'}"
    )
    if columns:
        read = ", ".join(f"{name} from {column}" for name, column in columns.by_field.items())
        print(f"columns: {read}; left out: {', '.join(columns.left_out) or 'none'}")


def _complain(lines: Sequence[str], total: int) -> None:
    for line in lines[:_MOST_LINES]:
        complaints.print(line, markup=False)
    if total > _MOST_LINES:
        complaints.print(f"and {total - _MOST_LINES:,} more; --json lists them")
