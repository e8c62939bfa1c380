"""An article becomes chunks: the smallest pieces that are embedded, found and shown.

Takes an article and a token counter; gives chunks that follow the article's headings.
A list, table or code fence stays whole where it fits; what does not fit is cut at its
items, rows or lines, then at sentences, then at words, and only a single overlong word
is cut inside. No text is lost. Pure: reads no file, loads no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.tree import SyntaxTreeNode

from indexer import markdown
from indexer.anchors import heading_anchors
from indexer.article import Article

# Tokens of each text, special tokens included, as the encoder will see them.
TokenCounter = Callable[[Sequence[str]], list[int]]

# However long its headings are, a chunk keeps at least this share of the limit for text.
_MIN_TEXT_SHARE = 0.5
_SENTENCE_END = re.compile(
    "(?<=[.!?])\\s+|(?<=[\u3002\uff01\uff1f])|\n"
)  # Western; Chinese, Japanese


@dataclass(frozen=True, slots=True)
class Chunk:
    """The smallest indexed unit of an article.

    Attributes:
        article_id: the article it is part of.
        ordinal: its place in the article, counted from 0.
        heading_path: titles from the article down to the chunk, at least one.
        anchor: the site's anchor of the nearest heading; None above the first heading.
        start_line: first line in the source file, counted from 1.
        end_line: last line in the source file, inclusive.
        text: plain text without the headings.
    """

    article_id: str
    ordinal: int
    heading_path: tuple[str, ...]
    anchor: str | None
    start_line: int
    end_line: int
    text: str

    @property
    def id(self) -> str:
        """The article id and the ordinal."""
        return f"{self.article_id}#{self.ordinal}"

    def embedding_text(self) -> str:
        """Return what the encoder sees: where the chunk stands, then what it says."""
        return "\n".join((_heading_line(self.heading_path), self.text))


@dataclass(frozen=True, slots=True)
class _Block:
    """Text that should stay together, and the pieces to cut it into when it cannot."""

    text: str
    start: int
    end: int
    pieces: tuple[_Block, ...] = ()


@dataclass(slots=True)
class _Section:
    """What stands between one heading and the next."""

    heading_path: tuple[str, ...]
    anchor: str | None
    level: int
    line: int
    blocks: list[_Block] = field(default_factory=list)


def chunk_article(article: Article, count_tokens: TokenCounter, max_tokens: int) -> list[Chunk]:
    """Cut an article into chunks of at most `max_tokens` tokens each.

    The limit holds for `Chunk.embedding_text`, headings and special tokens included. An
    article without text gives no chunk; its title still makes it findable.

    Args:
        article: what to cut.
        count_tokens: the encoder's own counter.
        max_tokens: at least 32.

    Raises:
        ValueError: `max_tokens` is below 32.
    """
    if max_tokens < 32:
        raise ValueError(f"max_tokens is {max_tokens}; chunks need at least 32")
    chunks: list[Chunk] = []
    for section in _sections(article):
        heading_path = _shortened(section.heading_path, count_tokens, max_tokens)
        if heading_path != section.heading_path:
            # What was cut from the headings stands in the text instead.
            words = "\n".join(section.heading_path[1:])
            section.blocks.insert(0, _Block(words, section.line, section.line))
        overhead = count_tokens([_heading_line(heading_path) + "\n"])[0]
        for group in _packed(section.blocks, count_tokens, max_tokens - overhead):
            chunks.append(
                Chunk(
                    article_id=article.id,
                    ordinal=len(chunks),
                    heading_path=heading_path,
                    anchor=section.anchor,
                    start_line=group[0].start,
                    end_line=group[-1].end,
                    text="\n".join(block.text for block in group),
                )
            )
    return chunks


def _heading_line(heading_path: tuple[str, ...]) -> str:
    return " > ".join(heading_path)


def _shortened(
    heading_path: tuple[str, ...], count_tokens: TokenCounter, max_tokens: int
) -> tuple[str, ...]:
    """Return the headings, cut to words that leave the text its share of the limit."""
    special = count_tokens([""])[0]
    allowed = special + int((max_tokens - special) * (1 - _MIN_TEXT_SHARE))
    while count_tokens([_heading_line(heading_path)])[0] > allowed:
        if len(heading_path) > 2:
            heading_path = (heading_path[0], *heading_path[2:])
        elif max(map(len, heading_path)) > 1:
            heading_path = tuple(title[: max(1, len(title) * 3 // 4)] for title in heading_path)
        else:
            break
    return heading_path


def _sections(article: Article) -> list[_Section]:
    """Return the article's sections in order, each with its headings, anchor and blocks."""
    root = markdown.parse(article.body)
    anchors = heading_anchors(root)
    first_line = article.body_line
    current = _Section((article.title,), None, 0, first_line)
    sections = [current]
    path: list[tuple[int, str]] = []
    for node in _flattened(root):
        if node.type != "heading":
            current.blocks += _blocks(node, first_line)
            continue
        title = markdown.heading(node.children[0]).text
        level = int(node.tag[1])
        path = [step for step in path if step[0] < level]
        # A vague title was told apart by a name behind it; see `read_corpus`.
        is_title = level == 1 and f"{article.title} (".startswith(f"{title} (")
        if not is_title:
            path.append((level, title))
        line = first_line + (node.map or (0, 0))[0]
        headings = (article.title, *(name for _, name in path if name))
        current = _Section(headings, anchors[(node.map or (0, 0))[0]], level, line)
        sections.append(current)
    _keep_lonely_headings(sections)
    return sections


