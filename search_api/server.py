"""Runs the application under uvicorn, with logs as JSON lines and no access log but our own."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from socket import socket

import uvicorn

from search_api.app import create_app
from search_api.auth import require_safe_host
from search_api.service import Service
from search_api.settings import Settings, SettingsError

_STOP_WITHIN_S = 10


def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until stopped; `announce` is told once that it listens, and where.

    Raises:
        SettingsError: the host needs a key and there is none, or it cannot be listened on.
    """
    require_safe_host(settings)
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        # Whom to believe about a caller's address is decided in `auth`, not here.
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )
    try:
        _Server(config, lambda: announce(_greeting(app.state.service))).run()
    except SystemExit as error:
        # uvicorn has logged why, for example that the port is taken.
        message = f"cannot listen on {settings.host}:{settings.port}; choose another --port"
        raise SettingsError(message) from error


def _greeting(service: Service) -> str:
    where = f"http://{service.settings.host}:{service.settings.port}/"
    suggester = service.live.suggester
    what = f"snapshot {suggester.snapshot.manifest.id}" if suggester else "no snapshot yet"
    fault = f"\n{service.live.fault}" if service.live.fault else ""
    return f"serving {what} on {where} (API: /api/docs); Ctrl-C stops{fault}"


class _Server(uvicorn.Server):
    """Once it is up, it says so, and garbage is collected again, the loaded index left out."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()
        # The index stays as long as the process: the collector need not walk it again and again.
        gc.freeze()
        gc.enable()


class _JsonLines(logging.Formatter):
    """One event is one line, whatever it holds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        message = record.getMessage()
        line |= json.loads(message) if record.name == "sop.access" else {"message": message}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)
