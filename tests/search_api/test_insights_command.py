"""`sop insights` says in a terminal what the dashboard says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from support_events import asked, told

from search_api.events.log import EventLog


@pytest.fixture
def used(tmp_path):
    """The test's log with twelve tickets, eleven of them solved."""
    now = datetime.now(UTC) - timedelta(hours=1)
    log = EventLog(f"sqlite:///{tmp_path / 'events.db'}", 100)
    log.start()
    for number in range(12):
        log.record_question(asked(number, asked_at=now - timedelta(minutes=30)))
    for number in range(11):
        at = now - timedelta(minutes=21)
        log.record_feedback(told(reference=f"T-{number}", given_at=at, actor=f"{number}"))
    log.close()


def test_headlines_and_a_table_are_printed(sop, used):
    """Figures go to standard output, what takes a while to standard error."""
    done = sop("insights", "--days", "7", "--area", "access", "--table", "languages")
    assert done.returncode == 0, done.stderr
    assert "Friendly         100%  11 of 11 who said so were helped" in done.stdout
    assert "Fast            9 min  of 11 cases; nine of ten within 9 min" in done.stdout
    assert "Language  Questions  Before" in done.stdout
    assert "looking for gaps" in done.stderr


def test_json_is_that_of_the_api(sop, used):
    """A script reads the same fields."""
    done = sop("insights", "--no-gaps", "--json")
    answer = json.loads(done.stdout)
    assert (answer["questions"], answer["headlines"][2]["cases"]) == (12, 11)
    assert [one["key"] for one in answer["panels"]][:2] == ["volume", "trending"]


def test_mistakes_are_told_with_what_there_is(sop, used, tmp_path):
    """A wrong table, area or day is one sentence and exit code 2; so is no log."""
    for arguments, said in (
        (("--table", "volumes"), "no table is named volumes; there are: volume"),
        (("--area", "kitchen"), "no area is named kitchen; there are: access"),
        (("--date", "2099-01-01", "--days", "1"), "lies before us"),
    ):
        done = sop("insights", "--no-gaps", *arguments)
        assert done.returncode == 2
        assert said in done.stderr.replace("\n", " ")
    (tmp_path / "events.db").unlink()
    none = sop("insights")
    assert (none.returncode, "there is no log" in none.stderr) == (2, True)
