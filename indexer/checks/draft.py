"""A new article to start from: valid front matter, the next free id, its type's template.

The bodies are files, `templates/TYPE.md`. Every sentence in them is a prompt, which the writer
replaces; headings, which end without a full stop, stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

from indexer.article import ArticleType, readable_name
from indexer.checks.identity import NAME
from indexer.checks.ids import FreeIds
from indexer.checks.page import read_page
from indexer.errors import SopError
from indexer.platform import Names, Platform, read_platform
from indexer.proposals import LEARNED
from indexer.safe_yaml import quoted, scalar
from indexer.teams import TEAMS, Team, read_teams

REVIEW_DAYS = 180
DEFAULT_TYPE: ArticleType = "how-to"
# The key of a draft that says which gap of the log it is written for.
GAP = "x-gap"
SECTIONS = {
    "how-to": ("Before you start", "Steps", "Verify", "Escalate"),
    "troubleshooting": ("Symptoms", "Check", "Fix", "Verify", "Escalate"),
    "known-issue": ("Symptoms", "Workaround", "Status"),
}
# Their sections end with whom to turn to, which the site shows from the front matter.
_ESCALATING = ("how-to", "troubleshooting")
_SUMMARY = "One sentence that says what this article is for."
_QUESTIONS = (
    "the first thing that people type when they need this",
    "the same in other words",
    "a short and vague way to ask it",
)
_REFERENCE = "TICKET-0"
_WORKAROUND = "One sentence that gets people working again."
_REASON = "Why this is worth knowing now."
_EVIDENCE = "what to collect before somebody is asked"
_TEMPLATES = Path(__file__).parent / "templates"
# Stands in a template for the placeholder that the platform has.
_PLACEHOLDER = "{{placeholder}}"
_USUAL_PLACEHOLDERS = ("user_id", "ticket_id")


@dataclass(frozen=True, slots=True)
class Start:
    """Why an article is started: questions that nothing answers.

    Attributes:
        gap: their id.
        facts: what is known about them, for `x-gap`; no question's text.
        proposals: questions that people typed, to be put in other words.
        related: ids of the nearest articles.
        article_type: the likeliest one.
    """

    gap: str
    facts: Mapping[str, str | int]
    proposals: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    article_type: ArticleType = DEFAULT_TYPE


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article before somebody writes it.

    Attributes:
        title: one line.
        workaround: of a known issue; empty where there is none yet.
        started: the day that a known issue began.
        platforms: names that the platform has.
    """

    title: str
    workaround: str
    started: date
    platforms: tuple[str, ...] = ()


def new_article(
    sop: Path,
    name: str,
    article_type: str | None,
    owner: str | None,
    start: Callable[[Path], Start] | None = None,
) -> Path:
    """Write a draft and return its path; see `draft_article`."""
    path, text = draft_article(sop, name, article_type, owner, start)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def draft_article(
    sop: Path,
    name: str,
    article_type: str | None,
    owner: str | None,
    start: Callable[[Path], Start] | None = None,
    known: Known | None = None,
) -> tuple[Path, str]:
    """Return where a draft goes and its text; nothing is written.

    Args:
        sop: folder of the articles.
        name: `area/slug`, lower case words with hyphens.
        article_type: one of the front matter's types; None for a how-to, or for what fits to
            `start`.
        owner: a team's key in `teams.yml`; None for the first one.
        start: gives what the draft is started from; called with its path when nothing else
            stands in its way.
        known: what is known of a known issue already.

    Raises:
        SopError: the name, type or owner is not allowed, or the file exists.
    """
    # Shells complete `sop/access/reset-password.md`.
    below = name.removesuffix(".md")
    prefix = f"{sop.as_posix().removeprefix('./')}/"
    below = below.removeprefix(prefix) if below.count("/") > 1 else below
    area, _, slug = below.partition("/")
    if not NAME.fullmatch(area) or not NAME.fullmatch(slug):
        raise SopError(
            f"{name!r} is not like access/reset-password: lower case, hyphens, one slash"
        )
    if article_type is not None and article_type not in get_args(ArticleType):
        raise SopError(
            f"{article_type!r} is no type; there are: {', '.join(get_args(ArticleType))}"
        )
    if owner is None and not sop.is_dir():
        raise SopError(f"{sop} is no folder; start above the articles, or name theirs with --sop")
    path = sop / area / f"{slug}.md"
    if path.exists():
        raise SopError(f"{path} exists already")
    today = datetime.now(UTC).date()
    teams = read_teams(sop) or {}
    chosen = chosen_owner(sop / TEAMS, teams, owner)
    platform = read_platform(sop)
    channel = _channel(teams.get(chosen), platform)
    article_id = FreeIds(sop).next_id(area)
    reason = start(path) if start else None
    chosen_type = article_type or (reason.article_type if reason else DEFAULT_TYPE)
    stated = known or Known(readable_name(slug), "", today)
    head = _front_matter(article_id, chosen_type, chosen, channel, today, reason, stated)
    return path, f"{head}\n{_body(chosen_type, platform.placeholders)}"


