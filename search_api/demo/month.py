"""A believable month of questions: what is asked, when, by whom; the same for the same seed.

Takes the articles of a snapshot, and gives questions that nobody has answered yet. What an
index makes of them, and what people then do, comes later, see `search_api.demo.outcomes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from indexer.errors import SopError
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.snapshot import SnapshotArticle
from search_api.demo.chance import dice, made_id
from search_api.demo.people import Crowd, Person, crowds
from search_api.demo.rhythm import REGIONS, Region, moments, period
from search_api.demo.stories import GAPS, MALFUNCTION, NOISE, Texts
from search_api.demo.wording import message, reworded, ticket
from search_api.schemas import SuggestRequest

Story = Literal["everyday", "known_issue", "gap", "malfunction", "noise"]

_GAP_SHARE, _NOISE_SHARE, _CHAT_SHARE, _AGAIN_SHARE = 0.045, 0.02, 0.35, 0.05
# How many notice the malfunction, for each question of an ordinary day, and who they are.
_MALFUNCTION_SHARE, _MALFUNCTION_REGIONS = 0.28, (0.2, 0.75, 0.05)
_MALFUNCTION_DAYS_BEFORE, _MALFUNCTION_FROM = 8, time(9, 40)
_MALFUNCTION_SPAN = timedelta(hours=2)
_MALFUNCTION_ZONE = ZoneInfo("Europe/Dublin")
# From when to when a known issue troubles people, in shares of the time; how many questions
# it then takes, and how many afterwards.
_ISSUE_FROM, _ISSUE_TO, _ISSUE_SHARE, _ISSUE_AFTER = 0.15, 0.60, 0.07, 0.002
_OFTEN = {"tip": 0.35, "policy": 0.7, "reference": 0.6, "process": 0.7, "known-issue": 0.5}
_AGAIN_AFTER_S = (60, 900)
_FIRST_TICKET = 204_118


@dataclass(frozen=True, slots=True)
class Topic:
    """What an article answers, as people ask it.

    Attributes:
        article: its id.
        type: its type; None where it states none.
        questions: its own, by language.
    """

    article: str
    type: str | None
    questions: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A question that will be asked.

    Attributes:
        query_id: its id in the log.
        at: when, in UTC.
        region: where whoever asks sits.
        person: the work name of whoever asks.
        request: as it reaches the service.
        story: what it is part of.
        topic: the id of the article that answers it, or what the gap is about; None for noise.
    """

    query_id: str
    at: datetime
    region: str
    person: str
    request: SuggestRequest
    story: Story
    topic: str | None


@dataclass(frozen=True, slots=True)
class Month:
    """Some days of questions, the first asked first.

    Attributes:
        start: the first moment, in UTC.
        end: the first moment behind them.
        known_issue: the id of the article that was needed often; None where there is none.
        issue_fixed: when it was fixed.
        malfunction: when it began.
    """

    questions: Sequence[Planned]
    start: datetime
    end: datetime
    known_issue: str | None
    issue_fixed: datetime
    malfunction: datetime


def topics_of(articles: Iterable[SnapshotArticle]) -> list[Topic]:
    """Return what articles answer; those without questions are left out.

    Raises:
        SopError: none has questions.
    """
    topics = []
    for article in articles:
        stated = article.front_matter
        by_language = defaultdict(list)
        for question in stated.questions:
            by_language[detect_language(question)].append(question)
        if by_language and stated.status == "active":
            topics.append(Topic(article.id, stated.type, dict(by_language)))
    if not topics:
        raise SopError("no article has questions, and a demonstration is made of them")
    return topics


def plan_month(topics: Sequence[Topic], seed: int, until: date, days: int, per_day: int) -> Month:
    """Return the questions of some days.

    Args:
        topics: at least one.
        seed: decides everything that is left to chance.
        until: the last day, in UTC.
        days: how many there are.
        per_day: how many questions a day has, on the mean of a week.
    """
    start, end = period(until, days)
    month = Month(
        questions=(),
        start=start,
        end=end,
        known_issue=_known_issue(topics, seed),
        issue_fixed=start + _ISSUE_TO * (end - start),
        malfunction=_malfunction_start(start, until),
    )
    writer = _Writer(topics, seed, month)
    asked = [
        *writer.everyday(moments(start, end, per_day, dice(seed, "moments"))),
        *writer.malfunction(round(per_day * _MALFUNCTION_SHARE)),
    ]
    asked.sort(key=lambda one: (one.at, one.query_id))
    return replace(month, questions=_numbered(asked))


