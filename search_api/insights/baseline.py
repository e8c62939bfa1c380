"""What is usual: how often a topic is asked about at this hour of the week.

Takes questions as they come; gives, for a question or an article, the rate at which others
like it are expected. It keeps the last four weeks and no text: of every question the time and
the first article, 20 bytes, and of a sample of at most 20,000 the vectors too, 31 MB at 384
dimensions, however many were asked. Which ones are in the sample is decided by a hash of
their ids, so that a service that was restarted samples as one that was not.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from search_api.events.event import QuestionEvent

WEEKS = 4
MOST_ROWS = 20_000
_HOUR_S = 3_600
_WEEK_S = 7 * 24 * _HOUR_S
# What is rising now must not count as usual.
_NOT_YET_S = 2 * _HOUR_S
# An hour to each side, since summer time shifts a topic's rhythm, and half an hour for what is
# as sharp as the clock; whichever expects more counts.
_HALF_SLOTS_S = (_HOUR_S, _HOUR_S // 2)
_HALF_SLOT_S = max(_HALF_SLOTS_S)
# A topic that was never seen has this prior: one question in twenty, as uncertain as can be.
_PRIOR_COUNT, _PRIOR_VOLUME = 1.0, 20.0
# How much a topic is believed to follow the overall rhythm, in questions of its own.
_RHYTHM_SHAPE = 2.0
_LEAST_BURSTINESS, _MOST_BURSTINESS = 0.05, 2.0
_BURST_SEEDS = 400
_BURST_HALF_S = _HOUR_S // 2

Vector = NDArray[np.float32]
Times = NDArray[np.float64]
_NO_VECTOR: Vector = np.empty(0, np.float32)
_NO_TIMES: Times = np.empty(0, np.float64)
_FORGET_EVERY = 4_096
# Topics are told by what questions are like, or by the article that answers them.
Kind = Literal["like", "article"]
_KINDS: tuple[Kind, ...] = ("like", "article")


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for one topic at one moment.

    Attributes:
        share: of all questions, those on the topic; above 0.
        shape: how certain that is: of the gamma distribution of the topic's rate.
        volume_per_s: questions of any topic in a second.
    """

    share: float
    shape: float
    volume_per_s: float

    def expected(self, window_s: float, others: int) -> float:
        """Return the questions expected in a window.

        Args:
            window_s: its seconds.
            others: the questions on other topics in it; where there are more of them than
                usual at this hour, everything is asked more.
        """
        return self.share * max(self.volume_per_s * window_s, float(others), 1.0)


