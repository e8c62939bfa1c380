"""A command that reads the log says so in one sentence where there is none."""

from __future__ import annotations

from indexer.errors import SopError


def demand_log(url: str, otherwise: str) -> None:
    """Go on where there may be a log at `url`.

    Args:
        url: of the settings, `events_url`.
        otherwise: the end of the sentence that says what follows, and what to do.

    Raises:
        SopError: there is none.
    """
    from search_api.events.place import has_log

    if not has_log(url):
        raise SopError(f"there is no log at events_url{otherwise}")
