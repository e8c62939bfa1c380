"""A report as Markdown, as it is posted in chat or kept beside other notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from search_api.reports.controls import without_controls
from search_api.reports.report import Chart, Link, Section, Signed, Table, Value
from search_api.reports.sections import clock

_BARS = "▁▂▃▄▅▆▇█"
_SIGNS = {"bad": "**!** ", "good": "", "plain": ""}
# What would be read as layout in a cell or a sentence.
_LAYOUT = re.compile(r"([\\`*_\[\]<>|#])")
DEMO = "Demonstration: every question in this report was made up."


def to_markdown(signed: Signed, public_url: str | None = None) -> str:
    """Return a report as Markdown; links lead to the site at `public_url`, where one is known."""
    report = signed.report
    base = (public_url or "").rstrip("/")
    lines = [f"# {escaped(report.title)}", ""]
    if report.is_demo:
        lines += [f"> {DEMO}", ""]
    lines += [escaped(told(signed)), ""]
    lines += [f"- {_SIGNS[one.tone]}{escaped(one.text)}" for one in report.highlights]
    for section in report.sections:
        lines += ["", f"## {escaped(section.title)}", "", *_section(section, base)]
    if signed.notes:
        lines += ["", "## Notes", ""]
        lines += [
            f"- {escaped(one.author)}, {clock(one.written_at, report.zone)}: {escaped(one.text)}"
            for one in signed.notes
        ]
    return "\n".join(lines) + "\n"


def told(signed: Signed) -> str:
    """Return what a report is about and how far it is, in one plain sentence."""
    report = signed.report
    period = f"{clock(report.starts, report.zone)} to {clock(report.ends, report.zone)}"
    sentence = f"{period} ({report.zone})"
    if report.made_at < report.ends:
        sentence += f", counted until {clock(report.made_at, report.zone)}"
    if signed.approved_by and signed.approved_at:
        sentence += f". Approved by {signed.approved_by}"
    else:
        sentence += ". Draft"
    if signed.acknowledged_by:
        sentence += f", taken over by {signed.acknowledged_by}"
    return sentence + "."


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _LAYOUT.sub(r"\\\1", " ".join(without_controls(text).split()))


def sparkline(values: Iterable[float]) -> str:
    """Return numbers as a row of bars, the highest as high as a letter; nothing is lowest."""
    counted = list(values)
    top = max(counted, default=0) or 1
    return "".join(_BARS[round(value / top * (len(_BARS) - 1))] for value in counted)


def _section(section: Section, base: str) -> Iterator[str]:
    if section.text:
        yield escaped(section.text)
        yield ""
    if section.table:
        yield from _table(section.table, base)
        yield ""
    for chart in section.charts:
        yield _chart(chart)
        yield ""
    if section.note:
        yield escaped(section.note)
        yield ""


def _table(table: Table, base: str) -> Iterator[str]:
    yield f"| {' | '.join(escaped(column.title) for column in table.columns)} |"
    yield f"|{' --- |' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(_cell(value, base) for value in row)} |"


def _cell(value: Link | Value, base: str) -> str:
    if isinstance(value, Link):
        has_page = value.url is not None and base
        return f"[{escaped(value.text)}]({base}/{value.url})" if has_page else escaped(value.text)
    return "" if value is None else escaped(f"{value}")


def _chart(chart: Chart) -> str:
    first, last = chart.labels[0], chart.labels[-1]
    top = max(chart.values, default=0)
    bars = sparkline(chart.values)
    return f"{escaped(chart.title)} ({first} to {last}, at most {top:g}): `{bars}`"
