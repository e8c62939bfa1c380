"""BM25 over the words of chunks and articles: the only home of bm25s and of the stemmers.

`analyze` turns text into terms, the same way for articles and for questions. Codes such
as `LR-4031` stay whole beside their parts, words are stemmed as in their language, and
scripts without spaces between words give overlapping character pairs.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer
from bm25s import stopwords

Scores = npt.NDArray[np.float32]

# The usual choice for prose; see Robertson and Zaragoza, "The Probabilistic Relevance
# Framework: BM25 and Beyond", 2009, section 3.2.
K1, B = 1.2, 0.75
INDEX_FILES = (
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "vocab.index.json",
    "params.index.json",
)
# Snowball's algorithm for a language, and the language's stop words where there is a list.
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
_STOP_WORDS = {
    "danish": frozenset(stopwords.STOPWORDS_DANISH),
    "dutch": frozenset(stopwords.STOPWORDS_DUTCH),
    "english": frozenset(stopwords.STOPWORDS_EN),
    "french": frozenset(stopwords.STOPWORDS_FRENCH),
    "german": frozenset(stopwords.STOPWORDS_GERMAN),
    "italian": frozenset(stopwords.STOPWORDS_ITALIAN),
    "norwegian": frozenset(stopwords.STOPWORDS_NORWEGIAN),
    "portuguese": frozenset(stopwords.STOPWORDS_PORTUGUESE),
    "russian": frozenset(stopwords.STOPWORDS_RUSSIAN),
    "spanish": frozenset(stopwords.STOPWORDS_SPANISH),
    "swedish": frozenset(stopwords.STOPWORDS_SWEDISH),
    "turkish": frozenset(stopwords.STOPWORDS_TURKISH),
}
_ENGLISH = "english"
# Thai and Lao, Burmese, Khmer, kana without its middle dot, Chinese characters, Hangul.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
)
# Vowel signs of India's scripts are no letters to `re`, but belong to the word.
_LETTERS = rf"[^\W{_UNSPACED}]+(?:[\u0900-\u0963\u0966-\u0dff]+[^\W{_UNSPACED}]*)*"
_RUN = re.compile(rf"[{_UNSPACED}]+|{_LETTERS}(?:[-./:@]{_LETTERS})*")
_STARTS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_SEPARATOR = re.compile(r"[-./:@_]+")
# A hyphen alone joins words of a language; the other signs and digits make a code.
_CODE = re.compile(r"[./:@_\d]")
_local = threading.local()


def analyze(text: str, language: str = "en") -> list[str]:
    """Return the terms of a text, in order, repeats included; none for an empty text.

    Args:
        text: any text.
        language: BCP 47; its words are stemmed and its stop words left out. Languages
            without rules of their own, and codes in every language, go by the English
            ones, so that a code gives the same terms whoever writes it.
    """
    algorithm = _ALGORITHMS.get(language.partition("-")[0].lower(), _ENGLISH)
    stop_words = _STOP_WORDS.get(algorithm, frozenset())
    stem = _stemmer(algorithm).stemWords
    done: list[str] = []
    terms: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if _STARTS_UNSPACED.match(run):
            terms += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        elif algorithm != _ENGLISH and _CODE.search(run):
            done += [*stem(terms), *analyze(run)]
            terms = []
        else:
            parts = [part for part in _SEPARATOR.split(run) if part]
            if len(parts) > 1:
                terms.append(run)
            terms += [part for part in parts if part not in stop_words]
    return [*done, *stem(terms)]


class LexicalIndex:
    """BM25 scores of a fixed list of texts.

    Source: Lucene's variant, whose inverse document frequency is never negative.
    """

    def __init__(self, index: bm25s.BM25 | None, count: int) -> None:
        self._index = index
        self._count = count

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str] | None = None) -> LexicalIndex:
        """Index the texts; a text without terms never scores.

        Args:
            texts: any texts.
            languages: of each text, for `analyze`; all English without.
        """
        spoken = languages or ["en"] * len(texts)
        terms = [analyze(text, language) for text, language in zip(texts, spoken, strict=True)]
        if not any(terms):
            return cls(None, len(texts))
        # The library's own numbering follows Python's hash seed; ours gives the same files twice.
        numbers = {term: i for i, term in enumerate(sorted({t for text in terms for t in text}))}
        index = bm25s.BM25(k1=K1, b=B, method="lucene", csc_backend="numpy")
        index.index(
            ([[numbers[term] for term in text] for text in terms], numbers),
            create_empty_token=False,
            show_progress=False,
        )
        return cls(index, len(texts))

    def scores(self, terms: Sequence[str]) -> Scores:
        """Return the score of every text for a question's terms.

        Args:
            terms: from `analyze`; terms that no text has add nothing.

        Returns:
            float32, shape (number of texts,), 0 or more, unbounded above.
        """
        if self._index is None or not terms:
            return np.zeros(self._count, dtype=np.float32)
        known = self._index.get_tokens_ids(list(terms))
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        scores: Scores = self._index.get_scores_from_ids(known).astype(np.float32, copy=False)
        return scores

    def save(self, folder: Path) -> None:
        """Write `INDEX_FILES` into a new folder, none of them for an index without terms."""
        folder.mkdir(parents=True)
        (folder / "count.json").write_text(json.dumps(self._count), encoding="utf-8")
        if self._index is not None:
            self._index.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote. The caller has verified the files."""
        count = int(json.loads((folder / "count.json").read_text(encoding="utf-8")))
        if not (folder / INDEX_FILES[0]).exists():
            return cls(None, count)
        return cls(bm25s.BM25.load(str(folder), load_corpus=False), count)


def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    """Return this thread's stemmer: one object must not be used by two threads at once."""
    stemmers: dict[str, Stemmer.Stemmer] | None = getattr(_local, "stemmers", None)
    if stemmers is None:
        stemmers = _local.stemmers = {}
    if algorithm not in stemmers:
        stemmers[algorithm] = Stemmer.Stemmer(algorithm)
    return stemmers[algorithm]
