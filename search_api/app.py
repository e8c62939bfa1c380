"""The application: routes, errors and middleware in the order a request meets them.

    RequestContext -> BodyLimit -> GZip -> routes -> site

`create_app` is a factory; importing this module opens and starts nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from indexer.pages import POLICY_FILE
from search_api.auth import load_actor_key
from search_api.live import site_folder
from search_api.middleware import BodyLimit, RequestContext
from search_api.parts import ROUTERS, running_beside
from search_api.problems import problem
from search_api.routes import SUGGEST_BATCH_PATH, api, operations
from search_api.service import Service, make_service, require_caller
from search_api.settings import Settings
from search_api.suggest import EmptyQuestionError
from search_api.workers import OverloadedError

MAX_BODY_BYTES = 96 * 1024
MAX_BATCH_BYTES = 1024 * 1024
# Answers are small and wanted at once; pages and the search index are worth compressing.
_GZIP_FROM_BYTES, _GZIP_PAGES_FROM = 16 * 1024, 500
_ANY_API_PATH = "/api/{path:path}"
_NO_ROUTE = "There is no such route; see /api/docs."
_NO_JSON = "is not valid JSON"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def create_app(settings: Settings) -> FastAPI:
    """Return the application. The index, the log and the watcher start with its lifespan."""
    service = make_service(settings, load_actor_key(settings.actor_key_file))
    # The plain class's documentation page takes its scripts from another host.
    app = FastAPIOffline(
        title="SOP suggestions",
        summary="Which article helps with this question?",
        version="1",
        docs_url="/api/docs",
        redoc_url=None,
        static_url="/api/docs-assets",
        swagger_ui_oauth2_redirect_url="/api/docs/oauth2-redirect",
        openapi_url="/api/openapi.json",
        lifespan=_lifespan,
    )
    app.state.service = service
    for router in (operations, api, *ROUTERS):
        app.include_router(router)
    app.add_api_route(
        _ANY_API_PATH, _no_such_route, methods=list(_METHODS), include_in_schema=False
    )
    # A page is a dozen small files, each of which compresses well.
    app.mount("/", GZipMiddleware(_Site(service), minimum_size=_GZIP_PAGES_FROM), name="site")
    app.exception_handler(HTTPException)(_http_problem)
    app.exception_handler(RequestValidationError)(_validation_problem)
    app.exception_handler(OverloadedError)(_overload_problem)
    app.exception_handler(EmptyQuestionError)(_empty_problem)
    # Added last is met first.
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=5)
    app.add_middleware(
        BodyLimit, max_bytes=MAX_BODY_BYTES, larger=[(SUGGEST_BATCH_PATH, MAX_BATCH_BYTES)]
    )
    app.add_middleware(RequestContext, observe=service.metrics.observe_request)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    service.events.start()
    await asyncio.to_thread(service.live.open_first)
    try:
        async with running_beside(service):
            yield
    finally:
        service.workers.close()
        service.clerks.close()
        await asyncio.to_thread(service.events.close)


def _refuse_wrong_method(request: Request) -> None:
    """Raise 405 where a route exists for this path, but not for this method."""
    for method in _METHODS:
        scope = {**request.scope, "method": method}
        if method != request.method and any(_takes(r, scope) for r in request.app.routes):
            raise HTTPException(405, f"Use {method} here.", headers={"Allow": method})


def _takes(route: BaseRoute, scope: Scope) -> bool:
    takes_anything = isinstance(route, Mount) or getattr(route, "path", "") == _ANY_API_PATH
    return not takes_anything and route.matches(scope)[0] is Match.FULL


class _Site:
    """Serves the built site that belongs to the snapshot which is serving now."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._folder: Path | None = None
        self._files: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.url.path == "/api":
            raise HTTPException(404, _NO_ROUTE)
        if request.method not in ("GET", "HEAD"):
            _refuse_wrong_method(request)
        caller = require_caller(request, self._service, "site")
        suggester = self._service.live.suggester
        if suggester is not None and not suggester.sees_site(caller.audiences):
            raise HTTPException(403, "This site has articles that this caller may not see.")
        folder = site_folder(self._service.live, self._service.settings)
        if folder is None:
            raise HTTPException(404, "There is no page here. The API is described at /api/docs.")
        if folder != self._folder or self._files is None:
            self._files = _Pages(folder)
            self._folder = folder
        await self._files(scope, receive, send)


class _Pages(StaticFiles):
    """Pages that a browser asks for again each time; unchanged ones cost a 304.

    They run no other scripts than those that the site's build found in them. Everything
    else has the same policy: a picture can be a document with scripts too.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)
        policy = folder / POLICY_FILE
        self._policy = policy.read_text(encoding="utf-8").strip() if policy.is_file() else None

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.setdefault("Cache-Control", "no-cache")
        if self._policy:
            response.headers["Content-Security-Policy"] = self._policy
        return response


async def _no_such_route(request: Request) -> Response:
    _refuse_wrong_method(request)
    raise HTTPException(404, _NO_ROUTE)


async def _http_problem(request: Request, error: HTTPException) -> Response:
    if error.status_code == HTTPStatus.BAD_REQUEST:
        # What the framework calls a body that its JSON reader gave up on.
        errors = [{"field": "body", "message": _NO_JSON}]
        return problem(422, f"body: {_NO_JSON}", request.state.request_id, errors)
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, error.detail, request.state.request_id, headers=headers)


async def _validation_problem(request: Request, error: RequestValidationError) -> Response:
    """Name the fields at fault; what was sent in them is not repeated."""
    errors = [
        {"field": _field(fault), "message": _message(fault, request)} for fault in error.errors()
    ]
    first = errors[0]
    detail = f"{first['field']}: {first['message']}"
    return problem(422, detail, request.state.request_id, errors)


def _field(fault: dict[str, Any]) -> str:
    if fault["type"] == "json_invalid":
        return "body"
    return ".".join(str(part) for part in fault["loc"] if part != "body") or "body"


def _message(fault: dict[str, Any], request: Request) -> str:
    if fault["type"] == "json_invalid":
        return _NO_JSON
    if fault["loc"] == ("body",) and "json" not in request.headers.get("content-type", ""):
        return "send JSON, with the header Content-Type: application/json"
    return str(fault["msg"]).removeprefix("Value error, ")


async def _empty_problem(request: Request, error: EmptyQuestionError) -> Response:
    errors = [{"field": "body", "message": str(error)}]
    return problem(422, f"body: {error}", request.state.request_id, errors)


async def _overload_problem(request: Request, _error: OverloadedError) -> Response:
    detail = "Too many questions are waiting; ask again in a second."
    return problem(503, detail, request.state.request_id, headers={"Retry-After": "1"})
