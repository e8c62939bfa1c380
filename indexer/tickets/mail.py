"""What people, mail programs and ticket systems put around a message, and what is an aside."""

from __future__ import annotations

import re

from indexer.tickets import phrases
from indexer.tickets.lines import (
    FEW_WORDS,
    has_code,
    has_words,
    join_paragraph,
    next_filled,
    paragraphs,
    words_in,
)

_NAME_LINE = re.compile(
    r"\W{0,3}(?:[^\W\d_a-z][\w'’.-]{0,24}|[a-z]{2,12}|[(&/"
    r"|,-]{1,2})(?:[ ,]+(?:[^\W\d_a-z][\w'’.()&/-]{0,24}|(?:van|von|de|da|der|di|del|bin|al|mac"
    r"|i\.)|[(&/|,-]{1,2})){0,5}\W{0,3}"
)
_MAX_NAME_CHARS = 60
# "Hello, hi team, good morning,"
_MOST_GREETINGS = 5
_MAX_DISCLAIMER_CHARS = 4_000
_CHARS_FOR_ONE_HIT = 150
_CJK_NAME_LINE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff ]{2,12}")
_POSTSCRIPT = re.compile(r"\s*p\.? ?(?:p\.? ?)?s\.?\s*[:.,–-]", re.IGNORECASE)
_CONTACT = re.compile(
    r"\W*(?:(?:t|tel|telephone|phone|ph|m|mob|mobile|d|desk|fax|f|e|e-?mail|mail|w|web"
    r"|ext)\b[.: ]{0,3})?"
    r"(?:\+?[\d() /-]{0,20}\[(?:phone|email)\]|www\.[\w.-]{3,80})(?:\W{1,5}.{0,60})?",
    re.IGNORECASE,
)


def strip_subject(lines: list[str]) -> list[str]:
    """Take "RE: FW: [EXT] [JIRA]" off the first line, and leave out a subject like "question"."""
    if not lines:
        return lines
    subject = lines[0]
    while found := phrases.SUBJECT_PREFIX.match(subject):
        subject = subject[found.end() :]
    if phrases.EMPTY_SUBJECT.fullmatch(subject[: phrases.MAX_PHRASE_CHARS]):
        subject = ""
    return [subject, *lines[1:]]


def drop_reply_markers(lines: list[str]) -> list[str]:
    """Cut at "reply above this line" where a message stands above, else drop only that line."""
    kept: list[str] = []
    for line in lines:
        if not _matches(phrases.REPLY_MARKER, line):
            kept.append(line)
        # The first line is the subject, so a message begins below it.
        elif words_in(kept[1:10]) >= FEW_WORDS:
            break
    return kept


def drop_footers(lines: list[str]) -> list[str]:
    """Leave out what a ticket system adds, and disclaimers."""
    kept: list[str] = []
    fields = sum(_starts(phrases.FORM_FIELD, line) for line in lines)
    for paragraph in paragraphs(lines):
        footers = [i for i, line in enumerate(paragraph) if _starts(phrases.SYSTEM_FOOTER, line)]
        # Between two automatic lines stands advertising; above the first, perhaps a message.
        end = footers[0] if len(footers) > 1 else len(paragraph)
        kept += [
            line
            for i, line in enumerate(paragraph[:end])
            if i not in footers and not (fields > 1 and _starts(phrases.FORM_FIELD, line))
        ]
        kept.append("")
    return _without_disclaimers(kept)


def drop_signature(lines: list[str]) -> list[str]:
    """Cut at the closing: names, titles and slogans below it mislead.

    What is kept below a closing: a postscript, and lines with an error code.
    """
    kept = lines
    below = next_filled(lines)
    said = 0
    for i, line in enumerate(lines):
        if said and i and _closes(line, below[i]):
            kept = [*lines[:i], *_worth_keeping(lines[i + 1 :])]
            break
        said += words_in([line])
    return [
        line for line in kept if not _matches(phrases.DEVICE_LINE, line) and not _is_contact(line)
    ]


def drop_pleasantries(lines: list[str]) -> list[str]:
    """Leave out greetings, thanks and good wishes, sentence by sentence."""
    return [_without_polite_sentences(_without_greeting(line)) for line in lines]


def drop_quiet_lines(lines: list[str]) -> list[str]:
    """Leave out lines that only ask for an answer: "any update??", "hello?", "+1"."""
    return [line for line in lines if has_code([line]) or not _matches(phrases.NUDGE, line)]


