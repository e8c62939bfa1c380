"""What browser tests share: real services over built sites, and pages that are watched.

Two sites are served: this repository's own, and a small one whose articles are written to
break out. A page comes from `visit`; whatever happens in it, the test fails at its end if
the console had an error, a script failed, the policy was violated or another host was asked.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from by_browser import HIDDEN_WORD, HIT, HOSTILE_QUESTION, HOSTILE_TITLE
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from indexer.build import build_snapshot

REPOSITORY = Path(__file__).parent.parent.parent
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_NO_BROWSER = (
    "browser tests need Chromium: install it (Debian: apt-get install chromium), "
    "or name it in the variable CHROMIUM"
)
_ANSWERED = re.compile(r"^\d+ articles?$|No article covers this")
_REPORT_VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", (event) => {
        const what = event.blockedURI || event.sample;
        console.error(`policy: ${event.violatedDirective} blocked ${what}`);
    });
"""
_MOTION_ENDS = """() => Promise.allSettled(
    document.getAnimations()
        .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished)
)"""
# What keeps a person from using the page; less grave findings are advice.
_GRAVE = ("serious", "critical")
# Playwright cancels its own tap when what it aimed at has just moved, and taps again. While
# the page scrolls Chromium refuses that aloud, and names no script: it is none of the page's.
_TAP_TAKEN_BACK = "Ignored attempt to cancel a touchstart event"
# What the browser says of what it was still fetching when a test stopped the service.
_CUT_OFF = "Failed to load resource: net::ERR_CONNECTION_"

# A page may be slow on a busy machine; how fast it is, benchmarks say.
expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these tests last: Playwright's event loop stays in the main thread once it has run."""
    here = str(Path(__file__).parent)
    items.sort(key=lambda item: str(item.path).startswith(here))


@dataclass
class Service:
    """A running `sop serve`.

    Attributes:
        url: of the site, without a slash at its end.
        site: the built site's folder.
        var: where it keeps its log of questions.
        process: the process.
        is_stopped: whether the test has ended it.
    """

    url: str
    site: Path
    var: Path
    process: subprocess.Popen[str]
    is_stopped: bool = False

    def stop(self) -> None:
        """End it; whoever asks is refused from now on."""
        self.is_stopped = True
        self.process.kill()
        self.process.wait()


