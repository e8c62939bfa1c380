"""Markdown to a tree, and tokens to plain text: the only place that configures markdown-it.

Reads what MkDocs sites are written in: CommonMark, tables, and the indented blocks of
Python-Markdown (admonitions, details, tabs), whose bodies are prose although CommonMark
would call them code. HTML is reduced to its text. Nothing here renders HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

# `!!! note "Title"`, `??? tip`, `???+ tip`, `=== "Tab"`, `===! "Tab"`; the line is stripped first.
_INDENTED_BLOCK = re.compile(
    r"(?P<marker>!!!|\?\?\?\+?|===[!+]?) +(?P<kind>[\w-]+(?: [\w-]+)*)?(?: *\"(?P<title>[^\"]*)\")?"
)
_BODY_INDENT = 4
# Attribute lists (`{ .button }`, `{: #id }`) and theme icons say how text looks, not what it says.
_ATTRIBUTES = r"(?<!\{)(?:\{:[^{}\n]*\}|\{ *[.#][\w-][^{}\n]*\})(?!\})"
_LEADING_ATTRIBUTES = re.compile(rf"^{_ATTRIBUTES}")
_TRAILING_ATTRIBUTES = re.compile(rf"(?:^|\s){_ATTRIBUTES}\s*$")
_ICON = re.compile(r":(?:material|fontawesome|octicons|simple|custom)-[\w-]+:")
_INCLUDE = re.compile(r"^\s*-{1,}8<-{1,}.*$")
_SILENT_HTML = frozenset({"script", "style"})
# The standard library's parser reads on to the end of the text at every `<` that opens nothing.
_LONELY_BRACKET = re.compile(r"<(?![a-zA-Z/?!][^<>]*>)")
_ADDRESS = re.compile(
    r"""\s(?:src|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE
)
_BREAKING_HTML = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)


Node = SyntaxTreeNode


def parse(body: str) -> Node:
    """Return the syntax tree of a Markdown body; every block node knows its lines."""
    return SyntaxTreeNode(_parser().parse(body))


def first_title(body: str) -> str | None:
    """Return the text of the first level-1 heading, or None when there is none."""
    for node in parse(body).walk():
        if node.type == "heading" and node.tag == "h1":
            return heading(node.children[0]).text or None
    return None


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a body links to or shows, as it is written there.

    Attributes:
        in_text: addresses of Markdown's own links and pictures.
        in_html: of tags among the Markdown.
    """

    in_text: tuple[str, ...]
    in_html: tuple[str, ...]


def addresses(body: str) -> Addresses:
    """Return the addresses in a Markdown body; what stands in code is none."""
    return addresses_of(parse(body))


def addresses_of(page: Node) -> Addresses:
    """Return the addresses in a parsed page, as `addresses` does."""
    in_text: list[str] = []
    in_html: list[str] = []
    for node in page.walk():
        if node.type in ("link", "image"):
            in_text.append(str(node.attrs.get("href" if node.type == "link" else "src", "")))
        elif node.type in ("html_block", "html_inline"):
            in_html += (html.unescape(a or b or c) for a, b, c in _ADDRESS.findall(node.content))
    return Addresses(tuple(in_text), tuple(in_html))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's words.

    Attributes:
        text: as a reader sees it, pictures by their description.
        slug_text: what the site makes the anchor from: without pictures.
        explicit_id: the id that an attribute list sets, if any.
    """

    text: str
    slug_text: str
    explicit_id: str | None


def heading(inline: Token | SyntaxTreeNode) -> Heading:
    """Return the words of a heading, from its inline node."""
    ids = explicit_ids(inline)
    return Heading(
        text=" ".join(inline_text(inline).split()),
        slug_text=" ".join(inline_text(inline, pictures=False).split()),
        explicit_id=ids[-1] if ids else None,
    )


def explicit_ids(node: Token | SyntaxTreeNode) -> list[str]:
    """Return the ids that attribute lists set in a node and below it; code sets none."""
    found: list[str] = []
    for text in _attribute_lists(node):
        words = text.strip("{}: ").split()
        found += [word[1:] for word in words if word.startswith("#") and len(word) > 1]
    for child in node.children or ():
        found += explicit_ids(child)
    return found


