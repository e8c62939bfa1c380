"""What is usual: how often a topic is asked about at this hour of the week.

Takes questions as they come; gives, for a question or an article, the rate at which others
like it are expected. It keeps times, vectors and first articles, and no text: of the last
four weeks a sample of at most 20,000 questions, 31 MB at 384 dimensions, however many were
asked. Which ones are in it is decided by a hash of their ids, so that a service that was
restarted samples as one that was not.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from search_api.events.event import QuestionEvent

WEEKS = 4
MOST_ROWS = 20_000
_HOUR_S = 3_600
_WEEK_S = 7 * 24 * _HOUR_S
# What is rising now must not count as usual.
_NOT_YET_S = 2 * _HOUR_S
# An hour to each side: a topic's rhythm is not as sharp as the clock, and summer time shifts it.
_HALF_SLOT_S = _HOUR_S
# A topic that was never seen has this prior: one question in twenty, as uncertain as can be.
_PRIOR_COUNT, _PRIOR_VOLUME = 1.0, 20.0
# How much a topic is believed to follow the overall rhythm, in questions of its own.
_RHYTHM_SHAPE = 4.0
_LEAST_BURSTINESS, _MOST_BURSTINESS = 0.05, 2.0
_BURST_SEEDS = 400
_BURST_HALF_S = _HOUR_S // 2

Vector = NDArray[np.float32]


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
        self._spaces: dict[str, _Rows] = {}
        self._first_s: float | None = None
        self._burstiness = _LEAST_BURSTINESS
        self._estimated_s = -math.inf

    @property
    def burstiness(self) -> float:
        """The variance of a topic's hourly rate around its mean, in units of the mean squared."""
        return self._burstiness

    def add(self, question: QuestionEvent, article: str | None, asker: str | None) -> None:
        """Count a question; it becomes usual two hours later.

        Args:
            question: with its vector; one without is passed over.
            article: what it was answered with; None where it was not.
            asker: who asked, as far as that is known.
        """
        if question.vector is None or question.encoder is None:
            return
        at_s = question.asked_at.timestamp()
        self._first_s = at_s if self._first_s is None else min(self._first_s, at_s)
        if not _is_sampled(question.query_id, self._kept_of):
            return
        rows = self._spaces.get(question.encoder)
        if rows is None:
            rows = self._spaces[question.encoder] = _Rows(question.vector.shape[0])
        mark = zlib.crc32(question.query_id.encode())
        rows.append(question.vector, at_s, _code(article), _code(asker), mark)
        if sum(map(len, self._spaces.values())) > self._most_rows:
            self._shrink(at_s)

    def like(
        self, vector: Vector, encoder: str, at: datetime, similarities: Sequence[float]
    ) -> list[Usual]:
        """Return what is usual for the topic around a vector, for each least similarity."""
        at_s = at.timestamp()
        rows = self._spaces.get(encoder)
        if rows is None:
            return [self._usual([], at_s) for _ in similarities]
        past = rows.between(at_s - WEEKS * _WEEK_S, at_s - _NOT_YET_S)
        found = rows.vectors[past] @ vector
        times = rows.times[past]
        return [self._usual([(times, found >= least)], at_s) for least in similarities]

    def of_article(self, article: str, at: datetime) -> Usual:
        """Return what is usual for the questions that one article answers, in every language."""
        at_s = at.timestamp()
        code = _code(article)
        parts = []
        for rows in self._spaces.values():
            past = rows.between(at_s - WEEKS * _WEEK_S, at_s - _NOT_YET_S)
            parts.append((rows.times[past], rows.articles[past] == code))
        return self._usual(parts, at_s)

    def a_month(self, at: datetime) -> float:
        """Return how many questions are asked in thirty days."""
        at_s = at.timestamp()
        spans = [rows.between(at_s - WEEKS * _WEEK_S, at_s) for rows in self._spaces.values()]
        return self._volume(sum(span.stop - span.start for span in spans), at_s) * 30 * 24 * _HOUR_S

    def estimate_burstiness(self, at: datetime, similarity: float) -> None:
        """Measure, once a day at most, how much topics come in bursts by themselves.

        For questions spread evenly over the sample: how often somebody else asked a like one
        within half an hour, against how often the topic's share would have it. With a rate
        that varies as a gamma distribution of mean 1 and variance v from hour to hour, and an
        hour in which somebody has asked already, that is 1 - (1 + v m)^-(1/v + 1) for m
        expected; v is the value at which these add up to what was seen. Whether there was one
        or twenty counts the same, so a malfunction of the past weeks hardly moves it.
        """
        at_s = at.timestamp()
        if at_s - self._estimated_s < 24 * _HOUR_S:
            return
        self._estimated_s = at_s
        seen, means = 0, []
        for rows in self._spaces.values():
            past = rows.between(at_s - WEEKS * _WEEK_S, at_s - _NOT_YET_S)
            for is_there, mean in _neighbours(rows, past, similarity):
                seen += is_there
                means.append(mean)
        self._burstiness = _solve_burstiness(seen, np.asarray(means))

    def _usual(self, parts: list[tuple[NDArray[np.float64], NDArray[np.bool_]]], at_s: float) -> Usual:
        total = like = slot_total = slot_like = 0
        for times, is_like in parts:
            in_slot = np.abs((times - at_s + _WEEK_S / 2) % _WEEK_S - _WEEK_S / 2) <= _HALF_SLOT_S
            total += len(times)
            like += int(is_like.sum())
            slot_total += int(in_slot.sum())
            slot_like += int((is_like & in_slot).sum())
        count = _PRIOR_COUNT + like
        share = count / (_PRIOR_VOLUME + total)
        rhythm = (_RHYTHM_SHAPE + slot_like) / (_RHYTHM_SHAPE + share * slot_total)
        # The squared variations of independent factors multiply like this.
        spread = (1 + 1 / count) * (1 + 1 / (_RHYTHM_SHAPE + slot_like)) * (1 + self._burstiness)
        return Usual(
            min(1.0, share * rhythm), 1 / (spread - 1), self._slot_volume(total, slot_total, at_s)
        )

    def _volume(self, rows: int, at_s: float) -> float:
        """Return the mean of questions a second, from a number of sampled rows."""
        first_s = at_s if self._first_s is None else self._first_s
        span_s = min(max(at_s - first_s, _HOUR_S), WEEKS * _WEEK_S)
        return rows * self._kept_of / span_s

    def _slot_volume(self, rows: int, slot_rows: int, at_s: float) -> float:
        """Return the questions a second at this hour of the week; the mean counts as one week."""
        first_s = at_s if self._first_s is None else self._first_s
        weeks = max(0, min(WEEKS, int((at_s - _HALF_SLOT_S - first_s) // _WEEK_S)))
        seen_s = weeks * 2 * _HALF_SLOT_S
        mean = self._volume(rows, at_s)
        slot = slot_rows * self._kept_of if weeks else 0
        return (slot + mean * 2 * _HALF_SLOT_S) / (seen_s + 2 * _HALF_SLOT_S)

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


def _is_sampled(query_id: str, kept_of: int) -> bool:
    return zlib.crc32(query_id.encode()) % kept_of == 0


def _neighbours(rows: _Rows, past: slice, similarity: float) -> Iterator[tuple[bool, float]]:
    """Give, for questions of the past: did somebody ask a like one, and how many should have."""
    times, vectors, people = rows.times[past], rows.vectors[past], rows.people[past]
    count = len(times)
    if count < 2:
        return
    seeds = np.unique(np.linspace(0, count - 1, min(count, _BURST_SEEDS)).astype(int))
    like = vectors[seeds] @ vectors.T >= similarity
    for row, is_like in zip(seeds, like, strict=True):
        first, stop = np.searchsorted(times, (times[row] - _BURST_HALF_S, times[row] + _BURST_HALF_S))
        is_other = people[first:stop] != people[row]
        near = int(is_other.sum())
        like_near = int((is_like[first:stop] & is_other).sum())
        far = int(is_like.sum()) - int(is_like[first:stop].sum())
        mean = near * (far + 0.5) / max(1, count - (stop - first))
        yield like_near > 0, mean


def _solve_burstiness(seen: int, means: NDArray[np.float64]) -> float:
    low, high = _LEAST_BURSTINESS, _MOST_BURSTINESS

    def missing(variance: float) -> float:
        there = 1 - (1 + variance * means) ** -(1 / variance + 1)
        return seen - float(there.sum())

    # Where topics seldom meet, nothing can be told from it.
    if len(means) == 0 or missing(low) <= 0:
        return low
    if missing(high) >= 0:
        return high
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > 0 else (low, middle)
    return (low + high) / 2
