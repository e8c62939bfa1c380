"""Which question was resolved by which article, as people said: what may be told again of it.

Pure functions over events of the log. What is told is one sentence, clean, with nothing in it
that was ever redacted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from indexer.language import detect_language
from indexer.question import clean_question
from indexer.redaction.redactor import STANDARD, Redactor, was_redacted
from indexer.tickets.lines import words_in
from search_api.insights.askers import asker_of

if TYPE_CHECKING:
    from search_api.events.event import FeedbackEvent, QuestionEvent

_FEWEST_WORDS = 3
# The second part is of scripts that write no space behind a sentence.
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|(?<=[\u3002\uff01\uff1f])\s*|\n")
_ASKING_MARKS = ("?", "\uff1f", "\u061f")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
# English, German, Spanish, Portuguese, French.
_ASKING_WORDS = """
how what why when where who whom which whose can could may must should shall do does did is
are am will would wie was warum wann wo wer wem welche welcher kann darf muss soll como cómo qué
por quando cuándo onde dónde quem quién posso puedo qual cuál comment pourquoi quand où qui quel
quelle peut puis
"""

Reason = Literal[
    "no_actor",
    "no_question",
    "reopened",
    "redacted",
    "not_a_question",
    "identifier",
    "no_article",
    "few_people",
    "rare_words",
    "known",
    "other_article",
    "over_limit",
]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Somebody said that an article resolved what was asked.

    Attributes:
        article: its id.
        person: a hash that stands for whoever said so.
        source: the ticket in which it was asked, else the question's own id.
        text: the sentence that asks, clean.
        language: of the text.
        asker: a hash that stands for whoever asked; None where nobody knows.
    """

    article: str
    person: str
    source: str
    text: str
    language: str
    asker: str | None = None


def read_confirmations(
    questions: Iterable[QuestionEvent],
    feedback: Sequence[FeedbackEvent],
    redactor: Redactor = STANDARD,
) -> tuple[list[Confirmation], Counter[Reason]]:
    """Return which question was resolved by which article, according to whom.

    Feedback names its question by id. Where it names only a ticket, it is about the newest
    question of that ticket before it. What was reopened later was not resolved.

    Args:
        questions: those that the feedback names; any order.
        feedback: events `resolved` and `reopened`.
        redactor: what takes personal data out now, whatever did when a question was stored.
    """
    by_id: dict[str, QuestionEvent] = {}
    by_ticket: dict[str, list[QuestionEvent]] = {}
    for asked in sorted(questions, key=lambda one: (one.asked_at, one.query_id)):
        by_id[asked.query_id] = asked
        if asked.reference:
            by_ticket.setdefault(asked.reference, []).append(asked)
    reopened = _Reopened(feedback)
    found: list[Confirmation] = []
    left_out: Counter[Reason] = Counter()
    for event in feedback:
        if event.event != "resolved" or not event.article_id:
            continue
        if event.query_id:
            question = by_id.get(event.query_id)
        else:
            of_ticket = by_ticket.get(event.reference or "", ())
            before = (one for one in reversed(of_ticket) if one.asked_at <= event.given_at)
            question = next(before, None)
        if question is None:
            left_out["no_question"] += 1
        elif event.actor is None:
            left_out["no_actor"] += 1
        elif reopened.after(event, question):
            left_out["reopened"] += 1
        else:
            text, reason = what_is_asked(question.text, redactor)
            if reason is not None:
                left_out[reason] += 1
            else:
                language = (question.language or detect_language(text)).partition("-")[0].lower()
                source = question.reference or question.query_id
                asker = asker_of(question)
                found.append(
                    Confirmation(event.article_id, event.actor, source, text, language, asker)
                )
    return found, left_out


def what_is_asked(text: str, redactor: Redactor = STANDARD) -> tuple[str, Reason | None]:
    """Return the first sentence of a stored question that asks, or why there is none.

    The text is cleaned and redacted once more, since rules may have come since it was
    stored. One with anything redacted in it is not looked at any further: what stood beside
    a name often tells whose it was. Where no sentence asks, the first one says what is wrong.
    """
    clean = clean_question(text, None, None, redactor=redactor)
    if was_redacted(text) or was_redacted(clean):
        return "", "redacted"
    sentences = [
        sentence
        for piece in _SENTENCE_END.split(clean)
        if words_in([sentence := " ".join(piece.split()).strip("\"'-*•>, ")]) >= _FEWEST_WORDS
        and sentence.isprintable()
    ]
    if not sentences:
        return "", "not_a_question"
    return next(filter(_asks, sentences), sentences[0]), None


class _Reopened:
    """What was reopened, by question and by ticket, and when last."""

    def __init__(self, feedback: Iterable[FeedbackEvent]) -> None:
        self._events: dict[str, list[FeedbackEvent]] = {}
        for event in feedback:
            for name in (event.query_id, event.reference) if event.event == "reopened" else ():
                if name:
                    self._events.setdefault(name, []).append(event)

    def after(self, resolved: FeedbackEvent, question: QuestionEvent) -> bool:
        """Tell whether what was resolved came back, for this article or for any."""
        names = {resolved.query_id, resolved.reference, question.query_id, question.reference}
        return any(
            event.given_at >= resolved.given_at and event.article_id in (None, resolved.article_id)
            for name in names
            for event in self._events.get(name or "", ())
        )


def _asks(sentence: str) -> bool:
    first = _FIRST_WORD.match(sentence)
    return sentence.endswith(_ASKING_MARKS) or bool(
        first and first[0].casefold() in _ASKING_WORDS.split()
    )
