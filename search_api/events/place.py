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
    sqlite = _SQLITE.fullmatch(url)
    if sqlite is None:
        return True
    path = (sqlite["path"] or "").removeprefix("file:")
    return path not in _IN_MEMORY and Path(path).is_file()
