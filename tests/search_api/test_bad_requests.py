"""What the service answers to requests that are not valid, too large or go nowhere."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient

from search_api.app import create_app
from search_api.settings import Settings

PLANTED = "zanzibar-4711"


def assert_problem(response, status):
    """A problem document of RFC 9457: type, title, status, detail and the request's id."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "request_id"}
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("suggest", {"query": [PLANTED]}, "query"),
        ("suggest", {"query": 4711}, "query"),
        ("suggest", {"query": "x", "limit": PLANTED}, "limit"),
        ("suggest", {"query": "x", "limit": 0}, "limit"),
        ("suggest", {"query": "x", "limit": 21}, "limit"),
        ("suggest", {"query": "x", "format": PLANTED}, "format"),
        ("suggest", {"query": "x", "filters": {"type": [PLANTED]}}, "filters.type.0"),
        ("suggest", {"query": "x", "filters": {"tag": [PLANTED]}}, "filters.tag"),
        ("suggest", {"query": "x", "filters": PLANTED}, "filters"),
        ("suggest", {"query": "x", "language": PLANTED * 9}, "language"),
        ("suggest", {"query": "x", "language": "leak@example.com"}, "language"),
        ("suggest", {"query": "x", "language": "en\n"}, "language"),
        ("suggest", {"query": "x", "actor": PLANTED * 20}, "actor"),
        ("suggest", {"query": "x", "reference": ""}, "reference"),
        ("suggest", {"query": "x", "questionn": PLANTED}, "questionn"),
        ("suggest", {"query": PLANTED, "subject": PLANTED}, "body"),
        ("suggest", {"query": PLANTED, "description": PLANTED}, "body"),
        ("suggest", {}, "body"),
        ("suggest", {"query": " \n\t"}, "body"),
        ("suggest", {"subject": "", "description": ""}, "body"),
        ("suggest", {"query": PLANTED.ljust(4_001, "x")}, "query"),
        ("suggest", {"subject": PLANTED.ljust(4_001, "x")}, "subject"),
        ("suggest", {"description": PLANTED.ljust(20_001, "x")}, "description"),
        ("suggest", [PLANTED], "body"),
        ("suggest", PLANTED, "body"),
        ("suggest", None, "body"),
        ("suggest/batch", {"requests": [{"query": "x"}, {"query": 1}]}, "requests.1.query"),
        ("suggest/batch", {"requests": PLANTED}, "requests"),
        ("suggest/batch", {}, "requests"),
        ("search", {"query": ""}, "query"),
        ("search", {"query": PLANTED, "subject": PLANTED}, "subject"),
        ("search", {"query": PLANTED.ljust(4_001, "x")}, "query"),
        ("feedback", {"page": "/", "event": PLANTED}, "event"),
        ("feedback", {"page": "/"}, "event"),
        ("feedback", {"event": "viewed"}, "body"),
        ("feedback", {"page": "/", "event": "viewed", "reason": "outdated"}, "body"),
        ("feedback", {"page": "/", "event": "rejected", "reason": PLANTED}, "reason"),
        ("feedback", {"page": "/", "event": "gap", "comment": PLANTED * 200}, "comment"),
        ("feedback", {"page": "/", "event": "gap", "article_id": ""}, "article_id"),
    ],
)
def test_body_that_is_not_valid_gets_its_field_named(api, path, body, field):
    """A 422 names the field at fault and repeats nothing of what was sent in it."""
    response = api.post(f"/api/v1/{path}", json=body)
    problem = assert_problem(response, 422)
    assert field in [error["field"] for error in problem["errors"]]
    assert all(error["message"] for error in problem["errors"])
    assert PLANTED not in response.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"query": "zanzibar-4711',
        b"query=zanzibar-4711",
        b"\xff\xfe zanzibar-4711",
        b'{"query": "\\ud800 zanzibar-4711"}',
        b'{"query": "x", "actor": "\\ud800 zanzibar-4711"}',
        b"[" * 60_000,
        b'{"query": "x", "limit": 1e999}',
        b'{"query": "x", "limit": NaN}',
        b'{"query": "x", "limit": ' + b"9" * 5_000 + b"}",
    ],
    ids=[
        "empty",
        "cut-off",
        "cut-off-string",
        "form",
        "not-utf-8",
        "lone-surrogate-in-query",
        "lone-surrogate-in-actor",
        "deeply-nested",
        "infinite",
        "not-a-number",
        "very-long-number",
    ],
)
def test_body_that_is_no_json_is_422(api, content):
    """A body that cannot be read is a 422 that repeats nothing of it."""
    response = api.post(
        "/api/v1/suggest", content=content, headers={"content-type": "application/json"}
    )
    problem = assert_problem(response, 422)
    assert problem["errors"]
    assert PLANTED not in response.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("suggest", {"subject": "\ud800"}),
        ("suggest", {"description": "a \udfff b"}),
        ("suggest/batch", {"requests": [{"query": "\ud800"}]}),
        ("search", {"query": "\ud800"}),
        ("feedback", {"page": "/", "event": "gap", "comment": "\ud800"}),
        ("feedback", {"page": "\ud800", "event": "gap"}),
    ],
)
def test_half_a_character_is_422(api, path, body):
    """A lone surrogate, which JSON can write and UTF-8 cannot, is refused in every text."""
    response = api.post(
        f"/api/v1/{path}",
        content=json.dumps(body).encode("ascii"),
        headers={"content-type": "application/json"},
    )
    assert_problem(response, 422)


