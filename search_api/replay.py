"""A logged question asked again of the snapshot that answered it, and what differs.

The log has the redacted text, which is what was encoded, and everything else that the answer
came from; so the same snapshot must give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from indexer.errors import SopError
from indexer.snapshot import Snapshot
from search_api.events.event import QuestionEvent, Ranked
from search_api.events.traces import ERASED
from search_api.schemas import Filters, SuggestRequest
from search_api.suggest import Suggester

# Another number of threads adds the same numbers in another order.
_SAME = 2e-3


class ReplayError(SopError):
    """A question cannot be asked again as it was."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What was answered, and what the same snapshot answers now.

    Attributes:
        decision: now.
        ranked: now, best first.
        differences: one sentence each; none where all is the same.
    """

    event: QuestionEvent
    decision: str
    ranked: list[Ranked]
    differences: list[str]


def replay(snapshot: Snapshot, event: QuestionEvent) -> Replay:
    """Ask a logged question again.

    Args:
        snapshot: the one that answered it, `event.index_version`.
        event: the question; its day decides which articles were past their review date.

    Raises:
        ReplayError: the log does not say what was asked beside the words, or an erasure has
            changed these.
    """
    asked_with = event.asked_with
    if asked_with is None:
        raise ReplayError(
            f"question {event.query_id} was logged by a version that did not keep its filters "
            "and audiences, so nobody can tell what it was asked with"
        )
    # An erasure takes the vector too; a person may have written that word.
    if event.vector is None and ERASED in event.text:
        raise ReplayError(
            f"question {event.query_id} cannot be asked again: its text was changed by an erasure"
        )
    filters = {name: asked_with[name] for name in ("tags", "platforms", "type")}
    request = SuggestRequest(
        query="as logged",
        limit=asked_with["limit"],
        filters=Filters.model_validate(filters),
    )
    # An older log has it as it was sent.
    request = request.model_copy(update={"language": asked_with["language"]})
    # The text was cleaned when it was asked; cleaning it again could take more away.
    asked = Suggester(snapshot).ask(
        event.text,
        request,
        frozenset(asked_with["audiences"]),
        event.asked_at.astimezone(UTC).date(),
    )
    decision = asked.found.decision
    return Replay(event, decision, asked.ranked, _differences(event, decision, asked.ranked))


def _differences(event: QuestionEvent, decision: str, ranked: list[Ranked]) -> list[str]:
    told = []
    if decision != event.decision:
        told.append(f"the decision was {event.decision} and is {decision}")
    before, now = [one["id"] for one in event.suggestions], [one["id"] for one in ranked]
    if before != now:
        told.append(f"the articles were {', '.join(before)} and are {', '.join(now)}")
        return told
    for old, new in zip(event.suggestions, ranked, strict=True):
        for name, was, is_now in (
            ("score", old["score"], new["score"]),
            ("confidence", old["confidence"], new["confidence"]),
        ):
            if abs(was - is_now) > _SAME:
                told.append(f"the {name} of {old['id']} was {was:.4f} and is {is_now:.4f}")
    return told