def _keep_lonely_headings(sections: list[_Section]) -> None:
    """Give a heading with nothing under it its own words as text, so that it can be found."""
    levels = [*(section.level for section in sections[1:]), 0]
    for section, next_level in zip(sections, levels, strict=True):
        is_parent = next_level > section.level
        if section.level and not section.blocks and not is_parent:
            text = section.heading_path[-1]
            section.blocks.append(_Block(text, section.line, section.line))


def _flattened(root: SyntaxTreeNode) -> Iterator[SyntaxTreeNode]:
    """Yield the blocks of a page; admonitions and tabs give what they hold."""
    for node in root.children:
        if node.type == "indented_block":
            yield from _flattened(node)
        else:
            yield node


def _blocks(node: SyntaxTreeNode, first_line: int, indent: str = "") -> list[_Block]:
    """Return the text blocks of one syntax node, none where it has no text."""
    start, end = _lines(node, first_line)
    match node.type:
        case "bullet_list" | "ordered_list":
            return _whole([_list_item(item, first_line, indent) for item in node.children])
        case "table":
            rows = [row for part in node.children for row in part.children]
            return _whole([_Block(_row_text(row), *_lines(row, first_line)) for row in rows])
        case "fence" | "code_block":
            lines = node.content.rstrip("\n").split("\n")
            offset = 1 if node.type == "fence" else 0
            return _whole(
                [
                    _Block(indent + line, start + offset + i, start + offset + i)
                    for i, line in enumerate(lines)
                    if line.strip()
                ]
            )
        case "html_block":
            return _leaf(markdown.html_text(node.content), start, end, indent)
        case "paragraph" | "heading":
            text = "\n".join(markdown.inline_text(child) for child in node.children)
            return _leaf(markdown.without_includes(text), start, end, indent)
        case _:
            inner = [_blocks(child, first_line, indent) for child in node.children]
            return _whole([block for blocks in inner for block in blocks])


def _list_item(item: SyntaxTreeNode, first_line: int, indent: str) -> _Block:
    """Return one list item, its marker in front and its inner blocks indented."""
    marker = f"{item.info or ''}{item.markup} "
    inner = [_blocks(child, first_line, indent + "  ") for child in item.children]
    blocks = [block for found in inner for block in found]
    start, end = _lines(item, first_line)
    if not blocks:
        return _Block("", start, end)
    head = blocks[0]
    marked = _Block(
        indent + marker + head.text.lstrip(),
        head.start,
        head.end,
        tuple(
            _Block(indent + marker + piece.text.lstrip(), piece.start, piece.end, piece.pieces)
            if i == 0
            else piece
            for i, piece in enumerate(head.pieces)
        ),
    )
    return (_whole([marked, *blocks[1:]]) or [marked])[0]


def _row_text(row: SyntaxTreeNode) -> str:
    cells = (
        " ".join(markdown.inline_text(part) for part in cell.children) for cell in row.children
    )
    return " | ".join(" ".join(cell.split()) for cell in cells)


def _leaf(text: str, start: int, end: int, indent: str) -> list[_Block]:
    """Return a paragraph as a block that can be cut at its sentences."""
    lines = [line.strip() for line in text.split("\n")]
    joined = "\n".join(indent + line for line in lines if line)
    if not joined:
        return []
    sentences = [part.strip() for part in _SENTENCE_END.split(joined) if part and part.strip()]
    pieces = tuple(_Block(indent + sentence, start, end) for sentence in sentences)
    return [_Block(joined, start, end, pieces if len(pieces) > 1 else ())]


def _whole(pieces: list[_Block]) -> list[_Block]:
    """Return the pieces as one block that keeps them together."""
    kept = tuple(piece for piece in pieces if piece.text.strip())
    if len(kept) < 2:
        return list(kept)
    text = "\n".join(piece.text for piece in kept)
    return [_Block(text, kept[0].start, kept[-1].end, kept)]


def _lines(node: SyntaxTreeNode, first_line: int) -> tuple[int, int]:
    """Return a node's first and last line in the file, counted from 1, inclusive."""
    start, end = node.map or (0, 1)
    return first_line + start, first_line + max(start, end - 1)


def _packed(
    blocks: list[_Block], count_tokens: TokenCounter, budget: int
) -> Iterator[list[_Block]]:
    """Yield groups of blocks, in order, whose joined text stays within `budget` tokens."""
    waiting = list(reversed(blocks))
    special = count_tokens([""])[0]
    group: list[_Block] = []

    def size(candidate: list[_Block]) -> int:
        return count_tokens(["\n".join(block.text for block in candidate)])[0] - special

    while waiting:
        block = waiting.pop()
        if size([*group, block]) <= budget:
            group.append(block)
        elif size([block]) <= budget:
            yield group
            group = [block]
        else:
            waiting.extend(reversed(block.pieces or _halves(block)))
    if group:
        yield group


def _halves(block: _Block) -> tuple[_Block, _Block]:
    """Cut a block that has no pieces in two, between words where it has more than one."""
    middle = len(block.text) // 2
    cut = block.text.rfind(" ", 1, middle + 1)
    if cut <= 0 or not block.text[:cut].strip():
        cut = middle
    left, right = block.text[:cut], block.text[cut:].lstrip(" ")
    return _Block(left, block.start, block.end), _Block(right, block.start, block.end)
