"""What trainees of a made-up month choose: mostly right, and at a few topics their neighbour.

Takes the real answers of a snapshot, so that an article is taken for one that the index ranks
beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date

from search_api.demo.chance import dice
from search_api.demo.month import Month
from search_api.demo.outcomes import Fitness
from search_api.events.event import QuestionEvent
from search_api.events.practice import Tries

# One question in so many is practised by somebody, on the day that it was asked.
_PRACTISED = 0.2
_FAILED, _FAILED_WEAK, _GIVES_UP = 0.14, 0.66, 0.15
_TAKEN_FOR_ANSWER = 0.35
# How often a weak article is taken for the one that is beside it most often.
_FOR_NEIGHBOUR = 0.7


def practised(
    month: Month,
    fitness: Mapping[str, Fitness],
    answered: Mapping[str, QuestionEvent],
    seed: int,
) -> list[Tries]:
    """Return how often trainees chose what, by day; an article that does badly is often missed.

    Args:
        month: as it was planned.
        fitness: how well each article does.
        answered: what the log keeps of each question, by id.
        seed: the same as for the plan.
    """
    counts: Counter[tuple[date, str, str]] = Counter()
    neighbours = _neighbours(month, answered)
    for planned in month.questions:
        chance = dice(seed, "practice", planned.query_id)
        event = answered.get(planned.query_id)
        if event is None or chance.random() > _PRACTISED:
            continue
        ranked = [one["id"] for one in event.suggestions]
        day, right = planned.at.date(), planned.topic
        others = [one for one in ranked if one != right]
        if planned.story == "gap" and others:
            chosen = others[0] if chance.random() < _TAKEN_FOR_ANSWER else ""
            counts[day, "", chosen] += 1
        elif right in ranked and right in fitness and others:
            is_weak = fitness[right].is_weak
            near = is_weak and chance.random() < _FOR_NEIGHBOUR
            wrong = neighbours[right] if near else others[0]
            if chance.random() < _GIVES_UP:
                wrong = ""
            fails = chance.random() < (_FAILED_WEAK if is_weak else _FAILED)
            counts[day, right, wrong if fails else right] += 1
    return [
        Tries(day, answer or None, chosen or None, count, "demo")
        for (day, answer, chosen), count in sorted(counts.items())
    ]


def _neighbours(month: Month, answered: Mapping[str, QuestionEvent]) -> dict[str, str]:
    """Return which article stands beside each one most often; equal counts by id."""
    beside: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for planned in month.questions:
        event = answered.get(planned.query_id)
        if event is not None and planned.topic is not None:
            beside[planned.topic].update(one["id"] for one in event.suggestions[:3])
    return {
        article: min(
            (one for one in counts if one != article),
            key=lambda name: (-counts[name], name),
            default="",
        )
        for article, counts in beside.items()
    }
