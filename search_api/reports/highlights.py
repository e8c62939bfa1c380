"""What stands at the top of a report: few sentences, the gravest first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.figures import Count, Figures, needed, per_period
from search_api.insights.shifts import Period
from search_api.reports.material import Material
from search_api.reports.report import Highlight
from search_api.reports.sections import counted, few, is_fixed, last_day, percent, reasons_in_words

# What differs by less is chance: three standard deviations, and a change that one can feel.
_DEVIATIONS, _LEAST_CHANGE, _LEAST_POINTS = 3, 0.25, 0.05
_WEEKS = 4
# The sections have the others.
_MOST_OF_A_KIND = 3


def highlights(
    material: Material, period: Period, now: Figures, before: Figures, compared: str
) -> tuple[Highlight, ...]:
    """Return what a lead must know of a period.

    Args:
        material: what is known.
        period: that the report is about.
        now: its figures.
        before: those it is compared with.
        compared: what these are of, such as `the week before`.
    """
    found = [
        *_alerts(material, period),
        *_losses(material, period),
        *_share(now, before, compared),
        *_rejected(material, period, now),
        *_issues(material, period),
        *_overdue(material),
    ]
    return (_opening(now, before, compared), *found)


def unusual_volume(material: Material, day: date) -> Highlight | None:
    """Return whether a day had more or fewer questions than the same day of past weeks.

    Source: counts of independent questions are Poisson distributed, with variance = mean; the
    mean's own uncertainty over n weeks adds mean / n.
    """
    periods = [material.plan.day(day - timedelta(weeks=back)) for back in range(_WEEKS, -1, -1)]
    first = material.questions[0].asked_at if material.questions else material.now
    # Only weeks that the log was already kept in.
    *past, today = [one for one in periods if one.starts >= first or one.name == day.isoformat()]
    if len(past) < 2:
        return None
    *counts, count = per_period(material.questions, [*past, today])
    mean = sum(counts) / len(counts)
    spread = math.sqrt(mean * (1 + 1 / len(counts))) or 1
    if abs(count - mean) < max(_DEVIATIONS * spread, _LEAST_CHANGE * mean):
        return None
    more = count > mean
    what = "more" if more else "fewer"
    return Highlight(
        text=f"{percent(abs(count / mean - 1))} {what} questions than on the last {len(past)} "
        f"{day:%A}s: {count} instead of {mean:.0f}."
        if mean
        else f"{counted(count, 'question')} where the last {len(past)} {day:%A}s had none.",
        tone="bad" if more else "plain",
    )


def _opening(now: Figures, before: Figures, compared: str) -> Highlight:
    was = counted(before.questions, "question")
    if before.questions:
        was += f", {percent(before.answered_share)}"
    if not now.questions:
        return Highlight(text=f"Nobody asked anything ({compared}: {was}).")
    asked = f"{counted(now.questions, 'question')} from {few(now.askers)} people"
    return Highlight(
        text=f"{asked}; {percent(now.answered_share)} got an article ({compared}: {was})."
    )


def _alerts(material: Material, period: Period) -> Iterator[Highlight]:
    for alert in material.alerts:
        if alert.since < period.ends and alert.until > period.starts:
            yield Highlight(text=f"Malfunction: {alert.title}", tone="bad")


def _losses(material: Material, period: Period) -> Iterator[Highlight]:
    lost = sum(loss.questions for loss in material.losses if period.holds(loss.at))
    if lost:
        yield Highlight(
            text=f"{counted(lost, 'answered question')} could not be logged, since the database "
            "could not be written; every figure here is without them.",
            tone="bad",
        )


def _share(now: Figures, before: Figures, compared: str) -> Iterator[Highlight]:
    """Tell when fewer got an article; a difference of two shares, by their normal spread."""
    if now.answered_share is None or before.answered_share is None:
        return
    change = now.answered_share - before.answered_share
    both = (now.answered + before.answered) / (now.questions + before.questions)
    spread = math.sqrt(both * (1 - both) * (1 / now.questions + 1 / before.questions))
    if abs(change) > max(_DEVIATIONS * spread, _LEAST_POINTS):
        what = "Fewer" if change < 0 else "More"
        yield Highlight(
            text=f"{what} questions got an article: {percent(now.answered_share)}, {compared} "
            f"{percent(before.answered_share)}.",
            tone="bad" if change < 0 else "good",
        )


def _rejected(material: Material, period: Period, now: Figures) -> Iterator[Highlight]:
    told = [one for one in material.feedback if period.holds(one.given_at)]
    for article, times in _most(now.rejected):
        rejections = [one for one in told if one.event == "rejected" and one.article_id == article]
        reasons = Counter(one.reason or "unknown" for one in rejections)
        yield Highlight(
            text=f"{material.link(article).text} was rejected {counted(times, 'time')} "
            f"({reasons_in_words(reasons)}).",
            tone="bad",
        )


def _issues(material: Material, period: Period) -> Iterator[Highlight]:
    facts = material.articles.values()
    known = {one.id: (one.title, one.known_issue) for one in facts if one.known_issue}
    counts = needed(material.questions, material.feedback, known, period)
    for name, times in _most(counts):
        title, issue = known[name]
        if is_fixed(issue, last_day(period)):
            yield Highlight(
                text=f"{title}: engineering has fixed it, but {counted(times, 'ticket')} still "
                "needed the workaround; retire it once the last of them is checked.",
            )
        else:
            yield Highlight(
                text=f"Known issue {issue.reference}, {title}: needed for "
                f"{counted(times, 'ticket')}.",
                tone="bad",
            )


def _most(counts: Mapping[str, Count]) -> list[tuple[str, int]]:
    """Return what happened most often, of what happened to enough people."""
    ranked = [
        (-count.times, name) for name, count in counts.items() if count.people >= FEWEST_ASKERS
    ]
    return [(name, -times) for times, name in sorted(ranked)[:_MOST_OF_A_KIND]]


def _overdue(material: Material) -> Iterator[Highlight]:
    late = [one for one in material.follow_ups if one.is_overdue(material.now)]
    if late:
        oldest = min(late, key=lambda one: one.due)
        days = (material.now - oldest.due).days
        age = f"{days} days" if days > 1 else "a day" if days else "hours"
        yield Highlight(
            text=f"Overdue: {counted(len(late), 'follow-up')}, the oldest ({oldest.reference}) "
            f"by {age}.",
            tone="bad",
        )
