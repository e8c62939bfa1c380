"""`sop serve` as a process: it starts, answers, logs JSON without what was asked, and stops."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import time

import pytest
from support_service import call, free_port, is_up

PLANTED = "zanzibar4711"


@pytest.fixture
def serving(settings_file, sop_program, tmp_path, eventually):
    """A running service: its process, port and log file."""
    port = free_port()
    log = tmp_path / "serve.log"
    with log.open("wb") as output, (tmp_path / "output.txt").open("wb") as results:
        process = subprocess.Popen(
            [sop_program, "--settings", settings_file, "serve", "--port", str(port)],
            stdout=results,
            stderr=output,
            cwd=tmp_path,
        )
        try:
            eventually(lambda: is_up(port) or process.poll() is not None, within_s=30)
            assert process.poll() is None, log.read_text(encoding="utf-8")
            yield process, port, log
        finally:
            process.kill()
            process.wait()


def test_service_answers_logs_json_without_words_and_stops(serving, tmp_path):
    """Its life: answers, logs lines of JSON free of what was asked, and ends on SIGTERM."""
    process, port, log = serving
    question = {"query": f"the authenticator app is empty after the update {PLANTED}"}
    status, content = call(port, "POST", "/api/v1/suggest", question)
    assert (status, json.loads(content)["decision"]) == (200, "suggest")
    assert call(port, "GET", f"/api/v1/articles/acc-001?q={PLANTED}")[0] == 200
    assert call(port, "GET", f"/?q={PLANTED}")[0] in (200, 404)
    assert call(port, "POST", "/api/v1/suggest", {"query": [PLANTED]})[0] == 422
    feedback = {"page": f"/?q={PLANTED}", "event": "gap", "comment": PLANTED, "actor": PLANTED}
    assert call(port, "POST", "/api/v1/feedback", feedback)[0] == 201
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(f"{PLANTED} nonsense\r\n\r\n".encode())
        raw.recv(1000)

    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=10)
    assert time.monotonic() - started < 10
    assert code in (0, -signal.SIGTERM, 128 + signal.SIGTERM)

    text = log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["logger"] == "sop.access"]
    assert PLANTED not in text + (tmp_path / "output.txt").read_text(encoding="utf-8")
    assert {"time", "level", "logger"} <= set.intersection(*(set(line) for line in lines))
    assert ["POST", "/api/v1/suggest", 200] in [
        [line["method"], line["path"], line["status"]] for line in requests
    ]
    assert all(line["request_id"] and line["ms"] >= 0 for line in requests)


def test_service_finishes_what_it_began(serving, tmp_path):
    """A question that is being answered when the service is stopped gets its answer."""
    process, port, _ = serving
    batch = {"requests": [{"query": f"slow question {n} " * 40} for n in range(40)]}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(
        "POST", "/api/v1/suggest/batch", json.dumps(batch), {"Content-Type": "application/json"}
    )
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    response = connection.getresponse()
    answers = json.loads(response.read())["responses"]
    connection.close()
    process.wait(timeout=10)
    assert (response.status, len(answers)) == (200, 40)


def test_service_without_an_index_does_not_start(sop, tmp_path):
    """`sop serve` without an index exits 2 and says how to make one."""
    done = sop("serve", "--index", tmp_path / "none", "--port", "0")
    assert (done.returncode, "sop build" in done.stderr) == (2, True)


def test_service_refuses_a_site_that_is_none(sop, tmp_path):
    """`sop serve` with a folder that is no site exits 2 and names it."""
    done = sop("serve", "--site", tmp_path, "--port", "0")
    assert (done.returncode, "index.html" in done.stderr) == (2, True)
