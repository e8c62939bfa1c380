"""Routes of practice: what is asked, one question with its choices, and what a pick was worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from indexer.errors import SopError
from indexer.snapshot import SnapshotArticle
from search_api.auth import Caller
from search_api.events.practice import count_try, read_tries
from search_api.insights.practice import as_json, failing_topics
from search_api.log_routes import from_store
from search_api.practice.exercises import (
    Choice,
    Exercise,
    area_name,
    area_of,
    counted,
    listed,
)
from search_api.practice.room import Origin, PracticeRoom
from search_api.practice.tries import choices, is_left_out, passages
from search_api.practice_schemas import (
    PracticeArea,
    PracticeChoice,
    PracticeLanguage,
    PracticePassage,
    PracticePick,
    PracticeQuestion,
    PracticeResponse,
    PracticeTopics,
    PracticeVerdict,
    Turn,
)
from search_api.readers import Reader
from search_api.routes import PROBLEMS, Asker, json_response
from search_api.schemas import Filters, Problem
from search_api.service import Service, ServiceOf
from search_api.suggest import Suggester

_GONE = "This question is no longer there, or this key may not see its article."
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "no such question for this caller"}
}

practice_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["practice"])


async def _room_of(request: Request, service: ServiceOf) -> PracticeRoom:
    """Return the room of this application; whoever practises first opens it."""
    state = request.app.state
    if not hasattr(state, "practice"):
        state.practice = PracticeRoom(service)
    room: PracticeRoom = state.practice
    return room


Room = Annotated[PracticeRoom, Depends(_room_of)]


@practice_api.get("/practice", response_model=PracticeResponse)
async def list_practice(
    service: ServiceOf,
    room: Room,
    caller: Asker,
    area: Annotated[str | None, Query(max_length=500)] = None,
    language: Annotated[str | None, Query(max_length=35)] = None,
) -> Response:
    """Return ids of questions to practise with; people's own only to who may see every report."""
    suggester = service.suggester()
    mine, origin, is_demo = await _exercises(service, suggester, room, caller)
    areas = _Areas(suggester)
    found = listed(mine, areas.of, Choice(area, language))
    by_area = counted(mine, lambda one: areas.of(one.area_of))
    by_language = counted(mine, lambda one: one.language)
    return json_response(
        PracticeResponse(
            asked=[one.id for one in found if one.source == "asked"],
            own=[one.id for one in found if one.source == "article"],
            origin=origin,
            areas=[
                PracticeArea(area=one, name=area_name(one), questions=count)
                for one, count in by_area.items()
            ],
            languages=[
                PracticeLanguage(language=one, questions=count)
                for one, count in by_language.items()
            ],
            is_demo=is_demo,
        )
    )


@practice_api.get("/practice/topics", response_model=PracticeTopics)
async def failed_topics(
    service: ServiceOf,
    _caller: Reader,
    days: Annotated[int, Query(ge=1, le=366)] = 28,
) -> Response:
    """Return the topics that trainees fail; who tried is kept nowhere."""
    until = datetime.now(UTC).date() + timedelta(days=1)
    work = partial(read_tries, service.settings.events_url, until - timedelta(days=days), until)
    topics = failing_topics(await from_store(service, work))
    return json_response(PracticeTopics(days=days, topics=as_json(topics)))


@practice_api.get(
    "/practice/questions/{question_id}", response_model=PracticeQuestion, responses=_NOT_FOUND
)
async def one_question(
    question_id: str, turn: Turn, service: ServiceOf, room: Room, caller: Asker
) -> Response:
    """Return a question with its choices, in an order of this turn; not which one is right."""
    suggester = service.suggester()
    exercise = await _find(suggester, room, caller, question_id)
    snapshot = suggester.snapshot
    allowed = suggester.allowed(caller.audiences, Filters())
    rows = await service.workers.run(
        partial(choices, snapshot, exercise, allowed, service.actor_key, turn)
    )
    return json_response(
        PracticeQuestion(
            id=exercise.id,
            text=exercise.text,
            language=exercise.language,
            source=exercise.source,
            askers=exercise.askers,
            choices=[_choice(snapshot.articles[row]) for row in rows],
            index_version=snapshot.manifest.id,
        )
    )


