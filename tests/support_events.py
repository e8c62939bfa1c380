"""Questions and feedback for tests, as the log keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from search_api.events.event import FeedbackEvent, QuestionEvent

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def asked(number: int = 1, minute: float = 0, **changes: Any) -> QuestionEvent:
    """Return a question, asked some minutes after noon."""
    values: dict[str, Any] = {
        "query_id": f"{number:032x}",
        "asked_at": NOON + timedelta(minutes=minute),
        "text": f"question {number}",
        "language": "en",
        "channel": "chat",
        "reference": f"T-{number}",
        "actor": f"{number:032x}",
        "decision": "suggest",
        "suggestions": [{"id": "acc-001", "score": 0.8, "confidence": 0.7}],
        "index_version": "0" * 16,
        "took_ms": 5.0,
        "confidence": 0.7,
        "threshold": 0.4,
        "shown": 1,
        "vector": np.array([0.6, 0.8, 0.0], np.float32),
        "encoder": "e" * 16,
        "asked_with": {
            "audiences": ["internal"],
            "tags": [],
            "platforms": [],
            "type": [],
            "limit": 5,
            "language": None,
        },
    }
    return QuestionEvent(**values | changes)


def told(event: str = "resolved", minute: float = 1, **changes: Any) -> FeedbackEvent:
    """Return feedback on ticket T-1, given some minutes after noon."""
    values: dict[str, Any] = {
        "given_at": NOON + timedelta(minutes=minute),
        "query_id": None,
        "reference": "T-1",
        "page": None,
        "article_id": "acc-001",
        "event": event,
        "reason": None,
        "comment": None,
        "actor": "a" * 32,
    }
    return FeedbackEvent(**values | changes)
