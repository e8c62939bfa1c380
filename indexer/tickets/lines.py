"""What the ticket steps share: a text is a list of lines, and some lines hold codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# A message with fewer words than this, and no code, is no question by itself.
FEW_WORDS = 5
# LR-4031, T-48213907, ERR_CONN_RESET, 0x80070005, HTTP 502: what is looked up letter by letter.
_CODE = re.compile(
    r"(?<![\w-])(?:[A-Z][A-Z0-9]{0,9}[-_]\d{2,12}|E[A-Z]{0,6}_[A-Z_]{3,40}|(?:HTTP|http|error"
    r"|Error|code|status)[ :/=]{1,3}"
    r"[1-9]\d{2,5}|0x[0-9A-Fa-f]{8})(?![\w-])"
)
_LETTER = re.compile(r"[^\W_]")
_WORD = re.compile(r"[^\W_]{2,}")
_CJK = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def has_words(lines: Iterable[str]) -> bool:
    """Tell whether any letter or digit stands in the lines."""
    return any(_LETTER.search(line) for line in lines)


def has_code(lines: Iterable[str]) -> bool:
    """Tell whether the lines hold something that looks like an error code or an id."""
    return any(_CODE.search(line) for line in lines)


def words_in(lines: Iterable[str]) -> int:
    """Return the number of words of two letters or more; two characters of Chinese are one."""
    return sum(
        len(_WORD.findall(_CJK.sub(" ", line))) + len(_CJK.findall(line)) // 2 for line in lines
    )


def paragraphs(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield runs of lines that no blank line interrupts."""
    run: list[str] = []
    for line in lines:
        if line.strip():
            run.append(line)
        elif run:
            yield run
            run = []
    if run:
        yield run


def next_filled(lines: list[str]) -> list[str]:
    """Return for each line the next one below it that is not blank, "" where there is none."""
    below: list[str] = []
    found = ""
    for line in reversed(lines):
        below.append(found)
        found = line if line.strip() else found
    return below[::-1]


def join_paragraph(lines: Iterable[str]) -> str:
    """Return the lines of a paragraph as one."""
    return " ".join(line.strip() for line in lines)
