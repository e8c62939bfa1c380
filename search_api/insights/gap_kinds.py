"""What a gap asks of a writer: a new article, a better one, or one instead of two.

Each question has a say by what became of it; the group does what most of them say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from search_api.insights.outcomes import Outcome

Kind = Literal["write", "edit", "compete"]
# What each kind asks for, for people; also the order in which they are listed.
KINDS: dict[Kind, str] = {
    "write": "write a new one",
    "edit": "edit this one",
    "compete": "two articles compete",
}
# An abstained question whose likeliest article reached this share of what would have been enough
# was nearly answered: that article lacks something. Below, no article is about it.
NEAR = 0.5
# One article is what a group is about when this share of its near questions lead to it.
_DOMINATES = 0.5
# Two articles compete when each leads this share of the near questions, and both together most.
_EACH, _BOTH = 0.3, 0.7
_INCOMPLETE = ("related_not_answered", "outdated")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a group of questions asks for.

    Attributes:
        kind: see `KINDS`.
        articles: the article to edit, or the two that compete; none to write.
    """

    kind: Kind
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Say:
    """What one question asks for; `likely` are its nearest articles where nobody said more."""

    kind: Kind
    articles: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()


def judge(outcomes: Sequence[Outcome]) -> Verdict:
    """Return what a group of questions asks for.

    Half of them or more without an article near: write a new one. Else, where two articles
    take turns at the top, or a later suggestion helped after the first was rejected: two
    compete. Else, where one article leads: edit it. Else no article is about it: write one.

    Args:
        outcomes: of the group's questions, at least one.
    """
    said = [_say(one) for one in outcomes]
    with_article = [one for one in said if one.kind != "write"]
    if len(with_article) * 2 < len(said) or not with_article:
        return Verdict("write")
    pairs = Counter(tuple(sorted(one.articles)) for one in said if one.kind == "compete")
    if pairs and pairs.total() * 3 >= len(with_article):
        return Verdict("compete", _most(pairs))
    if rivals := _rivals(with_article):
        return Verdict("compete", rivals)
    leads = Counter(one.articles[:1] for one in with_article)
    first = _most(leads)
    if leads[first] >= _DOMINATES * len(with_article):
        return Verdict("edit", first)
    return Verdict("write")


def is_near(outcome: Outcome) -> bool:
    """Tell whether the likeliest article was suggested, or nearly so."""
    asked = outcome.question
    if asked.decision == "suggest":
        return bool(asked.suggestions)
    if asked.confidence is None or not asked.threshold or not asked.suggestions:
        return False
    return asked.confidence >= NEAR * asked.threshold


def _say(outcome: Outcome) -> _Say:
    """Return what one question asks for: what people said of it counts before what it reached."""
    if "gap" in outcome.signals:
        return _Say("write")
    return _rejection_says(outcome) or _reopening_says(outcome) or _likeliest_says(outcome)


def _rejection_says(outcome: Outcome) -> _Say | None:
    rejected = {
        event.reason or "unknown": event for event in outcome.feedback if event.event == "rejected"
    }
    for reason in _INCOMPLETE:
        if reason in rejected and (article := rejected[reason].article_id or outcome.top):
            return _Say("edit", (article,))
    wrong = sorted({event.article_id or outcome.top or "" for event in rejected.values()})
    others = [article for article in wrong if article not in ("", outcome.helped_by)]
    if others and outcome.helped_by:
        return _Say("compete", (others[0], outcome.helped_by))
    return _Say("write") if "not_related" in rejected else None


def _reopening_says(outcome: Outcome) -> _Say | None:
    article = _came_back(outcome) or outcome.top
    return _Say("edit", (article,)) if "reopened" in outcome.signals and article else None


def _likeliest_says(outcome: Outcome) -> _Say:
    top, second = outcome.top, outcome.runner_up
    if top is None or not is_near(outcome):
        return _Say("write")
    return _Say("edit", (top,), (top, second) if second else (top,))


def _came_back(outcome: Outcome) -> str | None:
    """Return the article that had resolved what came back."""
    article = None
    for event in outcome.feedback:
        if event.event in ("resolved", "reopened") and event.article_id:
            article = event.article_id
    return article


def _rivals(said: Sequence[_Say]) -> tuple[str, ...]:
    """Return two articles that take turns as likeliest and second of most questions, if any."""
    tops = Counter(one.likely[0] for one in said if one.likely)
    first_two = sorted(tops, key=lambda article: (-tops[article], article))[:2]
    if len(first_two) < 2 or tops[first_two[1]] < 2:
        return ()
    if any(tops[article] < _EACH * len(said) for article in first_two):
        return ()
    both = sum(set(one.likely) == set(first_two) for one in said)
    return tuple(sorted(first_two)) if both >= _BOTH * len(said) else ()


def _most(counted: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what was counted most often; equal counts by name."""
    return min(counted, key=lambda one: (-counted[one], one))
