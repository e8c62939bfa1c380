"""Topics that trainees fail: which article is taken for which, from counts of tries.

Pure functions over counts. Who tried is not known, so that nobody is judged by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from search_api.events.practice import Tries

Advice = Literal["compete", "edit", "narrow"]
# What each asks of a writer, for people.
ADVICE: Mapping[Advice, str] = {
    "compete": "two articles compete",
    "edit": "edit this one",
    "narrow": "say in it what it is not for",
}
NOBODY = "none of these"
# Below, one trainee on one bad morning is a topic.
FEWEST_TRIES = 10
# Six choices by chance fail five of six; of tries at topics that people know one of six fails.
FAILING = 0.4
# One article is what a topic is taken for when it takes this share of the failed tries.
_TAKES = 0.5
_MOST_CHOSEN = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """What trainees fail.

    Attributes:
        answer: the article that was right; None where none of the choices was.
        tries: how many there were.
        failed: how many of them chose something else.
        chosen: what they chose instead and how often, the most often first; None is "none of
            these". At most three.
        advice: see `ADVICE`.
        articles: what it is given for.
    """

    answer: str | None
    tries: int
    failed: int
    chosen: tuple[tuple[str | None, int], ...]
    advice: Advice
    articles: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What happens, in one sentence."""
        instead = ", ".join(f"{name or NOBODY} ({count})" for name, count in self.chosen)
        where = f"instead of {self.answer}" if self.answer else "where none answers"
        return f"trainees pick {instead} {where}: {self.failed} of {self.tries} tries failed"


def failing_topics(tries: Iterable[Tries]) -> list[Topic]:
    """Return the topics that two of five tries or more fail, the most failed first."""
    by_answer: dict[str | None, Counter[str | None]] = {}
    for one in tries:
        by_answer.setdefault(one.answer, Counter())[one.chosen] += one.count
    found = [
        _topic(answer, counts) for answer, counts in by_answer.items() if _fails(answer, counts)
    ]
    return sorted(found, key=lambda one: (-one.failed, one.answer or ""))


def as_json(topics: Sequence[Topic]) -> list[dict[str, Any]]:
    """Return topics as plain values."""
    return [
        {
            "answer": one.answer,
            "tries": one.tries,
            "failed": one.failed,
            "chosen": [{"article": name, "tries": count} for name, count in one.chosen],
            "advice": one.advice,
            "articles": list(one.articles),
        }
        for one in topics
    ]


def as_lines(topics: Sequence[Topic]) -> list[str]:
    """Return topics for a terminal, with their heading; nothing where there are none."""
    lines = [
        line
        for one in topics
        for line in (
            f"  {one.sentence}",
            f"    {ADVICE[one.advice]} ({', '.join(one.articles)})",
        )
    ]
    return ["trainees fail", *lines, ""] if lines else []


def as_markdown(topics: Sequence[Topic]) -> list[str]:
    """Return topics as a table of Markdown below a heading; nothing where there are none."""
    if not topics:
        return []
    rows = [
        f"| {one.answer or 'none of these'} | "
        f"{', '.join(f'{name or NOBODY} ({count})' for name, count in one.chosen)} | "
        f"{ADVICE[one.advice]} ({', '.join(one.articles)}) | {one.failed} of {one.tries} |"
        for one in topics
    ]
    return [
        "",
        "Trainees fail:",
        "",
        "| right is | they pick | what to do | failed |",
        "| --- | --- | --- | --- |",
        *rows,
    ]


def _fails(answer: str | None, counts: Counter[str | None]) -> bool:
    failed = counts.total() - counts[answer]
    return counts.total() >= FEWEST_TRIES and failed >= FAILING * counts.total()


def _topic(answer: str | None, counts: Counter[str | None]) -> Topic:
    wrong = Counter({name: count for name, count in counts.items() if name != answer})
    ordered = sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0] or ""))
    first, count = ordered[0]
    if answer is None:
        advice: Advice = "narrow"
        articles = tuple(name for name, _ in ordered[:_MOST_CHOSEN] if name)
    elif first is not None and count >= _TAKES * wrong.total():
        advice, articles = "compete", (answer, first)
    else:
        advice, articles = "edit", (answer,)
    return Topic(
        answer=answer,
        tries=counts.total(),
        failed=wrong.total(),
        chosen=tuple(ordered[:_MOST_CHOSEN]),
        advice=advice,
        articles=articles,
    )
