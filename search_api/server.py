"""Runs the application under uvicorn, with logs as JSON lines and no access log but our own."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import uvicorn

from search_api.app import create_app
from search_api.auth import require_safe_host
from search_api.settings import Settings

_STOP_WITHIN_S = 10


def run(settings: Settings) -> None:
    """Serve until stopped.

    Raises:
        SettingsError: the host needs a key and there is none.
    """
    require_safe_host(settings)
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        # Whom to believe about a caller's address is decided in `auth`, not here.
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


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