def test_json_that_breaks_off_is_a_fault_of_the_body(api):
    """Where there is no field yet, the body is named; a position in it is no field."""
    response = api.post(
        "/api/v1/suggest", content=b'{"query": ', headers={"content-type": "application/json"}
    )
    assert [error["field"] for error in response.json()["errors"]] == ["body"]


def test_query_and_description_may_have_their_full_length(api):
    """4,000 characters of a query and 20,000 of a description are answered."""
    longest = [
        {"query": "login " * 666 + "last"},
        {"subject": "s" * 4_000, "description": "word " * 4_000},
    ]
    assert len(longest[0]["query"]) == 4_000
    for body in longest:
        assert api.post("/api/v1/suggest", json=body).status_code == 200


def _body_of(size):
    """A valid question whose body has exactly this many bytes, thanks to blanks around it."""
    return json.dumps({"query": "GH-1020"}).encode().ljust(size)


def _batch_of(size):
    return json.dumps({"requests": [{"query": "GH-1020"}]}).encode().ljust(size)


def _in_pieces(content):
    """Send a body chunk by chunk, so that no content-length announces it."""
    return (content[at : at + 10_000] for at in range(0, len(content), 10_000))


@pytest.mark.parametrize("sent", [bytes, _in_pieces], ids=["declared", "chunked"])
@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("suggest", _body_of(96 * 1024), 200),
        ("suggest", _body_of(96 * 1024 + 1), 413),
        ("search", _body_of(96 * 1024 + 1), 413),
        ("feedback", _body_of(96 * 1024 + 1), 413),
        ("suggest/batch", _batch_of(200 * 1024), 200),
        ("suggest/batch", _batch_of(1024 * 1024), 200),
        ("suggest/batch", _batch_of(1024 * 1024 + 1), 413),
    ],
    ids=["96K", "96K+1", "search", "feedback", "batch-200K", "batch-1M", "batch-1M+1"],
)
def test_body_over_the_limit_is_413(api, path, content, status, sent):
    """96 KiB are read, of a batch 1 MiB; one byte more is a 413, declared or not."""
    response = api.post(
        f"/api/v1/{path}", content=sent(content), headers={"content-type": "application/json"}
    )
    if sent is _in_pieces:
        assert "content-length" not in response.request.headers
    if status == 413:
        assert_problem(response, 413)
    else:
        assert response.status_code == status


