"""`sop report`: what shifts read, from draft to approval."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import complaints, results
from indexer.errors import SopError
from search_api.commands.days import day_option
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from search_api.insights.shifts import Period, ShiftPlan
    from search_api.reports.material import Material
    from search_api.reports.report import Report, Signed
    from search_api.settings import Settings


_NO_LOG = (
    " yet; sop serve makes it with the first question, and sop demo-log fills one for a look around"
)


class Format(StrEnum):
    """How a report is printed."""

    MD = "md"
    HTML = "html"
    JSON = "json"


_Day = Annotated[
    datetime | None,
    day_option("Which day [default: the last whole one]", "--date"),
]
_Format = Annotated[Format, typer.Option("--format", help="How it is printed.")]
_Note = Annotated[
    str | None, typer.Option(help="Write this below the report; personal data is taken out.")
]
_Approve = Annotated[bool, typer.Option("--approve", help="Keep it as it is now, for good.")]
_Post = Annotated[bool, typer.Option("--post", help="Post the approved report now.")]
_Who = Annotated[str | None, typer.Option("--as", help="Who does this [default: your user name]")]
_Index = Annotated[Path, typer.Option(help="Folder of snapshots.")]
_Sop = Annotated[Path, typer.Option(help="Folder of the articles, for what changed.")]

report_commands = typer.Typer(
    help="Reports: daily, handover, weekly; and those that were signed.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@report_commands.command("daily")
def report_daily(
    context: typer.Context,
    day: _Day = None,
    shown_as: _Format = Format.MD,
    note: _Note = None,
    approve: _Approve = False,
    post: _Post = False,
    who: _Who = None,
    index: _Index = Path("var/index"),
    sop: _Sop = Path("sop"),
) -> None:
    """Print the report of a day, beside the day before and a week before.

    A draft is counted anew each time; what is approved stays as it is. A day begins with the
    first shift of the settings.

    For example:

        sop report daily

        sop report daily --date 2026-11-21 --note "SUP-104102 was ours" --approve

        sop report daily --date 2026-11-21 --format html > daily.html
    """
    from search_api.reports.build import daily

    plan, now = _plan(context), datetime.now(UTC)
    chosen = day.date() if day else plan.day_of(now) - timedelta(days=1)
    _run(
        context,
        plan.day(chosen),
        "daily",
        lambda material: daily(material, chosen),
        _Signing(note, who, approve=approve, post=post),
        shown_as,
        index,
        sop,
    )


@report_commands.command("handover")
def report_handover(
    context: typer.Context,
    day: Annotated[
        datetime | None,
        day_option("Day of the shift [default: today]", "--date"),
    ] = None,
    shift: Annotated[
        str | None, typer.Option(help="Which shift hands over [default: the one that runs now]")
    ] = None,
    shown_as: _Format = Format.MD,
    note: _Note = None,
    approve: _Approve = False,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="Take the approved handover over.")
    ] = False,
    post: _Post = False,
    who: _Who = None,
    index: _Index = Path("var/index"),
    sop: _Sop = Path("sop"),
) -> None:
    """Print what a shift hands over to the next one.

    The shift that ends approves it, the next one takes it over.

    For example:

        sop report handover

        sop report handover --note "Gatehouse: call at 09:00" --approve

        sop report handover --shift Singapore --acknowledge --as "Dublin, early"
    """
    from search_api.reports.build import handover

    plan = _plan(context)
    period = _shift(plan, shift, day.date() if day else None)
    _run(
        context,
        period,
        "handover",
        lambda material: handover(material, period),
        _Signing(note, who, approve=approve, post=post, acknowledge=acknowledge),
        shown_as,
        index,
        sop,
    )


@report_commands.command("weekly")
def report_weekly(
    context: typer.Context,
    day: Annotated[
        datetime | None,
        day_option("Last day [default: yesterday]", "--date"),
    ] = None,
    shown_as: _Format = Format.MD,
    note: _Note = None,
    approve: _Approve = False,
    post: _Post = False,
    who: _Who = None,
    index: _Index = Path("var/index"),
    sop: _Sop = Path("sop"),
) -> None:
    """Print the report of the seven days that end with a day, beside the seven before.

    For example:

        sop report weekly --date 2026-11-15
    """
    from search_api.insights.shifts import Period
    from search_api.reports.build import weekly

    plan, now = _plan(context), datetime.now(UTC)
    last = day.date() if day else plan.day_of(now) - timedelta(days=1)
    first, end = plan.day(last - timedelta(days=6)), plan.day(last)
    _run(
        context,
        Period("", first.starts, end.ends, end.zone),
        "weekly",
        lambda material: weekly(material, last),
        _Signing(note, who, approve=approve, post=post),
        shown_as,
        index,
        sop,
    )


@report_commands.command("list")
def report_list(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the reports that somebody annotated or approved.

    For example:

        sop report list --limit 5
    """
    import json

    from rich.table import Table

    from search_api.events.reports import read_reports

    settings: Settings = context.obj
    demand_log(settings.events_url, _NO_LOG)
    rows = [
        {
            "kind": one.kind,
            "starts": one.starts_at.isoformat(timespec="minutes"),
            "ends": one.ends_at.isoformat(timespec="minutes"),
            "notes": len(one.notes),
            "approved_by": one.approved_by,
            "posted": one.posted_at.isoformat(timespec="minutes") if one.posted_at else None,
            "acknowledged_by": one.acknowledged_by,
        }
        for one in read_reports(settings.events_url, limit=limit)
    ]
    if as_json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    if not rows:
        results.print("nobody has signed a report yet")
        return
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    results.print(table, markup=False)


