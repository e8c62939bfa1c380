"""Which pictures and documents beside the articles are published: those that a visible one links.

A name alone says nothing: a hidden article's picture may be called the same. So each link
is followed from its article, as the site does it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from indexer import markdown
from indexer.article import Article
from indexer.pages import page_url

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".pdf", ".csv", ".txt")


def attachments(folder: Path, articles: Iterable[Article]) -> list[str]:
    """Return the paths below the folder of what these articles link to, in order.

    A symbolic link must not lead out of the folder.
    """
    root = folder.resolve()
    linked = {path for article in articles for path in _linked(article)}
    return [
        name
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and (name := path.relative_to(folder).as_posix()) in linked
        and path.is_file()
        and path.resolve().is_relative_to(root)
    ]


def _linked(article: Article) -> set[str]:
    """Return what an article links to, as paths below the folder.

    MkDocs follows the links of Markdown from the file; those of HTML are left to the
    browser, which follows them from the page.
    """
    found = markdown.addresses(article.body)
    file_folder, page = posixpath.dirname(article.path), page_url(article.path)
    in_text = {_resolved(file_folder, address) for address in found.in_text}
    return in_text | {_resolved(page, address) for address in found.in_html}


def _resolved(base: str, address: str) -> str:
    path = unquote(re.split(r"[?#]", address, maxsplit=1)[0])
    return posixpath.normpath(posixpath.join(base, path))
