"""A text as redaction reads it: one way to write each sign, and nothing that cannot be seen.

What people paste has full-width digits, dashes of all lengths, spaces that do not break and
characters without a width; a rule that knew them all could not be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain

# Full-width and small forms, and letters and digits of formulas; Chinese punctuation stays.
_FORMS = chain(range(0xFE50, 0xFE70), range(0xFF01, 0xFF5F), range(0x1D400, 0x1D800))
_MARKS = "@+-._%/=&"
# A long dash stands between words, a short one within a number.
_DASHES = "\u2010\u2011\u2012\u2013\u2212\ufe58\ufe63\uff0d"
_SPACES = "\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_UNSEEN = chain(
    (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x180E, 0xFEFF),
    range(0x200B, 0x2010),
    range(0x202A, 0x202F),
    range(0x2060, 0x2070),
    range(0xFE00, 0xFE10),
)
_AT = re.compile("%40")


def _forms(points: Iterable[int]) -> dict[int, str]:
    plain = ((point, unicodedata.normalize("NFKC", chr(point))) for point in points)
    return {p: c for p, c in plain if c.isascii() and len(c) == 1 and (c.isalnum() or c in _MARKS)}


_FOLDS = (
    _forms(_FORMS)
    | dict.fromkeys(map(ord, _DASHES), "-")
    | dict.fromkeys(map(ord, _SPACES), " ")
    | dict.fromkeys(_UNSEEN, "")
)


def folded(text: str) -> tuple[str, Sequence[int] | None]:
    """Return a text as it is read, and where each of its characters begins in the text.

    Returns:
        The copy, and the places: one for each of its characters and one for its end; None
        where they are those of the text.
    """
    copy, places = text, None
    if not text.isascii():
        copy = text.translate(_FOLDS)
        if len(copy) != len(text):
            places = [place for place, one in enumerate(text) if _FOLDS.get(ord(one)) != ""]
            places.append(len(text))
    if "%40" not in copy:
        return copy, places
    known: Sequence[int] = range(len(text) + 1) if places is None else places
    kept: list[int] = []
    last = 0
    for found in _AT.finditer(copy):
        kept += known[last : found.start() + 1]
        last = found.end()
    kept += known[last:]
    return _AT.sub("@", copy), kept
