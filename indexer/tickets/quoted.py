"""Older mails below a message: quoted, forwarded, or copied with their heads.

The newest message is the question. Of the mails below it only so much is kept as is needed
to have a question at all: "see below" leads to the mail that it points at.
"""

from __future__ import annotations

import re

from indexer.tickets import phrases
from indexer.tickets.lines import FEW_WORDS, has_code, next_filled, words_in
from indexer.tickets.mail import is_polite_line

# A message with so many words stands without the subject of the mail that it answers.
_MANY_WORDS = 12
# "See below" leads down a chain of forwards, but not for ever.
_MOST_OLDER = 4
_MAX_ATTRIBUTION_LINES = 3
_MAX_HEADER_LINES = 12
_QUOTE_MARK = re.compile(r"\s{0,3}[>＞]")
# "> 10 seconds" on a line of its own is no quote.
_MORE_THAN = re.compile(r"\s{0,3}> ?\d")
_ONE_QUOTE_MARK = re.compile(r"\s{0,3}[>＞] ?")


def keep_newest_mail(lines: list[str]) -> list[str]:
    """Leave out quoted and forwarded mails, unless the message itself only points at them."""
    own, *older = _split_mails(lines)
    if own and older and _belongs_to_older(own):
        own = ["", *own[1:]]
    kept = own
    for mail in older[:_MOST_OLDER]:
        is_reply = phrases.SUBJECT_PREFIX.match(kept[0]) if kept else None
        text = [line for line in kept[1 if is_reply else 0 :] if not is_polite_line(line)]
        if has_code(text) or words_in(text) >= FEW_WORDS:
            break
        kept = [*kept, "", *mail]
    return kept


def _belongs_to_older(own: list[str]) -> bool:
    """Tell whether the subject is that of the older mail while the message has words enough."""
    subject, *message = own
    return (
        bool(phrases.SUBJECT_PREFIX.match(subject))
        and not has_code([subject])
        and words_in(line for line in message if not is_polite_line(line)) >= _MANY_WORDS
    )


def _split_mails(lines: list[str]) -> list[list[str]]:
    """Return the newest message and, newest first, the mails below it."""
    own: list[str] = []
    older: list[list[str]] = []
    quote: list[str] | None = None
    is_mail = False
    below = next_filled(lines)
    i = 0
    while i < len(lines):
        if head := _mail_head(lines, i):
            if not _QUOTE_MARK.match(below[i + head - 1]):
                older += _split_mails_below(lines[i + head :])
                break
            quote, is_mail = None, True
            i += head
        elif _QUOTE_MARK.match(lines[i]) and (quote is not None or not _MORE_THAN.match(lines[i])):
            if quote is None:
                quote = []
                older.append(quote)
            quote.append(_ONE_QUOTE_MARK.sub("", lines[i], count=1))
            # Without a mail above it, it may be an error message that somebody quotes.
            if not is_mail and has_code([lines[i]]):
                own.append(quote[-1])
            i += 1
        else:
            if lines[i].strip():
                quote = None
            own.append(lines[i])
            i += 1
    return [own, *older]


def _split_mails_below(lines: list[str]) -> list[list[str]]:
    """Cut a chain of mails at every head; what is quoted inside stays for the next pass."""
    mails: list[list[str]] = [[]]
    i = 0
    while i < len(lines):
        if head := _mail_head(lines, i):
            mails.append([])
            i += head
        else:
            mails[-1].append(lines[i])
            i += 1
    return mails


def _mail_head(lines: list[str], i: int) -> int:
    """Return how many lines from `i` on are the head of an older mail, 0 for none."""
    line = lines[i]
    if not line.strip() or len(line) > phrases.MAX_PHRASE_CHARS:
        return 0
    if phrases.MAIL_SEPARATOR.fullmatch(line):
        return 1 + _header_block(lines, i + 1, least=1)
    if phrases.RULER.fullmatch(line):
        block = _header_block(lines, i + 1, least=2)
        return 1 + block if block else 0
    if block := _header_block(lines, i, least=3):
        return block
    if phrases.ATTRIBUTION_START.match(line):
        for count in range(1, _MAX_ATTRIBUTION_LINES + 1):
            if not lines[i + count - 1 : i + count] or not lines[i + count - 1].strip():
                break
            joined = " ".join(part.strip() for part in lines[i : i + count])
            if len(joined) > 2 * phrases.MAX_PHRASE_CHARS:
                break
            if joined.endswith((":", "：")) and phrases.ATTRIBUTION.fullmatch(joined):
                return count
    return 0


def _header_block(lines: list[str], start: int, least: int) -> int:
    """Return the length of a block "From, Sent, To, Subject" with `least` kinds of field."""
    kinds: set[str] = set()
    end = start
    for i in range(start, min(start + _MAX_HEADER_LINES, len(lines))):
        line = lines[i][: phrases.MAX_PHRASE_CHARS]
        found = phrases.MAIL_HEADER.fullmatch(line)
        if found is None:
            if line.strip() or (kinds and i > end):
                break
            continue
        kinds.add(str(found.lastgroup))
        end = i + 1
    is_head = len(kinds) >= least and ("from" in kinds or least == 1)
    return end - start if is_head else 0
