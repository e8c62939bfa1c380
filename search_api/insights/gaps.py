"""What people ask and the articles do not answer, as a list for writers.

Questions that went badly are put into groups by their vectors; each group says what it is
about, what it asks of a writer, how often and by how many it was asked. Pure functions over
events of the log: nothing is kept from one run to the next, and no HTTP or database is here.

A group is named by one of its questions, the one whose hash is the lowest. A day's questions
more or fewer seldom change which one that is, and every question's own name finds the group
that it is in now.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from indexer.errors import SopError
from indexer.language import DEFAULT_LANGUAGE
from indexer.question import plain_question
from indexer.redaction.redactor import STANDARD, Redactor
from search_api.events.event import QuestionEvent
from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.clustering import (
    Vectors,
    cluster,
    enough_similarity,
    usual_similarity,
)
from search_api.insights.gap_kinds import Kind, judge
from search_api.insights.gap_words import Typed, Vocabulary
from search_api.insights.outcomes import SIGNALS, Outcome, Signal

MOST_EXAMPLES = 5
MOST_EXAMPLE_CHARS = 200
OTHERS = "others"
_MOST_NEAREST = 3
_ID_DIGITS = 8
_WEEK = timedelta(days=7)
_CODE = re.compile(r"\b[A-Za-z]{2,8}-?\d{3,6}\b")

Say = Callable[[str], None]


class UnknownGapError(SopError):
    """No gap has the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """An article that a gap's questions lead to, and the share of them that it is first for."""

    article: str
    share: float


@dataclass(frozen=True, slots=True)
class Space:
    """Where a gap's questions lie; only vectors of one encoder can be compared.

    Attributes:
        encoder: as in `QuestionEvent`.
        centre: the mean of the vectors; not of unit length.
        enough: a question is about the same when its cosine to them is this in the mean.
    """

    encoder: str
    centre: Vectors = field(compare=False, repr=False)
    enough: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions about one thing that went badly.

    Attributes:
        id: eight hexadecimal digits.
        label: the words that stand out in them; none of them is one person's.
        kind: what it asks for, see `gap_kinds.KINDS`.
        articles: the one to edit, or the two that compete; none to write.
        questions: how many.
        askers: how many different people asked; those whom nobody named count as one.
        first_asked: when the first of them was asked.
        last_asked: when the last one was.
        weeks: how many were asked in each week of the period, the oldest first.
        signals: in how many of them what went badly.
        languages: how many in which language; those of fewer than three askers are `OTHERS`.
        channels: the same for channels.
        nearest: the articles that are likeliest for most of them.
        space: where they lie.
        members: the questions, those nearest to the centre first. Not for showing.
    """

    id: str
    label: str
    kind: Kind
    articles: tuple[str, ...]
    questions: int
    askers: int
    first_asked: datetime
    last_asked: datetime
    weeks: tuple[int, ...]
    signals: dict[Signal, int]
    languages: dict[str, int]
    channels: dict[str, int]
    nearest: tuple[Nearest, ...]
    space: Space
    members: tuple[Outcome, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class GapList:
    """The gaps of a period.

    Attributes:
        since: its start.
        until: its end, which does not belong to it.
        gaps: those of three askers or more, the one with the most questions first.
        asked: how many questions the log has of the period.
        went_badly: how many of them went badly.
        smaller: how many of these are in groups of fewer than three askers.
        without_vector: how many cannot be compared, since the log keeps no vector of them.
        without_asker: how many name nobody; all of them count as one person.
    """

    since: datetime
    until: datetime
    gaps: tuple[Gap, ...]
    asked: int
    went_badly: int
    smaller: int
    without_vector: int
    without_asker: int

    def find(self, gap_id: str) -> Gap:
        """Return the gap with an id, also with one that it had on another day.

        Raises:
            UnknownGapError: there is none.
        """
        wanted = gap_id.strip().lower()
        for gap in self.gaps:
            if gap.id == wanted:
                return gap
        for gap in self.gaps:
            if any(_Name.of(one.question).id == wanted for one in gap.members):
                return gap
        raise UnknownGapError(
            f"no gap since {self.since:%Y-%m-%d} has the id {gap_id!r}; see sop gaps, or look "
            "further back with --days"
        )


def find_gaps(
    outcomes: Sequence[Outcome],
    since: datetime,
    until: datetime,
    say: Say | None = None,
) -> GapList:
    """Return what people asked and the articles did not answer.

    Questions of different encoders cannot be compared, so what is asked in two languages, or
    before and after a change of the model, may be two gaps.

    Args:
        outcomes: of the period's questions, with their vectors; see `read_outcomes`.
        since: the period's start.
        until: its end.
        say: told what takes a while.
    """
    bad = [one for one in outcomes if one.signals]
    spaces: dict[str, list[Outcome]] = {}
    for one in bad:
        if one.question.vector is not None and one.question.encoder is not None:
            spaces.setdefault(one.question.encoder, []).append(one)
    vocabulary = Vocabulary(_typed(one) for one in bad)
    gaps: list[Gap] = []
    smaller = 0
    for encoder in sorted(spaces):
        if say is not None:
            say(f"comparing {len(spaces[encoder]):,} of {len(outcomes):,} questions")
        enough = enough_in(encoder, outcomes)
        for group in _groups(spaces[encoder], enough):
            if count_askers(group) < FEWEST_ASKERS:
                smaller += len(group)
            else:
                gaps.append(_gap(group, encoder, enough, vocabulary, since, until))
    return GapList(
        since=since,
        until=until,
        gaps=tuple(sorted(gaps, key=lambda gap: (-gap.questions, gap.id))),
        asked=len(outcomes),
        went_badly=len(bad),
        smaller=smaller,
        without_vector=len(bad) - sum(map(len, spaces.values())),
        without_asker=sum(one.question.actor is None for one in bad),
    )


def enough_in(encoder: str, outcomes: Iterable[Outcome]) -> float:
    """Return from which mean cosine on an encoder's questions are about the same."""
    vectors = (
        one.question.vector
        for one in outcomes
        if one.question.vector is not None and one.question.encoder == encoder
    )
    return enough_similarity(usual_similarity(vectors))


