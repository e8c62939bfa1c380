"""Sections about tickets that nobody has closed: those to look at, and those that are due."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from search_api.insights.follow_ups import FollowUp, due_before, waiting
from search_api.insights.shifts import Period
from search_api.reports.material import Material
from search_api.reports.report import Section
from search_api.reports.sections import clock, counted, table

_HOUR = timedelta(hours=1)
# Rows of what is overdue: a shift has its own work to do, and sop follow-ups has them all.
_MOST_OVERDUE = 5


def tickets(material: Material, period: Period, limit: int = 5) -> Section:
    """Return the tickets that went badly in a period, the worst first.

    What has waited for longer was told when it happened, and is among the follow-ups.
    """
    found = [(worth, one) for one in material.follow_ups if (worth := _worth(one, period))]
    found.sort(key=lambda row: (-row[0][0], row[1].since, row[1].reference))
    rows = [
        (one.reference, one.state, why, material.link(one.article) if one.article else None)
        for (_, why), one in found[:limit]
    ]
    more = len(found) - len(rows)
    columns = [
        ("reference", "Ticket"),
        ("state", "State"),
        ("why", "Why"),
        ("article", "Article"),
    ]
    return Section(
        key="tickets",
        title="Tickets worth a look",
        text=None if rows else "None stands out.",
        table=table(columns, rows) if rows else None,
        note=f"{more} more." if more else None,
    )


def due(material: Material, until: Period, limit: int = 20) -> Section:
    """Return the tickets that are due before a period ends, and a few of those that are late."""
    found = due_before(material.follow_ups, until, material.now)
    late = [one for one in found if one.is_overdue(material.now)]
    coming = found[: len(found) - len(late)]
    shown = [*coming[: limit - len(late[:_MOST_OVERDUE])], *late[:_MOST_OVERDUE]]
    rows = [
        (
            one.reference,
            one.state,
            clock(one.due, until.zone),
            "overdue" if one.is_overdue(material.now) else "",
            material.link(one.article) if one.article else None,
        )
        for one in shown
    ]
    columns = [
        ("reference", "Ticket"),
        ("state", "State"),
        ("due", f"Due ({until.zone})"),
        ("overdue", ""),
        ("article", "Article"),
    ]
    left = [
        f"{count} more {what}"
        for count, what in (
            (len(coming) + len(late[:_MOST_OVERDUE]) - len(shown), "are due"),
            (len(late) - len(late[:_MOST_OVERDUE]), "are overdue"),
        )
        if count
    ]
    return Section(
        key="due",
        title="Follow-ups",
        text=_states(material) if rows else "Nothing is due.",
        table=table(columns, rows) if rows else None,
        note=f"{', '.join(left)}; sop follow-ups lists them." if left else None,
    )


def _worth(one: FollowUp, period: Period) -> tuple[float, str] | None:
    """Return how much a ticket stands out in a period, and why; None where it does not."""
    if one.questions > 3 and period.holds(one.touched):
        asked = 2 + one.questions / 1000, f"asked about {one.questions} times"
    else:
        asked = None
    if not period.holds(one.since):
        return asked
    if one.reopened > 1:
        return 4 + one.reopened, f"reopened {one.reopened} times"
    if one.state == "reopened":
        return 4, "solved, and came back"
    if one.state == "escalated":
        hours = round((period.ends - one.since) / _HOUR)
        return 3 + min(hours / 1000, 0.9), f"escalated {counted(hours, 'hour')} before the end"
    return asked


def _states(material: Material) -> str:
    """Return how many tickets wait in each state, and how many nobody follows up any more."""
    counts = Counter(one.state for one in waiting(material.follow_ups, material.now))
    told = [f"{count} {state}" for state, count in sorted(counts.items())]
    lapsed = sum(one.has_lapsed(material.now) for one in material.follow_ups)
    if lapsed:
        told.append(f"{lapsed} lapsed, since nobody said how it went")
    return ", ".join(told)
