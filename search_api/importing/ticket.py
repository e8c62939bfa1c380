"""A row of an export becomes a ticket, or one sentence that says why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from indexer.article import LANGUAGE_TAG
from indexer.errors import SopError
from search_api.importing.rows import BadLine, Row
from search_api.schemas import SuggestRequest

Outcome = Literal["open", "resolved", "escalated", "reopened", "dropped"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
# The words that ticket tools use; docs/import.md has the same table, and a test compares.
WORDS: Mapping[Outcome, tuple[str, ...]] = {
    "open": (
        "new",
        "assigned",
        "in progress",
        "pending",
        "on hold",
        "waiting",
        "waiting for customer",
        "waiting for support",
        "todo",
        "to do",
        "backlog",
    ),
    "resolved": ("solved", "closed", "done", "fixed", "completed", "complete", "answered"),
    "escalated": ("transferred", "forwarded", "escalated to engineering"),
    "reopened": ("re opened", "open again"),
    "dropped": (
        "cancelled",
        "canceled",
        "rejected",
        "declined",
        "withdrawn",
        "duplicate",
        "merged",
        "spam",
        "deleted",
        "invalid",
        "wont fix",
        "won t fix",
        "wont do",
        "won t do",
    ),
}
# A tool's clock may run ahead of ours, and a zone may have been stated wrongly by hours.
_AHEAD = timedelta(days=1)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_SIGNS = re.compile(r"[\W_]+")
# Half of a surrogate pair, which JSON can carry and no text can.
_HALF = re.compile("[\ud800-\udfff]")
_MOST_LABEL_CHARS = 200
_LABELS = ("requester", "specialist", "article")
# As the request calls what a ticket calls otherwise.
_FIELDS = {"description": "text"}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that never passed through the API; its texts are as they came, not redacted.

    Attributes:
        line: where its file has it.
        request: what it asks, as the API would have been asked.
        article: the id of the article that was used.
        requester: whoever asked, as the tool names them.
        specialist: whoever worked on it.
    """

    line: int
    request: SuggestRequest
    opened: datetime
    closed: datetime | None = None
    updated: datetime | None = None
    outcome: Outcome = "open"
    article: str | None = None
    requester: str | None = None
    specialist: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read.

    Attributes:
        now: no ticket was opened later.
        zone: of times that name none; None where such times are refused.
        outcomes: outcomes by the words that a person said beside the usual ones.
    """

    now: datetime
    zone: ZoneInfo | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Add the usual words; what a person said counts first."""
        usual = {_plain(word): outcome for outcome, words in WORDS.items() for word in words}
        usual |= {outcome: outcome for outcome in OUTCOMES}
        object.__setattr__(self, "outcomes", usual | dict(self.outcomes))


class _FieldError(ValueError):
    """A field of one ticket cannot be read."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


def stated_zone(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its name.

    Raises:
        SopError: there is no such zone.
    """
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SopError(
            f"no time zone is named {name}; write it like Europe/Dublin, or UTC"
        ) from error


def stated_outcomes(pairs: Iterable[str]) -> dict[str, Outcome]:
    """Return the outcomes that a person named, each as `word=outcome`.

    Raises:
        SopError: it has no such form, or there is no such outcome.
    """
    stated: dict[str, Outcome] = {}
    for pair in pairs:
        word, _, outcome = (part.strip() for part in pair.rpartition("="))
        if not word or outcome not in OUTCOMES:
            raise SopError(
                f"--outcome {pair}: write word=outcome, such as --outcome erledigt=resolved; "
                f"outcomes are: {', '.join(OUTCOMES)}"
            )
        stated[_plain(word)] = outcome
    return stated


def read_ticket(row: Row | BadLine, reading: Reading) -> Ticket | BadLine:
    """Return a row's ticket, or the first thing that is wrong with it."""
    if isinstance(row, BadLine):
        return row
    try:
        return _ticket(row, reading)
    except _FieldError as error:
        return BadLine(row.line, error.field, str(error))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "text"
        message = str(first["msg"]).removeprefix("Value error, ")
        return BadLine(row.line, _FIELDS.get(name, name), f"{message}; shorten or mend it")


def _ticket(row: Row, reading: Reading) -> Ticket:
    values = row.values
    for name in ("reference", "opened"):
        if name not in values:
            raise _FieldError(name, "is empty; every ticket needs it")
    if "subject" not in values and "text" not in values:
        raise _FieldError("text", "is empty, and so is the subject; a ticket needs one of them")
    for name in _LABELS:
        if len(values.get(name, "")) > _MOST_LABEL_CHARS:
            raise _FieldError(name, f"has more than {_MOST_LABEL_CHARS} characters; shorten it")
    for name in (*_LABELS, "reference", "channel"):
        if _HALF.search(values.get(name, "")):
            raise _FieldError(name, "holds half of a character; shorten or mend it")
    opened = _time(values, "opened", reading)
    closed = _time(values, "closed", reading) if "closed" in values else None
    if closed is not None and closed < opened:
        raise _FieldError("closed", "lies before opened; mend one of them")
    return Ticket(
        line=row.line,
        request=SuggestRequest(
            subject=values.get("subject"),
            description=values.get("text"),
            format=_format(values),
            language=_language(values),
            reference=values["reference"],
            channel=values.get("channel"),
        ),
        opened=opened,
        closed=closed,
        updated=_time(values, "updated", reading) if "updated" in values else None,
        outcome=_outcome(values, reading),
        article=values.get("article"),
        requester=values.get("requester"),
        specialist=values.get("specialist"),
    )


def _time(values: Mapping[str, str], name: str, reading: Reading) -> datetime:
    try:
        found = datetime.fromisoformat(values[name])
    except ValueError:
        message = "is no time; write it like 2026-11-03T14:05:00+01:00"
        raise _FieldError(name, message) from None
    if found.tzinfo is None:
        if reading.zone is None:
            message = "names no time zone; write 2026-11-03T14:05:00Z, or say --zone Europe/Dublin"
            raise _FieldError(name, message)
        found = found.replace(tzinfo=reading.zone)
    if found < _EARLIEST:
        raise _FieldError(name, "lies before 1990; mend it")
    if found > reading.now + _AHEAD:
        raise _FieldError(name, "lies in the future; mend it, or its zone")
    return found.astimezone(UTC)


def _outcome(values: Mapping[str, str], reading: Reading) -> Outcome:
    """Return what became of a ticket; without a word, one that was closed was resolved."""
    if "outcome" not in values:
        return "resolved" if "closed" in values else "open"
    found = reading.outcomes.get(_plain(values["outcome"]))
    if found is None:
        message = f"is none of the known words; say which it is: --outcome WORD={OUTCOMES[1]}"
        raise _FieldError("outcome", message)
    return found


def _format(values: Mapping[str, str]) -> Literal["text", "html"]:
    stated = values.get("format", "text").lower()
    if stated not in ("text", "html"):
        raise _FieldError("format", "is neither text nor html")
    return "html" if stated == "html" else "text"


def _language(values: Mapping[str, str]) -> str | None:
    stated = values.get("language", "").replace("_", "-") or None
    if stated is not None and not re.fullmatch(LANGUAGE_TAG, stated):
        raise _FieldError("language", "is no language tag; write it like en or pt-BR, or nothing")
    return stated


def _plain(word: str) -> str:
    return _SIGNS.sub(" ", word.casefold()).strip()
