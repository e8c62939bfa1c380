"""The team's own four figures: friendly, fast, fixed right, first stop. Pure.

Each is told for a time and for the one before it, from columns. None is about a person: a
figure with fewer than ten cases, or of fewer than three askers, is told as too few to say.
A difference is called better or worse only where it is more than chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.columns import NEVER, Flags, Numbers
from search_api.insights.library import View
from search_api.insights.panels import Change, Headline
from search_api.insights.shifts import Period

# With fewer cases a share may be off by thirty points and more: half the width of its 95 %
# interval, 1.96 * sqrt(p (1 - p) / n), is 0.31 at n = 10 and p = 0.5.
FEWEST_CASES = 10
# As in reports: what differs by less may be chance, or is too little to feel.
_DEVIATIONS, _LEAST_POINTS, _LEAST_SHIFT = 3, 0.02, 0.1
_MINUTE_S = 60
_MIDDLE, _SLOW = 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some cases went well."""

    good: int
    cases: int
    askers: int

    @property
    def value(self) -> float | None:
        """The share, in [0, 1]; None where there are too few cases or askers to say."""
        is_enough = self.cases >= FEWEST_CASES and self.askers >= FEWEST_ASKERS
        return self.good / self.cases if is_enough else None


@dataclass(frozen=True, slots=True)
class Wait:
    """How long some cases took, in minutes.

    Attributes:
        middle: median.
        slow: ninety of a hundred were faster.
        spread: standard error of the median.
    """

    middle: float
    slow: float
    spread: float
    cases: int
    askers: int

    @property
    def value(self) -> float | None:
        """The median; None where there are too few cases or askers to say."""
        is_enough = self.cases >= FEWEST_CASES and self.askers >= FEWEST_ASKERS
        return self.middle if is_enough else None


def headlines(view: View) -> tuple[Headline, ...]:
    """Return the four figures of a window beside those of the time before."""
    now, before = view.window.period, view.window.before
    friendly, was_friendly = friendliness(view, now), friendliness(view, before)
    fast, was_fast = waits(view, now), waits(view, before)
    fixed, was_fixed = fixed_right(view, now), fixed_right(view, before)
    first, was_first = first_stop(view, now), first_stop(view, before)
    return (
        _of_shares(
            "friendly",
            "Friendly",
            friendly,
            was_friendly,
            f"{friendly.good:,} of {friendly.cases:,} who said so were helped",
            "Satisfaction where given: of those who said whether an article helped, how many said "
            "yes. The last word on an article counts, from ticket tools and from pages.",
        ),
        _of_waits(fast, was_fast),
        _of_shares(
            "fixed_right",
            "Fixed right",
            fixed,
            was_fixed,
            f"{fixed.cases - fixed.good:,} of {fixed.cases:,} solved cases came back",
            "Of the cases that were solved in this time, how many were not reopened and not asked "
            "about again. What was solved lately may still come back.",
        ),
        _of_shares(
            "first_stop",
            "First stop",
            first,
            was_first,
            f"{first.good:,} of {first.cases:,} cases needed no other team",
            "Of the cases that were solved or escalated in this time, how many were solved and "
            "never escalated.",
        ),
    )


def friendliness(view: View, period: Period) -> Share:
    """Return how many votes of a period say that an article helped.

    A vote is feedback with an article: `resolved` is a yes, `rejected` a no. Of several on one
    article in one case the last of the period counts.
    """
    told = view.columns.told
    rows = np.flatnonzero(
        told.are("resolved", "rejected") & (told.article >= 0) & view.told_in(period)
    )
    rows = rows[np.argsort(told.at[rows], kind="stable")]
    place = told.case[rows].astype(np.int64) * (len(view.columns.articles) + 1) + told.article[rows]
    # The first of the reversed rows is the last that was said.
    _, last = np.unique(place[::-1], return_index=True)
    votes = rows[::-1][last]
    good = told.are("resolved")[votes]
    return Share(int(good.sum()), len(votes), _askers(told.asker[votes]))