def count_askers(outcomes: Iterable[Outcome]) -> int:
    """Return how many different people asked; those whom nobody named count as one."""
    return len({one.question.actor for one in outcomes})


def examples(gap: Gap, most: int = MOST_EXAMPLES) -> list[QuestionEvent]:
    """Return questions of a gap, those nearest to its centre first, each by another asker.

    No two are the same but for capitals and marks.
    """
    chosen: list[QuestionEvent] = []
    askers: set[str | None] = set()
    texts: set[str] = set()
    for one in gap.members:
        text = plain_question(one.question.text)
        if one.question.actor not in askers and text not in texts:
            askers.add(one.question.actor)
            texts.add(text)
            chosen.append(one.question)
        if len(chosen) == most:
            break
    return chosen


def shown_text(question: QuestionEvent, redactor: Redactor = STANDARD) -> str:
    """Return a question's text on one line, redacted once more, since rules may have come."""
    text = " ".join(redactor.redact(question.text).split())
    if len(text) <= MOST_EXAMPLE_CHARS:
        return text
    return f"{text[: MOST_EXAMPLE_CHARS - 1].rstrip()}…"


@dataclass(frozen=True, slots=True, order=True)
class _Name:
    """By what a question may name its group: equal texts are one, whoever asked when.

    Attributes:
        rank: the lowest of a group names it; any number, the same every day.
        id: eight hexadecimal digits that tell nothing of the rank.
    """

    rank: bytes
    id: str

    @classmethod
    def of(cls, question: QuestionEvent) -> _Name:
        named = f"{question.encoder}\n{plain_question(question.text)}"
        digest = hashlib.sha256(named.encode()).digest()
        return cls(digest[_ID_DIGITS:], digest.hex()[:_ID_DIGITS])


def _groups(outcomes: Sequence[Outcome], enough: float) -> list[list[Outcome]]:
    """Return questions of one encoder in groups; whoever names its group is its first."""
    names = {id(one): _Name.of(one.question) for one in outcomes}
    ordered = sorted(outcomes, key=lambda one: (names[id(one)], one.question.query_id))
    found: dict[int, list[Outcome]] = {}
    for one, place in zip(ordered, cluster(_vectors(ordered), enough).tolist(), strict=True):
        found.setdefault(place, []).append(one)
    return [part for group in found.values() for part in _by_code(group)]


