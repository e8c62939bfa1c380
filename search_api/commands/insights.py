"""`sop insights`: the dashboard in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import complaints
from indexer.errors import SopError
from search_api.commands.days import day_option
from search_api.commands.log_there import demand_log

if TYPE_CHECKING:
    from search_api.settings import Settings

DAYS = 28
_NO_LOG = ", so nothing was asked here; start the service, or run this where the log is"


def insights(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days to look at.")] = DAYS,
    date: Annotated[
        datetime | None,
        day_option("Last day to look at [default: today]", "--date"),
    ] = None,
    area: Annotated[str | None, typer.Option(help="Only this area.")] = None,
    table: Annotated[
        list[str] | None, typer.Option(help="Show this panel's table too; repeatable; or all.")
    ] = None,
    with_survey: Annotated[
        bool, typer.Option("--gaps/--no-gaps", help="Also look for gaps and wishes; takes longer.")
    ] = True,
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how friendly, fast and right the answers were, and what is missing, as the dashboard.

    Gaps, wishes and past malfunctions are those of the last four weeks, as on the dashboard.

    For example:

        sop insights

        sop insights --days 7 --area queues --table trending

        sop insights --no-gaps --json
    """
    from indexer.snapshot import read_articles
    from search_api.insights.dashboard import PANELS, make_dashboard
    from search_api.insights.shifts import ShiftPlan
    from search_api.insights.tables import as_lines
    from search_api.insights.windows import window_between
    from search_api.library import library_from
    from search_api.log_columns import LogReader
    from search_api.survey import Wanted, survey

    settings: Settings = context.obj
    demand_log(settings.events_url, _NO_LOG)
    keys = list(PANELS) if "all" in (table or ()) else table or []
    if unknown := sorted(set(keys) - set(PANELS)):
        raise SopError(f"no table is named {', '.join(unknown)}; there are: {', '.join(PANELS)}")
    articles = library_from(read_articles(index))
    areas = sorted({one.area for one in articles.values()})
    if area is not None and area not in areas:
        raise SopError(f"no area is named {area}; there are: {', '.join(areas)}")
    now, plan = datetime.now(UTC), ShiftPlan(settings.shifts)
    last = date.date() if date else plan.day_of(now)
    try:
        window = window_between(plan, last - timedelta(days=days - 1), last, area, now)
    except ValueError as error:
        raise SopError(str(error)) from error
    complaints.print("reading the log …", markup=False)
    reader = LogReader(settings.events_url)
    columns = reader.look(now)
    found = None
    if with_survey:
        complaints.print("looking for gaps and wishes …", markup=False)
        found = survey(Wanted(url=settings.events_url, until=now, index=index, sop=settings.sop))
    told = make_dashboard(columns, articles, window, plan, found, (), is_demo=reader.is_demo)
    if as_json:
        print(told.model_dump_json(indent=1))
        return
    for line in as_lines(told, keys):
        print(line)
