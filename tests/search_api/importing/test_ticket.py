"""Rows become tickets, or one sentence that names field and remedy without the value."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.errors import SopError
from search_api.importing.rows import BadLine, Row
from search_api.importing.ticket import (
    OUTCOMES,
    WORDS,
    Reading,
    read_ticket,
    stated_outcomes,
    stated_zone,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[3] / "docs"


def ticket(*, reading=None, **values):
    """Read a ticket that has what every one needs, and these fields."""
    usual = {"reference": "T-1", "opened": "2026-11-03T10:00:00Z", "subject": "phone lost"}
    stated = {name: text for name, text in (usual | values).items() if text is not None}
    return read_ticket(Row(17, stated), reading or Reading(NOW))


def test_ticket_has_what_its_row_says():
    """Texts go into the request as the API takes it, times are in UTC."""
    found = ticket(
        text="<p>since noon</p>",
        format="HTML",
        closed="2026-11-03 12:30+01:00",
        outcome="Solved",
        article="acc-001",
        requester="ana",
        channel="mail",
        language="pt_BR",
    )
    assert (found.line, found.request.subject, found.request.reference) == (17, "phone lost", "T-1")
    assert (found.request.description, found.request.format) == ("<p>since noon</p>", "html")
    assert (found.request.language, found.request.channel) == ("pt-BR", "mail")
    assert found.opened == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert found.closed == datetime(2026, 11, 3, 11, 30, tzinfo=UTC)
    assert (found.outcome, found.article, found.requester) == ("resolved", "acc-001", "ana")


def test_zone_is_stated_for_times_without_one():
    """A time without a zone is of the stated one, summer and winter; others keep their own."""
    reading = Reading(NOW, stated_zone("Europe/Dublin"))
    for opened, hour in (
        ("2026-07-03T10:00", 9),
        ("2026-11-03T10:00", 10),
        ("2026-11-03T10:00+08:00", 2),
    ):
        assert ticket(opened=opened, reading=reading).opened.hour == hour


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_words_of_ticket_tools_are_known(outcome):
    """Each outcome is known by its own name and its usual words, whatever their signs."""
    for word in (outcome, *WORDS[outcome]):
        assert ticket(outcome=word.upper().replace(" ", "_")).outcome == outcome


def test_words_are_those_of_the_handbook():
    """The import page lists every word with its outcome, and no other."""
    text = (DOCS / "import.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ", text, re.MULTILINE)
    listed = {name: tuple(re.findall(r"`([^`]+)`", words)) for name, words in rows}
    assert {name: listed.get(name) for name in OUTCOMES} == dict(WORDS)


def test_own_words_are_stated():
    """A word that a person names counts, also for another outcome than usually."""
    own = Reading(NOW, outcomes=stated_outcomes(["Erledigt=resolved", "closed=dropped"]))
    assert ticket(outcome="erledigt", reading=own).outcome == "resolved"
    assert ticket(outcome="Closed", reading=own).outcome == "dropped"


def test_closed_ticket_without_a_word_was_resolved():
    """Without an outcome the closing time tells it."""
    assert ticket().outcome == "open"
    assert ticket(closed="2026-11-04T10:00Z").outcome == "resolved"


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"reference": None}, "reference", "is empty; every ticket needs it"),
        ({"opened": None}, "opened", "is empty; every ticket needs it"),
        ({"subject": None}, "text", "is empty, and so is the subject"),
        ({"opened": "secret"}, "opened", "is no time; write it like 2026-11-03T14:05:00+01:00"),
        ({"opened": "03/11/2026 10:00"}, "opened", "is no time"),
        ({"opened": "2026-11-03T10:00"}, "opened", "names no time zone; write"),
        ({"opened": "2026-11-24T10:00Z"}, "opened", "lies in the future"),
        ({"opened": "9999-12-31T23:59:59-14:00"}, "opened", "lies in the future"),
        ({"opened": "0001-01-01T00:00:00+14:00"}, "opened", "lies before 1990"),
        ({"closed": "2026-11-03T09:00Z"}, "closed", "lies before opened"),
        ({"closed": "secret"}, "closed", "is no time"),
        ({"updated": "secret"}, "updated", "is no time"),
        ({"outcome": "secret"}, "outcome", "is none of the known words; say which it is"),
        ({"format": "secret"}, "format", "is neither text nor html"),
        ({"language": "secret!"}, "language", "is no language tag"),
        ({"requester": "x" * 201}, "requester", "has more than 200 characters"),
        ({"article": "x" * 201}, "article", "has more than 200 characters"),
        ({"reference": "x" * 201}, "reference", "at most 200 characters"),
        ({"subject": "x" * 4_001}, "subject", "has 4,001 characters, at most 4,000 are read"),
        ({"text": "x" * 20_001}, "text", "has 20,001 characters, at most 20,000 are read"),
        ({"subject": "a\ud800"}, "subject", "holds half of a character"),
        ({"requester": "a\ud800b"}, "requester", "holds half of a character"),
        ({"specialist": "\udc00"}, "specialist", "holds half of a character"),
        ({"article": "acc-\udfff"}, "article", "holds half of a character"),
        ({"reference": "T-\ud800"}, "reference", "holds half of a character"),
        ({"channel": "\ud800"}, "channel", "holds half of a character"),
    ],
)
def test_line_that_cannot_be_read_says_why(values, field, message):
    """Each refusal names line, field and remedy, and never repeats what somebody wrote."""
    found = ticket(**values)
    assert isinstance(found, BadLine)
    assert (found.line, found.field) == (17, field)
    assert message in found.message
    assert "secret" not in found.message


def test_bad_line_stays_one():
    """What reading refused is passed on as it is."""
    bad = BadLine(3, None, "is no JSON")
    assert read_ticket(bad, Reading(NOW)) is bad


def test_stated_options_that_cannot_be_are_refused():
    """An unknown zone or outcome is one sentence with an example."""
    with pytest.raises(SopError, match="no time zone is named Dublin; write it like Europe/Dublin"):
        stated_zone("Dublin")
    with pytest.raises(SopError, match="no time zone is named"):
        stated_zone("../etc")
    for pair in ("resolved", "=resolved", "x=gone"):
        with pytest.raises(SopError, match="write word=outcome, such as --outcome erledigt"):
            stated_outcomes([pair])
    assert stated_zone(None) is None
