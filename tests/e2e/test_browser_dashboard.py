"""The dashboard in a real browser: figures, time and area in the address, tables, trouble."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from support_events import asked, told

from search_api.events.log import EventLog

WIDTHS = {"wide": 1280, "phone": 390}
QUEUES = [{"id": "que-001", "score": 0.8, "confidence": 0.7}]


@pytest.fixture(scope="module")
def used(serve_own):
    """A service whose log has sixteen tickets of today and four of three weeks ago."""
    with serve_own() as running:
        fill(running)
        yield running


def fill(service):
    """Write those tickets, and wait until they are counted."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    log = EventLog(f"sqlite:///{service.var / 'events.db'}", 100)
    log.start()
    for number in range(16):
        article = {"suggestions": QUEUES} if number < 4 else {}
        log.record_question(asked(number, asked_at=now - timedelta(minutes=30), **article))
    for number in range(4):
        log.record_question(asked(100 + number, asked_at=now - timedelta(days=21)))
    for number in range(12):
        log.record_feedback(
            told(
                reference=f"T-{number}",
                given_at=now - timedelta(minutes=21),
                actor=f"{number:032x}",
                article_id="que-001" if number < 4 else "acc-001",
            )
        )
    log.close()
    wait_for(service, 20)


def wait_for(service, questions):
    """Wait until the service, which looks every few seconds, has counted so many questions."""
    end = time.monotonic() + 30
    while True:
        with urllib.request.urlopen(f"{service.url}/api/v1/insights") as answer:  # noqa: S310
            if json.load(answer)["questions"] == questions:
                return
        assert time.monotonic() < end, "what was logged is not counted"
        time.sleep(0.2)


def dashboard(page):
    """The dashboard once it has figures."""
    host = page.locator("[data-sop-dashboard]")
    expect(host.locator("[data-headline=fast]")).to_contain_text("Fast")
    return host


def panel(page, key):
    """One of its panels."""
    return page.locator(f"[data-panel={key}]")


def test_figures_and_findings_are_shown(visit, used):
    """Four headlines with what they count, and a chart that says what it shows."""
    host = dashboard(visit("/dashboard/", at=used))
    expect(host.locator("[data-headline=fast]")).to_contain_text("9 min")
    expect(host.locator("[data-headline=friendly]")).to_contain_text("100 %")
    finding = panel(host.page, "volume").locator(".sop-dash__finding")
    expect(finding).to_contain_text("20 questions")
    expect(panel(host.page, "volume").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("Questions by day: 20 questions")
    )
    expect(panel(host.page, "areas")).to_contain_text("queues")


def test_time_and_area_stand_in_the_address_and_back_leads_back(visit, used):
    """What is chosen can be shared as a link, and the back button undoes it, without loading."""
    page = visit("/dashboard/", at=used)
    host = dashboard(page)
    page.evaluate("window.isSamePage = true")
    finding = panel(page, "volume").locator(".sop-dash__finding")
    page.get_by_text("7 days", exact=True).click()
    expect(finding).to_contain_text("16 questions")
    page.get_by_role("combobox").select_option("queues")
    expect(finding).to_contain_text("4 questions")
    expect(page).to_have_url(re.compile(r"/dashboard/\?range=7d&area=queues$"))
    page.go_back()
    expect(finding).to_contain_text("16 questions")
    expect(page.get_by_role("combobox")).to_have_value("")
    page.go_back()
    expect(finding).to_contain_text("20 questions")
    expect(host.get_by_label("28 days")).to_be_checked()
    assert page.evaluate("window.isSamePage")
    shared = visit("/dashboard/?range=7d&area=queues", at=used)
    expect(panel(shared, "volume").locator(".sop-dash__finding")).to_contain_text("4 questions")
    expect(shared.get_by_role("combobox")).to_have_value("queues")


def test_days_can_be_chosen(visit, used):
    """From and to are two fields, and they stand in the address."""
    page = visit("/dashboard/", at=used)
    dashboard(page)
    page.get_by_text("From – to", exact=True).click()
    first = (datetime.now(UTC) - timedelta(days=23)).date().isoformat()
    last = (datetime.now(UTC) - timedelta(days=19)).date().isoformat()
    page.get_by_label("First day").fill(first)
    page.get_by_label("Last day").fill(last)
    finding = panel(page, "volume").locator(".sop-dash__finding")
    expect(finding).to_contain_text("4 questions")
    expect(page).to_have_url(re.compile(f"from={first}&to={last}$"))


