"""Which passages of two articles say the same, in whatever words.

A passage is a run of sentences under one heading, long enough to be worth keeping in one
place only. Two of them are compared sentence by sentence, and what decides is not how near
two sentences are but how far they stand out: in a library about one platform every sentence
is near to some other one, and standing phrases are near to many.

    nearness(s, t) = cosine(s, t) / mean of what s and t usually reach elsewhere
    score(A, B)    = mean cosine + mean nearness of A's sentences to their best in B
                   + the same of B's sentences to their best in A
                   + 0.5 * share of rare words that both have
                   + 0.6 * ln(words of the shorter passage / 35)

Source: the ratio is the margin criterion of Artetxe and Schwenk, "Margin-based Parallel
Corpus Mining with Multilingual Sentence Embeddings", 2019.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer import markdown, passages
from indexer.article import Article
from indexer.cache import Cache, cache_folder
from indexer.embedding import CompiledModel, Embedder
from indexer.encoder import Embeddings
from indexer.indexing import Indexed
from indexer.language import DEFAULT_LANGUAGE
from indexer.lexical import analyze
from indexer.passages import Sentence, read_sentences
from indexer.progress import Progress, Silence

# Whom to page is said in each article on purpose, and much the same in all of them.
_NOT_COMPARED = frozenset({"escalate", "related"})
# Measured on the planted passages of tests/indexer/paraphrases.jsonl; see docs/rules.md.
_LEAST_SCORE = 3.9
# Cosine and nearness together that the one side must reach, before the other one is looked at.
_LEAST_LIKENESS = 1.65
_SHARED, _LENGTH = 0.5, 0.6
_FEWEST_WORDS, _MOST_WORDS = 35, 80
# The other passage may be a little shorter, or longer by what was said in between.
_SHORTER, _LONGER = 0.8, 1.8
_NEIGHBOURS = 3
_STANDING = 0.92
# In a small library even the nearest sentence of another article is far.
_USUAL_NEIGHBOUR = 0.5
_MOST_PLACES = 8
_NEAREST_CHUNKS = 30
_ROWS_AT_ONCE = 1024

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of sentences.

    Attributes:
        path: of its article.
        line: of its first sentence, counted from 1.
        last_line: of its last one.
        text: the sentences.
    """

    path: str
    line: int
    last_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two passages that say the same.

    Attributes:
        first: that of the article that comes first in path order.
        second: that of the other one.
        likeness: mean cosine of their sentences with the best of the other one, in [0, 1].
    """

    first: Passage
    second: Passage
    likeness: float


def overlaps_of(
    indexed: Indexed,
    model: CompiledModel,
    wanted: Collection[str] | None = None,
    progress: Progress | None = None,
) -> list[Overlap]:
    """Return which passages of two articles say the same, the most alike first.

    English articles are compared, since the first model reads English, and a translation says
    the same on purpose. Where only some are wanted, they are compared with the articles that
    have the nearest chunks. What was found for the same articles before is remembered.

    Args:
        indexed: all articles.
        model: whose vectors are compared; that of the first vector space.
        wanted: see `find_overlaps`.
        progress: is told what is being embedded.
    """
    compared = [
        article
        for article in (indexed.articles if wanted is None else _near(indexed, wanted))
        # A deprecated article says what its replacement says until it is gone.
        if article.front_matter.status != "deprecated"
        and article.front_matter.language.partition("-")[0].lower() == DEFAULT_LANGUAGE
    ]
    cache, key = Cache(cache_folder() / "overlaps.sqlite"), _key(compared, model, wanted)
    (known,) = cache.find([key])
    if known is not None:
        return [
            Overlap(Passage(**one["first"]), Passage(**one["second"]), one["likeness"])
            for one in json.loads(known)
        ]
    sentences = {
        article.path: read_sentences(article.body, article.body_line, _NOT_COMPARED)
        for article in compared
    }
    texts = [sentence.text for found in sentences.values() for sentence in found]
    (encoded,) = Embedder(model, "compiled", progress or Silence())("passage", texts)
    vectors = np.array([one.vector for one in encoded], dtype=np.float32)
    overlaps = find_overlaps(sentences, vectors, wanted)
    cache.store([(key, json.dumps([asdict(one) for one in overlaps]).encode())])
    cache.touch([key])
    return overlaps


def _near(indexed: Indexed, wanted: Collection[str]) -> list[Article]:
    """Return some articles and those that have the nearest chunks to theirs, in order."""
    starts, chunks = indexed.index.chunk_starts, indexed.spaces[0].chunks
    kept = {row for row, article in enumerate(indexed.articles) if article.path in wanted}
    owners = np.repeat(np.arange(len(indexed.articles)), np.diff(starts))
    mine = np.isin(owners, sorted(kept))
    if mine.any():
        cosines = chunks[mine] @ chunks[~mine].T
        count = min(_NEAREST_CHUNKS, cosines.shape[1])
        if count:
            nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
            kept |= set(owners[~mine][nearest].ravel().tolist())
    return [indexed.articles[row] for row in sorted(kept)]


def _key(
    articles: Sequence[Article], model: CompiledModel, wanted: Collection[str] | None
) -> bytes:
    """Return what names a comparison: the articles, the encoder and the code."""
    code = [Path(str(module.__file__)).read_bytes() for module in (passages, markdown)]
    code.append(Path(__file__).read_bytes())
    parts = [
        model.encoder.description.digest,
        hashlib.sha256(b"".join(code)).hexdigest(),
        None if wanted is None else sorted(wanted),
        [(article.path, article.body_line, article.body) for article in articles],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def find_overlaps(
    sentences: Mapping[str, Sequence[Sentence]],
    vectors: Embeddings,
    wanted: Collection[str] | None = None,
) -> list[Overlap]:
    """Return which passages of two articles say the same, the most alike first.

    Of two articles the most alike passages are given, once.

    Args:
        sentences: of each article, by its path.
        vectors: of all sentences in that order; float32, shape (sentences, dim), unit rows.
        wanted: paths of articles; only their passages are compared with the others'. None
            for all.
    """
    if not len(vectors):
        return []
    text = _Text(sentences, vectors)
    rows = [row for row, path in enumerate(text.owners()) if wanted is None or path in wanted]
    text.measure(rows)
    candidates = list(text.candidates(rows))
    text.measure({row for _, section in candidates for row in section})
    best: dict[tuple[str, str], tuple[float, Overlap]] = {}
    for run, section in candidates:
        found = text.compared(run, section)
        if found is not None:
            pair = found[1].first.path, found[1].second.path
            if pair not in best or found[0] > best[pair][0]:
                best[pair] = found
    ordered = sorted(best.values(), key=lambda one: (-one[0], one[1].first.path))
    return [overlap for _, overlap in ordered]


class _Text:
    """All sentences of a library, and what is known about each."""

    def __init__(self, sentences: Mapping[str, Sequence[Sentence]], vectors: Embeddings) -> None:
        self._sentences = [one for found in sentences.values() for one in found]
        self._paths = list(sentences)
        self._vectors = vectors
        sizes = [len(found) for found in sentences.values()]
        self._owners = np.repeat(np.arange(len(sizes)), sizes)
        self._words = np.array([one.words for one in self._sentences], dtype=np.float32)
        places = zip(self._owners.tolist(), self._sentences, strict=True)
        keys = [(owner, one.section) for owner, one in places]
        begins = [row for row, key in enumerate(keys) if not row or key != keys[row - 1]]
        self._sections = np.array([*begins, len(keys)], dtype=np.int64)
        self._section_of = np.repeat(np.arange(len(begins)), np.diff(self._sections))
        self._usual = np.full(len(keys), np.nan, dtype=np.float32)
        shape = len(keys), min(_MOST_PLACES, len(begins))
        self._places = np.zeros(shape, dtype=np.int32)
        self._reached = np.zeros(shape, dtype=np.float32)
        self._terms = [frozenset(analyze(one.text)) for one in self._sentences]
        counts: Counter[str] = Counter()
        for owner in range(len(sizes)):
            rows = np.flatnonzero(self._owners == owner)
            counts.update(frozenset().union(*(self._terms[row] for row in rows)))
        self._rarity = {
            term: math.log1p((len(sizes) - count + 0.5) / (count + 0.5))
            for term, count in counts.items()
        }

    def owners(self) -> list[str]:
        """Return the path of each sentence's article."""
        return [self._paths[owner] for owner in self._owners]

    def measure(self, rows: Collection[int]) -> None:
        """Find out where these sentences are nearest to, and what they usually reach there."""
        missing = [row for row in sorted(rows) if np.isnan(self._usual[row])]
        count = self._places.shape[1]
        for first in range(0, len(missing), _ROWS_AT_ONCE):
            some = np.array(missing[first : first + _ROWS_AT_ONCE], dtype=np.int64)
            nearest = self._nearest(some)
            places = np.argpartition(-nearest, count - 1, axis=1)[:, :count]
            reached = np.take_along_axis(nearest, places, axis=1)
            self._places[some], self._reached[some] = places, reached
            self._usual[some] = _usual(reached)

    def candidates(self, rows: Iterable[int]) -> Iterator[tuple[range, range]]:
        """Yield passages that begin in measured rows, each with sections that may say the same.

        A standing phrase says the same in four articles or more, on purpose: it is nothing
        that two of them have in common.
        """
        known = np.nan_to_num(self._usual, nan=_USUAL_NEIGHBOUR)
        usual = np.add.reduceat(known, self._sections[:-1]) / np.diff(self._sections)
        likeness = self._reached * (1 + 2 / (known[:, None] + usual[self._places]))
        likeness[known >= _STANDING] = 0
        highest = np.cumsum(np.concatenate([[0], self._words * likeness.max(axis=1)]))
        words = np.cumsum(np.concatenate([[0], self._words]))
        for row in rows:
            for run in self._runs(row):
                stop, length = run.stop, words[run.stop] - words[row]
                if highest[stop] - highest[row] < _LEAST_LIKENESS * length:
                    continue
                # A section that is not among a sentence's nearest is at most as near as the last.
                inside, places = likeness[row:stop], self._places[row:stop]
                least, weights = inside.min(axis=1), self._weights(run)
                for section in np.unique(places):
                    best = np.where(places == section, inside, -np.inf).max(axis=1)
                    if weights @ np.maximum(best, least) >= _LEAST_LIKENESS:
                        yield run, range(*self._sections[section : section + 2])

    def compared(self, run: range, section: range) -> tuple[float, Overlap] | None:
        """Return the passage of a section that says the same as another one, and the score."""
        cosines = self._vectors[run] @ self._vectors[section].T
        usual = (self._usual[run][:, None] + self._usual[section][None, :]) / 2
        # What is near and what stands out count alike, so they are looked for in one.
        likeness: Floats = (cosines + cosines / usual).astype(np.float32)
        best: tuple[float, range] | None = None
        for other, score in self._scored(run, section, likeness):
            if score + _SHARED < (best[0] if best else _LEAST_SCORE):
                continue
            whole = score + _SHARED * self._shared_words(run, other)
            if whole >= (best[0] if best else _LEAST_SCORE):
                best = whole, other
        if best is None:
            return None
        score, other = best
        return score, self._overlap(run, other)

    def _scored(
        self, run: range, section: range, likeness: Floats
    ) -> Iterator[tuple[range, float]]:
        """Yield the passages of a section about as long as a run, with all of the score but words.

        Args:
            run: a passage.
            section: of another article.
            likeness: of the run's sentences to the section's, shape (run, section).
        """
        there = self._weights(run)
        words = self._words[section]
        length = float(self._words[run].sum())
        back = words * likeness.max(axis=0)
        for start in range(len(section)):
            # Of the passages that begin here, one for each sentence that may be the last.
            lengths = np.cumsum(words[start:])
            fits = np.flatnonzero((lengths >= _SHORTER * length) & (lengths <= _LONGER * length))
            if not len(fits):
                continue
            best = there @ np.maximum.accumulate(likeness[:, start:], axis=1)
            shorter = np.minimum(lengths, length) / _FEWEST_WORDS
            scores = best + np.cumsum(back[start:]) / lengths + _LENGTH * np.log(shorter)
            for last in fits.tolist():
                first = section.start + start
                yield range(first, first + last + 1), float(scores[last])

    def _overlap(self, run: range, other: range) -> Overlap:
        cosines = self._vectors[run] @ self._vectors[other].T
        likeness = self._weights(run) @ cosines.max(axis=1)
        likeness += self._weights(other) @ cosines.max(axis=0)
        first, second = sorted((self._passage(run), self._passage(other)), key=lambda p: p.path)
        return Overlap(first, second, round(float(likeness) / 2, 4))

    def _nearest(self, rows: Rows) -> Floats:
        """Return what sentences reach with the best one of each section of other articles.

        Shape (rows, sections); -1 for sections of their own article.
        """
        cosines = self._vectors[rows] @ self._vectors.T
        nearest: Floats = np.maximum.reduceat(cosines, self._sections[:-1], axis=1)
        owners = self._owners[self._sections[:-1]]
        for owner in np.unique(self._owners[rows]):
            first, stop = np.searchsorted(owners, [owner, owner + 1])
            mine = self._owners[rows] == owner
            nearest[mine, first:stop] = -1
        return nearest

    def _runs(self, first: int) -> Iterator[range]:
        """Yield the passages that begin with a sentence: a short one, and longer ones."""
        stop = int(self._sections[self._section_of[first] + 1])
        words = 0.0
        for last in range(first, stop):
            words += float(self._words[last])
            if words >= _FEWEST_WORDS and last > first:
                yield range(first, last + 1)
            if words >= _MOST_WORDS:
                break

    def _shared_words(self, run: range, other: range) -> float:
        """Return the share of rare words that two passages have in common, in [0, 1]."""
        here = frozenset().union(*(self._terms[row] for row in run))
        there = frozenset().union(*(self._terms[row] for row in other))
        whole = self._weight(here) * self._weight(there)
        return self._weight(here & there) / math.sqrt(whole) if whole else 0.0

    def _weight(self, terms: frozenset[str]) -> float:
        return sum(self._rarity[term] for term in sorted(terms))

    def _weights(self, run: range) -> Floats:
        words = self._words[run]
        weights: Floats = words / words.sum()
        return weights

    def _passage(self, run: range) -> Passage:
        sentences = [self._sentences[row] for row in run]
        return Passage(
            path=self._paths[self._owners[run.start]],
            line=sentences[0].line,
            last_line=sentences[-1].line,
            text=" ".join(sentence.text for sentence in sentences),
        )


def _usual(reached: Floats) -> Floats:
    """Return the mean cosine of each sentence to its best sections but the very best.

    That one is left out because it may say the same.
    """
    top = -np.sort(-reached, axis=1)[:, 1 : _NEIGHBOURS + 1]
    usual = top.mean(axis=1) if top.shape[1] else np.zeros(len(reached))
    found: Floats = np.maximum(_USUAL_NEIGHBOUR, usual).astype(np.float32)
    return found
