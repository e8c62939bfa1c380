"""A dashboard as CSV and as lines for a terminal. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from search_api.insights.headlines import in_minutes
from search_api.insights.panels import ArticleLink, Cell, Dashboard, Headline, Panel, Unit

HEADLINES = "headlines"
# A spreadsheet would take a text that begins like this for a formula, and run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 10


def as_csv(dashboard: Dashboard, key: str) -> str | None:
    """Return a table as RFC 4180 has it; None where there is no such one.

    Shares are numbers in [0, 1]; an article is two columns, its id and its title. What a
    spreadsheet could run stands behind an apostrophe.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    if key == HEADLINES:
        writer.writerow(("headline", "value", "unit", "cases", "before", "change"))
        for one in dashboard.headlines:
            values: tuple[Cell, ...] = (one.key, one.value, one.unit, one.cases, one.before)
            writer.writerow([_safe(value) for value in (*values, one.change)])
        return file.getvalue()
    found = next((one for one in dashboard.panels if one.key == key), None)
    if found is None:
        return None
    writer.writerow([name for column in found.columns for name in _names(column.key, column.unit)])
    for row in found.rows:
        cells = zip(row, found.columns, strict=True)
        writer.writerow(
            [_safe(value) for cell, column in cells for value in _parts(cell, column.unit)]
        )
    return file.getvalue()


def as_lines(dashboard: Dashboard, keys: Sequence[str]) -> Iterator[str]:
    """Give a dashboard for a terminal: headlines, then what each panel found.

    Args:
        dashboard: what is told.
        keys: of the panels whose tables are given too.
    """
    where = f", {dashboard.area}" if dashboard.area else ""
    demo = " (demonstration)" if dashboard.is_demo else ""
    yield f"{dashboard.starts:%Y-%m-%d} to {dashboard.ends:%Y-%m-%d %H:%M} UTC{where}{demo}"
    yield ""
    for one in dashboard.headlines:
        yield f"{one.title:<12} {headline_value(one):>8}  {one.told}{_change(one)}"
    for found in dashboard.panels:
        yield ""
        yield f"{found.title}: {found.finding}"
        if found.key in keys:
            yield from _table(found)


def headline_value(one: Headline) -> str:
    """Return a headline's figure as people read it."""
    if one.value is None:
        return "-"
    return in_minutes(one.value) if one.unit == "minutes" else shown(one.value, "share")


def shown(cell: Cell, unit: Unit) -> str:
    """Return a cell as people read it."""
    if cell is None:
        return "-"
    if isinstance(cell, ArticleLink):
        return f"{cell.title} ({cell.id})"
    if unit == "share":
        return f"{float(cell):.0%}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _change(one: Headline) -> str:
    if one.change is None or one.before is None:
        return ""
    before = in_minutes(one.before) if one.unit == "minutes" else shown(one.before, "share")
    return f"; {'about as' if one.change == 'same' else one.change + ' than'} before ({before})"


def _table(found: Panel) -> Iterator[str]:
    rows = [
        [shown(cell, column.unit) for cell, column in zip(row, found.columns, strict=True)]
        for row in found.rows[:_MOST_ROWS]
    ]
    titles = [column.title for column in found.columns]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in [titles, *rows] if rows else []:
        yield (
            "  "
            + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _names(key: str, unit: Unit) -> tuple[str, ...]:
    return (f"{key}_id", f"{key}_title") if unit == "article" else (key,)


def _parts(cell: Cell, unit: Unit) -> tuple[Cell, ...]:
    if unit != "article":
        return (cell,)
    return (cell.id, cell.title) if isinstance(cell, ArticleLink) else (None, None)


def _safe(value: Cell) -> Cell:
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula else value
