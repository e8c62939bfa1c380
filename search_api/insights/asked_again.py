"""A gap's questions, asked once more: what the present snapshot says to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.question import plain_question
from search_api.events.event import QuestionEvent
from search_api.insights.gaps import Gap
from search_api.schemas import MAX_DESCRIPTION_CHARS, Filters, SuggestRequest
from search_api.suggest import EmptyQuestionError, Suggester

# Texts that are asked, the nearest to the gap's centre first; more say the same and take longer.
MOST_TEXTS = 200


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """What became of a gap's questions when they were asked again.

    Attributes:
        index_version: the snapshot that was asked.
        questions: how many, repeats included.
        before: how many of them were given a suggestion when people asked.
        now: how many are given one now.
        articles: how many have which article first now, the most first.
    """

    index_version: str
    questions: int
    before: int
    now: int
    articles: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "index_version": self.index_version,
            "questions": self.questions,
            "answered_before": self.before,
            "answered_now": self.now,
            "articles": dict(self.articles),
        }

    def lines(self) -> list[str]:
        """Return it for a terminal."""
        by = ", ".join(f"{article} {count}" for article, count in self.articles.items())
        return [
            (
                f"asked again of snapshot {self.index_version}: {self.now} of {self.questions} are "
                f"answered now, {self.before} were before"
            ),
            *([f"  now first: {by}"] if by else []),
        ]


def ask_again(gap: Gap, suggester: Suggester, audiences: frozenset[str]) -> AskedAgain:
    """Return what a snapshot says to a gap's questions, each with the filters it was asked with.

    Args:
        gap: its questions are asked, each text once.
        suggester: of the present snapshot.
        audiences: for questions of which the log does not know what the asker could see.
    """
    texts: dict[str, list[QuestionEvent]] = {}
    for one in gap.members:
        texts.setdefault(plain_question(one.question.text), []).append(one.question)
    questions = before = now = 0
    articles: Counter[str] = Counter()
    for asked in list(texts.values())[:MOST_TEXTS]:
        try:
            answer = suggester.suggest(_request(asked[0]), _audiences(asked[0], audiences)).response
        except EmptyQuestionError:
            continue
        questions += len(asked)
        before += sum(one.decision == "suggest" for one in asked)
        if answer.suggestions:
            now += len(asked)
            articles[answer.suggestions[0].id] += len(asked)
    ordered = sorted(articles, key=lambda article: (-articles[article], article))
    return AskedAgain(
        index_version=suggester.snapshot.manifest.id,
        questions=questions,
        before=before,
        now=now,
        articles={article: articles[article] for article in ordered},
    )


def _request(asked: QuestionEvent) -> SuggestRequest:
    text, stated = asked.text[:MAX_DESCRIPTION_CHARS], asked.asked_with
    if stated is None:
        return SuggestRequest(description=text, language=asked.language)
    filters = {"tags": stated["tags"], "platforms": stated["platforms"], "type": stated["type"]}
    return SuggestRequest(
        description=text, language=stated["language"], filters=Filters.model_validate(filters)
    )


def _audiences(asked: QuestionEvent, default: frozenset[str]) -> frozenset[str]:
    return frozenset(asked.asked_with["audiences"]) if asked.asked_with else default
