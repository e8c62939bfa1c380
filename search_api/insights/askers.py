"""Who counts as somebody who asked, and how many it takes until a group is shown. Pure."""

from __future__ import annotations

from search_api.events.event import QuestionEvent

# A group of questions is shown, and a malfunction raised, from so many different people on.
# Below, a group could be one person and a colleague; statistics offices commonly ask for three.
FEWEST_ASKERS = 3


def asker_of(question: QuestionEvent) -> str | None:
    """Return who asked: the person's hash, else the ticket; None where neither is known.

    All whose asker is unknown may be one person, and count as one.
    """
    if question.actor is not None:
        return question.actor
    return None if question.reference is None else f"ticket {question.reference}"
