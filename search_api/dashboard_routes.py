"""Routes of the dashboard: everything that the log says about a time, and each table as CSV."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from starlette.exceptions import HTTPException

from search_api.insights.columns import Columns
from search_api.insights.dashboard import make_dashboard
from search_api.insights.panels import Dashboard
from search_api.insights.shifts import ShiftPlan
from search_api.insights.tables import as_csv
from search_api.insights.windows import Range, Window, window_between, window_of
from search_api.library import library_of
from search_api.log_columns import LogColumns
from search_api.log_routes import from_store
from search_api.readers import Reader
from search_api.routes import PROBLEMS, json_response
from search_api.schemas import Problem
from search_api.service import Service, ServiceOf
from search_api.surveyor import Surveyor

_PATIENCE_S, _LOOK_EVERY_S = 2.0, 0.02
_NO_TABLE: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "no such table or area"}
}


@dataclass(frozen=True, slots=True)
class Insights:
    """What the dashboard is made of."""

    columns: LogColumns
    surveyor: Surveyor


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[dict[str, Insights]]:
    """Read and survey the log beside the answers until the service ends."""
    service: Service = app.state.service
    columns = LogColumns(service.settings.events_url)
    surveyor = Surveyor(service.settings, columns)
    columns.start()
    task = asyncio.create_task(surveyor.watch())
    try:
        yield {"insights": Insights(columns, surveyor)}
    finally:
        columns.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


dashboard_api = APIRouter(
    prefix="/api/v1/insights", responses=PROBLEMS, tags=["dashboard"], lifespan=_running
)


async def _insights_of(request: Request) -> Insights:
    return cast("Insights", request.state.insights)


async def _dashboard(
    service: ServiceOf,
    insights: Annotated[Insights, Depends(_insights_of)],
    _caller: Reader,
    named: Annotated[
        Range,
        Query(alias="range", description="Days up to today; `from` and `to` count before it."),
    ] = "28d",
    first: Annotated[date | None, Query(alias="from", description="First day.")] = None,
    last: Annotated[
        date | None, Query(alias="to", description="Last day, which belongs to it.")
    ] = None,
    area: Annotated[str | None, Query(max_length=200, description="Only this area.")] = None,
) -> Dashboard:
    """Return what is told about a time and an area.

    Raises:
        HTTPException: 404 without such an area, 422 for days that cannot be, 503 while the log
            is still being read.
    """
    columns = await _columns(insights)
    plan, now = ShiftPlan(service.settings.shifts), datetime.now(UTC)
    articles = library_of(service.suggester())
    if area is not None and area not in {one.area for one in articles.values()}:
        raise HTTPException(404, "There is no such area.")
    window = _window(plan, named, first, last, area, now)
    work = partial(
        make_dashboard,
        columns,
        articles,
        window,
        plan,
        insights.surveyor.found,
        service.malfunctions.malfunctions(),
        is_demo=insights.columns.is_demo,
    )
    # Counting takes longer than an answer may wait, so it is done beside.
    return await from_store(service, work)


Told = Annotated[Dashboard, Depends(_dashboard)]


@dashboard_api.get("", response_model=Dashboard, responses=_NO_TABLE)
async def insights(told: Told) -> Response:
    """Return headlines and panels about a time, beside the time before it."""
    return json_response(told)


@dashboard_api.get(
    "/{table}.csv",
    response_class=Response,
    responses=_NO_TABLE | {200: {"content": {"text/csv": {}}, "description": "the table"}},
)
async def insights_table(table: str, told: Told) -> Response:
    """Return one panel's table, or `headlines`, for a spreadsheet."""
    text = as_csv(told, table)
    if text is None:
        raise HTTPException(404, "There is no such table.")
    name = f"{table}-{told.starts:%Y-%m-%d}-{told.ends:%Y-%m-%d}.csv"
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _columns(insights: Insights) -> Columns:
    """Return the log's columns; a small log is read while a request waits."""
    waited = 0.0
    while (columns := insights.columns.columns) is None:
        if insights.columns.fault is not None:
            raise HTTPException(503, insights.columns.fault, headers={"Retry-After": "5"})
        if waited > _PATIENCE_S:
            raise HTTPException(503, "The log is still being read.", headers={"Retry-After": "2"})
        await asyncio.sleep(_LOOK_EVERY_S)
        waited += _LOOK_EVERY_S
    return columns


def _window(
    plan: ShiftPlan,
    named: Range,
    first: date | None,
    last: date | None,
    area: str | None,
    now: datetime,
) -> Window:
    if first is None and last is None:
        return window_of(plan, named, area, now)
    today = plan.day_of(now)
    try:
        return window_between(plan, first or last or today, last or today, area, now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
