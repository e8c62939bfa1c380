"""BM25 over the words of chunks and articles: the only home of bm25s and of the stemmer.

`analyze` turns text into terms, the same way for articles and for questions. Codes such
as `LR-4031` stay whole beside their parts, European words are stemmed as English, and
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
from bm25s.stopwords import STOPWORDS_EN

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
_STOP_WORDS = frozenset(STOPWORDS_EN)
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+(?:[-./:@][^\W{_UNSPACED}]+)*")
_STARTS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_SEPARATOR = re.compile(r"[-./:@_]+")
_local = threading.local()


def analyze(text: str) -> list[str]:
    """Return the terms of a text, in order, repeats included; none for an empty text."""
    terms: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if _STARTS_UNSPACED.match(run):
            terms += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            continue
        parts = [part for part in _SEPARATOR.split(run) if part]
        if len(parts) > 1:
            terms.append(run)
        terms += [part for part in parts if part not in _STOP_WORDS]
    stemmed: list[str] = _stemmer().stemWords(terms)
    return stemmed


class LexicalIndex:
    """BM25 scores of a fixed list of texts.

    Source: Lucene's variant, whose inverse document frequency is never negative.
    """

    def __init__(self, index: bm25s.BM25 | None, count: int) -> None:
        self._index = index
        self._count = count

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index the texts; a text without terms never scores."""
        terms = [analyze(text) for text in texts]
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


def _stemmer() -> Stemmer.Stemmer:
    """Return this thread's stemmer: one object must not be used by two threads at once."""
    stemmer: Stemmer.Stemmer | None = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return stemmer
