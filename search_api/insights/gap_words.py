"""A group of questions in a few words: those that its askers share and others do not use."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexer.lexical import analyze

MOST_WORDS = 4
NO_WORDS = "no words in common"
# A word must be typed by this share of a group's questions to tell what it is about, and say at
# least this share of what the strongest word says.
_SHARE, _STRONG = 0.2, 0.35
_PLACEHOLDER = re.compile(r"\[[a-z][a-z _-]{1,30}\]")
_WORD = re.compile(r"[^\W_](?:[\w'\u2019./:-]*\w)?")
_LONG_NUMBER = re.compile(r"\d{4,}")


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

    def rarity(self, term: str) -> float:
        """Return how much a term tells, 0 or more."""
        return math.log(1 + self._count / max(1, self._used[term]))

    def label(self, group: Sequence[Typed], fewest_askers: int) -> str:
        """Return the words that stand out in a group, in the order in which people type them.

        A word is left out that fewer askers typed than may be shown, or that holds a long
        number. What was redacted is no word.

        Args:
            group: questions about one thing.
            fewest_askers: how many different people must have typed a word.
        """
        terms = _GroupTerms(group)
        strength = {
            term: len(askers) / max(1, terms.askers) * self.rarity(term)
            for term, askers in terms.by_term.items()
            if len(askers) >= fewest_askers and terms.count[term] >= _SHARE * len(group)
        }
        best = sorted(strength, key=lambda term: (-strength[term], term))
        chosen = [t for t in best[:MOST_WORDS] if strength[t] >= _STRONG * strength[best[0]]]
        chosen.sort(key=lambda term: (terms.place[term] / terms.count[term], term))
        return " ".join(terms.spelling(term) for term in chosen) or NO_WORDS


class _GroupTerms:
    """The terms of a group: who typed each, how often, where in the text, and how spelt."""

    def __init__(self, group: Sequence[Typed]) -> None:
        self.by_term: dict[str, set[str | None]] = {}
        self.count: Counter[str] = Counter()
        self.place: Counter[str] = Counter()
        self._spelt: dict[str, Counter[str]] = {}
        self.askers = len({one.asker for one in group})
        for one in group:
            seen: set[str] = set()
            for place, (term, word) in enumerate(_terms(one)):
                self._spelt.setdefault(term, Counter())[word] += 1
                if term not in seen:
                    seen.add(term)
                    self.by_term.setdefault(term, set()).add(one.asker)
                    self.count[term] += 1
                    self.place[term] += place

    def spelling(self, term: str) -> str:
        """Return how a term is mostly typed, in small letters."""
        spelt = self._spelt[term]
        return min(spelt, key=lambda word: (-spelt[word], word))


def _terms(typed: Typed) -> Iterator[tuple[str, str]]:
    """Give each term of a text with the word that it was typed as."""
    for word in _WORD.findall(_PLACEHOLDER.sub(" ", typed.text)):
        yield from _terms_of_word(word.lower(), typed.language)


@lru_cache(maxsize=100_000)
def _terms_of_word(word: str, language: str) -> tuple[tuple[str, str], ...]:
    if _LONG_NUMBER.search(word):
        return ()
    terms = analyze(word, language)
    if len(terms) > 1 and terms[0] != word:
        # A script without spaces: its terms are pairs of characters, which show themselves.
        return tuple((term, term) for term in terms)
    return tuple((term, word) for term in terms[:1])
