"""Nothing that the product does opens a connection beyond this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent

_PROGRAM = """
import ipaddress, json, sys
from pathlib import Path

attempts = []

def is_here(host):
    if host in (None, "", b"", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_here(address[0]):
            attempts.append([event, str(address)])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if not is_here(arguments[0]):
            attempts.append([event, str(arguments[0])])
    elif event == "urllib.Request" or event.startswith("webbrowser"):
        attempts.append([event, str(arguments[0])])

sys.addaudithook(watch)
"""

_CONTROL = """
import socket
for host in ("kb.example.test", "192.0.2.1"):
    try:
        socket.create_connection((host, 80), timeout=0.01)
    except OSError:
        pass
print(json.dumps(sorted({event for event, _ in attempts})))
"""

_WORK = """
from starlette.testclient import TestClient
from indexer.build import build_snapshot
from search_api.app import create_app
from search_api.settings import Settings

articles, home = Path(sys.argv[1]), Path(sys.argv[2])
build_snapshot(articles, home / "index")
settings = Settings(
    index=home / "index",
    events_url=f"sqlite:///{home / 'events.db'}",
    keys_file=home / "keys.json",
    actor_key_file=home / "actor.key",
    public_url="https://kb.example.test/",
)
statuses = []
with TestClient(
    create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 5000)
) as api:
    body = {"query": "my authenticator phone is gone", "actor": "jane"}
    told = {"reference": "T-1", "event": "viewed", "article_id": "acc-001"}
    statuses.append(api.post("/api/v1/suggest", json=body).status_code)
    statuses.append(api.post("/api/v1/search", json={"query": "phone"}).status_code)
    statuses.append(api.post("/api/v1/feedback", json=told).status_code)
    for path in ("/api/v1/articles/acc-001", "/api/docs", "/api/openapi.json", "/metrics"):
        statuses.append(api.get(path).status_code)
print(json.dumps({"statuses": statuses, "attempts": attempts}))
"""


def run(code, folder, *arguments):
    """Run a program in a fresh interpreter with caches of its own; return what it prints last."""
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    environment |= {"XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=REPOSITORY,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_watch_sees_connections(tmp_path):
    """The watch used below notices a name being looked up and an address being called."""
    assert run(_PROGRAM + _CONTROL, tmp_path) == ["socket.connect", "socket.getaddrinfo"]


def test_build_ask_and_serve_stay_on_this_machine(tmp_path):
    """Compiling the model, building, asking and serving look up and call no other machine."""
    home = tmp_path / "home"
    home.mkdir()
    found = run(_PROGRAM + _WORK, tmp_path, str(REPOSITORY / "sop" / "access"), str(home))
    assert found == {"statuses": [200, 200, 201, 200, 200, 200, 200], "attempts": []}
