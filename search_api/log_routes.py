"""Routes of the log: what became of a suggestion, and what was of use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Response
from starlette.exceptions import HTTPException

from search_api.auth import Caller, actor_hash
from search_api.events.database import EventStoreError
from search_api.events.event import FeedbackEvent
from search_api.recording import redacted, safe_label
from search_api.routes import PROBLEMS, Asker, json_response
from search_api.schemas import (
    FeedbackRequest,
    FeedbackResponse,
    PopularArticle,
    PopularResponse,
    Problem,
)
from search_api.service import Service, ServiceOf, caller_with

_MOST_POPULAR = 10

Stored = TypeVar("Stored")
Reporter = Annotated[Caller, Depends(caller_with("feedback"))]

log_api = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@log_api.get("/popular", response_model=PopularResponse)
async def popular(
    service: ServiceOf, caller: Asker, days: Annotated[int, Query(ge=1, le=366)] = 28
) -> Response:
    """Return the ten articles that were linked or solved a problem most often in some days."""
    suggester = service.suggester()
    since = datetime.now(UTC) - timedelta(days=days)
    used = await from_store(service, partial(service.events.count_used, since))
    known = ((name, count) for name, count in used if suggester.knows(name, caller.audiences))
    articles = [
        PopularArticle(id=name, title=named[0], url=named[1], count=count)
        for name, count in islice(known, _MOST_POPULAR)
        if (named := suggester.naming(name))
    ]
    return json_response(PopularResponse(articles=articles))


@log_api.post(
    "/feedback",
    response_model=FeedbackResponse,
    status_code=201,
    responses={404: {"model": Problem, "description": "no such article for this caller"}},
)
async def feedback(request: FeedbackRequest, service: ServiceOf, caller: Reporter) -> Response:
    """Store what became of a suggestion. It is on disk when this answers."""
    article_id = request.article_id
    if article_id and not service.suggester().knows(article_id, caller.audiences):
        raise HTTPException(404, "There is no article with this id, or this key may not see it.")
    event = FeedbackEvent(
        given_at=datetime.now(UTC),
        query_id=request.query_id,
        reference=safe_label(request.reference, service.actor_key),
        page=redacted(_without_query(request.page), service.redactor),
        article_id=article_id,
        event=request.event,
        reason=request.reason,
        comment=redacted(request.comment, service.redactor),
        actor=actor_hash(caller.person or request.actor, service.actor_key),
    )
    stored = await from_store(service, partial(service.events.record_feedback, event))
    return json_response(FeedbackResponse(feedback_id=stored), 201)


async def from_store(service: Service, work: Callable[[], Stored]) -> Stored:
    """Return what the log of events gives, without blocking answers; 503 where it cannot."""
    try:
        return await service.clerks.run(work)
    except EventStoreError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "5"}) from error


def _without_query(page: str | None) -> str | None:
    """Return a page's path: what stands behind `?` or `#` may be what somebody typed."""
    return re.split(r"[?#]", page)[0] if page else None
