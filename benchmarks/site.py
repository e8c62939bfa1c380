"""Measures what the site promises: time to build, time to see an edit, weight, first suggestion.

    python benchmarks/site.py --write docs/site-benchmarks.md

Takes this repository's own articles and handbook. Medians are shown, and the worst beside
them, since machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from browser import REPOSITORY, browser, build_site, free_port, serving
from playwright.sync_api import Browser, Page, expect

ROUNDS = 5
# As search.js waits after the last key.
DEBOUNCE_MS = 200
ARTICLE = "sop/access/reset-second-factor"
QUESTIONS = (
    "new phone and now i cant get in",
    "item is held by someone who went home",
    "i get no work since lunch",
    "everything is so slow today",
    "my account is dead after parental leave",
    "who do i page at 3am",
    "had this permission yesterday, now its gone",
    "my download link is dead",
    "yellow banner says kept on this computer",
    "what do i write for the next shift",
)
# What an edit needs: the configuration, the pages, and the hook that it names.
_WRITTEN = ("mkdocs.yml", "docs", "sop", "indexer")
# The first link that is no answer to an older text, and then the frame that shows it.
_WATCH_SUGGESTIONS = """() => {
    const field = document.querySelector("[data-md-component=search-query]");
    let typed_ms = 0;
    field.addEventListener("input", () => { typed_ms = performance.now(); });
    window.painted_ms = new Promise((resolve) => {
        new MutationObserver((_, watcher) => {
            if (!document.querySelector(".sop-suggested:not(.sop-suggested--old) a")) return;
            watcher.disconnect();
            requestAnimationFrame(() => {
                const behindPaint = new MessageChannel();
                behindPaint.port1.onmessage = () => resolve(performance.now() - typed_ms);
                behindPaint.port2.postMessage(null);
            });
        }).observe(document.querySelector("[data-md-component=search-result]"), {
            childList: true, subtree: true, attributes: true,
        });
    });
}"""


def main() -> None:
    """Measure, print, and write the page if told so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, help="page to write")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, browser() as chromium:
        lines = list(_page(Path(scratch), chromium))
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if any(line.endswith("| MISSED |") for line in lines):
        sys.exit(1)


def _page(scratch: Path, chromium: Browser) -> Iterator[str]:
    for line in _measured(scratch, chromium):
        print(line, flush=True)
        yield line


def _measured(scratch: Path, chromium: Browser) -> Iterator[str]:
    articles = len(list((REPOSITORY / "sop").rglob("*.md")))
    yield "# Benchmarks of the site"
    yield ""
    yield f"Made by `make bench-site` on this repository's own site, {articles} articles."
    yield (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, Chromium {chromium.version}."
    )
    yield "Medians, with the worst in brackets; service and browser on one machine."
    yield ""
    yield "| promise | measured | must be | |"
    yield "|---|---|---|---|"
    yield from _build_rows(scratch / "built")
    yield from _edit_rows(scratch / "written", chromium)
    with serving(scratch) as url:
        yield from _weight_rows(url, chromium)
        yield from _suggestion_rows(url, chromium)


def _build_rows(site: Path) -> Iterator[str]:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        build_site(site)
        seconds.append(time.perf_counter() - started)
        pages = len(list(site.rglob("*.html")))
        shutil.rmtree(site)
    median = statistics.median(seconds)
    yield _row(
        f"full build of the site, {pages} pages",
        f"{median:.1f} s ({max(seconds):.1f})",
        "under 15 s",
        median < 15,
    )


