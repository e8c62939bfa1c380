"""What a dashboard consists of: headlines, and panels that are each a finding and a table.

The page, the CSV files and `sop insights` are made from these alone, so they cannot disagree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

# How a column's values are read: a share is in [0, 1], minutes are a number, a time and a day are
# written as ISO 8601 has them; `article` is a link.
Unit = Literal["text", "count", "share", "minutes", "time", "day", "article"]
Change = Literal["better", "worse", "same"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class ArticleLink(_Value):
    """An article by name; without an address where the site has no page of it."""

    id: str
    title: str
    url: str | None


Cell = ArticleLink | int | float | str | None


class Headline(_Value):
    """One of the figures at the top.

    Attributes:
        key: `friendly`, `fast`, `fixed_right` or `first_stop`.
        unit: `share` or `minutes`.
        value: None where there are too few cases to say.
        cases: how many it is about.
        before: the same figure of the time before; None where that has too few.
        change: against the time before; `same` where the difference may be chance, None where
            there is nothing to compare.
        told: what it says, in words.
        note: what it counts.
    """

    key: str
    title: str
    unit: Literal["share", "minutes"]
    value: float | None
    cases: int
    before: float | None
    change: Change | None
    told: str
    note: str


class PanelColumn(_Value):
    """A column of a table; `key` is for programs, `title` for people."""

    key: str
    title: str
    unit: Unit


class Panel(_Value):
    """One question about a time, answered by a sentence, a chart and a table.

    Attributes:
        finding: what it says, in words.
        chart: `lines` over the first column, which is a time; `bars` of the column `charted`
            by the first one; None for a table alone.
        charted: keys of the columns that are drawn.
        note: what is left out, or how it is counted.
    """

    key: str
    title: str
    finding: str
    chart: Literal["lines", "bars"] | None
    charted: tuple[str, ...]
    columns: tuple[PanelColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None


class Dashboard(_Value):
    """Everything that is told about a time and an area.

    Attributes:
        range: its name.
        starts, ends: of the time; `ends` does not belong to it.
        before_starts, before_ends: of the time that it is compared with.
        step: how long a point of a chart is.
        zone: time zone of its days.
        area: only this one; None for all.
        areas: that there are.
        questions: how many were asked in the time.
        log_begins: when the first question was asked that is known; None in an empty log.
        is_demo: whether the log holds a demonstration.
        made_at: when the figures were made.
    """

    range: str
    starts: datetime
    ends: datetime
    before_starts: datetime
    before_ends: datetime
    step: Literal["hour", "day", "week"]
    zone: str
    area: str | None
    areas: tuple[str, ...]
    questions: int
    log_begins: datetime | None
    is_demo: bool
    made_at: datetime
    headlines: tuple[Headline, ...]
    panels: tuple[Panel, ...]


def panel(
    key: str,
    title: str,
    finding: str,
    columns: tuple[tuple[str, str, Unit], ...],
    rows: list[tuple[Cell, ...]],
    *,
    chart: Literal["lines", "bars"] | None = None,
    charted: tuple[str, ...] = (),
    note: str | None = None,
) -> Panel:
    """Return a panel; a chart is left out where there is nothing to draw."""
    return Panel(
        key=key,
        title=title,
        finding=finding,
        chart=chart if rows else None,
        charted=charted if rows else (),
        columns=tuple(PanelColumn(key=name, title=text, unit=unit) for name, text, unit in columns),
        rows=tuple(rows),
        note=note,
    )
