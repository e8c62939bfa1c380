"""Links of an adopted text: the same words, leading to where their targets went.

Pure: takes a body and a function that says where an address leads now. Bytes change only
inside the addresses themselves, and what stands in code is no address.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from indexer import markdown
from indexer.anchors import heading_anchors

# Returns where an address leads now, or None where it stays; the flag tells HTML from Markdown.
Moved = Callable[[str, bool], str | None]
_Address = tuple[str, bool]
_Table = dict[_Address, str | None]

_IN_TEXT = re.compile(r"\]\(\s*(<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)")
_DEFINITION = re.compile(r"^[ \t>]*\[(?!\^)[^\]\n]+\]:\s*(<[^<>\n]*>|\S+)", re.MULTILINE)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_IN_TAG = re.compile(r"\s(?:src|href)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_UNSAFE = re.compile(r"[\s()<>\"]")
_SAFE = "/#?&=%.-_~:+,;@!$*'"
_NOT_GITHUB_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A body with its links rewritten.

    Attributes:
        body: the Markdown.
        left: addresses that lead elsewhere now and could not be rewritten, as they stand.
    """

    body: str
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    """An address in the text, and what takes its place."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a rewritten body must still have, or have now."""

    code: tuple[str, ...]
    addresses: tuple[_Address, ...]


def rewrite(body: str, moved: Moved) -> Rewritten:
    """Return a body whose links lead to where their targets went.

    The parser says what is an address, and is asked again afterwards whether each was met
    and no code was.
    """
    tree = markdown.parse(body)
    before = _shape(tree)
    table = {one: moved(*one) for one in dict.fromkeys(before.addresses)}
    if all(new is None for new in table.values()):
        return Rewritten(body, ())
    found = _edits(body, table, _code_lines(tree))
    edits = sorted(found, key=lambda edit: edit.start, reverse=True)
    wanted = tuple(_target(one, table) for one in before.addresses)
    whole = body
    for edit in edits:
        whole = whole[: edit.start] + edit.new + whole[edit.end :]
    if _shape(markdown.parse(whole)) == _Shape(before.code, wanted):
        return Rewritten(whole, ())
    # Something looked like a link and is none: each is tried by itself.
    for edit in edits:
        tried = body[: edit.start] + edit.new + body[edit.end :]
        if _shape(markdown.parse(tried)).code == before.code:
            body = tried
    now = _shape(markdown.parse(body)).addresses
    pairs = zip(before.addresses, wanted, strict=True)
    left = [old[0] for old, new in pairs if old != new and new not in now]
    return Rewritten(body, tuple(dict.fromkeys(left)))


def moved_anchors(old: str, new: str) -> dict[str, str]:
    """Return what stood behind `#` for each heading of a body, and what stands there now.

    The old names are those of our site and those of GitHub. A title that went into the front
    matter is named by nothing: the page itself is meant.

    Args:
        old: the body as it was.
        new: without its title, otherwise the same.
    """
    then, now = _anchors(old), _anchors(new)
    gone = len(then) - len(now)
    kept = [""] * gone + [ours for ours, _ in now]
    found: dict[str, str] = {}
    for (ours, _), place in zip(then, kept, strict=True):
        found.setdefault(ours, place)
    for (_, theirs), place in zip(then, kept, strict=True):
        found.setdefault(theirs, place)
    return found


def _anchors(body: str) -> list[tuple[str, str]]:
    """Return the anchor of each heading, ours and GitHub's, in the order of the text."""
    tree = markdown.parse(body)
    ours = heading_anchors(tree)
    seen: dict[str, int] = {}
    found: list[tuple[str, str]] = []
    for node in tree.walk():
        if node.type == "heading":
            text = unicodedata.normalize("NFC", markdown.heading(node.children[0]).text)
            slug = _NOT_GITHUB_SLUG.sub("", text.lower()).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            theirs = f"{slug}-{count}" if count else slug
            found.append((ours[(node.map or (0, 0))[0]], theirs))
    return found


def _edits(body: str, table: _Table, code_lines: set[int]) -> Iterator[_Edit]:
    """Yield what is to be written over addresses; what is in blocks of code is passed over."""
    starts = [0, *(found.end() for found in re.finditer("\n", body))]
    for start, end, is_html in _candidates(body):
        if bisect_right(starts, start) - 1 in code_lines:
            continue
        written = body[start:end]
        address = html.unescape(written.strip("<>\"'"))
        if not is_html:
            address = _ESCAPE.sub(r"\1", address)
        new = table.get((unquote(address), is_html))
        if new is not None:
            # An anchor may have characters that would end an address.
            safe = quote(new, safe=_SAFE) if _UNSAFE.search(new) else new
            opening = written[:1] if written[:1] in ("<", '"', "'") else ""
            yield _Edit(start, end, f"{opening}{safe}{'>' if opening == '<' else opening}")


def _candidates(body: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of everything that looks like an address, and whether HTML has it."""
    for pattern in (_IN_TEXT, _DEFINITION):
        for found in pattern.finditer(body):
            yield found.start(1), found.end(1), False
    for tag in _TAG.finditer(body):
        for found in _IN_TAG.finditer(tag[0]):
            yield tag.start() + found.start(1), tag.start() + found.end(1), True


def _code_lines(tree: markdown.Node) -> set[int]:
    lines: set[int] = set()
    for node in tree.walk(include_self=False):
        if node.type in ("fence", "code_block") and node.map:
            lines.update(range(*node.map))
    return lines


def _target(address: _Address, table: _Table) -> _Address:
    new = table[address]
    return address if new is None else (unquote(new), address[1])


def _shape(tree: markdown.Node) -> _Shape:
    kinds = ("fence", "code_block", "code_inline")
    code = tuple(node.content for node in tree.walk(include_self=False) if node.type in kinds)
    found = markdown.addresses_of(tree)
    in_text = [(unquote(one), False) for one in found.in_text]
    return _Shape(code, (*in_text, *((unquote(one), True) for one in found.in_html)))