def _edit_rows(copy: Path, chromium: Browser) -> Iterator[str]:
    # A clone, since the dates of articles are read from git while writing too.
    git = shutil.which("git") or sys.exit("needs git")
    subprocess.run([git, "clone", "--quiet", "--shared", REPOSITORY, copy], check=True)
    for name in _WRITTEN:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, copy / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, copy / name)
    file = copy / f"{ARTICLE}.md"
    text = file.read_text(encoding="utf-8")
    seconds = []
    with _writing(copy) as url:
        page = chromium.new_page()
        page.goto(f"{url}/{ARTICLE}/")
        for number in range(ROUNDS):
            added = f"Sentence {number} of this measurement."
            file.write_text(f"{text}\n{added}\n", encoding="utf-8")
            started = time.perf_counter()
            expect(page.get_by_text(added)).to_be_visible(timeout=60_000)
            seconds.append(time.perf_counter() - started)
        page.context.close()
    median = statistics.median(seconds)
    yield _row(
        "while writing, from saving an article to reading it in the open page",
        f"{median:.1f} s ({max(seconds):.1f})",
        "within 5 s",
        median <= 5,
    )


@contextmanager
def _writing(root: Path) -> Iterator[str]:
    """Run the server for writers; give its address once it has built the site."""
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", address],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stderr or ():
            if "Serving on" in line:
                break
        else:
            sys.exit("mkdocs serve did not start")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def _weight_rows(url: str, chromium: Browser) -> Iterator[str]:
    for name, path in (
        ("the home page", "/"),
        ("an article", f"/{ARTICLE}/"),
        ("the dashboard", "/dashboard/"),
    ):
        weights = _weights(chromium, url + path)
        # Keyword search fetches its index in the background; it grows with the library.
        index = sum(size for at, size in weights.items() if "/search/" in at or "worker" in at)
        total = sum(weights.values())
        yield _row(
            f"{name}, compressed, without pictures; with the keyword index and its worker",
            f"{(total - index) / 1000:.0f} kB; {total / 1000:.0f} kB",
            "page under 150 kB",
            total - index < 150_000,
        )


def _weights(chromium: Browser, url: str) -> dict[str, int]:
    """Return the bytes on the wire of a first visit by address, pictures left out."""
    context = chromium.new_context()
    page = context.new_page()
    addresses: dict[str, str] = {}
    weights: dict[str, int] = {}

    def on_response(event: dict[str, object]) -> None:
        if event["type"] != "Image":
            addresses[str(event["requestId"])] = event["response"]["url"]  # type: ignore[index]

    def on_finished(event: dict[str, object]) -> None:
        if address := addresses.get(str(event["requestId"])):
            weights[address] = int(str(event["encodedDataLength"]))

    session = context.new_cdp_session(page)
    session.on("Network.responseReceived", on_response)
    session.on("Network.loadingFinished", on_finished)
    session.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    context.close()
    # What is in the page itself is no traffic, and its icon is a picture too.
    return {
        address: size
        for address, size in weights.items()
        if address.startswith("http") and not address.endswith((".png", ".svg", ".ico"))
    }


def _suggestion_rows(url: str, chromium: Browser) -> Iterator[str]:
    context = chromium.new_context(base_url=url)
    page = context.new_page()
    _painted_ms(page, QUESTIONS[0])
    after_ms = [_painted_ms(page, question) - DEBOUNCE_MS for question in QUESTIONS]
    context.close()
    median = statistics.median(after_ms)
    yield _row(
        f"first suggestion painted, from the last key, less {DEBOUNCE_MS} ms of waiting for more",
        f"{median:.0f} ms ({max(after_ms):.0f})",
        "within 150 ms",
        median <= 150,
    )


def _painted_ms(page: Page, question: str) -> float:
    """Return the milliseconds from the last key to the frame that shows a suggestion."""
    page.goto("/")
    page.locator("[data-md-component=search-query]").click()
    expect(page.locator(".sop-ask-button")).to_be_visible()
    page.evaluate(_WATCH_SUGGESTIONS)
    page.keyboard.type(question, delay=40)
    return float(page.evaluate("window.painted_ms"))


def _row(promise: str, measured: str, target: str, held: bool) -> str:
    return f"| {promise} | {measured} | {target} | {'held' if held else 'MISSED'} |"


if __name__ == "__main__":
    main()
