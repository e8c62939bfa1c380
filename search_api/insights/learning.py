"""What people asked, and an article answered, as questions that may be proposed for it.

Pure functions: events of the log and articles in, proposals and counts of what was left
out. Nothing is remembered from one run to the next; what was learned before is in git.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from indexer.article import Article
from indexer.encoder import Embeddings
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.lexical import analyze
from indexer.question import clean_question, plain_question
from indexer.redaction.redactor import STANDARD, Redactor, was_redacted
from indexer.tickets.lines import words_in

if TYPE_CHECKING:
    from search_api.events.event import FeedbackEvent, QuestionEvent

# Two could be one person and a colleague who repeats the words; three is what statistics
# offices commonly ask for before they publish a cell.
FEWEST_PEOPLE = 3
MOST_PROPOSALS = 10
MOST_CHARS = 120
# Cosine of two English questions from which on they are the same one, typed twice. Measured
# with the default model: of 40 pairs of retypings 30 reach it, of 25 pairs that differ in the
# one word that matters 2 do ("severity is too low", "… too high"; a pair of codes, which are
# compared by themselves), and of 14,518 pairs of own questions of one article 2.
SAME = 0.90
# From here on an own question says it already: of those 25 and 14,518 pairs none reaches it.
KNOWN = 0.95
_FEWEST_WORDS = 3
_MOST_DIGITS = 6
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
_DIGIT = re.compile(r"\d")
_LATER_WORD = re.compile(r"(?<=\s)[^\w\s]*([^\W\d_]\S*)")
_PLAIN_NUMBER = re.compile(r"\d{1,3}")

Encode = Callable[[Sequence[str]], Embeddings]
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
class Confirmation:
    """Somebody said that an article resolved what was asked.

    Attributes:
        article: its id.
        person: a hash that stands for whoever said so.
        source: the ticket in which it was asked, else the question's own id.
        text: the sentence that asks, clean.
        language: of the text.
    """

    article: str
    person: str
    source: str
    text: str
    language: str


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
                found.append(Confirmation(event.article_id, event.actor, source, text, language))
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
    left_out: Counter[Reason] = Counter()
    leads = _Leads(articles)
    words = CommonWords(articles, confirmed)
    by_article: dict[str, list[Confirmation]] = {}
    for one in confirmed:
        target = leads.article(one.article)
        if target is None:
            left_out["no_article"] += 1
        elif words.identify(one):
            left_out["identifier"] += 1
        else:
            by_article.setdefault(target, []).append(one)
    found: list[Proposal] = []
    for article in sorted(by_article):
        for group in _groups(by_article[article], encode):
            if len(group.people) < FEWEST_PEOPLE:
                left_out["few_people"] += 1
                continue
            text = next((t for t in group.by_length() if words.are_common(t, group.language)), None)
            if text is None:
                left_out["rare_words"] += 1
            else:
                found.append(Proposal(article, text, len(group.people)))
    fresh = _fresh(found, articles, encode, left_out)
    chosen: list[Proposal] = []
    for article in sorted(by_article):
        own = sorted((p for p in fresh if p.article == article), key=_most_confirmed)
        chosen += own[:MOST_PROPOSALS]
        left_out["over_limit"] += len(own[MOST_PROPOSALS:])
    return Selection(tuple(chosen), +left_out, tuple(leads.notes))


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


class _Leads:
    """To which article a question goes, and a sentence for each that takes none."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = {article.id: article for article in articles}
        self._known: dict[str, str | None] = {}
        self.notes: list[str] = []

    def article(self, article_id: str) -> str | None:
        """Return the id of the article that takes an article's questions, if there is one."""
        if article_id not in self._known:
            self._known[article_id] = self._find(article_id)
        return self._known[article_id]

    def _find(self, article_id: str) -> str | None:
        article = self._articles.get(article_id)
        if article is None:
            self.notes.append(f"{article_id} is gone; its questions are left out")
            return None
        status, after = article.front_matter.status, article.front_matter.replaced_by
        if article.front_matter.id is None:
            self.notes.append(f"{article_id} has no id of ours; its questions are left out")
            return None
        if status in ("review", "active"):
            return article_id
        target = self._articles.get(after or "") if status == "deprecated" else None
        if target is not None and target.front_matter.status in ("review", "active"):
            self.notes.append(f"{article_id} is deprecated; its questions go to {target.id}")
            return target.id
        self.notes.append(f"{article_id} is {status}; its questions are left out")
        return None


