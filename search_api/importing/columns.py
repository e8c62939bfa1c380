"""Which column of a ticket tool's export is which field of a ticket.

A column is found by its name, whatever its capitals, spaces and underscores, or it is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from indexer.errors import SopError

# Names that a column may have for each field; the first that a file has is taken.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "reference": ("reference", "ticket id", "ticket", "id", "key", "issue key", "number"),
    "subject": ("subject", "title", "summary", "short description"),
    "text": ("text", "description", "body", "message"),
    "opened": ("opened", "opened at", "created", "created at"),
    "closed": ("closed", "closed at", "solved at", "resolved at", "resolved"),
    "updated": ("updated", "updated at", "last updated"),
    "outcome": ("outcome", "state", "status"),
    "article": ("article", "article id", "article used"),
    "requester": ("requester", "requester id", "reporter"),
    "specialist": ("specialist", "assignee", "agent"),
    "channel": ("channel", "via"),
    "language": ("language",),
    "format": ("format",),
}
REQUIRED = ("reference", "opened")
ASKING = ("subject", "text")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a file has each field.

    Attributes:
        by_field: the column's name for each field that the file has.
        left_out: names of the columns that are not read, in their order.
    """

    by_field: Mapping[str, str]
    left_out: tuple[str, ...]


def stated_columns(pairs: Iterable[str]) -> dict[str, str]:
    """Return the columns that a person named, each as `field=column`.

    Raises:
        SopError: it has no such form, or there is no such field.
    """
    stated = {}
    for pair in pairs:
        field, is_pair, column = (part.strip() for part in pair.partition("="))
        if not is_pair or not column:
            raise SopError(f"--map {pair}: write field=column, such as --map subject=Title")
        if field not in FIELDS:
            raise SopError(f"--map {pair}: no field is named {field}; {_nearest(field, FIELDS)}")
        stated[field] = column
    return stated


def find_columns(names: Sequence[str], stated: Mapping[str, str]) -> Columns:
    """Return where a file has each field.

    Args:
        names: the names of its columns.
        stated: columns that a person named, by field.

    Raises:
        SopError: a named column is not there.
    """
    by_field = {}
    for field, column in stated.items():
        if column not in names:
            raise SopError(f"no column is named {column}; {_nearest(column, names)}")
        by_field[field] = column
    taken = set(by_field.values())
    plain = {_plain(name): name for name in reversed(names) if name not in taken}
    for field, known in FIELDS.items():
        found = next((plain[_plain(name)] for name in known if _plain(name) in plain), None)
        if field not in by_field and found is not None:
            by_field[field] = found
    read = set(by_field.values())
    return Columns(by_field, tuple(name for name in names if name and name not in read))


def missing_fields(columns: Columns) -> str | None:
    """Return in words which fields a file should have and has not; None where it has them."""
    missing = [field for field in REQUIRED if field not in columns.by_field]
    if not any(field in columns.by_field for field in ASKING):
        missing.append(" or ".join(ASKING))
    return " and ".join(missing) or None


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.casefold())


def _nearest(name: str, known: Iterable[str]) -> str:
    known = [one for one in known if one]
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
