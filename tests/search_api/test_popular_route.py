"""The articles that were of use most often, as the home page asks for them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

PATH = "/api/v1/popular"


def article(number, audience="internal", status="active"):
    """The file of an article that some audience sees."""
    return (
        f"---\nid: acc-{number:03d}\ntitle: Article {number}\nsummary: About door {number}.\n"
        f"type: process\nstatus: {status}\nowner: access\nquestions: [one, two, three]\n"
        f"last_reviewed: 2026-10-01\nreview_by: 2099-01-01\naudience: [{audience}]\n---\n\n"
        f"Open door number {number} with its key.\n"
    )


@pytest.fixture
def doors(publish_folder, tmp_path):
    """The settings of a service over twelve articles, one for leads and one archived."""
    files = {f"door-{number:02d}.md": article(number) for number in range(1, 13)}
    files["leads.md"] = article(20, "leads")
    files["gone.md"] = article(21, status="archived")
    publish_folder("a", files)
    return {"index": tmp_path / "index"}


@pytest.fixture
def tell(client, doors, tmp_path):
    """Return a function that stores events as if given some days ago, without the API."""

    def run(*events: tuple[str | None, str], days_ago: float = 1.0):
        with client(**doors) as api:
            assert api.get(PATH).status_code == 200
        given = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days_ago)
        with sqlite3.connect(tmp_path / "events.db") as db:
            db.executemany(
                "INSERT INTO feedback (given_at, article_id, event) VALUES (?, ?, ?)",
                [(given.isoformat(" ", "microseconds"), name, event) for name, event in events],
            )

    return run


def counts(response):
    """Ids with their counts, in the order of the answer."""
    assert response.status_code == 200
    return [(one["id"], one["count"]) for one in response.json()["articles"]]


def test_nothing_is_popular_before_anything_was_used(client, doors):
    """Without feedback the list is empty."""
    with client(**doors) as api:
        response = api.get(PATH)
    assert (response.status_code, response.json()) == (200, {"articles": [], "is_demo": False})


def test_popular_counts_what_was_told_through_the_api(client, doors):
    """Linked and resolved count, each as one, and the answer has title and address."""
    with client(**doors) as api:
        for number, event in ((2, "linked"), (1, "resolved"), (2, "resolved"), (3, "linked")):
            body = {"page": "/", "article_id": f"acc-{number:03d}", "event": event}
            assert api.post("/api/v1/feedback", json=body).status_code == 201
        response = api.get(PATH)
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "articles": [
            {"id": "acc-002", "title": "Article 2", "url": "/sop/door-02/", "count": 2},
            {"id": "acc-001", "title": "Article 1", "url": "/sop/door-01/", "count": 1},
            {"id": "acc-003", "title": "Article 3", "url": "/sop/door-03/", "count": 1},
        ],
        "is_demo": False,
    }


@pytest.mark.parametrize("event", ["viewed", "rejected", "escalated", "reopened", "gap"])
def test_other_events_make_nothing_popular(client, doors, tell, event):
    """Looking at an article, or finding that it does not help, is no use of it."""
    tell(("acc-001", event), ("acc-002", "linked"))
    with client(**doors) as api:
        assert counts(api.get(PATH)) == [("acc-002", 1)]


def test_equal_counts_come_in_the_order_of_ids(client, doors, tell):
    """Of articles that were used as often, the order does not depend on who came first."""
    tell(*[(f"acc-{number:03d}", "linked") for number in (5, 3, 4, 4)])
    with client(**doors) as api:
        assert counts(api.get(PATH)) == [("acc-004", 2), ("acc-003", 1), ("acc-005", 1)]


def test_ten_articles_are_returned_at_most(client, doors, tell):
    """Of twelve used articles the ten most used are there."""
    used = [(f"acc-{number:03d}", "linked") for number in range(1, 13) for _ in range(number)]
    tell(*used)
    with client(**doors) as api:
        assert counts(api.get(PATH)) == [(f"acc-{n:03d}", n) for n in range(12, 2, -1)]


def test_articles_that_are_not_there_take_no_place(client, doors, tell):
    """Unknown, archived and nameless articles are left out, and ten others still fit."""
    gone = [(name, "linked") for name in ("acc-021", "acc-777", None) for _ in range(50)]
    tell(*gone, *[(f"acc-{number:03d}", "linked") for number in range(1, 13)])
    with client(**doors) as api:
        assert counts(api.get(PATH)) == [(f"acc-{n:03d}", 1) for n in range(1, 11)]


def test_popular_shows_only_what_the_caller_may_see(client, doors, tell, keys):
    """An article of another audience is not named, however often it was used."""
    tell(("acc-020", "linked"), ("acc-020", "resolved"), ("acc-001", "linked"))
    secrets = {
        name: keys.create(name, ["suggest"], audiences)[1]
        for name, audiences in (("staff", ["internal"]), ("leads", ["leads", "internal"]))
    }
    with client(**doors) as api:
        found = {
            name: api.get(PATH, headers={"Authorization": f"Bearer {secret}"})
            for name, secret in secrets.items()
        }
    assert counts(found["staff"]) == [("acc-001", 1)]
    assert "020" not in found["staff"].text
    assert counts(found["leads"]) == [("acc-020", 2), ("acc-001", 1)]


def test_popular_needs_a_key_that_may_ask(client, doors, keys):
    """With keys, nobody else is told: 401 without one, 403 without the scope suggest."""
    _, secret = keys.create("page", ["site", "feedback"], ["internal"])
    with client(**doors) as api:
        nobody = api.get(PATH)
        refused = api.get(PATH, headers={"Authorization": f"Bearer {secret}"})
    assert [nobody.status_code, refused.status_code] == [401, 403]
    assert {one.headers["content-type"] for one in (nobody, refused)} == {
        "application/problem+json"
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", [27]), ("?days=1", []), ("?days=2", []), ("?days=28", [27]), ("?days=366", [27, 29])],
)
def test_popular_looks_back_some_days(client, doors, tell, query, expected):
    """Four weeks unless days are named; what is older does not count."""
    tell(("acc-001", "linked"), days_ago=27)
    tell(("acc-002", "linked"), days_ago=29)
    tell(("acc-003", "linked"), days_ago=400)
    ids = {27: "acc-001", 29: "acc-002"}
    with client(**doors) as api:
        assert counts(api.get(PATH + query)) == [(ids[days], 1) for days in expected]


@pytest.mark.parametrize("days", ["0", "-1", "367", "1.5", "many", "", "1e9", "99999999999999999"])
def test_days_that_cannot_be_are_refused(client, doors, days):
    """A number of days outside 1 to 366 is 422 and names the field."""
    with client(**doors) as api:
        response = api.get(PATH, params={"days": days})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "days" in response.json()["detail"]


def test_popular_without_a_database_is_503(client, doors, tmp_path):
    """When the log cannot be read, the answer says so and when to ask again; the rest works."""
    (tmp_path / "folder.db").mkdir()
    with client(**doors, events_url=f"sqlite:///{tmp_path / 'folder.db'}") as api:
        response = api.get(PATH)
        asked = api.post("/api/v1/suggest", json={"query": "open door number 3"})
    assert (response.status_code, asked.status_code) == (503, 200)
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    assert "folder.db" not in response.text


def test_popular_without_an_index_is_503(client, tmp_path):
    """Without a snapshot there are no titles to show, and the answer says that."""
    with client(index=tmp_path / "none") as api:
        response = api.get(PATH)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"


def test_popular_takes_no_other_method(client, doors):
    """The list is read only; another method is told which one to use."""
    with client(**doors) as api:
        response = api.post(PATH, json={})
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_popular_is_described(client, doors):
    """The API's description names the route, its parameter and its limits."""
    with client(**doors) as api:
        described = api.get("/api/openapi.json").json()["paths"][PATH]["get"]
    (days,) = described["parameters"]
    assert days["name"] == "days"
    assert (days["schema"]["minimum"], days["schema"]["maximum"]) == (1, 366)
    assert days["schema"]["default"] == 28
