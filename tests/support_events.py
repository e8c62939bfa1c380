"""Questions and feedback for tests, as the log keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from search_api.events.database import open_engine
from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.events.scanning import FeedbackRow, QuestionRow
from search_api.events.tables import NOTES, REPORTS
from search_api.insights.columns import Columns, Intake
from search_api.insights.library import LibraryArticle

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
# As the first form of the log made its tables.
FIRST_FORM = """
CREATE TABLE question (
  query_id VARCHAR(32) NOT NULL PRIMARY KEY, asked_at TIMESTAMP NOT NULL, text TEXT NOT NULL,
  language VARCHAR(35), channel VARCHAR(200), reference VARCHAR(200), actor VARCHAR(32),
  decision VARCHAR(10) NOT NULL, suggestions JSON NOT NULL, index_version VARCHAR(16) NOT NULL,
  took_ms FLOAT NOT NULL);
CREATE INDEX ix_question_asked_at ON question (asked_at);
CREATE INDEX ix_question_reference ON question (reference);
CREATE TABLE feedback (
  id INTEGER NOT NULL PRIMARY KEY, given_at TIMESTAMP NOT NULL, query_id VARCHAR(200),
  reference VARCHAR(200), page VARCHAR(500), article_id VARCHAR(500), event VARCHAR(20) NOT NULL,
  reason VARCHAR(30), comment TEXT, actor VARCHAR(32));
INSERT INTO question VALUES ('0123', '2026-10-01 08:00:00.000000', 'phone lost', 'en', 'chat',
  'T-1', NULL, 'suggest', '[{"id": "acc-001", "score": 0.5, "confidence": 0.6}]', 'abc', 3.5);
INSERT INTO feedback VALUES (1, '2026-10-01 08:05:00.000000', '0123', NULL, NULL, 'acc-001',
  'resolved', NULL, NULL, NULL);
"""


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


def columns_of(
    questions: Iterable[QuestionEvent], feedback: Iterable[FeedbackEvent] = ()
) -> Columns:
    """Return events as columns, without a database between."""
    intake = Intake()
    intake.add_questions(
        QuestionRow(
            one.query_id,
            one.asked_at,
            one.text,
            one.language,
            one.channel,
            one.reference,
            one.actor,
            one.decision,
            one.suggestions[0]["id"] if one.suggestions else None,
        )
        for one in questions
    )
    intake.add_feedback(
        FeedbackRow(
            number,
            one.given_at,
            one.query_id,
            one.reference,
            one.page,
            one.article_id,
            one.event,
            one.reason,
            one.actor,
        )
        for number, one in enumerate(feedback)
    )
    return intake.columns()


def library_article(article: str = "acc-001", **changes: Any) -> LibraryArticle:
    """Return an article as figures know it."""
    values: dict[str, Any] = {
        "id": article,
        "title": f"Title of {article}",
        "url": f"sop/{article}/",
        "area": "access",
        "type": "how-to",
        "status": "active",
        "owner": "access-team",
        "last_reviewed": date(2026, 10, 1),
        "review_by": date(2027, 1, 1),
        "pinned_until": None,
    }
    return LibraryArticle(**values | changes)


def quiet(_told: str) -> None:
    """Say nothing while it takes long."""


def annotate(url: str, text: str, content: object, author: str = "ana") -> None:
    """Store a report with its content and a note below it."""
    engine = open_engine(url)
    with engine.begin() as connection:
        report = connection.execute(
            REPORTS.insert().values(
                kind="daily", starts_at=NOON, ends_at=NOON, content=content, approved_by=author
            )
        ).inserted_primary_key[0]
        connection.execute(
            NOTES.insert().values(report=report, written_at=NOON, author=author, text=text)
        )
    engine.dispose()


def rows_of(url: str, table: sa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    engine = open_engine(url)
    with engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(sa.select(table))]
    engine.dispose()
    return rows
