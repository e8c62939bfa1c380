"""Who runs a command, for records."""

from __future__ import annotations

import getpass
import os

from search_api.reports.controls import without_controls

_MOST_CHARS = 200


def person(stated: str | None) -> str:
    """Return who runs this: as they say, else as the machine knows them."""
    name = " ".join(without_controls(stated or "").split())
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a container may run as a user without a name
            name = f"user {os.getuid()}"
    return name[:_MOST_CHARS]
