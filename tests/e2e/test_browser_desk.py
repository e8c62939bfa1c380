"""The shift desk in a real browser: tickets that wait, closing one, taking a handover over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from support_events import asked, told

from search_api.events.log import EventLog
from search_api.events.reports import StoredNote, add_note, approve
from search_api.insights.follow_ups import follow_ups
from search_api.insights.shifts import FollowUpHours, ShiftPlan
from search_api.reports.build import handover
from search_api.reports.material import ArticleFacts, Material
from search_api.settings import Settings

WIDTHS = {"wide": 1280, "phone": 390}


@pytest.fixture
def desk(own_service):
    """A service with three tickets, two of which wait, and an approved handover."""
    now = datetime.now(UTC)
    url = f"sqlite:///{own_service.var / 'events.db'}"
    questions = [
        asked(number, asked_at=now - timedelta(hours=hours))
        for number, hours in ((1, 5), (2, 3), (3, 2))
    ]
    feedback = [
        told("escalated", reference="T-2", given_at=now - timedelta(hours=1)),
        told("resolved", reference="T-3", given_at=now - timedelta(hours=1)),
    ]
    log = EventLog(url, 10)
    log.start()
    for question in questions:
        log.record_question(question)
    for one in feedback:
        log.record_feedback(one)
    log.close()
    plan = ShiftPlan(Settings().shifts)
    shift = plan.shift_before(plan.shift_at(now))
    article = ArticleFacts("acc-001", "Reset a lost second factor", "sop/access/", None, "active")
    material = Material(
        now=now,
        plan=plan,
        questions=questions,
        feedback=feedback,
        follow_ups=follow_ups(questions, feedback, FollowUpHours(), plan),
        articles={article.id: article},
    )
    content = handover(material, shift).model_dump(mode="json")
    approve(url, "handover", shift.starts, shift.ends, content, "lead", now)
    note = StoredNote("lead", now, "Call <b>Gatehouse</b> at nine.")
    add_note(url, "handover", shift.starts, shift.ends, note)
    return own_service


def test_ticket_is_closed_with_one_click(visit, desk):
    """The list has what waits, the overdue one first; a click on Close takes it off."""
    page = visit("/shift/", at=desk)
    rows = page.locator("[data-sop-desk] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("T-1")
    expect(rows.first).to_contain_text("overdue")
    expect(rows.first.get_by_role("link")).to_have_text("Reset a lost second factor")
    page.get_by_role("button", name="Close T-1: it is resolved").click()
    expect(rows).to_have_count(1)
    expect(page.locator("[data-sop-desk]").get_by_role("status").first).to_contain_text(
        "T-1 is closed."
    )
    expect(page.get_by_label("Due in")).to_be_focused()


def test_list_is_filtered_by_state(visit, desk):
    """Choosing a state leaves its tickets."""
    page = visit("/shift/", at=desk)
    page.get_by_label("State").select_option("escalated")
    rows = page.locator("[data-sop-desk] tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("T-2")


def test_handover_is_read_and_taken_over(visit, desk):
    """A handover opens with its highlights and notes, as text; who takes it over is named."""
    page = visit("/shift/", at=desk)
    summary = page.locator("summary", has_text="Handover")
    expect(summary).to_contain_text("waits to be taken over")
    summary.click()
    report = page.locator(".sop-report")
    expect(report).to_contain_text("Follow-ups")
    expect(report).to_contain_text("Call <b>Gatehouse</b> at nine.")
    expect(report.get_by_role("img").first).to_be_visible()
    page.get_by_label("Who takes it over?").fill("Dublin, early")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("button", name="Take over")).to_have_count(0)
    page.reload()
    expect(page.locator("summary", has_text="taken over by Dublin, early")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_desk_has_no_grave_finding(visit, desk, grave_findings, width):
    """Neither wide nor on a phone does axe-core find anything serious, a report open."""
    page = visit("/shift/", at=desk, viewport={"width": width, "height": 800})
    expect(page.locator("[data-sop-desk] tbody tr")).to_have_count(2)
    page.locator("summary", has_text="Handover").click()
    expect(page.locator(".sop-report")).to_be_visible()
    assert grave_findings(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_desk_without_a_service_says_so(visit, desk, guard):
    """When the service is away the page says it, and nothing is thrown."""
    page = visit("/shift/", at=desk)
    expect(page.locator("[data-sop-desk] tbody tr")).to_have_count(2)
    guard.allow_failed_requests("/api/")
    desk.stop()
    page.get_by_label("State").select_option("open")
    expect(page.locator("[data-sop-desk]").get_by_role("status").first).to_have_text(
        "The service cannot be reached."
    )
