"""Personal data and secrets out of a question, before it is encoded, stored or shown.

First form: e-mail addresses, telephone numbers, payment cards, keys and tokens. It does
not find names or postal addresses. What is removed leaves its kind in brackets, so that
a reader still sees what stood there.
"""

from __future__ import annotations

import re
from re import Match

import phonenumbers

# Home of numbers written without a country code; each is tried in turn.
_PHONE_REGIONS = ("US", "GB", "SG", "DE")
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,29}(?![\w-])")
_CARD_DIGITS = range(13, 20)
_MIN_MADE_CHARS = 8
_PLACEHOLDERS = ("[secret]", "[email]", "[phone]", "[card]")
# Seven digits with nothing but a few signs between them; fewer are no telephone number.
_DIGITS = re.compile(r"(?:\d\W{0,5}){6}\d")
# Tokens that name themselves by how they start, as their issuers document it.
_KNOWN_TOKEN = re.compile(
    r"\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w-]{20,255}|xox[abeprs]-[\w-]{10,255}"
    r"|sk-[\w-]{16,255}|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|sop_[\w-]{20,255}"
    r"|eyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{0,2000})"
)
# `password: x`, `client_secret=x`, `API key is x`; behind a bare `password` only what looks made.
_NAMED_SECRET = re.compile(
    r"(?P<name>\b(?:authorization:\s*)?(?:bearer|basic)\s+"
    r"|\b[\w-]{0,40}?(?:api[ _-]?key|access[ _-]?key|secret[ _-]?key|token|secret|password|passwd"
    r"|pwd|passcode)[\"']?(?:\s*[:=]\s*|\s+is\s+|\s+))(?P<value>[\"']?[^\s\"',;]{6,4000})",
    re.IGNORECASE,
)
_BARE_PHONE = re.compile(
    r"(?P<word>\b(?:call|phone|mobile|cell|tel|telephone|whatsapp|number is|reach me at)\b"
    r"[^\d\n+]{0,20})\d{9,12}\b",
    re.IGNORECASE,
)
_URL_CREDENTIALS = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@]{1,200}@", re.IGNORECASE
)


def redact(text: str) -> str:
    """Return the text with `[email]`, `[phone]`, `[card]` or `[secret]` for what was found.

    Redacting twice changes nothing more.
    """
    text = _PRIVATE_KEY.sub("[secret]", text)
    text = _KNOWN_TOKEN.sub("[secret]", text)
    text = _URL_CREDENTIALS.sub(lambda found: f"{found['scheme']}[secret]@", text)
    text = _NAMED_SECRET.sub(_without_value, text)
    text = _EMAIL.sub("[email]", text)
    # A card that is gone may leave another one that was hidden in its run of digits.
    while (fewer := _CARD.sub(_without_card, text)) != text:
        text = fewer
    text = _BARE_PHONE.sub(lambda found: f"{found['word']}[phone]", text)
    return _without_phones(text)


def _without_value(found: Match[str]) -> str:
    """Keep the word that announces a secret; a plain word behind it is no secret."""
    value = found["value"].strip("\"'")
    is_assigned = any(mark in found["name"] for mark in "=:") and "authorization" not in (
        found["name"].lower()
    )
    looks_made = any(c.isdigit() for c in value) and len(value) >= _MIN_MADE_CHARS
    if value.startswith(_PLACEHOLDERS) or not (is_assigned or looks_made):
        return found[0]
    return f"{found['name']}[secret]"


def _without_card(found: Match[str]) -> str:
    """Replace the card at the start of a run of digits; an expiry date may stand behind it."""
    places = [place for place, character in enumerate(found[0]) if character.isdigit()]
    for count in sorted(_CARD_DIGITS, reverse=True):
        if len(places) >= count:
            end = places[count - 1] + 1
            card, rest = found[0][:end], found[0][end:]
            if _is_card(card) and not rest[:1].isdigit():
                return f"[card]{rest}"
    return found[0]


def _is_card(digits: str) -> bool:
    """Tell whether a number has a card's length, first digit and check digit.

    Source: ISO/IEC 7812-1, whose check digit is Luhn's.
    """
    numbers = [int(digit) for digit in re.sub(r"\D", "", digits)]
    if not 13 <= len(numbers) <= 19 or numbers[0] not in (2, 3, 4, 5, 6):
        return False
    if len(set(numbers)) == 1:
        return False
    doubled = (2 * n - 9 if n > 4 else 2 * n for n in numbers[-2::-2])
    return (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def _without_phones(text: str) -> str:
    """Replace telephone numbers that are valid in their country's numbering plan."""
    if not _DIGITS.search(text):
        return text
    spans: set[tuple[int, int]] = set()
    for region in _PHONE_REGIONS:
        for found in phonenumbers.PhoneNumberMatcher(
            text, region, leniency=phonenumbers.Leniency.VALID, max_tries=200
        ):
            if _is_written_as_phone(found.raw_string):
                spans.add((found.start, found.end))
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}[phone]{text[end:]}"
    return text


def _is_written_as_phone(raw: str) -> bool:
    """Tell a telephone number from an order number: it has a plus or is written in groups."""
    return raw.startswith("+") or bool(re.search(r"\d[ ()./-]+\d", raw))
