"""What an address in a foreign file means: another file, a picture, or neither.

Knows the usual ways in which sites let people write links: by file, without suffix, by page,
by folder, and from the site's root.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from indexer.adopt.places import free_name, valid_name
from indexer.pages import page_url
from indexer.site.attachments import SUFFIXES as ATTACHED

# Larger ones do not belong into git.
MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024
_ELSEWHERE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_PAGES = ("", ".md", ".markdown", ".html.md", ".md.erb", ".html.md.erb")
_FRONT_PAGES = ("index", "README", "_index", "readme")


class Targets:
    """Leads addresses of one folder's files to where their targets go.

    Attributes:
        copies: where each picture or document goes, by its path below the folder.
        lost: addresses that lead to nothing that is adopted, by the file they stand in.
    """

    def __init__(
        self,
        folder: Path,
        sop: Path,
        places: Mapping[str, str],
        addresses: Mapping[str, str],
        anchors: Callable[[str], Mapping[str, str]],
        taken: set[str],
    ) -> None:
        """Keep what is known of all files.

        Args:
            folder: that is adopted.
            sop: of the articles; what was copied there before is not copied again.
            places: where each Markdown file goes, below `sop`, by its path below `folder`.
            addresses: files by the address on their old site that their front matter states.
            anchors: gives, for a file, what stands behind `#` for its headings then and now.
            taken: paths below `sop` that are in use, in lower case; it grows.
        """
        self.copies: dict[str, str] = {}
        self.lost: dict[str, list[str]] = {}
        self._folder, self._root, self._sop = folder, folder.resolve(), sop
        self._places, self._addresses = places, addresses
        self._anchors, self._taken = anchors, taken

    def moved(self, path: str, address: str, is_html: bool) -> str | None:
        """Return where an address in a file leads now; None where it stays as it is."""
        if not address or _ELSEWHERE.match(address) or not address.isprintable():
            return None
        asked, mark, anchor = address.partition("#")
        asked, question, query = asked.partition("?")
        wanted = unquote(asked)
        for target in self._meant(path, wanted, is_html) if wanted else (path,):
            if target in self._places:
                place = self._anchors(target).get(unquote(anchor), anchor) if anchor else ""
                new = self._page(path, target, is_html) if wanted or not place else ""
                moved = f"{new}{question}{query}" + (f"#{place}" if place else "")
                return moved if unquote(moved) != unquote(address) else None
            if target.lower().endswith(ATTACHED) and self._is_file(target):
                new = self._attached(path, target, is_html)
                moved = f"{new}{question}{query}{mark}{anchor}"
                return moved if unquote(moved) != unquote(address) else None
        lost = self.lost.setdefault(path, [])
        if address not in lost:
            lost.append(address)
        return None

    def _meant(self, path: str, wanted: str, is_html: bool) -> Iterator[str]:
        """Yield the files that an address may mean, the likeliest first."""
        folder = posixpath.dirname(path)
        if (stated := self._addresses.get(wanted.strip("/"))) and wanted.startswith("/"):
            yield stated
        if wanted.startswith("/"):
            parts = folder.split("/") if folder else []
            bases = ["/".join(parts[:count]) for count in range(len(parts) + 1)]
        else:
            # Browsers follow HTML's addresses from the page, forges from the file.
            bases = [folder, page_url(path)] if is_html else [folder]
        for base in bases:
            named = posixpath.normpath(posixpath.join(base, wanted.strip("/") or "."))
            if named.startswith("../") or named == "..":
                continue
            stems = [named, named.removesuffix(".html")]
            names = [f"{stem}{suffix}" for stem in dict.fromkeys(stems) for suffix in _PAGES]
            names += [f"{named}/{front}{suffix}" for front in _FRONT_PAGES for suffix in _PAGES[1:]]
            for name in names:
                yield name.removeprefix("./")
                if (real := self._real(name)) is not None and real != name:
                    yield real

    def _real(self, name: str) -> str | None:
        """Return the path below the folder that a path leads to by symbolic links."""
        try:
            real = (self._folder / name).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            return None
        return real.relative_to(self._root).as_posix() if real.is_relative_to(self._root) else None

    def _is_file(self, name: str) -> bool:
        real = self._real(name)
        file = self._root / (real or "")
        return real is not None and file.is_file() and file.stat().st_size <= MAX_ATTACHMENT_BYTES

    def _page(self, path: str, target: str, is_html: bool) -> str:
        """Return the address of a file's new place, from the new place of another one."""
        here, there = self._places[path], self._places[target]
        if is_html:
            return f"{posixpath.relpath(page_url(there), page_url(here))}/"
        return posixpath.relpath(there, posixpath.dirname(here))

    def _attached(self, path: str, target: str, is_html: bool) -> str:
        """Return the address of a picture or document beside the article that shows it first."""
        here = self._places[path]
        if target not in self.copies:
            self.copies[target] = self._free(posixpath.dirname(here), target)
        base = page_url(here) if is_html else posixpath.dirname(here)
        return posixpath.relpath(self.copies[target], base)

    def _free(self, area: str, target: str) -> str:
        """Return a path for a copy: its own name, with its folder's where that is taken."""
        name, suffix = posixpath.splitext(posixpath.basename(target))
        own = valid_name(name) or "picture"
        folder = valid_name(posixpath.basename(posixpath.dirname(target)))
        stems = [f"{area}/{one}" for one in (own, f"{folder}-{own}" if folder else own)]
        content = (self._root / (self._real(target) or "")).read_bytes()
        for stem in stems:
            before = self._sop / f"{stem}{suffix.lower()}"
            if before.is_file() and before.read_bytes() == content:
                return f"{stem}{suffix.lower()}"
        return free_name(stems, suffix.lower(), self._taken) + suffix.lower()
