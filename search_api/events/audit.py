"""Who took questions out of the log, when, and where to; never the questions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from search_api.events.database import EventStoreError, cause, open_engine
from search_api.events.schema import upgrade
from search_api.events.tables import AUDIT


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Questions that left the log.

    Attributes:
        at: when, with a time zone.
        who: the person as the machine knows them, or as they named themselves.
        command: what took them out, such as `learn`.
        questions: how many.
        articles: ids of the articles that they were taken out for.
        target: where they went, such as a branch.
    """

    at: datetime
    who: str
    command: str
    questions: int
    articles: Sequence[str]
    target: str


def append_record(url: str, record: AuditRecord) -> None:
    """Add a record; it is on disk when this returns. Nothing here changes or removes one.

    Raises:
        EventStoreError: it could not be stored; then nothing may leave the log.
        SettingsError: see `open_engine`.
    """
    engine = open_engine(url)
    values = asdict(record) | {"articles": list(record.articles)}
    try:
        upgrade(engine)
        with engine.begin() as connection:
            connection.execute(AUDIT.insert().values(**values))
    except (SQLAlchemyError, OSError) as error:
        raise EventStoreError(
            f"the audit record could not be written ({cause(error)}), so nothing was exported; "
            "is another program busy with the database, or may you not write it?"
        ) from error
    finally:
        engine.dispose()