@dataclass
class Guard:
    """Collects what must not happen in a page, and what a test says may.

    Attributes:
        complaints: one sentence each.
        failing: below these paths requests may fail, which the browser itself says.
        services: those that the pages came from.
    """

    complaints: list[str] = field(default_factory=list)
    failing: tuple[str, ...] = ()
    services: list[Service] = field(default_factory=list)

    def allow_failed_requests(self, *paths: str) -> None:
        """Accept the lines that the browser prints for requests below these paths."""
        self.failing = paths

    def watch(self, context: BrowserContext, service: Service) -> None:
        """Note what happens in every page of a context."""
        self.services.append(service)
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._on_console)
        context.on(
            "weberror", lambda error: self.complaints.append(f"script failed: {error.error}")
        )
        context.on("request", lambda request: self._on_request(request, service.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "assert") or self._is_expected(message):
            return
        self.complaints.append(f"console: {message.text} ({message.location['url']})")

    def _is_expected(self, message: ConsoleMessage) -> bool:
        if not message.location["url"] and message.text.startswith(_TAP_TAKEN_BACK):
            return True
        path = urlsplit(message.location["url"]).path
        is_browsers_own = message.text.startswith("Failed to load resource: ")
        if message.text.startswith(_CUT_OFF) and self._is_stopped(message.location["url"]):
            return True
        return is_browsers_own and path.startswith(self.failing or ("nowhere",))

    def _is_stopped(self, url: str) -> bool:
        return any(one.is_stopped and url.startswith(f"{one.url}/") for one in self.services)

    def _on_request(self, request: Request, origin: str) -> None:
        if not request.url.startswith((f"{origin}/", "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        program = _chromium()
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


def _chromium() -> str:
    """Return the browser's path; without one the test fails and says what to install."""
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else _PROGRAMS:
        if found := shutil.which(name):
            return found
    pytest.fail(f"CHROMIUM={named} is no program; {_NO_BROWSER}" if named else _NO_BROWSER)


@pytest.fixture(scope="session")
def own_home(tmp_path_factory, encoder_folder, one_at_a_time) -> Path:
    """This repository's own site in `site`, and its snapshot in `index`. Do not write to it."""
    home = tmp_path_factory.mktemp("own")
    _mkdocs(REPOSITORY, home / "site")
    with one_at_a_time:
        build_snapshot(REPOSITORY / "sop", home / "index", site=home / "site")
    return home


@pytest.fixture(scope="session")
def service(own_home, tmp_path_factory) -> Iterator[Service]:
    """This repository's own site and answers, served."""
    with _serving(own_home, tmp_path_factory.mktemp("var")) as running:
        yield running


@pytest.fixture(scope="session")
def serve_own(own_home, tmp_path_factory) -> Callable[[], AbstractContextManager[Service]]:
    """Return what serves the same with a log of its own, for the tests of one file."""
    return lambda: _serving(own_home, tmp_path_factory.mktemp("var"))


@pytest.fixture
def own_service(own_home, tmp_path, windows) -> Iterator[Service]:
    """The same in a process that the test may stop, with a log of its own.

    It outlives the test's windows: what a page asks in its last moment is still answered.
    """
    with _serving(own_home, tmp_path) as running:
        yield running
        _close(windows)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory, encoder_folder, write_files) -> Path:
    """A small project, its site and its snapshot. Do not write to it."""
    home = tmp_path_factory.mktemp("small")
    write_files(home, _small_project())
    _mkdocs(home, home / "site")
    build_snapshot(home / "sop", home / "index", site=home / "site")
    return home


@pytest.fixture(scope="session")
def small_service(small_home, tmp_path_factory) -> Iterator[Service]:
    """The small site, served."""
    with _serving(small_home, tmp_path_factory.mktemp("var")) as running:
        yield running


@pytest.fixture
def guard() -> Guard:
    """What must not happen in the test's pages."""
    return Guard()


@pytest.fixture
def windows() -> list[BrowserContext]:
    """The browser windows that the test has open."""
    return []


def _close(windows: list[BrowserContext]) -> None:
    """Close what is open."""
    while windows:
        windows.pop().close()


@pytest.fixture
def visit(browser, service, guard, windows) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an address in a fresh, watched browser window.

    The scripts have run when it returns, unless `java_script_enabled=False` is among the
    window's options. `at` names another service; `clock` is the time that the page sees;
    `before` prepares the page before its first address.
    """

    def run(
        path: str = "/",
        at: Service = service,
        clock: str | None = None,
        before: Callable[[Page], None] | None = None,
        **window: Any,
    ) -> Page:
        options = {"base_url": at.url, "viewport": {"width": 1280, "height": 800}} | window
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        windows.append(context)
        guard.watch(context, at)
        page = context.new_page()
        if clock:
            page.clock.set_fixed_time(clock)
        if before:
            before(page)
        page.goto(path)
        if options.get("java_script_enabled", True):
            expect(ask_button(page)).to_be_visible()
        return page

    yield run
    _close(windows)
    assert guard.complaints == []


def ask_button(page: Page) -> Locator:
    """The button in the header, which the scripts put there."""
    return page.locator(".md-header__inner").get_by_role("button", name="Ask", exact=True)


@pytest.fixture(scope="session")
def ask() -> Callable[[Page, str], Locator]:
    """Return a function that asks in the dialog, and gives the dialog once it has an answer."""

    def run(page: Page, text: str) -> Locator:
        dialog = page.locator("dialog")
        if not dialog.is_visible():
            page.keyboard.press("Control+k")
        dialog.get_by_role("textbox").first.fill(text)
        dialog.get_by_role("button", name="Ask", exact=True).click()
        expect(dialog.get_by_role("status").first).to_contain_text(_ANSWERED)
        return dialog

    return run


@pytest.fixture(scope="session")
def grave_findings() -> Callable[[Page], list[str]]:
    """Return a function that gives axe-core's serious and critical findings in a page."""
    axe = Axe()

    def run(page: Page) -> list[str]:
        # What is still fading in has another contrast than what people read.
        page.evaluate(_MOTION_ENDS)
        found = axe.run(page).response["violations"]
        return [
            f"{rule['id']} ({rule['impact']}): {', '.join(map(str, node['target']))}: "
            f"{' '.join(node['failureSummary'].split())}"
            for rule in found
            if rule["impact"] in _GRAVE
            for node in rule["nodes"]
        ]

    return run


def _mkdocs(root: Path, site: Path) -> None:
    """Build a site."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", site],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def _serving(home: Path, var: Path) -> Iterator[Service]:
    """Run `sop serve` over the snapshot of a home, and stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The same secret in every run, so that practice asks the same in every run.
    (var / "actor.key").write_bytes(bytes(range(32)))
    settings = var / "sop.toml"
    settings.write_text(
        f'index = "{home / "index"}"\n'
        f'events_url = "sqlite:///{var / "events.db"}"\n'
        f'keys_file = "{var / "keys.json"}"\n'
        f'actor_key_file = "{var / "actor.key"}"\n',
        encoding="utf-8",
    )
    assert tomllib.loads(settings.read_text(encoding="utf-8"))
    program = Path(sys.executable).with_name("sop")
    log = var / "serve.log"
    with log.open("w", encoding="utf-8") as complaints:
        process = subprocess.Popen(
            [program, "--settings", settings, "serve", "--port", str(port)],
            cwd=var,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        try:
            # It says so once it listens; when it cannot start, its output ends.
            said = process.stdout.readline()
            assert said, log.read_text(encoding="utf-8")
            yield Service(f"http://127.0.0.1:{port}", home / "site", var, process)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _small_project() -> dict[str, str | bytes]:
    """Return the files of a site with this repository's own look and its own articles."""
    config = {
        "INHERIT": str(REPOSITORY / "mkdocs.yml"),
        "site_name": "Small",
        "hooks": ["hook.py"],
        "nav": [{"Home": "docs/index.md"}, {"Procedures": "sop/"}],
    }
    teams = {
        "desk": {
            "name": "Desk",
            "channel": "#desk",
            "on_call": "https://oncall.example.com/desk",
            "time_zone": "Europe/Dublin",
            "hours": "09:00-17:00",
            "backup": "night",
        },
        "night": {
            "name": "Night Crew",
            "channel": "#night",
            "on_call": "https://oncall.example.com/night",
            "time_zone": "Etc/UTC",
            "hours": "24x7",
            "backup": "desk",
        },
    }
    files: dict[str, str | bytes] = {
        "mkdocs.yml": yaml.safe_dump(config, sort_keys=False),
        "hook.py": "from indexer.site.hook import *  # noqa: F403\n",
        "docs/index.md": "# Small\n\nA small site.\n",
        "docs/practice.md": "# Practice\n\n<div data-sop-practice></div>\n",
        "sop/teams.yml": yaml.safe_dump(teams, sort_keys=False, allow_unicode=True),
    }
    return files | {f"sop/{path}": _article(**stated) for path, stated in SMALL_ARTICLES.items()}


def _article(body: str, **stated: Any) -> str:
    keys = {
        "summary": "What to do.",
        "type": "how-to",
        "status": "active",
        "owner": "desk",
        "last_reviewed": "2026-01-10",
        "review_by": "2099-01-01",
    } | stated
    return f"---\n{yaml.safe_dump(keys, sort_keys=False, allow_unicode=True)}---\n\n{body}"


# Written from right to left, and from a mark on everything after it is shown backwards.
ESCALATION = {
    "team": "desk",
    "channel": "#desk",
    "severity": "sev1",
    "after_minutes": 10,
    "evidence": ["name of the turbine", "time in UTC"],
}
_HOSTILE_BODY = f"""\
A quokka left marmalade on the harpsichord. <script>{HIT}</script>

<img src onerror="{HIT}" alt="x"> <svg onload="{HIT}"><script>{HIT}</script></svg>

<iframe src="javascript:{HIT}" srcdoc="<script>parent.{HIT}</script>"></iframe>

<style>body {{ display: none }}</style>

<div style="position: fixed; inset: 0; z-index: 9999" onclick="{HIT}">Covered in marmalade.</div>

<base href="https://evil.example/"><meta http-equiv="refresh" content="0; url=https://evil.example/">

<form action="https://evil.example/"><button formaction="javascript:{HIT}">Send</button></form>

<details open ontoggle="{HIT}"><summary>More</summary>Marmalade.</details>

[Reach the quokka](javascript:{HIT.replace(" ", "")} "title")

<a href="java&#x0a;script:{HIT}">Reach it again</a>
<a href="data:text/html,<script>1</script>">Data</a>

## Clean <img src onerror='{HIT}'> {{: onclick="{HIT}" style="color: red" }}

Wipe it off.
{{: onmouseover="{HIT}" style="font-size: 9em" }}

```html title="<img src onerror='{HIT}'>"
<script>{HIT}</script> {{{{user_id}}}}
```
"""
SMALL_ARTICLES: dict[str, dict[str, Any]] = {
    "desk/hostile.md": {
        "id": "hos-001",
        "title": HOSTILE_TITLE,
        "summary": f"</script><script>{HIT}</script><img src onerror='{HIT}'>",
        "questions": [
            HOSTILE_QUESTION,
            f"<script>{HIT}</script> marmalade in the keys",
            f"<img src onerror='{HIT}'> sticky harpsichord",
        ],
        "tags": [f"<img src onerror='{HIT}'>"],
        "sharing": f"<img src onerror='{HIT}'>",
        "escalation": ESCALATION
        | {
            "channel": f"<b onclick='{HIT}'>#desk</b>",
            "evidence": [f"<script>{HIT}</script>"],
        },
        "known_issue": {
            "reference": f"<img src onerror='{HIT}'>",
            "started": "2026-11-01",
            "workaround": f"<script>{HIT}</script>",
            "engineering_status": f"<img src onerror='{HIT}'>",
        },
        "type": "known-issue",
        "body": _HOSTILE_BODY,
    },
    "desk/turbine.md": {
        "id": "tur-001",
        "title": "Restart the turbine",
        "questions": ["turbine stands still", "no power from the turbine", "turbine will not spin"],
        "related": ["pla-001"],
        "escalation": ESCALATION,
        "review_by": "2026-08-01",
        "redirect_from": ["old/turbine"],
        "body": "The turbine stands still.\n\n## Steps\n\nPress the green button.\n",
    },
    "desk/placeholders.md": {
        "id": "pla-001",
        "title": "Count the coupons of a customer",
        "questions": ["how many coupons has a customer", "coupon count", "coupons are missing"],
        "body": (
            "Count coupons of a customer.\n\n## Steps\n\n1. Count.\n\n"
            "    ```sql\n"
            "    SELECT count(*) FROM coupons\n"
            "    WHERE customer = {{customer_id}} AND region = '{{region}}';\n"
            "    ```\n\n"
            "2. List.\n\n"
            "    ```sql\n    SELECT * FROM coupons WHERE customer = {{customer_id}};\n    ```\n"
        ),
    },
    "desk/hidden.md": {
        "id": "hid-001",
        "title": f"The {HIDDEN_WORD} protocol",
        "questions": [
            f"where is the {HIDDEN_WORD}",
            f"{HIDDEN_WORD} escaped",
            f"{HIDDEN_WORD} food",
        ],
        "tags": [HIDDEN_WORD],
        "audience": ["leads"],
        "redirect_from": [f"old/{HIDDEN_WORD}"],
        "body": f"Feed the {HIDDEN_WORD}.\n\n## Feed the {HIDDEN_WORD}\n\nSeeds.\n",
    },
    "tips/ended.md": {
        "id": "tip-801",
        "title": "Tip of the past",
        "type": "tip",
        "questions": ["old tip", "past tip", "tip before"],
        "pinned": {"until": "2026-11-30", "reason": "It is over."},
        "body": "Nothing.\n",
    },
    "tips/lasting.md": {
        "id": "tip-802",
        "title": "Tip of the future",
        "type": "tip",
        "questions": ["new tip", "future tip", "tip after"],
        "pinned": {"until": "2027-06-30", "reason": "It goes on."},
        "body": "Something.\n",
    },
}