class _Signing:
    """What somebody wants to say of a report."""

    def __init__(
        self,
        note: str | None,
        who: str | None,
        *,
        approve: bool,
        post: bool,
        acknowledge: bool = False,
    ) -> None:
        self.note = note
        self.who = person(who)
        self.approve = approve
        self.post = post
        self.acknowledge = acknowledge


def _run(
    context: typer.Context,
    period: Period,
    kind: str,
    build: Callable[[Material], Report],
    signing: _Signing,
    shown_as: Format,
    index: Path,
    sop: Path,
) -> None:
    """Build a report or take the approved one, sign it as wanted, and print it."""
    from threadpoolctl import threadpool_limits

    from indexer.snapshot import read_articles
    from search_api.events.reports import read_report
    from search_api.reports.gather import gather
    from search_api.reports.posting import post, sign, signed

    settings: Settings = context.obj
    demand_log(settings.events_url, _NO_LOG)
    # Each question is compared with those before it; a product that small is slower on all cores.
    threadpool_limits(1, "blas")
    now = datetime.now(UTC)
    if period.starts > now:
        raise SopError(f"that begins at {period.starts:%Y-%m-%d %H:%M} UTC and is still to come")
    stored = read_report(settings.events_url, kind, period.starts)
    if stored is None or stored.content is None:
        until = min(now, period.ends)
        report = build(gather(settings, period.starts, until, read_articles(index), sop))
    else:
        report = signed(stored).report
    if _sign(settings, kind, period, report, signing, now):
        stored = read_report(settings.events_url, kind, period.starts)
    _print(sign(report, stored), shown_as, settings.public_url)
    if signing.post and stored is not None:
        for file in post(settings, stored):
            complaints.print(f"posted to {file}", markup=False)
    elif signing.post:
        raise SopError("a draft is not posted; approve it first: --approve")


def _sign(
    settings: Settings,
    kind: str,
    period: Period,
    report: Report,
    signing: _Signing,
    now: datetime,
) -> bool:
    """Write what somebody says of a report; tell whether anything was said."""
    from search_api.events.reports import (
        StoredNote,
        acknowledge,
        add_note,
        approve,
        read_report,
    )
    from search_api.redaction import redactor_of
    from search_api.reports.controls import without_controls

    url = settings.events_url
    if text := without_controls(signing.note or "").strip():
        note = StoredNote(signing.who, now, redactor_of(settings).redact(text))
        add_note(url, kind, period.starts, period.ends, note)
    if signing.approve:
        content = report.model_dump(mode="json")
        approve(url, kind, period.starts, period.ends, content, signing.who, now)
        if now < period.ends:
            complaints.print(
                f"note: it was approved before its end at {period.ends:%Y-%m-%d %H:%M} UTC; what "
                "comes until then is not in it, and never will be",
                markup=False,
            )
    if signing.acknowledge:
        stored = read_report(url, kind, period.starts)
        acknowledge(url, stored.id if stored else 0, signing.who, now)
    return bool(signing.note or signing.approve or signing.acknowledge)


def _print(told: Signed, shown_as: Format, public_url: str | None) -> None:
    from search_api.reports.html import to_html
    from search_api.reports.markdown import to_markdown

    if shown_as is Format.JSON:
        print(told.model_dump_json(indent=1))
    elif shown_as is Format.HTML:
        print(to_html(told, public_url), end="")
    else:
        print(to_markdown(told, public_url), end="")


def _plan(context: typer.Context) -> ShiftPlan:
    from search_api.insights.shifts import ShiftPlan

    settings: Settings = context.obj
    return ShiftPlan(settings.shifts)


def _shift(plan: ShiftPlan, name: str | None, day: date | None) -> Period:
    """Return the shift that is meant; without a day, the last one of that name that began."""
    now = datetime.now(UTC)
    if name is None and day is None:
        return plan.shift_at(now)
    known = [one.name for one in plan.shifts]
    wanted = name or plan.shift_at(now).name
    if wanted not in known:
        raise SopError(f"no shift is named {wanted}; there are: {', '.join(known)}")
    if day is None:
        day = plan.day_of(now)
        today = plan.shift_named(wanted, day)
        if today is None or today.starts > now:
            day -= timedelta(days=1)
    found = plan.shift_named(wanted, day)
    if found is None:
        raise SopError(f"the shift {wanted} does not begin on {day}")
    return found