def chosen_owner(path: Path, teams: Mapping[str, Team], owner: str | None) -> str:
    """Return the team that owns new articles: the one that is named, else the first.

    Raises:
        SopError: there is no such team, or none at all.
    """
    if owner is None:
        if not teams:
            raise SopError(f"{path} names no team; name the owner with --owner")
        return next(iter(teams))
    if teams and owner not in teams:
        raise SopError(f"{path} has no team {owner!r}; there are: {', '.join(teams)}")
    return owner


def _channel(team: Team | None, platform: Platform) -> str | None:
    """Return where the owner is asked, unless the check would not know that channel."""
    channel = team.channel if team else None
    is_known = platform.channels is None or channel in platform.channels
    return channel if channel and is_known else None


def read_prompts() -> Names:
    """Return every text that a draft begins with; whoever publishes it has replaced them all."""
    prompts = {_SUMMARY, *_QUESTIONS, _REFERENCE, _WORKAROUND, _REASON, _EVIDENCE}
    for article_type in get_args(ArticleType):
        page = read_page(_template(article_type), 1)
        lines = [line for block in page.code for line in block.text.splitlines()]
        texts = [*(block.text for block in page.prose), *lines]
        prompts.update(text for text in texts if text.endswith("."))
    return frozenset(prompts)


def _template(article_type: str) -> str:
    return (_TEMPLATES / f"{article_type}.md").read_text(encoding="utf-8")


def _body(article_type: str, placeholders: Names | None) -> str:
    """Return the template with a placeholder that the check knows, or with none."""
    text = _template(article_type)
    if placeholders is not None and not placeholders:
        return re.sub(rf"(?m)^ *{re.escape(_PLACEHOLDER)}\n", "", text)
    usual = [name for name in _USUAL_PLACEHOLDERS if placeholders is None or name in placeholders]
    name = usual[0] if usual else min(placeholders or ())
    return text.replace(_PLACEHOLDER, f"{{{{{name}}}}}")


def _front_matter(
    article_id: str,
    article_type: str,
    owner: str,
    channel: str | None,
    today: date,
    start: Start | None,
    known: Known,
) -> str:
    lines = [
        "---",
        f"id: {article_id}",
        f"title: {json.dumps(known.title, ensure_ascii=False)}",
        f"summary: {_SUMMARY}",
        f"type: {article_type}",
        "status: draft",
        f"owner: {json.dumps(owner, ensure_ascii=False)}",
        *_questions(start.proposals if start else ()),
        "audience: [internal]",
    ]
    if known.platforms:
        lines.append(f"platforms: {json.dumps(known.platforms, ensure_ascii=False)}")
    if article_type in _ESCALATING and channel is not None:
        lines += [
            "escalation:",
            f"  team: {json.dumps(owner, ensure_ascii=False)}",
            f"  channel: {json.dumps(channel, ensure_ascii=False)}",
            "  severity: sev3",
            "  after_minutes: 30",
            "  evidence:",
            f"    - {_EVIDENCE}",
        ]
    if article_type == "known-issue":
        said = known.workaround
        workaround = json.dumps(said, ensure_ascii=False) if said else _WORKAROUND
        lines += [
            "known_issue:",
            f"  reference: {_REFERENCE}",
            f"  started: {known.started}",
            f"  workaround: {workaround}",
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
        *(_origin(start) if start else ()),
        "---",
    ]
    return "\n".join(lines) + "\n"


def _questions(proposals: Sequence[str]) -> list[str]:
    """Return the questions: what people typed, twice, and prompts up to the fewest allowed."""
    prompts = _QUESTIONS[len(proposals) :]
    learned = [f"{LEARNED}:", *(f"  - {scalar(text)}" for text in proposals)]
    return [
        "questions:",
        *(f"  - {scalar(text)}" for text in proposals),
        *(f"  - {question}" for question in prompts),
        *(learned if proposals else ()),
    ]


def _origin(start: Start) -> list[str]:
    """Return where a draft comes from."""
    facts = {
        name: scalar(value) if isinstance(value, str) else value
        for name, value in start.facts.items()
    }
    related = [f"related: [{', '.join(map(quoted, start.related))}]"] if start.related else []
    return [
        *related,
        f"{GAP}:",
        f"  id: {quoted(start.gap)}",
        *(f"  {name}: {value}" for name, value in facts.items()),
    ]
