"""A question and a caller become suggestions: the service's whole answer, without HTTP.

Question -> vector -> ranked articles -> confidence -> decision -> suggestions. One object
serves one snapshot and may be used from several threads.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from urllib.parse import quote

from indexer.answer import Answer, answer
from indexer.errors import SopError
from indexer.filters import allowed_articles
from indexer.lexical import analyze
from indexer.question import clean_question
from indexer.ranking import RankedArticle
from indexer.redaction.redactor import STANDARD, Redactor
from indexer.snapshot import Snapshot, SnapshotArticle
from indexer.snippets import make_snippet, plain_text
from indexer.vectors import Mask
from search_api.events.event import Ranked
from search_api.notices import Notice, NoticeBoard, is_open_issue, issue_notices
from search_api.schemas import (
    ArticleResponse,
    Explanation,
    Filters,
    HighlightPiece,
    SearchRequest,
    SearchResponse,
    Section,
    Suggestion,
    SuggestRequest,
    SuggestResponse,
)

_MOST_MASKS = 200


class EmptyQuestionError(SopError):
    """Nothing is left of the question: it was HTML without a word."""

    def __init__(self) -> None:
        super().__init__("the question holds no text")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer: what goes back, and what the log keeps beside it.

    Attributes:
        question: clean and redacted, as it was answered.
        found: the answer, also where it was to abstain.
        response: what whoever asked gets.
        ranked: the articles of `found` as the log keeps them.
        snapshot: what answered.
    """

    question: str
    found: Answer
    response: SuggestResponse
    ranked: list[Ranked]
    snapshot: Snapshot


