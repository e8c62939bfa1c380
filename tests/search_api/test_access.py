"""Who may ask, what they may see, and how often."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from search_api.auth import Key, KeyFile

QUESTION = {"query": "phone lost"}


def bearer(secret):
    """The header that carries a key."""
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def partner_index(build, article_text, tmp_path):
    """An article for everybody, one for partners, and a known issue for partners."""
    issue = {
        "reference": "BUG-7",
        "started": "2026-03-04",
        "workaround": "Reload once.",
        "engineering_status": "in test",
    }
    build(
        {
            "a.md": article_text(id="one-001"),
            "b.md": article_text(id="two-001", audience=["partner"]),
            "c.md": article_text(
                id="bug-001", audience=["partner"], type="known-issue", known_issue=issue
            ),
        }
    )
    return tmp_path / "index"


def test_key_command_shows_a_secret_once_and_keeps_its_hash(sop, tmp_path):
    """`sop key create` prints the key alone on standard output; the file has only its hash."""
    made = sop("key", "create", "ticket-tool")
    secret = made.stdout.strip()
    path = tmp_path / "keys.json"
    (stored,) = json.loads(path.read_text(encoding="utf-8"))
    listed = sop("key", "list")
    assert made.returncode == listed.returncode == 0
    assert secret.startswith("sop_")
    assert len(secret) > 40
    assert made.stdout.count("\n") == 1
    assert secret not in made.stderr + listed.stdout + path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    assert stored["scopes"] == ["suggest", "feedback"]
    assert stored["audiences"] == ["internal"]
    assert stored["id"] in listed.stdout
    assert "ticket-tool" in listed.stdout


def test_key_command_takes_scopes_audiences_and_an_end(sop):
    """What a key may do and see and for how long is stated when it is made."""
    sop("key", "create", "chat", "--scope", "suggest", "--audience", "partner", "--days", "90")
    (listed,) = json.loads(sop("key", "list", "--json").stdout)
    left = datetime.fromisoformat(listed["expires"]) - datetime.now(UTC)
    assert (listed["scopes"], listed["audiences"]) == (["suggest"], ["partner"])
    assert timedelta(days=89) < left <= timedelta(days=90)
    assert "sha256" not in listed


def test_key_command_names_the_scopes_that_there_are(sop, tmp_path):
    """A scope that does not exist is exit code 2, and no key is made."""
    done = sop("key", "create", "chat", "--scope", "admin")
    assert done.returncode == 2
    assert "suggest, feedback, metrics, site" in done.stderr
    assert not (tmp_path / "keys.json").exists()


def test_key_command_revokes_while_the_service_runs(client, sop):
    """A key works from the moment it is made and is refused from the moment it is revoked."""
    keep = sop("key", "create", "keep").stdout.strip()
    with client() as api:
        secret = sop("key", "create", "chat").stdout.strip()
        before = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(secret))
        chat = json.loads(sop("key", "list", "--json").stdout)[1]["id"]
        revoked = sop("key", "revoke", chat)
        after = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(secret))
        other = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(keep))
    unknown = sop("key", "revoke", chat)
    assert [before.status_code, after.status_code, other.status_code] == [200, 401, 200]
    assert revoked.returncode == 0
    assert (unknown.returncode, chat in unknown.stderr) == (2, True)


def test_with_keys_nobody_asks_without_one(client, keys):
    """No key, a wrong one, half a one or another scheme is 401, on loopback too."""
    _, secret = keys.create("tool", ["suggest"], ["internal"])
    headers = [
        {},
        bearer("sop_wrong"),
        bearer(secret[:-1]),
        bearer(""),
        {"Authorization": secret},
        {"Authorization": f"Basic {secret}"},
        {"X-Forwarded-User": "jane"},
    ]
    with client() as api:
        refused = [api.post("/api/v1/suggest", json=QUESTION, headers=h) for h in headers]
        let_in = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(secret))
        lower = {"authorization": f"bearer {secret}"}
        also = api.post("/api/v1/suggest", json=QUESTION, headers=lower)
    assert [response.status_code for response in refused] == [401] * len(headers)
    assert all(r.headers["www-authenticate"] == "Bearer" for r in refused)
    assert all(r.headers["content-type"] == "application/problem+json" for r in refused)
    assert all(secret not in r.text for r in refused)
    assert (let_in.status_code, also.status_code) == (200, 200)


def test_key_does_only_what_its_scopes_allow(client, keys):
    """Each route needs its scope; health needs none."""
    routes = {
        "suggest": [
            ("POST", "/api/v1/suggest", QUESTION),
            ("POST", "/api/v1/suggest/batch", {"requests": [QUESTION]}),
            ("POST", "/api/v1/search", QUESTION),
            ("GET", "/api/v1/articles/acc-001", None),
            ("GET", "/api/v1/notices", None),
        ],
        "operate": [
            ("GET", "/api/v1/malfunctions", None),
            ("POST", "/api/v1/notices", {"title": "x", "by": "lead"}),
            ("POST", "/api/v1/notices/1/end", {}),
        ],
        "feedback": [("POST", "/api/v1/feedback", {"page": "/", "event": "gap"})],
        "metrics": [("GET", "/metrics", None)],
        "site": [("GET", "/no-such-page", None)],
    }
    secrets = {scope: keys.create(scope, [scope], ["internal"])[1] for scope in routes}
    with client() as api:
        for scope, requests in routes.items():
            for method, path, body in requests:
                assert api.request(method, path, json=body).status_code == 401
                for owner, secret in secrets.items():
                    response = api.request(method, path, json=body, headers=bearer(secret))
                    assert (response.status_code != 403) == (owner == scope), (path, owner)
        assert api.get("/healthz").status_code == 200
        assert api.get("/readyz").status_code == 200


def test_expired_key_is_refused(client, keys):
    """A key works until its end and not a moment longer."""
    now = datetime.now(UTC)
    _, old = keys.create("old", ["suggest"], ["internal"], now - timedelta(seconds=1))
    _, new = keys.create("new", ["suggest"], ["internal"], now + timedelta(hours=1))
    with client() as api:
        refused = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(old))
        let_in = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(new))
    assert (refused.status_code, let_in.status_code) == (401, 200)


def test_damaged_key_file_lets_nobody_in(client, keys, tmp_path):
    """A key file that cannot be read is no reason to open the door, on loopback either."""
    _, secret = keys.create("tool", ["suggest", "site"], ["internal"])
    with client() as api:
        path = tmp_path / "keys.json"
        path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
        answers = [
            api.post("/api/v1/suggest", json=QUESTION),
            api.post("/api/v1/suggest", json=QUESTION, headers=bearer(secret)),
            api.get("/", headers=bearer(secret)),
        ]
    assert all(response.status_code >= 401 for response in answers)
    assert all("suggestions" not in response.text for response in answers)


def test_key_sees_only_its_audiences(client, keys, partner_index):
    """An article for others is absent from every route: found, read, named, told about."""
    secrets = {
        audience: keys.create(audience, ["suggest", "feedback"], [audience])[1]
        for audience in ("internal", "partner", "nobody")
    }
    secrets["both"] = keys.create("both", ["suggest", "feedback"], ["internal", "partner"])[1]
    expected = {
        "internal": {"one-001"},
        "partner": {"two-001", "bug-001"},
        "nobody": set(),
        "both": {"one-001", "two-001", "bug-001"},
    }
    everything = {"one-001", "two-001", "bug-001"}
    body = QUESTION | {"include_unlikely": True}
    with client(index=partner_index) as api:
        for name, visible in expected.items():
            header = bearer(secrets[name])
            asked = api.post("/api/v1/suggest", json=body, headers=header).json()
            batch = {"requests": [body]}
            many = api.post("/api/v1/suggest/batch", json=batch, headers=header).json()
            typed = api.post("/api/v1/search", json=QUESTION, headers=header).json()
            assert {found["id"] for found in asked["suggestions"]} == visible
            assert {found["id"] for found in many["responses"][0]["suggestions"]} == visible
            assert {found["id"] for found in typed["results"]} == visible
            assert [notice["article_id"] for notice in asked["notices"]] == sorted(
                visible & {"bug-001"}
            )
            for article in everything:
                told = {"page": "/", "event": "viewed", "article_id": article}
                read = api.get(f"/api/v1/articles/{article}", headers=header)
                sent = api.post("/api/v1/feedback", json=told, headers=header)
                assert read.status_code == (200 if article in visible else 404)
                assert sent.status_code == (201 if article in visible else 404)


def test_reason_names_no_article_of_others(client, keys, partner_index):
    """An abstention says nothing about articles that the caller may not see."""
    _, secret = keys.create("nobody", ["suggest"], ["nobody"])
    with client(index=partner_index) as api:
        response = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(secret))
    assert response.json()["decision"] == "abstain"
    assert "second factor" not in response.text


def test_reason_names_a_visible_article_only(client, keys, build, article_text, tmp_path):
    """Where the best article is for others, the reason names one that the caller may see."""
    lunch = "The kitchen closes at two. Order before noon, and tell the desk what you do not eat.\n"
    build(
        {
            "a.md": article_text(lunch, id="eat-001", title="Order lunch", questions=["lunch?"]),
            "b.md": article_text(
                "Reset the phone.\n",
                id="two-001",
                title="Wipe a stolen phone",
                questions=["phone lost"],
                audience=["partner"],
            ),
        }
    )
    _, partner = keys.create("partner", ["suggest"], ["partner", "internal"])
    _, internal = keys.create("internal", ["suggest"], ["internal"])
    body = QUESTION | {"include_unlikely": True}
    with client(index=tmp_path / "index") as api:
        best = api.post("/api/v1/suggest", json=body, headers=bearer(partner)).json()
        seen = api.post("/api/v1/suggest", json=body, headers=bearer(internal))
    assert best["suggestions"][0]["id"] == "two-001"
    assert seen.json()["decision"] == "abstain"
    assert "“Order lunch”" in seen.json()["reason"]
    assert "stolen" not in seen.text


def test_key_over_its_rate_is_429(client, keys):
    """Beyond the limit a key waits, another one does not; refused requests say how long."""
    _, one = keys.create("one", ["suggest"], ["internal"])
    _, two = keys.create("two", ["suggest"], ["internal"])
    with client(requests_per_minute=3) as api:
        answers = [
            api.post("/api/v1/suggest", json=QUESTION, headers=bearer(one)) for _ in range(5)
        ]
        other = api.post("/api/v1/suggest", json=QUESTION, headers=bearer(two))
    assert [r.status_code for r in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert other.status_code == 200


def test_this_machine_without_keys_has_no_rate_limit(client):
    """Without keys, loopback asks as often as it likes."""
    with client(requests_per_minute=1) as api:
        answers = [api.post("/api/v1/search", json=QUESTION).status_code for _ in range(4)]
    assert answers == [200] * 4


@pytest.mark.parametrize("caller", ["192.0.2.7", "::ffff:192.0.2.7", "testclient"])
def test_without_keys_only_this_machine_asks(client, caller):
    """A caller from another address gets 401 everywhere but for health."""
    with client(caller=caller) as api:
        answers = [
            api.post("/api/v1/suggest", json=QUESTION),
            api.get("/api/v1/articles/acc-001"),
            api.post("/api/v1/feedback", json={"page": "/", "event": "gap"}),
            api.get("/metrics"),
            api.get("/"),
        ]
        health = api.get("/healthz")
    assert [response.status_code for response in answers] == [401] * 5
    assert health.status_code == 200


def test_without_keys_a_foreign_host_name_is_refused(client):
    """A web page whose name was made to point here reaches nothing."""
    hosts = ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.0.2.7")
    with client() as api:
        asked = [
            api.post("/api/v1/suggest", json=QUESTION, headers={"Host": host}).status_code
            for host in hosts
        ]
        pages = [api.get("/", headers={"Host": host}).status_code for host in hosts]
    assert (asked, pages) == ([401] * 4, [401] * 4)


@pytest.mark.parametrize(
    "host", ["evil.example:99999", "127.0.0.1@evil.example", "evil.example, 127.0.0.1"]
)
def test_without_keys_a_malformed_host_name_is_refused(api, host):
    """A Host header that cannot be read is nobody's, not this machine's."""
    response = api.post("/api/v1/suggest", json=QUESTION, headers={"Host": host})
    assert response.status_code in (400, 401)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_without_keys_this_machines_names_are_accepted(api, host):
    """Every usual name of this machine works."""
    response = api.post("/api/v1/suggest", json=QUESTION, headers={"Host": host})
    assert response.status_code == 200


def test_trusted_proxy_names_people(client, partner_index):
    """From its own network a proxy may say who asks and what they may see."""
    person = {"X-Forwarded-User": "jane", "X-Forwarded-Groups": "partner, other"}
    body = QUESTION | {"include_unlikely": True}
    with client("10.1.2.3", index=partner_index, proxy_addresses=["10.1.0.0/16"]) as api:
        told = api.post("/api/v1/suggest", json=body, headers=person)
        plain = {"X-Forwarded-User": "jane"}
        default = api.post("/api/v1/suggest", json=body, headers=plain).json()
        nobody = api.post("/api/v1/suggest", json=body)
        blank = api.post("/api/v1/suggest", json=body, headers={"X-Forwarded-User": " "})
        figures = api.get("/metrics", headers=person)
    assert {found["id"] for found in told.json()["suggestions"]} == {"two-001", "bug-001"}
    assert {found["id"] for found in default["suggestions"]} == {"one-001"}
    assert [nobody.status_code, blank.status_code, figures.status_code] == [401, 401, 403]


@pytest.mark.parametrize("caller", ["10.2.0.1", "127.0.0.1", "::1", "testclient"])
def test_proxy_header_from_elsewhere_is_not_believed(client, caller):
    """A caller outside the proxy's networks cannot name itself, this machine included."""
    person = {"X-Forwarded-User": "jane", "X-Forwarded-For": "10.1.2.3"}
    with client(caller, proxy_addresses=["10.1.0.0/16"]) as api:
        response = api.post("/api/v1/suggest", json=QUESTION, headers=person)
    assert response.status_code == 401


