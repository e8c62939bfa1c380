"""The reports that there are, each built from material alone."""

from __future__ import annotations

from datetime import date, timedelta

from search_api.events.event import QuestionEvent
from search_api.insights.figures import Figures, figures
from search_api.insights.shifts import Period
from search_api.reports import sections, waiting
from search_api.reports.highlights import highlights, unusual_volume
from search_api.reports.material import Alert, Material
from search_api.reports.report import Highlight, Kind, Report, Section

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_SPARK_DAYS = 14


def daily(material: Material, day: date) -> Report:
    """Return the report of a day: what happened, beside yesterday and a week before."""
    plan = material.plan
    period, yesterday, last_week = (plan.day(one) for one in (day, day - _DAY, day - _WEEK))
    now, before, week_before = (_figures(material, one) for one in (period, yesterday, last_week))
    found = highlights(material, period, now, week_before, f"last {last_week.starts:%A}")
    if volume := unusual_volume(material, day):
        found = (found[0], volume, *found[1:])
    columns = [
        ("today", f"{day:%a} {day}", now),
        ("yesterday", "Day before", before),
        ("last_week", "Week before", week_before),
    ]
    charts = [
        sections.per_hour(material, period),
        sections.per_day(material, day, _SPARK_DAYS),
    ]
    return _report(
        "daily",
        f"Daily report {day}",
        material,
        period,
        found,
        [
            sections.numbers(columns, charts),
            sections.known_issues(material, period, _seven_days(period), "Last 7 days"),
            waiting.tickets(material, period),
            sections.articles(material, now),
            sections.who_asked(material, _asked(material, period)),
            waiting.due(material, plan.shift_at(max(material.now, period.starts))),
            sections.changes(material, period),
        ],
    )


def handover(material: Material, shift: Period) -> Report:
    """Return what a shift hands over to the next one."""
    following = material.plan.shift_at(shift.ends)
    day = material.plan.day_of(shift.starts)
    # The same hours on the team's clocks, which may have been changed in between.
    before = material.plan.shift_named(shift.name, day - _WEEK) or shift.earlier(7)
    now, week_before = _figures(material, shift), _figures(material, before)
    return _report(
        "handover",
        f"Handover {shift.name} to {following.name}, {shift.starts:%Y-%m-%d}",
        material,
        shift,
        highlights(material, shift, now, week_before, "a week before"),
        [
            _running(material, shift),
            waiting.due(material, following),
            waiting.tickets(material, shift),
            sections.known_issues(material, shift, _seven_days(shift), "Last 7 days"),
            _pins(material, shift),
            sections.changes(material, shift),
            sections.numbers(
                [("shift", shift.name, now), ("last_week", "Week before", week_before)],
                [sections.per_hour(material, shift)],
            ),
        ],
    )


def weekly(material: Material, last: date) -> Report:
    """Return the report of the seven days that end with a day."""
    plan = material.plan
    period = _days(material, last - _WEEK + _DAY, last)
    earlier = _days(material, last - 2 * _WEEK + _DAY, last - _WEEK)
    now, before = _figures(material, period), _figures(material, earlier)
    return _report(
        "weekly",
        f"Weekly report {period.starts:%Y-%m-%d} to {last}",
        material,
        period,
        highlights(material, period, now, before, "the week before"),
        [
            sections.numbers(
                [("week", "This week", now), ("last_week", "Week before", before)],
                [sections.per_day(material, last, 2 * _SPARK_DAYS)],
            ),
            sections.known_issues(material, period, earlier, "Week before"),
            waiting.tickets(material, period, limit=10),
            sections.articles(material, now),
            sections.who_asked(material, _asked(material, period)),
            _past_review(material, last),
            waiting.due(material, plan.shift_at(material.now)),
            sections.changes(material, period),
        ],
    )


def _report(
    kind: Kind,
    title: str,
    material: Material,
    period: Period,
    found: tuple[Highlight, ...],
    parts: list[Section],
) -> Report:
    return Report(
        kind=kind,
        title=title,
        starts=period.starts,
        ends=period.ends,
        zone=period.zone,
        made_at=material.now,
        is_demo=material.is_demo,
        highlights=found,
        sections=tuple(parts),
    )


def _figures(material: Material, period: Period) -> Figures:
    return figures(material.questions, material.feedback, period)


def _asked(material: Material, period: Period) -> list[QuestionEvent]:
    return [one for one in material.questions if period.holds(one.asked_at)]


def _days(material: Material, first: date, last: date) -> Period:
    begin, end = material.plan.day(first), material.plan.day(last)
    return Period(f"{first} to {last}", begin.starts, end.ends, begin.zone)


def _seven_days(period: Period) -> Period:
    return Period("", period.ends - _WEEK, period.ends, period.zone)


def _running(material: Material, shift: Period) -> Section:
    """Return the malfunctions that run when the shift ends."""
    rows = [
        (
            alert.title,
            sections.clock(alert.since, shift.zone),
            _until(alert, shift),
            material.link(alert.article) if alert.article else None,
        )
        for alert in material.alerts
        if alert.since < shift.ends and alert.until > min(shift.ends, material.now)
    ]
    columns = [
        ("title", "Malfunction"),
        ("since", f"Since ({shift.zone})"),
        ("until", "Until"),
        ("article", "Article"),
    ]
    return Section(
        key="malfunctions",
        title="Open malfunctions",
        text=None if rows else "None is known.",
        table=sections.table(columns, rows) if rows else None,
    )


def _until(alert: Alert, shift: Period) -> str:
    lasts = alert.until - shift.ends > _WEEK
    return "it lasts" if lasts else sections.clock(alert.until, shift.zone)


def _pins(material: Material, shift: Period) -> Section:
    """Return the articles that are put forward, with until when and why."""
    rows = [
        (material.link(facts.id), facts.pinned.until.isoformat(), facts.pinned.reason)
        for facts in sorted(material.articles.values(), key=lambda one: one.id)
        if facts.pinned and facts.status == "active" and facts.pinned.until >= shift.ends.date()
    ]
    columns = [("article", "Article"), ("until", "Until"), ("why", "Why")]
    return Section(
        key="pins",
        title="Pinned articles",
        text=None if rows else "None.",
        table=sections.table(columns, rows) if rows else None,
    )


def _past_review(material: Material, day: date) -> Section:
    """Return the articles whose review is overdue, the longest first."""
    late = sorted(
        (facts.review_by, facts.id)
        for facts in material.articles.values()
        if facts.review_by and facts.review_by < day and facts.status == "active"
    )
    rows = [
        (material.link(name), material.articles[name].owner, since.isoformat())
        for since, name in late
    ]
    columns = [("article", "Article"), ("owner", "Owner"), ("review_by", "Review was due")]
    return Section(
        key="past_review",
        title="Articles past their review date",
        text=None if rows else "None.",
        table=sections.table(columns, rows[:10]) if rows else None,
        note=f"{len(rows) - 10} more." if len(rows) > 10 else None,
    )
