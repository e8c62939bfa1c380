"""What people do with an answer: look, link, resolve, reject, pass on; many say nothing.

Takes the real answers of a snapshot. How well an article does is drawn from the seed, so
that some do badly for weeks, each for one reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from search_api.demo.chance import dice
from search_api.demo.month import Month, Planned, Topic
from search_api.demo.people import crowds
from search_api.demo.rhythm import on_duty
from search_api.demo.stories import COMMENTS
from search_api.events.event import FeedbackEvent, QuestionEvent

_TELLS = {"platform": 0.64, "chat": 0.45}
_WEAK = 5
_WEAK_REASONS = ("outdated", "related_not_answered")
_COMMENTED, _REOPENED, _REOPENED_WEAK = 0.18, 0.03, 0.2
_DAY_S = 24 * 3600
# How many tickets are done in the end, and how long that takes, by what was said last.
_CLOSED = {"escalated": 0.99, "reopened": 0.99, "silence": 0.4}
_CLOSED_ELSE = 0.9
_UNTIL_CLOSED_S = {"escalated": (2 * 3600, 30 * 3600), "reopened": (3600, 20 * 3600)}
_UNTIL_CLOSED_ELSE_S = (1800, 36 * 3600)


@dataclass(frozen=True, slots=True)
class Fitness:
    """How well an article does.

    Attributes:
        solves: how often it solves what it is there for.
        reason: why it is rejected when it does not.
    """

    solves: float
    reason: str

    @property
    def is_weak(self) -> bool:
        """Whether it fails more often than not."""
        return self.solves < 0.5


@dataclass(slots=True)
class _Telling:
    """What is told about one question, in the order of its times."""

    planned: Planned
    actor: str
    until: datetime
    chance: Random
    events: list[FeedbackEvent] = field(default_factory=list)

    def add(
        self,
        event: str,
        article: str | None,
        after_s: tuple[float, float],
        reason: str | None = None,
    ) -> None:
        """Add an event some time after the one before; what is beyond the period never was."""
        before = self.events[-1].given_at if self.events else self.planned.at
        at = (before + timedelta(seconds=self.chance.uniform(*after_s))).replace(microsecond=0)
        said = COMMENTS.get(reason or event)
        comment = self.chance.choice(said) if said and self.chance.random() < _COMMENTED else None
        if at < self.until:
            self.events.append(
                FeedbackEvent(
                    given_at=at,
                    query_id=self.planned.query_id,
                    reference=self.planned.request.reference,
                    page=None,
                    article_id=article,
                    event=event,
                    reason=reason,
                    comment=comment,
                    actor=self.actor,
                    source="demo",
                )
            )


def fitness_of(topics: Sequence[Topic], seed: int) -> Mapping[str, Fitness]:
    """Return how well each article does: a few do badly."""
    chance = dice(seed, "fitness")
    ids = [topic.article for topic in topics]
    weak = set(chance.sample(ids, min(_WEAK, len(ids) // 4)))
    return {
        one: Fitness(chance.uniform(0.12, 0.35), chance.choice(_WEAK_REASONS))
        if one in weak
        else Fitness(chance.uniform(0.68, 0.96), "related_not_answered")
        for one in ids
    }


def tell(
    month: Month,
    topics: Sequence[Topic],
    answered: Mapping[str, QuestionEvent],
    seed: int,
    hashed: Callable[[str], str],
) -> Iterator[FeedbackEvent]:
    """Give what became of the questions of a month.

    Args:
        month: as it was planned.
        topics: those that it was planned from.
        answered: what the log keeps of each question, by id.
        seed: the same as for the plan.
        hashed: makes of a person's name what the log keeps of it.
    """
    fitness = fitness_of(topics, seed)
    people = crowds(seed)
    for planned in month.questions:
        event = answered.get(planned.query_id)
        chance = dice(seed, "feedback", planned.query_id)
        if event is None:
            continue
        is_told = chance.random() <= _TELLS[planned.request.channel or "chat"]
        actor = chance.choice(people[on_duty(planned.at).key].specialists)
        telling = _Telling(planned, hashed(actor), month.end, chance)
        shown = [one["id"] for one in event.shown_suggestions]
        if is_told and planned.topic in shown and planned.topic in fitness:
            _found(telling, shown, fitness[planned.topic])
        elif is_told:
            _not_found(telling, shown)
        if planned.request.reference:
            telling.chance = dice(seed, "closing", planned.query_id)
            _close(telling)
        yield from telling.events


def _found(telling: _Telling, shown: Sequence[str], fitness: Fitness) -> None:
    """Tell what happens when the right article is among those that are shown."""
    chance, right = telling.chance, telling.planned.topic
    if shown[0] != right and chance.random() < 0.3:
        telling.add("rejected", shown[0], (40, 240), "not_related")
    if chance.random() < 0.8:
        telling.add("viewed", right, (30, 240))
    if chance.random() > fitness.solves:
        if chance.random() < 0.6:
            telling.add("rejected", right, (60, 900), fitness.reason)
        if chance.random() < 0.4:
            telling.add("escalated", None, (300, 3600))
        return
    if chance.random() < 0.7:
        telling.add("linked", right, (60, 420))
    if chance.random() < 0.75:
        telling.add("resolved", right, (300, 5400))
        if chance.random() < (_REOPENED_WEAK if fitness.is_weak else _REOPENED):
            telling.add("reopened", right, (3600, 3 * _DAY_S))


def _not_found(telling: _Telling, shown: Sequence[str]) -> None:
    """Tell what happens when nothing that is shown answers, or nothing is shown."""
    chance, story = telling.chance, telling.planned.story
    if shown and chance.random() < 0.5:
        reason = "related_not_answered" if story == "malfunction" else "not_related"
        telling.add("rejected", shown[0], (40, 300), reason)
    if story == "malfunction":
        if chance.random() < 0.6:
            telling.add("escalated", None, (60, 900))
        return
    if chance.random() < (0.45 if story == "gap" else 0.06):
        telling.add("gap", None, (60, 900))
    if story != "noise" and chance.random() < 0.3:
        telling.add("escalated", None, (300, 5400))


def _close(telling: _Telling) -> None:
    """Tell that a ticket is done, as ticket tools do by themselves; a few are left lying."""
    said = [one.event for one in telling.events if one.event != "viewed"]
    last = said[-1] if said else "silence"
    if last != "resolved" and telling.chance.random() < _CLOSED.get(last, _CLOSED_ELSE):
        telling.add("resolved", None, _UNTIL_CLOSED_S.get(last, _UNTIL_CLOSED_ELSE_S))
