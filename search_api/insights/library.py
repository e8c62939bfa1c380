"""What figures need to know of the articles, as plain values; and columns seen through it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from search_api.insights.columns import Columns, Flags, Numbers, Seconds
from search_api.insights.kinds import CODES, kind_of_type
from search_api.insights.panels import ArticleLink
from search_api.insights.shifts import Period
from search_api.insights.windows import Window

NO_AREA = "no area"
_MOST_FLAGS = 20_000_000


@dataclass(frozen=True, slots=True)
class LibraryArticle:
    """What figures tell of an article.

    Attributes:
        area: the folder that it lies in.
        type: its type; None where it states none.
    """

    id: str
    title: str
    url: str | None
    area: str
    type: str | None
    status: str
    owner: str | None
    last_reviewed: date | None
    review_by: date | None
    pinned_until: date | None

    @property
    def link(self) -> ArticleLink:
        """The article by name."""
        return ArticleLink(id=self.id, title=self.title, url=self.url)

    @property
    def serves(self) -> bool:
        """Whether it may be suggested."""
        return self.status in ("active", "review")


class View:
    """Columns as one window and one area see them.

    Attributes:
        columns: of the log.
        articles: of the snapshot that serves, by id.
        window: what is looked at.
    """

    def __init__(
        self, columns: Columns, articles: Mapping[str, LibraryArticle], window: Window
    ) -> None:
        """Look at columns; nothing is counted yet."""
        self.columns, self.articles, self.window = columns, articles, window
        self.areas = tuple(sorted({one.area for one in articles.values()}))
        places = {name: number for number, name in enumerate(self.areas)}
        self._area_of = np.full(len(columns.articles) + 1, -1, np.int32)
        kinds = np.zeros(len(columns.articles) + 1, np.int8)
        for number, name in enumerate(columns.articles):
            if (article := articles.get(name)) is not None:
                self._area_of[number] = places[article.area]
                kinds[number] = CODES[kind_of_type(article.type)]
        self._kind_of = kinds
        self._area = places.get(window.area, -2) if window.area is not None else None
        # Every panel asks for the same few.
        self._asked: dict[Period, Flags] = {}
        self._told: dict[Period, Flags] = {}

    def asked_in(self, period: Period) -> Flags:
        """Return which questions of the area were asked in a period."""
        if period not in self._asked:
            asked = self.columns.asked
            self._asked[period] = _within(asked.at, period) & self._here(asked.article)
        return self._asked[period]

    def cases_in(self, at: Seconds, period: Period) -> Flags:
        """Return which cases with a question have one of their times in a period."""
        cases = self.columns.cases
        has_question = cases.asked_at < np.iinfo(np.int64).max
        return has_question & _within(at, period) & self._here(cases.article)

    def told_in(self, period: Period) -> Flags:
        """Return what feedback was given in a period, on an article or a case of the area."""
        if period not in self._told:
            told, cases = self.columns.told, self.columns.cases
            article = np.where(told.article >= 0, told.article, cases.article[told.case])
            self._told[period] = _within(told.at, period) & self._here(article)
        return self._told[period]

    def area_of(self, article: Numbers) -> Numbers:
        """Return the areas of articles, as places in `areas`; -1 for none."""
        found: Numbers = self._area_of[article]
        return found

    def kinds_of(self, rows: Flags) -> NDArray[np.int8]:
        """Return what some questions are: what their text says, else their answer's type."""
        asked = self.columns.asked
        stated = asked.kind[rows]
        answered = np.where(asked.is_answered[rows], asked.article[rows], -1)
        found: NDArray[np.int8] = np.where(stated > 0, stated, self._kind_of[answered])
        return found

    def name_of(self, number: int) -> str:
        """Return an article's id by its number in the columns."""
        return self.columns.articles[number]

    def link(self, article_id: str) -> ArticleLink:
        """Return an article by name; by its id alone where it is gone."""
        found = self.articles.get(article_id)
        return found.link if found else ArticleLink(id=article_id, title=article_id, url=None)

    def of_area(self, articles: Iterable[LibraryArticle]) -> list[LibraryArticle]:
        """Return those that lie in the area."""
        return [one for one in articles if self.window.area in (None, one.area)]

    def count_articles(self, articles: Numbers) -> dict[str, int]:
        """Return how often each article stands in a column; -1 is left out."""
        counts = np.bincount(articles[articles >= 0], minlength=len(self.columns.articles))
        return {self.name_of(int(row)): int(counts[row]) for row in np.flatnonzero(counts)}

    def _here(self, article: Numbers) -> Flags:
        if self._area is None:
            return np.ones(len(article), np.bool_)
        found: Flags = self._area_of[article] == self._area
        return found


def askers_in(groups: Numbers, askers: Numbers, count: int) -> Numbers:
    """Return how many different askers each group has; all that nobody named are one.

    Args:
        groups: of each row, from 0 on.
        askers: of each row, from -1 on.
        count: how many groups there are.
    """
    if len(groups) == 0:
        return np.zeros(count, np.int32)
    width = int(askers.max()) + 2
    pairs = groups.astype(np.int64) * width + askers + 1
    if count * width <= _MOST_FLAGS:
        # A flag for each pair that may be is several times faster than sorting them.
        seen = np.zeros(count * width, np.bool_)
        seen[pairs] = True
        found: Numbers = seen.reshape(count, width).sum(axis=1).astype(np.int32)
        return found
    return np.bincount(np.unique(pairs) // width, minlength=count).astype(np.int32)


def in_words(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _within(at: Seconds, period: Period) -> Flags:
    found: Flags = (at >= period.starts.timestamp()) & (at < period.ends.timestamp())
    return found
