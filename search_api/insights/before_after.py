"""What a change to the articles did: the same questions before and after it.

Pure functions over events of the log. Questions are the same when they lie as near to a
centre as those of one gap do to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from indexer.errors import SopError
from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.gaps import (
    Gap,
    Space,
    by_week,
    count_askers,
    enough_in,
)
from search_api.insights.outcomes import Outcome


class NoEffectError(SopError):
    """There is nothing to compare with each other."""


@dataclass(frozen=True, slots=True)
class Side:
    """The questions of one side of a change.

    Attributes:
        questions: how many were asked.
        askers: by how many different people; those whom nobody named count as one.
        answered: how many were given a suggestion.
        badly: how many went badly, see `outcomes.SIGNALS`.
    """

    questions: int
    askers: int
    answered: int
    badly: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Side:
        """Count some questions."""
        return cls(
            questions=len(outcomes),
            askers=count_askers(outcomes),
            answered=sum(one.question.decision == "suggest" for one in outcomes),
            badly=sum(bool(one.signals) for one in outcomes),
        )

    @property
    def may_be_shown(self) -> bool:
        """Whether so many asked that a number tells of nobody in particular."""
        return self.askers >= FEWEST_ASKERS


@dataclass(frozen=True, slots=True)
class Effect:
    """The same questions before and after a change.

    Attributes:
        article: the one that came or changed.
        at: when the first question was asked of the changed articles.
        before: what was asked until then.
        after: what was asked from then on.
        after_by_article: how many of these had the article as their likeliest suggestion.
        about: the questions of both sides, the oldest first. Not for showing.
    """

    article: str
    at: datetime
    before: Side
    after: Side
    after_by_article: int
    about: tuple[Outcome, ...] = field(repr=False)


def same_questions(space: Space, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the questions that are about the same, those that went well too, oldest first."""
    comparable = [
        one
        for one in outcomes
        if one.question.vector is not None and one.question.encoder == space.encoder
    ]
    return [
        one
        for one in comparable
        if one.question.vector is not None
        and float(one.question.vector @ space.centre) >= space.enough
    ]


def weeks_of(
    gap: Gap, outcomes: Sequence[Outcome], since: datetime, until: datetime
) -> list[tuple[int, int]]:
    """Return for each week how many asked about a gap's topic, and how many went badly."""
    about = {
        one.question.query_id: one for one in (*same_questions(gap.space, outcomes), *gap.members)
    }
    asked = by_week((one.question.asked_at for one in about.values()), since, until)
    badly = by_week((one.question.asked_at for one in about.values() if one.signals), since, until)
    return list(zip(asked, badly, strict=True))


def came_at(article: str, outcomes: Sequence[Outcome]) -> datetime | None:
    """Return when an article came into service: None where it was there all the time.

    That is when the first question was asked of the first snapshot that ever suggested it.

    Args:
        article: its id.
        outcomes: the oldest first.
    """
    first_asked: dict[str, datetime] = {}
    knowing: set[str] = set()
    for one in outcomes:
        version = one.question.index_version
        first_asked.setdefault(version, one.question.asked_at)
        if any(suggested["id"] == article for suggested in one.question.suggestions):
            knowing.add(version)
    if not knowing:
        return None
    at = min(first_asked[version] for version in knowing)
    return at if at > min(first_asked.values()) else None


def effect_of(article: str, outcomes: Sequence[Outcome], at: datetime | None = None) -> Effect:
    """Return the questions that an article is the likeliest for, before and after a change.

    Args:
        article: its id.
        outcomes: the oldest first.
        at: when the change came into service; when the article did, where nobody says.

    Raises:
        NoEffectError: the log has no such question, or does not tell when the article came.
    """
    leading = [one for one in outcomes if one.top == article and one.question.vector is not None]
    if not leading:
        raise NoEffectError(
            f"no question of this period leads to {article}; look further back with --days, or "
            "wait until it was asked for"
        )
    at = at or came_at(article, outcomes)
    if at is None:
        raise NoEffectError(
            f"{article} was there before the first question of this period; name the day of its "
            "change with --at, or look further back with --days"
        )
    about: dict[str, Outcome] = {}
    for encoder in sorted({one.question.encoder for one in leading if one.question.encoder}):
        of_encoder = [one for one in leading if one.question.encoder == encoder]
        space = Space(encoder, _centre(of_encoder), enough_in(encoder, outcomes))
        for one in (*same_questions(space, outcomes), *of_encoder):
            about[one.question.query_id] = one
    ordered = sorted(about.values(), key=lambda one: (one.question.asked_at, one.question.query_id))
    before = [one for one in ordered if one.question.asked_at < at]
    after = [one for one in ordered if one.question.asked_at >= at]
    return Effect(
        article=article,
        at=at,
        before=Side.of(before),
        after=Side.of(after),
        after_by_article=sum(
            one.top == article and one.question.decision == "suggest" for one in after
        ),
        about=tuple(ordered),
    )


def _centre(outcomes: Sequence[Outcome]) -> np.ndarray:
    vectors = [one.question.vector for one in outcomes if one.question.vector is not None]
    centre: np.ndarray = np.stack(vectors).mean(axis=0)
    return centre
