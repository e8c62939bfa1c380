"""The body of an article as rules look at it: read once, every part with its line in the file.

Takes Markdown; gives headings with the site's anchors, links, pictures, code, tables, lists
and HTML. Never touches the file system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer import markdown
from indexer.anchors import heading_anchors
from indexer.pages import html_ids

_FENCE_END = re.compile(r"^[\s>]*(`{3,}|~{3,})\s*$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level from 1 to 6, its words, and what stands behind `#` in a link to it."""

    line: int
    level: int
    text: str
    anchor: str


@dataclass(slots=True)
class Section:
    """What stands below a heading of the second level, up to the next of that level or above."""

    heading: Heading
    is_empty: bool = True
    has_steps: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link's address and words."""

    line: int
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's address and what stands for it where it is not seen."""

    line: int
    target: str
    alt: str


@dataclass(frozen=True, slots=True)
class Block:
    """Code, a table or HTML, as it was written, without its indentation."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of an ordered list, as they were written."""

    line: int
    numbers: tuple[int, ...]


@dataclass(slots=True)
class Page:
    """All parts of a body, each kind in the order of the text.

    Attributes:
        code: fenced or indented.
        open_fences: those among them that are never closed.
        lists: the numbered ones.
        words: of prose and code, line by line.
        prose: without code.
        names: code within prose.
        anchors: everything that a link to this page can name.
    """

    headings: list[Heading] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    code: list[Block] = field(default_factory=list)
    open_fences: list[Block] = field(default_factory=list)
    tables: list[Block] = field(default_factory=list)
    html: list[Block] = field(default_factory=list)
    lists: list[Numbering] = field(default_factory=list)
    words: list[Block] = field(default_factory=list)
    prose: list[Block] = field(default_factory=list)
    names: list[Block] = field(default_factory=list)
    anchors: frozenset[str] = frozenset()


def read_page(body: str, first_line: int) -> Page:
    """Return the parts of a body.

    Args:
        body: Markdown without front matter.
        first_line: its line in the file, counted from 1.
    """
    root = markdown.parse(body)
    lines = body.split("\n")
    page = Page()
    page.words = [Block(first_line + line, text) for line, text in markdown.page_lines(root)]
    anchors = heading_anchors(root)
    explicit = set(markdown.explicit_ids(root))
    for node in root.walk(include_self=False):
        start, end = node.map or (0, 0)
        line = first_line + start
        match node.type:
            case "heading":
                text = markdown.heading(node.children[0]).text
                page.headings.append(Heading(line, int(node.tag[1]), text, anchors[start]))
            case "inline":
                _read_inline(node, line, page)
            case "fence":
                page.code.append(Block(line + 1, node.content))
                if not _FENCE_END.match(lines[end - 1]) or end - start < 2:
                    page.open_fences.append(Block(line, node.content))
            case "code_block":
                page.code.append(Block(line, node.content))
            case "table":
                rows = [row.strip() for row in lines[start:end]]
                page.tables.append(Block(line, "\n".join(rows)))
            case "html_block":
                page.html.append(Block(line, node.content))
            case "ordered_list":
                numbers = tuple(int(item.info) for item in node.children if item.info.isdigit())
                page.lists.append(Numbering(line, numbers))
    page.sections = _sections(root, page.headings, first_line)
    html = "".join(block.text for block in page.html)
    page.anchors = frozenset({*anchors.values(), *explicit, *html_ids(html)})
    return page


def _read_inline(inline: markdown.Node, first_line: int, page: Page) -> None:
    """Add the links, pictures, HTML and prose of one piece of text."""
    for node, line in _numbered(inline, first_line):
        match node.type:
            case "link":
                target = str(node.attrs.get("href", ""))
                text = " ".join(markdown.inline_text(node).split())
                page.links.append(Link(line, target, text))
            case "image":
                alt = " ".join(node.content.split())
                page.pictures.append(Picture(line, str(node.attrs.get("src", "")), alt))
            case "html_inline":
                page.html.append(Block(line, node.content))
            case "text":
                page.prose.append(Block(line, node.content))
            case "code_inline":
                page.names.append(Block(line, node.content))


def _numbered(inline: markdown.Node, line: int) -> Iterator[tuple[markdown.Node, int]]:
    """Yield what a piece of text consists of, each with its line: a break begins the next one."""
    for node in inline.walk(include_self=False):
        yield node, line
        if node.type in ("softbreak", "hardbreak"):
            line += 1
        elif node.type == "html_inline":
            line += node.content.count("\n")


def _sections(root: markdown.Node, headings: list[Heading], first_line: int) -> list[Section]:
    """Return the parts below headings of the second level that stand in no list or quote."""
    by_line = {heading.line: heading for heading in headings}
    sections: list[Section] = []
    current: Section | None = None
    for node in root.children:
        heading = by_line.get(first_line + (node.map or (0, 0))[0])
        if node.type == "heading" and heading and heading.level <= 2:
            current = Section(heading) if heading.level == 2 else None
            if current:
                sections.append(current)
        elif current and node.type != "heading":
            current.is_empty = False
            if any(part.type == "ordered_list" for part in node.walk()):
                current.has_steps = True
    return sections
