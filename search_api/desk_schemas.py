"""What the shift desk's routes send and take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from search_api.insights.follow_ups import State
from search_api.reports.report import Kind


class ShiftNow(BaseModel):
    """The shift that works now."""

    name: str
    starts: datetime
    ends: datetime


class FollowUpResponse(BaseModel):
    """A ticket that nobody has closed; `article` is what was passed on or suggested."""

    reference: str
    state: State
    asked_at: datetime
    since: datetime
    due: datetime
    due_in: str
    overdue: bool
    article_id: str | None
    article_title: str | None
    article_url: str | None
    questions: int
    reopened: int
    channel: str | None
    language: str | None


class FollowUpsResponse(BaseModel):
    """The tickets that wait, the earliest due first."""

    shift: ShiftNow
    shifts: list[str]
    follow_ups: list[FollowUpResponse]
    count: int
    is_demo: bool


class ReportSummary(BaseModel):
    """An approved report."""

    id: int
    kind: Kind
    title: str
    starts: datetime
    ends: datetime
    approved_by: str | None
    acknowledged_by: str | None


class ReportsResponse(BaseModel):
    """The newest approved reports, the newest first."""

    reports: list[ReportSummary]


class AcknowledgeRequest(BaseModel):
    """Who takes a handover over; not needed where a proxy names the person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Annotated[str, Field(min_length=1, max_length=200)] | None = None