def drop_asides(lines: list[str]) -> list[str]:
    """Leave out what its writer calls beside the point: "by the way, the coffee machine …"."""
    return [line for line in lines if has_code([line]) or not phrases.ASIDE.match(line)]


def is_polite_line(line: str) -> bool:
    """Tell whether a line holds nothing but a greeting or a pleasantry."""
    return not has_words([_without_polite_sentences(_without_greeting(line))])


def _closes(line: str, below: str) -> bool:
    """Tell whether a line ends the message, so that a signature follows.

    Args:
        line: the line.
        below: the next line with something in it, "" for none.
    """
    line, below = line.strip(), below.strip()
    if not line or len(line) > phrases.MAX_PHRASE_CHARS or has_code([line]):
        return False
    if phrases.SIGNATURE_DELIMITER.fullmatch(line):
        return True
    if phrases.FIRM_CLOSING.fullmatch(line):
        return len(below) <= _MAX_NAME_CHARS or _is_contact(below)
    is_loose = bool(phrases.LOOSE_CLOSING.fullmatch(line))
    return is_loose and (not below or _is_name(below) or _closes_text(below))


def _closes_text(line: str) -> bool:
    return bool(
        phrases.FIRM_CLOSING.fullmatch(line[: phrases.MAX_PHRASE_CHARS])
        or phrases.LOOSE_CLOSING.fullmatch(line[: phrases.MAX_PHRASE_CHARS])
    )


def _is_name(line: str) -> bool:
    return len(line) <= _MAX_NAME_CHARS and bool(
        _NAME_LINE.fullmatch(line) or _CJK_NAME_LINE.fullmatch(line)
    )


def _worth_keeping(lines: list[str]) -> list[str]:
    """Return what is no signature although it stands below the closing."""
    postscript = next((i for i, line in enumerate(lines) if _POSTSCRIPT.match(line)), len(lines))
    return [line for line in lines[:postscript] if has_code([line])] + lines[postscript:]


def _is_contact(line: str) -> bool:
    return len(line) <= phrases.MAX_PHRASE_CHARS and bool(_CONTACT.fullmatch(line))


def _without_disclaimers(lines: list[str]) -> list[str]:
    """Leave out paragraphs that are made of the words of disclaimers."""
    kept: list[str] = []
    for paragraph in paragraphs(lines):
        hits = _disclaimer_words(join_paragraph(paragraph))
        if hits >= 2 and not _is_disclaimer(join_paragraph(paragraph)):
            # It may be one long line below a signature, without a blank line between.
            kept += [line for line in paragraph if not _is_disclaimer(line)]
        elif hits < 2:
            kept += paragraph
        kept.append("")
    return kept


def _is_disclaimer(text: str) -> bool:
    """Tell a disclaimer by how many of its words stand how close together."""
    hits = _disclaimer_words(text)
    is_dense = hits >= 2 and len(text) < _CHARS_FOR_ONE_HIT * hits
    return is_dense and not has_code([text])


def _disclaimer_words(text: str) -> int:
    if len(text) > _MAX_DISCLAIMER_CHARS or not phrases.DISCLAIMER_SUBJECT.search(text):
        return 0
    return len({found.lower() for found in phrases.DISCLAIMER_WORDS.findall(text)})


def _without_greeting(line: str) -> str:
    for _ in range(_MOST_GREETINGS):
        found = phrases.GREETING.match(line[: phrases.MAX_PHRASE_CHARS])
        if found is None or (found.end() < len(line) and not found["end"].strip()):
            break
        line = line[found.end() :]
    return line


def _without_polite_sentences(line: str) -> str:
    sentences = _sentences(line)
    kept = [one for one in sentences if not _is_polite(one) or has_code([one])]
    return line if len(kept) == len(sentences) else " ".join(kept)


def _is_polite(sentence: str) -> bool:
    words = sentence.strip(" \t,.!:;-–~*)(。！")
    return 0 < len(words) <= phrases.MAX_PHRASE_CHARS and bool(
        phrases.POLITE_SENTENCE.fullmatch(words)
    )


def _sentences(line: str) -> list[str]:
    return re.split(r"(?<=[.!?。！？]) +", line)


def _matches(pattern: re.Pattern[str], line: str) -> bool:
    return len(line) <= phrases.MAX_PHRASE_CHARS and bool(pattern.fullmatch(line))


def _starts(pattern: re.Pattern[str], line: str) -> bool:
    return bool(pattern.match(line[: phrases.MAX_PHRASE_CHARS]))
