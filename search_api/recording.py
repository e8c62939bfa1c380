"""An answered question as the log keeps it: nothing raw, nobody named.

The service, imported tickets and demo data all make their events here, so that what is kept
is decided once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from indexer.redaction.redactor import Redactor
from search_api.auth import actor_hash
from search_api.events.event import QuestionEvent, Source
from search_api.schemas import SuggestRequest
from search_api.suggest import Asked

_ENCODER_DIGITS = 16
# No article has it, so asked again the question finds what it found.
_UNKNOWN = "[unknown]"
_PLAIN_LABEL = re.compile(r"[#\w][\w .:/#-]{0,99}")


def question_event(
    asked: Asked,
    request: SuggestRequest,
    *,
    audiences: Collection[str],
    person: str | None,
    secret: bytes,
    at: datetime | None = None,
    source: Source = "api",
) -> QuestionEvent:
    """Return an answered question as the log keeps it.

    Args:
        asked: the question with its answer.
        request: what was asked beside the words.
        audiences: what the caller may see.
        person: who asked, as their tool names them; kept as a keyed hash only.
        secret: the key of that hash.
        at: when it was asked; now where nobody says.
        source: how it came into the log.
    """
    found, response, filters = asked.found, asked.response, request.filters
    articles = asked.snapshot.articles
    digest = asked.snapshot.manifest.spaces[found.question.space].encoder.digest
    return QuestionEvent(
        query_id=response.query_id,
        asked_at=at or datetime.now(UTC),
        text=asked.question,
        language=found.language,
        channel=safe_label(request.channel, secret),
        reference=safe_label(request.reference, secret),
        actor=actor_hash(person, secret),
        decision=found.decision,
        suggestions=asked.ranked,
        index_version=response.index_version,
        took_ms=response.took_ms,
        confidence=round(found.confidence, 4),
        threshold=response.threshold,
        shown=response.count,
        vector=found.question.encoded.vector,
        encoder=digest[:_ENCODER_DIGITS],
        asked_with={
            "audiences": sorted(audiences),
            "tags": _known(filters.tags, (one.front_matter.tags for one in articles)),
            "platforms": _known(
                filters.platforms, (one.front_matter.platforms for one in articles)
            ),
            "type": list(filters.type),
            "limit": request.limit,
            "language": request.language,
        },
        source=source,
    )


def _known(names: Iterable[str], stated: Iterable[Iterable[str]]) -> list[str]:
    """Return names that a filter asked for, as far as articles have them: others are anything."""
    wanted = list(names)
    known = {name for one in stated for name in one} if wanted else ()
    return [name if name in known else _UNKNOWN for name in wanted]


def redacted(text: str | None, redactor: Redactor) -> str | None:
    """Return a caller's text without personal data, as it may be stored."""
    return redactor.redact(text) if text else None


def safe_label(label: str | None, secret: bytes) -> str | None:
    """Return a ticket's or channel's name as it may be stored.

    A plain id stays as it is, also where its digits look like a telephone number: it must
    go on naming one ticket. Anything else becomes a keyed hash, which still does.
    """
    if label is None or _PLAIN_LABEL.fullmatch(label):
        return label
    return actor_hash(label, secret)
