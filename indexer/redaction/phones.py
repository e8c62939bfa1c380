"""Telephone numbers, by the numbering plans of the library phonenumbers; its only home."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from phonenumbers import (
    SUPPORTED_REGIONS,
    Leniency,
    PhoneMetadata,
    PhoneNumberMatcher,
)

from indexer.redaction.found import Span, is_other_number

# Digits with at most three signs between them; a point or a colon in front is part of a number.
_RUN = re.compile(
    r"(?<![0-9A-Za-z_.:,/#+*-])(?P<plus>\+|00(?=\d))?[(]?\d(?:[ ()./-]{0,3}\d)*(?![0-9A-Za-z_:]|[.,/-]\d)"
)
_GROUP = re.compile(r"\d+")
_FEWEST_DIGITS, _MOST_DIGITS, _MOST_INTERNATIONAL = 7, 13, 15
# Nobody says these words in front of a number of another kind.
_SAID = re.compile(
    r"(?:\b(?:call|ring|phone|telephone|tel|mobile|cell|cellphone|whatsapp|fax|text|sms|dial"
    r"|reach (?:me|him|her|them)|telefon|handy|rufnummer|mobil|anrufen|rückruf|teléfono|móvil"
    r"|celular|llámame|llamar|téléphone|portable|joignable|appeler|telefone|ligue|телефон\w{0,2}"
    r"|позвоните)|手机|手機|电话|電話|전화|휴대폰)"
    r"(?:[\s.:#=(：-]{1,3}(?:at|me|us|on|to|no|nr|number|is|al|es|a|au|unter|est|é|him|her"
    r"|по|号码|号|番号|是)|(?:号码|号|番号|是|번호)){0,3}[\s.:#=(：-]{0,3}$",
    re.IGNORECASE,
)
_LOOK_BACK = 40
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}")
_GROUPED = re.compile(r"\d[ ()./-]{1,3}\d")


def is_region(name: str) -> bool:
    """Tell whether a name is that of a country with a known numbering plan, such as `US`."""
    return name in SUPPORTED_REGIONS


def phones(text: str, regions: Sequence[str]) -> Iterator[Span]:
    """Yield telephone numbers.

    Found are numbers with `+` or `00`, numbers behind a word such as `call`, and numbers in
    groups that are valid in one of the regions.
    """
    for run in _RUN.finditer(text):
        groups = [(run.start() + g.start(), run.start() + g.end()) for g in _GROUP.finditer(run[0])]
        if sum(end - start for start, end in groups) < _FEWEST_DIGITS:
            continue
        first = 0
        while first < len(groups):
            last = _phone_end(text, run, groups, first, regions)
            if last is None:
                first += 1
                continue
            yield _begin(text, run.start(), groups[first][0]), groups[last][1]
            first = last + 1


def _phone_end(
    text: str, run: re.Match[str], groups: list[Span], first: int, regions: Sequence[str]
) -> int | None:
    """Return with which group the number that begins with a group ends, the longest one."""
    start = groups[first][0]
    has_plus = text[start - 1 : start] == "+" or text[max(0, start - 2) : start] == "+("
    is_far = has_plus or text.startswith("00", start)
    most = _MOST_INTERNATIONAL + 2 if is_far else _MOST_DIGITS
    lasts, count = [], 0
    for place in range(first, len(groups)):
        count += groups[place][1] - groups[place][0]
        if count > most:
            break
        if count >= _FEWEST_DIGITS:
            lasts.append(place)
    if not lasts:
        return None
    is_said = first == 0 and bool(_SAID.search(text[max(0, run.start() - _LOOK_BACK) : run.start()]))
    if is_said:
        return lasts[-1]
    if not has_plus and first == 0 and is_other_number(text, run.start()):
        return None
    begin = _begin(text, run.start(), start)
    for last in reversed(lasts):
        written = text[begin : groups[last][1]]
        if _is_phone(written, is_far, regions):
            return last
    return None


def _begin(text: str, least: int, start: int) -> int:
    """Return where a number's plus or bracket stands, if it has one."""
    while start > least and text[start - 1] in "+(":
        start -= 1
    return start


def _is_phone(written: str, is_far: bool, regions: Sequence[str]) -> bool:
    digits = re.sub(r"\D", "", written)
    if is_far:
        return _matches(f"+{digits.removeprefix('00')}", None)
    if not _GROUPED.search(written) or _DATE.match(written) or len(set(digits)) == 1:
        return False
    return any(_may_be(digits, region) and _matches(written, region) for region in regions)


def _may_be(digits: str, region: str) -> bool:
    """Tell, quickly, whether digits have the length and start of a region's numbers."""
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None:
        return False
    national = digits.removeprefix(metadata.national_prefix or "")
    return bool(re.fullmatch(metadata.general_desc.national_number_pattern or "", national))


def _matches(written: str, region: str | None) -> bool:
    matcher = PhoneNumberMatcher(written, region, leniency=Leniency.VALID, max_tries=4)
    return any(found.end - found.start >= len(written) - 2 for found in matcher)
