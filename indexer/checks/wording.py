"""Rules about the text itself: what hides in it, what must not stand in it, what is too long."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Source
from indexer.checks.page import Block
from indexer.platform import Platform
from indexer.proposals import LEARNED
from indexer.question import plain_question
from indexer.redaction.redactor import STANDARD

# Longer code and tables are over the limit of a chunk in most encoders: about five characters
# a token, 256 tokens.
_MOST_CHARS = 1_200
# Visible although Unicode calls them format characters: signs around Arabic and Syriac numbers.
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")
_DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_SELECTORS = re.compile("[\ufe00-\ufe0f]{2,}|[\U000e0100-\U000e01ef]{2,}")
_COMMENT = re.compile(r"<!--")
_DROPPED = re.compile(
    r"<\s*(script|style|iframe|object|embed|form|template|noscript|svg|math|link|meta|base)\b",
    re.IGNORECASE,
)
_HANDLER = re.compile(r"<[^>]*\s(on[a-z]{3,20})\s*=", re.IGNORECASE)
# Kinds of redaction that no article may hold; what names a machine or a tool, many must.
_KINDS = {
    "secret": "a key, token or password",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "card": "the number of a payment card",
    "iban": "the number of a bank account",
    "national-id": "a number that a state gave to a person",
}
_INSTEAD = {
    "secret": "take it out, change it where it is used, and write {{placeholder}} in a fence",
    "email": "write {{placeholder}} in a fence, or an example such as me@example.com",
    "phone": "write {{placeholder}} in a fence, or an example such as +1-555-0123",
    "card": "write {{placeholder}} in a fence",
    "iban": "write {{placeholder}} in a fence",
    "national-id": "write {{placeholder}} in a fence",
}
# What stands for somebody's data and is nobody's: placeholders and variables, names that RFC 2606
# keeps for examples, addresses of RFC 5737 and RFC 3849, numbers kept for films and manuals.
_NOBODYS = re.compile(
    r"\{\{.*?\}\}|\$\{\{.*?\}\}|\$\{?\w+\}?|<[\w -]{1,40}>|%\w+%|\*{3,}|\bx{4,}\b|…|\.{3}"
    r"|[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){0,8}(?:example\.(?:com|org|net|edu)|example|test|invalid)\b"
    r"|\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b|\b2001:db8:[0-9a-f:]*"
    r"|(?<![\d-])(?:\+?1[-. ]?)?(?:\(?\d{3}\)?[-. ]?)?555[-. ]?01\d\d(?!\d)"
    r"|(?:\+44[ -]?|\b0)20[ -]?7946[ -]?0\d{3}\b",
    re.IGNORECASE,
)
# Redaction leaves alone what it has removed already.
_STAND_IN = "[email]"
# Between lines that are looked at together: nothing that is somebody's goes on behind it.
_SEPARATOR = "\n;\n"
_LINES_AT_ONCE = 50


def hidden_characters(folder: Folder) -> Iterator[Fault]:
    """Whatever stands in a file can be seen, and is shown in the order in which it stands."""
    for source in folder.looked_at:
        for number, line in enumerate(source.lines, 1):
            places = hidden_places(line)
            for place in {line[place]: place for place in reversed(places)}.values():
                name = unicodedata.name(line[place], "a control character")
                count = sum(line[other] == line[place] for other in places)
                times = f", {count} times" if count > 1 else ""
                message = f"U+{ord(line[place]):04X} {name}{times}, which nobody sees"
                yield source.fault(number, message, "sop check --fix removes it", place + 1)


def hidden_places(line: str) -> list[int]:
    """Return where characters stand that nobody sees; those that a script needs may stay."""
    if line.isascii() and line.isprintable():
        return []
    allowed = {place for found in _FLAG.finditer(line) for place in range(*found.span())}
    runs = {place for found in _SELECTORS.finditer(line) for place in range(*found.span())}
    is_right_to_left = any(unicodedata.bidirectional(c) in ("R", "AL") for c in line)
    return [
        place
        for place, character in enumerate(line)
        if place in runs
        or (
            _is_hidden(character)
            and place not in allowed
            and not (is_right_to_left and character in _DIRECTION_MARKS)
            and not (character in _JOINERS and _joins(line, place))
        )
    ]


def html(folder: Folder) -> Iterator[Fault]:
    """A text has no HTML comment, script, style, frame or form: the site drops them."""
    for source in folder.looked_at:
        for block in source.page.html:
            for pattern, message, hint in (
                (_COMMENT, "an HTML comment, which no reader sees", "say it in the text, or not"),
                (_DROPPED, "<{}> is dropped by the site", "write Markdown"),
                (_HANDLER, "{} is dropped by the site", "write Markdown"),
            ):
                for found in pattern.finditer(block.text):
                    name = found[1].lower() if found.groups() else ""
                    line = block.line + block.text.count("\n", 0, found.start())
                    yield source.fault(line, message.format(name), hint)


def personal_data(folder: Folder) -> Iterator[Fault]:
    """No key, password, e-mail address, telephone, card, account or state's number stands here."""
    nobodys = _nobodys(folder.platform)
    for source in folder.looked_at:
        for first in range(0, len(source.lines), _LINES_AT_ONCE):
            lines = source.lines[first : first + _LINES_AT_ONCE]
            # Most text is clean, and it is quicker to see that of many lines at once.
            if not _personal(_SEPARATOR.join(lines), nobodys):
                continue
            for number, line in enumerate(lines, first + 1):
                for kind, count in _personal(line, nobodys).items():
                    times = f", {count} times" if count > 1 else ""
                    message = f"{_KINDS[kind]} stands here{times}"
                    yield source.fault(number, message, _INSTEAD[kind])


