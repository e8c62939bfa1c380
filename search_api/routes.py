"""The API's routes: each takes a request apart, asks, and puts the answer together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from search_api.auth import Caller, actor_hash
from search_api.events.log import EventStoreError, FeedbackEvent, QuestionEvent
from search_api.metrics import CONTENT_TYPE
from search_api.problems import MEDIA_TYPE
from search_api.redaction import safe_label, safe_page, safe_text
from search_api.schemas import (
    ArticleResponse,
    BatchRequest,
    BatchResponse,
    FeedbackRequest,
    FeedbackResponse,
    Health,
    PopularResponse,
    Problem,
    Readiness,
    SearchRequest,
    SearchResponse,
    SuggestRequest,
    SuggestResponse,
)
from search_api.service import Service, ServiceOf, caller_with, count_questions

SUGGEST_BATCH_PATH = "/api/v1/suggest/batch"
_MOST_POPULAR = 10
_PROBLEMS = {401: "no valid key", 403: "scope missing", 422: "not valid", 429: "too many"}

Stored = TypeVar("Stored")
Asker = Annotated[Caller, Depends(caller_with("suggest"))]
Reporter = Annotated[Caller, Depends(caller_with("feedback"))]

api = APIRouter(
    prefix="/api/v1",
    responses={
        status: {"description": text, "model": Problem, "content": {MEDIA_TYPE: {}}}
        for status, text in {**_PROBLEMS, 503: "no index, or too busy"}.items()
    },
)
operations = APIRouter()


@api.post("/suggest", response_model=SuggestResponse)
async def suggest(request: SuggestRequest, service: ServiceOf, caller: Asker) -> Response:
    """Suggest the articles that help with a question, or say that none does."""
    suggester = service.suggester()
    question, answer = await service.workers.run(
        partial(suggester.suggest, request, caller.audiences)
    )
    _record(service, caller, request, question, answer)
    return _json(answer)


@api.post("/suggest/batch", response_model=BatchResponse)
async def suggest_batch(batch: BatchRequest, service: ServiceOf, caller: Asker) -> Response:
    """Answer up to 100 questions, in order. They take turns with what others ask."""
    suggester = service.suggester()
    count_questions(service, caller, len(batch.requests) - 1)
    answered = await service.workers.run_each(
        [partial(suggester.suggest, request, caller.audiences) for request in batch.requests]
    )
    for request, (question, answer) in zip(batch.requests, answered, strict=True):
        _record(service, caller, request, question, answer)
    return _json(BatchResponse(responses=[answer for _, answer in answered]))


@api.post("/search", response_model=SearchResponse)
async def search(request: SearchRequest, service: ServiceOf, caller: Asker) -> Response:
    """Return the nearest articles while somebody types. What was typed is not logged."""
    suggester = service.suggester()
    return _json(await service.workers.run(partial(suggester.search, request, caller.audiences)))


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
    return _json(found)


@api.get("/popular", response_model=PopularResponse)
async def popular(
    service: ServiceOf, caller: Asker, days: Annotated[int, Query(ge=1, le=366)] = 28
) -> Response:
    """Return the ten articles that were linked or solved a problem most often in some days."""
    suggester = service.suggester()
    since = datetime.now(UTC) - timedelta(days=days)
    used = await _from_store(service, partial(service.events.count_used, since))
    return _json(suggester.popular(used, caller.audiences, _MOST_POPULAR))


@api.post(
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
        page=safe_page(request.page, service.redactor),
        article_id=article_id,
        event=request.event,
        reason=request.reason,
        comment=safe_text(request.comment, service.redactor),
        actor=actor_hash(caller.person or request.actor, service.actor_key),
    )
    stored = await _from_store(service, partial(service.events.record_feedback, event))
    return _json(FeedbackResponse(feedback_id=stored), 201)


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


async def _from_store(service: Service, work: Callable[[], Stored]) -> Stored:
    """Return what the log of events gives, without blocking answers; 503 where it cannot."""
    try:
        return await service.clerks.run(work)
    except EventStoreError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "5"}) from error


def _json(model: BaseModel, status: int = 200) -> Response:
    # The models are built here, from our own values: validating them again would only cost time.
    return Response(model.model_dump_json(), status, media_type="application/json")


def _record(
    service: Service,
    caller: Caller,
    request: SuggestRequest,
    question: str,
    answer: SuggestResponse,
) -> None:
    """Log a question; this only queues it."""
    service.metrics.observe_decision(answer.decision)
    service.events.record_question(
        QuestionEvent(
            query_id=answer.query_id,
            asked_at=datetime.now(UTC),
            text=question,
            language=request.language,
            channel=safe_label(request.channel, service.actor_key),
            reference=safe_label(request.reference, service.actor_key),
            actor=actor_hash(caller.person or request.actor, service.actor_key),
            decision=answer.decision,
            suggestions=[
                {"id": s.id, "score": s.score, "confidence": s.confidence}
                for s in answer.suggestions
            ],
            index_version=answer.index_version,
            took_ms=answer.took_ms,
        )
    )
