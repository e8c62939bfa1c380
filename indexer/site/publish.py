"""What is written when the pages are: redirects, the list of articles, the security policy."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import logging
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from indexer.pages import POLICY_FILE, old_page, page_url
from indexer.site.pages import ASSETS_URL, SiteArticles

_logger = logging.getLogger("mkdocs.plugins.sop")
_REDIRECT = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
    <link rel="canonical" href="{target}">
    <link rel="icon" href="data:,">
    <meta name="robots" content="noindex">
    <meta http-equiv="refresh" content="0; url={target}">
  </head>
  <body><p>This article has moved to <a href="{target}">{title}</a>.</p></body>
</html>
"""
_ARTICLE_LIST = f"{ASSETS_URL}articles.json"
# What is written when the redirects are.
_RESERVED = (POLICY_FILE, _ARTICLE_LIST)
# Scripts of these types are data.
_DATA_TYPES = ("application/json", "application/ld+json", "importmap")


def write_redirects(folder: Path, site: SiteArticles) -> None:
    """Write a page at each address that an article had before.

    An address that is a page or a file already stays that, and the build says so.
    """
    for name, article in site.by_file.items():
        for address in article.front_matter.redirect_from:
            old = old_page(address)
            fault = _write_page(folder, old, _redirect(old, article.title, site.url(article)))
            if fault is not None:
                _logger.warning("%s: redirect_from: %s %s", name, address, fault)


def _redirect(old: str, title: str, url: str) -> str:
    slash = "/" if url.endswith("/") else ""
    target = posixpath.relpath(url, old) + slash
    return _REDIRECT.format(title=html.escape(title), target=html.escape(target))


def _write_page(folder: Path, path: str, text: str) -> str | None:
    """Write a page in a folder of the site, or return why it cannot be written there."""
    if path == ".." or path.startswith("../"):
        return "leads out of the site"
    if f"{path}/".startswith(tuple(f"{name}/" for name in _RESERVED)):
        return "is a file of the site"
    page = folder / path / "index.html"
    try:
        if page.exists():
            return "is a page"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    except (FileExistsError, NotADirectoryError):
        return "is a file of the site"
    except (OSError, ValueError):
        return "cannot be an address"
    return None


def write_article_list(folder: Path, articles: Sequence[Mapping[str, Any]]) -> None:
    """Write what the site's scripts know of its articles."""
    path = folder / _ARTICLE_LIST
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(articles, ensure_ascii=False, default=str), encoding="utf-8")


def write_policy(folder: Path, written: Iterable[str] = ()) -> None:
    """Write the Content-Security-Policy that the service sends with the pages.

    The theme's few inline scripts are allowed by their hashes, so that no other one runs.
    They stand in every page, so none is taken from those whose text is a writer's.

    Args:
        folder: of the built pages.
        written: names of the files behind the pages from which no script is taken.
    """
    passed_over = {folder / page_url(name) for name in written}
    scripts = {
        script
        for page in folder.rglob("*.html")
        if passed_over.isdisjoint((page, page.parent))
        for script in inline_scripts(page)
    }
    (folder / POLICY_FILE).write_text(policy(scripts) + "\n", encoding="utf-8")


def policy(scripts: Iterable[str]) -> str:
    """Return the policy of pages with these inline scripts."""
    hashes = sorted(
        "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
        for script in scripts
    )
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *hashes)),
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def inline_scripts(page: Path) -> list[str]:
    """Return the texts of the scripts that stand in a page and would run."""
    reader = _Scripts()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.found


class _Scripts(HTMLParser):
    """Collects the text of inline scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script" and "src" not in values and values.get("type") not in _DATA_TYPES:
            self._is_inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.found[-1] += data
