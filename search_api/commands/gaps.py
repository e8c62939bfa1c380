"""`sop gaps`: what people asked and the articles do not answer, for those who write them.

The list has counts and words that several people share. A question's text is shown only on
request, and then the run is recorded first; a draft gets any only where the setting `learn`
allows it, since what is in git cannot be erased.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from indexer.commands.terminal import complaints
from indexer.errors import SopError
from search_api.commands.days import DAY, day_option
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from indexer.checks.draft import Start
    from search_api.insights.asked_again import AskedAgain
    from search_api.insights.before_after import Effect, Side
    from search_api.insights.gaps import Gap, GapList
    from search_api.insights.outcomes import Outcome
    from search_api.insights.practice import Topic
    from search_api.settings import Settings

DAYS = 28
_PRACTICE = "practice"
_NO_LOG = ", so nothing was asked here; start the service, or run this where the log is"
_Days = Annotated[int, typer.Option(min=1, max=366, help="Days to look back.")]
_Date = Annotated[
    datetime | None,
    day_option("Last day to look at, in UTC [default: today]", "--date"),
]
_Format = Annotated[Literal["text", "json"], typer.Option("--format", help="text or json.")]
_Who = Annotated[
    str | None,
    typer.Option("--as", help="Who reads questions, for the record [default: your user name]"),
]

gap_commands = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode="markdown",
)


@gap_commands.callback()
def gaps(
    context: typer.Context,
    days: _Days = DAYS,
    date: _Date = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only write, edit, compete or practice; repeatable."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Gaps to show.")] = 20,
    with_examples: Annotated[
        bool, typer.Option("--examples", help="Show questions too; the run is recorded.")
    ] = False,
    who: _Who = None,
    output: _Format = "text",
) -> None:
    """List what people asked and the articles do not answer, the most asked first.

    Questions that were abstained from, rejected, reopened, escalated or reported as a gap are
    put into groups by what they are about. A group is shown from three different askers on.
    Below them stands what trainees fail, from ten tries on.

    For example:

        sop gaps

        sop gaps --days 7 --kind write --examples

        sop gaps show 1a2b3c4d --now

        sop gaps effect acc-001

        sop new access/lost-badge --from-gap 1a2b3c4d
    """
    if context.invoked_subcommand is not None:
        _refuse_misplaced(context)
        return
    from search_api.insights.gap_kinds import KINDS
    from search_api.insights.gap_report import as_json, as_lines

    kinds = [*KINDS, _PRACTICE]
    if unknown := sorted(set(kind or ()) - set(kinds)):
        raise SopError(f"no gap is of the kind {', '.join(unknown)}; there are: {', '.join(kinds)}")
    settings: Settings = context.obj
    period = _read(settings, days, date)
    found = _find(period)
    failed = _failed(settings, period) if not kind or _PRACTICE in kind else []
    shown = [gap for gap in found.gaps if not kind or gap.kind in kind][:top]
    texts: dict[str, list[str]] = {}
    if with_examples and shown:
        texts = {gap.id: _texts(settings, gap) for gap in shown}
        _record(settings, who, "gaps", shown, sum(map(len, texts.values())), "screen")
    _print_notes(found)
    if output == "json":
        print(json.dumps(as_json(found, shown, texts, failed), indent=1, ensure_ascii=False))
    else:
        _print_lines(as_lines(found, shown, texts, failed))


def report_gaps(
    context: typer.Context,
    days: _Days = DAYS,
    date: _Date = None,
    shown_as: Annotated[
        Literal["md", "json"], typer.Option("--format", help="How it is printed.")
    ] = "md",
) -> None:
    """Print the gaps as a report, without a question's text; see sop gaps.

    For example:

        sop report gaps --days 7
    """
    from search_api.insights.gap_report import as_json, as_markdown

    period = _read(context.obj, days, date)
    found, failed = _find(period), _failed(context.obj, period)
    if shown_as == "json":
        print(json.dumps(as_json(found, found.gaps, {}, failed), indent=1, ensure_ascii=False))
    else:
        print("\n".join(as_markdown(found, found.gaps, failed)))


@gap_commands.command("show")
def show(
    context: typer.Context,
    gap_id: Annotated[str, typer.Argument(metavar="ID", help="From: sop gaps")],
    now: Annotated[
        bool, typer.Option("--now", help="Ask its questions again, of the present index.")
    ] = False,
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    days: _Days = DAYS,
    date: _Date = None,
    who: _Who = None,
    output: _Format = "text",
) -> None:
    """Show one gap with examples of what was asked; the run is recorded.

    An id of another day finds the gap that its question is in now.

    For example:

        sop gaps show 1a2b3c4d

        sop gaps show 1a2b3c4d --now
    """
    from search_api.insights.before_after import weeks_of
    from search_api.insights.gap_report import gap_as_json, gap_as_lines

    settings: Settings = context.obj
    period = _read(settings, days, date, with_requests=now)
    gap = _find(period).find(gap_id)
    # An index that cannot be opened is said before anything is recorded.
    ask = _asker(settings, index) if now else None
    texts = _texts(settings, gap)
    _record(settings, who, "gaps show", [gap], len(texts), "screen")
    again = ask(gap) if ask else None
    weeks = weeks_of(gap, period.outcomes, period.since, period.until)
    if output == "json":
        told = gap_as_json(gap, texts) | {"asked_by_week": [asked for asked, _ in weeks]}
        told |= {"now": again.as_json()} if again else {}
        print(json.dumps(told, indent=1, ensure_ascii=False))
        return
    _print_lines(gap_as_lines(gap, texts, weeks))
    if again:
        _print_lines(again.lines())
    if gap.kind == "write":
        print(f"next: sop new AREA/SLUG --from-gap {gap.id}")


@gap_commands.command("effect")
def effect(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="Id of an article that came or was changed.")],
    at: Annotated[
        datetime | None,
        day_option(
            "When its change came into service, in UTC [default: when the article came]",
            formats=(DAY, "%Y-%m-%dT%H:%M"),
        ),
    ] = None,
    days: _Days = DAYS,
    date: _Date = None,
    output: _Format = "text",
) -> None:
    """Compare the same questions before and after an article came or was changed.

    No question is shown. Questions are the same when they are about what the article is now
    the likeliest answer to.

    For example:

        sop gaps effect acc-031

        sop gaps effect acc-001 --at 2026-11-14 --days 60
    """
    from search_api.insights.before_after import effect_of

    period = _read(context.obj, days, date)
    found = effect_of(article, period.outcomes, at.replace(tzinfo=UTC) if at else None)
    if output == "json":
        print(json.dumps(_effect_as_json(found), indent=1))
    else:
        _print_lines(_effect_as_lines(found))


def start_from_gap(
    settings: Settings,
    sop: Path,
    gap_id: str,
    days: int,
    who: str | None,
    override: str | None,
    path: Path,
) -> Start:
    """Return what a draft gets of a gap; recorded first.

    Without the setting `learn` it gets counts, and the label where articles use all of its words:
    no text that people typed goes into git unless somebody decided so.

    Args:
        settings: of this run.
        sop: folder of the articles.
        gap_id: see `GapList.find`.
        days: to look back.
        who: does this; None for the machine's user.
        override: why questions may go to another region than their log's.
        path: of the draft, for the record.

    Raises:
        SopError: there is no such gap, or the draft is in another region than the log.
    """
    from indexer.corpus import read_corpus
    from search_api.events.store import read_store, refuse_other_region
    from search_api.insights.gap_drafts import draft_facts
    from search_api.redaction import redactor_of

    period = _read(settings, days, None)
    gap = _find(period).find(gap_id)
    redactor = redactor_of(settings) if settings.learn else None
    start = draft_facts(gap, read_corpus(sop).articles, redactor)
    where = ""
    if start.proposals:
        where = refuse_other_region(read_store(settings.events_url), settings.region, override)
    _record(settings, who, "new", [gap], len(start.proposals), f"{path}{where}")
    if gap.kind != "write":
        complaints.print(
            f"note: {gap.id} asks for changes to {', '.join(gap.articles)} rather than for a new "
            "article",
            markup=False,
        )
    if not settings.learn:
        complaints.print(
            "note: the draft has no question of the log, since learn is off; see "
            f"sop gaps show {gap.id}",
            markup=False,
        )
    return start


@dataclass(frozen=True, slots=True)
class _Period:
    """What the log has of some days."""

    outcomes: list[Outcome]
    since: datetime
    until: datetime


def _read(
    settings: Settings, days: int, last: datetime | None, *, with_requests: bool = False
) -> _Period:
    from search_api.events.reading import read_feedback, read_questions
    from search_api.insights.outcomes import read_outcomes

    demand_log(settings.events_url, _NO_LOG)
    now = datetime.now(UTC)
    until = last.replace(tzinfo=UTC) + timedelta(days=1) if last else now
    since = until - timedelta(days=days)
    complaints.print(f"reading the log since {since:%Y-%m-%d} …", markup=False)
    questions = read_questions(
        settings.events_url, since, until, with_vectors=True, with_requests=with_requests
    )
    feedback = read_feedback(settings.events_url, since, max(now, until))
    return _Period(read_outcomes(questions, feedback), since, until)


def _refuse_misplaced(context: typer.Context) -> None:
    """Refuse options in front of a command, where they would be passed over in silence."""
    stated = [
        name
        for name in context.params
        if (source := context.get_parameter_source(name)) and source.name == "COMMANDLINE"
    ]
    if stated:
        command = context.invoked_subcommand
        raise SopError(f"write options behind the command: sop gaps {command} … --option")


def _find(period: _Period) -> GapList:
    from search_api.insights.gaps import find_gaps

    return find_gaps(
        period.outcomes,
        period.since,
        period.until,
        lambda told: complaints.print(f"{told} …", markup=False),
    )


def _failed(settings: Settings, period: _Period) -> list[Topic]:
    """Return what trainees failed on the days of a period."""
    from search_api.events.practice import read_tries
    from search_api.insights.practice import failing_topics

    until = (period.until - timedelta.resolution).date() + timedelta(days=1)
    return failing_topics(read_tries(settings.events_url, period.since.date(), until))


def _texts(settings: Settings, gap: Gap) -> list[str]:
    from search_api.insights.gaps import examples, shown_text
    from search_api.redaction import redactor_of

    redactor = redactor_of(settings)
    return [shown_text(one, redactor) for one in examples(gap)]


def _record(
    settings: Settings, who: str | None, command: str, gaps: Sequence[Gap], count: int, target: str
) -> None:
    """Record who sees questions; what cannot be recorded is not shown."""
    from search_api.events.audit import AuditRecord, append_record

    articles = sorted({one.article for gap in gaps for one in gap.nearest})
    append_record(
        settings.events_url,
        AuditRecord(datetime.now(UTC), person(who), command, count, articles, target),
    )


def _asker(settings: Settings, index: Path) -> Callable[[Gap], AskedAgain]:
    from indexer.snapshot import Snapshot
    from search_api.insights.asked_again import ask_again
    from search_api.redaction import redactor_of
    from search_api.suggest import Suggester

    suggester = Suggester(Snapshot.open(index), settings.public_url, redactor_of(settings))

    def run(gap: Gap) -> AskedAgain:
        complaints.print(f"asking again what people asked about {gap.label} …", markup=False)
        return ask_again(gap, suggester, frozenset(settings.audiences))

    return run


def _effect_as_json(found: Effect) -> dict[str, Any]:
    return {
        "article": found.article,
        "at": found.at.isoformat(timespec="seconds"),
        "before": _side_as_json(found.before),
        "after": _side_as_json(found.after),
        "after_by_article": found.after_by_article if found.after.may_be_shown else None,
    }


def _side_as_json(side: Side) -> dict[str, int] | None:
    if not side.may_be_shown:
        return None
    return {
        "questions": side.questions,
        "askers": side.askers,
        "answered": side.answered,
        "went_badly": side.badly,
    }


def _effect_as_lines(found: Effect) -> list[str]:
    lines = [
        f"{found.article}, in service since {found.at:%Y-%m-%d %H:%M} UTC",
        f"  before: {_side(found.before)}",
        f"  after:  {_side(found.after)}",
    ]
    if found.after.may_be_shown:
        lines.append(f"  suggested first after it came: {found.after_by_article}")
    return lines


def _side(side: Side) -> str:
    if not side.may_be_shown:
        return "fewer than three askers"
    return (
        f"{side.questions} questions by {side.askers} people, {side.answered} answered "
        f"({side.answered / side.questions:.0%}), {side.badly} went badly "
        f"({side.badly / side.questions:.0%})"
    )


def _print_notes(found: GapList) -> None:
    notes = []
    if found.without_vector:
        notes.append(
            f"{found.without_vector:,} questions have no vector in the log, so they are in no group"
        )
    if found.without_asker:
        notes.append(
            f"{found.without_asker:,} questions name no asker and count as one person's; have "
            "tools send actor"
        )
    for note in notes:
        complaints.print(f"note: {note}", markup=False)


def _print_lines(lines: Sequence[str]) -> None:
    from indexer.checks.finding import visible

    for line in lines:
        print(visible(line))
