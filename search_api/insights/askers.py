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
    return asker_named(question.actor, question.reference)


def asker_named(actor: str | None, reference: str | None) -> str | None:
    """Return who stands behind a person's hash and a ticket; see `asker_of`."""
    if actor is not None:
        return actor
    return None if reference is None else f"ticket {reference}"
