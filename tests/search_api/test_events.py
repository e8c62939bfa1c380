"""The log: feedback that is stored before it is acknowledged, questions behind the answer."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from search_api.events.database import EventStoreError
from search_api.events.event import FeedbackEvent, unpack_vector
from search_api.events.log import EventLog

ACTOR = "jane.doe.employee.4711"
SECRET = "ghp_" + "a1B2" * 9
EMAIL = "jane.doe@customer.example"
QUESTION = {"query": "phone lost"}


def rows(path, table):
    """Every row of a table, as dictionaries."""
    with sqlite3.connect(path) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")]  # noqa: S608


def metric(api, name):
    """One figure of /metrics."""
    found = re.search(rf"^{name} (\S+)$", api.get("/metrics").text, re.MULTILINE)
    return float(found[1])


@pytest.fixture
def locked(tmp_path):
    """Return a connection that holds the log's database for writing; roll back to let go."""
    db = sqlite3.connect(tmp_path / "events.db", check_same_thread=False, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE other (x)")
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


def test_feedback_is_in_the_database_when_it_is_acknowledged(client, tmp_path):
    """After the 201, another program reads every field of the feedback in SQLite."""
    body = {
        "query_id": "0123456789abcdef0123456789abcdef",
        "reference": "TICKET-9",
        "page": "/sop/access/reset-second-factor/",
        "article_id": "acc-001",
        "event": "rejected",
        "reason": "related_not_answered",
        "comment": "The pass never arrived.",
    }
    with client() as api:
        response = api.post("/api/v1/feedback", json=body)
        (stored,) = rows(tmp_path / "events.db", "feedback")
    assert response.status_code == 201
    assert response.json() == {"feedback_id": stored["id"]}
    assert stored.pop("given_at")
    assert stored == body | {"id": stored["id"], "actor": None, "source": "api"}


@pytest.mark.parametrize(
    "event", ["viewed", "linked", "rejected", "escalated", "resolved", "reopened", "gap"]
)
def test_feedback_takes_every_documented_event(api, event):
    """Each documented event is stored, also without an article."""
    response = api.post("/api/v1/feedback", json={"page": "/", "event": event})
    assert response.status_code == 201


@pytest.mark.parametrize("reason", ["unknown", "not_related", "related_not_answered", "outdated"])
def test_feedback_takes_every_documented_reason(api, reason):
    """Each documented reason goes with a rejection."""
    body = {"reference": "T-1", "article_id": "acc-001", "event": "rejected", "reason": reason}
    assert api.post("/api/v1/feedback", json=body).status_code == 201


def test_feedback_for_an_unknown_article_is_404_and_not_stored(client, tmp_path):
    """Feedback about an article that is not there is refused, and nothing of it is kept."""
    with client() as api:
        known = api.post("/api/v1/feedback", json={"page": "/", "event": "gap"})
        response = api.post(
            "/api/v1/feedback", json={"page": "/", "event": "viewed", "article_id": "acc-999"}
        )
        stored = rows(tmp_path / "events.db", "feedback")
    assert (known.status_code, response.status_code) == (201, 404)
    assert response.headers["content-type"] == "application/problem+json"
    assert [row["event"] for row in stored] == ["gap"]


def test_feedback_survives_the_end_of_the_service(client, tmp_path):
    """Feedback and questions are still there after a restart, and ids go on counting."""
    ids = []
    for _ in range(2):
        with client() as api:
            api.post("/api/v1/suggest", json=QUESTION)
            body = {"page": "/", "event": "viewed"}
            ids.append(api.post("/api/v1/feedback", json=body).json()["feedback_id"])
    assert ids == [1, 2]
    assert len(rows(tmp_path / "events.db", "question")) == 2


def test_log_is_durable(client, tmp_path):
    """The database is in WAL mode, so that a reader never waits for the writer."""
    with client() as api:
        api.post("/api/v1/feedback", json={"page": "/", "event": "viewed"})
        with sqlite3.connect(tmp_path / "events.db") as db:
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_comment_is_redacted_before_it_is_stored(client, tmp_path, stored_bytes):
    """Personal data and secrets of a comment reach no file, while the service runs or after."""
    body = {
        "page": "/",
        "event": "gap",
        "comment": f"write to {EMAIL} with {SECRET}",
        "actor": ACTOR,
    }
    with client() as api:
        assert api.post("/api/v1/feedback", json=body).status_code == 201
        running = stored_bytes()
    (stored,) = rows(tmp_path / "events.db", "feedback")
    assert stored["comment"] == "write to [email] with [secret]"
    for planted in (EMAIL, SECRET, ACTOR):
        assert planted.encode() not in running + stored_bytes()


def test_question_is_logged_redacted_with_its_answer(client, tmp_path, stored_bytes, sop_snapshot):
    """A question's row has the redacted text and the whole answer; the raw text is nowhere."""
    body = {
        "subject": f"new phone for {EMAIL}",
        "description": f"token {SECRET} is refused, call +49 30 901820",
        "actor": ACTOR,
        "language": "en",
        "channel": "chat",
        "reference": "TICKET-9",
        "limit": 2,
        "include_unlikely": True,
    }
    with client() as api:
        answer = api.post("/api/v1/suggest", json=body).json()
        running = stored_bytes()
    (stored,) = rows(tmp_path / "events.db", "question")
    assert re.fullmatch("[0-9a-f]{32}", stored.pop("actor"))
    assert stored.pop("asked_at")
    assert json.loads(stored.pop("suggestions")) == [
        {key: found[key] for key in ("id", "score", "confidence")}
        for found in answer["suggestions"]
    ]
    assert json.loads(stored.pop("asked_with")) == {
        "audiences": ["internal"],
        "tags": [],
        "platforms": [],
        "type": [],
        "limit": 2,
        "language": "en",
    }
    encoder = sop_snapshot.index.spaces[0].encoder
    vector = encoder.encode([stored["text"]], "query")[0]
    assert float(unpack_vector(stored.pop("vector")) @ vector) > 0.9999
    assert encoder.description.digest.startswith(stored.pop("encoder"))
    assert stored.pop("confidence") == max(s["confidence"] for s in answer["suggestions"])
    assert stored == {
        "query_id": answer["query_id"],
        "text": "new phone for [email]\ntoken [secret] is refused, call [phone]",
        "language": "en",
        "channel": "chat",
        "reference": "TICKET-9",
        "decision": answer["decision"],
        "index_version": answer["index_version"],
        "took_ms": answer["took_ms"],
        "threshold": answer["threshold"],
        "shown": 2,
        "source": "api",
    }
    for planted in (EMAIL, SECRET, ACTOR, "901820"):
        assert planted.encode() not in running + stored_bytes()


def test_batch_logs_each_of_its_questions(client, tmp_path):
    """Every question of a batch has a row under the query id of its answer."""
    requests = [{"query": f"question {number}", "actor": ACTOR} for number in range(3)]
    with client() as api:
        answers = api.post("/api/v1/suggest/batch", json={"requests": requests}).json()
    stored = {row["query_id"]: row["text"] for row in rows(tmp_path / "events.db", "question")}
    assert stored == {
        answer["query_id"]: f"question {number}"
        for number, answer in enumerate(answers["responses"])
    }


def test_person_is_the_same_hash_in_questions_and_feedback(client, tmp_path):
    """One person has one hash, another person another, and it outlives a restart."""
    for person in (ACTOR, ACTOR, "somebody else"):
        with client() as api:
            api.post("/api/v1/suggest", json=QUESTION | {"actor": person})
            api.post("/api/v1/feedback", json={"page": "/", "event": "viewed", "actor": person})
    asked = [row["actor"] for row in rows(tmp_path / "events.db", "question")]
    told = [row["actor"] for row in rows(tmp_path / "events.db", "feedback")]
    assert asked == told
    assert (asked[0] == asked[1], asked[0] == asked[2]) == (True, False)


def test_person_hash_depends_on_this_installations_secret(client, tmp_path):
    """Two installations give one person two hashes; the secret is readable by its owner only."""
    for number in (1, 2):
        with client(actor_key_file=tmp_path / f"actor-{number}.key") as api:
            api.post("/api/v1/suggest", json=QUESTION | {"actor": ACTOR})
    one, two = (row["actor"] for row in rows(tmp_path / "events.db", "question"))
    assert one != two
    assert (tmp_path / "actor-1.key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "actor-1.key").read_bytes()) >= 32


def test_feedback_that_cannot_be_stored_is_503(client, tmp_path, caplog):
    """With an unusable database feedback is never acknowledged, and suggest goes on."""
    (tmp_path / "folder.db").mkdir()
    body = {"page": "/", "event": "gap", "comment": "zanzibar words"}
    url = f"sqlite:///{tmp_path / 'folder.db'}"
    with client(events_url=url, event_queue_limit=1) as api:
        response = api.post("/api/v1/feedback", json=body)
        # The writer holds some and one waits; those that are too many are dropped.
        for _question in range(4):
            asked = api.post("/api/v1/suggest", json={"query": "zanzibar words"})
        ready = api.get("/readyz").json()
        end = time.monotonic() + 8
        while metric(api, "sop_events_dropped") == 0:
            assert time.monotonic() < end
            time.sleep(0.02)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    assert asked.status_code == 200
    assert ready["status"] == "ready"
    assert "zanzibar" not in caplog.text


def test_log_that_comes_back_is_used_again(client, tmp_path, eventually):
    """A database that was away at the start takes events as soon as it is there."""
    path = tmp_path / "late.db"
    path.mkdir()
    body = {"page": "/", "event": "gap"}
    with client(events_url=f"sqlite:///{path}") as api:
        assert api.post("/api/v1/feedback", json=body).status_code == 503
        path.rmdir()
        assert api.post("/api/v1/feedback", json=body).status_code == 201
        api.post("/api/v1/suggest", json=QUESTION)
        eventually(lambda: len(rows(path, "question")) == 1)


def test_full_queue_drops_and_counts_and_delays_no_answer(client, locked):
    """While the database is held, questions are answered at once and lost ones are counted."""
    with client(event_queue_limit=1) as api:
        release = threading.Timer(2.5, locked.execute, ("ROLLBACK",))
        release.start()
        slowest = 0.0
        for _ in range(6):
            started = time.perf_counter()
            assert api.post("/api/v1/suggest", json=QUESTION).status_code == 200
            slowest = max(slowest, time.perf_counter() - started)
        release.join()
        dropped = metric(api, "sop_events_dropped")
    assert slowest < 1.5
    assert dropped >= 3


def test_questions_wait_for_a_held_database(client, locked, tmp_path):
    """Questions asked while another program writes are logged once it has finished."""
    with client() as api:
        for _ in range(5):
            api.post("/api/v1/suggest", json=QUESTION)
        locked.execute("ROLLBACK")
    assert len(rows(tmp_path / "events.db", "question")) == 5


def test_waiting_feedback_keeps_nobody_from_asking(client, locked, tmp_path):
    """A crowd of callers whose feedback waits for the database holds up no question."""
    waiting = 60
    with client() as api, ThreadPoolExecutor(waiting) as crowd:
        body = {"page": "/", "event": "viewed"}
        sent = [crowd.submit(api.post, "/api/v1/feedback", json=body) for _ in range(waiting)]
        time.sleep(0.7)
        release = threading.Timer(2.5, locked.execute, ("ROLLBACK",))
        release.start()
        started = time.perf_counter()
        answer = api.post("/api/v1/suggest", json=QUESTION)
        seconds = time.perf_counter() - started
        release.join()
        statuses = [future.result().status_code for future in sent]
    acknowledged = statuses.count(201)
    assert answer.status_code == 200
    assert acknowledged == len(rows(tmp_path / "events.db", "feedback"))
    assert set(statuses) <= {201, 503}
    assert seconds < 1.5


def test_concurrent_events_are_all_stored(client, tmp_path):
    """What many callers send at the same time is all there, and no id twice."""
    with client() as api, ThreadPoolExecutor(8) as crowd:
        body = {"page": "/", "event": "viewed"}
        told = [crowd.submit(api.post, "/api/v1/feedback", json=body) for _ in range(40)]
        asked = [crowd.submit(api.post, "/api/v1/suggest", json=QUESTION) for _ in range(40)]
        ids = {future.result().json()["feedback_id"] for future in told}
        queries = {future.result().json()["query_id"] for future in asked}
    assert len(ids) == len(rows(tmp_path / "events.db", "feedback")) == 40
    assert {row["query_id"] for row in rows(tmp_path / "events.db", "question")} == queries


def test_unknown_database_is_named_at_the_start(client):
    """A database URL that cannot be used is one sentence about the setting."""
    for url in ("no url", "nonsense://x"):
        with pytest.raises(Exception, match="events_url"), client(events_url=url):
            pass


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path):
    """A log over a database of its own, as the service opens it."""
    opened = EventLog(f"sqlite:///{tmp_path / 'log.db'}", 10)
    opened.start()
    yield opened
    opened.close()


def used(article, event="linked", given_at=NOON):
    """Feedback about an article, or about none."""
    return FeedbackEvent(
        given_at=given_at,
        query_id=None,
        reference=None,
        page=None,
        article_id=article,
        event=event,
        reason=None,
        comment=None,
        actor=None,
    )


def test_use_is_counted_by_article(log):
    """Links and solved problems count, most used first and equal counts by id."""
    told = [("b", "linked"), ("a", "resolved"), ("c", "resolved"), ("c", "linked"), ("a", "linked")]
    told += [("d", "linked"), ("d", "viewed"), ("d", "rejected"), (None, "linked"), ("e", "gap")]
    for article, event in told:
        log.record_feedback(used(article, event))
    assert log.count_used(NOON) == [("a", 2), ("c", 2), ("b", 1), ("d", 1)]


def test_use_counts_from_the_moment_asked_for(log):
    """What was told at that moment counts, and what was told a microsecond before does not."""
    log.record_feedback(used("before", given_at=NOON - timedelta(microseconds=1)))
    log.record_feedback(used("at", given_at=NOON))
    log.record_feedback(used("after", given_at=NOON + timedelta(days=1)))
    assert log.count_used(NOON) == [("after", 1), ("at", 1)]
    assert log.count_used(NOON + timedelta(days=2)) == []


def test_use_counts_from_the_same_moment_in_any_time_zone(log):
    """A moment written in another time zone is the same moment."""
    log.record_feedback(used("a", given_at=NOON - timedelta(hours=1)))
    log.record_feedback(used("b", given_at=NOON + timedelta(hours=1)))
    for hours in (-8, 8):
        since = NOON.astimezone(timezone(timedelta(hours=hours)))
        assert log.count_used(since) == [("b", 1)]


def test_use_of_an_empty_log_is_nothing(log):
    """A database that was just made has nothing to count."""
    assert log.count_used(NOON) == []


def test_use_that_cannot_be_read_is_named(tmp_path):
    """A database that cannot be opened is one sentence, without a path or a statement."""
    (tmp_path / "log.db").mkdir()
    log = EventLog(f"sqlite:///{tmp_path / 'log.db'}", 10)
    with pytest.raises(EventStoreError) as refused:
        log.count_used(NOON)
    assert str(refused.value) == "what was used cannot be read; try again"
    log.close()


def test_counting_waits_for_no_writer(log, tmp_path):
    """While another program holds the database for writing, use can still be counted."""
    log.record_feedback(used("a"))
    db = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    assert log.count_used(NOON) == [("a", 1)]
    assert time.monotonic() - started < 1
    db.execute("ROLLBACK")
    db.close()
