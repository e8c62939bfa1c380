"""What callers are told beside their answer: open known issues, and notices that are pinned.

Both go over the wire as one kind of thing, so that a tool that shows known issues shows
pinned notices too. Nothing here waits for the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import BaseModel

from indexer.errors import SopError
from indexer.snapshot import SnapshotArticle
from search_api.events.notices import NoticeStore, PinnedNotice

_logger = logging.getLogger("sop.notices")
_REFRESH_S = 1.0

Link = Callable[[str], tuple[str, str | None] | None]


class Notice(BaseModel):
    """A current known issue, or a notice that somebody pinned.

    A pinned one says what to do in `workaround`, who pinned it in `engineering_status`, and
    has an `expires`; it may have no article.
    """

    kind: Literal["known_issue", "pinned"]
    article_id: str | None
    title: str
    url: str | None
    reference: str
    workaround: str
    engineering_status: str
    started: date
    platforms: list[str]
    expires: datetime | None = None


class NoticeBoard:
    """The pinned notices in memory, read again every second."""

    def __init__(self, store: NoticeStore | None) -> None:
        """Read from a store; nothing is read yet. Without one nothing is ever pinned."""
        self._store = store
        self._pinned: Sequence[PinnedNotice] = ()
        self._fault: str | None = None

    async def watch(self) -> None:
        """Look for what was pinned and ended, for ever; the log's faults change nothing."""
        while True:
            await asyncio.to_thread(self.refresh)
            await asyncio.sleep(_REFRESH_S)

    def refresh(self) -> None:
        """Read what is pinned now; where that fails, what was read before stays. Never raises."""
        if self._store is None:
            return
        try:
            self._pinned = tuple(self._store.current(datetime.now(UTC)))
            self._fault = None
        except SopError as error:
            if self._fault != str(error):
                _logger.error("%s", error)
            self._fault = str(error)

    def pinned(self, audiences: frozenset[str]) -> list[PinnedNotice]:
        """Return the notices for callers with these audiences, the newest first."""
        now = datetime.now(UTC)
        return [
            one for one in self._pinned if one.is_current(now) and audiences & set(one.audiences)
        ]

    def notices(self, audiences: frozenset[str], link: Link) -> list[Notice]:
        """Return the same as they go over the wire.

        Args:
            audiences: the caller's.
            link: gives the id and address of an article, or None where the caller may not
                see it.
        """
        return [_pinned_notice(one, link) for one in self.pinned(audiences)]


def is_open_issue(article: SnapshotArticle) -> bool:
    """Tell whether an article is a known issue that is not resolved."""
    stated = article.front_matter
    is_open = stated.known_issue is not None and stated.known_issue.resolved is None
    return is_open and stated.status == "active"


def issue_notices(article: SnapshotArticle, url: str | None) -> list[Notice]:
    """Return a known issue as it goes over the wire; nothing for an article that is none."""
    issue = article.front_matter.known_issue
    if issue is None:
        return []
    notice = Notice(
        kind="known_issue",
        article_id=article.id,
        title=article.title,
        url=url,
        reference=issue.reference,
        workaround=issue.workaround,
        engineering_status=issue.engineering_status,
        started=issue.started,
        platforms=list(article.front_matter.platforms),
    )
    return [notice]


def _pinned_notice(pinned: PinnedNotice, link: Link) -> Notice:
    found = link(pinned.article_id) if pinned.article_id else None
    article_id, url = found or (None, None)
    return Notice(
        kind="pinned",
        article_id=article_id,
        title=pinned.title,
        url=url,
        reference=f"notice {pinned.id}",
        workaround=pinned.text,
        engineering_status=f"pinned by {pinned.pinned_by}",
        started=pinned.pinned_at.astimezone(UTC).date(),
        platforms=list(pinned.platforms),
        expires=pinned.expires_at,
    )
