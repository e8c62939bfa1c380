"""`sop export`: redacted questions of the log in a file, for `sop compare --questions`."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from indexer.commands.terminal import complaints, results
from indexer.errors import SopError
from search_api.commands.days import day_option
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search_api.insights.asked import AskedText
    from search_api.settings import Settings

_OFF = (
    "export is off: it writes what people typed into a file; whoever may decide that sets "
    "export = true in sop.toml, or SOPKB_EXPORT=true"
)


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="New file, one JSON object a line.")],
    since: Annotated[datetime, day_option("First day, in UTC.")],
    until: Annotated[
        datetime | None,
        day_option("Day after the last one [default: now]"),
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Region that it goes to [default: this installation's]")
    ] = None,
    override: Annotated[
        str | None, typer.Option(help="Why it may leave the log's region; it is recorded.")
    ] = None,
    who: Annotated[
        str | None, typer.Option("--as", help="Who does this [default: your user name]")
    ] = None,
) -> None:
    """Write questions of the log into a file, with how often each was asked.

    Only what nothing had to be redacted in. Every export is recorded; sop learn --audit lists
    them. The file can be read by its owner only, and erasing from the log does not reach it.

    For example:

        sop export asked.jsonl --since 2026-10-01

        sop compare main --questions asked.jsonl
    """
    settings: Settings = context.obj
    if not settings.export:
        raise SopError(_OFF)
    if file.exists():
        raise SopError(f"{file} is there already; name a new file")

    from search_api.events.audit import AuditRecord, append_record
    from search_api.events.reading import read_feedback, read_questions
    from search_api.events.store import read_store, refuse_other_region
    from search_api.insights.asked import asked_texts

    demand_log(settings.events_url, ", so nobody has asked anything here")
    target = refuse_other_region(read_store(settings.events_url), to or settings.region, override)
    starts = since.replace(tzinfo=UTC)
    ends = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    found, left_out = asked_texts(
        read_questions(settings.events_url, starts, ends),
        read_feedback(settings.events_url, starts, datetime.now(UTC)),
    )
    if not found:
        raise SopError(f"nothing to export: {left_out} questions, all with something redacted")
    record = AuditRecord(
        at=datetime.now(UTC),
        who=person(who),
        command="export",
        questions=sum(one.count for one in found),
        articles=(),
        target=f"{file.name}{target}",
    )
    with _new(file) as lines:
        # What cannot be recorded is not written, and what cannot be written not recorded.
        append_record(settings.events_url, record)
        _write(lines, found)
    if left_out:
        complaints.print(f"left out: {left_out} questions with something that was redacted")
    results.print(
        f"{len(found)} questions, asked {sum(one.count for one in found)} times, are in {file}",
        markup=False,
    )


@contextmanager
def _new(file: Path) -> Iterator[TextIO]:
    """Give a new file that only its owner can read; it is gone when anything fails.

    Raises:
        SopError: it cannot be made or written.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SopError(
            f"{file} cannot be written ({error.strerror}), and nothing was exported; name a file "
            "in a folder that is there"
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
            yield lines
    except OSError as error:
        file.unlink(missing_ok=True)
        raise SopError(f"{file} could not be written ({error.strerror}), and is gone") from error
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _write(lines: TextIO, found: Sequence[AskedText]) -> None:
    for one in found:
        values = {"text": one.text, "count": one.count}
        if one.article:
            values["article"] = one.article
        lines.write(json.dumps(values, ensure_ascii=False) + "\n")
