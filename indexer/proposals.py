"""Proposed questions into an article's file: lines are added, and every other byte stays.

Takes the file's bytes; gives new bytes, which are read again before they are handed back.
A proposal stands twice, among `questions` and in `x-learned`: the rule `learned` of
`sop check` finds it there until a person has put it in other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.article import SourceText, article_of, is_ours, split_front_matter
from indexer.errors import ArticleError
from indexer.safe_yaml import quoted, scalar

QUESTIONS = "questions"
LEARNED = "x-learned"
_LINE_END = re.compile(r"(\r\n?|\n)")
_ITEM = re.compile(r"(?P<before>[ \t]*-[ \t]+)\S")
_COMMENT = re.compile(r"\s*(#.*)?")
_DEFAULT_ITEM = "  - "


def add_questions(path: str, raw: bytes, texts: Sequence[str]) -> bytes:
    """Return a file with proposed questions below its own ones, in the file's own style.

    Args:
        path: the file, for errors.
        raw: its bytes.
        texts: the proposals, at least one, none empty.

    Raises:
        ArticleError: the file is none of ours, has proposals already, or is written in a
            way that cannot be added to safely; it says what to do.
    """
    before = split_front_matter(path, raw)
    if before.mapping is None or not is_ours(before.mapping.values):
        raise ArticleError(path, 1, "has no front matter with an id, so it has no questions")
    article_of(path, before)
    lines = before.mapping.lines
    if LEARNED in lines:
        reason = "holds proposals already; reword them and take it out first"
        raise ArticleError(path, lines[LEARNED], reason, LEARNED)
    stated = before.mapping.values.get(QUESTIONS)
    if QUESTIONS in before.mapping.repeated or not isinstance(stated, list):
        reason = "must be one list that questions can be added to"
        raise ArticleError(path, lines.get(QUESTIONS, 1), reason, QUESTIONS)
    # The line before the body closes the front matter; a line is a text and its end.
    pieces = _LINE_END.split(raw.decode())
    first = lines[QUESTIONS]
    last = min((n for n in lines.values() if n > first), default=before.body_line - 1) - 1
    while last > first and _COMMENT.fullmatch(pieces[(last - 1) * 2]):
        last -= 1
    wanted = before.mapping.values | {QUESTIONS: [*stated, *texts], LEARNED: list(texts)}
    for candidate in _candidates(pieces, first, last, texts):
        changed = candidate.encode()
        if _holds(path, changed, wanted, before):
            return changed
    reason = "is written in a way that cannot be added to; write one question a line below it"
    raise ArticleError(path, first, reason, QUESTIONS)


def _candidates(
    pieces: Sequence[str], first: int, last: int, texts: Sequence[str]
) -> Iterator[str]:
    """Yield the file with the texts added, in each way that may be right.

    Args:
        pieces: lines and their ends in turn.
        first: the line of the key, counted from 1.
        last: the last line of its value that is no comment.
        texts: what to add.
    """
    end = pieces[(last - 1) * 2 + 1]
    items = [found for line in range(first, last + 1) if (found := _ITEM.match(_at(pieces, line)))]
    dash = items[-1]["before"] if items else _DEFAULT_ITEM
    learned = [f"{LEARNED}:", *(f"{dash}{scalar(text)}" for text in texts)]
    head, tail = "".join(pieces[: last * 2]), "".join(pieces[last * 2 :])
    if items:
        added = [*(f"{dash}{scalar(text)}" for text in texts), *learned]
        yield head + "".join(line + end for line in added) + tail
    # Between brackets a plain text ends at a comma, so all are quoted there.
    flow = ", ".join(quoted(text) for text in texts)
    below = "".join(line + end for line in learned)
    start = len("".join(pieces[: (first - 1) * 2]))
    for place in (place for place in range(len(head) - 1, start, -1) if head[place] == "]"):
        filled = len(head[:place].rstrip())
        joint = {"[": "", ",": " "}.get(head[filled - 1], ", ")
        yield head[:filled] + joint + flow + head[filled:] + below + tail


def _at(pieces: Sequence[str], line: int) -> str:
    return pieces[(line - 1) * 2]


def _holds(path: str, raw: bytes, wanted: dict[str, object], before: SourceText) -> bool:
    """Tell whether a changed file says what it is to say, and nothing else differently."""
    try:
        after = split_front_matter(path, raw)
        article_of(path, after)
    except ArticleError:
        return False
    return (
        after.mapping is not None
        and after.mapping.values == wanted
        and not after.mapping.repeated
        and after.body == before.body
    )
