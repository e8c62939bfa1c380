"""What a gap gives to a new article: facts, and questions to put in other words where allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer.article import Article, ArticleType
from indexer.checks.draft import Start
from indexer.language import DEFAULT_LANGUAGE
from indexer.lexical import analyze
from indexer.redaction.redactor import Redactor
from search_api.events.event import QuestionEvent
from search_api.insights.alike import CommonWords, stated_words
from search_api.insights.confirmations import Confirmation, what_is_asked
from search_api.insights.gaps import Gap, examples

MOST_PROPOSALS = 5
UNUSED_WORDS = "words that no article uses yet"
_LOOKED_AT, _COUNTED = 50, 500
# Something does not work, rather than somebody wants to know how; in the languages of most logs.
_TROUBLE = re.compile(
    r"\b(?:not|never|cannot|no longer|errors?|fail\w*|broken?|stuck|missing|wrong|crash\w*"
    r"|empty|denied|refused|nicht|kein\w*|fehl\w*|kaputt|ne marche|erreur|no funciona|não)\b"
    r"|n['\u2019]?t\b",
    re.IGNORECASE,
)


def draft_facts(gap: Gap, articles: Sequence[Article], redactor: Redactor | None) -> Start:
    """Return what a draft says about the gap that it is written for.

    Args:
        gap: why it is written.
        articles: all of them; the nearest that is one of them becomes related.
        redactor: what takes personal data out of words that people typed; None where no such
            words may go into git, and then there is no label either, unless articles use all
            of its words.
    """
    known = {article.id for article in articles if article.front_matter.id is not None}
    is_plain = redactor is not None or _are_words_of(articles, gap.label)
    return Start(
        gap=gap.id,
        facts={
            "about": gap.label if is_plain else UNUSED_WORDS,
            "questions": gap.questions,
            "askers": gap.askers,
            "first_asked": f"{gap.first_asked:%Y-%m-%d}",
            "last_asked": f"{gap.last_asked:%Y-%m-%d}",
        },
        proposals=tuple(fit_questions(gap, stated_words(articles), redactor)) if redactor else (),
        related=tuple(one.article for one in gap.nearest[:1] if one.article in known),
        article_type=_likely_type(gap),
    )


def fit_questions(gap: Gap, stated: frozenset[str], redactor: Redactor) -> list[str]:
    """Return sentences that ask, in words that articles or three people of this gap use.

    The same rules as for `sop learn`: no text in which anything was redacted, no number that
    may be somebody's.
    """
    # A word is common that three people typed, also where all of them typed the same.
    everybody = _said([one.question for one in gap.members[:_COUNTED]], redactor)
    words = CommonWords(stated, everybody)
    fit = [
        one.text
        for one in _said(examples(gap, _LOOKED_AT), redactor)
        if not words.identify(one) and words.are_common(one.text, one.language)
    ]
    return list(dict.fromkeys(fit))[:MOST_PROPOSALS]


def _said(questions: Iterable[QuestionEvent], redactor: Redactor) -> list[Confirmation]:
    """Return the sentences of questions that ask, with who asked where."""
    said = []
    for one in questions:
        text, reason = what_is_asked(one.text, redactor)
        if reason is None:
            source = one.reference or one.query_id
            said.append(Confirmation("", one.actor or "", source, text, _language(one.language)))
    return said


def _are_words_of(articles: Sequence[Article], label: str) -> bool:
    """Tell whether published articles use every word of a label already."""
    used: set[str] = set()
    for article in articles:
        if article.is_published:
            prose = (article.title, article.front_matter.summary, article.body)
            used.update(analyze("\n".join(prose), article.front_matter.language))
    return used.issuperset(analyze(label))


def _likely_type(gap: Gap) -> ArticleType:
    trouble = sum(bool(_TROUBLE.search(one.question.text)) for one in gap.members)
    return "troubleshooting" if trouble * 2 > len(gap.members) else "how-to"


def _language(language: str | None) -> str:
    return (language or DEFAULT_LANGUAGE).partition("-")[0].lower()
