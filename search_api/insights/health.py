"""Panels of the articles themselves: how current they are, which are used, which are not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

import numpy as np

from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.columns import REASONS, Flags, Numbers
from search_api.insights.library import LibraryArticle, View, askers_in
from search_api.insights.panels import Cell, Panel, panel

# Used by so many cases, a review that is overdue is worth a sentence.
MUCH_USED = 5
_MOST_ROWS = 25
_REASON_WORDS = dict(
    zip(REASONS, ("not said", "not related", "no answer", "outdated"), strict=True)
)


def health(view: View, used: Counter[str], rejected: Mapping[str, Counter[str]]) -> Panel:
    """Return how many articles there are, and how many of them want something."""
    articles = [one for one in view.of_area(view.articles.values()) if one.serves]
    today = view.window.now.date()
    overdue = [one for one in articles if _is_overdue(one, today)]
    stale = [one for one in overdue if used[one.id] >= MUCH_USED]
    unused = [one for one in articles if not used[one.id]]
    rows: list[tuple[Cell, ...]] = [
        ("serve", len(articles)),
        ("past their review date", len(overdue)),
        ("past it and much used", len(stale)),
        ("never used in this time", len(unused)),
        ("rejected by three people or more", len(rejected)),
    ]
    if not articles:
        finding = "There are no articles."
    elif not overdue:
        finding = f"None of {len(articles):,} articles is past its review date."
    else:
        finding = (
            f"{len(overdue):,} of {len(articles):,} articles are past their review date, "
            f"{len(stale):,} of them much used."
        )
    return panel(
        "health",
        "Health of the articles",
        finding,
        (("articles", "Articles that", "text"), ("count", "Articles", "count")),
        rows if articles else [],
        chart="bars",
        charted=("count",),
        note=f"Used: likeliest for a question that got an article, or linked or solved it. Much "
        f"used: in {MUCH_USED} cases or more.",
    )


def stale(view: View, used: Counter[str]) -> Panel:
    """Return the articles past their review date, the most used first."""
    today = view.window.now.date()
    found = [
        one
        for one in view.of_area(view.articles.values())
        if one.serves and _is_overdue(one, today)
    ]
    found.sort(key=lambda one: (-used[one.id], one.review_by or today, one.id))
    rows: list[tuple[Cell, ...]] = [
        (one.link, used[one.id], one.review_by.isoformat() if one.review_by else None, one.owner)
        for one in found[:_MOST_ROWS]
    ]
    much = [one for one in found if used[one.id] >= MUCH_USED]
    finding = "No article is past its review date."
    if much:
        finding = (
            f"“{much[0].title}” is past its review date and was used in {used[much[0].id]:,} cases."
        )
    elif found:
        finding = "What is past its review date is little used."
    return panel(
        "stale",
        "Stale, and how much used",
        finding,
        (
            ("article", "Article", "article"),
            ("cases", "Cases", "count"),
            ("review_by", "Review was due", "day"),
            ("owner", "Owner", "text"),
        ),
        rows,
        note=_more(len(found) - len(rows)),
    )


def unused(view: View, used: Counter[str]) -> Panel:
    """Return the articles that nothing was asked about, those reviewed longest ago first."""
    opened = view.count_articles(_articles_told(view, view.columns.told.are("viewed")))
    found = [
        one
        for one in view.of_area(view.articles.values())
        if one.serves and not used[one.id] and not opened.get(one.id)
    ]
    found.sort(key=lambda one: (one.last_reviewed or date.min, one.id))
    rows: list[tuple[Cell, ...]] = [
        (one.link, one.last_reviewed.isoformat() if one.last_reviewed else None, one.owner)
        for one in found[:_MOST_ROWS]
    ]
    count = len(found)
    finding = "Every article was used."
    if count:
        finding = f"{count:,} {'article was' if count == 1 else 'articles were'} never used."
    return panel(
        "unused",
        "Never used",
        finding,
        (
            ("article", "Article", "article"),
            ("last_reviewed", "Last reviewed", "day"),
            ("owner", "Owner", "text"),
        ),
        rows,
        note=_more(count - len(rows))
        or "Neither likeliest for a question, opened, linked nor "
        "solving anything in this time. An article may be right and seldom needed.",
    )


def rejected_articles(view: View, found: Mapping[str, Counter[str]]) -> Panel:
    """Return the articles that people rejected, with the reason most often given."""
    order = sorted(found, key=lambda name: (-found[name].total(), name))[:_MOST_ROWS]
    rows: list[tuple[Cell, ...]] = []
    for name in order:
        reason, count = min(found[name].items(), key=lambda pair: (-pair[1], pair[0]))
        rows.append((view.link(name), found[name].total(), _REASON_WORDS[reason], count))
    finding = "No article was rejected by three people or more."
    if order:
        first, count = view.link(order[0]), found[order[0]].total()
        finding = f"“{first.title}” was rejected most: {count:,} times."
    return panel(
        "rejected_articles",
        "Articles that people rejected",
        finding,
        (
            ("article", "Article", "article"),
            ("rejections", "Rejections", "count"),
            ("reason", "Most often", "text"),
            ("of_reason", "For that", "count"),
        ),
        rows,
        chart="bars",
        charted=("rejections",),
    )


def tips(view: View) -> Panel:
    """Return the tips, with how often each was shown first, opened and of use."""
    told = view.columns.told
    shown = view.count_articles(_likeliest(view))
    opened = view.count_articles(_articles_told(view, told.are("viewed")))
    helped = view.count_articles(_articles_told(view, told.are("linked", "resolved")))
    found = [
        one for one in view.of_area(view.articles.values()) if one.type == "tip" and one.serves
    ]
    found.sort(key=lambda one: (-shown.get(one.id, 0), -helped.get(one.id, 0), one.id))
    rows: list[tuple[Cell, ...]] = [
        (
            one.link,
            shown.get(one.id, 0),
            opened.get(one.id, 0),
            helped.get(one.id, 0),
            one.pinned_until.isoformat() if one.pinned_until else None,
        )
        for one in found[:_MOST_ROWS]
    ]
    seen = [one for one in found if shown.get(one.id)]
    finding = "There is no tip."
    if found:
        finding = f"{len(seen):,} of {len(found):,} tips were the likeliest answer to something."
    return panel(
        "tips",
        "Tips",
        finding,
        (
            ("article", "Tip", "article"),
            ("questions", "Likeliest answer", "count"),
            ("opened", "Opened", "count"),
            ("helped", "Linked or solved", "count"),
            ("until", "Pinned until", "day"),
        ),
        rows,
        chart="bars",
        charted=("questions",),
    )


def uses(view: View) -> Counter[str]:
    """Return in how many cases of the window each article was used.

    Used: likeliest for a question that got an article, or linked or resolved. Several signs of
    one case count once.
    """
    asked, told = view.columns.asked, view.columns.told
    rows = view.asked_in(view.window.period) & asked.is_answered & (asked.article >= 0)
    helped = view.told_in(view.window.period) & told.are("linked", "resolved") & (told.article >= 0)
    article = np.concatenate((asked.article[rows], told.article[helped])).astype(np.int64)
    case = np.concatenate((asked.case[rows], told.case[helped]))
    width = len(view.columns.articles) + 1
    pairs = np.unique(case * width + article)
    return Counter(view.count_articles((pairs % width).astype(np.int32)))


def rejected_by_several(view: View) -> dict[str, Counter[str]]:
    """Return the reasons for rejecting each article that three people or more rejected."""
    told, size = view.columns.told, len(view.columns.articles)
    rows = view.told_in(view.window.period) & told.are("rejected") & (told.article >= 0)
    article, width = told.article[rows].astype(np.int64), len(REASONS)
    counts = np.bincount(article * width + told.reason[rows], minlength=size * width)
    people = askers_in(told.article[rows], told.asker[rows], size)
    found: dict[str, Counter[str]] = {}
    for number in np.flatnonzero(people >= FEWEST_ASKERS).tolist():
        of_article = counts[number * width : (number + 1) * width].tolist()
        pairs = zip(REASONS, of_article, strict=True)
        found[view.name_of(number)] = Counter({reason: n for reason, n in pairs if n})
    return found


def _likeliest(view: View) -> Numbers:
    asked = view.columns.asked
    return asked.article[view.asked_in(view.window.period) & asked.is_answered]


def _articles_told(view: View, chosen: Flags) -> Numbers:
    return view.columns.told.article[chosen & view.told_in(view.window.period)]


def _is_overdue(article: LibraryArticle, today: date) -> bool:
    return article.review_by is not None and article.review_by < today


def _more(count: int) -> str | None:
    return f"{count:,} more." if count > 0 else None
