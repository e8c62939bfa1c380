"""What a survey of the log found, and its panels: gaps, wishes, malfunctions. Pure.

A survey looks at the last weeks, whatever time a dashboard is about; its panels say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.gap_kinds import KINDS, Kind
from search_api.insights.library import View
from search_api.insights.naming import Named
from search_api.insights.panels import Cell, Panel, panel

_MOST_ROWS = 15
_DAY = timedelta(hours=24)


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True)


class FoundGap(_Found):
    """A gap; see `insights.gaps.Gap`. `article` is the nearest one, which gives its area."""

    id: str
    label: str
    kind: Kind
    articles: tuple[str, ...]
    questions: int
    askers: int
    first_asked: date
    last_asked: date
    article: str | None


class FoundWish(_Found):
    """What several people wish for; `weeks` is in how many of them somebody did."""

    id: str
    label: str
    questions: int
    askers: int
    weeks: int
    first_asked: date
    last_asked: date
    article: str | None


class FoundMalfunction(_Found):
    """A rise of like questions; see `insights.malfunctions.Malfunction`."""

    id: str
    platforms: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    questions: int
    askers: int
    article: str | None
    state: Literal["rising", "ongoing", "over"]


class Survey(_Found):
    """What was found between two times."""

    since: datetime
    until: datetime
    gaps: tuple[FoundGap, ...]
    wishes: tuple[FoundWish, ...]
    malfunctions: tuple[FoundMalfunction, ...]


def gaps(view: View, found: Survey | None) -> Panel:
    """Return what people ask and no article answers."""
    shown = [one for one in found.gaps if _is_here(view, one.article)] if found else []
    rows: list[tuple[Cell, ...]] = [
        (
            one.label,
            ", ".join([KINDS[one.kind], *one.articles]) if one.articles else KINDS[one.kind],
            one.questions,
            one.askers,
            one.first_asked.isoformat(),
            one.last_asked.isoformat(),
            one.id,
        )
        for one in shown[:_MOST_ROWS]
    ]
    finding = "No gap."
    if shown:
        first, count = shown[0], len(shown)
        finding = (
            f"{count:,} {'topic goes' if count == 1 else 'topics go'} badly; most asked: "
            f"“{first.label}”, {first.questions:,} questions of {first.askers:,} people."
        )
    return panel(
        "gaps",
        "Gaps",
        _or_waiting(found, finding),
        (
            ("label", "About", "text"),
            ("task", "What to do", "text"),
            ("questions", "Questions", "count"),
            ("askers", "People", "count"),
            ("first_asked", "First asked", "day"),
            ("last_asked", "Last asked", "day"),
            ("id", "Gap", "text"),
        ),
        rows,
        chart="bars",
        charted=("questions",),
        note=_surveyed(found, "An area's gaps are those whose nearest article lies in it."),
    )


def wishes(view: View, found: Survey | None) -> Panel:
    """Return what people ask the product for, by how often and how long."""
    shown = [one for one in found.wishes if _is_here(view, one.article)] if found else []
    rows: list[tuple[Cell, ...]] = [
        (
            one.label,
            one.questions,
            one.askers,
            one.weeks,
            one.first_asked.isoformat(),
            one.last_asked.isoformat(),
        )
        for one in shown[:_MOST_ROWS]
    ]
    finding = "Nothing is wished for by three people or more."
    if shown:
        first = shown[0]
        finding = (
            f"Wished for most, and longest: “{first.label}”, {first.questions:,} times by "
            f"{first.askers:,} people in {first.weeks} {'week' if first.weeks == 1 else 'weeks'}."
        )
    return panel(
        "wishes",
        "What people ask the product for",
        _or_waiting(found, finding),
        (
            ("label", "About", "text"),
            ("questions", "Questions", "count"),
            ("askers", "People", "count"),
            ("weeks", "Weeks with one", "count"),
            ("first_asked", "First asked", "day"),
            ("last_asked", "Last asked", "day"),
        ),
        rows,
        chart="bars",
        charted=("questions",),
        note=_surveyed(
            found,
            f"Ranked by questions times weeks; from {FEWEST_ASKERS} people on. Whether a question "
            "is a wish is told by its turns of phrase, which is not always right.",
        ),
    )


def malfunctions(view: View, found: Survey | None, live: Sequence[Named]) -> Panel:
    """Return the malfunctions that go on, and those of past days, the newest first."""
    # What the service has seen of the last day is newer than any survey.
    past = [
        one
        for one in (found.malfunctions if found else ())
        if one.last_seen < view.window.now - _DAY
    ]
    known = [*(_of_live(one) for one in live), *past]
    known = [one for one in known if _is_here(view, one.article)]
    known.sort(key=lambda one: (one.first_seen, one.id), reverse=True)
    going_on = [one for one in known if one.state != "over"]
    rows: list[tuple[Cell, ...]] = [
        (
            _about(one.platforms),
            one.state,
            _minute(one.first_seen),
            _minute(one.last_seen),
            one.questions,
            one.askers,
            view.link(one.article) if one.article else None,
        )
        for one in known[:_MOST_ROWS]
    ]
    finding = "Nothing is broken for many people now."
    if going_on:
        names = _about(going_on[0].platforms)
        finding = (
            f"{len(going_on)} going on: {names}, {going_on[0].questions:,} questions of "
            f"{going_on[0].askers:,} people."
        )
    elif known:
        last = known[0]
        finding += (
            f" The last malfunction was on {last.first_seen:%a} {last.first_seen.day} "
            f"{last.first_seen:%b}: {last.questions:,} questions of {last.askers:,} people."
        )
    return panel(
        "malfunctions",
        "Malfunctions",
        finding,
        (
            ("about", "About", "text"),
            ("state", "State", "text"),
            ("since", "First question", "time"),
            ("until", "Last question", "time"),
            ("questions", "Questions", "count"),
            ("askers", "People", "count"),
            ("article", "Nearest article", "article"),
        ),
        rows,
        note="Of the last day as they come; of the two weeks before as the last survey saw them.",
    )


def _of_live(named: Named) -> FoundMalfunction:
    one = named.malfunction
    return FoundMalfunction(
        id=one.id,
        platforms=named.platforms,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
        questions=one.count,
        askers=one.askers,
        article=named.article.id if named.article else None,
        state=one.state,
    )


def _is_here(view: View, article: str | None) -> bool:
    if view.window.area is None:
        return True
    found = view.articles.get(article or "")
    return found is not None and found.area == view.window.area


def _or_waiting(found: Survey | None, finding: str) -> str:
    return finding if found else "The last weeks are still being looked through."


def _surveyed(found: Survey | None, note: str) -> str:
    if found is None:
        return note
    days = (found.until - found.since).days
    until = f"{found.until:%Y-%m-%d %H:%M} UTC"
    return f"Of the {days} days up to {until}, whatever time is chosen. {note}"


def _about(platforms: Iterable[str]) -> str:
    return ", ".join(platforms) or "no tool is named"


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes")
