"""What goes over the wire about malfunctions and notices; nothing here computes anything."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from search_api.events.notices import PinnedNotice
from search_api.insights.naming import ArticleName, Named
from search_api.notices import Notice
from search_api.schemas import Comment, Label, Place


class NoticesResponse(BaseModel):
    """What concerns the caller now, what is pinned first; and whether they may pin."""

    notices: list[Notice]
    can_pin: bool


class PinRequest(BaseModel):
    """A notice to pin; `malfunction` fills in what is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Label | None = None
    text: Comment = ""
    hours: Annotated[float, Field(gt=0, le=12)] = 4
    article_id: Place | None = None
    platforms: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    audiences: Annotated[tuple[Label, ...], Field(min_length=1, max_length=50)] | None = None
    malfunction: Label | None = None
    by: Label | None = None


class EndRequest(BaseModel):
    """Who ends a notice, where the key or the proxy does not say it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Label | None = None


class PinnedView(BaseModel):
    """A notice as those see it who pin and end them."""

    id: int
    title: str
    text: str
    article_id: str | None
    platforms: list[str]
    audiences: list[str]
    malfunction: str | None
    pinned_at: datetime
    pinned_by: str
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None


class NearArticle(BaseModel):
    """An article that answers a malfunction's questions."""

    id: str
    title: str


class MalfunctionView(BaseModel):
    """A rise of like questions; see the page about malfunctions for every field."""

    id: str
    state: Literal["rising", "ongoing", "over"]
    raised_at: datetime
    first_seen: datetime
    last_seen: datetime
    count: int
    askers: int
    in_window: int
    window_minutes: int
    expected: float
    chance: float
    platforms: list[str]
    languages: list[str]
    channels: list[str]
    examples: list[str]
    article: NearArticle | None
    known_issue: NearArticle | None


class MalfunctionsResponse(BaseModel):
    """The malfunctions of the last day; `looked_at` is null before the first look."""

    malfunctions: list[MalfunctionView]
    looked_at: datetime | None


def pinned_view(notice: PinnedNotice) -> PinnedView:
    """Return a notice as it goes over the wire to those who pin."""
    return PinnedView.model_validate(notice, from_attributes=True)


def malfunction_view(named: Named) -> MalfunctionView:
    """Return a malfunction as it goes over the wire."""
    one = named.malfunction
    return MalfunctionView(
        id=one.id,
        state=one.state,
        raised_at=one.raised_at,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
        count=one.count,
        askers=one.askers,
        in_window=one.in_window,
        window_minutes=one.window_minutes,
        expected=one.expected,
        chance=float(f"{one.chance:.3g}"),
        platforms=list(named.platforms),
        languages=list(one.languages),
        channels=list(one.channels),
        examples=list(one.examples),
        article=_near(named.article),
        known_issue=_near(named.known_issue),
    )


def _near(article: ArticleName | None) -> NearArticle | None:
    return None if article is None else NearArticle(id=article.id, title=article.title)
