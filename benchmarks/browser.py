"""The built site, a running service over it, and a browser: for measuring and for pictures."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from indexer.build import build_snapshot

REPOSITORY = Path(__file__).parent.parent
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    """Run Debian's Chromium, or the one that the variable CHROMIUM names."""
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, (named,) if named else _PROGRAMS)), None)
    if found is None:
        sys.exit("needs Chromium: apt-get install chromium, or name it in the variable CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found)
        yield running
        running.close()


def build_site(site: Path) -> None:
    """Build this repository's site."""
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", site],
        cwd=REPOSITORY,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )


@contextmanager
def serving(scratch: Path) -> Iterator[str]:
    """Build site and snapshot below a folder and serve them; give the site's address."""
    build_site(scratch / "site")
    build_snapshot(REPOSITORY / "sop", scratch / "index", site=scratch / "site")
    with served(scratch, f"sqlite:///{scratch}/events.db") as url:
        yield url


@contextmanager
def served(scratch: Path, log: str, **settings: str) -> Iterator[str]:
    """Serve what `serving` has built, on a log and with settings; give the site's address."""
    port = free_port()
    environment = dict(os.environ) | {
        "SOPKB_EVENTS_URL": log,
        "SOPKB_KEYS_FILE": f"{scratch}/keys.json",
        "SOPKB_ACTOR_KEY_FILE": f"{scratch}/actor.key",
    }
    environment |= {f"SOPKB_{name.upper()}": value for name, value in settings.items()}
    sop = Path(sys.executable).with_name("sop")
    process = subprocess.Popen(
        [sop, "serve", "--index", str(scratch / "index"), "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        # It says so once it listens; when it cannot start, its output ends.
        if process.stdout is None or not process.stdout.readline():
            sys.exit("sop serve did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
