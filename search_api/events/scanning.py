"""The log as columns need it: few values of very many events, a slice at a time, no vectors.

Each slice is a connection of its own, so that no long reading keeps the database from tidying.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from search_api.events.database import connected_for_reading, identity_of
from search_api.events.tables import AUDIT, FEEDBACK, QUESTIONS

# What takes events out of a log; other records change nothing that columns hold.
_TAKES_OUT = ("erase", "retention")


class QuestionRow(NamedTuple):
    """A question; `article` is the likeliest one's id, shown or not."""

    query_id: str
    asked_at: datetime
    text: str
    language: str | None
    channel: str | None
    reference: str | None
    actor: str | None
    decision: str
    article: str | None


class FeedbackRow(NamedTuple):
    """Feedback, with its number in the log."""

    id: int
    given_at: datetime
    query_id: str | None
    reference: str | None
    page: str | None
    article_id: str | None
    event: str
    reason: str | None
    actor: str | None


class Extent(NamedTuple):
    """How much a log has; two that are the same hold the same events, but for new ones.

    Attributes:
        questions: asked from a time on and before another.
        feedback: up to a number.
    """

    questions: int
    feedback: int


class Mark(NamedTuple):
    """What changes when events are taken out: the newest record of it, and the file itself."""

    record: int
    file: tuple[int, int] | None


def scan_questions(url: str, since: datetime, after: str, most: int) -> list[QuestionRow]:
    """Return questions from a time on, the oldest first, equal times by id.

    Args:
        url: of the log.
        since: where to begin.
        after: id of the last question of this very moment that is known; empty for none.
        most: how many at once.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    asked = QUESTIONS.c
    query = (
        sa.select(
            asked.query_id,
            asked.asked_at,
            asked.text,
            asked.language,
            asked.channel,
            asked.reference,
            asked.actor,
            asked.decision,
            asked.suggestions[(0, "id")].as_string(),
        )
        .where(
            asked.asked_at >= since,
            sa.or_(asked.asked_at > since, asked.query_id > after),
        )
        .order_by(asked.asked_at, asked.query_id)
        .limit(most)
    )
    with connected_for_reading(url) as connection:
        if not sa.inspect(connection).has_table(QUESTIONS.name):
            return []
        return [QuestionRow(*row) for row in connection.execute(query)]


def scan_feedback(url: str, since: datetime, after: int, most: int) -> list[FeedbackRow]:
    """Return feedback given from a time on with numbers above one, in the order of the numbers.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    given = FEEDBACK.c
    query = (
        sa.select(
            given.id,
            given.given_at,
            given.query_id,
            given.reference,
            given.page,
            given.article_id,
            given.event,
            given.reason,
            given.actor,
        )
        .where(given.given_at >= since, given.id > after)
        .order_by(given.id)
        .limit(most)
    )
    with connected_for_reading(url) as connection:
        if not sa.inspect(connection).has_table(FEEDBACK.name):
            return []
        return [FeedbackRow(*row) for row in connection.execute(query)]


def read_extent(url: str, since: datetime, until: datetime, newest_feedback: int) -> Extent:
    """Return how much a log has of what is known already.

    Args:
        url: of the log.
        since: where the known questions and feedback begin.
        until: before which all questions are known.
        newest_feedback: the highest number that is known.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    asked, given = QUESTIONS.c, FEEDBACK.c
    with connected_for_reading(url) as connection:
        tables = sa.inspect(connection)
        if not (tables.has_table(QUESTIONS.name) and tables.has_table(FEEDBACK.name)):
            return Extent(0, 0)
        questions = sa.select(sa.func.count()).where(
            asked.asked_at >= since, asked.asked_at < until
        )
        feedback = sa.select(sa.func.count()).where(
            given.id <= newest_feedback, given.given_at >= since
        )
        return Extent(
            connection.execute(questions).scalar_one(), connection.execute(feedback).scalar_one()
        )


def read_mark(url: str) -> Mark:
    """Return by what it is seen that events were taken out of a log, or another put in its place.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    newest = sa.select(sa.func.max(AUDIT.c.id)).where(AUDIT.c.command.in_(_TAKES_OUT))
    with connected_for_reading(url) as connection:
        there = sa.inspect(connection).has_table(AUDIT.name)
        record = connection.execute(newest).scalar_one() if there else None
    return Mark(record or 0, identity_of(url))
