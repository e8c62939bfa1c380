"""Routes of the shift desk: follow-ups, approved reports, and taking a handover over."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from starlette.exceptions import HTTPException

from search_api.desk_schemas import (
    AcknowledgeRequest,
    FollowUpResponse,
    FollowUpsResponse,
    ReportsResponse,
    ReportSummary,
    ShiftNow,
)
from search_api.events.reports import ReportError, StoredReport, acknowledge, read_reports
from search_api.events.store import read_store
from search_api.insights.follow_ups import FollowUp, waiting
from search_api.insights.shifts import ShiftPlan
from search_api.log_routes import from_store
from search_api.readers import Reader
from search_api.reports.follow_ups import read_follow_ups
from search_api.reports.posting import PostError, signed
from search_api.reports.report import Report, Signed
from search_api.routes import PROBLEMS, json_response
from search_api.schemas import Problem
from search_api.service import Service, ServiceOf
from search_api.settings import Settings

_NEWEST = 50
_logger = logging.getLogger("sop.reports")
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "no such approved report"}
}

desk_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["shift desk"])


@desk_api.get("/follow-ups", response_model=FollowUpsResponse)
async def list_follow_ups(
    service: ServiceOf,
    _caller: Reader,
    shift: Annotated[str | None, Query(max_length=100)] = None,
    state: Literal["open", "waiting", "escalated", "reopened"] | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Return the tickets that nobody has closed. One is closed by feedback."""
    now = datetime.now(UTC)
    found, is_demo = await from_store(service, partial(_read, service.settings, now))
    chosen = [
        one
        for one in found
        if (state is None or one.state == state) and (shift is None or one.due_in == shift)
    ]
    running = ShiftPlan(service.settings.shifts).shift_at(now)
    return json_response(
        FollowUpsResponse(
            shift=ShiftNow(name=running.name, starts=running.starts, ends=running.ends),
            shifts=[one.name for one in service.settings.shifts],
            follow_ups=[_shown(service, one, now) for one in chosen[:limit]],
            count=len(chosen),
            is_demo=is_demo,
        )
    )


@desk_api.get("/reports", response_model=ReportsResponse)
async def list_reports(service: ServiceOf, _caller: Reader) -> Response:
    """Return the newest approved reports."""
    found = await from_store(service, partial(_approved, service.settings))
    summaries = [
        ReportSummary(
            id=stored.id,
            kind=report.kind,
            title=report.title,
            starts=report.starts,
            ends=report.ends,
            approved_by=stored.approved_by,
            acknowledged_by=stored.acknowledged_by,
        )
        for stored in found
        if (report := _readable(stored)) is not None
    ]
    return json_response(ReportsResponse(reports=summaries))


@desk_api.get("/reports/{report_id}", response_model=Signed, responses=_NOT_FOUND)
async def one_report(report_id: int, service: ServiceOf, _caller: Reader) -> Response:
    """Return an approved report with what people wrote below it."""
    return json_response(await _find(service, report_id))


@desk_api.post("/reports/{report_id}/acknowledge", response_model=Signed, responses=_NOT_FOUND)
async def take_over(
    report_id: int, request: AcknowledgeRequest, service: ServiceOf, caller: Reader
) -> Response:
    """Take an approved handover over; it is on disk when this answers."""
    await _find(service, report_id)
    who = " ".join((caller.person or request.who or "").split())
    if not who:
        raise HTTPException(422, "who: say who takes it over, for example Dublin, early shift")
    url = service.settings.events_url
    store = partial(acknowledge, url, report_id, who[:200], datetime.now(UTC))
    try:
        await from_store(service, store)
    except ReportError as error:
        raise HTTPException(409, "This handover is taken over already.") from error
    return json_response(await _find(service, report_id))


def _read(settings: Settings, now: datetime) -> tuple[list[FollowUp], bool]:
    found = read_follow_ups(settings, now)
    return waiting(found, now), read_store(settings.events_url).is_demo


def _approved(settings: Settings) -> list[StoredReport]:
    return read_reports(settings.events_url, limit=_NEWEST, approved_only=True)


def _readable(stored: StoredReport) -> Report | None:
    """Return an approved report; one that was damaged takes no other with it."""
    try:
        return signed(stored).report
    except PostError as error:
        _logger.error("%s", error)
        return None


async def _find(service: Service, report_id: int) -> Signed:
    found = await from_store(service, partial(_approved, service.settings))
    stored = next((one for one in found if one.id == report_id), None)
    if stored is None:
        raise HTTPException(404, "There is no approved report with this number.")
    try:
        return signed(stored)
    except PostError as error:
        raise HTTPException(404, str(error)) from error


def _shown(service: Service, one: FollowUp, now: datetime) -> FollowUpResponse:
    named = service.suggester().naming(one.article) if one.article else None
    return FollowUpResponse(
        reference=one.reference,
        state=one.state,
        asked_at=one.asked_at,
        since=one.since,
        due=one.due,
        due_in=one.due_in,
        overdue=one.is_overdue(now),
        article_id=one.article,
        article_title=named[0] if named else None,
        article_url=named[1] if named else None,
        questions=one.questions,
        reopened=one.reopened,
        channel=one.channel,
        language=one.language,
    )
