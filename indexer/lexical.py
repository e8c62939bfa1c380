"""BM25 over the words of chunks and articles: the only home of bm25s and of the stemmers.

`analyze` turns text into terms, the same way for articles and for questions. Codes such
as `LR-4031` stay whole beside their parts, words are stemmed as in their language, and
scripts without spaces between words give overlapping character pairs. Two terms that
follow each other are indexed as a pair too, since "task lease" says more than both alone.
"""

from __future__ import annotations

import json
import math
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
Keys = npt.NDArray[np.int64]

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
_PAIRS, _KEYS = "pairs", "keys.npy"
# A term and a text are numbered with 32 bits each.
_HALF = 32
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


def is_unspaced(text: str) -> bool:
    """Tell whether a text begins in a script that has no spaces between words."""
    return _STARTS_UNSPACED.match(text) is not None


def parts_of(code: str) -> list[str]:
    """Return the parts of a code, a host name or a path, in order; a plain word is its own."""
    return [part for part in _SEPARATOR.split(code) if part]


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
        if is_unspaced(run):
            terms += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        elif algorithm != _ENGLISH and _CODE.search(run):
            done += [*stem(terms), *analyze(run)]
            terms = []
        else:
            parts = parts_of(run)
            if len(parts) > 1:
                terms.append(run)
            # A lone letter or digit is as frequent as a stop word and says as little.
            terms += [part for part in parts if len(part) > 1 and part not in stop_words]
    return [*done, *stem(terms)]