def waits(view: View, period: Period) -> Wait:
    """Return how long it took until an article was first linked or solved it.

    Of cases whose first question was asked in the period; those that nothing helped yet are not
    among them. Spread: an order statistic's, sqrt(n) / 2 places around the middle.
    """
    cases = view.columns.cases
    chosen = view.cases_in(cases.asked_at, period) & (cases.useful_at < NEVER)
    minutes = np.sort((cases.useful_at - cases.asked_at)[chosen].clip(0) / _MINUTE_S)
    count = len(minutes)
    if count == 0:
        return Wait(0, 0, 0, 0, 0)
    around = math.sqrt(count) / 2
    low = minutes[max(0, math.floor(count / 2 - around))]
    high = minutes[min(count - 1, math.ceil(count / 2 + around))]
    return Wait(
        middle=float(np.quantile(minutes, _MIDDLE)),
        slow=float(np.quantile(minutes, _SLOW)),
        spread=float(high - low) / 2,
        cases=count,
        askers=_askers(cases.asker[chosen]),
    )


def fixed_right(view: View, period: Period) -> Share:
    """Return how many cases that were first solved in a period never came back."""
    cases = view.columns.cases
    return _share(view, view.cases_in(cases.resolved_at, period), cases.back_at == NEVER)


def first_stop(view: View, period: Period) -> Share:
    """Return how many cases that ended here in a period were solved without another team.

    Ended: solved, or escalated where nobody said that it was solved. Escalated cases that no
    tool reports as solved would otherwise be left out, and the figure would flatter.
    """
    cases = view.columns.cases
    ended_at = np.where(cases.resolved_at < NEVER, cases.resolved_at, cases.escalated_at)
    return _share(view, view.cases_in(ended_at, period), cases.escalated_at == NEVER)


def change_of_shares(now: Share, before: Share, *, more_is: Change = "better") -> Change | None:
    """Return whether a share differs by more than chance; None where there is nothing to compare.

    Source: the normal approximation of two binomial shares with a common one.
    """
    if now.value is None or before.value is None:
        return None
    both = (now.good + before.good) / (now.cases + before.cases)
    spread = math.sqrt(both * (1 - both) * (1 / now.cases + 1 / before.cases))
    difference = now.value - before.value
    if abs(difference) <= max(_DEVIATIONS * spread, _LEAST_POINTS):
        return "same"
    other: Change = "worse" if more_is == "better" else "better"
    return more_is if difference > 0 else other


def _share(view: View, chosen: Flags, good: Flags) -> Share:
    askers = _askers(view.columns.cases.asker[chosen])
    return Share(int((chosen & good).sum()), int(chosen.sum()), askers)


def _askers(askers: Numbers) -> int:
    return int(np.count_nonzero(np.bincount(askers + 1)))


def _of_shares(
    key: Literal["friendly", "fixed_right", "first_stop"],
    title: str,
    now: Share,
    before: Share,
    told: str,
    note: str,
) -> Headline:
    return Headline(
        key=key,
        title=title,
        unit="share",
        value=now.value,
        cases=now.cases,
        before=before.value,
        change=change_of_shares(now, before),
        told=told if now.value is not None else too_few(now.cases),
        note=note,
    )


def _of_waits(now: Wait, before: Wait) -> Headline:
    change: Change | None = None
    if now.value is not None and before.value is not None:
        spread = math.hypot(now.spread, before.spread)
        difference = now.value - before.value
        is_chance = abs(difference) <= max(_DEVIATIONS * spread, _LEAST_SHIFT * before.value)
        change = "same" if is_chance else "worse" if difference > 0 else "better"
    told = f"of {now.cases:,} cases; nine of ten within {in_minutes(now.slow)}"
    return Headline(
        key="fast",
        title="Fast",
        unit="minutes",
        value=now.value,
        cases=now.cases,
        before=before.value,
        change=change,
        told=told if now.value is not None else too_few(now.cases),
        note="From a case's first question until an article was first linked or solved it: the "
        "median, of cases that got so far.",
    )


def too_few(cases: int) -> str:
    """Return what is said instead of a figure."""
    return "no case to tell from" if cases == 0 else f"too few to say ({few_cases(cases)})"


def few_cases(cases: int) -> str:
    """Return a small number of cases as it may be shown."""
    return f"under {FEWEST_ASKERS} cases" if cases < FEWEST_ASKERS else f"{cases:,} cases"


def in_minutes(minutes: float) -> str:
    """Return a length of time as people say it."""
    if minutes < 100:
        return f"{minutes:.0f} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
