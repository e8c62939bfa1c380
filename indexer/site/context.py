"""What the templates show beside the text of a page. Plain values; the templates escape them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from indexer.article import Article
from indexer.site.pages import SiteArticles, area_name
from indexer.teams import Team


def article_context(article: Article, site: SiteArticles) -> dict[str, Any]:
    """Return what an article's page shows: its card, whom to escalate to, what is related.

    The key `data` is what the page's scripts read: see `docs/site.md`.
    """
    stated = article.front_matter
    by_id = {other.id: other for other in site.by_file.values()}
    owner = _team(stated.owner, site.teams)
    escalation = None
    if stated.escalation is not None:
        escalation = stated.escalation.model_dump(mode="json") | {
            "team": _team(stated.escalation.team, site.teams)
        }
    return {
        "id": article.id,
        "title": article.title,
        "summary": stated.summary,
        "type": stated.type,
        "status": stated.status,
        "owner": owner,
        "audience": stated.audience,
        "platforms": stated.platforms,
        "sharing": stated.sharing,
        "last_reviewed": stated.last_reviewed,
        "review_by": stated.review_by,
        "updated": article.updated,
        "known_issue": stated.known_issue,
        "pinned": stated.pinned,
        "escalation": escalation,
        "replaced_by": _link(by_id.get(stated.replaced_by or ""), site),
        "related": [_link(by_id[other], site) for other in stated.related if other in by_id],
        "data": {
            "id": article.id,
            "title": article.title,
            "summary": stated.summary,
            "type": stated.type,
            "url": f"/{site.url(article)}",
            "last_reviewed": _iso(stated.last_reviewed),
            "review_by": _iso(stated.review_by),
            "owner": owner,
            "escalation": escalation,
        },
    }


def area_context(folder: str, site: SiteArticles) -> list[dict[str, Any]]:
    """Return the articles of an area, as its page lists them."""
    return [_link(article, site) for article in site.areas().get(folder, ())]


def home_context(site: SiteArticles) -> dict[str, Any]:
    """Return what the home page lists: what is broken now, tips, and the areas.

    Tips that have ended are among them: only the reader's browser knows today.
    """
    articles = list(site.by_file.values())
    issues = [
        _link(article, site) | {"issue": issue}
        for article in articles
        if (issue := article.front_matter.known_issue) and issue.resolved is None
    ]
    tips = [
        _link(article, site) | {"until": pin.until}
        for article in articles
        if article.front_matter.type == "tip" and (pin := article.front_matter.pinned)
    ]
    return {
        "issues": sorted(issues, key=lambda one: one["issue"].started, reverse=True),
        "tips": sorted(tips, key=lambda one: one["until"]),
        "areas": [
            {
                "name": area_name(folder, site),
                "url": site.area_url(folder),
                "articles": [_link(article, site) for article in found],
            }
            for folder, found in site.areas().items()
        ],
    }


def article_list(site: SiteArticles) -> list[dict[str, Any]]:
    """Return the articles of this site as its scripts read them."""
    names = {
        article.id: area_name(folder, site)
        for folder, found in site.areas().items()
        for article in found
    }
    return [
        _link(article, site)
        | {
            "url": f"/{site.url(article)}",
            "area": names[article.id],
            "updated": article.updated.astimezone(UTC).isoformat() if article.updated else None,
        }
        for article in site.by_file.values()
    ]


def _link(article: Article | None, site: SiteArticles) -> dict[str, Any]:
    if article is None:
        return {}
    stated = article.front_matter
    return {
        "id": article.id,
        "title": article.title,
        "summary": stated.summary,
        "type": stated.type,
        "url": site.url(article),
    }


def _team(key: str | None, teams: Mapping[str, Team]) -> dict[str, Any] | None:
    """Return a team and the one behind it; one that no file knows has its key as its name."""
    if key is None:
        return None
    shown = _one_team(key, teams)
    backup = teams[key].backup if key in teams else None
    return shown | {"backup": _one_team(backup, teams) if backup else None}


def _one_team(key: str, teams: Mapping[str, Team]) -> dict[str, Any]:
    team = teams.get(key) or Team(name=key)
    return {"key": key} | team.model_dump(mode="json", exclude={"backup", "reviewers"})


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
