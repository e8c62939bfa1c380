"""Notices and malfunctions over HTTP: who may see, pin and end, and that answers carry them."""

from __future__ import annotations

import pytest

from search_api.events.log import EventLog
from search_api.malfunction_watch import LogWatch
from search_api.notices import NoticeBoard

NOTICE = {"title": "Videos are green", "text": "Use the second player.", "by": "Ana"}


@pytest.fixture
def doors(build, article_text, tmp_path):
    """An index with an article for everybody, one for leads, and an open known issue."""
    issue = {
        "reference": "DOOR-7",
        "started": "2026-11-01",
        "workaround": "Knock.",
        "engineering_status": "reported",
    }
    build(
        {
            "doors/badge.md": article_text("Hold it still.\n", id="door-001", title="Badges"),
            "doors/vault.md": article_text("Turn.\n", id="door-002", audience=["leads"]),
            "doors/bell.md": article_text(
                "It is mute.\n",
                id="door-003",
                title="The bell is mute",
                type="known-issue",
                known_issue=issue,
                platforms=["Bell"],
            ),
        }
    )
    return {"index": tmp_path / "index", "sop": tmp_path / "sop", "watch_malfunctions": False}


def pinned(answer):
    """The pinned notices of an answer."""
    return [one for one in answer.json()["notices"] if one["kind"] == "pinned"]


def test_pinned_notice_is_in_every_answer_at_once(client, doors):
    """Suggest, batch and the list of notices have it in the form of a known issue, first."""
    with client(**doors) as api:
        made = api.post("/api/v1/notices", json=NOTICE | {"article_id": "door-001"})
        assert made.status_code == 201, made.text
        assert (made.json()["id"], made.json()["pinned_by"]) == (1, "Ana")
        answer = api.post("/api/v1/suggest", json={"query": "green"}).json()
        notice, issue = answer["notices"]
        assert notice == {
            "kind": "pinned",
            "article_id": "door-001",
            "title": "Videos are green",
            "url": notice["url"],
            "reference": "notice 1",
            "workaround": "Use the second player.",
            "engineering_status": "pinned by Ana",
            "started": made.json()["pinned_at"][:10],
            "platforms": [],
            "expires": made.json()["expires_at"],
        }
        assert (issue["kind"], issue["reference"]) == ("known_issue", "DOOR-7")
        assert (issue["platforms"], issue["expires"]) == (["Bell"], None)
        batch = api.post("/api/v1/suggest/batch", json={"requests": [{"query": "green"}]})
        assert batch.json()["responses"][0]["notices"] == answer["notices"]
        listed = api.get("/api/v1/notices").json()
        assert listed == {"notices": answer["notices"], "can_pin": True}


def test_ended_notice_is_gone_at_once(client, doors):
    """The next answer does not have it, and it cannot be ended again."""
    with client(**doors) as api:
        api.post("/api/v1/notices", json=NOTICE)
        ended = api.post("/api/v1/notices/1/end", json={"by": "Ben"})
        assert (ended.status_code, ended.json()["ended_by"]) == (200, "Ben")
        assert pinned(api.post("/api/v1/suggest", json={"query": "green"})) == []
        again = api.post("/api/v1/notices/1/end", json={})
        assert (again.status_code, "over already" in again.json()["detail"]) == (404, True)


def test_notice_of_another_process_is_seen_within_seconds(client, doors, tmp_path, eventually):
    """What a command pins in the log's database, a running service shows by itself."""
    with client(**doors) as api, client(**doors) as other:
        other.post("/api/v1/notices", json=NOTICE)
        eventually(lambda: len(pinned(api.get("/api/v1/notices"))) == 1)


