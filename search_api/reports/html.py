"""A report as one HTML file: no script, nothing from another place, readable in print and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from search_api.reports.markdown import DEMO, told
from search_api.reports.report import Chart, Link, Section, Signed, Table, Value
from search_api.reports.sections import clock

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --bar: #4051b5; --bad: #b3261e; --good: #146c2e; }
@media (prefers-color-scheme: dark) { :root { --bar: #9fa8da; --bad: #f2b8b5; --good: #a5d6a7; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.period { margin-top: .25rem; } .demo { border: 2px solid var(--bad); padding: .5rem .75rem; }
.highlights { padding-left: 0; list-style: none; }
.highlights li { border-left: .3rem solid var(--line); margin: .35rem 0; padding-left: .75rem; }
.highlights .bad { border-color: var(--bad); } .highlights .good { border-color: var(--good); }
.table { overflow-x: auto; } table { border-collapse: collapse; min-width: 50%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .75rem .3rem 0; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } figcaption { font-size: .85rem; } svg rect { fill: var(--bar); }
"""
_WIDTH, _HEIGHT, _GAP = 560, 60, 2


def to_html(signed: Signed, public_url: str | None = None) -> str:
    """Return a report as a whole HTML page; links lead to the site at `public_url`."""
    report = signed.report
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body><main>",
        *_body(signed, (public_url or "").rstrip("/")),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _body(signed: Signed, base: str) -> Iterator[str]:
    report = signed.report
    yield f"<h1>{escape(report.title)}</h1>"
    yield f'<p class="period">{escape(told(signed))}</p>'
    if report.is_demo:
        yield f'<p class="demo">{escape(DEMO)}</p>'
    yield '<ul class="highlights">'
    for one in report.highlights:
        sign = "<strong>Attention:</strong> " if one.tone == "bad" else ""
        yield f'<li class="{one.tone}">{sign}{escape(one.text)}</li>'
    yield "</ul>"
    for section in report.sections:
        yield from _section(section, base)
    if signed.notes:
        yield "<h2>Notes</h2><ul>"
        for note in signed.notes:
            when = clock(note.written_at, report.zone)
            yield f"<li>{escape(note.author)}, {when}: {escape(note.text)}</li>"
        yield "</ul>"


def _section(section: Section, base: str) -> Iterator[str]:
    yield f"<section><h2>{escape(section.title)}</h2>"
    if section.text:
        yield f"<p>{escape(section.text)}</p>"
    if section.table:
        yield from _table(section.table, base)
    for chart in section.charts:
        yield from _chart(chart)
    if section.note:
        yield f"<p>{escape(section.note)}</p>"
    yield "</section>"


def _table(table: Table, base: str) -> Iterator[str]:
    kinds = [
        ' class="number"' if _is_numeric([row[place] for row in table.rows]) else ""
        for place in range(len(table.columns))
    ]
    yield '<div class="table"><table><thead><tr>'
    for column, kind in zip(table.columns, kinds, strict=True):
        yield f'<th scope="col"{kind}>{escape(column.title)}</th>'
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = zip(row, kinds, strict=True)
        yield (
            "<tr>" + "".join(f"<td{kind}>{_cell(one, base)}</td>" for one, kind in cells) + "</tr>"
        )
    yield "</tbody></table></div>"


def _is_numeric(values: list[Link | Value]) -> bool:
    """Tell whether a column has numbers, and nothing else but empty cells."""
    there = [value for value in values if value is not None]
    return bool(there) and all(isinstance(value, (int, float)) for value in there)


def _cell(value: Link | Value, base: str) -> str:
    if isinstance(value, Link):
        if value.url is None or not base:
            return escape(value.text)
        return f'<a href="{escape(f"{base}/{value.url}")}">{escape(value.text)}</a>'
    return "" if value is None else escape(f"{value}")


def _chart(chart: Chart) -> Iterator[str]:
    top = max(chart.values, default=0)
    described = f"{chart.title}, {chart.labels[0]} to {chart.labels[-1]}, at most {top:g}"
    step = _WIDTH / max(1, len(chart.values))
    yield f'<figure><svg role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%"'
    yield f' height="{_HEIGHT}" preserveAspectRatio="none" aria-label="{escape(described)}">'
    for place, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True)):
        height = _HEIGHT * value / top if top else 0
        yield (
            f'<rect x="{place * step:.2f}" y="{_HEIGHT - height:.2f}" '
            f'width="{max(step - _GAP, 1):.2f}" height="{height:.2f}">'
            f"<title>{escape(label)}: {value:g}</title></rect>"
        )
    yield f"</svg><figcaption>{escape(described)}</figcaption></figure>"
