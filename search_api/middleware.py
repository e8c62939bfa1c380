"""What happens to every request: an id, a time, one log line, a size limit, safe headers.

Plain ASGI, since it stands in the path of every answer. Neither query strings nor bodies
are ever logged: they hold what people asked.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.problems import problem

access_logger = logging.getLogger("sop.access")
_logger = logging.getLogger("sop.app")
_REQUEST_ID = re.compile(r"^[\w.-]{1,64}$", re.ASCII)
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}

Observe = Callable[[str, int, float], None]


class RequestContext:
    """Gives a request its id, logs and measures it, and answers 500 for what nobody caught."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        """Wrap `app`; `observe` is told route, status and seconds of every request."""
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; see the class."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            _logger.exception("request %s failed", request_id)
            if begun:
                raise
            detail = "Something went wrong here; quote the request id when you report it."
            await problem(500, detail, request_id)(scope, receive, send_with_headers)
        finally:
            self._finish(scope, request_id, status, time.perf_counter() - started)

    def _finish(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        place = "api" if scope["path"].startswith("/api/") else "site"
        route = getattr(scope.get("route"), "path", None) or place
        self._observe(route, status, seconds)
        line = {
            "request_id": request_id,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        access_logger.info(json.dumps(line))


class BodyLimit:
    """Answers 413 to a request body that is larger than its path may have."""

    def __init__(
        self, app: ASGIApp, max_bytes: int, larger: Iterable[tuple[str, int]] = ()
    ) -> None:
        """Wrap `app`; `larger` lists paths with a limit of their own."""
        self._app = app
        self._max_bytes = max_bytes
        self._larger = dict(larger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; see the class."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._max_bytes)
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = declared.isdigit() and int(declared) > limit
        body = bytearray()
        more = True
        while more and not too_large:
            message = await receive()
            if message["type"] != "http.request":
                return  # The caller has gone.
            body += message.get("body", b"")
            more = message.get("more_body", False)
            too_large = len(body) > limit
        if too_large:
            detail = f"The request body may have at most {limit:,} bytes."
            await problem(413, detail, scope["state"]["request_id"])(scope, receive, send)
            return
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)
