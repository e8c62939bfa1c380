"""A group of questions in a few words: those that its askers share and others use less."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexer.lexical import analyze, is_unspaced, parts_of

MOST_WORDS = 4
# Of a script without spaces each pair of characters is a term, and several make a word.
_MOST_TERMS = 24
NO_WORDS = "no words in common"
# A word must be typed by this share of a group's askers to tell what it is about, and say at
# least this share of what the strongest word says.
_SHARE, _STRONG = 0.2, 0.4
_PLACEHOLDER = re.compile(r"\[[a-z][a-z _-]{1,30}\]")
_WORD = re.compile(r"[^\W_](?:[\w'\u2019./:-]*\w)?")
# A user, a ticket or a time; an error code has letters before its few digits.
_LONG_NUMBER = re.compile(r"\W*\d[\d\W]{3,}|.*\d{6}.*")
# Without it `card not working` would be `card working`.
_NOT = "not"
_NEGATION = re.compile(r"(?:not|never|cannot|nicht|\w+n['\u2019]t)")
# Words that join others and tell nothing of what is asked, beside those that BM25 leaves out.
_EMPTY_WORDS = """
about after again all also am any anyone been before but can could did do does else every from
get getting give go going had has have having he hello help her here hi him his how i'd i'll
i'm i've it's its just know let like made make many may me might more most much must my need
now off one only or other our out please shall she should so some someone something still
than thanks them then they're till too try trying use used using want was way we were what
what's when where which while who whom whose why will with would yet you you're your yours
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Typed:
    """A question as far as its words go.

    Attributes:
        text: redacted.
        language: BCP 47.
        asker: stands for whoever typed it.
    """

    text: str
    language: str
    asker: str | None


class Vocabulary:
    """How many of some questions use each term: what most of them use tells nothing."""

    def __init__(self, questions: Iterable[Typed]) -> None:
        self._used: Counter[str] = Counter()
        self._count = 0
        for one in questions:
            self._count += 1
            self._used.update({term for term, _ in _terms(one)})

    def label(self, group: Sequence[Typed], fewest_askers: int) -> str:
        """Return the words that stand out in a group, as one of its questions orders them.

        A word is left out that fewer askers typed than may be shown, or that holds a long
        number. What was redacted is no word.

        Args:
            group: questions about one thing, the most typical first.
            fewest_askers: how many different people must have typed a word.
        """
        terms = _GroupTerms(group)
        strength = {
            term: self._strength(term, terms.count[term] / len(group))
            for term, askers in terms.askers.items()
            if len(askers) >= fewest_askers and len(askers) >= _SHARE * terms.all_askers
        }
        best = sorted(strength, key=lambda term: (-strength[term], terms.first[term]))
        words: list[str] = []
        for number, term in enumerate(best[:_MOST_TERMS], 1):
            if strength[term] < _STRONG * strength[best[0]]:
                break
            # One more term may be what joins two words.
            more = terms.words(best[:number], fewest_askers)
            if len(more) <= MOST_WORDS:
                words = more
        return " ".join(words) or NO_WORDS

    def _strength(self, term: str, share: float) -> float:
        """Return how much a term tells: how often it is used, and how much more than elsewhere.

        Source: its part of the Kullback-Leibler divergence of the group from all questions.
        """
        elsewhere = (self._used[term] + 1) / (self._count + 2)
        return share * math.log(1 + share / elsewhere)


class _GroupTerms:
    """The terms of a group: who typed each, how often, where first, how spelt, in which order."""

    def __init__(self, group: Sequence[Typed]) -> None:
        self.askers: dict[str, set[str | None]] = {}
        self.count: Counter[str] = Counter()
        self.first: dict[str, tuple[int, int]] = {}
        self.all_askers = len({one.asker for one in group})
        self._typed = [
            (unicodedata.normalize("NFKC", one.text).lower(), one.asker) for one in group
        ]
        self._spelt: dict[str, Counter[str]] = {}
        self._texts: list[dict[str, int]] = []
        for number, one in enumerate(group):
            places: dict[str, int] = {}
            for place, (term, word) in enumerate(_terms(one)):
                places.setdefault(term, place)
                self.first.setdefault(term, (number, place))
                self._spelt.setdefault(term, Counter())[word] += 1
            self._texts.append(places)
            self.count.update(places.keys())
            for term in places:
                self.askers.setdefault(term, set()).add(one.asker)

    def words(self, chosen: Sequence[str], fewest_askers: int) -> list[str]:
        """Return terms as they are spelt, as the first of the texts with most of them orders them.

        Pairs of characters that overlap there are one word, if enough askers typed it whole.
        """
        text = max(self._texts, key=lambda places: len(places.keys() & chosen))
        places = {term: text.get(term, len(text) + 1000) for term in chosen}
        words: list[str] = []
        last = None
        for term in sorted(chosen, key=lambda term: (places[term], term)):
            spelt = self.spelling(term)
            follows = bool(words) and term in text and last == places[term] - 1
            if (
                follows
                and _overlap(words[-1], spelt)
                and self._askers_of(words[-1] + spelt[1:]) >= fewest_askers
            ):
                words[-1] += spelt[1:]
            else:
                words.append(spelt)
            last = places[term]
        return words

    def _askers_of(self, word: str) -> int:
        """Return how many people typed a word of a script without spaces."""
        return len({asker for text, asker in self._typed if word in text})

    def spelling(self, term: str) -> str:
        """Return how a term is mostly typed, in small letters."""
        spelt = self._spelt[term]
        return min(spelt, key=lambda word: (-spelt[word], word))


def _overlap(word: str, pair: str) -> bool:
    """Tell whether a pair of characters begins with the last one of a word of the same script."""
    return len(pair) > 1 and is_unspaced(word) and is_unspaced(pair) and word[-1] == pair[0]


def _terms(typed: Typed) -> Iterator[tuple[str, str]]:
    """Give each term of a text with the word that it was typed as."""
    for word in _WORD.findall(_PLACEHOLDER.sub(" ", typed.text)):
        yield from _terms_of_word(word.lower(), typed.language)


@lru_cache(maxsize=100_000)
def _terms_of_word(word: str, language: str) -> tuple[tuple[str, str], ...]:
    if _NEGATION.fullmatch(word):
        return ((_NOT, _NOT),)
    if word in _EMPTY or _LONG_NUMBER.fullmatch(word):
        return ()
    terms = analyze(word, language)
    if len(terms) > 1 and terms[0] != word:
        # A script without spaces: its terms are pairs of characters, which show themselves, and
        # the numbers and codes between them.
        parts = {part for term in terms for part in parts_of(term) if part != term}
        return tuple(
            (term, term) for term in terms if term not in parts and not _LONG_NUMBER.fullmatch(term)
        )
    return tuple((term, word) for term in terms[:1])
