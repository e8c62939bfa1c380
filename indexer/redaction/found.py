"""What is found in a text, and what stands in its place: words that all rules share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]

# Scripts that write no space between words: there a value ends where these letters begin.
_UNSPACED = "\u3000-\uffff"
# A character of a word in a script with spaces; `\w` would take Chinese along.
WORD = "0-9A-Za-z_\u00c0-\u1fff"
VALUE = rf"[^\s\"',;{_UNSPACED}]"
_OTHER_NUMBER = re.compile(
    r"(?:\b(?:order|ticket|case|invoice|incident|request|reference|ref|tracking|rma|po|serial|part"
    r"|model|build|job|pipeline|batch|task|error|code|version|export|isbn|imei|pr|issue"
    r"|bestellung|rechnung|auftrag|vorgang|fehler|pedido|factura|caso|commande|facture|fatura)"
    r"|订单|工单|编号|版本|错误)"
    r"(?:[ _-]?(?:no|nr|num|number|nummer|id|号|码))?[\s.:#=]{0,3}$",
    re.IGNORECASE,
)
_LOOK_BACK = 32


@dataclass(frozen=True, slots=True)
class Found:
    """Something personal or secret in a text.

    Attributes:
        start: where it begins.
        end: where it ends; the character there is not part of it.
        kind: what stands in its place, in brackets.
        rule: what found it.
    """

    start: int
    end: int
    kind: str
    rule: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to find something.

    Attributes:
        name: unique; also the class that `docs/privacy-benchmarks.md` measures.
        kind: what stands in brackets where something was.
        find: places in a text, in any order.
        needs: tells of a text in small letters, quickly, whether this rule may find something.
    """

    name: str
    kind: str
    find: Callable[[str], Iterable[Span]]
    needs: Callable[[str], object]


def any_of(words: str) -> Callable[[str], bool]:
    """Return a test whether one of these words stands in a text in small letters."""
    wanted = tuple(words.split())
    return lambda text: any(word in text for word in wanted)


def spans(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    """Yield where a pattern's group `value` stands, or all of it where it has no such group."""
    group = "value" if "value" in pattern.groupindex else 0
    for found in pattern.finditer(text):
        yield found.span(group)


def is_other_number(text: str, start: int) -> bool:
    """Tell whether words in front of a number say that it is an order's, a build's, a ticket's."""
    return bool(_OTHER_NUMBER.search(text[max(0, start - _LOOK_BACK) : start]))
