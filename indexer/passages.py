"""An article's sentences, each with its line: what is compared to see which articles say the same.

Takes Markdown; gives sentences of prose, by the heading they stand under. Code, tables and
headings are no sentences. Never touches the file system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer import markdown

# Shorter pieces ("Good:", "You see it") say nothing that could be said twice.
_FEWEST_WORDS = 4
# The second part is of scripts that write no space behind a sentence.
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|(?<=[\u3002\uff01\uff1f])\s*")
_PLACEHOLDER = re.compile(r"\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of prose.

    Attributes:
        line: in the file, counted from 1.
        section: which heading of the body it stands under, counted from 0.
        text: without Markdown.
        words: how many it has.
    """

    line: int
    section: int
    text: str
    words: int


def read_sentences(body: str, first_line: int, passed_over: frozenset[str]) -> list[Sentence]:
    """Return the sentences of a body, in order.

    Args:
        body: Markdown without front matter.
        first_line: its line in the file, counted from 1.
        passed_over: headings, in lower case, whose text is left out.
    """
    found: list[Sentence] = []
    section, is_read = 0, True
    for line, text, is_heading in _lines(body):
        if is_heading:
            section, is_read = section + 1, text.strip().lower() not in passed_over
        elif is_read:
            for piece in _SENTENCE_END.split(_PLACEHOLDER.sub("", text)):
                sentence = " ".join(piece.split())
                words = _count_words(sentence)
                if words >= _FEWEST_WORDS:
                    found.append(Sentence(first_line + line, section, sentence, words))
    return found


def _lines(body: str) -> Iterator[tuple[int, str, bool]]:
    """Yield each line of prose with its number, counted from 0, and whether it is a heading."""
    tables = 0
    is_heading = False
    for token in markdown.parse(body).to_tokens():
        if token.type in ("table_open", "table_close"):
            tables += token.nesting
        elif token.type in ("heading_open", "heading_close"):
            is_heading = token.nesting > 0
        elif token.type == "inline" and not tables and token.map:
            for offset, text in enumerate(markdown.inline_text(token).split("\n")):
                yield token.map[0] + offset, text, is_heading


def _count_words(text: str) -> int:
    """Return the number of words; of a text without spaces, half the number of its characters."""
    spaced = len(text.split())
    return spaced if text.isascii() else max(spaced, sum(not c.isascii() for c in text) // 2)
