"""Malfunctions of past days, seen as a service that ran then would have seen them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from search_api.events.event import QuestionEvent
from search_api.insights.askers import asker_of
from search_api.insights.malfunctions import Malfunction, Watch, answered_by

# A malfunction is forgotten a day after its last question.
_HALF_DAY = timedelta(hours=12)


def past_malfunctions(
    questions: Sequence[QuestionEvent], starts: datetime, ends: datetime
) -> list[Malfunction]:
    """Return the rises of like questions in a period, each as it was when last seen.

    Args:
        questions: the oldest first, with vectors; those before the period say what is usual.
        starts: of the period.
        ends: of the period, or now.
    """
    watch = Watch()
    place = 0
    for question in questions:
        if question.asked_at >= starts:
            break
        watch.baseline.add(question, answered_by(question), asker_of(question))
        place += 1
    found: dict[str, Malfunction] = {}
    while starts < ends:
        stop = min(starts + _HALF_DAY, ends)
        upto = place
        while upto < len(questions) and questions[upto].asked_at < stop:
            upto += 1
        watch.advance(questions[place:upto])
        found |= {one.id: one for one in watch.malfunctions(stop)}
        starts, place = stop, upto
    return list(found.values())
