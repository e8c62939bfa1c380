"""Personal data and secrets out of a question, before it is encoded, stored or shown.

What is removed leaves its kind in brackets, so that a reader still sees what stood there.
`RULES` lists what is looked for. Names and postal addresses are not: see `docs/privacy.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from indexer.redaction.access import (
    ANNOUNCING,
    PRIVATE_KEY,
    TOKEN,
    URL_LOGIN,
    named_secrets,
    url_parameters,
)
from indexer.redaction.folding import folded
from indexer.redaction.found import Found, Rule, any_of, spans
from indexer.redaction.network import ip_addresses, mac_addresses
from indexer.redaction.numbers import cards, ibans, national_ids
from indexer.redaction.patterns import CustomPattern
from indexer.redaction.people import emails, handles, user_ids
from indexer.redaction.phones import PHONE_REGIONS, phones

_FOUR_DIGITS = re.compile(r"(?:\d\D{0,12}){3}\d")
_SEVEN_DIGITS = re.compile(r"(?:\d[^\w\n]{0,4}){6}\d")
# Where two find the same text, the first one names it.
RULES = (
    Rule("private-key", "secret", partial(spans, PRIVATE_KEY), any_of("key")),
    Rule("token", "secret", partial(spans, TOKEN), any_of("_ . : / - akia asia aiza dapi")),
    Rule("url-login", "secret", partial(spans, URL_LOGIN), any_of("://")),
    Rule("url-parameter", "secret", url_parameters, any_of("?")),
    Rule("named-secret", "secret", named_secrets, any_of(ANNOUNCING)),
    Rule("handle", "handle", handles, any_of("@ ＠")),
    Rule("email", "email", emails, any_of("@")),
    Rule("iban", "iban", ibans, _FOUR_DIGITS.search),
    Rule("card", "card", cards, _SEVEN_DIGITS.search),
    Rule("national-id", "national-id", national_ids, _FOUR_DIGITS.search),
    Rule("mac", "mac", mac_addresses, any_of(": . -")),
    Rule("ip", "ip", ip_addresses, any_of(": .")),
    Rule("user-id", "user-id", user_ids, re.compile(r"\d|[\\/]").search),
)
KINDS = (
    "secret",
    "email",
    "phone",
    "card",
    "iban",
    "national-id",
    "ip",
    "mac",
    "handle",
    "user-id",
)
_RANKS = {name: place for place, name in enumerate((*(rule.name for rule in RULES), "phone"))}
_PLACEHOLDER = re.compile(r"\[[a-z]{2,20}(?:-[a-z]{1,20}){0,2}\]")
# A pass may uncover something for the next one; nothing that is known needs more than three.
_MOST_PASSES = 8


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes personal data and secrets out of texts; holds nothing of what it has seen.

    Attributes:
        patterns: what else is personal here.
        phone_regions: countries, such as `US`, whose numbers are known without a country code.
    """

    patterns: tuple[CustomPattern, ...] = ()
    phone_regions: tuple[str, ...] = PHONE_REGIONS

    def redact(self, text: str) -> str:
        """Return the text with a kind in brackets for what was found.

        Redacting twice changes nothing more.
        """
        return _replaced(text, self.find(text))

    def find(self, text: str) -> list[Found]:
        """Return what is personal or secret in a text, in order; nothing overlaps."""
        copy, places = folded(text)
        found: list[Found] = []
        for _ in range(_MOST_PASSES):
            new = self._found_in(_replaced(copy, found))
            if not new:
                break
            found = _united([*found, *(_in_original(one, found) for one in new)])
        if places is None:
            return found
        return [Found(places[one.start], places[one.end], one.kind, one.rule) for one in found]

    def _found_in(self, text: str) -> list[Found]:
        found = [
            Found(start, end, custom.kind, custom.kind)
            for custom in self.patterns
            for start, end in spans(custom.pattern, text)
            if start < end
        ]
        lowered = text.lower()
        for rule in RULES:
            if rule.needs(lowered):
                found += (Found(*span, rule.kind, rule.name) for span in rule.find(text))
        if _SEVEN_DIGITS.search(text):
            found += (Found(*span, "phone", "phone") for span in phones(text, self.phone_regions))
        return _united(_without_placeholders(text, found)) if found else []


STANDARD = Redactor()


def was_redacted(text: str) -> bool:
    """Tell whether something in a text looks as redaction leaves it; rather once too often."""
    return _PLACEHOLDER.search(text) is not None


def _replaced(text: str, found: Sequence[Found]) -> str:
    """Return the text with the kind of each in its place."""
    parts: list[str] = []
    place = 0
    for one in found:
        parts += text[place : one.start], f"[{one.kind}]"
        place = one.end
    return "".join((*parts, text[place:]))


def _in_original(new: Found, found: Sequence[Found]) -> Found:
    """Return where something stands in a text, that was found after others were replaced."""
    start, end, longer = new.start, new.end, 0
    for one in found:
        begin = one.start + longer
        stop = begin + len(one.kind) + 2
        longer += stop - begin - (one.end - one.start)
        if new.start >= stop:
            start = new.start - longer
        elif new.start >= begin:
            start = one.start
        if new.end >= stop:
            end = new.end - longer
        elif new.end > begin:
            end = one.end
    return Found(start, end, new.kind, new.rule)


def _without_placeholders(text: str, found: Iterable[Found]) -> Iterator[Found]:
    """Leave out what is nothing but placeholders and marks; those within others go along."""
    places = [place.span() for place in _PLACEHOLDER.finditer(text)]
    for one in found:
        start, end = one.start, one.end
        left, place = [], start
        for begin, stop in places:
            if begin < end and stop > start:
                left.append(text[place:begin])
                start, end, place = min(start, begin), max(end, stop), stop
        left.append(text[place:end])
        if not places or any(c.isalnum() for c in "".join(left)):
            yield Found(start, end, one.kind, one.rule)


def _united(found: Iterable[Found]) -> list[Found]:
    """Return what was found in order, with what overlaps as one, named by the first rule."""
    united: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if not united or one.start >= united[-1].end:
            united.append(one)
            continue
        last = united[-1]
        name = min(last, one, key=_rank)
        united[-1] = Found(last.start, max(last.end, one.end), name.kind, name.rule)
    return united


def _rank(found: Found) -> int:
    """Return the place of a rule in the list; what an operator's pattern found comes first."""
    return _RANKS.get(found.rule, -1)
