"""What the theme is told about an article's page. The theme prints most of it as HTML."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from jinja2 import Environment, FileSystemLoader, TemplateNotFound

from indexer.article import Article

_logger = logging.getLogger("mkdocs.plugins.sop")
_UNMARKED = ("active", "review")


def as_title(text: str) -> str:
    """Return a title as HTML, which is what the theme and its search take titles for."""
    return escape(text, quote=False)


def article_meta(
    name: str, article: Article, stated: Mapping[str, Any], folders: Sequence[str]
) -> dict[str, Any]:
    """Return all that the theme may know of an article: keys that writers add are left out.

    Args:
        name: the article's file, for warnings.
        article: gives everything that is shown.
        stated: the front matter as MkDocs read it; gives the four keys that are the theme's.
        folders: of the theme's templates and icons.
    """
    meta = _theme_keys(name, stated, folders) | {"title": as_title(article.title)}
    front_matter = article.front_matter
    if front_matter.tags:
        meta["tags"] = [as_title(tag) for tag in front_matter.tags]
    if front_matter.status not in _UNMARKED:
        meta["status"] = front_matter.status
    if front_matter.summary:
        meta["description"] = escape(front_matter.summary)
    return meta


def _theme_keys(name: str, stated: Mapping[str, Any], folders: Sequence[str]) -> dict[str, Any]:
    """Return the theme's own keys; a value that would end the build is named and left out."""
    usable: dict[str, Callable[[Any], bool]] = {
        "template": lambda value: _has_template(str(value), folders),
        "icon": lambda value: _has_template(f".icons/{value}.svg", folders),
        "hide": lambda value: isinstance(value, str | list),
        "search": lambda value: isinstance(value, dict),
    }
    kept: dict[str, Any] = {}
    for key, is_usable in usable.items():
        value = stated.get(key)
        if value is None:
            continue
        if is_usable(value):
            kept[key] = value
        else:
            _logger.warning("%s: %s: the theme has no use for %s", name, key, value)
    return kept


def _has_template(name: str, folders: Sequence[str]) -> bool:
    """Tell whether the theme would find a file by this name, with its own loader."""
    try:
        FileSystemLoader(folders).get_source(Environment(autoescape=True), name)
    except (TemplateNotFound, OSError, ValueError):
        return False
    return True