def test_notice_is_for_its_audiences(client, doors, keys):
    """A partner does not see what is pinned for internal people, nor a link to their article."""
    _, lead = keys.create("lead", ["suggest", "operate"], ["internal", "leads", "partner"])
    _, partner = keys.create("vendor", ["suggest"], ["partner"])
    lead_key = {"Authorization": f"Bearer {lead}"}
    partner_key = {"Authorization": f"Bearer {partner}"}
    with client(**doors) as api:
        for body in (
            NOTICE | {"title": "For us", "audiences": ["internal"]},
            NOTICE
            | {"title": "For all", "audiences": ["internal", "partner"]}
            | {"article_id": "door-002"},
        ):
            assert api.post("/api/v1/notices", json=body, headers=lead_key).status_code == 201
        seen = pinned(api.get("/api/v1/notices", headers=lead_key))
        assert [(one["title"], one["article_id"]) for one in seen] == [
            ("For all", "door-002"),
            ("For us", None),
        ]
        seen = pinned(api.get("/api/v1/notices", headers=partner_key))
        assert [(one["title"], one["article_id"], one["url"]) for one in seen] == [
            ("For all", None, None)
        ]


def test_only_operators_pin_end_and_see_malfunctions(client, doors, keys):
    """Another key is refused with the scope's name, and told that it cannot pin."""
    _, secret = keys.create("tool", ["suggest", "feedback"], ["internal"])
    key = {"Authorization": f"Bearer {secret}"}
    with client(**doors) as api:
        for refused in (
            api.post("/api/v1/notices", json=NOTICE, headers=key),
            api.post("/api/v1/notices/1/end", json={}, headers=key),
            api.get("/api/v1/malfunctions", headers=key),
        ):
            assert refused.status_code == 403
            assert "scope operate" in refused.json()["detail"]
        assert api.get("/api/v1/notices", headers=key).json()["can_pin"] is False
        assert api.get("/api/v1/notices").status_code == 401


def test_people_of_the_operators_audience_pin_with_their_name(client, doors):
    """Behind a proxy a lead's group gives the scope; whatever else is stated, the person counts."""
    settings = doors | {"proxy_addresses": ["10.0.0.0/8"], "operator_audiences": ["leads"]}

    def person(groups):
        return {"X-Forwarded-User": "ana", "X-Forwarded-Groups": groups}

    with client(caller="10.1.1.1", **settings) as api:
        refused = api.post("/api/v1/notices", json=NOTICE, headers=person("internal"))
        assert refused.status_code == 403
        made = api.post("/api/v1/notices", json=NOTICE, headers=person("internal,leads"))
        assert (made.status_code, made.json()["pinned_by"]) == (201, "ana")
        assert made.json()["audiences"] == ["internal", "leads"]


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"hours": 12.1}, 422, "hours"),
        ({"title": None}, 422, "title"),
        ({"article_id": "none-001"}, 404, "no article with this id"),
        ({"malfunction": "m-00000000"}, 404, "no malfunction with this id"),
        ({"audiences": ["leads"]}, 403, "may not see leads itself"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
def test_notice_that_cannot_be_pinned_is_refused(client, doors, change, status, said):
    """The answer names the field; nothing is pinned."""
    with client(**doors) as api:
        refused = api.post("/api/v1/notices", json=NOTICE | change)
        assert refused.status_code == status
        assert said in refused.json()["detail"]
        assert pinned(api.get("/api/v1/notices")) == []


def test_notices_are_kept_while_the_log_is_away(doors, tmp_path, client):
    """A board whose database fails goes on showing what it has read."""
    with client(**doors) as api:
        api.post("/api/v1/notices", json=NOTICE)
        board: NoticeBoard = api.app.state.service.board
        (tmp_path / "events.db").write_bytes(b"this is no database, whatever it was before")
        board.refresh()
        assert [one.title for one in board.pinned(frozenset({"internal"}))] == ["Videos are green"]


def test_watch_reads_what_is_new_once(tmp_path):
    """A second look sees later questions, and none twice; without a log there is nothing."""
    from datetime import timedelta

    from support_events import NOON, asked

    url = f"sqlite:///{tmp_path / 'events.db'}"
    watch = LogWatch(url)
    assert watch.look(NOON) == []

    def record(numbers):
        log = EventLog(url, 100)
        log.start()
        for number in numbers:
            log.record_question(asked(number, number / 2, decision="abstain", shown=0))
        log.close()

    record(range(1, 9))
    (found,) = watch.look(NOON + timedelta(minutes=5))
    assert found.count == 8
    record(range(9, 13))
    (found,) = watch.look(NOON + timedelta(minutes=7))
    assert found.count == 12
    assert [one.count for one in LogWatch(url).look(NOON + timedelta(minutes=7))] == [12]
