"""Two sides' answers become a comparison and a verdict. Pure: no file, no clock, no git."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from indexer.article import Article
from indexer.compare.outcomes import Asked, Outcome
from indexer.overlap import Overlap

# Confidences differ by as much from build to build when nothing about a question changes.
_NEAR_TIE = 0.03
_LEAST_GAIN = 0.05
# A library of any size may lose this many questions without a word: moving one article a
# place is no reason to stop a change.
_ALWAYS_ALLOWED = 2


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """A question and what both sides answer.

    Attributes:
        asked: the question.
        before: the base's answer.
        after: the change's answer.
    """

    asked: Asked
    before: Outcome
    after: Outcome

    @property
    def is_lost(self) -> bool:
        """Whether its article was among those shown, and is there, but no longer shown."""
        return self.after.is_stated and self.before.is_shown and not self.after.is_shown

    @property
    def is_found(self) -> bool:
        """Whether its article was there, but not shown, and now is."""
        return self.before.is_stated and self.after.is_shown and not self.before.is_shown

    @property
    def has_other_first(self) -> bool:
        """Whether another article comes first."""
        return self.before.articles[:1] != self.after.articles[:1]

    @property
    def is_unanswered(self) -> bool:
        """Whether it was answered and clearly is not any more."""
        return self.before.is_answered and not self.after.is_answered and self._is_clear

    @property
    def is_answered(self) -> bool:
        """Whether it was not answered and clearly is now."""
        return self.after.is_answered and not self.before.is_answered and self._is_clear

    @property
    def is_near_tie(self) -> bool:
        """Whether it lay on the line of what is enough, and fell to the other side."""
        return self.before.is_answered != self.after.is_answered and not self._is_clear

    @property
    def _is_clear(self) -> bool:
        """Whether the answer moved, and not only the line between enough and too little.

        Each build measures anew what is enough, and what lay on the line falls to either side.
        """
        return abs(self.after.margin - self.before.margin) >= _NEAR_TIE


@dataclass(frozen=True, slots=True)
class ArticleMove:
    """An article that more, or fewer, of its questions bring.

    Attributes:
        article: its id.
        gain: change of its mean reciprocal rank over the questions that both sides have, in
            [-1, 1]; at least 0.05 up or down.
        questions: how many these are.
    """

    article: str
    gain: float
    questions: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a change may cost, in percent of all questions asked.

    Attributes:
        lost: questions whose article is no longer among those shown.
        unanswered: questions that were answered and are not any more.
    """

    lost: float = 0.5
    unanswered: float = 1.0


@dataclass(frozen=True)
class Comparison:
    """What a change to the articles does to the answers.

    Attributes:
        base: the side before, in words.
        head: the side after.
        titles: of every article of both sides, by id.
        new: ids of articles that were not there before.
        removed: ids of articles that are gone.
        changed: ids of articles whose text or front matter differs.
        questions: every question, with both answers.
        unfound: own questions that the change adds and that do not bring their article.
        orphans: own questions of articles that are gone, with what they bring now.
        overlaps: passages that say the same as another article's only since the change.
        errors: what could not be read, one sentence each.
        limits: what the change may cost.
    """

    base: str
    head: str
    titles: dict[str, str]
    new: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    questions: tuple[QuestionChange, ...]
    unfound: tuple[QuestionChange, ...]
    orphans: tuple[QuestionChange, ...]
    overlaps: tuple[Overlap, ...]
    errors: tuple[str, ...]
    limits: Limits

    @cached_property
    def lost(self) -> list[QuestionChange]:
        """Questions whose article is no longer shown, the most asked first."""
        return _heaviest(one for one in self.questions if one.is_lost)

    @cached_property
    def found(self) -> list[QuestionChange]:
        """Questions whose article is shown now, the most asked first."""
        return _heaviest(one for one in self.questions if one.is_found)

    @cached_property
    def other_first(self) -> list[QuestionChange]:
        """Questions that another article answers first, the most asked first."""
        return _heaviest(one for one in self.questions if one.has_other_first)

    @cached_property
    def unanswered(self) -> list[QuestionChange]:
        """Questions that are no longer answered, the most asked first."""
        return _heaviest(one for one in self.questions if one.is_unanswered)

    @cached_property
    def answered(self) -> list[QuestionChange]:
        """Questions that are answered now, the most asked first."""
        return _heaviest(one for one in self.questions if one.is_answered)

    @cached_property
    def near_ties(self) -> list[QuestionChange]:
        """Questions on the line of what is enough that fell to the other side of it."""
        return _heaviest(one for one in self.questions if one.is_near_tie)

    @cached_property
    def moves(self) -> list[ArticleMove]:
        """Articles that their questions bring more or less, the largest loss first."""
        gains: dict[str, list[float]] = {}
        for one in self.questions:
            if one.asked.article and one.before.is_stated and one.after.is_stated:
                gain = _reciprocal(one.after.rank) - _reciprocal(one.before.rank)
                gains.setdefault(one.asked.article, []).append(gain)
        moves = [
            ArticleMove(article, round(sum(found) / len(found), 4), len(found))
            for article, found in gains.items()
        ]
        return sorted(
            (one for one in moves if abs(one.gain) >= _LEAST_GAIN), key=lambda one: one.gain
        )

    @cached_property
    def reasons(self) -> list[str]:
        """Why the change costs too much, one sentence each; none when it does not."""
        total = sum(one.asked.weight for one in self.questions)
        reasons = []
        for found, limit, what in (
            (self.lost, self.limits.lost, "lose their article"),
            (self.unanswered, self.limits.unanswered, "are no longer answered"),
        ):
            weight = sum(one.asked.weight for one in found)
            if weight > max(_ALWAYS_ALLOWED, limit / 100 * total):
                reasons.append(f"{weight} of {total:,} questions {what}; {limit:g} % may")
        return reasons

    def shares(self, side: str) -> tuple[float, float, float]:
        """Return the shares of weight whose article is first, is shown, and that are answered.

        Args:
            side: `before` or `after`.
        """
        weight = first = shown = answered = labelled = 0
        for one in self.questions:
            outcome: Outcome = getattr(one, side)
            weight += one.asked.weight
            answered += one.asked.weight * outcome.is_answered
            if one.asked.article and one.before.is_stated and one.after.is_stated:
                labelled += one.asked.weight
                first += one.asked.weight * (outcome.rank == 1)
                shown += one.asked.weight * outcome.is_shown
        return first / (labelled or 1), shown / (labelled or 1), answered / (weight or 1)


def changed_articles(
    before: Sequence[Article], after: Sequence[Article]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the ids of new, removed and changed articles, each in path order."""
    then = {article.id: article for article in before}
    now = {article.id: article for article in after}
    new = tuple(one for one in now if one not in then)
    removed = tuple(one for one in then if one not in now)
    changed = tuple(
        one for one, article in now.items() if one in then and _differs(then[one], article)
    )
    return new, removed, changed


def _differs(then: Article, now: Article) -> bool:
    return (then.title, then.front_matter, then.body) != (now.title, now.front_matter, now.body)


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank else 0.0


def _heaviest(found: Iterable[QuestionChange]) -> list[QuestionChange]:

    return sorted(found, key=lambda one: -one.asked.weight)
