"""The dashboard's routes: figures, tables, who may see them, and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from support_events import asked, told

from search_api.auth import KeyFile
from search_api.events.log import EventLog
from search_api.insights.dashboard import PANELS


@pytest.fixture
def url(tmp_path):
    """The address of the application's log."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def used(url):
    """A log with twelve tickets of today, eleven of them solved after nine minutes."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    log = EventLog(url, 100)
    log.start()
    for number in range(12):
        log.record_question(asked(number, asked_at=now - timedelta(minutes=30)))
    for number in range(11):
        at = now - timedelta(minutes=21)
        log.record_feedback(told(reference=f"T-{number}", given_at=at))
    log.close()


def test_figures_come_with_their_tables(client, used):
    """Headlines, every panel in the order of the page, and the time they are about."""
    with client() as api:
        answer = api.get("/api/v1/insights?range=7d").json()
    values = {one["key"]: (one["value"], one["cases"]) for one in answer["headlines"]}
    assert values["friendly"] == (None, 11)  # one specialist: never a figure of one person
    assert values["fast"] == (9, 11)
    assert values["fixed_right"] == (1, 11)
    assert tuple(one["key"] for one in answer["panels"]) == PANELS
    assert (answer["questions"], answer["range"], answer["is_demo"]) == (12, "7d", False)
    volume = answer["panels"][0]
    assert [row[1] for row in volume["rows"] if row[1]] == [12]
    assert "access" in answer["areas"]


def test_area_has_only_its_own(client, used):
    """Every question of this log is about access."""
    with client() as api:
        access = api.get("/api/v1/insights?area=access").json()
        queues = api.get("/api/v1/insights?area=queues").json()
        nowhere = api.get("/api/v1/insights?area=nowhere")
    assert (access["questions"], queues["questions"]) == (12, 0)
    assert (nowhere.status_code, nowhere.json()["detail"]) == (404, "There is no such area.")


def test_table_is_a_csv_file(client, used):
    """Each panel and the headlines can be taken into a spreadsheet; other names give 404."""
    with client() as api:
        answer = api.get("/api/v1/insights/languages.csv?range=7d")
        headlines = api.get("/api/v1/insights/headlines.csv")
        none = api.get("/api/v1/insights/nothing.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="languages-')
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["languages", "questions", "before", "answered", "linked"],
        ["en", "12", "0", "1.0", "0.9167"],
    ]
    assert headlines.text.splitlines()[2] == "fast,9.0,minutes,11,,"
    assert none.status_code == 404


def test_days_are_named_and_refused(client, used):
    """From and to count before a range; what cannot be is told as 422."""
    today = datetime.now(UTC).date()
    with client() as api:
        past = api.get(f"/api/v1/insights?from={today - timedelta(9)}&to={today - timedelta(3)}")
        faults = [
            api.get(f"/api/v1/insights?{query}")
            for query in (
                "range=year",
                "from=yesterday",
                f"from={today + timedelta(30)}",
                f"from={today}&to={today - timedelta(9)}",
            )
        ]
    assert past.json()["questions"] == 0
    assert [one.status_code for one in faults] == [422] * 4
    assert faults[2].json()["detail"] == "from: lies before us"


def test_new_feedback_is_counted_by_itself(client, used, eventually, monkeypatch):
    """Within seconds the figures have what happened since."""
    monkeypatch.setattr("search_api.log_columns._EVERY_S", 0.05)
    with client() as api:
        assert api.get("/api/v1/insights").json()["headlines"][2]["cases"] == 11
        api.post("/api/v1/feedback", json={"reference": "T-11", "event": "resolved"})
        eventually(lambda: api.get("/api/v1/insights").json()["headlines"][2]["cases"] == 12)


def test_empty_log_says_so(client):
    """Nobody has asked: no figure, no error."""
    with client() as api:
        answer = api.get("/api/v1/insights").json()
    assert (answer["questions"], answer["log_begins"]) == (0, None)
    assert {one["told"] for one in answer["headlines"]} == {"no case to tell from"}


def test_log_that_is_away_is_503(client):
    """Without a database there is an error that can be tried again, never empty figures."""
    with client(events_url="postgresql+psycopg://nobody@127.0.0.1:1/events") as api:
        answer = api.get("/api/v1/insights")
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_dashboard_needs_the_scope_and_every_audience(client, used, keys: KeyFile):
    """A key that may only ask gets 403, and so does one that may not see every article."""
    _, asker = keys.create("asker", ["suggest"], ["internal"], None)
    _, partner = keys.create("partner", ["suggest", "feedback"], ["partner"], None)
    _, desk = keys.create("desk", ["feedback"], ["internal"], None)
    with client() as api:
        for path in ("insights", "insights/volume.csv"):
            statuses = [
                api.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"}).status_code
                for key in (asker, partner, desk)
            ]
            assert statuses == [403, 403, 200]
        assert api.get("/api/v1/insights").status_code == 401


def test_no_word_of_a_question_is_in_an_answer(client, url):
    """Neither texts, comments, tickets nor people stand in figures or tables."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    log = EventLog(url, 10)
    log.start()
    for number in range(4):
        log.record_question(
            asked(number, asked_at=now, text="xylophone secret", reference="SUP-9", actor="z" * 32)
        )
    log.record_feedback(
        told("rejected", given_at=now, reference="SUP-9", comment="trombone", actor="y" * 32)
    )
    log.close()
    with client() as api:
        text = api.get("/api/v1/insights").text
        text += "".join(api.get(f"/api/v1/insights/{key}.csv").text for key in PANELS)
    for word in ("xylophone", "trombone", "SUP-9", "zzzz", "yyyy"):
        assert word not in text
