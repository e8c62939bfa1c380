"""What goes over the wire, by name and type; nothing here computes an answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from indexer.article import LANGUAGE_TAG, ArticleType, Escalation, KnownIssue, Status
from indexer.calibration import Decision
from indexer.question import TextFormat
from indexer.ranking import Match
from search_api.notices import Notice

MAX_QUERY_CHARS = 4_000
MAX_DESCRIPTION_CHARS = 20_000
MAX_COMMENT_CHARS = 2_000
MAX_BATCH = 100


def _whole(text: str) -> str:
    """Refuse half of a surrogate pair, which JSON can carry and no text can."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        message = "holds half of a character"
        raise ValueError(message)
    return text


# Unicode's stream-safe text format (UAX 15, section 13) has at most 30 in a row.
_PILED_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{31}"
)


def _composed_within(limit: int) -> Callable[[str], str]:
    """Return a validator that composes a text (NFC) and refuses one that is then too long."""

    def composed(text: str) -> str:
        # Composing takes long for a long text, and very long for a pile of accents.
        if len(text) <= 2 * limit and not _PILED_ACCENTS.search(_whole(text)):
            text = unicodedata.normalize("NFC", text)
        elif len(text) <= 2 * limit:
            message = "has a letter with more than 30 accents"
            raise ValueError(message)
        if len(text) > limit:
            message = f"has {len(text):,} characters, at most {limit:,} are read"
            raise ValueError(message)
        return text

    return composed


Short = Annotated[str, AfterValidator(_composed_within(MAX_QUERY_CHARS))]
Long = Annotated[str, AfterValidator(_composed_within(MAX_DESCRIPTION_CHARS))]
Comment = Annotated[str, AfterValidator(_composed_within(MAX_COMMENT_CHARS))]
Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_whole)]
Place = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_whole)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Filters(_Request):
    """Keeps articles that have one of the names, for each list that names any."""

    tags: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    platforms: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    type: Annotated[tuple[ArticleType, ...], Field(max_length=10)] = ()


class SuggestRequest(_Request):
    """A question, or a ticket's subject and description."""

    query: Short | None = None
    subject: Short | None = None
    description: Long | None = None
    format: TextFormat = "text"
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    language: Annotated[str, Field(max_length=35, pattern=LANGUAGE_TAG)] | None = None
    filters: Filters = Filters()
    reference: Label | None = None
    channel: Label | None = None
    actor: Label | None = None
    include_unlikely: bool = False
    explain: bool = False

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.query is not None and (self.subject is not None or self.description is not None):
            raise ValueError("give query, or subject and description, not both")
        if not any(text and text.strip() for text in (self.query, self.subject, self.description)):
            raise ValueError("give query, or subject and description; all are empty")
        return self


class BatchRequest(_Request):
    """Up to 100 questions."""

    requests: Annotated[tuple[SuggestRequest, ...], Field(min_length=1, max_length=MAX_BATCH)]


class SearchRequest(_Request):
    """What somebody has typed so far."""

    query: Annotated[str, Field(min_length=1), AfterValidator(_composed_within(MAX_QUERY_CHARS))]
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    filters: Filters = Filters()


class HighlightPiece(BaseModel):
    """A piece of a snippet: plain text, or a word of the question. Never HTML."""

    type: Literal["plain", "match"]
    text: str


class Explanation(BaseModel):
    """What a suggestion's score is made of; see the architecture page for the formula.

    `read_as` is the question as it was searched for: misspelt words read as words of the
    articles, the glossary's terms added.
    """

    read_as: str
    chunk_similarity: float
    question_similarity: float | None
    asked_similarity: float | None
    title_similarity: float
    lexical_article: float
    lexical_chunk: float
    token_similarity: float | None
    asked_token_similarity: float | None
    overdue: bool


class Suggestion(BaseModel):
    """An article, the passage that fits best, and how likely it answers."""

    rank: int
    id: str
    title: str
    summary: str
    url: str | None
    score: float
    confidence: float
    snippet: str
    highlights: list[HighlightPiece]
    heading_path: list[str]
    matched: Match
    type: ArticleType | None
    status: Status
    owner: str | None
    language: str
    sharing: str | None
    last_reviewed: date | None
    review_by: date | None
    overdue: bool
    escalation: Escalation | None
    known_issue: KnownIssue | None
    explanation: Explanation | None = None


class SuggestResponse(BaseModel):
    """The suggestions for one question, or the reason why there are none."""

    query_id: str
    decision: Decision
    threshold: float
    reason: str | None
    notices: list[Notice]
    suggestions: list[Suggestion]
    count: int
    took_ms: float
    index_version: str


class BatchResponse(BaseModel):
    """One response for each request, in the same order."""

    responses: list[SuggestResponse]


class SearchResponse(BaseModel):
    """The nearest articles to what was typed, without a decision."""

    results: list[Suggestion]
    threshold: float
    count: int
    took_ms: float
    index_version: str


class Section(BaseModel):
    """A chunk of an article."""

    heading_path: list[str]
    url: str | None
    text: str


class ArticleResponse(BaseModel):
    """One article as it is indexed."""

    id: str
    title: str
    summary: str
    url: str | None
    type: ArticleType | None
    status: Status
    owner: str | None
    language: str
    tags: list[str]
    platforms: list[str]
    questions: list[str]
    related: list[str]
    sharing: str | None
    last_reviewed: date | None
    review_by: date | None
    overdue: bool
    updated: datetime | None
    escalation: Escalation | None
    known_issue: KnownIssue | None
    sections: list[Section]
    index_version: str


FeedbackKind = Literal["viewed", "linked", "rejected", "escalated", "resolved", "reopened", "gap"]
RejectReason = Literal["unknown", "not_related", "related_not_answered", "outdated"]


class FeedbackRequest(_Request):
    """What became of a suggestion, named by question, by ticket or by page."""

    query_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    reference: Label | None = None
    page: Place | None = None
    article_id: Place | None = None
    event: FeedbackKind
    reason: RejectReason | None = None
    comment: Comment | None = None
    actor: Label | None = None

    @model_validator(mode="after")
    def _concerns_something(self) -> Self:
        if self.query_id is None and self.reference is None and self.page is None:
            raise ValueError("name what this is about: query_id, reference or page")
        if self.reason is not None and self.event != "rejected":
            raise ValueError("a reason goes with the event rejected only")
        return self


class FeedbackResponse(BaseModel):
    """The feedback is stored."""

    feedback_id: int


class PopularArticle(BaseModel):
    """An article, and how often it was of use."""

    id: str
    title: str
    url: str | None
    count: int


class PopularResponse(BaseModel):
    """The articles that were linked to users or solved problems most often.

    `is_demo` says that the log's events were made up.
    """

    articles: list[PopularArticle]
    is_demo: bool = False


class Problem(BaseModel):
    """What went wrong, as RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[dict[str, str]] | None = None


class Health(BaseModel):
    """The process runs."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether questions can be answered, and from which index."""

    status: Literal["ready", "degraded", "not_ready"]
    index_version: str | None
    revision: str | None
    articles: int
    detail: str | None