@practice_api.post(
    "/practice/questions/{question_id}", response_model=PracticeVerdict, responses=_NOT_FOUND
)
async def try_question(
    question_id: str, pick: PracticePick, service: ServiceOf, room: Room, caller: Asker
) -> Response:
    """Say whether a pick is right, and why. A first try is counted by day, and nobody with it."""
    suggester = service.suggester()
    exercise = await _find(suggester, room, caller, question_id)
    chosen = pick.article_id
    if chosen is not None and not suggester.knows(chosen, caller.audiences):
        raise HTTPException(404, "There is no article with this id, or this key may not see it.")
    left_out = pick.mode == "choose" and is_left_out(service.actor_key, exercise, pick.turn)
    right = None if left_out else exercise.article
    named = [one for one in (exercise.article, chosen) if one is not None]
    shown = await service.workers.run(partial(_passages, suggester, exercise, named))
    is_counted = not pick.again and await _count(service, right, chosen)
    area = _Areas(suggester).of(exercise.area_of)
    return json_response(
        PracticeVerdict(
            right=chosen == right,
            area=area,
            area_name=area_name(area),
            left_out=left_out,
            answer=shown.get(exercise.article or ""),
            chosen=shown.get(chosen or ""),
            counted=is_counted,
        )
    )


class _Areas:
    """The area of each article of a snapshot."""

    def __init__(self, suggester: Suggester) -> None:
        self._snapshot = suggester.snapshot

    def of(self, article_id: str) -> str:
        """Return the area of an article; empty for one that is not there any more."""
        row = self._snapshot.article_rows.get(article_id)
        return "" if row is None else area_of(self._snapshot.articles[row])


async def _exercises(
    service: Service, suggester: Suggester, room: PracticeRoom, caller: Caller
) -> tuple[list[Exercise], Origin, bool]:
    """Return what a caller may be asked, where it comes from, and whether it was made up."""
    found = list((await room.own(suggester.snapshot)).values())
    origin: Origin = "not_allowed" if service.settings.practice_from_log else "off"
    is_demo = False
    if _may_read(suggester, caller):
        gathered, origin = await room.asked(suggester.snapshot)
        found += gathered.exercises.values()
        is_demo = gathered.is_demo
    return [one for one in found if _sees(suggester, caller, one)], origin, is_demo


async def _find(
    suggester: Suggester, room: PracticeRoom, caller: Caller, question_id: str
) -> Exercise:
    """Return a question that this caller may be asked.

    Raises:
        HTTPException: 404 where there is none.
    """
    found = (await room.own(suggester.snapshot)).get(question_id)
    if found is None and _may_read(suggester, caller):
        gathered, _ = await room.asked(suggester.snapshot)
        found = gathered.exercises.get(question_id)
    if found is None or not _sees(suggester, caller, found):
        raise HTTPException(404, _GONE)
    return found


def _may_read(suggester: Suggester, caller: Caller) -> bool:
    """Tell whether a caller may see what others asked: whoever may read the shift desk."""
    return "feedback" in caller.scopes and suggester.sees_site(caller.audiences)


def _sees(suggester: Suggester, caller: Caller, exercise: Exercise) -> bool:
    return suggester.knows(exercise.article or exercise.area_of, caller.audiences)


async def _count(service: Service, answer: str | None, chosen: str | None) -> bool:
    """Count a try; a log that is away keeps nobody from practising."""
    day = datetime.now(UTC).date()
    url = service.settings.events_url
    try:
        await from_store(service, partial(count_try, url, day, answer, chosen))
    except (HTTPException, SopError):
        return False
    return True


def _passages(
    suggester: Suggester, exercise: Exercise, articles: list[str]
) -> dict[str, PracticePassage]:
    snapshot = suggester.snapshot
    if not articles:
        return {}
    rows = {snapshot.article_rows[one] for one in articles}
    found = suggester.suggestions(passages(snapshot, exercise, rows), exercise.text)
    return {
        one.id: PracticePassage(
            id=one.id,
            title=one.title,
            summary=one.summary,
            url=one.url,
            area=area_name(area_of(snapshot.articles[snapshot.article_rows[one.id]])),
            language=one.language,
            heading_path=one.heading_path,
            highlights=one.highlights,
        )
        for one in found
    }


def _choice(article: SnapshotArticle) -> PracticeChoice:
    stated = article.front_matter
    return PracticeChoice(
        id=article.id,
        title=article.title,
        summary=stated.summary,
        area=area_name(area_of(article)),
        language=stated.language,
    )
