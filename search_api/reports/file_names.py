"""What the files of posted reports are called: those may be deleted, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from search_api.reports.report import Kind, Report

SUFFIXES = (".md", ".html", ".json")
_NAME = rf"(?:{'|'.join(get_args(Kind))})-\d{{4}}-\d\d-\d\d-\d{{4}}"
_SUFFIX = f"(?:{'|'.join(map(re.escape, SUFFIXES))})"
# A file that was being written when the power went has a point in front and a number behind.
_POSTED = re.compile(rf"{_NAME}{_SUFFIX}|\.{_NAME}{_SUFFIX}\.\d+")


def file_name(report: Report) -> str:
    """Return what a report's files are called, without their suffix."""
    local = report.starts.astimezone(ZoneInfo(report.zone))
    return f"{report.kind}-{local:%Y-%m-%d-%H%M}"


def is_posted(path: Path, folder: Path) -> bool:
    """Tell whether a file can only be one that posting wrote directly into a folder."""
    return path.parent == folder and _POSTED.fullmatch(path.name) is not None