def test_declared_length_is_not_believed(api):
    """A content-length that is too small, or no number, opens no door for a large body."""
    for declared in ("1", "-1", "x", "+5", "\u00b2"):
        response = api.post(
            "/api/v1/suggest",
            content=_in_pieces(_body_of(200_000)),
            headers={"content-type": "application/json", "content-length": declared.encode()},
        )
        assert response.status_code == 413


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing/at/all", "/api/", "/api"])
def test_unknown_route_below_api_is_a_json_404(api, method, path):
    """No such route is 404 as a problem document, whatever the method."""
    assert_problem(api.request(method, path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/suggest", "POST"),
        ("DELETE", "/api/v1/suggest", "POST"),
        ("PUT", "/api/v1/feedback", "POST"),
        ("GET", "/api/v1/search", "POST"),
        ("POST", "/api/v1/articles/acc-001", "GET"),
        ("DELETE", "/api/v1/articles/acc-001", "GET"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_wrong_method_is_405_and_names_the_right_one(api, method, path, allowed):
    """A route that exists answers 405 to another method, and says which it has."""
    response = api.request(method, path)
    assert_problem(response, 405)
    assert allowed in response.headers["allow"].replace(" ", "").split(",")


def test_request_id_is_kept_or_made(api):
    """A caller's request id comes back; without one, each request gets its own."""
    given = api.get("/healthz", headers={"X-Request-ID": "ticket-42.retry_1"})
    made = {api.get("/healthz").headers["x-request-id"] for _ in range(3)}
    assert given.headers["x-request-id"] == "ticket-42.retry_1"
    assert len(made) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", request_id) for request_id in made)


@pytest.mark.parametrize("given", ["a b", "x" * 65, "<script>", '"', "\u00fc", "a,b", ""])
def test_malformed_request_id_is_replaced(api, given):
    """An id that could break a log line or a page is not taken over."""
    response = api.get("/api/v1/nothing", headers={"X-Request-ID": given.encode()})
    assert re.fullmatch("[0-9a-f]{16}", response.headers["x-request-id"])
    assert response.json()["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/articles/acc-001", "/api/none", "/none"])
def test_every_answer_has_safe_headers(api, path):
    """No page may guess types, be framed elsewhere or hand its address to other sites."""
    headers = api.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_fault_of_our_own_is_a_500_without_details(tmp_path, sop_index, caplog):
    """What nobody caught is a problem with a request id; the cause stays in the log."""
    app = create_app(
        Settings(
            index=sop_index,
            events_url=f"sqlite:///{tmp_path / 'events.db'}",
            keys_file=tmp_path / "keys.json",
            actor_key_file=tmp_path / "actor.key",
        )
    )

    async def fail() -> None:
        raise RuntimeError(PLANTED)

    app.add_api_route("/fail", fail)
    app.router.routes.insert(0, app.router.routes.pop())
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as api:
        response = api.get("/fail", headers={"X-Request-ID": "find-me"})
    problem = assert_problem(response, 500)
    assert problem["request_id"] == "find-me"
    assert PLANTED not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "find-me" in caplog.text


def test_openapi_names_every_route_and_its_problems(api):
    """The description at /api/openapi.json has the documented routes and their errors."""
    described = api.get("/api/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/suggest",
        "/api/v1/suggest/batch",
        "/api/v1/search",
        "/api/v1/articles/{article_id}",
        "/api/v1/popular",
        "/api/v1/feedback",
        "/api/v1/follow-ups",
        "/api/v1/reports",
        "/api/v1/reports/{report_id}",
        "/api/v1/reports/{report_id}/acknowledge",
        "/api/v1/notices",
        "/api/v1/notices/{number}/end",
        "/api/v1/malfunctions",
        "/api/v1/insights",
        "/api/v1/insights/{table}.csv",
        "/api/v1/practice",
        "/api/v1/practice/questions/{question_id}",
        "/api/v1/practice/topics",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    responses = described["paths"]["/api/v1/suggest"]["post"]["responses"]
    assert {"200", "401", "403", "422", "429", "503"} <= set(responses)
    assert "application/problem+json" in responses["422"]["content"]


def test_documentation_page_loads_nothing_from_elsewhere(api):
    """The page at /api/docs works where nothing may leave the machine."""
    response = api.get("/api/docs")
    assert response.status_code == 200
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", response.text) == []


def test_metrics_count_requests_without_what_was_sent(client, sop_snapshot):
    """Requests are counted by route and status; nothing of a question is in a label."""
    with client() as api:
        api.post("/api/v1/suggest", json={"query": f"bake sourdough bread in {PLANTED}"})
        api.get("/api/v1/articles/acc-001")
        api.get(f"/{PLANTED}")
        text = api.get("/metrics").text
        version = api.get("/readyz").json()["index_version"]
    assert PLANTED not in text
    assert 'sop_request_seconds_count{route="/api/v1/suggest",status="200"} 1.0' in text
    assert 'route="/api/v1/articles/{article_id:path}",status="200"' in text
    assert 'sop_decisions_total{decision="abstain"} 1.0' in text
    assert f"sop_index_articles {len(sop_snapshot.articles)}.0" in text
    assert f'sop_index_info{{version="{version}"}} 1.0' in text


def test_health_says_that_the_process_runs(api, sop_snapshot):
    """/healthz answers without an index; /readyz names the index that serves."""
    assert api.get("/healthz").json() == {"status": "ok"}
    ready = api.get("/readyz").json()
    articles = len(sop_snapshot.articles)
    assert (ready["status"], ready["articles"], ready["detail"]) == ("ready", articles, None)
