"""A dashboard: headlines and panels of a time and an area, the whole on one screen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from search_api.insights import health, surveyed, usage
from search_api.insights.columns import Columns
from search_api.insights.headlines import headlines
from search_api.insights.library import LibraryArticle, View
from search_api.insights.naming import Named
from search_api.insights.panels import Dashboard
from search_api.insights.shifts import ShiftPlan
from search_api.insights.windows import Window

# In the order in which they stand on the page.
PANELS = (
    "volume",
    "trending",
    "malfunctions",
    "outcomes",
    "kinds",
    "rejections",
    "gaps",
    "wishes",
    "languages",
    "areas",
    "channels",
    "health",
    "stale",
    "unused",
    "rejected_articles",
    "tips",
)


def make_dashboard(
    columns: Columns,
    articles: Mapping[str, LibraryArticle],
    window: Window,
    plan: ShiftPlan,
    found: surveyed.Survey | None,
    live: Sequence[Named],
    *,
    is_demo: bool,
) -> Dashboard:
    """Return everything that is told about a window.

    Args:
        columns: of the log.
        articles: of the snapshot that serves, by id.
        window: the time and the area.
        plan: the team's shifts, which say when a day begins.
        found: what the last survey found; None before the first.
        live: malfunctions of the last day.
        is_demo: whether the log holds a demonstration.
    """
    view = View(columns, articles, window)
    used, rejected = health.uses(view), health.rejected_by_several(view)
    panels = (
        usage.volume(view, plan),
        usage.trending(view),
        surveyed.malfunctions(view, found, live),
        usage.outcomes(view),
        usage.kinds(view),
        usage.rejections(view),
        surveyed.gaps(view, found),
        surveyed.wishes(view, found),
        usage.languages(view),
        usage.areas(view),
        usage.channels(view),
        health.health(view, used, rejected),
        health.stale(view, used),
        health.unused(view, used),
        health.rejected_articles(view, rejected),
        health.tips(view),
    )
    at = columns.asked.at
    return Dashboard(
        range=window.name,
        starts=window.period.starts,
        ends=window.period.ends,
        before_starts=window.before.starts,
        before_ends=window.before.ends,
        step=window.step,
        zone=window.period.zone,
        area=window.area,
        areas=view.areas,
        questions=int(view.asked_in(window.period).sum()),
        log_begins=datetime.fromtimestamp(int(at.min()), UTC) if len(at) else None,
        is_demo=is_demo,
        made_at=window.now,
        headlines=headlines(view),
        panels=panels,
    )
