"""Evidence becomes a probability that an article answers, and a decision.

What a high similarity means differs from corpus to corpus: in one, questions that nothing
answers reach 0.3, in another 0.7. So every corpus describes itself, at build time and
without labels: sentences of its articles are asked as questions with their own article
taken away. What they reach is what a question looks like that nothing here answers. A
real question is then expressed in those units, and a logistic function over two features
gives the confidence:

    lift    the article's similarity, less a quarter of the median of all
    words   how well the question's words are met by its best chunk (late interaction)

both in standard deviations from the mean of the made-up questions. The fused score and
the lead over other articles are none of them: they compare articles of one answer, and the
best of a few bad ones leads too. A quarter of the median, since it says two things: that a
question is of the kind that is near to everything, and that its subject is that of the
articles. The weights were learned once over the labelled sets of
docs/evaluation.md, each set counting the same, and are checked there on sets left out.

Where articles have questions of their own, these say more. A fifth of them is taken away,
vectors and words, and asked over the rest, then the next fifth: as questions that have an
answer, and again with their article taken away, as ones that have none. One alone would
leave all its second wordings behind, and look easier than what people type. The logistic
function is fitted to what that shows, held near to the learned one by a ridge, and the
confidence that most of those with an answer reach is where the decision lies.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from indexer.chunking import Chunk
from indexer.encoder import Encoded
from indexer.lexical import analyze
from indexer.ranking import Question, Ranking, rank, rank_weighed, weigh
from indexer.search_index import SearchIndex
from indexer.vectors import Mask

# Below this confidence no article is suggested, unless own questions say where it lies.
DECISION_THRESHOLD = 0.22
MOST_PROBES = 120
# A corpus with fewer probes than this is described by what is typical of the labelled sets.
FEWEST_PROBES = 12
_TERMS_IN_PROBE = range(3, 21)
_SENTENCE_END = re.compile("(?<=[.!?])\\s+|\n|(?<=[\u3002\uff01\uff1f])")
# Own questions that are asked, in how many parts they are held out, and how many of the
# questions in use there is usually no answer to.
MOST_OWN_QUESTIONS = 480
FOLDS = 5
_UNANSWERABLE_SHARE = 1 / 4
# How much the learned function weighs against a corpus' few questions, in units of the mean loss.
_RIDGE = 0.05
_NEWTON_STEPS = 20
# To refuse a question that has an answer is worse than to show one more article: so many
# of the own questions may be refused, within bounds that no few odd ones can pass.
_REFUSED_SHARE = 0.05
_LOWEST_THRESHOLD, _HIGHEST_THRESHOLD = 0.08, 0.30
# Beyond these no more is learned from a feature, and a broken one cannot decide alone.
_LOWEST, _HIGHEST = -5.0, 8.0
# How much of the median lift is measured from; see docs/evaluation-tried.md.
_MEDIAN_SHARE = 0.25

# The decision looks equally deep whatever number of articles is wanted.
DECISION_DEPTH = 5
Floats = npt.NDArray[np.float64]
Decision = Literal["suggest", "abstain"]


class Moments(BaseModel):
    """Mean and standard deviation of a feature over made-up questions that nothing answers."""

    model_config = ConfigDict(frozen=True)

    mean: float
    spread: float

    def standardize(self, value: float) -> float:
        """Return the value in standard deviations from the mean, kept within bounds."""
        return max(_LOWEST, min(_HIGHEST, (value - self.mean) / self.spread))


class Weights(BaseModel):
    """The logistic function over the features, as learned by `benchmarks/calibration.py`."""

    model_config = ConfigDict(frozen=True)

    intercept: float = -0.964
    lift: float = 0.693
    words: float = 0.589


class Features(NamedTuple):
    """What decides how confident an answer is, before standardizing."""

    lift: float
    words: float


class Calibration(BaseModel):
    """How a vector space of this corpus answers questions that it has no article for.

    Attributes:
        probes: made-up questions that this was measured with.
        median: similarity that half of the articles reach with a made-up question.
        own_questions: questions of its articles that the weights of the features, shift and
            threshold are fitted to.
        shift: what these add to every logit.
        threshold: confidence from which on an article is suggested, in [0, 1].
    """

    model_config = ConfigDict(frozen=True)

    probes: int = 0
    median: float = 0.20
    lift: Moments = Moments(mean=0.44, spread=0.13)
    words: Moments = Moments(mean=0.42, spread=0.09)
    weights: Weights = Weights()
    own_questions: int = 0
    shift: float = 0.0
    threshold: float = DECISION_THRESHOLD

    @property
    def is_measured(self) -> bool:
        """Whether the corpus described itself; else what is typical stands for it."""
        return self.probes >= FEWEST_PROBES

    def confidences(self, ranking: Ranking) -> list[float]:
        """Return for each article the probability, in [0, 1], that it answers."""
        return [self.probability(standard) for standard in self.standardized(ranking)]

    def confidence(self, features: Features) -> float:
        """Return the probability, in [0, 1], that an article with these features answers."""
        return self.probability(self.standardize(features))

    def probability(self, standard: Features) -> float:
        """Return the probability, in [0, 1], that standardized features give."""
        weights = self.weights
        logit = weights.intercept + weights.lift * standard.lift + weights.words * standard.words
        return 1.0 / (1.0 + math.exp(-logit - self.shift))

    def standardized(self, ranking: Ranking) -> list[Features]:
        """Return the features of each article of a ranking; see `standardize`."""
        places = range(len(ranking.articles))
        return [self.standardize(read_features(ranking, place, self.median)) for place in places]

    def standardize(self, features: Features) -> Features:
        """Return the features in standard deviations from those of the made-up questions."""
        return Features(
            lift=self.lift.standardize(features.lift),
            words=self.words.standardize(features.words),
        )

    def decide(self, confidence: float) -> Decision:
        """Return `suggest` when the likeliest article is likely enough to answer."""
        return "suggest" if confidence >= self.threshold else "abstain"


def read_features(ranking: Ranking, place: int, usual_median: float) -> Features:
    """Return the features of the article at a place, counted from 0.

    Args:
        ranking: of one question.
        place: of the article.
        usual_median: stands for the median where too few articles are allowed.
    """
    found = ranking.articles[place]
    median = ranking.median_similarity
    return Features(
        lift=found.evidence.similarity
        - _MEDIAN_SHARE * (usual_median if median is None else median),
        words=found.evidence.tokens or 0.0,
    )


class Probe(NamedTuple):
    """A sentence that is asked as if nothing answered it.

    Attributes:
        article: row of the article that it was taken from.
        text: the sentence.
    """

    article: int
    text: str


def choose_probes(chunks: Sequence[Chunk], owners: Sequence[int]) -> list[Probe]:
    """Return sentences spread evenly over the chunks, at most `MOST_PROBES`.

    Args:
        chunks: of all articles.
        owners: article row of each chunk.
    """
    found = [
        (owner, chunk.text)
        for chunk, owner in zip(chunks, owners, strict=True)
        if _has_sentence(chunk.text)
    ]
    step = max(1.0, len(found) / MOST_PROBES)
    chosen = [found[int(i * step)] for i in range(min(len(found), MOST_PROBES))]
    return [Probe(owner, _middle_sentence(text)) for owner, text in chosen]


def fit_calibration(
    index: SearchIndex,
    space: int,
    probes: Sequence[Probe],
    asked: Sequence[tuple[Encoded, list[str]]],
) -> Calibration:
    """Describe a vector space of a corpus by its probes, each with its article taken away.

    Args:
        index: all articles.
        space: which of its vector spaces.
        probes: from `choose_probes`.
        asked: each probe as the space's encoder sees it, and its terms.
    """
    measured, medians = [], []
    for probe, (encoded, terms) in zip(probes, asked, strict=True):
        others = np.ones(len(index), dtype=np.bool_)
        others[probe.article] = False
        question = Question(text=probe.text, space=space, encoded=encoded, terms=terms)
        # No article is overdue on the first day of the calendar.
        ranking = rank(index, question, others, date.min, 1)
        if ranking.articles and ranking.median_similarity is not None:
            medians.append(ranking.median_similarity)
            measured.append(read_features(ranking, 0, ranking.median_similarity))
    if len(measured) < FEWEST_PROBES:
        return Calibration(probes=len(measured))
    means, spreads = np.mean(measured, axis=0), np.std(measured, axis=0)
    moments = [
        Moments(mean=round(float(mean), 6), spread=round(max(0.02, float(spread)), 6))
        for mean, spread in zip(means, spreads, strict=True)
    ]
    lift, words = moments
    median = round(float(np.mean(medians)), 6)
    return Calibration(probes=len(measured), median=median, lift=lift, words=words)


class OwnQuestion(NamedTuple):
    """A question that an article says it answers.

    Attributes:
        article: row of the article.
        row: of the question's vector.
        question: as it is asked.
    """

    article: int
    row: int
    question: Question


class Fold(NamedTuple):
    """A corpus without a part of its own questions.

    Attributes:
        rest: all articles, without the words of these questions.
        held_out: bool, shape (own questions,); these questions.
    """

    rest: SearchIndex
    held_out: Mask


def draw(text: str) -> int:
    """Return a number of 32 bits that follows from a text alone, to draw own questions by.

    So a question that comes or goes leaves nearly all others in the sample, each in its fold,
    and two versions of a corpus are measured alike.
    """
    return zlib.crc32(text.encode())


def fit_own_questions(
    folds: Sequence[Fold], calibration: Calibration, own: Sequence[OwnQuestion]
) -> Calibration:
    """Fit confidences and decision of a corpus to what its articles' own questions show.

    Args:
        folds: all articles, each time without other own questions; each question is in one.
        calibration: from `fit_calibration`, in the space that the questions are asked in.
        own: questions, none of a deprecated article.

    Returns:
        The calibration with weights, shift and threshold where there are at least
        `FEWEST_PROBES` questions, else as it was.
    """
    if len(own) < FEWEST_PROBES:
        return calibration
    everything = np.ones(len(folds[0].rest), dtype=np.bool_)
    seen, right, shares = [], [], []
    asked: list[list[Features]] = []
    for one in own:
        others = everything.copy()
        others[one.article] = False
        fold = next(each for each in folds if each.held_out[one.row])
        weighed = weigh(fold.rest, one.question, fold.held_out)
        for allowed, share in (
            (everything, 1 - _UNANSWERABLE_SHARE),
            (others, _UNANSWERABLE_SHARE),
        ):
            found = rank_weighed(weighed, allowed, date.min, DECISION_DEPTH)
            if found.articles:
                standard = calibration.standardized(found)
                seen.append(standard[0])
                right.append(found.articles[0].article == one.article)
                shares.append(share)
                if allowed is everything:
                    asked.append(standard)
    weights = _fitted(calibration.weights, np.array(seen), np.array(right), np.array(shares))
    fitted = calibration.model_copy(
        update={
            "weights": calibration.weights.model_copy(
                update={"lift": weights.lift, "words": weights.words}
            ),
            "own_questions": len(own),
            "shift": round(weights.intercept - calibration.weights.intercept, 6),
        }
    )
    highest = [max(map(fitted.probability, standard)) for standard in asked]
    lowest = float(np.quantile(highest, _REFUSED_SHARE))
    threshold = round(min(_HIGHEST_THRESHOLD, max(_LOWEST_THRESHOLD, lowest)), 6)
    return fitted.model_copy(update={"threshold": threshold})


def _fitted(learned: Weights, features: Floats, is_right: Floats, shares: Floats) -> Weights:
    """Return the weights with the least weighted log loss and ridge, by Newton's method.

    The loss is convex, and the ridge keeps the weights finite and near to the learned ones.
    One below 0 becomes 0: more of a feature never speaks against an article.

    Args:
        learned: what the ridge pulls towards.
        features: standardized, shape (questions, 2).
        is_right: whether the article answers, shape (questions,).
        shares: how much each counts, shape (questions,).
    """
    shares = shares / shares.sum()
    ones = np.ones((len(features), 1))
    columns = np.concatenate([ones, features], axis=1)
    begin = np.array([learned.intercept, learned.lift, learned.words])
    weights = begin.copy()
    for _ in range(_NEWTON_STEPS):
        expected = 1 / (1 + np.exp(-columns @ weights))
        slope = columns.T @ (shares * (expected - is_right)) + 2 * _RIDGE * (weights - begin)
        curve = (columns.T * (shares * expected * (1 - expected))) @ columns
        weights -= np.linalg.solve(curve + 2 * _RIDGE * np.eye(len(begin)), slope)
    intercept, lift, words = (round(float(one), 6) for one in weights)
    return Weights(intercept=intercept, lift=max(0.0, lift), words=max(0.0, words))


# Both sides of a comparison, and each vector space, look at nearly the same chunks.
@lru_cache(maxsize=1 << 15)
def _has_sentence(text: str) -> bool:
    """Tell whether a text has a sentence that is about as long as a question.

    Nearly every one has, and its first sentences show it.
    """
    return any(True for _ in _sentences(text))


def _middle_sentence(text: str) -> str:
    """Return a sentence from the middle of a text that is about as long as a question."""
    sentences = list(_sentences(text))
    return sentences[len(sentences) // 2]


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text that are about as long as a question, in order."""
    for sentence in _SENTENCE_END.split(text):
        if len(analyze(sentence)) in _TERMS_IN_PROBE:
            yield sentence.strip()
