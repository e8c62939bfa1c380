"""Questions that ask the same, and that people confirmed for one article, told without a name.

Pure functions over confirmations. What may be told is decided here once, for what goes into
git, see `learning`, and for what trainees practise with, see `practice`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.article import Article
from indexer.encoder import Embeddings
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.lexical import analyze
from indexer.question import plain_question
from search_api.insights.confirmations import Confirmation, Reason

# Two could be one person and a colleague who repeats the words; three is what statistics
# offices commonly ask for before they publish a cell.
FEWEST_PEOPLE = 3
MOST_CHARS = 120
# Cosine of two English questions from which on they are the same one, typed twice. Measured
# with the default model: of 40 pairs of retypings 30 reach it, of 25 pairs that differ in the
# one word that matters 2 do ("severity is too low", "… too high"; a pair of codes, which are
# compared by themselves), and of 14,518 pairs of own questions of one article 2.
SAME = 0.90
_MOST_DIGITS = 6
_DIGITS = 6
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


@dataclass(frozen=True, slots=True)
class AskedAlike:
    """Questions that ask the same, and that one article resolved.

    Attributes:
        article: its id.
        text: the shortest of their texts that gives nobody away.
        language: of the text.
        people: how many different people confirmed it.
        askers: how many different people asked; those whom nobody named count as one.
    """

    article: str
    text: str
    language: str
    people: int
    askers: int


@dataclass(frozen=True, slots=True)
class Alike:
    """Questions that three people confirmed, and what is not told of the others.

    Attributes:
        questions: by article.
        left_out: how many questions were left out, by reason.
        notes: articles that take no questions, one sentence each.
    """

    questions: Sequence[AskedAlike]
    left_out: Counter[Reason]
    notes: tuple[str, ...]


def confirmed_alike(
    confirmed: Sequence[Confirmation], articles: Sequence[Article], encode: Encode
) -> Alike:
    """Return the questions that three people confirmed for an article, told without a name.

    Args:
        confirmed: see `read_confirmations`.
        articles: all of them, ids unique.
        encode: see `select`.
    """
    left_out: Counter[Reason] = Counter()
    leads = _Leads(articles)
    words = CommonWords(stated_words(articles), confirmed)
    by_article: dict[str, list[Confirmation]] = {}
    for one in confirmed:
        target = leads.article(one.article)
        if target is None:
            left_out["no_article"] += 1
        elif words.identify(one):
            left_out["identifier"] += 1
        else:
            by_article.setdefault(target, []).append(one)
    found: list[AskedAlike] = []
    for article in sorted(by_article):
        for group in _groups(by_article[article], encode):
            if len(group.people) < FEWEST_PEOPLE:
                left_out["few_people"] += 1
                continue
            text = next((t for t in group.by_length() if words.are_common(t, group.language)), None)
            if text is None:
                left_out["rare_words"] += 1
            else:
                people, askers = len(group.people), len(group.askers)
                found.append(AskedAlike(article, text, group.language, people, askers))
    return Alike(found, left_out, tuple(leads.notes))


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


def stated_words(articles: Iterable[Article]) -> frozenset[str]:
    """Return the words of published articles, as `analyze` gives them."""
    found: set[str] = set()
    for article in articles:
        if article.is_published:
            stated = article.front_matter
            prose = (article.title, stated.summary, *stated.symptoms, article.body)
            found.update(analyze("\n".join(prose), stated.language))
            for question in stated.questions:
                found.update(analyze(question, detect_language(question)))
    return frozenset(found)


class CommonWords:
    """The words that may reach git: those of the articles, and common ones.

    A word is common that three people confirmed in three tickets: three who look after one
    ticket confirm the words of one. Of 1,550 English questions of 83 articles 82 % need no
    common word, of 192 of 12 articles 54 %. A word with a capital inside a sentence must be
    the articles' own, since three tickets may well name the same person.
    """

    def __init__(self, stated: frozenset[str], confirmed: Iterable[Confirmation]) -> None:
        """Know the words of articles, see `stated_words`, and what people confirmed."""
        self._stated = stated
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
    """Texts that ask the same, who confirmed them, and who asked."""

    texts: set[str]
    people: set[str]
    language: str
    askers: set[str | None] = field(default_factory=set)

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
        group.askers.add(one.asker)
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
        codes = codes_of(group.by_length()[0])
        near = np.flatnonzero(leading[: len(leaders)] @ row >= SAME)
        leader = next((leaders[at][0] for at in near if leaders[at][1] == codes), None)
        if leader is None:
            leading[len(leaders)] = row
            leaders.append((group, codes))
        else:
            leader.texts |= group.texts
            leader.people |= group.people
            leader.askers |= group.askers
    return [*(leader for leader, _ in leaders), *groups]


def codes_of(text: str) -> frozenset[str]:
    """Return the words of an English text that hold a digit."""
    return frozenset(term for term in analyze(text) if _DIGIT.search(term))


def _length(text: str) -> tuple[int, str]:
    return len(text), text
