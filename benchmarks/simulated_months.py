"""Months of questions that nobody asked, with malfunctions planted in them.

Topics are this library's own questions, in other wordings, encoded by the real encoder. They
come in the rhythm of three regions' working days and weeks, on top of it in bursts of their
own: each article's rate varies from hour to hour (gamma, variance 0.3), a tenth of the
articles have a rush of their own in one hour of the week, and one question in twenty is asked
again by the same person. The faults are those of `faults.txt`; none stands in the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.corpus import read_corpus
from search_api.events.event import QuestionEvent

Encode = Callable[[list[str]], NDArray[np.float32]]

FAULTS = Path(__file__).with_name("faults.txt")
START = datetime(2026, 3, 2, tzinfo=UTC)
HISTORY_DAYS, MONTH_DAYS = 28, 30
_WORDINGS = 3
_ENGLISH_SHARE = 0.9
_ANSWERED = 0.85
_PEOPLE = 400
_REPEATED = 0.05
_BURST_VARIANCE = 0.3
_RUSH = 8.0
_NOISE = 0.2
# Working hours of three regions in UTC, as in sop/platform.yml.
_SHIFTS = ((0, 9), (8, 17), (16, 25))
_WEEKEND = 0.3
_BEFORE = ("", "", "", "hi, ", "user says: ", "again: ", "urgent - ", "question: ")
_AFTER = ("", "", "", " please", " - what now", " ?", " since today", " thanks")


@dataclass(frozen=True)
class Library:
    """What people ask about, encoded.

    Attributes:
        articles: by article, the rows of its wordings in `vectors`.
        texts: of the rows.
        faults: by fault, its wordings and their vectors.
    """

    articles: dict[str, NDArray[np.int64]]
    texts: list[str]
    vectors: NDArray[np.float32]
    faults: dict[str, tuple[list[str], NDArray[np.float32]]]


@dataclass(frozen=True)
class Planted:
    """A malfunction that was planted: its first question's time and its questions' ids."""

    fault: str
    at: datetime
    ids: frozenset[str]


@dataclass(frozen=True)
class Month:
    """Questions in order; the first four weeks hold no malfunction."""

    questions: list[QuestionEvent]
    planted: list[Planted]
    starts: datetime


def read_faults(path: Path = FAULTS) -> dict[str, list[str]]:
    """Return the wordings of each fault by its name."""
    faults: dict[str, list[str]] = {}
    wordings: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if name := re.fullmatch(r"\[(.+)\]", line):
            wordings = faults.setdefault(name[1], [])
        elif line and not line.startswith("#"):
            wordings.append(line)
    return faults


def read_library(sop: Path, encode: Encode, most_a_article: int = 30) -> Library:
    """Return the articles' own questions in several wordings, and the faults, encoded."""
    random = np.random.default_rng(7)
    texts: list[str] = []
    articles: dict[str, NDArray[np.int64]] = {}
    for article in read_corpus(sop).articles:
        english = [one for one in article.front_matter.questions if one.isascii()]
        others = [one for one in article.front_matter.questions if not one.isascii()]
        kept = english[:most_a_article] + others[: int(most_a_article * (1 - _ENGLISH_SHARE))]
        first = len(texts)
        texts += [_reworded(one, random) for one in kept for _ in range(_WORDINGS)]
        articles[article.id] = np.arange(first, len(texts))
    faults = read_faults()
    named = {name: (wordings, encode(wordings)) for name, wordings in faults.items()}
    return Library(articles, texts, encode(texts), named)


def simulate(
    library: Library,
    seed: int,
    a_day: float,
    faults: int,
    days: int = MONTH_DAYS,
    history_days: int = HISTORY_DAYS,
) -> Month:
    """Return some weeks of history, and then a month with that many planted malfunctions.

    A third of them come in the quietest hours, a third in the busiest, a third at any time. Every
    fourth is about an article's own topic where at most one question in 15 minutes is usual.
    """
    random = np.random.default_rng(seed)
    starts = START + timedelta(days=history_days)
    asked = list(_background(library, random, a_day, history_days + days))
    planted = []
    for number, at in enumerate(_moments(random, starts, days, faults)):
        fault, more = _plant(library, random, number, at)
        planted.append(Planted(fault, at, frozenset(one.query_id for one in more)))
        asked += more
    return Month(sorted(asked, key=lambda one: one.asked_at), planted, starts)


def hourly_shape() -> NDArray[np.float64]:
    """Return the share of a week's questions in each of its hours, from Monday midnight on."""
    shape = np.full(168, 0.15)
    for day in range(7):
        weight = 1.0 if day < 5 else _WEEKEND
        for first, last in _SHIFTS:
            for hour in range(first, last):
                middle = 1 - abs(hour + 0.5 - (first + last) / 2) / (last - first)
                shape[(day * 24 + hour) % 168] += weight * middle * (1.4 if day == 0 else 1.0)
    return shape / shape.sum()


