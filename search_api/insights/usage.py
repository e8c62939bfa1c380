"""Panels of what was asked and how it went: volume, trends, kinds, outcomes, groups. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.columns import NEVER, REASONS, Flags, Numbers
from search_api.insights.kinds import CODES, KINDS
from search_api.insights.library import NO_AREA, View, askers_in
from search_api.insights.panels import Cell, Panel, panel
from search_api.insights.shifts import Period, ShiftPlan

# A rise is told from so many questions on, and from three standard deviations: counts of
# independent questions are Poisson distributed, so a difference has the variance of both.
_FEWEST_RISEN, _DEVIATIONS = 8, 3
_MOST_ROWS = 15
_REASONS = ("no reason given", "not related", "related, but no answer", "outdated")
_SMALL = f"Groups of fewer than {FEWEST_ASKERS} people are not shown."


def volume(view: View, plan: ShiftPlan) -> Panel:
    """Return how much was asked, point by point, and how much of it got an article."""
    window, asked = view.window, view.columns.asked
    chosen = view.asked_in(window.period)
    edges = window.steps(plan)
    seconds = [edge.timestamp() for edge in edges]
    counts, _ = np.histogram(asked.at[chosen], seconds)
    answered, _ = np.histogram(asked.at[chosen & asked.is_answered], seconds)
    total, before = int(chosen.sum()), int(view.asked_in(window.before).sum())
    zone = ZoneInfo(window.period.zone)
    rows: list[tuple[Cell, ...]] = [
        (edge.astimezone(UTC).isoformat(timespec="minutes"), int(count), int(got))
        for edge, count, got in zip(edges, counts, answered, strict=False)
    ]
    return panel(
        "volume",
        f"Questions by {window.step}",
        _volume_finding(total, before, edges, counts, zone, window.step),
        (
            ("starts", "Begins", "time"),
            ("questions", "Questions", "count"),
            ("answered", "Got an article", "count"),
        ),
        rows if total else [],
        chart="lines",
        charted=("questions", "answered"),
        note=f"Days begin as in reports; times are those of {window.period.zone}."
        + (" The last one is not over." if window.period.ends == window.now else ""),
    )


def trending(view: View) -> Panel:
    """Return the articles that are asked for more than in the time before, beyond chance."""
    window, asked = view.window, view.columns.asked
    now_rows = view.asked_in(window.period) & (asked.article >= 0)
    before_rows = view.asked_in(window.before) & (asked.article >= 0)
    size = len(view.columns.articles)
    now = np.bincount(asked.article[now_rows], minlength=size)
    before = np.bincount(asked.article[before_rows], minlength=size)
    askers = askers_in(asked.article[now_rows], asked.asker[now_rows], size)
    is_risen = (
        (now >= _FEWEST_RISEN)
        & (askers >= FEWEST_ASKERS)
        & (now - before > _DEVIATIONS * np.sqrt(now + before))
    )
    risen: list[int] = np.flatnonzero(is_risen).tolist()
    order = sorted(risen, key=lambda row: (-(now[row] - before[row]), view.name_of(row)))
    rows: list[tuple[Cell, ...]] = [
        (view.link(view.name_of(row)), int(now[row]), int(before[row]))
        for row in order[:_MOST_ROWS]
    ]
    if not before_rows.any():
        finding = "There is no time before to compare with." if now_rows.any() else _NOTHING
        rows = []
    elif rows:
        first = view.link(view.name_of(order[0]))
        finding = (
            f"{len(order)} {'topic rises' if len(order) == 1 else 'topics rise'}; most of all "
            f"“{first.title}”, {now[order[0]]:,} after {before[order[0]]:,}."
        )
    else:
        finding = "Nothing is asked for much more than before."
    return panel(
        "trending",
        "Trending",
        finding,
        (
            ("article", "Likeliest article", "article"),
            ("questions", "Questions", "count"),
            ("before", "Before", "count"),
        ),
        rows,
        chart="bars",
        charted=("questions", "before"),
        note="By the likeliest article of each question, whether or not it was shown.",
    )


def kinds(view: View) -> Panel:
    """Return how many questions are malfunctions, how-to or requests."""
    now, before = (
        np.bincount(view.kinds_of(view.asked_in(period)), minlength=len(CODES))
        for period in (view.window.period, view.window.before)
    )
    total, was = int(now.sum()), int(before.sum())
    rows: list[tuple[Cell, ...]] = [
        (
            text,
            int(now[CODES[kind]]),
            _share(now[CODES[kind]], total),
            _share(before[CODES[kind]], was),
        )
        for kind, text in KINDS.items()
    ]
    rows.append(("it does not say", int(now[0]), _share(now[0], total), _share(before[0], was)))
    finding = _NOTHING
    if total:
        broken, wishes = (int(now[CODES[one]]) for one in ("malfunction", "request"))
        finding = (
            f"{percent(broken / total)} tell of something that does not work; "
            f"{wishes:,} {'is a wish' if wishes == 1 else 'are wishes'} for the product."
        )
    return panel(
        "kinds",
        "What questions are",
        finding,
        (
            ("kind", "Kind", "text"),
            ("questions", "Questions", "count"),
            ("share", "Share", "share"),
            ("before", "Share before", "share"),
        ),
        rows if total else [],
        chart="bars",
        charted=("questions",),
        note="Told by turns of phrase, else by the type of the article; the handbook says how "
        "often that is right.",
    )


def outcomes(view: View) -> Panel:
    """Return what became of what was asked, case by case."""
    now, before = (
        _outcome_counts(view, period) for period in (view.window.period, view.window.before)
    )
    rows: list[tuple[Cell, ...]] = [
        (title, now[key], _share(now[key], now[base]), _share(before[key], before[base]))
        for key, base, title in (
            ("asked", "asked", "Cases asked about"),
            ("answered", "asked", "got an article"),
            ("linked", "answered", "of these: an article was linked or solved it (link rate)"),
            ("rejected", "answered", "of these: an article was rejected"),
            ("resolved", "asked", "solved"),
            ("escalated", "asked", "escalated"),
            ("back", "resolved", "of the solved: came back"),
        )
    ]
    finding = _NOTHING
    if now["asked"]:
        finding = (
            f"{percent(now['answered'] / now['asked'])} of {now['asked']:,} cases got an article"
        )
        if now["answered"]:
            linked = percent(now["linked"] / now["answered"])
            finding += f"; for {linked} of these one was linked or solved it"
        finding += "."
    return panel(
        "outcomes",
        "What became of it",
        finding,
        (
            ("outcome", "Outcome", "text"),
            ("cases", "Cases", "count"),
            ("share", "Share", "share"),
            ("before", "Share before", "share"),
        ),
        rows if now["asked"] else [],
        chart="bars",
        charted=("cases",),
        note="A case is a ticket, or a question without one. The link rate is shown to be known; "
        "it is no target: a link that does not help is no help.",
    )


def rejections(view: View) -> Panel:
    """Return why suggestions were rejected."""
    told = view.columns.told
    counts = [
        np.bincount(
            told.reason[view.told_in(period) & told.are("rejected")], minlength=len(REASONS)
        )
        for period in (view.window.period, view.window.before)
    ]
    now, before = counts
    order = sorted(range(len(REASONS)), key=lambda row: (-now[row], row))
    total, was = int(now.sum()), int(before.sum())
    rows: list[tuple[Cell, ...]] = [
        (_REASONS[row], int(now[row]), _share(now[row], total), _share(before[row], was))
        for row in order
    ]
    finding = "No suggestion was rejected."
    if total:
        finding = (
            f"{total:,} {'suggestion was' if total == 1 else 'suggestions were'} rejected; "
            f"{percent(now[order[0]] / total)} as {_REASONS[order[0]]}."
        )
    return panel(
        "rejections",
        "Why suggestions were rejected",
        finding,
        (
            ("reason", "Reason", "text"),
            ("rejections", "Rejections", "count"),
            ("share", "Share", "share"),
            ("before", "Share before", "share"),
        ),
        rows if total else [],
        chart="bars",
        charted=("rejections",),
    )


def languages(view: View) -> Panel:
    """Return the questions of each language."""
    return _grouped(
        view,
        "languages",
        "Languages",
        "Language",
        view.columns.asked.language,
        view.columns.languages,
    )


def channels(view: View) -> Panel:
    """Return the questions of each channel."""
    return _grouped(
        view, "channels", "Channels", "Channel", view.columns.asked.channel, view.columns.channels
    )


def areas(view: View) -> Panel:
    """Return the questions of each area, by their likeliest article."""
    groups = view.area_of(view.columns.asked.article)
    return _grouped(view, "areas", "Areas", "Area", groups, view.areas, unknown=NO_AREA)


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{share:.0%}".replace("%", " %")


_NOTHING = "Nobody asked anything."


def _grouped(
    view: View,
    key: str,
    title: str,
    column: str,
    groups: Numbers,
    names: Sequence[str],
    unknown: str = "not known",
) -> Panel:
    asked, cases = view.columns.asked, view.columns.cases
    chosen = view.asked_in(view.window.period)
    places = groups[chosen].astype(np.int32)
    places[places < 0] = len(names)
    size = len(names) + 1
    questions = np.bincount(places, minlength=size)
    answered = np.bincount(places[asked.is_answered[chosen]], minlength=size)
    is_linked = (cases.useful_at < NEVER)[asked.case[chosen]] & asked.is_answered[chosen]
    linked = np.bincount(places[is_linked], minlength=size)
    askers = askers_in(places, asked.asker[chosen], size)
    before = _counts(groups, view.asked_in(view.window.before), size)
    shown = [row for row in range(size) if askers[row] >= FEWEST_ASKERS]
    shown.sort(key=lambda row: (-questions[row], row))
    label = [*names, unknown]
    rows: list[tuple[Cell, ...]] = [
        (
            label[row],
            int(questions[row]),
            int(before[row]),
            _share(answered[row], questions[row]),
            _share(linked[row], answered[row]),
        )
        for row in shown
    ]
    is_hidden = int(questions.sum()) > sum(int(questions[row]) for row in shown)
    return panel(
        key,
        title,
        _group_finding(rows, int(questions.sum())),
        (
            (key, column, "text"),
            ("questions", "Questions", "count"),
            ("before", "Before", "count"),
            ("answered", "Got an article", "share"),
            ("linked", "Link rate", "share"),
        ),
        rows,
        chart="bars",
        charted=("questions",),
        note=_SMALL if is_hidden else None,
    )


def _group_finding(rows: Sequence[tuple[Cell, ...]], total: int) -> str:
    if not rows:
        return _SMALL if total else _NOTHING
    first = rows[0]
    told = f"Most from {first[0]}: {percent(int(str(first[1])) / total)}."
    weak = [row for row in rows if isinstance(row[3], float) and int(str(row[1])) >= 20]
    if len(weak) > 1:
        worst = min(weak, key=lambda row: (row[3], str(row[0])))
        told += f" Fewest get an article in {worst[0]}: {percent(float(str(worst[3])))}."
    return told


def _counts(groups: Numbers, chosen: Flags, size: int) -> Numbers:
    places = groups[chosen].astype(np.int32)
    places[places < 0] = size - 1
    return np.bincount(places, minlength=size).astype(np.int32)


def _outcome_counts(view: View, period: Period) -> dict[str, int]:
    cases, told = view.columns.cases, view.columns.told
    asked = view.cases_in(cases.asked_at, period)
    rejected = np.zeros(len(cases.asked_at), np.bool_)
    rejected[told.case[told.are("rejected")]] = True
    answered = asked & cases.is_answered
    resolved = asked & (cases.resolved_at < NEVER)
    found = {
        "asked": asked,
        "answered": answered,
        "linked": answered & (cases.useful_at < NEVER),
        "rejected": answered & rejected,
        "resolved": resolved,
        "escalated": asked & (cases.escalated_at < NEVER),
        "back": resolved & (cases.back_at < NEVER),
    }
    return {key: int(chosen.sum()) for key, chosen in found.items()}


def _volume_finding(
    total: int,
    before: int,
    edges: Sequence[datetime],
    counts: Numbers,
    zone: ZoneInfo,
    step: str,
) -> str:
    if not total:
        return _NOTHING
    told = f"{total:,} {'question' if total == 1 else 'questions'}"
    if before:
        change = total / before - 1
        is_chance = abs(total - before) <= _DEVIATIONS * math.sqrt(total + before)
        more = "more" if change > 0 else "fewer"
        told += (
            ", about as many as before"
            if is_chance
            else f", {percent(abs(change))} {more} than before"
        )
    top = int(counts.argmax())
    at = edges[top].astimezone(zone)
    when = f"{at:%H:%M}" if step == "hour" else f"{at:%a} {at.day} {at:%b}"
    return f"{told}; most of them {'at' if step == 'hour' else 'on'} {when}: {int(counts[top]):,}."


def _share(part: int | np.integer[Any], whole: int | np.integer[Any]) -> float | None:
    return round(int(part) / int(whole), 4) if whole else None
