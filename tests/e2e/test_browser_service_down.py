"""When the service is away or refuses: people are told, and keyword search goes on."""

from __future__ import annotations

import json
import time

import pytest
from by_browser import write
from playwright.sync_api import expect

QUESTION = "new phone and now i cant get in"
FOUND = "Reset a lost second factor"


def send(page, text):
    """Send a question in the dialog; give the dialog."""
    page.keyboard.press("Control+k")
    dialog = page.locator("dialog")
    dialog.get_by_role("textbox").first.fill(text)
    dialog.get_by_role("textbox").first.press("Control+Enter")
    return dialog


def test_stopped_service_leaves_keyword_search_and_says_so_in_ask(visit, own_service, guard):
    """The process dies while a page is open: search goes on by keywords, and Ask leads there."""
    guard.allow_failed_requests("/api/v1/")
    page = visit("/", at=own_service)
    field = page.locator("[data-md-component=search-query]")
    results = page.locator(".md-search-result__list > .md-search-result__item")
    field.click()
    write(page, "stuck")
    expect(results.first).to_be_visible()
    own_service.stop()
    field.press("Control+a")
    write(page, "second factor")
    expect(results.filter(has_text=FOUND).first).to_be_visible()
    expect(page.get_by_role("region", name="Suggested articles")).to_have_count(0)

    dialog = send(page, "second factor is lost and " + "so " * 30)
    expect(dialog.get_by_role("status").first).to_have_text("The service cannot be reached.")
    dialog.get_by_role("button", name="Search by keywords instead").click()
    expect(dialog).to_be_hidden()
    expect(field).to_be_focused()
    value = field.input_value()
    assert value.startswith("second factor is lost and so")
    assert len(value) <= 60
    expect(results.filter(has_text=FOUND).first).to_be_visible()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "Too many questions at once; try again in a minute"),
        (401, "key or a sign-in"),
        (403, "key or a sign-in"),
        (503, "cannot answer at the moment"),
        (500, "fault"),
    ],
)
def test_refusal_is_said_in_a_sentence(visit, guard, status, said):
    """Each way in which the service refuses has its own sentence; the text stays."""
    guard.allow_failed_requests("/api/v1/suggest")
    page = visit("/")
    problem = {"title": "No", "status": status, "detail": "internal", "request_id": "r-1"}
    page.route(
        "**/api/v1/suggest",
        lambda route: route.fulfill(
            status=status, content_type="application/problem+json", body=json.dumps(problem)
        ),
    )
    dialog = send(page, QUESTION)
    expect(dialog.get_by_role("status").first).to_contain_text(said)
    expect(dialog.get_by_role("textbox").first).to_have_value(QUESTION)
    expect(dialog.get_by_role("button", name="Search by keywords instead")).to_be_visible()


def test_silent_service_is_given_up_after_eight_seconds(visit):
    """Ask does not wait for ever, says meanwhile that it looks, and can ask again afterwards."""
    page = visit("/")
    page.route("**/api/v1/suggest", lambda _: None)
    started = time.monotonic()
    dialog = send(page, QUESTION)
    status = dialog.get_by_role("status").first
    expect(status).to_have_text("Looking for articles…")
    expect(status).to_have_text("The service did not answer within 8 seconds.", timeout=12_000)
    assert 7 < time.monotonic() - started < 11
    page.unroute("**/api/v1/suggest")
    dialog.get_by_role("textbox").first.press("Control+Enter")
    expect(dialog.get_by_role("link", name=FOUND, exact=True)).to_be_visible()


def test_page_of_a_proxy_is_no_answer(visit):
    """A sign-in page in the place of an answer is not shown as an answer."""
    page = visit("/")
    page.route(
        "**/api/v1/suggest",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Sign in</h1>"),
    )
    dialog = send(page, QUESTION)
    expect(dialog.get_by_role("status").first).to_contain_text("sign in again")


def test_home_without_the_service_shows_what_it_knows(visit, guard):
    """Without figures of use, the home page has no such list and everything else."""
    guard.allow_failed_requests("/api/v1/popular")
    page = visit(
        "/",
        before=lambda page: page.route("**/api/v1/popular*", lambda route: route.abort()),
    )
    expect(page.locator(".sop-home__ask")).to_be_visible()
    expect(page.locator(".sop-home__popular")).to_be_hidden()
    expect(page.locator(".sop-home__areas")).to_be_visible()
