"""A new article to start from: valid front matter, the next free id, the type's sections."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

from indexer.article import ArticleType, is_ours, readable_name, split_front_matter
from indexer.errors import ArticleError, SopError
from indexer.teams import read_teams

_NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_REVIEW_DAYS = 180
_SECTIONS = {
    "how-to": ("Before you start", "Steps", "Verify", "Escalate"),
    "troubleshooting": ("Symptoms", "Check", "Fix", "Verify", "Escalate"),
    "known-issue": ("Symptoms", "Workaround", "Status"),
}


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
    if not _NAME.fullmatch(area) or not _NAME.fullmatch(slug):
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
    text = _draft(_next_id(sop, area), slug, article_type, _owner(sop, owner), today)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _next_id(sop: Path, area: str) -> str:
    """Return the next id with the prefix that the area uses, else its first letters."""
    numbers: dict[str, int] = {}
    used_here: list[str] = []
    for path in sorted(sop.rglob("*.md")):
        try:
            mapping = split_front_matter(path.name, path.read_bytes()).mapping
        except ArticleError:
            continue
        if mapping and is_ours(mapping.values):
            prefix, number = mapping.values["id"].split("-")
            numbers[prefix] = max(numbers.get(prefix, 0), int(number))
            if path.parent.name == area:
                used_here.append(prefix)
    letters = re.sub(r"[^a-z]", "", area)[:3].ljust(2, "x")
    prefix = max(sorted(set(used_here)), key=used_here.count) if used_here else letters
    return f"{prefix}-{numbers.get(prefix, 0) + 1:03d}"


def _owner(sop: Path, owner: str | None) -> str:
    path = sop / "teams.yml"
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
        "summary: One sentence that says what this article is for.",
        f"type: {article_type}",
        "status: draft",
        f"owner: {json.dumps(owner, ensure_ascii=False)}",
        "questions:",
        "  - the first thing that people type when they need this",
        "  - the same in other words",
        "  - a short and vague way to ask it",
        "audience: [internal]",
    ]
    if article_type == "known-issue":
        lines += [
            "known_issue:",
            "  reference: TICKET-0",
            f"  started: {today}",
            "  workaround: One sentence that gets people working again.",
            "  engineering_status: reported",
        ]
    if article_type == "tip":
        lines += [
            "pinned:",
            f"  until: {today + timedelta(days=30)}",
            "  reason: Why this is worth knowing now.",
        ]
    lines += [
        f"last_reviewed: {today}",
        f"review_by: {today + timedelta(days=_REVIEW_DAYS)}",
        "---",
        "",
        "Say in one or two sentences what this is for.",
    ]
    for section in _SECTIONS.get(article_type, ()):
        lines += ["", f"## {section}", "", "Write here."]
    return "\n".join(lines) + "\n"
