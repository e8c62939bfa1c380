"""Telephone numbers, by the numbering plans of the library phonenumbers; its only home."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)
from pydantic import AfterValidator

from indexer.redaction.found import Span, is_other_number

# Homes of numbers written without a country code, unless an operator names others.
PHONE_REGIONS = ("US", "GB", "SG", "DE", "IE")
# Digits with at most three signs between them; a point or a colon in front is part of a number.
_RUN = re.compile(
    r"(?<![0-9A-Za-z_.,/#+*-])(?<!\d:)\+?[(]?\d(?:[ ()./-]{0,3}\d)*(?![0-9A-Za-z_:]|[.,/-]\d)"
)
_GROUP = re.compile(r"\d+")
_FEWEST_DIGITS, _MOST_DIGITS, _MOST_FAR_DIGITS = 7, 13, 17
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
_FEWEST_AREA_DIGITS, _SHORT_AREA, _FEWEST_FAR_DIGITS = 3, 2, 6
_TRUNKS = ("0", "1", "8")


def _known_region(name: str) -> str:
    """Return the name of a country as it is.

    Raises:
        ValueError: there is no numbering plan for it.
    """
    if name not in SUPPORTED_REGIONS:
        raise ValueError(f"{name!r} is no country; write two capital letters, such as DE")
    return name


PhoneRegion = Annotated[str, AfterValidator(_known_region)]


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
            is_begin = first == 0 or " " in text[groups[first - 1][1] : groups[first][0]]
            last = _phone_end(text, run, groups, first, regions) if is_begin else None
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
    has_plus = start > 0 and "+" in text[max(run.start(), start - 2) : start]
    is_far = has_plus or text.startswith("00", start)
    ends = list(_ends(text, groups, first, _MOST_FAR_DIGITS if is_far else _MOST_DIGITS))
    if not ends:
        return None
    if first == 0 and _SAID.search(text[max(0, run.start() - _LOOK_BACK) : run.start()]):
        return ends[-1][0]
    if not has_plus and first == 0 and is_other_number(text, run.start()):
        return None
    begin = _begin(text, run.start(), start)
    for last, digits in reversed(ends):
        if is_far:
            if _is_far_number(digits.removeprefix("00")):
                return last
        elif any(_plan(r).has(digits, text[slice(*groups[first])]) for r in regions) and (
            _is_grouped(text[begin : groups[last][1]])
        ):
            return last
    return None


def _ends(text: str, groups: list[Span], first: int, most: int) -> Iterator[tuple[int, str]]:
    """Yield the groups with which a number may end, and its digits so far.

    Within a run, one number ends and another begins only at a space.
    """
    digits = ""
    for place in range(first, len(groups)):
        start, end = groups[place]
        digits += text[start:end]
        if len(digits) > most:
            return
        is_last = place == len(groups) - 1
        if len(digits) >= _FEWEST_DIGITS and (is_last or " " in text[end : groups[place + 1][0]]):
            yield place, digits


def _begin(text: str, least: int, start: int) -> int:
    """Return where a number's plus or bracket stands, if it has one."""
    while start > least and text[start - 1] in "+(":
        start -= 1
    return start


def _is_far_number(digits: str) -> bool:
    """Tell whether digits begin with a country code and are as many as its numbers have.

    A trunk prefix may stand behind the code, as in +49 (0)30.
    """
    for code in (digits[:count] for count in (1, 2, 3)):
        if not code.startswith("0") and (lengths := _lengths(code)):
            national = digits.removeprefix(code)
            return len(national) in lengths or (
                national.startswith("0") and len(national) - 1 in lengths
            )
    return False


@lru_cache
def _lengths(code: str) -> frozenset[int]:
    """Return how many digits follow a country code; none where there is no such code."""
    return frozenset(
        length
        for region in COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
        if (metadata := PhoneMetadata.metadata_for_region(region)) and metadata.general_desc
        for length in metadata.general_desc.possible_length
        if length >= _FEWEST_FAR_DIGITS
    )


def _is_grouped(written: str) -> bool:
    """Tell whether a number is written in groups as people write one for the telephone.

    A single digit stands only in front, as in 1-800; four numbers with points are an address
    or a version; what has a slash or looks like a date is none.
    """
    groups = _GROUP.findall(written)
    lengths = [len(group) for group in groups]
    is_dotted = len(groups) == 4 and written.count(".") == 3
    is_slashed = "/" in written and lengths[0] < _FEWEST_AREA_DIGITS
    return (
        len(groups) > 1
        and min(lengths[1:]) > 1
        and (lengths[0] > 1 or (groups[0] in _TRUNKS and len(groups) > 2))
        and not (is_dotted or is_slashed or _DATE.match(written))
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """The numbers of one region, as they are written there without the country code."""

    region: str
    prefix: str
    national: re.Pattern[str]
    without_prefix: tuple[re.Pattern[str], ...]

    def has(self, digits: str, first: str) -> bool:
        """Tell whether digits are a valid number here, with a 0 in front where that is usual.

        Two digits as the `first` group are an area code only where numbers are written so:
        elsewhere 01 02 03 is a list.

        The library's own search does the same, but takes seconds for a table of numbers.
        """
        national = digits.removeprefix(self.prefix)
        if not self.national.fullmatch(national) or len(set(digits)) == 1:
            return False
        if national == digits and not any(p.match(digits) for p in self.without_prefix):
            return False
        try:
            number = parse(digits, self.region)
        except NumberParseException:
            return False
        if not is_valid_number(number):
            return False
        written = format_number(number, PhoneNumberFormat.NATIONAL)
        return len(first) != _SHORT_AREA or _GROUP.findall(written)[0] == first


@lru_cache
def _plan(region: str) -> _Plan:
    """Return a region's plan; there are some 250, and each is made once."""
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None:
        raise ValueError(f"{region} has no numbering plan")
    forms = [
        re.compile(rf"(?={(form.leading_digits_pattern or [''])[-1]}){form.pattern}$")
        for form in metadata.number_format
        if (metadata.national_prefix or "-") not in (form.national_prefix_formatting_rule or "")
        or form.national_prefix_optional_when_formatting
    ]
    if not metadata.national_prefix or not metadata.number_format:
        forms = [re.compile("")]
    return _Plan(
        region=region,
        prefix=metadata.national_prefix or "",
        national=re.compile(metadata.general_desc.national_number_pattern or "(?!)"),
        without_prefix=tuple(forms),
    )
