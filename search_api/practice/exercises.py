"""What trainees are asked: questions whose answer is known, each with an id that tells nothing.

Pure functions. Questions come from articles, which state them, and from the log, where people
asked them: see `gathering`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from indexer.article import readable_name
from indexer.language import detect_language
from indexer.question import plain_question
from indexer.snapshot import Snapshot, SnapshotArticle

Source = Literal["asked", "article"]
# Of each article so many own questions are practised in a language: one that states forty is no
# more important than one that states six.
MOST_OF_ARTICLE = 6
_ID_DIGITS = 16
_TEACHING = ("active", "review")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question to find the article for.

    Attributes:
        id: 16 hexadecimal digits; a keyed hash, so that it does not give the answer away.
        text: what is asked.
        language: of the text.
        article: id of the article that answers; None where none does.
        area_of: id of the article whose area it is practised in.
        source: `asked` by people, or stated by an `article`.
        held_out: row of the own question that says the same; its vector does not count.
        askers: how many people asked; 0 for an article's own question.
    """

    id: str
    text: str
    language: str
    article: str | None
    area_of: str
    source: Source
    held_out: int | None = None
    askers: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What a list is narrowed down to; None for everything."""

    area: str | None = None
    language: str | None = None


def exercise_id(secret: bytes, source: Source, article: str | None, text: str) -> str:
    """Return the id of a question: the same wherever the same key is, and not to be guessed."""
    named = "\0".join(("practice", source, article or "", text))
    return hmac.new(secret, named.encode(), hashlib.sha256).hexdigest()[:_ID_DIGITS]


def own_exercises(snapshot: Snapshot, secret: bytes) -> dict[str, Exercise]:
    """Return the questions that articles state, by id.

    One that two articles state is left out: it has no right answer.
    """
    owners = Counter(
        plain
        for article in snapshot.articles
        for plain in {plain_question(one) for one in article.front_matter.questions}
    )
    found: dict[str, Exercise] = {}
    for row, article in enumerate(snapshot.articles):
        if article.front_matter.status not in _TEACHING:
            continue
        first = int(snapshot.index.question_starts[row])
        for place, text in enumerate(article.front_matter.questions):
            if owners[plain_question(text)] == 1:
                one = Exercise(
                    id=exercise_id(secret, "article", article.id, text),
                    text=text,
                    language=detect_language(text),
                    article=article.id,
                    area_of=article.id,
                    source="article",
                    held_out=first + place,
                )
                found[one.id] = one
    return found


def own_rows(snapshot: Snapshot) -> dict[str, int]:
    """Return the row of each own question by its plain words."""
    return {plain_question(text): row for row, text in enumerate(snapshot.questions)}


def listed(
    exercises: Iterable[Exercise], areas: Callable[[str], str], wanted: Choice
) -> list[Exercise]:
    """Return the questions that fit, in the order of their ids, a few of each article.

    Args:
        exercises: those that a caller may be asked.
        areas: the area of an article, by its id.
        wanted: what they are narrowed down to.
    """
    counts: defaultdict[tuple[str | None, str], int] = defaultdict(int)
    found = []
    for one in sorted(exercises, key=lambda exercise: exercise.id):
        if wanted.area is not None and areas(one.area_of) != wanted.area:
            continue
        if wanted.language is not None and one.language != wanted.language:
            continue
        if one.source == "article":
            counts[one.article, one.language] += 1
            if counts[one.article, one.language] > MOST_OF_ARTICLE:
                continue
        found.append(one)
    return found


def area_of(article: SnapshotArticle) -> str:
    """Return the folder of an article below the articles' own; empty for one without."""
    folder = PurePosixPath(article.path).parent.as_posix()
    return "" if folder == "." else folder


def area_name(area: str) -> str:
    """Return an area's name for people, as the site has it."""
    return readable_name(PurePosixPath(area).name) if area else "Procedures"


def counted(exercises: Sequence[Exercise], of: Callable[[Exercise], str]) -> Mapping[str, int]:
    """Return how many questions have which value, in the order of the values."""
    counts = Counter(of(one) for one in exercises)
    return {value: counts[value] for value in sorted(counts)}
