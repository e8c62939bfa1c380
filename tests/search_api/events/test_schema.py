"""The log's tables: made, brought up from the first form, and the same as those in the code."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from support_events import FIRST_FORM

from search_api.events.database import EventStoreError, open_engine
from search_api.events.migrate import revisions
from search_api.events.reading import read_feedback, read_questions
from search_api.events.schema import NEWEST, upgrade, version
from search_api.events.tables import METADATA

OCTOBER, NOVEMBER = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def first_form(tmp_path):
    """A log as the first form of the product wrote it."""
    path = tmp_path / "events.db"
    with sqlite3.connect(path) as db:
        db.executescript(FIRST_FORM)
    db.close()
    return f"sqlite:///{path}"


def test_tables_are_those_of_the_code(events_url):
    """After all migrations a database has the tables, columns and indexes that the code names."""
    engine = open_engine(events_url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_newest_form_is_the_last_migration():
    """The form that a look at a database compares with is that of the last migration."""
    assert revisions()[0] == NEWEST
    assert revisions() == sorted(revisions(), reverse=True)


def test_log_of_the_first_form_is_upgraded_in_place(first_form):
    """Its questions and feedback stay; what it did not keep is unknown."""
    engine = open_engine(first_form)
    upgrade(engine)
    with engine.connect() as connection:
        assert version(connection) == NEWEST
    engine.dispose()
    (question,) = read_questions(first_form, OCTOBER, NOVEMBER, with_vectors=True)
    assert (question.text, question.reference, question.took_ms) == ("phone lost", "T-1", 3.5)
    assert question.asked_at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert (question.vector, question.shown, question.asked_with) == (None, None, None)
    assert question.source == "api"
    (feedback,) = read_feedback(first_form, OCTOBER, NOVEMBER)
    assert (feedback.event, feedback.article_id) == ("resolved", "acc-001")


def test_log_of_the_first_form_is_read_as_it_is(first_form, tmp_path):
    """Reading changes no byte of it, and gives what it has."""
    before = (tmp_path / "events.db").read_bytes()
    (question,) = read_questions(first_form, OCTOBER, NOVEMBER)
    assert question.shown_suggestions == [{"id": "acc-001", "score": 0.5, "confidence": 0.6}]
    assert (tmp_path / "events.db").read_bytes() == before


def test_several_processes_may_start_at_once(events_url):
    """Eight that find no table make them once, and none fails."""

    def start(_number):
        engine = open_engine(events_url)
        upgrade(engine)
        engine.dispose()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(start, range(8)))
    engine = open_engine(events_url)
    with engine.connect() as connection:
        assert version(connection) == NEWEST
    engine.dispose()


def test_migration_that_fails_leaves_the_old_form(first_form):
    """What cannot be finished is taken back: the log is as it was, and can be tried again."""
    engine = open_engine(first_form)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE note (other INTEGER)")
    with pytest.raises(sa.exc.OperationalError, match="note"):
        upgrade(engine)
    with engine.begin() as connection:
        assert version(connection) is None
        columns = {column["name"] for column in sa.inspect(connection).get_columns("question")}
        assert "vector" not in columns
        connection.exec_driver_sql("DROP TABLE note")
    upgrade(engine)
    with engine.connect() as connection:
        assert version(connection) == NEWEST
    engine.dispose()


def test_log_of_a_newer_version_is_refused(events_url):
    """A form that this version does not know is named, and not touched."""
    engine = open_engine(events_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EventStoreError, match=r"form 9999 of a newer sop.*update this one"):
        upgrade(engine)
    engine.dispose()