class Suggester:
    """Answers questions from one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        public_url: str | None = None,
        redactor: Redactor = STANDARD,
        board: NoticeBoard | None = None,
    ) -> None:
        """Serve `snapshot`; links are absolute below `public_url`, where one is given.

        Answers carry the notices of `board`, where there is one.
        """
        self.snapshot = snapshot
        self._redactor = redactor
        self._board = board or NoticeBoard(None)
        self._base = (public_url or "").rstrip("/") + "/"
        self._masks: dict[tuple[frozenset[str], Filters], Mask] = {}
        self._open_issues = [row for row, a in enumerate(snapshot.articles) if is_open_issue(a)]

    def suggest(self, request: SuggestRequest, audiences: frozenset[str]) -> Asked:
        """Answer a question as it came.

        Raises:
            EmptyQuestionError: the question is HTML without a word.
        """
        question = clean_question(
            request.query, request.subject, request.description, request.format, self._redactor
        )
        return self.ask(question, request, audiences)

    def ask(
        self,
        question: str,
        request: SuggestRequest,
        audiences: frozenset[str],
        today: date | None = None,
    ) -> Asked:
        """Answer a clean question.

        Args:
            question: see `clean_question`; empty when nothing was left.
            request: what is wanted beside the words.
            audiences: what the caller may see.
            today: decides which articles are past their review date; by default the day in UTC.

        Raises:
            EmptyQuestionError: the question is empty.
        """
        started = time.perf_counter()
        if not question:
            raise EmptyQuestionError
        found = self._answer(
            question, audiences, request.filters, request.limit, request.language, today
        )
        is_shown = found.decision == "suggest" or request.include_unlikely
        read_as = found.question.text if request.explain else None
        suggestions = self.suggestions(found, question, read_as) if is_shown else []
        response = SuggestResponse(
            query_id=uuid.uuid4().hex,
            decision=found.decision,
            threshold=round(found.threshold, 4),
            reason=self._reason(found),
            notices=self.notices(audiences),
            suggestions=suggestions,
            count=len(suggestions),
            took_ms=_elapsed_ms(started),
            index_version=self.snapshot.manifest.id,
        )
        return Asked(question, found, response, self._ranked(found), self.snapshot)

    def search(self, request: SearchRequest, audiences: frozenset[str]) -> SearchResponse:
        """Return the nearest articles to what was typed so far."""
        started = time.perf_counter()
        question = clean_question(request.query, None, None, redactor=self._redactor)
        found = self._answer(question, audiences, request.filters, request.limit)
        results = self.suggestions(found, question)
        return SearchResponse(
            results=results,
            threshold=round(found.threshold, 4),
            count=len(results),
            took_ms=_elapsed_ms(started),
            index_version=self.snapshot.manifest.id,
        )

    def warm_up(self) -> None:
        """Answer one question, so that the libraries' one-time work is done."""
        self.search(SearchRequest(query="warm up"), frozenset({"internal"}))

    def knows(self, article_id: str, audiences: frozenset[str]) -> bool:
        """Tell whether an article exists for this caller."""
        row = self.snapshot.article_rows.get(article_id)
        return row is not None and bool(self.allowed(audiences, Filters())[row])

    def naming(self, article_id: str) -> tuple[str, str | None] | None:
        """Return an article's title and address; None where the snapshot does not have it."""
        row = self.snapshot.article_rows.get(article_id)
        if row is None:
            return None
        article = self.snapshot.articles[row]
        return article.title, self._url(article, None)

    def sees_site(self, audiences: frozenset[str]) -> bool:
        """Tell whether this caller may see every article that has a page in the site."""
        allowed = self.allowed(audiences, Filters())
        pages = (row for row, a in enumerate(self.snapshot.articles) if a.url is not None)
        return all(allowed[row] for row in pages)

    def article(self, article_id: str, audiences: frozenset[str]) -> ArticleResponse | None:
        """Return one article, or None where it does not exist for this caller."""
        if not self.knows(article_id, audiences):
            return None
        row = self.snapshot.article_rows[article_id]
        article, stated = self.snapshot.articles[row], self.snapshot.articles[row].front_matter
        first, stop = self.snapshot.index.chunk_starts[row : row + 2]
        return ArticleResponse(
            id=article.id,
            title=article.title,
            summary=stated.summary,
            url=self._url(article, None),
            type=stated.type,
            status=stated.status,
            owner=stated.owner,
            language=stated.language,
            tags=list(stated.tags),
            platforms=list(stated.platforms),
            questions=list(stated.questions),
            related=list(stated.related),
            sharing=stated.sharing,
            last_reviewed=stated.last_reviewed,
            review_by=stated.review_by,
            overdue=bool(self.snapshot.index.review_days[row] < _today().toordinal()),
            updated=article.updated,
            escalation=stated.escalation,
            known_issue=stated.known_issue,
            sections=[
                Section(
                    heading_path=list(chunk.heading_path),
                    url=self._url(article, chunk.anchor),
                    text=chunk.text,
                )
                for chunk in self.snapshot.chunks[first:stop]
            ],
            index_version=self.snapshot.manifest.id,
        )

    def _answer(
        self,
        question: str,
        audiences: frozenset[str],
        filters: Filters,
        limit: int,
        language: str | None = None,
        today: date | None = None,
    ) -> Answer:
        allowed = self.allowed(audiences, filters)
        return answer(self.snapshot, question, allowed, today or _today(), limit, language)

    def _ranked(self, found: Answer) -> list[Ranked]:
        return [
            {
                "id": self.snapshot.articles[one.article].id,
                "score": round(one.score, 4),
                "confidence": round(confidence, 4),
            }
            for one, confidence in zip(found.ranked, found.confidences, strict=True)
        ]

    def allowed(self, audiences: frozenset[str], filters: Filters) -> Mask:
        """Return which articles this caller may see; remembered, as callers repeat."""
        key = (audiences, filters)
        mask = self._masks.get(key)
        if mask is None:
            if len(self._masks) >= _MOST_MASKS:
                self._masks.clear()
            mask = self._masks[key] = allowed_articles(
                self.snapshot, audiences, filters.tags, filters.platforms, filters.type
            )
        return mask

    def _reason(self, found: Answer) -> str | None:
        """Return why nothing is suggested, in words that a person understands."""
        if found.decision == "suggest":
            return None
        if found.likeliest is None:
            return "No article is visible to this caller with these filters."
        title = self.snapshot.articles[found.likeliest].title
        return (
            f"No article is likely enough to answer: the likeliest, “{title}”, "
            f"has a confidence of {found.confidence:.2f}, below {found.threshold:.2f}."
        )

    def suggestions(
        self, found: Answer, question: str, read_as: str | None = None
    ) -> list[Suggestion]:
        """Return the ranked articles as they are shown; explained where `read_as` is given."""
        terms = frozenset(analyze(question))
        return [
            self._suggestion(one, confidence, terms, read_as)
            for one, confidence in zip(found.ranked, found.confidences, strict=True)
        ]

    def _suggestion(
        self,
        found: RankedArticle,
        confidence: float,
        terms: frozenset[str],
        read_as: str | None,
    ) -> Suggestion:
        article = self.snapshot.articles[found.article]
        stated = article.front_matter
        chunk = None if found.chunk is None else self.snapshot.chunks[found.chunk]
        pieces = make_snippet(chunk.text, terms) if chunk else ()
        return Suggestion(
            rank=found.rank,
            id=article.id,
            title=article.title,
            summary=stated.summary,
            url=self._url(article, chunk.anchor if chunk else None),
            score=round(found.score, 4),
            confidence=round(confidence, 4),
            snippet=plain_text(pieces),
            highlights=[HighlightPiece(type=piece.type, text=piece.text) for piece in pieces],
            heading_path=list(chunk.heading_path if chunk else (article.title,)),
            matched=found.evidence.matched,
            type=stated.type,
            status=stated.status,
            owner=stated.owner,
            language=stated.language,
            sharing=stated.sharing,
            last_reviewed=stated.last_reviewed,
            review_by=stated.review_by,
            overdue=found.evidence.overdue,
            escalation=stated.escalation,
            known_issue=stated.known_issue,
            explanation=_explanation(found, read_as) if read_as is not None else None,
        )

    def _url(self, article: SnapshotArticle, anchor: str | None) -> str | None:
        """Return the address of a page or a heading; None where the site has no page for it."""
        if article.url is None:
            return None
        fragment = f"#{quote(anchor)}" if anchor else ""
        return self._base + quote(article.url) + fragment

    def notices(self, audiences: frozenset[str]) -> list[Notice]:
        """Return what is pinned, and the known issues that are open, for this caller."""
        pinned = self._board.notices(audiences, partial(self._link, audiences=audiences))
        allowed = self.allowed(audiences, Filters())
        for row in self._open_issues:
            if allowed[row]:
                article = self.snapshot.articles[row]
                pinned += issue_notices(article, self._url(article, None))
        return pinned

    def _link(self, article_id: str, audiences: frozenset[str]) -> tuple[str, str | None] | None:
        if not self.knows(article_id, audiences):
            return None
        article = self.snapshot.articles[self.snapshot.article_rows[article_id]]
        return article_id, self._url(article, None)


def _explanation(found: RankedArticle, read_as: str) -> Explanation:
    evidence = found.evidence
    tokens, asked = evidence.tokens, evidence.asked_tokens
    return Explanation(
        read_as=read_as,
        chunk_similarity=round(evidence.chunk, 4),
        question_similarity=round(evidence.question, 4) if evidence.question > -1 else None,
        asked_similarity=round(evidence.asked, 4) if evidence.question > -1 else None,
        title_similarity=round(evidence.title, 4),
        lexical_article=round(evidence.lexical_article, 4),
        lexical_chunk=round(evidence.lexical_chunk, 4),
        token_similarity=None if tokens is None else round(tokens, 4),
        asked_token_similarity=None if asked is None else round(asked, 4),
        overdue=evidence.overdue,
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _elapsed_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