class LexicalIndex:
    """BM25 scores of a fixed list of texts, by their terms and by pairs of neighbouring terms.

    Source: Lucene's variant, whose inverse document frequency is never negative.
    """

    def __init__(self, terms: bm25s.BM25 | None, pairs: _Pairs | None, count: int) -> None:
        self._terms = terms
        self._pairs = pairs
        self._count = count

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str] | None = None) -> LexicalIndex:
        """Index the texts; a text without terms never scores.

        Args:
            texts: any texts.
            languages: of each text, for `analyze`; all English without.
        """
        spoken = languages or ["en"] * len(texts)
        return cls.of_terms([analyze(*one) for one in zip(texts, spoken, strict=True)])

    @classmethod
    def of_terms(cls, terms: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index texts by their terms, from `analyze`."""
        if not any(terms):
            return cls(None, None, len(terms))
        # The library's own numbering follows Python's hash seed; ours gives the same files twice.
        numbers = {term: i for i, term in enumerate(sorted({t for text in terms for t in text}))}
        numbered = [np.array([numbers[t] for t in text], dtype=np.int64) for text in terms]
        index = _bm25(numbered, numbers, len(numbers))
        return cls(index, _Pairs.build(numbered, len(numbers)), len(terms))

    def scores(self, terms: Sequence[str], pair_weight: float = 0.0) -> Scores:
        """Return the score of every text for a question's terms.

        Args:
            terms: from `analyze`; terms that no text has add nothing.
            pair_weight: of the BM25 of pairs, which is added to that of the terms.

        Returns:
            float32, shape (number of texts,), 0 or more, unbounded above.
        """
        nothing = np.zeros(self._count, dtype=np.float32)
        if self._terms is None or not terms:
            return nothing
        vocabulary = self._terms.vocab_dict
        numbers = [vocabulary.get(term, -1) for term in terms]
        known = [number for number in numbers if number >= 0]
        if not known:
            return nothing
        scores: Scores = self._terms.get_scores_from_ids(known).astype(np.float32, copy=False)
        if self._pairs is not None and pair_weight:
            scores = scores + pair_weight * self._pairs.scores(numbers)
        return scores

    def knows(self, word: str) -> bool:
        """Tell whether some text has this English word, in any of its forms."""
        vocabulary = self._terms.vocab_dict if self._terms is not None else {}
        return any(term in vocabulary for term in analyze(word))

    def save(self, folder: Path) -> None:
        """Write the index into a new folder; only a count for an index without terms."""
        folder.mkdir(parents=True)
        (folder / "count.json").write_text(json.dumps(self._count), encoding="utf-8")
        if self._terms is not None:
            self._terms.save(str(folder), show_progress=False)
        if self._pairs is not None:
            self._pairs.save(folder / _PAIRS)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote. The caller has verified the files."""
        count = int(json.loads((folder / "count.json").read_text(encoding="utf-8")))
        if not (folder / INDEX_FILES[0]).exists():
            return cls(None, None, count)
        pairs = _Pairs.load(folder / _PAIRS) if (folder / _PAIRS).is_dir() else None
        return cls(bm25s.BM25.load(str(folder), load_corpus=False), pairs, count)


class _Pairs:
    """BM25 of neighbouring terms.

    A pair is one number made of its terms' numbers, so that no vocabulary of pairs, ten
    times as long as that of terms, has to be kept in memory.
    """

    def __init__(self, index: bm25s.BM25, keys: Keys, vocabulary_size: int) -> None:
        self._index = index
        self._keys = keys
        self._vocabulary_size = vocabulary_size

    @classmethod
    def build(cls, texts: Sequence[Keys], vocabulary_size: int) -> _Pairs | None:
        """Index texts of numbered terms; None where no text has two terms."""
        pairs = [_pair_keys(text, vocabulary_size) for text in texts]
        keys = np.unique(np.concatenate(pairs))
        if not len(keys):
            return None
        index = _bm25([np.searchsorted(keys, text) for text in pairs], {}, len(keys))
        return cls(index, keys, vocabulary_size)

    def scores(self, terms: Sequence[int]) -> Scores:
        """Return every text's score for a question's numbered terms, -1 for unknown ones."""
        asked = _pair_keys(terms, self._vocabulary_size)
        places = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
        known = places[self._keys[places] == asked]
        scores: Scores = self._index.get_scores_from_ids(known.tolist()).astype(np.float32)
        return scores

    def save(self, folder: Path) -> None:
        self._index.save(str(folder), show_progress=False)
        np.save(folder / _KEYS, self._keys, allow_pickle=False)
        size = json.dumps(self._vocabulary_size)
        (folder / "vocabulary_size.json").write_text(size, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> _Pairs:
        return cls(
            bm25s.BM25.load(str(folder), load_corpus=False),
            np.load(folder / _KEYS, allow_pickle=False),
            int(json.loads((folder / "vocabulary_size.json").read_text(encoding="utf-8"))),
        )


def _bm25(texts: Sequence[Keys], vocabulary: dict[str, int], size: int) -> bm25s.BM25:
    """Return the library's index of texts of numbered terms, as `BM25.index` would make it.

    That goes text by text and term by term, and takes ten times as long. The same numbers, of
    the same precision, go through the same formulas in the same order here, so every score
    is the same to the last bit.

    Args:
        texts: at least one; each the numbers of its terms.
        vocabulary: of the terms, where somebody wants to look them up.
        size: how many different terms there are.
    """
    index = bm25s.BM25(k1=K1, b=B, method="lucene", csc_backend="numpy")
    count = len(texts)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    places = np.repeat(np.arange(count, dtype=np.int64), lengths)
    # Term and text in one number, so that one sort orders and counts them.
    both, found = np.unique(np.concatenate(texts) << _HALF | places, return_counts=True)
    columns, rows = both >> _HALF, both & ((1 << _HALF) - 1)
    texts_with = np.bincount(columns, minlength=size)
    frequencies = found.astype(np.float32)
    norms = K1 * ((1 - B) + B * lengths / lengths.mean())
    saturated = frequencies / (norms[rows] + frequencies)
    index.scores = {
        "data": (_idf(texts_with, count)[columns] * saturated).astype(np.float32),
        "indices": rows.astype(np.int32),
        "indptr": np.concatenate([[0], np.cumsum(texts_with)]),
        "num_docs": count,
    }
    index.vocab_dict = vocabulary
    # What a text gets for a term that it has not: nothing, in Lucene's variant.
    index.nonoccurrence_array = None
    return index


def _idf(texts_with: Keys, count: int) -> Scores:
    """Return the inverse document frequency of terms that so many of `count` texts have."""
    distinct, places = np.unique(texts_with, return_inverse=True)
    # Few numbers differ. Numpy's logarithm is not Python's in every last bit.
    weights = [math.log(1 + (count - df + 0.5) / (df + 0.5)) for df in distinct.tolist()]
    return np.array(weights, dtype=np.float32)[places]


def _pair_keys(terms: Sequence[int] | Keys, vocabulary_size: int) -> Keys:
    """Return one number for each two neighbouring terms that are both known."""
    numbers = np.asarray(terms, dtype=np.int64)
    first, second = numbers[:-1], numbers[1:]
    known = (first >= 0) & (second >= 0)
    keys: Keys = first[known] * vocabulary_size + second[known]
    return keys


def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    """Return this thread's stemmer: one object must not be used by two threads at once."""
    stemmers: dict[str, Stemmer.Stemmer] | None = getattr(_local, "stemmers", None)
    if stemmers is None:
        stemmers = _local.stemmers = {}
    if algorithm not in stemmers:
        stemmers[algorithm] = Stemmer.Stemmer(algorithm)
    return stemmers[algorithm]