def passage_size(folder: Folder) -> Iterator[Fault]:
    """Code and tables fit into one chunk, so that an answer shows them whole."""
    for source in folder.looked_at:
        for kind, blocks in (("code", source.page.code), ("table", source.page.tables)):
            for block in blocks:
                size = _oversize(block, folder)
                if size:
                    message = f"this {kind} has {size}, so it is cut when it is indexed"
                    hint = "cut it in two, each under a heading and understood alone"
                    yield source.fault(block.line, message, hint)


def same_question(folder: Folder) -> Iterator[Fault]:
    """A question is asked once: one that two articles claim finds neither for sure."""
    askers: dict[str, list[tuple[Source, str]]] = {}
    for source in folder.texts:
        if source.is_published and source.values.get("status") != "deprecated":
            for question in source.words("questions"):
                askers.setdefault(plain_question(question), []).append((source, question))
    for plain, group in askers.items():
        for source, question in group if plain and len(group) > 1 else ():
            others = dict.fromkeys(other.path for other, _ in group if other is not source)
            place = source.line_of("questions", question)
            if others:
                message = f"{question!r} is also a question of {', '.join(others)}"
                yield source.fault(place, message, "leave it to the article that answers it")
            elif group[0][1] is question:
                message = f"{question!r} stands {len(group)} times"
                yield source.fault(place, message, "keep one, and add one in other words")


def learned(folder: Folder) -> Iterator[Fault]:
    """A proposed question is put in other words, or said to be right, before it is merged."""
    for source in folder.texts:
        stated = source.values.get(LEARNED)
        if LEARNED in source.values and not isinstance(stated, list):
            message = f"{LEARNED} must be a list of proposed questions"
            yield source.fault(source.line_of(LEARNED), message, "remove it")
        asked = {plain_question(question): question for question in source.words("questions")}
        for proposal in source.words(LEARNED):
            question = asked.get(plain_question(proposal))
            place = source.line_of(LEARNED, proposal)
            if question is not None:
                place = source.line_of("questions", question)
                message = f"{question!r} is still what people typed"
                hint = f"put it in other words, or in none; then take it out of {LEARNED}"
                yield source.fault(place, message, hint)
            else:
                message = f"{proposal!r} still stands in {LEARNED}"
                yield source.fault(place, message, f"take it out of {LEARNED}")


def _is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    is_format = category == "Cf" and character not in _VISIBLE_FORMATS
    is_control = category == "Cc" and character != "\t"
    return is_format or is_control or category in ("Zl", "Zp") or character in _FILLERS


def _joins(line: str, place: int) -> bool:
    """Tell whether a joiner stands in a script that needs it, or within an emoji."""
    before, after = line[place - 1 : place], line[place + 1 : place + 2]
    if "\u0600" <= before <= "\u0dff" or "\u0600" <= after <= "\u0dff":
        return True
    is_picture = unicodedata.category(after or " ") == "So"
    return is_picture and unicodedata.category(before or " ") in ("So", "Sk", "Mn")


def _nobodys(platform: Platform) -> list[re.Pattern[str]]:
    """Return patterns of what looks like somebody's data and is nobody's."""
    codes = "|".join(map(re.escape, sorted(platform.error_codes or ())))
    known = [re.compile(rf"(?<![\w-])(?:{codes})(?![\w-])")] if codes else []
    return [_NOBODYS, *platform.ids, *known]


def _personal(text: str, nobodys: Iterable[re.Pattern[str]]) -> Counter[str]:
    """Return the kinds of personal data in a text, and how many of each."""
    for pattern in nobodys:
        text = pattern.sub(_STAND_IN, text)
    return Counter(one.kind for one in STANDARD.find(text) if one.kind in _KINDS)


def _oversize(block: Block, folder: Folder) -> str | None:
    """Return how long a block is where it is too long for a chunk."""
    if folder.count_tokens is not None:
        tokens = folder.count_tokens([block.text])[0]
        return f"{tokens:,} tokens" if tokens > folder.max_tokens else None
    length = len(block.text)
    return f"{length:,} characters" if length > _MOST_CHARS else None
