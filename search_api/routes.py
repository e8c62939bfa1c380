"""The API's routes: each takes a request apart, asks, and puts the answer together."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from search_api.auth import Caller
from search_api.metrics import CONTENT_TYPE
from search_api.problems import MEDIA_TYPE
from search_api.recording import question_event
from search_api.schemas import (
    ArticleResponse,
    BatchRequest,
    BatchResponse,
    Health,
    Problem,
    Readiness,
    SearchRequest,
    SearchResponse,
    SuggestRequest,
    SuggestResponse,
)
from search_api.service import Service, ServiceOf, caller_with, count_questions
from search_api.suggest import Asked

SUGGEST_BATCH_PATH = "/api/v1/suggest/batch"

Asker = Annotated[Caller, Depends(caller_with("suggest"))]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "model": Problem, "content": {MEDIA_TYPE: {}}}
    for status, text in {
        401: "no valid key",
        403: "scope missing",
        422: "not valid",
        429: "too many",
        503: "no index, or too busy",
    }.items()
}

api = APIRouter(prefix="/api/v1", responses=PROBLEMS)
operations = APIRouter()


@api.post("/suggest", response_model=SuggestResponse)
async def suggest(request: SuggestRequest, service: ServiceOf, caller: Asker) -> Response:
    """Suggest the articles that help with a question, or say that none does."""
    suggester = service.suggester()
    asked = await service.workers.run(partial(suggester.suggest, request, caller.audiences))
    _record(service, caller, request, asked)
    return json_response(asked.response)


@api.post("/suggest/batch", response_model=BatchResponse)
async def suggest_batch(batch: BatchRequest, service: ServiceOf, caller: Asker) -> Response:
    """Answer up to 100 questions, in order. They take turns with what others ask."""
    suggester = service.suggester()
    count_questions(service, caller, len(batch.requests) - 1)
    answered = await service.workers.run_each(
        [partial(suggester.suggest, request, caller.audiences) for request in batch.requests]
    )
    for request, asked in zip(batch.requests, answered, strict=True):
        _record(service, caller, request, asked)
    return json_response(BatchResponse(responses=[asked.response for asked in answered]))


@api.post("/search", response_model=SearchResponse)
async def search(request: SearchRequest, service: ServiceOf, caller: Asker) -> Response:
    """Return the nearest articles while somebody types. What was typed is not logged."""
    suggester = service.suggester()
    return json_response(
        await service.workers.run(partial(suggester.search, request, caller.audiences))
    )


@api.get(
    "/articles/{article_id:path}",
    response_model=ArticleResponse,
    responses={404: {"model": Problem, "description": "no such article for this caller"}},
)
async def article(article_id: str, service: ServiceOf, caller: Asker) -> Response:
    """Return one article as it is indexed. An id may contain slashes."""
    found = service.suggester().article(article_id, caller.audiences)
    if found is None:
        raise HTTPException(404, "There is no article with this id, or this key may not see it.")
    return json_response(found)


@operations.get("/healthz")
@operations.head("/healthz", include_in_schema=False)
async def healthz() -> Health:
    """Say that the process runs."""
    return Health(status="ok")


@operations.get("/readyz", responses={503: {"model": Readiness}})
@operations.head("/readyz", include_in_schema=False)
async def readyz(service: ServiceOf, response: Response) -> Readiness:
    """Say whether questions can be answered, and from which index."""
    live = service.live
    if live.suggester is None:
        response.status_code = 503
        return Readiness(
            status="not_ready", index_version=None, revision=None, articles=0, detail=live.fault
        )
    manifest = live.suggester.snapshot.manifest
    return Readiness(
        status="degraded" if live.fault else "ready",
        index_version=manifest.id,
        revision=manifest.revision,
        articles=manifest.counts.articles,
        detail=live.fault,
    )


@operations.get("/metrics", response_class=Response, dependencies=[Depends(caller_with("metrics"))])
async def metrics(service: ServiceOf) -> Response:
    """Return the service's figures for Prometheus."""
    return Response(service.metrics.render(), media_type=CONTENT_TYPE)


def json_response(model: BaseModel, status: int = 200) -> Response:
    """Return an answer of ours as it goes over the wire."""
    # The models are built here, from our own values: validating them again would only cost time.
    return Response(model.model_dump_json(), status, media_type="application/json")


def _record(service: Service, caller: Caller, request: SuggestRequest, asked: Asked) -> None:
    """Log a question; this only queues it."""
    service.metrics.observe_decision(asked.response.decision)
    service.events.record_question(
        question_event(
            asked,
            request,
            audiences=caller.audiences,
            person=caller.person or request.actor,
            secret=service.actor_key,
        )
    )
