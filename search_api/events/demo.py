"""Writes a demonstration into a log that holds nothing real, and says that it is one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from search_api.events.database import (
    EventStoreError,
    cause,
    connected_for_reading,
    open_engine,
)
from search_api.events.event import FeedbackEvent, QuestionEvent, feedback_row, question_row
from search_api.events.practice import Tries, add_tries
from search_api.events.schema import upgrade
from search_api.events.store import label_region, mark_demo, store_of
from search_api.events.tables import (
    AUDIT,
    FEEDBACK,
    LOSSES,
    NOTICES,
    PRACTICE,
    QUESTIONS,
    REPORTS,
)

_HOLDS = (QUESTIONS, FEEDBACK, REPORTS, PRACTICE, LOSSES, NOTICES, AUDIT)


def refuse_real(url: str) -> None:
    """Refuse a log in which something real may be.

    Raises:
        EventStoreError: it holds something and is not marked as demo, or cannot be read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        _refuse_real(connection)


def replace_demo(
    url: str,
    questions: Sequence[QuestionEvent],
    feedback: Sequence[FeedbackEvent],
    region: str | None = None,
    tries: Sequence[Tries] = (),
) -> None:
    """Mark a log as demo, and put events in the place of the demonstration that it holds.

    All or nothing: when it fails, the log is as it was. What people asked a service on this
    log themselves stays.

    Raises:
        EventStoreError: the log holds something real, or cannot be written.
        SettingsError: see `open_engine`.
    """
    engine = open_engine(url)
    try:
        upgrade(engine)
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                # Nothing real may come in between looking and writing.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            _refuse_real(connection)
            label_region(connection, region)
            mark_demo(connection)
            for table in (QUESTIONS, FEEDBACK, PRACTICE):
                connection.execute(table.delete().where(table.c.source == "demo"))
            if questions:
                connection.execute(QUESTIONS.insert(), [question_row(one) for one in questions])
            if feedback:
                connection.execute(FEEDBACK.insert(), [feedback_row(one) for one in feedback])
            add_tries(connection, tries)
    except (SQLAlchemyError, OSError) as error:
        raise EventStoreError(
            f"the demonstration could not be stored ({cause(error)}), and the log is as it was; "
            "is another program busy with the database, or may you not write it?"
        ) from error
    finally:
        engine.dispose()


def _refuse_real(connection: sa.Connection) -> None:
    if store_of(connection).is_demo:
        return
    there = sa.inspect(connection)
    for table in _HOLDS:
        if there.has_table(table.name) and connection.execute(sa.select(table).limit(1)).first():
            raise EventStoreError(
                "the log of questions holds real events, and a demonstration never goes into "
                "such a log; name another database: SOPKB_EVENTS_URL=sqlite:///var/demo.db"
            )