def _by_code(group: Sequence[Outcome]) -> list[list[Outcome]]:
    """Return a group in one part for each code, where most of its questions name one.

    To an encoder `GH-1031` and `GH-1061` are nearly the same. Questions without a code go
    with the code that most of the others have.
    """
    codes = [tuple(sorted({*map(str.lower, _CODE.findall(one.question.text))})) for one in group]
    counts = Counter(code for code in codes if code)
    if counts.total() * 2 < len(group):
        return [list(group)]
    usual = min(counts, key=lambda code: (-counts[code], code))
    parts: dict[tuple[str, ...], list[Outcome]] = {}
    for one, code in zip(group, codes, strict=True):
        parts.setdefault(code or usual, []).append(one)
    return list(parts.values())


def _gap(
    group: Sequence[Outcome],
    encoder: str,
    enough: float,
    vocabulary: Vocabulary,
    since: datetime,
    until: datetime,
) -> Gap:
    vectors = _vectors(group)
    centre: Vectors = vectors.mean(axis=0)
    nearness = (vectors @ centre).tolist()
    places = sorted(
        range(len(group)), key=lambda i: (-round(nearness[i], 5), group[i].question.query_id)
    )
    members = tuple(group[place] for place in places)
    asked = [one.question for one in group]
    verdict = judge(group)
    signals = Counter(signal for one in group for signal in one.signals)
    return Gap(
        id=_Name.of(asked[0]).id,
        label=vocabulary.label([_typed(one) for one in members], FEWEST_ASKERS),
        kind=verdict.kind,
        articles=verdict.articles,
        questions=len(group),
        askers=count_askers(group),
        first_asked=min(one.asked_at for one in asked),
        last_asked=max(one.asked_at for one in asked),
        weeks=by_week((one.asked_at for one in asked), since, until),
        signals={signal: signals[signal] for signal in SIGNALS if signals[signal]},
        languages=_shares(asked, lambda one: one.language),
        channels=_shares(asked, lambda one: one.channel),
        nearest=_nearest(group),
        space=Space(encoder, centre, enough),
        members=members,
    )


def by_week(times: Iterable[datetime], since: datetime, until: datetime) -> tuple[int, ...]:
    """Return how many times fall into each week before `until`, the oldest first.

    The first week is shorter where the period is no whole number of weeks.
    """
    weeks = max(1, -((since - until) // _WEEK))
    # A week has its first moment, as the period has, and not its last.
    counts = Counter((until - time - timedelta.resolution) // _WEEK for time in times)
    return tuple(counts[week] for week in reversed(range(weeks)))


def _shares(
    asked: Sequence[QuestionEvent], of: Callable[[QuestionEvent], str | None]
) -> dict[str, int]:
    """Return how many questions have which value; values of too few askers are one."""
    counts: Counter[str] = Counter()
    askers: dict[str, set[str | None]] = {}
    for one in asked:
        value = of(one) or "unknown"
        counts[value] += 1
        askers.setdefault(value, set()).add(one.actor)
    shown = {value: n for value, n in counts.items() if len(askers[value]) >= FEWEST_ASKERS}
    ordered = dict(sorted(shown.items(), key=lambda pair: (-pair[1], pair[0])))
    rest = counts.total() - sum(shown.values())
    return ordered | ({OTHERS: rest} if rest else {})


def _nearest(group: Sequence[Outcome]) -> tuple[Nearest, ...]:
    tops = Counter(one.top for one in group if one.top is not None)
    ordered = sorted(tops, key=lambda article: (-tops[article], article))
    return tuple(
        Nearest(article, round(tops[article] / len(group), 2))
        for article in ordered[:_MOST_NEAREST]
    )


def _vectors(outcomes: Sequence[Outcome]) -> Vectors:
    return np.stack([one.question.vector for one in outcomes if one.question.vector is not None])


def _typed(outcome: Outcome) -> Typed:
    asked = outcome.question
    return Typed(asked.text, asked.language or DEFAULT_LANGUAGE, asked.actor)
