"""What a foreign file says about itself, as far as it can be taken over without guessing.

Pure: takes a file that was read, gives values of our front matter. What it does not say is
missing here, and is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args

from pydantic import ValidationError

from indexer import markdown
from indexer.adopt.places import language_suffix, valid_name
from indexer.article import LANGUAGE_PATTERN, Article, ArticleType, FrontMatter
from indexer.checks.draft import REVIEW_DAYS
from indexer.checks.folder import as_day
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.platform import Names, Platform
from indexer.teams import Team

MOST_SUMMARY_CHARS, _FEWEST_SUMMARY_CHARS = 200, 20
_MOST_OPENING_PARAGRAPHS = 3
_FEWEST_STEPS = 3
_SUMMARY_KEYS = ("summary", "description", "short_description", "excerpt", "abstract")
_TAG_KEYS = ("tags", "keywords", "categories")
_OWNER_KEYS = ("owner", "team", "owner_slack")
_REVIEW_KEYS = ("last_reviewed", "last_reviewed_on", "last_reviewed_at", "reviewed")
# Stated under our own names, these are taken over as they are where the value is allowed.
_SAME_KEYS = ("questions", "symptoms", "sharing")
# These types need more than a body.
_NEEDY_TYPES = ("known-issue", "tip")
# Not a sentence's end: `e.g.`, `z. B.`, `approx.`, an initial.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\w|e\.g|i\.e|z\.\s?B|d\.\s?h|approx|bzw|ca|cf|vs|No|Nr)\.$"
)
_SENTENCE_END = re.compile(r"[.!?\u2026][\"')\]\u201d\u00bb]*(?=\s|$)|[\u3002\uff01\uff1f]")
_TEMPLATE_CODE = re.compile(r"\{\{|\{%|<%|^\s*-{1,}8<|^\[TOC\]", re.IGNORECASE)
_NUMBERED_STEP = re.compile(r"^(?:step|schritt|шаг)\s*\d", re.IGNORECASE)
_STEPS = re.compile("steps|procedure|schritte|vorgehen")
_SIGNS = re.compile("symptoms?|problem|meaning|impact|error|alert|symptome|fehler")
_CURES = re.compile(
    "fix|checks?|diagnosis|mitigation|resolution|solution|remediation|troubleshooting|workaround"
    "|diagnose|lösung|behebung"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the file itself.

    Attributes:
        owner: the team that owns adopted articles; None where nobody is named.
        teams: of `teams.yml`, by key.
        platform: the names that articles may use.
        changed: the day when git last saw the file change; None where git does not know.
        today: no day of a review may lie behind it.
    """

    owner: str | None
    teams: Mapping[str, Team]
    platform: Platform
    changed: date | None
    today: date