def inline_text(node: Token | SyntaxTreeNode, *, pictures: bool = True) -> str:
    """Return the words of inline content: link texts, code and, if wanted, what pictures show."""
    parts: list[str] = []
    for child, text in _texts(node):
        match child.type:
            case "text":
                parts.append(_ICON.sub("", text))
            case "code_inline":
                parts.append(child.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "html_inline":
                parts.append("\n" if child.content.lower().startswith("<br") else "")
            case "image":
                parts.append(inline_text(child) if pictures else "")
            case _:
                parts.append(inline_text(child, pictures=pictures))
    return "".join(parts)


def _texts(
    node: Token | SyntaxTreeNode,
) -> Iterator[tuple[Token | SyntaxTreeNode, str]]:
    """Yield each child and, for a text, what is left of it without attribute lists.

    Python-Markdown takes one in two places: right behind a link, a picture or the like,
    and at the end of a heading, or on a line of its own at the end of a block.
    """
    children: list[Any] = list(node.children or ())
    for place, child in enumerate(children):
        text = child.content if child.type == "text" else ""
        if "{" not in text:
            yield child, text
            continue
        before = children[place - 1].type if place else None
        if before not in (None, "text", "softbreak", "hardbreak"):
            text = _LEADING_ATTRIBUTES.sub("", text)
        if place == len(children) - 1 and (before in (None, "softbreak") or _is_heading(node)):
            alone = _TRAILING_ATTRIBUTES.search(text)
            if alone and (alone.start() == 0 or _is_heading(node)):
                text = text[: alone.start()]
        yield child, text


def _attribute_lists(node: Token | SyntaxTreeNode) -> Iterator[str]:
    """Yield the attribute lists among a node's own texts."""
    for child, text in _texts(node):
        if child.type == "text" and text != child.content:
            yield child.content.removeprefix(text).removesuffix(text)


def _is_heading(node: Token | SyntaxTreeNode) -> bool:
    """Tell whether this is the inline content of a heading."""
    parent = node.parent if isinstance(node, SyntaxTreeNode) else None
    return parent is not None and parent.type == "heading"


def page_lines(page: Node) -> Iterator[tuple[int, str]]:
    """Yield a parsed page's words and code line by line, each with its line, counted from 0.

    Addresses of links are no words. HTML counts for the line on which its block starts.
    """
    start = 0
    for token in page.to_tokens():
        start = token.map[0] if token.map else start
        match token.type:
            case "inline":
                texts = inline_text(token).split("\n")
            case "fence":
                start, texts = start + 1, token.content.split("\n")
            case "code_block":
                texts = token.content.split("\n")
            case "html_block":
                texts = [html_text(token.content)]
            case _:
                continue
        yield from enumerate(texts, start)


def html_text(html: str) -> str:
    """Return the words of an HTML fragment, a line for each block element."""
    reader = _HtmlText()
    reader.feed(_LONELY_BRACKET.sub("&lt;", without_comments(html)))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def without_comments(html: str) -> str:
    """Return HTML without its comments; one that is not closed ends the text."""
    kept: list[str] = []
    start = 0
    while (opening := html.find("<!--", start)) >= 0:
        kept.append(html[start:opening])
        closing = html.find("-->", opening + 4)
        start = closing + 3 if closing >= 0 else len(html)
    return "".join([*kept, html[start:]])


def without_includes(text: str) -> str:
    """Return text without the lines that ask the site to include another file (`--8<--`)."""
    return "\n".join(line for line in text.split("\n") if not _INCLUDE.match(line))


@cache
def _parser() -> MarkdownIt:
    # The preset stops at 20 levels and drops what lies deeper without a word.
    parser = MarkdownIt("commonmark", {"maxNesting": 200}).enable(["table", "strikethrough"])
    parser.block.ruler.at("reference", _reference)
    parser.block.ruler.before(
        "code",
        "indented_block",
        _indented_block,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    return parser


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a link definition; a footnote looks like one, and its text must not be lost."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    return not line.startswith("[^") and reference(state, start, end, silent)


def _indented_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read an admonition, details or tab block: its title, then its body as ordinary blocks."""
    if state.is_code_block(start):
        return False
    opening = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    is_marked = opening[:3] in ("!!!", "???", "===")
    found = _INDENTED_BLOCK.fullmatch(opening.rstrip()) if is_marked else None
    if found is None or (found["marker"].startswith("=") and found["title"] is None):
        return False
    if silent:
        return True

    indent = state.sCount[start] + _BODY_INDENT
    stop = start + 1
    while stop < end and (state.isEmpty(stop) or state.sCount[stop] >= indent):
        stop += 1
    while stop > start + 1 and state.isEmpty(stop - 1):
        stop -= 1

    title = found["title"] or ""
    state.push("indented_block_open", "div", 1).map = [start, stop]
    if title:
        state.push("paragraph_open", "p", 1).map = [start, start + 1]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = title, [start, start + 1], []
        state.push("paragraph_close", "p", -1)
    _read_body(state, start + 1, stop, indent)
    state.push("indented_block_close", "div", -1)
    state.line = stop
    return True


def _read_body(state: StateBlock, start: int, stop: int, indent: int) -> None:
    """Read lines `start` to `stop` as blocks whose left margin is `indent`."""
    old_parent, old_max, old_indent = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "indented_block", stop, indent
    if start < stop:
        state.md.block.tokenize(state, start, stop)
    state.parentType, state.lineMax, state.blkIndent = old_parent, old_max, old_indent


class _HtmlText(HTMLParser):
    """Collects the text of HTML; scripts, styles and comments are no text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        if tag in _SILENT_HTML:
            self._silent += 1
        if tag in _BREAKING_HTML:
            self.parts.append("\n")
        if tag == "img":
            self.parts.append(f" {dict(attrs).get('alt') or ''} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT_HTML:
            self._silent = max(0, self._silent - 1)
        if tag in _BREAKING_HTML:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