class Baseline:
    """The questions of the last weeks, as a sample in the order of their times."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        """Keep at most this many questions of all encoders together."""
        self._most_rows = most_rows
        self._kept_of = 1
        self._all = _Rows(0)
        self._spaces: dict[str, _Rows] = {}
        self._first_s: float | None = None
        self._bursts: dict[Kind, float] = dict.fromkeys(_KINDS, _LEAST_BURSTINESS)
        self._estimated_s = -math.inf

    @property
    def burstiness(self) -> dict[Kind, float]:
        """The variance of a topic's rate around its mean, in units of the mean squared."""
        return dict(self._bursts)

    def add(self, question: QuestionEvent, article: str | None, asker: str | None) -> None:
        """Count a question; it becomes usual two hours later.

        Args:
            question: one without a vector counts towards the volume and its article.
            article: what it was answered with; None where it was not.
            asker: who asked, as far as that is known.
        """
        at_s = question.asked_at.timestamp()
        self._first_s = at_s if self._first_s is None else min(self._first_s, at_s)
        mark = zlib.crc32(question.query_id.encode())
        row = at_s, _code(article), _code(asker), mark
        self._all.append(_NO_VECTOR, *row)
        if len(self._all) % _FORGET_EVERY == 0:
            self._all.keep(self._all.times > at_s - WEEKS * _WEEK_S)
        if question.vector is None or question.encoder is None or mark % self._kept_of != 0:
            return
        rows = self._spaces.get(question.encoder)
        if rows is None:
            rows = self._spaces[question.encoder] = _Rows(question.vector.shape[0])
        rows.append(question.vector, *row)
        if sum(map(len, self._spaces.values())) > self._most_rows:
            self._shrink(at_s)

    def like(
        self, vector: Vector, encoder: str, at: datetime, similarities: Sequence[float]
    ) -> list[Usual]:
        """Return what is usual for the topic around a vector, for each least similarity."""
        at_s = at.timestamp()
        rows = self._spaces.get(encoder)
        if rows is None:
            return [self._usual(_NO_TIMES, _NO_TIMES > 0, at_s, "like")] * len(similarities)
        past = _past(rows, at_s)
        found = rows.vectors[past] @ vector
        times = rows.times[past]
        return [self._usual(times, found >= least, at_s, "like") for least in similarities]

    def of_article(self, article: str, at: datetime) -> Usual:
        """Return what is usual for the questions that one article answers, in every language."""
        at_s = at.timestamp()
        past = _past(self._all, at_s)
        is_like = self._all.articles[past] == _code(article)
        return self._usual(self._all.times[past], is_like, at_s, "article")

    def a_month(self, at: datetime) -> float:
        """Return how many questions are asked in thirty days."""
        return self._mean_volume(at.timestamp()) * 30 * 24 * _HOUR_S

    def estimate_burstiness(self, at: datetime, similarity: float) -> None:
        """Measure, once a day at most, how much topics come in bursts by themselves.

        For questions spread evenly over the sample: how many others asked a like one within
        half an hour, against how many the topic's share would have. With a rate that varies
        from hour to hour as a gamma distribution of mean 1 and variance v, and an hour in
        which somebody has asked already, the count is negative binomial with shape 1/v + 1
        and mean (1 + v) m, for m expected; v is the value at which the counts add up to what
        was seen. Each count is cut off at 1 + 2 m, in the sum and in its expectation, so that
        a malfunction of the past weeks hardly moves it.
        """
        at_s = at.timestamp()
        if at_s - self._estimated_s < 24 * _HOUR_S:
            return
        self._estimated_s = at_s
        like: list[tuple[int, float]] = []
        for rows in self._spaces.values():
            past = _past(rows, at_s)
            seeds = _spread(past.stop - past.start)
            vectors = rows.vectors[past]
            like += _neighbours(rows, past, seeds, vectors[seeds] @ vectors.T >= similarity)
        past = _past(self._all, at_s)
        articles = self._all.articles[past]
        seeds = _spread(len(articles))
        seeds = seeds[articles[seeds] != 0]
        alike = _neighbours(self._all, past, seeds, articles[seeds][:, None] == articles[None, :])
        self._bursts = {"like": _solve_burstiness(like), "article": _solve_burstiness(alike)}

    def _usual(self, times: Times, is_like: NDArray[np.bool_], at_s: float, kind: Kind) -> Usual:
        """Return the rate of the questions that are marked, as it is at this hour of the week."""
        count = _PRIOR_COUNT + int(is_like.sum())
        share = count / (_PRIOR_VOLUME + len(times))
        rhythm, shape = 0.0, 0.0
        for half_s in _HALF_SLOTS_S:
            slots = _slots(times, at_s, half_s)
            slot_all = sum(slot.stop - slot.start for slot in slots)
            slot_like = sum(int(is_like[slot].sum()) for slot in slots)
            factor = (_RHYTHM_SHAPE + slot_like) / (_RHYTHM_SHAPE + share * slot_all)
            # The squared variations of independent factors multiply like this.
            spread = (1 + 1 / count) * (1 + 1 / (_RHYTHM_SHAPE + slot_like))
            if factor > rhythm:
                rhythm, shape = factor, 1 / (spread * (1 + self._bursts[kind]) - 1)
        part = len(times) * (self._kept_of if kind == "like" else 1)
        past = _past(self._all, at_s)
        volume_per_s = self._slot_volume(at_s) * min(1.0, part / max(1, past.stop - past.start))
        return Usual(min(1.0, share * rhythm), shape, volume_per_s)

    def _mean_volume(self, at_s: float) -> float:
        """Return the mean of questions a second over the last weeks."""
        past = self._all.between(at_s - WEEKS * _WEEK_S, at_s)
        first_s = at_s if self._first_s is None else self._first_s
        span_s = min(max(at_s - first_s, _HOUR_S), WEEKS * _WEEK_S)
        return float((past.stop - past.start) / span_s)

    def _slot_volume(self, at_s: float) -> float:
        """Return the questions a second at this hour of the week; the mean counts as one week."""
        slot, seen_s = 0, 0.0
        first_s = at_s if self._first_s is None else self._first_s
        for week in range(1, WEEKS + 1):
            middle = at_s - week * _WEEK_S
            if middle - _HALF_SLOT_S >= first_s:
                found = self._all.between(middle - _HALF_SLOT_S, middle + _HALF_SLOT_S)
                slot += found.stop - found.start
                seen_s += 2 * _HALF_SLOT_S
        mean = self._mean_volume(at_s) * 2 * _HALF_SLOT_S
        return (slot + mean) / (seen_s + 2 * _HALF_SLOT_S)

    def _shrink(self, at_s: float) -> None:
        """Forget what is too old; where that is not enough, keep every second question."""
        for rows in self._spaces.values():
            rows.keep(rows.times > at_s - WEEKS * _WEEK_S)
        while sum(map(len, self._spaces.values())) > 0.9 * self._most_rows:
            self._kept_of *= 2
            for rows in self._spaces.values():
                rows.keep(rows.hashes % self._kept_of == 0)


