"""Sections that several reports have, each made of the same material."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from indexer.article import KnownIssue
from search_api.events.event import QuestionEvent
from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.figures import (
    Count,
    Figures,
    by_channel,
    by_language,
    by_shift,
    grouped,
    needed,
    per_period,
)
from search_api.insights.shifts import Period
from search_api.reports.material import ArticleChange, Material
from search_api.reports.report import Chart, Column, Link, Section, Table, Value

_MOST_ROWS = 10
_HOUR = timedelta(hours=1)
_TOO_FEW = "Too few people asked to show a group."
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NOT_YET = "Not fixed yet"
_FIXED_WORDS = ("corrected", "fixed", "resolved", "released")
_REASONS = {
    "outdated": "outdated",
    "related_not_answered": "related, but no answer",
    "not_related": "not related",
    "unknown": "no reason given",
}


def table(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Link | Value]]) -> Table:
    """Return a table of rows in columns, each with its key and its title."""
    return Table(
        columns=tuple(Column(key=key, title=title) for key, title in columns),
        rows=tuple(tuple(row) for row in rows),
    )


def few(count: int) -> Value:
    """Return a count as it may be shown: one or two people are not told apart."""
    return f"under {FEWEST_ASKERS}" if 0 < count < FEWEST_ASKERS else count


def of_enough(count: Count) -> Value:
    """Return how often something happened, where it happened to enough people."""
    if 0 < count.people < FEWEST_ASKERS:
        return f"under {FEWEST_ASKERS} people"
    return count.times


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 ticket`, `2 tickets`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """Return a share as people read it."""
    return "-" if share is None else f"{share:.0%}".replace("%", " %")


def clock(moment: datetime, zone: str) -> str:
    """Return a time of day with its date, in a time zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def numbers(columns: Sequence[tuple[str, str, Figures]], charts: Sequence[Chart]) -> Section:
    """Return the figures of some periods beside one another.

    Args:
        columns: key, title and figures of each period.
        charts: drawn below.
    """
    lines: list[tuple[str, Callable[[Figures], Value]]] = [
        ("Questions", lambda one: one.questions),
        ("Different people", lambda one: few(one.askers)),
        ("Tickets", lambda one: one.tickets),
        ("Got an article", lambda one: percent(one.answered_share)),
        ("Linked to the user", lambda one: few(one.events["linked"])),
        ("Resolved", lambda one: few(one.events["resolved"])),
        ("Rejected suggestions", lambda one: few(one.events["rejected"])),
        ("Escalated", lambda one: few(one.events["escalated"])),
        ("Reopened", lambda one: few(one.events["reopened"])),
        ("Gaps reported", lambda one: few(one.events["gap"])),
    ]
    return Section(
        key="numbers",
        title="Numbers",
        table=table(
            [("figure", ""), *((key, title) for key, title, _ in columns)],
            [[name, *(value(found) for _, _, found in columns)] for name, value in lines],
        ),
        charts=tuple(charts),
    )


def per_hour(material: Material, period: Period) -> Chart:
    """Return the questions of each hour of a period."""
    hours = []
    start = period.starts
    while start < period.ends:
        hours.append(Period("", start, min(start + _HOUR, period.ends), period.zone))
        start += _HOUR
    counts = per_period(material.questions, hours)
    zone = ZoneInfo(period.zone)
    return Chart(
        title="Questions by hour",
        labels=tuple(f"{one.starts.astimezone(zone):%H:%M}" for one in hours),
        values=tuple(counts),
    )


def per_day(material: Material, last: date, days: int) -> Chart:
    """Return the questions of each of some days."""
    periods = [material.plan.day(last - timedelta(days=back)) for back in reversed(range(days))]
    return Chart(
        title=f"Questions a day, {days} days",
        labels=tuple(one.name for one in periods),
        values=tuple(per_period(material.questions, periods)),
    )


def known_issues(material: Material, period: Period, earlier: Period, title: str) -> Section:
    """Return the known issues, those first that were needed most often.

    One that was resolved stays as long as people still need it. What an article says now of a
    day after the period was not so yet.

    Args:
        material: what is known.
        period: that the report is about.
        earlier: that it is compared with.
        title: of the comparison's column.
    """
    known = {
        name: facts.known_issue
        for name, facts in material.articles.items()
        if facts.known_issue and facts.status == "active"
    }
    by = last_day(period)
    counts = needed(material.questions, material.feedback, known, period)
    before = needed(material.questions, material.feedback, known, earlier)
    now, then = ({name: told.get(name, Count()) for name in known} for told in (counts, before))
    order = sorted(known, key=lambda name: (-now[name].times, -then[name].times, name))
    rows = [
        (
            material.link(name),
            known[name].reference,
            of_enough(now[name]),
            of_enough(then[name]),
            _NOT_YET if _is_fixed_later(known[name], by) else known[name].engineering_status,
            _advice(known[name], now[name], by),
        )
        for name in order
        if name in counts or name in before or _is_open(known[name], by)
    ]
    columns = [
        ("article", "Known issue"),
        ("reference", "Reference"),
        ("needed", "Needed"),
        ("before", title),
        ("engineering", "Engineering says"),
        ("advice", "To do"),
    ]
    return Section(
        key="known_issues",
        title="Known issues",
        text=None if rows else "None is open, and none was needed.",
        table=table(columns, rows) if rows else None,
    )