class CommonWords:
    """The words that may reach git: those of the articles, and common ones.

    A word is common that three people confirmed in three tickets: three who look after one
    ticket confirm the words of one. Of 1,550 English questions of 83 articles 82 % need no
    common word, of 192 of 12 articles 54 %. A word with a capital inside a sentence must be
    the articles' own, since three tickets may well name the same person.
    """

    def __init__(self, articles: Iterable[Article], confirmed: Iterable[Confirmation]) -> None:
        self._stated: set[str] = set()
        for article in articles:
            if article.is_published:
                stated = article.front_matter
                prose = (article.title, stated.summary, *stated.symptoms, article.body)
                self._stated.update(analyze("\n".join(prose), stated.language))
                for question in stated.questions:
                    self._stated.update(analyze(question, detect_language(question)))
        people: dict[str, set[str]] = {}
        sources: dict[str, set[str]] = {}
        for one in confirmed:
            for term in analyze(one.text, one.language):
                people.setdefault(term, set()).add(one.person)
                sources.setdefault(term, set()).add(one.source)
        self._common = {
            term
            for term, typed in people.items()
            if min(len(typed), len(sources[term])) >= FEWEST_PEOPLE
        }

    def identify(self, one: Confirmation) -> bool:
        """Tell whether a text has a number that is neither small nor in an article.

        That may be a user, a ticket or a task. An error code is one that articles name.
        """
        unknown = [
            term
            for term in analyze(one.text, one.language)
            if _DIGIT.search(term) and term not in self._stated
        ]
        is_long = len(_DIGIT.findall("".join(unknown))) > _MOST_DIGITS
        return is_long or not all(_PLAIN_NUMBER.fullmatch(term) for term in unknown)

    def are_common(self, text: str, language: str) -> bool:
        """Tell whether a text is short enough and has only words that may reach git."""
        capital = [word for word in _LATER_WORD.findall(text) if word[0].isupper()]
        return (
            len(text) <= MOST_CHARS
            and all(term in self._stated for term in analyze(" ".join(capital), language))
            and all(
                term in self._stated or term in self._common or _PLAIN_NUMBER.fullmatch(term)
                for term in analyze(text, language)
            )
        )


@dataclass(slots=True)
class _Group:
    """Texts that ask the same, and who confirmed them."""

    texts: set[str]
    people: set[str]
    language: str

    def by_length(self) -> list[str]:
        """Return the texts, the shortest first."""
        return sorted(self.texts, key=lambda text: (len(text), text))


def _groups(confirmed: Iterable[Confirmation], encode: Encode) -> list[_Group]:
    """Return what one article was asked, texts that ask the same together.

    The text that most people confirmed leads; another one joins the first leader that it is
    near to. So no group drifts from one meaning to the next along a chain of likeness.
    """
    same_words: dict[str, _Group] = {}
    for one in confirmed:
        group = same_words.setdefault(plain_question(one.text), _Group(set(), set(), one.language))
        group.texts.add(one.text)
        group.people.add(one.person)
    ordered = sorted(
        same_words.values(), key=lambda one: (-len(one.people), *_length(one.by_length()[0]))
    )
    english = [one for one in ordered if one.language == DEFAULT_LANGUAGE]
    groups = [one for one in ordered if one.language != DEFAULT_LANGUAGE]
    if not english:
        return groups
    rows = encode([one.by_length()[0] for one in english])
    leading = np.empty_like(rows)
    leaders: list[tuple[_Group, frozenset[str]]] = []
    for row, group in zip(rows, english, strict=True):
        codes = _codes(group.by_length()[0])
        near = np.flatnonzero(leading[: len(leaders)] @ row >= SAME)
        leader = next((leaders[at][0] for at in near if leaders[at][1] == codes), None)
        if leader is None:
            leading[len(leaders)] = row
            leaders.append((group, codes))
        else:
            leader.texts |= group.texts
            leader.people |= group.people
    return [*(leader for leader, _ in leaders), *groups]


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
    return any(_codes(questions[at]) == _codes(text) for at in near)


def _codes(text: str) -> frozenset[str]:
    """Return the words of an English text that hold a digit."""
    return frozenset(term for term in analyze(text) if _DIGIT.search(term))


def _asks(sentence: str) -> bool:
    first = _FIRST_WORD.match(sentence)
    return sentence.endswith(_ASKING_MARKS) or bool(
        first and first[0].casefold() in _ASKING_WORDS.split()
    )


def _most_confirmed(proposal: Proposal) -> tuple[int, str, str]:
    return -proposal.people, proposal.article, proposal.text


def _length(text: str) -> tuple[int, str]:
    return len(text), text