class _Writer:
    """Writes the questions of one month."""

    def __init__(self, topics: Sequence[Topic], seed: int, month: Month) -> None:
        self._topics = {topic.article: topic for topic in topics}
        self._seed = seed
        self._month = month
        self._crowds = crowds(seed)
        chance = dice(seed, "topics")
        # A few topics take most of the questions, as everywhere.
        self._often = [
            _OFTEN.get(topic.type or "", 1.0) * chance.lognormvariate(0, 1.0) for topic in topics
        ]
        self._gaps = dict(zip(GAPS, (0.4, 0.25, 0.2, 0.15), strict=True))

    def everyday(self, times: Iterable[tuple[datetime, Region]]) -> Iterator[Planned]:
        """Give what is asked at some moments; now and then a person asks twice."""
        for number, (at, region) in enumerate(times):
            chance = dice(self._seed, "question", number)
            story, topic = self._subject(at, chance)
            person = _one_of(self._crowds[region.key], chance)
            one = self._planned(("question", number), at, region, person, story, topic, chance)
            yield one
            later = at + timedelta(seconds=chance.randint(*_AGAIN_AFTER_S))
            if chance.random() < _AGAIN_SHARE and later < self._month.end:
                again = self._planned(
                    ("again", number), later, region, person, story, topic, chance
                )
                # Who asked in a chat before may open the ticket now.
                yield _with_reference(again, one.request.reference or again.request.reference)

    def malfunction(self, count: int) -> Iterator[Planned]:
        """Give what people ask while something is broken: most within the first hour."""
        for number in range(count):
            chance = dice(self._seed, "malfunction", number)
            region = chance.choices(REGIONS, _MALFUNCTION_REGIONS)[0]
            person = _one_of(self._crowds[region.key], chance)
            at = self._month.malfunction + chance.betavariate(1.6, 2.6) * _MALFUNCTION_SPAN
            name = ("malfunction", number)
            at = at.replace(microsecond=0)
            yield self._planned(name, at, region, person, "malfunction", None, chance)

    def _subject(self, at: datetime, chance: Random) -> tuple[Story, str | None]:
        month = self._month
        begun = month.start + _ISSUE_FROM * (month.end - month.start)
        share = _ISSUE_SHARE if begun <= at < month.issue_fixed else _ISSUE_AFTER
        if month.known_issue is None:
            share = 0.0
        drawn = chance.random()
        if drawn < share:
            return "known_issue", month.known_issue
        if drawn < share + _GAP_SHARE:
            return "gap", chance.choices(list(self._gaps), list(self._gaps.values()))[0]
        if drawn < share + _GAP_SHARE + _NOISE_SHARE:
            return "noise", None
        return "everyday", chance.choices(list(self._topics), self._often)[0]

    def _planned(
        self,
        name: tuple[str, int],
        at: datetime,
        region: Region,
        person: Person,
        story: Story,
        topic: str | None,
        chance: Random,
    ) -> Planned:
        texts = self._texts(story, topic)
        wanted = person.language if chance.random() < 0.8 else DEFAULT_LANGUAGE
        language = wanted if wanted in texts else _first_language(texts)
        text = reworded(texts[language], language, chance)
        is_chat = chance.random() < _CHAT_SHARE
        words = (
            message(text, language, chance)
            if is_chat
            else ticket(text, language, person.name, chance)
        )
        return Planned(
            query_id=made_id(self._seed, *name),
            at=at,
            region=region.key,
            person=person.name,
            request=SuggestRequest(
                query=words.query,
                subject=words.subject,
                description=words.description,
                # Half of the chats never become a ticket.
                reference=None if is_chat and chance.random() < 0.5 else f"{name}",
                channel="chat" if is_chat else "platform",
            ),
            story=story,
            topic=topic,
        )

    def _texts(self, story: Story, topic: str | None) -> Texts | Mapping[str, Sequence[str]]:
        if story == "malfunction":
            return MALFUNCTION
        if topic is None:
            return NOISE
        return GAPS[topic] if story == "gap" else self._topics[topic].questions


def _known_issue(topics: Sequence[Topic], seed: int) -> str | None:
    issues = [topic.article for topic in topics if topic.type == "known-issue"]
    return dice(seed, "known issue").choice(issues) if issues else None


def _malfunction_start(start: datetime, until: date) -> datetime:
    """Return a working day's morning in Dublin, a week or so before the end where there is one."""
    day = max(start.date(), until - timedelta(days=_MALFUNCTION_DAYS_BEFORE))
    while day.weekday() > 4 and day < until:
        day += timedelta(days=1)
    return datetime.combine(day, _MALFUNCTION_FROM, _MALFUNCTION_ZONE).astimezone(start.tzinfo)


def _one_of(crowd: Crowd, chance: Random) -> Person:
    return chance.choices(crowd.askers, crowd.often)[0]


def _first_language(texts: Mapping[str, Sequence[str]]) -> str:
    return DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in texts else next(iter(texts))


def _numbered(asked: Sequence[Planned]) -> list[Planned]:
    """Return questions with their tickets' numbers as the platform counts them, in their order."""
    numbers: dict[str, str] = {}
    for one in asked:
        if (name := one.request.reference) is not None:
            numbers.setdefault(name, f"SUP-{_FIRST_TICKET + len(numbers)}")
    return [_with_reference(one, numbers.get(one.request.reference or "")) for one in asked]


def _with_reference(planned: Planned, reference: str | None) -> Planned:
    return replace(planned, request=planned.request.model_copy(update={"reference": reference}))
