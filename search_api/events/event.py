"""What the log keeps: a question with its answer, and what became of it. No library, no HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

Source = Literal["api", "import", "demo"]
# Half precision: a cosine of two stored vectors is right to three digits, at half the room.
_STORED = np.dtype("<f2")


class Ranked(TypedDict):
    """An article of an answer, as the log keeps it."""

    id: str
    score: float
    confidence: float


class AskedWith(TypedDict):
    """What a request said beside its words: what a replay needs to ask the same again."""

    audiences: list[str]
    tags: list[str]
    platforms: list[str]
    type: list[str]
    limit: int
    language: str | None


@dataclass(frozen=True, slots=True)
class QuestionEvent:
    """A question that was answered; `text` is redacted, `actor` a keyed hash.

    Attributes:
        query_id: 32 hexadecimal digits.
        language: as it was asked in, BCP 47; detected where the request did not say.
        reference: the ticket that it belongs to, in its tool's own words.
        confidence: of the likeliest article, in [0, 1].
        threshold: the confidence that was enough.
        suggestions: the best articles, best first, also when none was likely enough.
        shown: how many of them the answer had; 0 when it abstained.
        vector: of the text, float32, shape (dim,), unit length; None where it is not known.
        encoder: the first digits of the digest of what made the vector; only vectors of one
            encoder can be compared.
        asked_with: None in a log of the first form, which did not keep it.
        source: `api`, `import` for a ticket that never passed through it, or `demo`.
    """

    query_id: str
    asked_at: datetime
    text: str
    language: str | None
    channel: str | None
    reference: str | None
    actor: str | None
    decision: str
    suggestions: Sequence[Ranked]
    index_version: str
    took_ms: float
    confidence: float | None = None
    threshold: float | None = None
    shown: int | None = None
    vector: NDArray[np.float32] | None = field(default=None, compare=False)
    encoder: str | None = None
    asked_with: AskedWith | None = None
    source: Source = "api"

    @property
    def shown_suggestions(self) -> Sequence[Ranked]:
        """The suggestions that whoever asked has seen; a log of the first form kept no others."""
        return self.suggestions if self.shown is None else self.suggestions[: self.shown]


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """What became of a suggestion; `comment` is redacted, `actor` a keyed hash."""

    given_at: datetime
    query_id: str | None
    reference: str | None
    page: str | None
    article_id: str | None
    event: str
    reason: str | None
    comment: str | None
    actor: str | None
    source: Source = "api"


def pack_vector(vector: NDArray[np.float32] | None) -> bytes | None:
    """Return a vector as the log stores it: little-endian half precision."""
    return None if vector is None else np.asarray(vector).astype(_STORED).tobytes()


def unpack_vector(stored: bytes | None) -> NDArray[np.float32] | None:
    """Return a stored vector: float32, shape (dim,), unit length."""
    if stored is None:
        return None
    vector = np.frombuffer(stored, _STORED).astype(np.float32)
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector


def question_row(event: QuestionEvent) -> Mapping[str, object]:
    """Return a question as a row of its table."""
    return _row(event) | {
        "vector": pack_vector(event.vector),
        "suggestions": list(event.suggestions),
    }


def feedback_row(event: FeedbackEvent) -> Mapping[str, object]:
    """Return feedback as a row of its table."""
    return _row(event)


def _row(event: QuestionEvent | FeedbackEvent) -> dict[str, object]:
    values = {name: getattr(event, name) for name in type(event).__dataclass_fields__}
    # PostgreSQL keeps no text with a NUL character.
    return {
        name: value.replace("\0", "") if isinstance(value, str) else value
        for name, value in values.items()
    }
