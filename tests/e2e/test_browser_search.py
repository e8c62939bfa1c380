"""The search field: suggested articles as people type, above the keyword results."""

from __future__ import annotations

import re

import pytest
from by_browser import write
from playwright.sync_api import expect

QUESTION = "new phone and now i cant get in"
FOUND = "Reset a lost second factor"
PLANTED = "zanzibar4711"


def field(page):
    """Material's search field."""
    return page.locator("[data-md-component=search-query]")


def retype(page, text):
    """Put another text into the search field."""
    field(page).press("Control+a")
    page.keyboard.press("Delete")
    write(page, text)


def suggested(page):
    """The block of suggested articles."""
    return page.get_by_role("region", name="Suggested articles")


def keyword_results(page):
    """Material's own results."""
    return page.locator(".md-search-result__list > .md-search-result__item")


def hold(page, pattern):
    """A list of the requests to these addresses; each waits until the test lets it go on."""
    held = []

    # Playwright marks the function that it calls, which a method of a list does not allow.
    def keep(route):
        held.append(route)

    page.route(pattern, keep)
    return held


def search_requests(page):
    """A list that grows with every request to the search route."""
    asked = []
    page.on(
        "request",
        lambda one: (
            asked.append(one.post_data_json) if one.url.endswith("/api/v1/search") else None
        ),
    )
    return asked


def test_search_suggests_articles_above_keyword_results(visit):
    """A question typed into the search shows the article that answers it, before the list."""
    page = visit("/")
    field(page).click()
    write(page, QUESTION)
    first = suggested(page).get_by_role("link").first
    expect(first).to_contain_text(FOUND)
    expect(first).to_contain_text(re.compile(r"(likely|possible), \d+ %"))
    expect(first.locator("mark").first).to_have_text(re.compile(r"\w+"))
    assert suggested(page).get_by_role("link").count() <= 3
    expect(page.locator(".sop-suggested + .md-search-result__list")).to_have_count(1)
    expect(page.locator("[data-md-component=search-result] .sop-suggested")).to_have_count(1)
    first.click()
    expect(page.locator("h1")).to_have_text(FOUND)


def test_keyword_results_stay_beside_suggestions(visit):
    """Material's results by keyword are shown as before."""
    page = visit("/")
    field(page).click()
    write(page, "second factor")
    expect(suggested(page).get_by_role("link").first).to_be_visible()
    expect(keyword_results(page).filter(has_text=FOUND).first).to_be_visible()


def test_search_asks_once_for_a_text_that_is_typed_quickly(visit):
    """Ten letters in a row are one question, of three suggestions, sent after the last letter."""
    page = visit("/")
    asked = search_requests(page)
    field(page).click()
    page.keyboard.type("stuck task")
    expect(suggested(page)).to_be_visible()
    assert [one["query"] for one in asked] == ["stuck task"]
    assert asked[0]["limit"] == 3


def test_search_does_not_ask_for_two_letters(visit):
    """Two letters are no question; two Chinese characters are one."""
    page = visit("/")
    asked = search_requests(page)
    field(page).click()
    write(page, "qu")
    expect(page.locator(".md-search-result__meta")).not_to_have_text("")
    with page.expect_response("**/api/v1/search"):
        field(page).fill("登录")
    assert [one["query"] for one in asked] == ["登录"]


def test_search_drops_an_answer_to_an_older_text(visit):
    """When the first answer comes last, the second text's articles stay."""
    page = visit("/")
    held = []

    def hold_the_first(route):
        if not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/search", hold_the_first)
    field(page).click()
    with page.expect_request("**/api/v1/search"):
        write(page, "stuck task")
    retype(page, QUESTION)
    first = suggested(page).get_by_role("link").first
    expect(first).to_contain_text(FOUND)
    # Taken back by the page, so there may be nobody to answer.
    held[0].continue_()
    field(page).press("End")
    expect(first).to_contain_text(FOUND)


def test_search_field_emptied_shows_no_suggestions(visit):
    """With the text go its suggestions."""
    page = visit("/")
    field(page).click()
    write(page, QUESTION)
    expect(suggested(page)).to_be_visible()
    retype(page, "")
    expect(suggested(page)).to_have_count(0)


def test_search_is_operated_by_keys_alone(visit):
    """A key opens the search, arrows reach the suggested articles, Enter opens one."""
    page = visit("/")
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    page.keyboard.type(QUESTION)
    first = suggested(page).get_by_role("link").first
    expect(first).to_contain_text(FOUND)
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(FOUND)


def test_enter_opens_the_first_suggestion(visit):
    """Enter in the field opens what stands first: the suggested article."""
    page = visit("/")
    field(page).click()
    write(page, QUESTION)
    expect(suggested(page).get_by_role("link").first).to_contain_text(FOUND)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(FOUND)


def test_what_is_typed_into_the_search_is_stored_nowhere(visit, own_service):
    """Neither the service's files nor the browser's storage hold what was typed."""
    page = visit("/", at=own_service)
    field(page).click()
    with page.expect_response("**/api/v1/search"):
        write(page, f"{QUESTION} {PLANTED}")
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    own_service.stop()
    files = b"".join(path.read_bytes() for path in own_service.var.rglob("*") if path.is_file())
    assert (PLANTED in kept, PLANTED.encode() in files) == (False, False)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_search_without_the_service_keeps_its_keyword_results(visit, guard, status):
    """When the service refuses, the block goes and keyword search stays, without a word."""
    guard.allow_failed_requests("/api/v1/search")
    page = visit("/")
    field(page).click()
    write(page, "stuck task")
    expect(suggested(page)).to_be_visible()
    page.route("**/api/v1/search", lambda route: route.fulfill(status=status, body="{}"))
    retype(page, "second factor")
    expect(keyword_results(page).filter(has_text=FOUND).first).to_be_visible()
    expect(suggested(page)).to_have_count(0)


def test_late_answer_to_the_text_that_stands_is_shown(visit):
    """A busy service answers after seconds: keyword results are there at once, articles follow."""
    page = visit("/")
    held = hold(page, "**/api/v1/search")
    field(page).click()
    write(page, "second factor")
    expect(keyword_results(page).filter(has_text=FOUND).first).to_be_visible()
    page.wait_for_timeout(3000)
    expect(suggested(page)).to_have_count(0)
    held[0].continue_()
    expect(suggested(page).get_by_role("link").first).to_contain_text(FOUND)
    assert len(held) == 1


def test_text_typed_before_the_scripts_are_there_is_asked(visit):
    """On a slow line people type before our scripts have come; they need not type again."""
    page = visit("/")
    held = hold(page, "**/site.js*")
    page.goto("/", wait_until="commit")
    field(page).click()
    write(page, QUESTION)
    assert len(held) == 1
    expect(suggested(page)).to_have_count(0)
    held[0].continue_()
    expect(suggested(page).get_by_role("link").first).to_contain_text(FOUND)
