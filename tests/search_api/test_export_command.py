"""Export: what nothing was redacted in, recorded, and never out of its region unasked."""

from __future__ import annotations

import json
import sqlite3
import stat

import pytest
from support_events import asked, told

from search_api.events.log import EventLog
from search_api.events.reading import read_audit
from search_api.insights.asked import AskedText, asked_texts


@pytest.fixture
def filled(tmp_path):
    """Return a function that fills the log of the test's settings; gives its address."""

    def fill(region=None):
        url = f"sqlite:///{tmp_path / 'events.db'}"
        log = EventLog(url, 100, region)
        log.start()
        for number in range(3):
            log.record_question(asked(number, text="queue is empty"))
        log.record_question(asked(7, text="code never comes"))
        log.record_question(asked(8, text="write to [email] please"))
        log.record_feedback(told("resolved", query_id=f"{1:032x}", article_id="que-001"))
        log.close()
        return url

    return fill


@pytest.fixture
def allowed(settings_file):
    """The test's settings, which allow exports; a function adds a line."""

    def add(*lines):
        text = settings_file.read_text(encoding="utf-8")
        settings_file.write_text("\n".join([text, *lines, ""]), encoding="utf-8")

    add("export = true")
    return add


def test_texts_are_counted_and_redacted_ones_left_out():
    """Each text comes once with its count and the article that resolved it most often."""
    questions = [asked(n, text="b") for n in (1, 2)] + [asked(3, text="a"), asked(4, text="[ip]")]
    feedback = [
        told("resolved", query_id=f"{1:032x}", article_id="que-001"),
        told("resolved", query_id=f"{2:032x}", article_id="que-002"),
        told("rejected", query_id=f"{3:032x}", article_id="que-003"),
    ]
    assert asked_texts(questions, feedback) == (
        [AskedText("b", 2, "que-001"), AskedText("a", 1, None)],
        1,
    )


def test_export_writes_what_a_comparison_reads(filled, allowed, sop, tmp_path):
    """One JSON object a line, the most frequent first, for the owner only; and it is recorded."""
    url = filled()
    done = sop("export", tmp_path / "asked.jsonl", "--since", "2026-11-01", "--as", "lead")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "asked.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": "queue is empty", "count": 3, "article": "que-001"},
        {"text": "code never comes", "count": 1},
    ]
    assert stat.S_IMODE((tmp_path / "asked.jsonl").stat().st_mode) == 0o600
    assert "left out: 1 questions" in done.stderr
    (record,) = read_audit(url)
    assert (record.who, record.command, record.questions) == ("lead", "export", 4)
    assert record.target == "asked.jsonl"


@pytest.mark.parametrize("place", ["nodir/asked.jsonl", "asked.jsonl/asked.jsonl"])
def test_export_that_cannot_be_written_is_not_recorded(filled, allowed, sop, tmp_path, place):
    """A folder that is not there is one sentence, and no record tells of an export."""
    url = filled()
    (tmp_path / "asked.jsonl").touch()
    done = sop("export", tmp_path / place, "--since", "2026-11-01")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert read_audit(url) == []


def test_export_that_cannot_be_recorded_leaves_no_file(filled, allowed, sop, tmp_path):
    """What nobody could write down has not happened."""
    url = filled()
    with sqlite3.connect(tmp_path / "events.db") as log:
        log.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'no'); END"
        )
    done = sop("export", tmp_path / "asked.jsonl", "--since", "2026-11-01")
    assert done.returncode == 2
    assert "the audit record could not be written" in done.stderr
    assert not (tmp_path / "asked.jsonl").exists()
    assert read_audit(url) == []


def test_export_is_off_by_default(filled, sop, tmp_path):
    """Without the setting nothing is written, and the message says who may decide."""
    filled()
    done = sop("export", tmp_path / "asked.jsonl", "--since", "2026-11-01")
    assert done.returncode == 2
    assert "export is off" in done.stderr
    assert not (tmp_path / "asked.jsonl").exists()


def test_export_to_another_region_needs_a_reason(filled, allowed, sop, tmp_path):
    """The log of one region stays there; with a reason it goes, and the reason is recorded."""
    url = filled("eu")
    allowed('region = "eu"')
    file = tmp_path / "asked.jsonl"
    refused = sop("export", file, "--since", "2026-11-01", "--to", "us")
    assert refused.returncode == 2
    assert "the log belongs to the region eu" in refused.stderr
    assert not file.exists()
    assert read_audit(url) == []
    reason = ("--override", "agreed with privacy, DP-17")
    done = sop("export", file, "--since", "2026-11-01", "--to", "us", *reason)
    assert done.returncode == 0, done.stderr
    (record,) = read_audit(url)
    assert record.target == "asked.jsonl from eu to us: agreed with privacy, DP-17"


def test_export_never_overwrites(filled, allowed, sop, tmp_path):
    """A file that is there stays, and nothing is recorded."""
    url = filled()
    file = tmp_path / "asked.jsonl"
    file.write_text("mine", encoding="utf-8")
    done = sop("export", file, "--since", "2026-11-01")
    assert done.returncode == 2
    assert file.read_text(encoding="utf-8") == "mine"
    assert read_audit(url) == []
