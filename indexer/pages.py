"""Where the site shows an article: page addresses and the headings that can be linked to.

The rules are MkDocs' own (`use_directory_urls`). With a built site at hand, every link is
checked against it, so that no suggestion leads to a page or a heading that is not there.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from indexer.article import Article, without_suffix
from indexer.chunking import Chunk

# The Content-Security-Policy that a build of the site leaves for whoever serves it.
POLICY_FILE = "content-security-policy.txt"
_ID = re.compile(r"""\sid\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")


def page_url(path: str, prefix: str = "") -> str:
    """Return the address of a file's page below the site's root, without a leading slash.

    Args:
        path: the Markdown file below its folder.
        prefix: where that folder's pages are below the site's root, `` for the root.
    """
    page = PurePosixPath(prefix) / without_suffix(path)
    if page.suffix == ".html":
        return page.as_posix()
    if page.name in ("index", "README"):
        page = page.parent
    return "" if page == PurePosixPath(".") else f"{page.as_posix()}/"


def old_page(address: str) -> str:
    """Return the folder of the page that an address of `redirect_from` had.

    It may name a file or a page, with slashes around it. `.` is the site's own folder; what
    begins with `..` leads out of the site.
    """
    return page_url(posixpath.normpath(address.strip("/"))).rstrip("/") or "."


class PageLinks:
    """The links of a corpus.

    Attributes:
        urls: address of each article's page by article id; None where the site has none.
        chunks: the chunks, without the anchors that the site does not have.
        missing: what could not be linked, one sentence each.
    """

    def __init__(
        self, articles: Sequence[Article], chunks: Sequence[Chunk], prefix: str, site: Path | None
    ) -> None:
        """Work out the links; check them where a built site is given."""
        self.urls: dict[str, str | None] = {a.id: page_url(a.path, prefix) for a in articles}
        self.chunks = list(chunks)
        self.missing: tuple[str, ...] = ()
        if site is not None:
            self._check(site)

    def _check(self, site: Path) -> None:
        missing: list[str] = []
        anchors: dict[str, set[str]] = {}
        for article_id, url in self.urls.items():
            page = _page_file(site, url or "")
            if page.is_file():
                anchors[article_id] = html_ids(page.read_text(encoding="utf-8"))
            else:
                self.urls[article_id] = None
                missing.append(f"{article_id}: the site has no page {url}")
        for row, chunk in enumerate(self.chunks):
            known = anchors.get(chunk.article_id, set())
            if chunk.anchor is not None and chunk.anchor not in known:
                self.chunks[row] = replace(chunk, anchor=None)
                if chunk.article_id in anchors:
                    missing.append(f"{chunk.id}: its page has no heading #{chunk.anchor}")
        self.missing = tuple(missing)


def _page_file(site: Path, url: str) -> Path:
    return site / url / "index.html" if url.endswith("/") or not url else site / url


def html_ids(text: str) -> set[str]:
    """Return every id in a page or a piece of HTML."""
    return {html.unescape(a or b or c) for a, b, c in _ID.findall(text)}
