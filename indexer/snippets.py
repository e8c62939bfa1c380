"""The few words of a chunk that show why it was found, with the matches marked.

Marks are structure, never markup: a reader of this output has no HTML to sanitise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from indexer.lexical import analyze

MAX_CHARS = 240
_WORD = re.compile(r"[^\W_]+(?:[-./:@_][^\W_]+)*")
_SENTENCE_START = re.compile("(?:^|[.!?\u3002\uff01\uff1f\n]\\s*)(?=[^\\w\n]{0,3}\\w)")


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of a snippet: plain, or a word of the question."""

    type: Literal["plain", "match"]
    text: str


def make_snippet(
    text: str, wanted: frozenset[str], max_chars: int = MAX_CHARS
) -> tuple[Highlight, ...]:
    """Return the part of `text` that has most of the question's words, at most `max_chars` long.

    It starts at a sentence where it can. The pieces' texts put together are the snippet;
    `…` stands where text was left out.

    Args:
        text: of a chunk.
        wanted: the question's terms, see `analyze`.
        max_chars: length of the snippet, without the marks for what was left out.
    """
    matching: dict[str, frozenset[str]] = {}
    spans = []
    for found in _WORD.finditer(text):
        word = found[0]
        if word not in matching:
            matching[word] = wanted & _terms(word)
        if matching[word]:
            spans.append((found.start(), found.end(), matching[word]))
    start = _best_start(text, spans, max_chars)
    stop = min(len(text), start + max_chars)
    if stop < len(text):
        stop = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop), start + 1)
        if stop == start + 1:
            stop = start + max_chars
    pieces: list[Highlight] = []
    at = start
    for first, last, _ in spans:
        if first >= at and last <= stop:
            _add(pieces, "plain", text[at:first])
            _add(pieces, "match", text[first:last])
            at = last
    _add(pieces, "plain", text[at:stop])
    if start > 0:
        pieces.insert(0, Highlight("plain", "… "))
    if stop < len(text.rstrip()):
        pieces.append(Highlight("plain", " …"))
    return tuple(pieces)


def plain_text(pieces: tuple[Highlight, ...]) -> str:
    """Return a snippet's text without its marks."""
    return "".join(piece.text for piece in pieces)


@lru_cache(maxsize=50_000)
def _terms(word: str) -> frozenset[str]:
    """Return the terms of an article's word; remembered, as articles repeat their words."""
    return frozenset(analyze(word))


def _best_start(text: str, spans: Sequence[tuple[int, int, frozenset[str]]], max_chars: int) -> int:
    """Return where the snippet starts: the window with most different words, then the first."""
    starts = sorted({found.end() for found in _SENTENCE_START.finditer(text)} | {0})
    best, best_words = 0, 0
    for start in starts:
        words: set[str] = set()
        for first, last, terms in spans:
            if first >= start and last <= start + max_chars:
                words.update(terms)
        if len(words) > best_words:
            best, best_words = start, len(words)
    if not best_words and spans:
        # One sentence is longer than the window and its words stand at the end.
        return max(0, spans[0][0] - max_chars // 4)
    return best


def _add(pieces: list[Highlight], kind: Literal["plain", "match"], text: str) -> None:
    if text:
        pieces.append(Highlight(kind, text))