def test_person_of_the_proxy_is_logged_as_a_hash(client, stored_bytes):
    """Who the proxy names counts, not what the body claims, and only its hash is kept."""
    person = {"X-Forwarded-User": "jane.doe.4711"}
    body = {"page": "/", "event": "viewed", "actor": "somebody.else"}
    with client("10.1.2.3", proxy_addresses=["10.1.0.0/16"]) as api:
        assert api.post("/api/v1/feedback", json=body, headers=person).status_code == 201
        api.post("/api/v1/suggest", json=QUESTION | {"actor": "somebody.else"}, headers=person)
    assert b"jane.doe" not in stored_bytes()
    assert b"somebody.else" not in stored_bytes()


def test_people_of_the_proxy_have_a_rate_limit_each(client):
    """One busy person does not use up another's requests."""
    with client("10.1.2.3", proxy_addresses=["10.1.0.0/16"], requests_per_minute=1) as api:
        answers = [
            api.post("/api/v1/search", json=QUESTION, headers={"X-Forwarded-User": name})
            for name in ("jane", "jane", "john")
        ]
    assert [response.status_code for response in answers] == [200, 429, 200]


def test_key_file_loses_no_key_to_a_second_writer(tmp_path):
    """Keys that another process added meanwhile are kept when one is added or revoked."""
    one, two = KeyFile(tmp_path / "keys.json"), KeyFile(tmp_path / "keys.json")
    first, _ = one.create("first", ["suggest"], ["internal"])
    second, _ = two.create("second", ["suggest"], ["internal"])
    one.revoke(first.id)
    third, _ = two.create("third", ["suggest"], ["internal"])
    kept: tuple[Key, ...] = KeyFile(tmp_path / "keys.json").keys()
    assert [key.id for key in kept] == [second.id, third.id]


def test_serving_beyond_this_machine_needs_a_key(sop):
    """`sop serve` on another address exits 2 and says how to make a key."""
    done = sop("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert done.returncode == 2
    assert "sop key create" in done.stderr
    assert "Traceback" not in done.stderr
