"""Questions of the log as a comparison takes them: each text once, with how often it came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.redaction.redactor import was_redacted
from search_api.events.event import FeedbackEvent, QuestionEvent


@dataclass(frozen=True, slots=True)
class AskedText:
    """A question as people asked it.

    Attributes:
        text: with nothing redacted in it.
        count: how often it was asked, at least 1.
        article: the article that resolved it most often; None where nobody said.
    """

    text: str
    count: int
    article: str | None


def asked_texts(
    questions: Iterable[QuestionEvent], feedback: Iterable[FeedbackEvent]
) -> tuple[list[AskedText], int]:
    """Return the questions, the most frequent first, and how many were left out as redacted.

    Equal counts are in order of their texts, so that two runs give the same.
    """
    resolved: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in feedback:
        if event.event == "resolved" and event.article_id and event.query_id:
            resolved[event.query_id][event.article_id] += 1
    counts: Counter[str] = Counter()
    articles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    left_out = 0
    for question in questions:
        if was_redacted(question.text):
            left_out += 1
            continue
        counts[question.text] += 1
        articles[question.text].update(resolved.get(question.query_id, {}))
    found = [AskedText(text, count, _most(articles[text])) for text, count in counts.items()]
    return sorted(found, key=lambda one: (-one.count, one.text)), left_out


def _most(counts: Counter[str]) -> str | None:
    return min(counts, key=lambda name: (-counts[name], name), default=None)
