"""The words of a corpus: what a misspelt or unusual word of a question stands for.

A word that no article has, one slip away from a word that articles do have, is read as
that word. And writers keep a glossary in git, `synonyms.yml` beside the articles: each
term with the words that people use for it.

    second factor: [2fa, mfa, authenticator app]

The only home of rapidfuzz.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from indexer.errors import ArticleError
from indexer.safe_yaml import read_mapping

SYNONYMS = "synonyms.yml"
Synonyms = dict[str, tuple[str, ...]]

_SHORTEST_WORD, _SHORTEST_MISSPELT = 4, 5
# One insertion, deletion, exchange or swap of neighbours.
_MOST_SLIPS = 1
_WORD = re.compile(rf"[a-z]{{{_SHORTEST_WORD},}}")
# A run of letters that is no part of a code, a path, an address or a file name.
_PLAIN_WORD = re.compile(
    rf"(?<![\w./:@-])[A-Za-z]{{{_SHORTEST_MISSPELT},}}(?![\w/:@]|[-.]\w)", re.ASCII
)


class Vocabulary:
    """Every plain English word of a corpus, and its glossary. Safe to share between threads."""

    def __init__(self, words: Iterable[str], synonyms: Mapping[str, Iterable[str]]) -> None:
        """Take words, the most frequent first, and other words for terms."""
        self._words = tuple(words)
        self._synonyms = {term: tuple(others) for term, others in synonyms.items()}
        glossary = "\n".join(
            text for term, others in self._synonyms.items() for text in (term, *others)
        )
        # A word of the glossary is right, even where only a misspelt question is near it.
        self._known = frozenset((*self._words, *_WORD.findall(glossary.lower())))
        self._patterns = {term: _pattern(others) for term, others in self._synonyms.items()}
        self._by_start: dict[tuple[str, int], list[str]] = {}
        for word in self._words:
            self._by_start.setdefault((word[0], len(word)), []).append(word)

    @classmethod
    def build(cls, texts: Iterable[str], synonyms: Mapping[str, Iterable[str]]) -> Vocabulary:
        """Collect the words of some texts."""
        counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(ordered, synonyms)

    def correct(self, text: str, is_known: Callable[[str], bool]) -> str:
        """Return the text with words one slip away from a known word read as that word.

        Args:
            text: English.
            is_known: tells of a word that is not among these whether the corpus knows it
                in another form.
        """

        def corrected(found: re.Match[str]) -> str:
            word = found[0].lower()
            if word in self._known or is_known(word):
                return found[0]
            return self._nearest(word) or found[0]

        return _PLAIN_WORD.sub(corrected, text)

    def expand(self, text: str) -> str:
        """Return the text followed by the glossary's terms for words in it."""
        lowered = text.lower()
        terms = [
            term
            for term, pattern in self._patterns.items()
            if pattern.search(lowered) and term.lower() not in lowered
        ]
        return "\n".join([text, *terms])

    def save(self, path: Path) -> None:
        """Write the vocabulary to a file."""
        content = {"words": self._words, "synonyms": self._synonyms}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote. The caller has verified the file."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(content["words"], content["synonyms"])

    def _nearest(self, word: str) -> str | None:
        """Return the most frequent word one slip away; None where there is none."""
        # A slip may have hit the first letter, but hardly both it and the second.
        starts = dict.fromkeys((word[0], word[1]))
        candidates = [
            candidate
            for start in starts
            for length in range(len(word) - _MOST_SLIPS, len(word) + _MOST_SLIPS + 1)
            for candidate in self._by_start.get((start, length), ())
        ]
        found = extractOne(word, candidates, scorer=OSA.distance, score_cutoff=_MOST_SLIPS)
        return None if found is None else str(found[0])


def read_synonyms(folder: Path) -> Synonyms:
    """Return the glossary of a folder of articles; empty where there is none.

    Raises:
        ArticleError: the file is not a mapping from terms to lists of words.
    """
    mapping = read_mapping(folder, SYNONYMS, "second factor: [2fa, mfa]")
    if mapping is None:
        return {}
    for term, others in mapping.values.items():
        is_list = isinstance(others, list) and others
        if not is_list or not all(isinstance(other, str) and other.strip() for other in others):
            raise ArticleError(
                SYNONYMS,
                mapping.lines[term],
                "must be a list of words, such as [2fa, mfa]; put quotes around numbers",
                field=term,
            )
    return {term: tuple(others) for term, others in mapping.values.items()}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the words standing by itself."""
    longest_first = sorted((word.lower() for word in words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
