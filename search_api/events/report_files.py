"""Files in the folder of reports that name or quote what goes, and which may be deleted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from search_api.events.traces import Traces
from search_api.reports.file_names import is_posted

_FOREIGN = (
    "{path} names or quotes it, and is no report that was posted, so it was not deleted; look at "
    "it yourself"
)


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found.

    Attributes:
        posted: reports that posting wrote, in the order of their paths.
        remains: what may still name or quote it, one sentence each.
    """

    posted: tuple[Path, ...] = ()
    remains: tuple[str, ...] = ()


def files_that_name(folder: Path, traces: Traces) -> Hits:
    """Return the files below a folder that name what was erased, or quote it."""
    posted, remains = [], []
    for path in _files(folder):
        try:
            text = _text(path)
        except OSError as error:
            remains.append(f"{path} could not be searched ({error.strerror})")
            continue
        if traces.are_in(text) or traces.are_in(str(path.relative_to(folder))):
            if is_posted(path, folder):
                posted.append(path)
            else:
                # Somebody's own, or the log itself in a folder that was mixed up.
                remains.append(_FOREIGN.format(path=path))
    return Hits(tuple(posted), tuple(remains))


def files_with_old_notes(folder: Path, traces: Traces, before: datetime) -> Hits:
    """Return posted reports whose notes are from before a time, or quote what is.

    Nothing else in a report is anybody's words.
    """
    posted, remains = [], []
    for path in _files(folder):
        if not is_posted(path, folder):
            continue
        try:
            if _has_old_notes(path, traces, before):
                posted.append(path)
        except OSError as error:
            remains.append(f"{path} could not be searched ({error.strerror})")
    return Hits(tuple(posted), tuple(remains))


def delete(paths: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Delete files; return those that are gone, and a sentence for each that is not."""
    gone, remains = [], []
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            remains.append(f"{path} names or quotes it and could not be deleted ({error.strerror})")
        else:
            gone.append(path)
    return tuple(gone), tuple(remains)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def _has_old_notes(path: Path, traces: Traces, before: datetime) -> bool:
    """Tell it by the notes of the report's JSON; where that is none, by the whole text."""
    try:
        notes = [
            (datetime.fromisoformat(note["written_at"]), note["text"])
            for note in json.loads(_text(path.with_suffix(".json")))["notes"]
        ]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return traces.are_in(_text(path))
    return any(written < before or traces.quotes(text) for written, text in notes)
