"""Signed reports: what was approved stays, and who did what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support_events import NOON

from search_api.events.reports import (
    ReportError,
    StoredNote,
    acknowledge,
    add_note,
    approve,
    mark_posted,
    read_report,
    read_reports,
)

END = NOON + timedelta(hours=8)
LATER = END + timedelta(minutes=5)


def test_note_below_a_draft_is_kept_until_it_is_approved(events_url):
    """A draft with a note has no content; approving adds it, and the note stays."""
    add_note(events_url, "daily", NOON, END, StoredNote("lead", LATER, "ours"))
    draft = read_report(events_url, "daily", NOON)
    assert (draft.content, draft.approved_by) == (None, None)
    approve(events_url, "daily", NOON, END, {"title": "Daily"}, "lead", LATER)
    approved = read_report(events_url, "daily", NOON)
    assert approved.content == {"title": "Daily"}
    assert (approved.approved_by, approved.approved_at) == ("lead", LATER)
    assert approved.notes == (StoredNote("lead", LATER, "ours"),)
    assert approved.ends_at == END


def test_approved_report_is_never_replaced(events_url):
    """A second approval is refused, and says how to correct; a note is still taken."""
    approve(events_url, "daily", NOON, END, {"title": "first"}, "lead", LATER)
    with pytest.raises(ReportError, match=r"approved already.*Correction"):
        approve(events_url, "daily", NOON, END, {"title": "second"}, "other", LATER)
    add_note(events_url, "daily", NOON, END, StoredNote("other", LATER, "Correction: 4, not 3"))
    found = read_report(events_url, "daily", NOON)
    assert found.content == {"title": "first"}
    assert [note.text for note in found.notes] == ["Correction: 4, not 3"]


def test_handover_is_taken_over_once(events_url):
    """Only an approved handover can be taken, and only by the first who does."""
    approve(events_url, "daily", NOON, END, {}, "lead", LATER)
    approve(events_url, "handover", NOON, END, {}, "lead", LATER)
    add_note(events_url, "handover", END, LATER, StoredNote("lead", LATER, "draft"))
    found = read_report(events_url, "handover", NOON)
    acknowledge(events_url, found.id, "next shift", LATER)
    taken = read_report(events_url, "handover", NOON)
    assert (taken.acknowledged_by, taken.acknowledged_at) == ("next shift", LATER)
    daily, draft = (
        read_report(events_url, kind, at).id for kind, at in (("daily", NOON), ("handover", END))
    )
    for number in (found.id, daily, draft, 999):
        with pytest.raises(ReportError, match="no approved handover"):
            acknowledge(events_url, number, "too late", LATER)


def test_newest_reports_come_first(events_url):
    """Reports are listed by the time they are about; drafts can be left out."""
    for hours in (0, 48, 24):
        start = NOON + timedelta(hours=hours)
        approve(events_url, "daily", start, END, {"hours": hours}, "lead", LATER)
    add_note(events_url, "weekly", NOON, END, StoredNote("lead", LATER, "draft"))
    approved = read_reports(events_url, limit=2, approved_only=True)
    assert [one.content["hours"] for one in approved] == [48, 24]
    assert len(read_reports(events_url, limit=10)) == 4
    mark_posted(events_url, approved[0].id, LATER)
    assert read_reports(events_url, limit=1)[0].posted_at == LATER


def test_log_without_reports_has_none(events_url, tmp_path):
    """Before anybody signs one there is nothing to list, and reading makes no table."""
    if events_url.startswith("sqlite"):
        (tmp_path / "events.db").touch()
    assert read_reports(events_url, limit=5) == []
    assert read_report(events_url, "daily", NOON) is None
