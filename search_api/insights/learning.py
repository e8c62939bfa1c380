"""What people asked, and an article answered, as questions that may be proposed for it.

Pure functions: events of the log and articles in, proposals and counts of what was left
out. Nothing is remembered from one run to the next; what was learned before is in git.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.article import Article
from indexer.encoder import Embeddings
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.question import plain_question
from search_api.insights.alike import FEWEST_PEOPLE, Encode, codes_of, confirmed_alike
from search_api.insights.confirmations import Confirmation, Reason

MOST_PROPOSALS = 10
# From here on an own question says it already: of those 25 and 14,518 pairs none reaches it.
KNOWN = 0.95

# What each reason counts, for people.
REASONS: Mapping[Reason, str] = {
    "no_actor": "resolved by nobody in particular",
    "no_question": "resolved without a question in the log",
    "reopened": "resolved and reopened",
    "redacted": "with something that was redacted",
    "not_a_question": "in which nothing is asked",
    "identifier": "with a number that may be somebody's",
    "no_article": "answered by an article that takes no questions",
    "few_people": f"confirmed by fewer than {FEWEST_PEOPLE} people",
    "rare_words": "too long, or with a word that neither the articles nor three people use",
    "known": "that an article has already",
    "other_article": "that were answered by another article too",
    "over_limit": f"beyond the {MOST_PROPOSALS} of an article",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question for an article, as people typed it, and how many people confirmed it."""

    article: str
    text: str
    people: int


@dataclass(frozen=True, slots=True)
class Selection:
    """What is proposed, and what is not.

    Attributes:
        proposals: by article; the most confirmed of an article first.
        left_out: how many questions were left out, by reason.
        notes: articles that take no questions, one sentence each.
    """

    proposals: tuple[Proposal, ...]
    left_out: Counter[Reason]
    notes: tuple[str, ...]


def select(
    confirmed: Sequence[Confirmation], articles: Sequence[Article], encode: Encode
) -> Selection:
    """Return what may be proposed for which article, for a person to put in other words.

    A question is proposed when three different people say that the article resolved it, in
    the same words or nearly. It is told by the shortest of their texts in which every word
    is one that the articles use or is common, so that no name comes along that redaction
    does not know.

    Args:
        confirmed: see `read_confirmations`.
        articles: all of them, ids unique.
        encode: English texts to unit rows. Texts in other languages are the same only where
            their words are: no cosine tells them apart well enough.
    """
    alike = confirmed_alike(confirmed, articles, encode)
    left_out = alike.left_out
    found = [Proposal(one.article, one.text, one.people) for one in alike.questions]
    fresh = _fresh(found, articles, encode, left_out)
    chosen: list[Proposal] = []
    for article in sorted({one.article for one in fresh}):
        own = sorted((p for p in fresh if p.article == article), key=_most_confirmed)
        chosen += own[:MOST_PROPOSALS]
        left_out["over_limit"] += len(own[MOST_PROPOSALS:])
    return Selection(tuple(chosen), +left_out, alike.notes)


def _fresh(
    found: Sequence[Proposal],
    articles: Iterable[Article],
    encode: Encode,
    left_out: Counter[Reason],
) -> list[Proposal]:
    """Return the proposals that no article has yet, each for one article only."""
    owners: dict[str, set[str]] = {}
    own: dict[str, list[str]] = {}
    rows: dict[str, Embeddings] = {}
    for article in articles:
        if article.is_published and article.front_matter.status != "deprecated":
            own[article.id] = [
                question
                for question in article.front_matter.questions
                if detect_language(question) == DEFAULT_LANGUAGE
            ]
            for question in article.front_matter.questions:
                owners.setdefault(plain_question(question), set()).add(article.id)
    fresh: list[Proposal] = []
    for proposal in sorted(found, key=_most_confirmed):
        plain = plain_question(proposal.text)
        if proposal.article in owners.get(plain, ()):
            left_out["known"] += 1
            continue
        if plain in owners:
            left_out["other_article"] += 1
            continue
        questions = own[proposal.article]
        if questions and proposal.article not in rows:
            rows[proposal.article] = encode(questions)
        if questions and _is_said(proposal.text, questions, rows[proposal.article], encode):
            left_out["known"] += 1
        else:
            # The article that most people confirmed takes it; no other one may have it too.
            owners[plain] = {proposal.article}
            fresh.append(proposal)
    return fresh


def _is_said(text: str, questions: Sequence[str], rows: Embeddings, encode: Encode) -> bool:
    """Tell whether one of an article's English questions, with their rows, says a text."""
    if detect_language(text) != DEFAULT_LANGUAGE:
        return False
    near = np.flatnonzero(rows @ encode([text])[0] >= KNOWN).tolist()
    return any(codes_of(questions[at]) == codes_of(text) for at in near)


def _most_confirmed(proposal: Proposal) -> tuple[int, str, str]:
    return -proposal.people, proposal.article, proposal.text
