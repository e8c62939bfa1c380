"""What a malfunction is called: its platforms, and the article that is nearest to it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from search_api.insights.malfunctions import Malfunction

# A platform that one question in five names belongs to it.
_NAMED_BY = 0.2


@dataclass(frozen=True, slots=True)
class ArticleName:
    """What is told of an article.

    Attributes:
        platforms: of its front matter.
        is_open_issue: whether it is a known issue that is not resolved.
    """

    id: str
    title: str
    platforms: tuple[str, ...]
    is_open_issue: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A malfunction with what people need to know of it.

    Attributes:
        article: what most of its questions were answered with, or None.
        known_issue: the open known issue among the articles of its questions, or None.
        platforms: names in the questions, the most frequent first; else those of the article.
    """

    malfunction: Malfunction
    article: ArticleName | None
    known_issue: ArticleName | None
    platforms: tuple[str, ...]


def name_malfunction(
    malfunction: Malfunction, articles: Mapping[str, ArticleName], tools: Collection[str]
) -> Named:
    """Return a malfunction with its platforms and articles.

    Args:
        malfunction: as it is now.
        articles: those that there are, by id.
        tools: the names of the platform's tools.
    """
    near = [articles[one] for one in malfunction.articles if one in articles]
    article = near[0] if near else None
    issue = next((one for one in near if one.is_open_issue), None)
    said = _tools_in([one.text for one in malfunction.members], tools)
    return Named(malfunction, article, issue, said or (article.platforms if article else ()))


def default_title(platforms: Sequence[str]) -> str:
    """Return what a notice is called until somebody knows more."""
    where = f" about {', '.join(platforms[:2])}" if platforms else ""
    return f"Many reports{where}: we are looking into it"


def _tools_in(texts: Collection[str], tools: Collection[str]) -> tuple[str, ...]:
    """Return the tools that enough texts name, as whole words in any case."""
    counted = Counter(
        tool
        for tool in tools
        for text in texts
        if re.search(rf"(?<!\w){re.escape(tool)}(?!\w)", text, re.IGNORECASE)
    )
    enough = [tool for tool, count in counted.items() if count >= _NAMED_BY * len(texts)]
    return tuple(sorted(enough, key=lambda tool: (-counted[tool], tool)))
