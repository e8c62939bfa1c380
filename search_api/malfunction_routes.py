"""Routes of notices and malfunctions: what is pinned, what rises, and pinning it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from starlette.exceptions import HTTPException

from search_api.auth import Caller
from search_api.events.notices import NoticeError, PinnedNotice, make_notice
from search_api.insights.naming import Named, default_title
from search_api.log_routes import from_store
from search_api.malfunction_schemas import (
    EndRequest,
    MalfunctionsResponse,
    NoticesResponse,
    PinnedView,
    PinRequest,
    malfunction_view,
    pinned_view,
)
from search_api.routes import PROBLEMS, Asker, json_response
from search_api.schemas import Problem
from search_api.service import Service, ServiceOf, caller_with

malfunction_api = APIRouter(prefix="/api/v1", responses=PROBLEMS)
Operator = Annotated[Caller, Depends(caller_with("operate"))]
_NO_NOTICE: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "no such notice is shown"}
}


@malfunction_api.get("/notices", response_model=NoticesResponse)
async def notices(service: ServiceOf, caller: Asker) -> Response:
    """Return what is pinned now for this caller, and the known issues that are open."""
    found = service.suggester().notices(caller.audiences)
    return json_response(NoticesResponse(notices=found, can_pin="operate" in caller.scopes))


@malfunction_api.get("/malfunctions", response_model=MalfunctionsResponse)
async def malfunctions(service: ServiceOf, _caller: Operator) -> Response:
    """Return the malfunctions of the last day, the newest first, with example questions."""
    watcher = service.malfunctions
    found = [malfunction_view(one) for one in watcher.malfunctions()]
    return json_response(MalfunctionsResponse(malfunctions=found, looked_at=watcher.looked_at))


@malfunction_api.post("/notices", response_model=PinnedView, status_code=201)
async def pin_notice(request: PinRequest, service: ServiceOf, caller: Operator) -> Response:
    """Pin a notice for at most twelve hours. It is on disk when this answers."""
    named = _named(service, request.malfunction)
    article = request.article_id or (named.article.id if named and named.article else None)
    if article and not service.suggester().knows(article, caller.audiences):
        raise HTTPException(404, "There is no article with this id, or this key may not see it.")
    audiences = request.audiences or tuple(sorted(caller.audiences))
    if unseen := set(audiences) - caller.audiences:
        raise HTTPException(403, f"This key may not see {', '.join(sorted(unseen))} itself.")
    platforms = request.platforms or (named.platforms if named else ())
    notice = _valid(
        request.title or (default_title(platforms) if named else ""),
        request.text,
        hours=request.hours,
        by=_who(caller, request.by),
        article_id=article,
        platforms=platforms,
        audiences=audiences,
        malfunction=request.malfunction,
        redactor=service.redactor,
    )
    stored = await from_store(service, partial(service.notices.pin, notice))
    await from_store(service, service.board.refresh)
    return json_response(pinned_view(stored), 201)


@malfunction_api.post("/notices/{number}/end", response_model=PinnedView, responses=_NO_NOTICE)
async def end_notice(
    number: int, request: EndRequest, service: ServiceOf, caller: Operator
) -> Response:
    """End a notice before it expires."""
    now, who = datetime.now(UTC), _who(caller, request.by)
    try:
        ended = await from_store(service, partial(service.notices.end, number, who, now))
    except NoticeError as error:
        raise HTTPException(404, str(error)) from error
    await from_store(service, service.board.refresh)
    return json_response(pinned_view(ended))


def _named(service: Service, malfunction: str | None) -> Named | None:
    """Return the malfunction that a notice is pinned from.

    Raises:
        HTTPException: 404 where there is none with this id.
    """
    if malfunction is None:
        return None
    for named in service.malfunctions.malfunctions():
        if named.malfunction.id == malfunction:
            return named
    raise HTTPException(404, "There is no malfunction with this id in the last day.")


def _valid(title: str, text: str, **values: Any) -> PinnedNotice:
    try:
        return make_notice(title, text, at=datetime.now(UTC), **values)
    except NoticeError as error:
        raise HTTPException(422, str(error)) from error


def _who(caller: Caller, stated: str | None) -> str:
    """Return who does this: the signed-in person, else as they say, else the key."""
    return caller.person or stated or caller.id
