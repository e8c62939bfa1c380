"""`sop serve` as a process, and requests to it over real connections."""

from __future__ import annotations

import ctypes
import http.client
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1


def free_port():
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, method, path, body=None, headers=None):
    """One request over a real connection: status and content."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, headers or {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def is_up(port):
    """Whether the service on a port is ready."""
    try:
        return call(port, "GET", "/readyz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


class Serving:
    """A service with a log at some address; every other file lies in a folder of its own."""

    def __init__(self, folder: Path, index: Path, events_url: str, **settings: Any) -> None:
        """Start it and wait until it is ready.

        It has no rights that go beyond those of files, also where root tests.
        """
        self.folder, self.port = folder, free_port()
        values = {
            "index": str(index),
            "events_url": events_url,
            "keys_file": str(folder / "keys.json"),
            "actor_key_file": str(folder / "actor.key"),
            "backups_folder": str(folder / "backups"),
            "reports_folder": str(folder / "reports"),
            "port": self.port,
        } | settings
        file = folder / "serving.toml"
        file.write_text(
            "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
        )
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("sop"), "--settings", file, "serve"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            preexec_fn=_as_anybody,  # noqa: PLW1509  # nothing of this process is used before
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        end = time.monotonic() + 30
        while not is_up(self.port):
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < end, self.lines
            time.sleep(0.05)

    def _read(self) -> None:
        for line in self.process.stderr:
            self.lines.append(line.decode())

    def ask(self, query: str = "phone lost", **fields: Any) -> tuple[int, float]:
        """Ask a question; return status and seconds."""
        started = time.monotonic()
        status, _ = call(self.port, "POST", "/api/v1/suggest", {"query": query} | fields)
        return status, time.monotonic() - started

    def tell(self, comment: str = "well", timeout: float = 30, **fields: Any) -> tuple[int, Any]:
        """Give feedback; return status and the seconds of Retry-After."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        body = {"page": "/", "event": "gap", "comment": comment} | fields
        connection.request(
            "POST", "/api/v1/feedback", json.dumps(body), {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status, response.headers["Retry-After"]

    def metric(self, name: str) -> float:
        """Return one figure of /metrics."""
        text = call(self.port, "GET", "/metrics")[1].decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])

    def limit_files(self, size: int) -> None:
        """Let the process write no file beyond a size, as a full disk would; -1 ends that."""
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def stop(self) -> float:
        """Ask it to end; return the seconds that it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._reader.join(5)
        self.process.stderr.close()
        return time.monotonic() - started


def _as_anybody() -> None:
    """Take from root the right to write what its owner may not; others have no such right."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)
