"""Days that a person may name: those that a calendar of shifts can reckon with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import typer

DAY = "%Y-%m-%d"

_FIRST, _LAST = 1990, 2999
# Nobody keeps questions for longer, and a day before the calendar's first is none.
MOST_DAYS_KEPT = 36_500


def day_option(told: str, *names: str, formats: Sequence[str] = (DAY,)) -> Any:
    """Return the option of a day, for the annotation of a parameter; it refuses odd years.

    Args:
        told: the help.
        names: of the option, `--since`; without any, the parameter's own.
        formats: how a day may be written.
    """
    return typer.Option(*names, formats=list(formats), callback=_reckonable, help=told)


def _reckonable(day: datetime | None) -> datetime | None:
    """Return a day that was named.

    Raises:
        typer.BadParameter: years of shifts and weeks around it would be none.
    """
    if day is not None and not _FIRST <= day.year <= _LAST:
        message = f"{day:%Y-%m-%d} lies outside the years {_FIRST} to {_LAST}"
        raise typer.BadParameter(message)
    return day