def test_every_chart_has_its_table_and_its_file(visit, used):
    """As table unfolds the numbers, CSV is a file of the same time and area."""
    page = visit("/dashboard/?range=7d", at=used)
    dashboard(page)
    areas = panel(page, "areas")
    areas.get_by_text("As table").click()
    expect(areas.get_by_role("row").nth(1)).to_contain_text("access")
    with page.expect_download() as found:
        areas.get_by_role("link", name="Areas as CSV").click()
    text = found.value.path().read_text(encoding="utf-8")
    assert text.splitlines()[:2] == [
        "areas,questions,before,answered,linked",
        "access,12,0,1.0,0.6667",
    ]
    charts = page.locator("[data-panel]:has(.sop-dash__drawing > *)")
    assert charts.count() > 5
    for chart in charts.all():
        expect(chart.get_by_text("As table")).to_be_visible()
        expect(chart.get_by_role("link", name=re.compile("as CSV$"))).to_be_visible()


def test_figures_renew_themselves_and_leave_the_reader_where_they_are(visit, own_service):
    """A minute later there is what is new; what was unfolded, focused and in sight stays."""
    used = own_service
    fill(used)
    page = visit("/dashboard/?range=7d", at=used, before=lambda page: page.clock.install())
    dashboard(page)
    # The legend comes with the drawing, a line that moves what is below it.
    expect(panel(page, "volume").locator(".u-legend")).to_be_visible()
    areas = panel(page, "areas")
    areas.get_by_text("As table").click()
    csv = areas.get_by_role("link", name="Areas as CSV")
    csv.focus()
    place = csv.bounding_box()["y"]
    request = page.request
    request.post("/api/v1/suggest", data={"query": "phone lost", "reference": "T-900"})
    expect(areas.get_by_role("row").nth(1)).to_contain_text("12")
    wait_for(used, 21)
    page.clock.run_for(61_000)
    expect(panel(page, "volume").locator(".sop-dash__finding")).to_contain_text("17 questions")
    expect(csv).to_be_focused()
    expect(areas.locator("details")).to_have_attribute("open", "")
    assert abs(csv.bounding_box()["y"] - place) < 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_dashboard_has_no_grave_finding(visit, used, grave_findings, width, scheme):
    """Neither wide nor on a phone, light nor dark, does axe-core find anything serious."""
    page = visit(
        "/dashboard/", at=used, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    dashboard(page)
    panel(page, "areas").get_by_text("As table").click()
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_nobody_has_asked_is_said(visit, own_service):
    """An empty log is no row of zeros but a sentence."""
    page = visit("/dashboard/", at=own_service)
    host = dashboard(page)
    expect(host.get_by_role("status").first).to_contain_text("Nobody has asked anything yet.")
    expect(host.locator("[data-headline=friendly]")).to_contain_text("too few to say")


def test_dashboard_without_a_service_says_so_and_keeps_its_figures(visit, own_service, guard):
    """When the service is away the page says it, and of when its figures are."""
    fill(own_service)
    page = visit("/dashboard/", at=own_service)
    host = dashboard(page)
    guard.allow_failed_requests("/api/")
    own_service.stop()
    page.get_by_text("7 days", exact=True).click()
    expect(host.get_by_role("status").first).to_contain_text("The service cannot be reached.")
    expect(host.get_by_role("status").first).to_contain_text("What is shown here is of")
    expect(panel(page, "volume").locator(".sop-dash__finding")).to_contain_text("20 questions")


def test_chart_library_is_loaded_on_this_page_alone(visit, used):
    """The home page loads no chart; the dashboard loads one from this site."""
    page = visit("/", at=used)
    assert page.evaluate("'uPlot' in window") is False
    page.get_by_role("link", name="Dashboard", exact=True).first.click()
    dashboard(page)
    expect(page.locator(".u-legend")).to_be_visible()
    page.get_by_role("link", name="Shift desk", exact=True).first.click()
    expect(page.locator("[data-sop-desk] h2").first).to_be_visible()
    page.go_back()
    dashboard(page)
    expect(page.locator(".u-legend")).to_be_visible()


def test_wall_shows_figures_alone(visit, used):
    """With `?wall` there is neither header nor choice."""
    page = visit("/dashboard/", at=used)
    page.goto("/dashboard/?range=7d&wall")
    dashboard(page)
    expect(page.locator(".md-header")).to_be_hidden()
    expect(page.locator(".sop-dash__controls")).to_be_hidden()
