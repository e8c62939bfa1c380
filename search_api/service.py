"""The parts of one running service, joined in one place."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.exceptions import HTTPException

from indexer.redaction.redactor import Redactor
from search_api.auth import Caller, KeyFile, Scope, identify
from search_api.events.log import EventLog
from search_api.events.notices import NoticeStore
from search_api.live import LiveIndex
from search_api.malfunction_watch import MalfunctionWatcher
from search_api.metrics import Metrics
from search_api.notices import NoticeBoard
from search_api.redaction import redactor_of
from search_api.settings import Settings, SettingsError
from search_api.suggest import Suggester
from search_api.workers import Workers

_CLERKS = 4
_MOST_WAITING_FEEDBACK = 200
_logger = logging.getLogger("sop.app")


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes work with."""

    settings: Settings
    live: LiveIndex
    workers: Workers
    clerks: Workers
    events: EventLog
    notices: NoticeStore
    board: NoticeBoard
    malfunctions: MalfunctionWatcher
    metrics: Metrics
    keys: KeyFile
    actor_key: bytes
    redactor: Redactor
    limiter: SlidingWindowCounterRateLimiter
    limit: RateLimitItemPerMinute

    def suggester(self) -> Suggester:
        """Return what answers questions now.

        Raises:
            HTTPException: 503 while no snapshot is loaded.
        """
        if self.live.suggester is None:
            detail = self.live.fault or "No index is loaded yet."
            raise HTTPException(503, detail, headers={"Retry-After": "5"})
        return self.live.suggester


def make_service(settings: Settings, actor_key: bytes) -> Service:
    """Return the parts of a service with these settings; nothing is opened or started."""
    notices = NoticeStore(settings.events_url)
    board = NoticeBoard(notices)
    live = LiveIndex(settings, board)
    workers = Workers(settings.encoder_threads, settings.queue_limit, "suggest")
    events = EventLog(settings.events_url, settings.event_queue_limit, settings.region)
    watcher = MalfunctionWatcher(
        settings.events_url, settings.sop, live, is_on=settings.watch_malfunctions
    )
    return Service(
        settings=settings,
        live=live,
        workers=workers,
        # Whoever waits for the database must not keep pages or questions waiting.
        clerks=Workers(_CLERKS, _MOST_WAITING_FEEDBACK, "feedback"),
        events=events,
        notices=notices,
        board=board,
        malfunctions=watcher,
        metrics=Metrics(live, workers, events, watcher),
        keys=KeyFile(settings.keys_file),
        actor_key=actor_key,
        redactor=redactor_of(settings),
        limiter=SlidingWindowCounterRateLimiter(MemoryStorage()),
        limit=RateLimitItemPerMinute(settings.requests_per_minute),
    )


async def service_of(request: Request) -> Service:
    """Return the service that a request belongs to."""
    return cast("Service", request.app.state.service)


ServiceOf = Annotated[Service, Depends(service_of)]


def caller_with(scope: Scope) -> Callable[[Request, Service], Awaitable[Caller]]:
    """Return a dependency that gives the caller, who must have `scope`."""

    # Asynchronous, since the framework would send it to the threads that store feedback.
    async def find_caller(request: Request, service: ServiceOf) -> Caller:
        return require_caller(request, service, scope)

    return find_caller


def require_caller(request: Request, service: Service, scope: Scope) -> Caller:
    """Return who is calling.

    Raises:
        HTTPException: 401 for nobody we know, 403 without the scope, 429 over the limit.
    """
    try:
        keys = service.keys.keys()
    except SettingsError as error:
        _logger.error("%s", error)
        raise HTTPException(503, "Keys cannot be checked; see the service's log.") from error
    caller = identify(request, service.settings, keys)
    if caller is None:
        raise HTTPException(
            401,
            "Send a valid key as 'Authorization: Bearer KEY', or sign in at the proxy.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if scope not in caller.scopes:
        raise HTTPException(403, f"This key does not have the scope {scope}.")
    # A page is a dozen requests, so reading the site is not counted.
    if scope != "site":
        count_questions(service, caller, 1)
    return caller


def count_questions(service: Service, caller: Caller, count: int) -> None:
    """Count requests, or questions of a batch, towards the caller's limit.

    Raises:
        HTTPException: 429 over the limit.
    """
    if count and caller.limited and not service.limiter.hit(service.limit, caller.id, cost=count):
        raise HTTPException(
            429,
            f"More than {service.settings.requests_per_minute} requests in a minute.",
            headers={"Retry-After": "60"},
        )
