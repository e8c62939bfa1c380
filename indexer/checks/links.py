"""Rules about what an article leads to: files, headings, pictures, other articles."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from indexer.article import ID_PATTERN
from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Source, meant

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = ("http", "https", "mailto", "tel")
_KEPT = f"it keeps {', '.join(_WEB)}"
# The parser takes such a link for text.
_REFUSED = re.compile(r"\]\(\s*<?(javascript|vbscript|file|data):", re.IGNORECASE)
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_GONE = "mend the path, or link to the article that took over"
_BY_FILE = "link by file, such as ../access/unlock-account.md"
_EMPTY_ALTS = frozenset({"image", "picture", "screenshot", "bild", "img"})


def links(folder: Folder) -> Iterator[Fault]:
    """A link leads to a file that is there and that readers can see."""
    for source in folder.linking:
        for link in source.page.links:
            fault = _bad_link(folder, source, link.target, link.text)
            if fault:
                message, hint = fault
                column = source.lines[link.line - 1].find(link.target) + 1
                yield source.fault(link.line, message, hint, max(column, 1))
        for block in source.page.prose:
            for scheme in _REFUSED.findall(block.text):
                yield source.fault(block.line, f"the site drops {scheme}: addresses", _KEPT)


def anchors(folder: Folder) -> Iterator[Fault]:
    """What stands behind `#` in a link is a heading of that page."""
    for source in folder.linking:
        for link in source.page.links:
            target, mark, anchor = link.target.partition("#")
            if not mark or _SCHEME.match(target) or target.startswith("/"):
                continue
            page = folder.by_path.get(_resolved(source, target)) if target else source
            known = page.page.anchors if page and page.is_text else None
            if known is not None and anchor and unquote(anchor) not in known:
                message = f"no heading #{unquote(anchor)} in {page.path if page else target}"
                hint = meant(unquote(anchor), known, "link to a heading that is there")
                column = source.lines[link.line - 1].find(link.target) + 1
                yield source.fault(link.line, message, hint, max(column, 1))


def images(folder: Folder) -> Iterator[Fault]:
    """A picture is there, is one that the site shows, and has words for those who do not see it."""
    for source in folder.linking:
        for picture in source.page.pictures:
            target = unquote(picture.target.partition("#")[0].partition("?")[0])
            name = posixpath.basename(target)
            if not picture.alt or _says_nothing(picture.alt, name):
                hint = "write what it shows: ![The button Release task](task.png)"
                yield source.fault(picture.line, f"{name} has no words that stand for it", hint)
            if _SCHEME.match(target) or target.startswith("//"):
                message = f"{name} lies on another host, which the site never asks"
                yield source.fault(picture.line, message, "keep the picture beside the article")
            elif not target.lower().endswith(_PICTURES):
                message = f"{name or 'the address'} is no picture that the site shows"
                yield source.fault(picture.line, message, f"use one of {', '.join(_PICTURES)}")
            elif not folder.exists(_resolved(source, target)):
                message = f"no picture {_resolved(source, target)}"
                yield source.fault(picture.line, message, "add the file, or mend its path")


def related(folder: Folder) -> Iterator[Fault]:
    """Articles that are named by their id exist and are shown to readers."""
    for source in folder.texts:
        seen: set[str] = set()
        for name in source.words("related"):
            target = next(iter(folder.claimants.get(name, [])), None)
            line = source.line_of("related", name)
            if name in seen:
                yield source.fault(line, f"related: {name} stands twice", "keep one")
            elif name == source.id:
                yield source.fault(line, f"related: {name} is this article", "remove it")
            elif target is None and re.fullmatch(ID_PATTERN, name):
                hint = "name an article that exists, or remove it"
                yield source.fault(line, f"related: no article has the id {name}", hint)
            elif target and not target.is_published and source.is_published:
                message = f"related: {name} is {target.values.get('status')}, so nobody sees it"
                yield source.fault(line, message, "remove it until that article is active")
            seen.add(name)


def _bad_link(folder: Folder, source: Source, target: str, text: str) -> tuple[str, str] | None:
    """Return what is wrong with a link and what to do; None where nothing is."""
    address = unquote(target.partition("#")[0].partition("?")[0])
    if not text:
        return f"the link to {target or 'nowhere'} has no words", "say where it leads"
    if not target:
        return "the link leads nowhere", _BY_FILE
    if _SCHEME.match(target):
        scheme = target.partition(":")[0].lower()
        return None if scheme in _WEB else (f"the site drops {scheme}: addresses", _KEPT)
    if target.startswith("/"):
        return f"{target} works on one host only", _BY_FILE
    return _bad_file(folder, source, address) if address else None


def _bad_file(folder: Folder, source: Source, address: str) -> tuple[str, str] | None:
    """Return what is wrong with a file that a link leads to."""
    path = _resolved(source, address)
    page = folder.by_path.get(path)
    if path.startswith("../") or not folder.exists(path):
        return f"no file {path}", meant(path, folder.by_path, _GONE)
    if page is None and (address.endswith("/") or not posixpath.splitext(address)[1]):
        return f"{address} is a folder, which the site has no link for", _BY_FILE
    if page and source.is_published and not page.is_published:
        status = page.values.get("status")
        return f"{path} is {status}, so nobody can open it", "link to an active article"
    return None


def _resolved(source: Source, target: str) -> str:
    """Return the path that a relative address means, as findings show paths."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source.path), unquote(target)))


def _says_nothing(alt: str, name: str) -> bool:
    """Tell whether a picture's words are only its file's name or a word for a picture."""
    plain = alt.lower()
    return plain in _EMPTY_ALTS or plain in (name.lower(), posixpath.splitext(name)[0].lower())