def derive(path: str, article: Article, stated: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """Return our front matter without `id`, in the order in which it is written.

    Args:
        path: of the file below the folder that is adopted.
        article: the file as any folder's reader sees it.
        stated: the file's own front matter.
        known: what is known beside it.
    """
    tree = markdown.parse(article.body)
    prose = list(_paragraphs(tree))
    reviewed = _reviewed(stated, known)
    due = as_day(stated.get("review_by"))
    found: dict[str, Any] = {
        "title": article.title,
        "summary": _summary(stated, prose, article.title),
        "type": _type(stated, tree, article.title),
        "status": _status(article, stated),
        "owner": _owner(stated, known),
        **{key: stated[key] for key in _SAME_KEYS if _is_allowed(key, stated.get(key))},
        "tags": _permitted(_words(stated, *_TAG_KEYS), known.platform.tags),
        "language": _language(path, article, stated, prose),
        "audience": list(article.front_matter.audience),
        "last_reviewed": reviewed,
        "review_by": _due(due, reviewed),
    }
    silent = {"tags": [], "language": DEFAULT_LANGUAGE, "audience": ["internal"]}
    return {
        key: value for key, value in found.items() if value is not None and value != silent.get(key)
    }


def refused_tags(stated: Mapping[str, Any], platform: Platform) -> list[str]:
    """Return the tags that a file has and that `platform.yml` does not list."""
    if platform.tags is None:
        return []
    return [tag for tag in _words(stated, *_TAG_KEYS) if not _permitted([tag], platform.tags)]


def sentences(text: str) -> str | None:
    """Return as many whole sentences from the start of a text as a summary may have.

    None where the first one is too long, or the text has none.
    """
    ends = [
        found.end()
        for found in _SENTENCE_END.finditer(text)
        if found.end() <= MOST_SUMMARY_CHARS and not _ABBREVIATION.search(text[: found.end()])
    ]
    return text[: ends[-1]] if ends else None


def _summary(stated: Mapping[str, Any], prose: list[str], title: str) -> str | None:
    """Return what the file says it is about, else how its text begins."""
    for key in _SUMMARY_KEYS:
        if isinstance(text := stated.get(key), str):
            plain = " ".join(_paragraphs(markdown.parse(text)))
            short = plain if len(plain) <= MOST_SUMMARY_CHARS else sentences(plain)
            if short and _says_more(short, title):
                return short
    for text in prose[:_MOST_OPENING_PARAGRAPHS]:
        short = sentences(text)
        if short and _says_more(short, title):
            return short
    return None


def _says_more(text: str, title: str) -> bool:
    is_title = text.casefold().rstrip(". ") == title.casefold().rstrip(". ")
    return len(text) >= _FEWEST_SUMMARY_CHARS and not is_title


def _paragraphs(tree: markdown.Node) -> Iterator[str]:
    """Yield the paragraphs of a text as plain text; code, lists and tables are none."""
    for node in tree.children:
        if node.type == "paragraph":
            text = " ".join(markdown.inline_text(node.children[0], pictures=False).split())
            if text and not _TEMPLATE_CODE.search(text):
                yield text


def _type(stated: Mapping[str, Any], tree: markdown.Node, title: str) -> str:
    named = stated.get("type")
    if named in get_args(ArticleType) and named not in _NEEDY_TYPES:
        return str(named)
    headings = [
        markdown.heading(node.children[0]).text for node in tree.walk() if node.type == "heading"
    ]
    is_trouble = _stands(_SIGNS, headings) and _stands(_CURES, headings)
    if is_trouble or title.lower().startswith("troubleshoot"):
        return "troubleshooting"
    lists = [len(node.children) for node in tree.children if node.type == "ordered_list"]
    has_steps = max(lists, default=0) >= _FEWEST_STEPS or _stands(_STEPS, headings)
    if has_steps or sum(bool(_NUMBERED_STEP.match(text)) for text in headings) > 1:
        return "how-to"
    return "reference"


def _stands(wanted: re.Pattern[str], headings: list[str]) -> bool:
    """Tell whether one of some headings is there, with marks and numbers around it or not."""
    bare = (text.casefold().strip(" :.0123456789*_?!") for text in headings)
    return any(wanted.fullmatch(text) for text in bare)


def _status(article: Article, stated: Mapping[str, Any]) -> str:
    """Return `review`, so that readers find it and see that nobody has looked at it here.

    What its writer kept back stays back.
    """
    if stated.get("published") is False:
        return "draft"
    status = article.front_matter.status
    return "review" if status == "active" else status


def _owner(stated: Mapping[str, Any], known: Known) -> str | None:
    """Return the team that the file names, where we know it, else the one for all."""
    for key in _OWNER_KEYS:
        for name, team in known.teams.items():
            if stated.get(key) is not None and stated[key] in (name, team.name, team.channel):
                return name
    return known.owner


def _is_allowed(key: str, value: Any) -> bool:
    if not value:
        return False
    try:
        FrontMatter.model_validate({key: value})
    except ValidationError:
        return False
    return True


def _words(stated: Mapping[str, Any], *keys: str) -> list[str]:
    """Return the texts that stand under some keys, alone or in a list, each once."""
    values = [one for key in keys for one in _as_list(stated.get(key))]
    return list(
        dict.fromkeys(one.strip() for one in values if isinstance(one, str) and one.strip())
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _permitted(names: list[str], known: Names | None) -> list[str]:
    """Return those names that may be used, as they are spelt where they are kept."""
    if known is None:
        return names
    spelt = {valid_name(name): name for name in sorted(known)}
    found = [name if name in known else spelt.get(valid_name(name)) for name in names]
    return list(dict.fromkeys(name for name in found if name))


def _language(path: str, article: Article, stated: Mapping[str, Any], prose: list[str]) -> str:
    """Return the language that front matter, else the file's name, else the text says."""
    for key in ("language", "lang", "locale"):
        value = stated.get(key)
        if isinstance(value, str) and re.fullmatch(LANGUAGE_PATTERN, value.replace("_", "-")):
            return value.replace("_", "-")
    return language_suffix(path) or detect_language("\n".join([article.title, *prose]))


def _reviewed(stated: Mapping[str, Any], known: Known) -> date | None:
    """Return the day of the last review that the file states, else of its last change."""
    for key in _REVIEW_KEYS:
        day = as_day(stated.get(key))
        if day is not None and day <= known.today:
            return day
    return known.changed


def _due(stated: date | None, reviewed: date | None) -> date | None:
    if stated is not None and (reviewed is None or stated > reviewed):
        return stated
    return None if reviewed is None else reviewed + timedelta(days=REVIEW_DAYS)