def last_day(period: Period) -> date:
    """Return the day on which a period ends, where its people live."""
    return (period.ends - timedelta(microseconds=1)).astimezone(ZoneInfo(period.zone)).date()


def is_fixed(issue: KnownIssue, by: date) -> bool:
    """Tell whether engineering had ended a known issue on a day, by its date or by its words."""
    return _says_fixed(issue) and not _is_fixed_later(issue, by)


def _says_fixed(issue: KnownIssue) -> bool:
    return issue.resolved is not None or issue.engineering_status.lower().startswith(_FIXED_WORDS)


def _is_fixed_later(issue: KnownIssue, by: date) -> bool:
    """Tell whether a known issue was ended after a day; words may name when that was."""
    if not _says_fixed(issue):
        return False
    named = _DATE.search(issue.engineering_status)
    ended = issue.resolved.isoformat() if issue.resolved else named[0] if named else ""
    return ended > by.isoformat()


def _is_open(issue: KnownIssue, by: date) -> bool:
    return issue.started <= by and (issue.resolved is None or issue.resolved > by)


def articles(material: Material, now: Figures) -> Section:
    """Return the articles that helped most, and those that did not."""
    told = {
        name: (now.used.get(name, Count()), now.rejected.get(name, Count()))
        for name in {*now.used, *now.rejected}
    }
    shown = [
        (-used.times, -rejected.times, name)
        for name, (used, rejected) in told.items()
        if max(used.people, rejected.people) >= FEWEST_ASKERS
    ]
    rows = [
        (material.link(name), *map(of_enough, told[name]))
        for *_, name in sorted(shown)[:_MOST_ROWS]
    ]
    columns = [
        ("article", "Article"),
        ("used", "Linked or resolved"),
        ("rejected", "Rejected"),
    ]
    more = len(told) - len(rows)
    return Section(
        key="articles",
        title="Articles",
        text=None if rows else "Too few people said whether an article helped.",
        table=table(columns, rows) if rows else None,
        note=f"{more} more, or with fewer than {FEWEST_ASKERS} people." if more else None,
    )


def who_asked(material: Material, asked: Sequence[QuestionEvent]) -> Section:
    """Return the questions by shift, language and channel."""
    rows: list[Sequence[Link | Value]] = []
    hidden = 0
    for kind, names in (
        ("Shift", by_shift(material.plan)),
        ("Language", by_language),
        ("Channel", by_channel),
    ):
        groups, left_out = grouped(asked, names)
        hidden += left_out
        rows += [
            (kind, one.name, one.questions, percent(one.answered / one.questions)) for one in groups
        ]
    columns = [
        ("kind", ""),
        ("name", ""),
        ("questions", "Questions"),
        ("answered", "Got an article"),
    ]
    note = f"Groups of fewer than {FEWEST_ASKERS} people are not shown." if hidden else None
    return Section(
        key="groups",
        title="Where questions came from",
        text=None if rows else _TOO_FEW if asked else "Nobody asked.",
        table=table(columns, rows) if rows else None,
        note=note if rows else None,
    )


def changes(material: Material, period: Period, limit: int = 20) -> Section:
    """Return what changed in the articles, each article once with its last change."""
    title, key = "Changes of the articles", "changes"
    if material.changes is None:
        return Section(
            key=key, title=title, text="Not known: the articles are in no git repository here."
        )
    last: dict[str, ArticleChange] = {}
    for change in material.changes:
        if period.holds(change.at):
            last[change.article] = change
    rows = [
        (clock(one.at, period.zone), one.what, material.link(one.article), one.subject)
        for one in sorted(last.values(), key=lambda one: (one.at, one.article))
    ]
    columns = [
        ("at", f"When ({period.zone})"),
        ("what", ""),
        ("article", "Article"),
        ("subject", "Why"),
    ]
    more = len(rows) - limit
    return Section(
        key=key,
        title=title,
        text=None if rows else "None.",
        table=table(columns, rows[:limit]) if rows else None,
        note=f"{more} more." if more > 0 else None,
    )


def reasons_in_words(reasons: Counter[str]) -> str:
    """Return why suggestions were rejected, the most frequent reason first."""
    return ", ".join(
        f"{count} {_REASONS.get(name, name)}"
        for name, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    )


def _advice(issue: KnownIssue, needs: Count, by: date) -> str:
    if is_fixed(issue, by):
        return "Retire the workaround"
    return "Ask engineering for a date" if needs.people >= FEWEST_ASKERS else ""
