"""Takes the pictures of the README and the handbook: the site, and reports of a made-up month.

    python benchmarks/screenshots.py docs/assets/screenshots

Takes this repository's own articles; the clock stands still, so that pictures change only
when the site does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from browser import REPOSITORY, browser, served, serving
from playwright.sync_api import Browser, Page, expect

_MAX_BYTES = 150_000
_PATIENCE_MS = 60_000
_WIDE, _PHONE = (1280, 760), (390, 760)
_NOW = "2026-11-24T10:00:00Z"
_QUESTION = "new phone and now i cant get in"
_DEMO_UNTIL = "2026-11-21"
_REPORT_WIDTH = 1000
# The day on which the made-up month has its malfunction; the picture's height and the report.
_REPORTS = {
    "report-daily.png": (1150, ("daily", "--date", "2026-11-13")),
    "report-handover.png": (740, ("handover", "--date", "2026-11-13", "--shift", "Dublin")),
}
# Two months, so that four weeks have a time before them to be compared with.
_DASHBOARD_DAYS = 60
# The dashboard over them: size of the window, scheme, and which part of it.
_DASHBOARD = {
    "dashboard.png": ((1280, 1090), "light", None),
    "dashboard-dark.png": ((1280, 760), "dark", None),
    "dashboard-gaps.png": ((1280, 760), "light", "What is missing"),
    "dashboard-phone.png": ((390, 760), "light", None),
}
_PRACTICE = "practice.png"
_PRACTICE_SIZE = (1000, 1130)
# The same questions in the same order each time: the service's key, and the browser's chance.
_ACTOR_KEY = bytes(range(32))
_NO_CHANCE = "crypto.getRandomValues = (numbers) => numbers.fill(7);"
_PRACTISED_AREA, _IS_READ = "access", "that people asked, then"
_USED = ("acc-001", "que-002", "que-001", "acc-001", "que-002", "acc-001")


def main() -> None:
    """Take the pictures, and fail when one is too large for a README."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder for the pictures")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(Path(scratch)) as url,
        browser() as chromium,
    ):
        for picture in PICTURES:
            width, height = picture.size
            context = chromium.new_context(
                base_url=url,
                viewport={"width": width, "height": height},
                color_scheme="dark" if picture.is_dark else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.clock.set_fixed_time(_NOW)
            picture.prepare(page)
            page.screenshot(path=folder / picture.name, animations="disabled", caret="hide")
            context.close()
        take_reports(folder, Path(scratch), chromium)
        take_dashboard(folder, Path(scratch), chromium)
        take_practice(folder, Path(scratch), chromium)
    names = [*(one.name for one in PICTURES), *_REPORTS, *_DASHBOARD, _PRACTICE]
    sizes = {name: (folder / name).stat().st_size for name in names}
    for name, size in sizes.items():
        print(f"{folder / name}: {size / 1000:.0f} kB")
    if large := [name for name, size in sizes.items() if size > _MAX_BYTES]:
        sys.exit(f"larger than {_MAX_BYTES // 1000} kB: {', '.join(large)}")


def take_reports(folder: Path, scratch: Path, chromium: Browser) -> None:
    """Take the reports of a made-up month, as `sop report --format html` prints them."""
    log = scratch / "demo.db"
    sop(scratch, log, "demo-log", "--until", _DEMO_UNTIL)
    for name, (height, arguments) in _REPORTS.items():
        page = chromium.new_page(viewport={"width": _REPORT_WIDTH, "height": height})
        page.set_content(sop(scratch, log, "report", *arguments, "--format", "html"))
        page.screenshot(path=folder / name)
        page.close()


def sop(scratch: Path, log: Path, *arguments: str) -> str:
    """Run the command on a log and the built snapshot; return what it prints."""
    environment = os.environ | {
        "SOPKB_INDEX": f"{scratch}/index",
        "SOPKB_EVENTS_URL": f"sqlite:///{log}",
        "SOPKB_ACTOR_KEY_FILE": f"{scratch}/actor.key",
        "SOPKB_PUBLIC_URL": "http://127.0.0.1:8000",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("sop"), *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def take_dashboard(folder: Path, scratch: Path, chromium: Browser) -> None:
    """Take the dashboard of made-up weeks, once gaps and wishes were looked for.

    They end yesterday, since what takes long is looked for in the weeks up to now.
    """
    log, today = scratch / "dashboard.db", datetime.now(UTC).date()
    sop(scratch, log, "demo-log", "--days", str(_DASHBOARD_DAYS))
    days = f"?from={today - timedelta(days=28)}&to={today - timedelta(days=1)}"
    with served(scratch, f"sqlite:///{log}") as url:
        for name, ((width, height), scheme, part) in _DASHBOARD.items():
            page = chromium.new_page(
                base_url=url,
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
                timezone_id="Etc/UTC",
            )
            page.goto(f"/dashboard/{days}")
            finding = page.locator("[data-panel=gaps] .sop-dash__finding")
            expect(finding).not_to_be_empty(timeout=_PATIENCE_MS)
            while "still being" in finding.inner_text():
                page.wait_for_timeout(2000)
                page.reload()
                expect(finding).not_to_be_empty(timeout=_PATIENCE_MS)
            expect(page.locator(".u-legend")).to_be_visible(timeout=_PATIENCE_MS)
            page.wait_for_timeout(300)
            shown = page.get_by_role("region", name=part) if part else page
            shown.screenshot(path=folder / name, animations="disabled", caret="hide")
            page.close()


def take_practice(folder: Path, scratch: Path, chromium: Browser) -> None:
    """Take practice after a wrong pick, with questions of a made-up month that ended yesterday."""
    log = scratch / "practice.db"
    (scratch / "actor.key").write_bytes(_ACTOR_KEY)
    sop(scratch, log, "demo-log")
    width, height = _PRACTICE_SIZE
    with served(scratch, f"sqlite:///{log}", practice_from_log="true") as url:
        context = chromium.new_context(
            base_url=url, viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        page = context.new_page()
        page.add_init_script(_NO_CHANCE)
        page.goto(f"/practice/?area={_PRACTISED_AREA}&language=en")
        verdict = page.locator(".sop-practice__verdict")
        # Reading the log may take a moment; its questions come first then.
        tool = page.locator("[data-sop-practice]")
        first = page.locator(".sop-practice__choice").first
        expect(tool.get_by_role("status").first).to_contain_text(_IS_READ, timeout=60_000)
        page.reload()
        expect(first).to_be_visible()
        for place in ("1", "2"):
            page.keyboard.press(place)
            expect(verdict).to_be_visible()
            if "Not right" in verdict.inner_text():
                break
            page.keyboard.press("Enter")
            expect(first).to_be_visible()
        page.screenshot(path=folder / _PRACTICE, animations="disabled", caret="hide")
        context.close()


def home(page: Page) -> None:
    """The home page of a service that has been used."""
    page.goto("/")
    for article_id in _USED:
        feedback = {"page": "/", "article_id": article_id, "event": "resolved"}
        page.request.post("/api/v1/feedback", data=feedback)
    page.reload()
    expect(page.locator(".sop-home__popular")).to_be_visible()


def article(page: Page) -> None:
    """The beginning of an article."""
    page.goto("/sop/access/reset-second-factor/")
    expect(page.locator(".sop-helped")).to_be_attached()
    expect(page.locator(".sop-ask-button")).to_be_visible()


def ask(page: Page) -> None:
    """Ask, with an answer."""
    page.goto("/")
    page.locator(".sop-ask-button").click()
    dialog = page.locator("dialog")
    dialog.get_by_role("textbox").first.fill(_QUESTION)
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(dialog.locator(".sop-answers > li").first).to_be_visible()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file, what is on it, and the window."""

    name: str
    prepare: Callable[[Page], None]
    size: tuple[int, int] = _WIDE
    is_dark: bool = False


PICTURES = (
    Picture("home.png", home),
    Picture("home-dark.png", home, is_dark=True),
    Picture("article.png", article),
    Picture("ask.png", ask),
    Picture("ask-phone.png", ask, size=_PHONE),
)


if __name__ == "__main__":
    main()
