"""Approved reports go out: as files in a folder, and to a webhook on this machine.

Nothing here connects beyond loopback: a relay that the operator runs passes a report on to
wherever the team reads. A report counts as posted when every way has taken it.
"""

from __future__ import annotations

import http.client
import json
import logging
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from indexer.errors import SopError
from indexer.files import replace_file
from search_api.events.reports import StoredReport, mark_posted, read_reports
from search_api.reports.file_names import SUFFIXES, file_name
from search_api.reports.html import to_html
from search_api.reports.markdown import to_markdown
from search_api.reports.report import Note, Report, Signed
from search_api.settings import Settings

_logger = logging.getLogger("sop.reports")
_PATIENCE_S = 5
_PRIVATE = 0o600
_NEWEST = 50


class PostError(SopError):
    """A report could not be posted."""


def signed(stored: StoredReport) -> Signed:
    """Return an approved report with what people said of it.

    Raises:
        PostError: what is stored is no report; an erasure once changed more than texts.
    """
    try:
        report = Report.model_validate(stored.content)
        ZoneInfo(report.zone)
    except (ValidationError, ZoneInfoNotFoundError, ValueError) as error:
        raise PostError(
            f"the approved {stored.kind} report of {stored.starts_at:%Y-%m-%d %H:%M} UTC cannot "
            "be read: its fields were changed in the log"
        ) from error
    return sign(report, stored)


def sign(report: Report, stored: StoredReport | None) -> Signed:
    """Return a report with what is stored of it: its notes, and who approved it."""
    if stored is None:
        return Signed(report=report)
    return Signed(
        report=report,
        notes=tuple(
            Note(author=one.author, written_at=one.written_at, text=one.text)
            for one in stored.notes
        ),
        approved_by=stored.approved_by,
        approved_at=stored.approved_at,
        posted_at=stored.posted_at,
        acknowledged_by=stored.acknowledged_by,
        acknowledged_at=stored.acknowledged_at,
    )


def post(settings: Settings, stored: StoredReport) -> list[Path]:
    """Post an approved report now, and return the files that were written.

    Raises:
        PostError: it is a draft, a file could not be written, or the webhook did not take it.
    """
    if stored.content is None:
        raise PostError("a draft is not posted; approve it first")
    told = signed(stored)
    text = to_markdown(told, settings.public_url)
    files = _write(settings.reports_folder, told, text, settings.public_url)
    if settings.report_webhook:
        _send(settings.report_webhook, told, text)
    mark_posted(settings.events_url, stored.id, datetime.now(UTC))
    return files


def post_due(settings: Settings, now: datetime) -> list[str]:
    """Post what is approved and due, and return the titles; what fails is tried again next time.

    Raises:
        EventStoreError: the log cannot be read.
    """
    posted = []
    for stored in read_reports(settings.events_url, limit=_NEWEST, approved_only=True):
        try:
            if stored.posted_at is None and is_due(stored, settings.post_reports_at, now):
                post(settings, stored)
                posted.append(signed(stored).report.title)
        except PostError as error:
            _logger.error("%s", error)
    return posted


def is_due(stored: StoredReport, at: time | None, now: datetime) -> bool:
    """Tell whether an approved report is to go out by now.

    A handover at once; the others at their time of day, on the day of their approval or, when
    that was later, on the next.
    """
    if stored.approved_at is None or at is None:
        return False
    if stored.kind == "handover":
        return True
    zone = ZoneInfo(signed(stored).report.zone)
    local = now.astimezone(zone)
    approved = stored.approved_at.astimezone(zone)
    is_later_day = local.date() > approved.date()
    return local.time() >= at and (approved.time() <= at or is_later_day)


def _write(folder: Path, told: Signed, text: str, public_url: str | None) -> list[Path]:
    name = file_name(told.report)
    contents = (text, to_html(told, public_url), told.model_dump_json(indent=1) + "\n")
    files = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in zip(files, contents, strict=True):
            replace_file(file, content.encode(), _PRIVATE)
    except OSError as error:
        raise PostError(
            f"the report could not be written to {folder} ({error.strerror}); set reports_folder"
        ) from error
    return files


def _send(url: str, told: Signed, text: str) -> None:
    parts = urlsplit(url)
    body = json.dumps({"title": told.report.title, "kind": told.report.kind, "text": text})
    connection = http.client.HTTPConnection(
        parts.hostname or "127.0.0.1", parts.port, timeout=_PATIENCE_S
    )
    try:
        connection.request(
            "POST", parts.path or "/", body.encode(), {"Content-Type": "application/json"}
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise PostError(
            f"report_webhook took nothing ({type(error).__name__}); is the relay running?"
        ) from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise PostError(f"report_webhook answered {status}; see the relay's own log")