def _background(
    library: Library, random: np.random.Generator, a_day: float, days: int
) -> Iterator[QuestionEvent]:
    shape, names = hourly_shape(), sorted(library.articles)
    weights = 1 / np.arange(3, len(names) + 3) ** 0.9
    weights = random.permutation(weights / weights.sum())
    rushes = {int(one): int(random.integers(168)) for one in random.permutation(len(names))[::10]}
    for hour in range(days * 24):
        volume = a_day * 7 * shape[hour % 168]
        bursts = random.gamma(1 / _BURST_VARIANCE, _BURST_VARIANCE, len(names))
        for number, name in enumerate(names):
            rush = _RUSH if rushes.get(number) == hour % 168 else 1.0
            count = random.poisson(volume * weights[number] * bursts[number] * rush)
            for _ in range(count):
                at = START + timedelta(hours=hour + float(random.random()))
                row = int(random.choice(library.articles[name]))
                answered = random.random() < _ANSWERED
                one = _question(
                    random, at, library.texts[row], library.vectors[row], name if answered else None
                )
                yield one
                if random.random() < _REPEATED:
                    later = at + timedelta(minutes=float(random.random()) * 10)
                    yield _question(
                        random, later, one.text, library.vectors[row], name, actor=one.actor
                    )


def _moments(
    random: np.random.Generator, starts: datetime, days: int, count: int
) -> list[datetime]:
    """Return times of a month of two weeks or more, at least ten hours apart."""
    order = np.argsort(hourly_shape())
    pools: Sequence[NDArray[np.int64]] = (order[:40], order[-40:], order)
    found: list[datetime] = []
    while len(found) < count:
        pool = pools[len(found) % 3]
        hour = int(random.choice(pool)) + 168 * int(random.integers(0, days // 7 + 1))
        at = START + timedelta(hours=hour + float(random.random()))
        at += timedelta(days=((starts - START).days // 7) * 7)
        is_in = starts <= at < starts + timedelta(days=days, hours=-3)
        if is_in and all(abs(at - other) > timedelta(hours=10) for other in found):
            found.append(at)
    return found


def _plant(
    library: Library, random: np.random.Generator, number: int, at: datetime
) -> tuple[str, list[QuestionEvent]]:
    is_known = number % 4 == 3
    if is_known:
        name = str(random.choice(_quiet_articles(library)))
        rows = library.articles[name]
        texts, vectors = [library.texts[row] for row in rows], library.vectors[rows]
    else:
        name = str(random.choice(sorted(library.faults)))
        texts, vectors = library.faults[name]
    count = int(random.choice((12, 12, 15, 20, 40)))
    minutes = [0.0, *sorted(float(one) for one in random.uniform(0, 15, count - 1))]
    if random.random() < 0.5:
        # It goes on for an hour, more slowly.
        minutes += sorted(float(one) for one in random.uniform(15, 75, count))
    # Every wording once before any comes again.
    order = np.concatenate([random.permutation(len(texts)) for _ in range(1 + 80 // len(texts))])
    nearest = _nearest_article(library, vectors) if random.random() < 0.3 else None
    asked = []
    for row, minute in zip(order, minutes, strict=False):
        article = name if is_known else (nearest if random.random() < 0.5 else None)
        when = at + timedelta(minutes=minute)
        asked.append(_question(random, when, texts[row], vectors[row], article))
    return f"{name} ({count})", asked


def _quiet_articles(library: Library) -> list[str]:
    """Return the articles with enough wordings for a malfunction."""
    return [name for name, rows in sorted(library.articles.items()) if len(rows) >= 12 * _WORDINGS]


def _nearest_article(library: Library, vectors: NDArray[np.float32]) -> str:
    row = int(np.argmax((library.vectors @ vectors.T).sum(axis=1)))
    return next(name for name, rows in library.articles.items() if row in rows)


def _question(
    random: np.random.Generator,
    at: datetime,
    text: str,
    vector: NDArray[np.float32],
    article: str | None,
    actor: str | None = None,
) -> QuestionEvent:
    """Return a question whose vector is a little beside that of its text."""
    noise = random.standard_normal(len(vector)).astype(np.float32)
    beside = vector + np.float32(_NOISE) * noise / np.float32(np.linalg.norm(noise))
    confidence = 0.7 if article else 0.1
    return QuestionEvent(
        query_id=random.bytes(16).hex(),
        asked_at=at,
        text=text,
        language="en",
        channel="ticket",
        reference=None,
        actor=actor or f"{int(random.integers(_PEOPLE)):032x}",
        decision="suggest" if article else "abstain",
        suggestions=[{"id": article or "none", "score": 1.0, "confidence": confidence}],
        index_version="simulated",
        took_ms=1.0,
        confidence=confidence,
        threshold=0.3,
        shown=1 if article else 0,
        vector=beside / np.float32(np.linalg.norm(beside)),
        encoder="simulated",
    )


def _reworded(text: str, random: np.random.Generator) -> str:
    """Return a question as somebody else may type it: a word less, a slip, a few more words."""
    words = text.split()
    if len(words) > 4 and random.random() < 0.5:
        del words[int(random.integers(len(words)))]
    if random.random() < 0.3:
        at = int(random.integers(len(words)))
        word = words[at]
        if len(word) > 4:
            cut = int(random.integers(1, len(word) - 1))
            words[at] = word[:cut] + word[cut + 1 :]
    before, after = random.choice(_BEFORE), random.choice(_AFTER)
    return f"{before}{' '.join(words)}{after}"
