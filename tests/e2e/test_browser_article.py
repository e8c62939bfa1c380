"""An article's page: banner, who covers now, hand-off text, placeholders, "Did this help?"."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

TURBINE = "/sop/desk/turbine/"
COUPONS = "/sop/desk/placeholders/"


def test_overdue_article_says_so_and_whom_to_ask(visit, small_service):
    """Past its review date a banner names the date and the owner's channel."""
    page = visit(TURBINE, at=small_service, clock="2026-11-24T12:00:00Z")
    banner = page.locator(".sop-review")
    expect(banner).to_contain_text("should have been reviewed by 1 August 2026")
    expect(banner).to_contain_text("Check with #desk before you rely on it.")
    above = banner.bounding_box()["y"] < page.locator(".sop-card").bounding_box()["y"]
    assert above


@pytest.mark.parametrize(
    ("clock", "is_shown"), [("2026-08-01T23:00:00Z", False), ("2026-08-02T00:30:00Z", True)]
)
def test_banner_comes_the_day_after_the_review_date(visit, small_service, clock, is_shown):
    """The site need not be built again for the banner to come, and it comes in time."""
    page = visit(TURBINE, at=small_service, clock=clock)
    expect(page.get_by_role("heading", name="Did this help?")).to_be_visible()
    expect(page.locator(".sop-review")).to_be_visible(visible=is_shown)


@pytest.mark.parametrize(
    ("clock", "who", "contact"),
    [
        # Monday noon in Dublin; Monday evening there; Saturday; summer time, an hour ahead.
        ("2026-11-23T12:00:00Z", "Desk covers now", "#desk"),
        ("2026-11-23T17:00:00Z", "Night Crew covers now", "#night"),
        ("2026-11-28T12:00:00Z", "Night Crew covers now", "#night"),
        ("2026-07-06T08:30:00Z", "Desk covers now", "#desk"),
        ("2026-12-07T08:30:00Z", "Night Crew covers now", "#night"),
    ],
)
def test_article_says_who_covers_now(visit, small_service, clock, who, contact):
    """In its hours the team covers, else its backup, with channel and on-call link."""
    page = visit(TURBINE, at=small_service, clock=clock)
    covers = page.locator(".sop-escalation__covers")
    expect(covers).to_contain_text(who)
    expect(covers).to_contain_text(contact)
    expect(covers.get_by_role("link")).to_have_attribute(
        "href", f"https://oncall.example.com/{contact[1:]}"
    )


def test_who_covers_changes_while_the_page_is_open(visit, small_service):
    """At the end of the team's hours the sentence changes without a reload."""
    page = visit(
        TURBINE,
        at=small_service,
        before=lambda page: page.clock.install(time="2026-11-23T16:59:30Z"),
    )
    covers = page.locator(".sop-escalation__covers")
    expect(covers).to_contain_text("Desk covers now")
    page.clock.run_for(120_000)
    expect(covers).to_contain_text("Night Crew covers now")


