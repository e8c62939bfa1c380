"""Where the log is, told from its address alone: nothing is opened and no library is loaded."""

from __future__ import annotations

import re
from pathlib import Path

_SQLITE = re.compile(r"sqlite(?:\+\w+)?://(?:/(?P<path>[^?]*))?(?:\?.*)?", re.DOTALL)
_IN_MEMORY = ("", ":memory:")


def has_log(url: str) -> bool:
    """Tell whether there may be a log at a database's address.

    A SQLite file is there or not; of a server only whoever calls it can tell.
    """
    if _SQLITE.fullmatch(url) is None:
        return True
    path = sqlite_path(url)
    return path is not None and path.is_file()


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite address; None for a server, and for one in memory."""
    sqlite = _SQLITE.fullmatch(url)
    path = (sqlite["path"] or "").removeprefix("file:") if sqlite else ""
    return None if path in _IN_MEMORY else Path(path)
