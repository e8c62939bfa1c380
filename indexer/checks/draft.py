"""A new article to start from: valid front matter, the next free id, the type's sections."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

from indexer.article import ArticleType, readable_name
from indexer.checks.identity import NAME
from indexer.checks.ids import FreeIds
from indexer.errors import SopError
from indexer.teams import TEAMS, read_teams

REVIEW_DAYS = 180
SECTIONS = {
    "how-to": ("Before you start", "Steps", "Verify", "Escalate"),
    "troubleshooting": ("Symptoms", "Check", "Fix", "Verify", "Escalate"),
    "known-issue": ("Symptoms", "Workaround", "Status"),
}
_SUMMARY = "One sentence that says what this article is for."
_QUESTIONS = (
    "the first thing that people type when they need this",
    "the same in other words",
    "a short and vague way to ask it",
)
_REFERENCE = "TICKET-0"
_WORKAROUND = "One sentence that gets people working again."
_REASON = "Why this is worth knowing now."
_OPENING = "Say in one or two sentences what this is for."
_SECTION_TEXT = "Write here."
# Whoever publishes an article has written something else in their place.
TEMPLATE_TEXTS = frozenset(
    {_SUMMARY, *_QUESTIONS, _REFERENCE, _WORKAROUND, _REASON, _OPENING, _SECTION_TEXT}
)


def new_article(sop: Path, name: str, article_type: str, owner: str | None) -> Path:
    """Write a draft and return its path.

    Args:
        sop: folder of the articles.
        name: `area/slug`, lower case words with hyphens.
        article_type: one of the front matter's types.
        owner: a team's key in `teams.yml`; None for the first one.

    Raises:
        SopError: the name, type or owner is not allowed, or the file exists.
    """
    area, _, slug = name.removesuffix(".md").partition("/")
    if not NAME.fullmatch(area) or not NAME.fullmatch(slug):
        raise SopError(
            f"{name!r} is not like access/reset-password: lower case, hyphens, one slash"
        )
    if article_type not in get_args(ArticleType):
        raise SopError(
            f"{article_type!r} is no type; there are: {', '.join(get_args(ArticleType))}"
        )
    path = sop / area / f"{slug}.md"
    if path.exists():
        raise SopError(f"{path} exists already")
    today = datetime.now(UTC).date()
    text = _draft(FreeIds(sop).next_id(area), slug, article_type, chosen_owner(sop, owner), today)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def chosen_owner(sop: Path, owner: str | None) -> str:
    """Return the team that owns new articles: the one that is named, else the first.

    Raises:
        SopError: there is no such team, or none at all.
    """
    path = sop / TEAMS
    teams = list(read_teams(sop) or {})
    if owner is None:
        if not teams:
            raise SopError(f"{path} names no team; name the owner with --owner")
        return teams[0]
    if teams and owner not in teams:
        raise SopError(f"{path} has no team {owner!r}; there are: {', '.join(teams)}")
    return owner


def _draft(article_id: str, slug: str, article_type: str, owner: str, today: date) -> str:
    title = readable_name(slug)
    lines = [
        "---",
        f"id: {article_id}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"summary: {_SUMMARY}",
        f"type: {article_type}",
        "status: draft",
        f"owner: {json.dumps(owner, ensure_ascii=False)}",
        "questions:",
        *(f"  - {question}" for question in _QUESTIONS),
        "audience: [internal]",
    ]
    if article_type == "known-issue":
        lines += [
            "known_issue:",
            f"  reference: {_REFERENCE}",
            f"  started: {today}",
            f"  workaround: {_WORKAROUND}",
            "  engineering_status: reported",
        ]
    if article_type == "tip":
        lines += [
            "pinned:",
            f"  until: {today + timedelta(days=30)}",
            f"  reason: {_REASON}",
        ]
    lines += [
        f"last_reviewed: {today}",
        f"review_by: {today + timedelta(days=REVIEW_DAYS)}",
        "---",
        "",
        _OPENING,
    ]
    for section in SECTIONS.get(article_type, ()):
        text = f"1. {_SECTION_TEXT}" if section == "Steps" else _SECTION_TEXT
        lines += ["", f"## {section}", "", text]
    return "\n".join(lines) + "\n"