def test_hand_off_text_is_ready_to_fill_in(visit, small_service):
    """The copied text names the article, its link, whom, when, and asks for each evidence."""
    page = visit(
        TURBINE,
        at=small_service,
        clock="2026-11-23T12:34:00Z",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.get_by_role("button", name="Copy hand-off text").click()
    expect(page.locator(".sop-escalation__actions").get_by_role("status")).to_contain_text("Copied")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == "[sev1] Restart the turbine (tur-001)"
    assert f"Article: {small_service.url}{TURBINE}" in lines
    assert "To: Desk, #desk" in lines
    assert "Time: 2026-11-23 12:34 UTC" in lines
    assert lines[-2:] == ["- name of the turbine: ", "- time in UTC: "]


def test_placeholders_are_filled_in_once_for_the_whole_page(visit, small_service):
    """Each name has one field; typing fills every occurrence, and the copy takes the value."""
    page = visit(COUPONS, at=small_service, permissions=["clipboard-read", "clipboard-write"])
    form = page.get_by_role("group", name="Fill in once")
    expect(form.get_by_role("textbox")).to_have_count(2)
    form.get_by_label("customer_id").fill("4711")
    form.get_by_label("region").fill("<b>EU</b>")
    blocks = page.locator(".md-content pre > code")
    expect(blocks.nth(0)).to_contain_text("WHERE customer = 4711 AND region = '<b>EU</b>';")
    expect(blocks.nth(1)).to_contain_text("WHERE customer = 4711;")
    page.locator(".md-content pre").nth(1).hover()
    page.locator(".md-content .highlight").nth(1).get_by_role("button").first.click()
    expect(page.locator(".md-dialog")).to_contain_text("Copied")
    assert "customer = 4711;" in page.evaluate("navigator.clipboard.readText()")
    form.get_by_role("button", name="Clear").click()
    expect(blocks.nth(0)).to_contain_text("{{customer_id}}")
    expect(blocks.nth(0)).to_contain_text("{{region}}")


def test_filled_placeholders_are_stored_nowhere(visit, small_service):
    """What was filled in is gone with the page, and in no storage."""
    page = visit(COUPONS, at=small_service)
    page.get_by_label("customer_id").fill("zanzibar4711")
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert "zanzibar4711" not in kept + page.url
    page.reload()
    expect(page.get_by_label("customer_id")).to_have_value("")


def test_article_that_helped_is_noted(visit):
    """Yes is stored with the page and the article, and said so."""
    page = visit("/sop/queues/reassign-stuck-task/")
    helped = page.locator(".sop-helped")
    with page.expect_response("**/api/v1/feedback") as stored:
        helped.get_by_role("button", name="Yes").click()
    assert stored.value.status == 201
    assert stored.value.request.post_data_json == {
        "page": "/sop/queues/reassign-stuck-task/",
        "article_id": "que-002",
        "event": "resolved",
    }
    expect(helped.get_by_role("status")).to_contain_text("Thank you")
    expect(helped.get_by_role("button")).to_have_count(0)


def test_article_that_did_not_help_is_noted_with_reason_and_comment(visit):
    """No asks why, and what would help; both are stored."""
    page = visit("/sop/queues/reassign-stuck-task/")
    helped = page.locator(".sop-helped")
    helped.get_by_role("button", name="No").click()
    helped.get_by_role("combobox").select_option("related_not_answered")
    helped.get_by_role("textbox").fill("What if the holder is away?")
    with page.expect_response("**/api/v1/feedback") as stored:
        helped.get_by_role("button", name="Send").click()
    assert stored.value.status == 201
    assert stored.value.request.post_data_json == {
        "page": "/sop/queues/reassign-stuck-task/",
        "article_id": "que-002",
        "event": "rejected",
        "reason": "related_not_answered",
        "comment": "What if the holder is away?",
    }
    expect(helped.get_by_role("status")).to_contain_text("Thank you")


def test_feedback_that_cannot_be_stored_keeps_what_was_written(visit, guard):
    """When the service is away, the article says so and the comment stays."""
    guard.allow_failed_requests("/api/v1/feedback")
    page = visit("/sop/queues/reassign-stuck-task/")
    page.route("**/api/v1/feedback", lambda route: route.abort())
    helped = page.locator(".sop-helped")
    helped.get_by_role("button", name="No").click()
    helped.get_by_role("textbox").fill("Where is step 3?")
    helped.get_by_role("button", name="Send").click()
    expect(helped.get_by_role("status")).to_have_text(re.compile("^Not sent: .*cannot be reached"))
    expect(helped.get_by_role("textbox")).to_have_value("Where is step 3?")


def test_moved_article_is_found_at_its_old_address(visit, small_service):
    """An old address leads to the article, without its words being lost."""
    page = visit("/old/turbine/", at=small_service)
    expect(page.locator("h1")).to_have_text("Restart the turbine")
    expect(page).to_have_url(re.compile(f"{TURBINE}$"))
