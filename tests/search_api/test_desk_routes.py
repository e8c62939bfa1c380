"""The shift desk's routes: what waits, what was approved, and who may see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support_events import asked, told

from search_api.auth import KeyFile
from search_api.events.log import EventLog
from search_api.events.reports import StoredNote, add_note, approve, read_reports
from search_api.reports.report import Highlight, Report


@pytest.fixture
def url(tmp_path):
    """The address of the application's log."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def waiting(url):
    """A log with three tickets of the last hours, one of them done."""
    now = datetime.now(UTC)
    log = EventLog(url, 10)
    log.start()
    for number, hours in ((1, 5), (2, 3), (3, 2)):
        log.record_question(asked(number, asked_at=now - timedelta(hours=hours)))
    for event, reference, hours in (("escalated", "T-2", 1), ("resolved", "T-3", 1)):
        log.record_feedback(told(event, reference=reference, given_at=now - timedelta(hours=hours)))
    log.close()
    return now


@pytest.fixture
def handover(url):
    """An approved handover with a note, and a draft; gives the handover's number."""
    start = datetime(2026, 11, 3, 8, tzinfo=UTC)
    end = start + timedelta(hours=8)
    report = Report(
        kind="handover",
        title="Handover Dublin to Los Angeles, 2026-11-03",
        starts=start,
        ends=end,
        zone="Etc/UTC",
        made_at=end,
        is_demo=False,
        highlights=(Highlight(text="Calm."),),
        sections=(),
    )
    approve(url, "handover", start, end, report.model_dump(mode="json"), "lead", end)
    add_note(url, "handover", start, end, StoredNote("lead", end, "Call at nine."))
    add_note(url, "daily", start, end, StoredNote("lead", end, "a draft"))
    return read_reports(url, limit=5, approved_only=True)[0].id


def test_follow_ups_are_listed_with_their_article(client, waiting):
    """What is done is left out; each has its title, page and when somebody must look again."""
    with client() as api:
        answer = api.get("/api/v1/follow-ups").json()
    assert [(one["reference"], one["state"], one["overdue"]) for one in answer["follow_ups"]] == [
        ("T-1", "open", True),
        ("T-2", "escalated", False),
    ]
    first = answer["follow_ups"][0]
    assert first["article_title"] == "Reset a lost second factor"
    assert datetime.fromisoformat(first["due"]) == waiting - timedelta(hours=1)
    assert answer["count"] == 2
    assert answer["shift"]["name"] in answer["shifts"] == ["Singapore", "Dublin", "Los Angeles"]
    assert answer["is_demo"] is False


def test_follow_ups_are_filtered(client, waiting):
    """By state and by the shift that they are due in; the count is that of the filter."""
    with client() as api:
        escalated = api.get("/api/v1/follow-ups?state=escalated").json()
        nobody = api.get("/api/v1/follow-ups?shift=Lima").json()
        first = api.get("/api/v1/follow-ups?limit=1").json()
    assert [one["reference"] for one in escalated["follow_ups"]] == ["T-2"]
    assert (nobody["count"], nobody["follow_ups"]) == (0, [])
    assert (first["count"], len(first["follow_ups"])) == (2, 1)


def test_one_call_closes_a_ticket(client, waiting):
    """Feedback with the reference and `resolved` takes it off the list at once."""
    with client() as api:
        api.post("/api/v1/feedback", json={"reference": "T-1", "event": "resolved"})
        left = api.get("/api/v1/follow-ups").json()["follow_ups"]
    assert [one["reference"] for one in left] == ["T-2"]


def test_log_that_nothing_was_written_to_has_no_follow_ups(client, url):
    """An empty log is an empty list, and no error."""
    with client() as api:
        api.post("/api/v1/feedback", json={"page": "/x/", "event": "viewed"})
        assert api.get("/api/v1/follow-ups").json()["follow_ups"] == []
        assert api.get("/api/v1/reports").json() == {"reports": []}


def test_log_that_is_away_is_503(client):
    """Without a database there is an error that can be tried again, never an empty list."""
    with client(events_url="postgresql+psycopg://nobody@127.0.0.1:1/events") as api:
        for path in ("follow-ups", "reports"):
            answer = api.get(f"/api/v1/{path}")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_approved_reports_are_listed_and_drafts_are_not(client, handover):
    """The list has what was approved; one of them comes with its notes."""
    with client() as api:
        (listed,) = api.get("/api/v1/reports").json()["reports"]
        one = api.get(f"/api/v1/reports/{handover}").json()
        none = api.get("/api/v1/reports/999")
    assert listed["title"] == "Handover Dublin to Los Angeles, 2026-11-03"
    assert (listed["approved_by"], listed["acknowledged_by"]) == ("lead", None)
    assert one["report"]["highlights"] == [{"text": "Calm.", "tone": "plain"}]
    assert [note["text"] for note in one["notes"]] == ["Call at nine."]
    assert none.status_code == 404


def test_damaged_report_takes_no_other_with_it(client, url, handover):
    """A stored report that cannot be read is left out of the list, and is 404 itself."""
    start = datetime(2026, 11, 4, 8, tzinfo=UTC)
    for kind, content in (("weekly", {"kind": "[erased]"}), ("daily", {"zone": "Europe/[erased]"})):
        approve(url, kind, start, start + timedelta(hours=8), content, "lead", start)
    with client() as api:
        listed = api.get("/api/v1/reports").json()["reports"]
        damaged = [api.get(f"/api/v1/reports/{handover + n}").status_code for n in (2, 3)]
    assert [one["id"] for one in listed] == [handover]
    assert damaged == [404, 404]


def test_handover_is_taken_over_once(client, handover):
    """The first who takes it is named; the second is told that it is taken."""
    path = f"/api/v1/reports/{handover}/acknowledge"
    with client() as api:
        nobody = api.post(path, json={})
        taken = api.post(path, json={"who": " Los Angeles,\nearly "})
        late = api.post(path, json={"who": "somebody else"})
        missing = api.post("/api/v1/reports/999/acknowledge", json={"who": "x"})
    assert (nobody.status_code, "say who takes it over" in nobody.json()["detail"]) == (422, True)
    assert taken.json()["acknowledged_by"] == "Los Angeles, early"
    assert (late.status_code, missing.status_code) == (409, 404)


def test_desk_needs_the_scope_and_every_audience(client, waiting, handover, keys: KeyFile):
    """A key that may only ask gets 403, and so does one that may not see every article."""
    _, asker = keys.create("asker", ["suggest"], ["internal"], None)
    _, partner = keys.create("partner", ["suggest", "feedback"], ["partner"], None)
    _, desk = keys.create("desk", ["feedback"], ["internal"], None)
    with client() as api:
        for path in ("follow-ups", "reports", f"reports/{handover}"):
            statuses = [
                api.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"}).status_code
                for key in (asker, partner, desk)
            ]
            assert statuses == [403, 403, 200]
