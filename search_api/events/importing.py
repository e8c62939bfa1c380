"""Writes tickets that never passed through the service, batch by batch.

A batch is one transaction: questions and feedback of some tickets, or nothing. A run that
breaks off leaves whole batches, and the next one goes on behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from search_api.events.database import (
    EventStoreError,
    cause,
    connected_for_reading,
    open_engine,
)
from search_api.events.event import FeedbackEvent, QuestionEvent, feedback_row, question_row
from search_api.events.schema import upgrade
from search_api.events.store import label_region, store_of
from search_api.events.tables import FEEDBACK, QUESTIONS

_OUTCOMES = ("resolved", "escalated", "reopened")


@dataclass(slots=True)
class KnownTicket:
    """What a log has of a ticket.

    Attributes:
        is_asked: whether it has a question of it.
        linked: ids of the articles that were put into it.
        outcome: the last of `resolved`, `escalated`, `reopened`; None before any.
        told_at: when that was.
    """

    is_asked: bool = False
    linked: set[str] = field(default_factory=set)
    outcome: str | None = None
    told_at: datetime | None = None

    def take(self, event: str, article: str | None, at: datetime) -> None:
        """Take in feedback that is not older than what is known."""
        if event == "linked" and article is not None:
            self.linked.add(article)
        elif event in _OUTCOMES:
            self.outcome, self.told_at = event, at


class TicketLog:
    """A log that takes imported tickets; open it with `with`."""

    def __init__(self, url: str, region: str | None = None) -> None:
        """Prepare for the database at `url`; nothing is opened yet.

        Raises:
            SettingsError: the URL is none, or its driver is not installed.
        """
        self._engine = open_engine(url)
        self._region = region

    def __enter__(self) -> Self:
        """Make or upgrade the tables.

        Raises:
            EventStoreError: the database cannot be written, or holds demo data.
        """
        try:
            upgrade(self._engine)
            with self._engine.begin() as connection:
                _refuse_demo(connection)
                label_region(connection, self._region)
        except (SQLAlchemyError, OSError) as error:
            self._engine.dispose()
            raise EventStoreError(
                f"the log of questions cannot be written ({cause(error)}); is the database of "
                "events_url there, and may you write it?"
            ) from error
        except EventStoreError:
            self._engine.dispose()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let the database go."""
        self._engine.dispose()

    def known(self, references: Collection[str]) -> dict[str, KnownTicket]:
        """Return what the log has of each of these tickets.

        Raises:
            EventStoreError: the database cannot be read.
        """
        try:
            with self._engine.connect() as connection:
                return _known(connection, references)
        except (SQLAlchemyError, OSError) as error:
            raise EventStoreError(_broken_off(error)) from error

    def write(self, questions: Sequence[QuestionEvent], feedback: Sequence[FeedbackEvent]) -> None:
        """Store both, or nothing; they are on disk when this returns.

        Raises:
            EventStoreError: they could not be stored.
        """
        try:
            with self._engine.begin() as connection:
                _refuse_demo(connection)
                if questions:
                    rows = [question_row(event) for event in questions]
                    connection.execute(QUESTIONS.insert(), rows)
                if feedback:
                    rows = [feedback_row(event) for event in feedback]
                    connection.execute(FEEDBACK.insert(), rows)
        except IntegrityError as error:
            raise EventStoreError(
                "another import writes the same tickets; wait for it, then run this again"
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise EventStoreError(_broken_off(error)) from error


def read_known(url: str, references: Collection[str]) -> dict[str, KnownTicket]:
    """Return what a log has of tickets, without writing, making or upgrading anything.

    Raises:
        EventStoreError: the database cannot be reached or read, or holds demo data.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        _refuse_demo(connection)
        if not sa.inspect(connection).has_table(FEEDBACK.name):
            return {reference: KnownTicket() for reference in references}
        return _known(connection, references)


def _known(connection: sa.Connection, references: Collection[str]) -> dict[str, KnownTicket]:
    found = {reference: KnownTicket() for reference in references}
    asked = sa.select(QUESTIONS.c.query_id, QUESTIONS.c.reference)
    asked = asked.where(QUESTIONS.c.reference.in_(found))
    by_id = {row.query_id: row.reference for row in connection.execute(asked)}
    for reference in by_id.values():
        found[reference].is_asked = True
    told = FEEDBACK.c
    feedback = (
        sa.select(told.query_id, told.reference, told.event, told.article_id, told.given_at)
        .where(told.reference.in_(found) | told.query_id.in_(by_id))
        .order_by(told.given_at, told.id)
    )
    for row in connection.execute(feedback):
        reference = row.reference if row.reference in found else by_id[row.query_id]
        found[reference].take(row.event, row.article_id, row.given_at)
    return found


def _refuse_demo(connection: sa.Connection) -> None:
    if store_of(connection).is_demo:
        raise EventStoreError(
            "the log of questions holds demo data, and real tickets do not belong there; name "
            "another database: SOPKB_EVENTS_URL=sqlite:///var/tickets.db"
        )


def _broken_off(error: Exception) -> str:
    return (
        f"the log of questions was lost on the way ({cause(error)}); what was imported stays, and "
        "the same command goes on with the rest"
    )
