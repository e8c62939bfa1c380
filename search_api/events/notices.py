"""Notices: what somebody pinned for everybody to see, for twelve hours at most.

A notice is redacted before it is stored, and who pinned and who ended it is recorded with it,
in the same transaction. Nothing deletes one: whether it is current is a matter of time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from indexer.errors import SopError
from indexer.redaction.redactor import STANDARD, Redactor
from search_api.events.database import EventStoreError, cause, open_engine
from search_api.events.place import has_log
from search_api.events.schema import upgrade
from search_api.events.tables import AUDIT, NOTICES

MOST_HOURS = 12
MOST_TITLE_CHARS, MOST_TEXT_CHARS = 200, 2_000
_MOST_NAME_CHARS = 200
_MOST_CURRENT = 50


class NoticeError(SopError):
    """A notice cannot be pinned or ended as it was asked for."""


@dataclass(frozen=True, slots=True)
class PinnedNotice:
    """A notice; title and text are redacted.

    Attributes:
        id: 0 before it is stored.
        article_id: the article that helps, or None.
        platforms: the tools that it is about; none: it says so itself.
        audiences: who is shown it: callers with one of these.
        malfunction: the id of the malfunction that it was pinned from, or None.
        pinned_by, ended_by: as they named themselves.
        expires_at: at most twelve hours after `pinned_at`.
        ended_at: when somebody ended it early, or None.
    """

    id: int
    title: str
    text: str
    article_id: str | None
    platforms: tuple[str, ...]
    audiences: tuple[str, ...]
    malfunction: str | None
    pinned_at: datetime
    pinned_by: str
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    def is_current(self, now: datetime) -> bool:
        """Tell whether it is shown at a time."""
        return self.ended_at is None and self.pinned_at <= now < self.expires_at


def make_notice(
    title: str,
    text: str,
    *,
    hours: float,
    by: str,
    at: datetime,
    article_id: str | None = None,
    platforms: Sequence[str] = (),
    audiences: Sequence[str] = ("internal",),
    malfunction: str | None = None,
    redactor: Redactor = STANDARD,
) -> PinnedNotice:
    """Return a notice that can be pinned, without personal data.

    Args:
        title: one line.
        text: what to do meanwhile; may be empty.
        hours: until it expires, above 0 and at most 12.
        by: who pins it, as they name themselves.
        at: now.
        article_id: the article that helps.
        platforms: the tools that it is about.
        audiences: who is shown it.
        malfunction: what it was pinned from.
        redactor: takes personal data out of title and text.

    Raises:
        NoticeError: a field is not allowed; the sentence says which, and what is.
    """
    title, by = " ".join(redactor.redact(title).split()), " ".join(by.split())
    text = redactor.redact(text).strip()
    if not title or len(title) > MOST_TITLE_CHARS:
        raise NoticeError(
            f"title: has {len(title)} characters; say what is broken in 1 to {MOST_TITLE_CHARS}"
        )
    if len(text) > MOST_TEXT_CHARS:
        raise NoticeError(
            f"text: has {len(text):,} characters; {MOST_TEXT_CHARS:,} are shown at most"
        )
    if not 0 < hours <= MOST_HOURS:
        raise NoticeError(
            f"hours: a notice lasts up to {MOST_HOURS} hours, not {hours:g}; "
            "what lasts longer is a known issue: sop notice draft"
        )
    if not by:
        raise NoticeError("by: say who pins the notice")
    if not audiences:
        raise NoticeError("audiences: name who is shown the notice, such as internal")
    return PinnedNotice(
        id=0,
        title=title,
        text=text,
        article_id=article_id,
        platforms=tuple(platforms),
        audiences=tuple(audiences),
        malfunction=malfunction,
        pinned_at=at,
        pinned_by=by[:_MOST_NAME_CHARS],
        expires_at=at + timedelta(hours=hours),
    )


class NoticeStore:
    """The notices of one log. Several threads may use it."""

    def __init__(self, url: str) -> None:
        """Prepare for the database at `url`; nothing is opened yet.

        Raises:
            SettingsError: the URL is none, or its driver is not installed.
        """
        self._url = url
        self._engine = open_engine(url)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def pin(self, notice: PinnedNotice) -> PinnedNotice:
        """Store a notice and the record of who pinned it; return it with its id.

        Raises:
            EventStoreError: it could not be stored; then nobody sees it.
        """
        values = {name: _stored(getattr(notice, name)) for name in _FIELDS if name != "id"}
        try:
            upgrade(self._engine)
            with self._engine.begin() as connection:
                done = connection.execute(NOTICES.insert().values(**values))
                number = int((done.inserted_primary_key or [0])[0])
                until = f"until {notice.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
                record = _record("notice pin", notice.pinned_at, notice.pinned_by, notice)
                connection.execute(
                    AUDIT.insert().values(**record, target=f"notice {number}, {until}")
                )
        except (SQLAlchemyError, OSError) as error:
            raise EventStoreError(
                f"the notice could not be stored ({cause(error)}); try again"
            ) from error
        return PinnedNotice(**{**_values(notice), "id": number})

    def end(self, number: int, by: str, at: datetime) -> PinnedNotice:
        """End a notice before it expires, and record who did; return it as it is now.

        Raises:
            NoticeError: there is no current notice with this id.
            EventStoreError: it could not be stored; then it is still shown.
        """
        by = " ".join(by.split())[:_MOST_NAME_CHARS]
        if not by:
            raise NoticeError("by: say who ends the notice")
        found = self.get(number)
        if found is None or not found.is_current(at):
            state = "is over already" if found else "was never pinned"
            raise NoticeError(f"notice {number} {state}; see those that are shown: sop notice list")
        try:
            with self._engine.begin() as connection:
                ended = connection.execute(
                    NOTICES.update()
                    .where(NOTICES.c.id == number, NOTICES.c.ended_at.is_(None))
                    .values(ended_at=at, ended_by=by)
                )
                # Somebody else may have ended it at the same moment; one record is enough.
                if ended.rowcount:
                    record = _record("notice end", at, by, found)
                    connection.execute(AUDIT.insert().values(**record, target=f"notice {number}"))
        except (SQLAlchemyError, OSError) as error:
            raise EventStoreError(
                f"the end of the notice could not be stored ({cause(error)}); try again"
            ) from error
        return PinnedNotice(**{**_values(found), "ended_at": at, "ended_by": by})

    def get(self, number: int) -> PinnedNotice | None:
        """Return one notice, also one that is over; None where there is none.

        Raises:
            EventStoreError: the database cannot be read.
        """
        found = self._read(sa.select(NOTICES).where(NOTICES.c.id == number))
        return found[0] if found else None

    def current(self, at: datetime) -> list[PinnedNotice]:
        """Return the notices that are shown at a time, the newest first; fifty at most.

        Raises:
            EventStoreError: the database cannot be read.
        """
        table = NOTICES.c
        return self._read(
            sa.select(NOTICES)
            .where(table.ended_at.is_(None), table.pinned_at <= at, table.expires_at > at)
            .order_by(table.pinned_at.desc(), table.id.desc())
            .limit(_MOST_CURRENT)
        )

    def shown_between(self, since: datetime, until: datetime) -> list[PinnedNotice]:
        """Return the notices that were shown from a time on and before another, oldest first.

        Raises:
            EventStoreError: the database cannot be read.
        """
        table = NOTICES.c
        end = sa.func.coalesce(table.ended_at, table.expires_at, type_=table.expires_at.type)
        return self._read(
            sa.select(NOTICES)
            .where(table.pinned_at < until, end > since)
            .order_by(table.pinned_at, table.id)
        )

    def _read(self, query: sa.Select[Any]) -> list[PinnedNotice]:
        # Looking must not make a file where there is none, nor a table in an older log.
        if not has_log(self._url):
            return []
        try:
            with self._engine.connect() as connection:
                if not sa.inspect(connection).has_table(NOTICES.name):
                    return []
                return [_notice(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's name for it
        except (SQLAlchemyError, OSError) as error:
            raise EventStoreError(
                f"the notices cannot be read ({cause(error)}); "
                "is the database of events_url there, and may you read it?"
            ) from error


_FIELDS = tuple(field.name for field in fields(PinnedNotice))


def _values(notice: PinnedNotice) -> dict[str, Any]:
    return {name: getattr(notice, name) for name in _FIELDS}


def _stored(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _notice(row: Mapping[Any, Any]) -> PinnedNotice:
    values = {name: row[name] for name in _FIELDS}
    lists = {name: tuple(values[name]) for name in ("platforms", "audiences")}
    return PinnedNotice(**(values | lists))


def _record(command: str, at: datetime, who: str, notice: PinnedNotice) -> dict[str, object]:
    articles = [notice.article_id] if notice.article_id else []
    return {"at": at, "who": who, "command": command, "questions": 0, "articles": articles}
