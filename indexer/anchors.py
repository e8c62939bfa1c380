"""Heading anchors: one rule for the index and for the site, so that links never miss.

The site's build is handed `slugify` by the hook in `indexer.site`; the index gives
chunks the same anchors through `Anchors`.
"""

from __future__ import annotations

import re
import unicodedata

from indexer import markdown

_NOT_SLUG = re.compile(r"[^\w\s-]")
_NUMBERED = re.compile(r"^(.*)_(\d+)$")


def slugify(text: str, separator: str = "-") -> str:
    """Return the anchor of a heading: lower case, letters of every script kept.

    The signature is that of Python-Markdown's `toc` extension, whose `slugify` option
    this function is in our site.
    """
    kept = _NOT_SLUG.sub("", unicodedata.normalize("NFC", text)).strip().lower()
    return re.sub(rf"[{re.escape(separator)}\s]+", separator, kept)


class Anchors:
    """Gives the headings of one page their anchors, in order, each only once.

    A repeated anchor gets `_1`, `_2`, … as in Python-Markdown's `toc` extension, whose
    rule this follows: explicit ids of the whole page are taken before the first slug.
    """

    def __init__(self, explicit: set[str] | None = None) -> None:
        self._used: set[str] = set(explicit or ())

    def anchor(self, heading: str) -> str:
        """Return the next free anchor for a heading's text."""
        slug = slugify(heading)
        if slug in self._used or not slug:
            numbered = _NUMBERED.match(slug)
            base, count = (numbered[1], int(numbered[2])) if numbered else (slug, 0)
            count += 1
            while f"{base}_{count}" in self._used:
                count += 1
            slug = f"{base}_{count}"
        self._used.add(slug)
        return slug


def heading_anchors(page: markdown.Node) -> dict[int, str]:
    """Return the anchor of every heading by its line; those in lists and quotes count too.

    Lines are those of the parsed text, counted from 0: no two headings start on one.
    """
    anchors = Anchors(set(markdown.explicit_ids(page)))
    found: dict[int, str] = {}
    for node in page.walk():
        if node.type == "heading":
            heading = markdown.heading(node.children[0])
            line = (node.map or (0, 0))[0]
            found[line] = heading.explicit_id or anchors.anchor(heading.slug_text)
    return found