class _Rows:
    """Rows of one encoder in growing arrays; old ones stay until `keep`."""

    def __init__(self, dim: int) -> None:
        self._count = 0
        self._vectors = np.empty((256, dim), np.float32)
        self._times = np.empty(256, np.float64)
        self._articles = np.empty(256, np.uint32)
        self._people = np.empty(256, np.uint32)
        self._hashes = np.empty(256, np.uint32)

    def __len__(self) -> int:
        return self._count

    @property
    def vectors(self) -> Vector:
        return self._vectors[: self._count]

    @property
    def times(self) -> NDArray[np.float64]:
        return self._times[: self._count]

    @property
    def articles(self) -> NDArray[np.uint32]:
        return self._articles[: self._count]

    @property
    def people(self) -> NDArray[np.uint32]:
        return self._people[: self._count]

    @property
    def hashes(self) -> NDArray[np.uint32]:
        return self._hashes[: self._count]

    def append(self, vector: Vector, at_s: float, article: int, person: int, mark: int) -> None:
        if self._count == len(self._times):
            self._resize(2 * self._count)
        row = self._count
        self._vectors[row] = vector
        self._times[row], self._articles[row] = at_s, article
        self._people[row], self._hashes[row] = person, mark
        self._count += 1

    def between(self, since_s: float, until_s: float) -> slice:
        """Return the rows from one time on and before another."""
        first, stop = np.searchsorted(self.times, (since_s, until_s))
        return slice(int(first), max(int(first), int(stop)))

    def keep(self, is_kept: NDArray[np.bool_]) -> None:
        kept = int(is_kept.sum())
        for name in ("_vectors", "_times", "_articles", "_people", "_hashes"):
            values = getattr(self, name)
            values[:kept] = values[: self._count][is_kept]
        self._count = kept

    def _resize(self, size: int) -> None:
        for name in ("_vectors", "_times", "_articles", "_people", "_hashes"):
            old = getattr(self, name)
            grown = np.empty((size, *old.shape[1:]), old.dtype)
            grown[: self._count] = old[: self._count]
            setattr(self, name, grown)


def _code(name: str | None) -> int:
    """Return a number that stands for a name; 0 for none."""
    return 0 if name is None else zlib.crc32(name.encode()) or 1


def _past(rows: _Rows, at_s: float) -> slice:
    """Return the rows that are usual by now."""
    return rows.between(at_s - WEEKS * _WEEK_S, at_s - _NOT_YET_S)


def _slots(times: Times, at_s: float, half_s: float) -> list[slice]:
    """Return the rows of this hour of the week, in each of the weeks before; times ascend."""
    middles = at_s - _WEEK_S * np.arange(WEEKS, -1, -1)
    first = np.searchsorted(times, middles - half_s, "left")
    stop = np.searchsorted(times, middles + half_s, "right")
    return [slice(int(one), int(end)) for one, end in zip(first, stop, strict=True)]


def _spread(count: int) -> NDArray[np.intp]:
    """Return places that are spread evenly over a number of rows."""
    return np.unique(np.linspace(0, count - 1, min(count, _BURST_SEEDS)).astype(np.intp))


def _neighbours(
    rows: _Rows, past: slice, seeds: NDArray[np.intp], like: NDArray[np.bool_]
) -> list[tuple[int, float]]:
    """Return, for each seed, how many others asked a like one near it, and how many should."""
    times, people = rows.times[past], rows.people[past]
    found = []
    for row, is_like in zip(seeds, like, strict=True):
        first, stop = np.searchsorted(
            times, (times[row] - _BURST_HALF_S, times[row] + _BURST_HALF_S)
        )
        is_other = people[first:stop] != people[row]
        near = int(is_like[first:stop][is_other].sum())
        far = int(is_like.sum()) - int(is_like[first:stop].sum())
        share = (far + 0.5) / max(1, len(times) - int(stop - first))
        found.append((near, int(is_other.sum()) * share))
    return found


def _solve_burstiness(found: list[tuple[int, float]]) -> float:
    """Return the variance at which cut-off counts add up to what was seen."""
    if not found:
        return _LEAST_BURSTINESS
    counts, means = np.array(found).T
    most = 1 + np.ceil(2 * means)
    seen = float(np.minimum(counts, most).sum())
    low, high = _LEAST_BURSTINESS, _MOST_BURSTINESS
    # Where topics seldom meet, nothing can be told from it.
    if seen <= _cut_off_sum(means, most, low):
        return low
    if seen >= _cut_off_sum(means, most, high):
        return high
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if seen > _cut_off_sum(means, most, middle) else (low, middle)
    return (low + high) / 2


def _cut_off_sum(means: NDArray[np.float64], most: NDArray[np.float64], variance: float) -> float:
    """Return the sum of expected counts, each cut off: of P(count >= k) for k up to `most`."""
    shape = 1 / variance + 1
    mean = means * (1 + variance)
    share = mean / (shape + mean)
    term = (1 - share) ** shape
    above, total = 1 - term, 0.0
    for k in range(1, int(most.max()) + 1):
        total += float(above[most >= k].sum())
        term = term * (k - 1 + shape) / k * share
        above = above - term
    return total
