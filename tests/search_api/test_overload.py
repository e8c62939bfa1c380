"""Too many questions at once are refused at the door, and none of the others is lost."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

SLOW = {"requests": [{"query": f"slow question {number} " * 40} for number in range(20)]}


def test_full_queue_answers_503_and_loses_nothing(client, tmp_path):
    """Beyond what may wait, a question gets 503 with Retry-After; every other its answer."""
    crowd = 24
    with (
        client(encoder_threads=1, queue_limit=0) as api,
        ThreadPoolExecutor(crowd + 1) as callers,
    ):
        slow = callers.submit(api.post, "/api/v1/suggest/batch", json=SLOW)
        sent = [
            callers.submit(api.post, "/api/v1/suggest", json={"query": f"quick {number}"})
            for number in range(crowd)
        ]
        answers = [future.result() for future in [*sent, slow]]
        after = api.post("/api/v1/suggest", json={"query": "calm again"})
    refused = [answer for answer in answers if answer.status_code == 503]
    served = [answer for answer in [*answers[:-1], after] if answer.status_code == 200]
    assert refused
    assert {answer.status_code for answer in answers} == {200, 503}
    for answer in refused:
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["content-type"] == "application/problem+json"
    assert after.status_code == 200
    with sqlite3.connect(tmp_path / "events.db") as db:
        logged = {query_id for (query_id,) in db.execute("SELECT query_id FROM question")}
    assert {answer.json()["query_id"] for answer in served} <= logged


def test_crowd_within_the_queue_is_answered(client):
    """As many as may wait do wait, and each gets the answer to its own question."""
    questions = {"gh-1020 what do i do": "acc-001", "LB-320 do i reload or not": "lab-001"}
    asked = [(query, expected) for query, expected in questions.items() for _ in range(20)]
    with client(encoder_threads=2, queue_limit=64) as api, ThreadPoolExecutor(40) as callers:
        sent = [
            callers.submit(api.post, "/api/v1/suggest", json={"query": query}) for query, _ in asked
        ]
        answers = [future.result() for future in sent]
    assert [answer.status_code for answer in answers] == [200] * 40
    assert [a.json()["suggestions"][0]["id"] for a in answers] == [want for _, want in asked]


def test_long_batch_leaves_room_for_others(client):
    """While one caller's batch is worked on, another's question is answered before it ends."""
    with client(encoder_threads=2) as api, ThreadPoolExecutor(2) as callers:
        slow = callers.submit(api.post, "/api/v1/suggest/batch", json=SLOW)
        quick = api.post("/api/v1/suggest", json={"query": "phone lost"})
        was_running = not slow.done()
        assert slow.result().status_code == 200
    assert quick.status_code == 200
    assert was_running


def test_health_answers_while_every_worker_is_busy(client):
    """Work never blocks the loop that answers /healthz."""
    with client(encoder_threads=1) as api, ThreadPoolExecutor(2) as callers:
        slow = callers.submit(api.post, "/api/v1/suggest/batch", json=SLOW)
        statuses = [api.get("/healthz").status_code for _ in range(5)]
        was_running = not slow.done()
        assert slow.result().status_code == 200
    assert statuses == [200] * 5
    assert was_running
