"""Numbers that stand for a person or their money: cards, bank accounts, national ids.

What announces itself (`SSN`, `身份证号`) is taken whatever its digits are. What does not is
taken only where its form and, where the scheme has one, its check digit agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from indexer.redaction.found import Span, is_other_number

_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z_.+-])\d{4,}(?:[ .-]\d{1,19})*(?![0-9A-Za-z_])")
_GROUP = re.compile(r"\d+")
_CARD_DIGITS = range(13, 20)
_FEWEST_GROUP_DIGITS, _FEWEST_FIRST_DIGITS = 3, 4
# First digits and lengths of cards that are issued; a timestamp has neither.
_CARD = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}(?:\d\d)?|(?:6011|64[4-9]\d|65\d\d|35\d\d|62\d\d)\d{12,15}"
    r"|(?:50|5[6-9]|6[0-9])\d{11,17}"
)
_IBAN_START = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}(?=[ -]?[0-9A-Za-z])")
# Source: SWIFT, IBAN registry, release 98.
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_ANNOUNCED = re.compile(
    r"(?:\b(?:ssn|social security|(?-i:NI) (?:number|no)|nino|national insurance|national id"
    r"|identity card|id card|identity number|passport|nric|(?-i:FIN|PAN|SIN|TIN|NIE|BSN|TFN|RFC)"
    r"|ppsn?|aadhaa?r|pan card|tax file|tax id|taxpayer id|driver'?s licen[cs]e|driving licen[cs]e"
    r"|steuer-?id|steuer(?:identifikations)?nummer|(?:personal)?ausweis|reisepass"
    r"|sozialversicherungs|dni|nif|cédula|curp|sécurité sociale|carte d'identité|passeport"
    r"|pasaporte|passaporte|codice fiscale|pesel|personnummer|burgerservice|cpf|cnpj|снилс|инн"
    r"|паспорт)|身份证|身分證|护照|주민등록|여권|マイナンバー|パスポート|在留カード)"
    r"(?:[\s.:=#：('\"_-]{0,3}(?:no|nr|n°|nº|it|number|num|nummer|número|numéro"
    r"|numer|card|id|code|is|ist|es"
    r"|est|é|jest|dele|dela|shows|号码|号碼|號碼|号|番号|번호|は|是)){0,4}[\s.:=#：('\"]{0,3}"
    r"(?P<value>(?:[A-Za-z]{2} )?[A-Za-z]{0,6}\d[0-9A-Za-z]{0,19}"
    r"(?:[ ./-][A-Za-z]?\d[0-9A-Za-z]{0,9}| [A-Z](?= \d)){0,7}(?:[ -][A-Z](?![0-9A-Za-z]))?)",
    re.IGNORECASE,
)
_FEWEST_ID_DIGITS, _MOST_ID_DIGITS = 5, 18
_NRIC = re.compile(r"(?<![0-9A-Za-z-])[STFGM]\d{7}[A-Z](?![0-9A-Za-z])")
_DNI = re.compile(r"(?<![0-9A-Za-z-])(?:\d{8}|[XYZ]-?\d{7})-?[A-Z](?![0-9A-Za-z-])")
_CHINESE = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")
_CPF = re.compile(r"(?<![\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\d-])")
_FRENCH = re.compile(
    r"(?<![\d-])[12][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .]?\d{2}[ .]?"
    r"\d{3}[ .]?\d{3}[ .]?\d{2}(?![\d-])"
)
_AADHAAR = re.compile(r"(?<![\d.+-])(?<!\d )[2-9]\d{3} \d{4} \d{4}(?! ?\d)")
_KOREAN = re.compile(r"(?<![\d-])\d{6}-[1-8]\d{6}(?![\d-])")
# Distinct enough by form alone: US SSN, UK NINO in groups, Italian and Mexican
# codes. An Indian PAN is not: messages of programs have its form.
_BY_FORM = re.compile(
    r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"
    r"|(?<![0-9A-Za-z])(?!BG|GB|NK|KN|TN|NT|ZZ)"
    r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{2} \d{2} \d{2} [A-D]\b"
    r"|(?<![0-9A-Za-z])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d(?![0-9A-Za-z])"
)
_VERHOEFF_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def cards(text: str) -> Iterator[Span]:
    """Yield numbers of payment cards, in one piece or in groups of three digits and more."""
    for run in _DIGIT_RUN.finditer(text):
        groups = [
            (run.start() + group.start(), run.start() + group.end())
            for group in _GROUP.finditer(run[0])
        ]
        first = 0
        while first < len(groups):
            last = _card_end(text, groups, first)
            if last is None:
                first += 1
                continue
            start, end = groups[first][0], groups[last][1]
            if first < last or not is_other_number(text, start):
                yield start, end
            first = last + 1


def _card_end(text: str, groups: list[Span], first: int) -> int | None:
    """Return with which group the card that begins with a group ends, if one does."""
    digits, longest = "", None
    for place in range(first, len(groups)):
        start, end = groups[place]
        if len(digits) + end - start > _CARD_DIGITS[-1]:
            break
        if place == first and end - start < _FEWEST_FIRST_DIGITS:
            break
        digits += text[start:end]
        if is_card(digits):
            longest = place
        if end - start < _FEWEST_GROUP_DIGITS:
            break
    return longest


def is_card(digits: str) -> bool:
    """Tell whether digits have a card's first digits, length and check digit.

    Source: ISO/IEC 7812-1, whose check digit is Luhn's.
    """
    if len(digits) not in _CARD_DIGITS or not _CARD.fullmatch(digits):
        return False
    numbers = [int(digit) for digit in digits]
    doubled = (2 * n - 9 if n > 4 else 2 * n for n in numbers[-2::-2])
    return (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def ibans(text: str) -> Iterator[Span]:
    """Yield bank account numbers with their country's length and right check digits.

    Source: ISO 13616-1; the check is ISO/IEC 7064's mod 97-10.
    """
    for found in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(found[0][:2].upper())
        if length is None:
            continue
        end, characters = found.start(), ""
        while len(characters) < length and end < len(text):
            if text[end].isascii() and text[end].isalnum():
                characters += text[end].upper()
            elif text[end] not in " -" or not characters:
                break
            end += 1
        follows = text[end : end + 1]
        is_whole = len(characters) == length and not (follows.isascii() and follows.isalnum())
        if (
            is_whole
            and int("".join(str(int(c, 36)) for c in characters[4:] + characters[:4])) % 97 == 1
        ):
            yield found.start(), end


def national_ids(text: str) -> Iterator[Span]:
    """Yield numbers that a state gave to a person: announced, or by form and check digit."""
    for found in _ANNOUNCED.finditer(text):
        value = found["value"]
        digits = sum(character.isdigit() for character in value)
        is_short = digits < _FEWEST_ID_DIGITS and not (
            digits and value.isalnum() and len(value) > 8
        )
        if not is_short and digits <= _MOST_ID_DIGITS:
            yield found.span("value")
    for pattern, is_right in _CHECKED:
        for found in pattern.finditer(text):
            if is_right(re.sub(r"[ .-]", "", found[0])) and not is_other_number(
                text, found.start()
            ):
                yield found.span()


def _is_nric(value: str) -> bool:
    """Source: Singapore's weights, 2 7 6 5 4 3 2, and the letter of the remainder by 11."""
    weighted = sum(w * int(c) for w, c in zip((2, 7, 6, 5, 4, 3, 2), value[1:8], strict=True))
    offset = {"T": 4, "G": 4, "M": 3}.get(value[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "XWUTRQPNJLK"}
    return letters.get(value[0], "XWUTRQPNMLK")[(weighted + offset) % 11] == value[8]


def _is_dni(value: str) -> bool:
    """Source: Spanish Ministry of the Interior, the remainder by 23 names the letter."""
    digits = value[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == value[-1]


def _is_chinese(value: str) -> bool:
    """Source: GB 11643-1999, a date of birth and the check of ISO 7064 mod 11-2."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = sum(w * int(c) for w, c in zip(weights, value[:17], strict=True)) % 11
    return "10X98765432"[check] == value[17].upper() and _is_date(value[6:14])


def _is_cpf(value: str) -> bool:
    """Source: Receita Federal, two check digits by 11."""
    if len(set(value)) == 1:
        return False
    return all(
        sum((place + 1 - i) * int(value[i]) for i in range(place)) * 10 % 11 % 10
        == int(value[place])
        for place in (9, 10)
    )


def _is_french(value: str) -> bool:
    """Source: INSEE, the key is 97 less the remainder of the first thirteen digits."""
    return 97 - int(value[:13]) % 97 == int(value[13:])


def _is_aadhaar(value: str) -> bool:
    """Source: UIDAI, the check digit is Verhoeff's over the dihedral group of ten."""
    check = 0
    for place, character in enumerate(reversed(value)):
        digit = int(character)
        for _ in range(place % 8):
            digit = _VERHOEFF_TURN[digit]
        check = _dihedral(check, digit)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def _is_korean(value: str) -> bool:
    """Tell by the date alone: numbers given since 2020 have no check digit."""
    century = "18" if value[6] in "90" else "19" if value[6] in "1256" else "20"
    return _is_date(century + value[:6])


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


_CHECKED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_NRIC, _is_nric),
    (_DNI, _is_dni),
    (_CHINESE, _is_chinese),
    (_CPF, _is_cpf),
    (_FRENCH, _is_french),
    (_AADHAAR, _is_aadhaar),
    (_KOREAN, _is_korean),
    (_BY_FORM, bool),
)
