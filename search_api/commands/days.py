"""Days that a person may name: those that a calendar of shifts can reckon with."""

from __future__ import annotations

from datetime import datetime

import typer

_FIRST, _LAST = 1990, 2999
# Nobody keeps questions for longer, and a day before the calendar's first is none.
MOST_DAYS_KEPT = 36_500


def day_option(day: datetime | None) -> datetime | None:
    """Return a day that was named, for the callback of an option.

    Raises:
        typer.BadParameter: years of shifts and weeks around it would be none.
    """
    if day is not None and not _FIRST <= day.year <= _LAST:
        message = f"{day:%Y-%m-%d} lies outside the years {_FIRST} to {_LAST}"
        raise typer.BadParameter(message)
    return day
