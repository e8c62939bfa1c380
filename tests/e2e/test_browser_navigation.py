"""From page to page: what scripts do works on each, once."""

from __future__ import annotations

import re

from by_browser import write
from playwright.sync_api import expect

QUESTION = "new phone and now i cant get in"
ARTICLE = "/sop/access/reset-second-factor/"


def test_every_page_gets_its_own_parts_once(visit):
    """Three pages on, there is one Ask button, one dialog, and the feedback names this page."""
    page = visit("/")
    areas = page.locator(".sop-home__areas")
    areas.get_by_role("link", name="Reset a lost second factor").click()
    expect(page.get_by_role("heading", name="Did this help?")).to_be_visible()
    related = page.locator(".sop-related").get_by_role("link", name="Unlock an account after leave")
    related.click()
    expect(page.locator("h1")).to_have_text("Unlock an account after leave")
    expect(page.get_by_role("heading", name="Did this help?")).to_have_count(1)
    expect(page.locator(".md-header__inner .sop-ask-button")).to_have_count(1)
    with page.expect_response("**/api/v1/feedback") as stored:
        page.locator(".sop-helped").get_by_role("button", name="Yes").click()
    assert stored.value.request.post_data_json == {
        "page": "/sop/access/unlock-account-after-leave/",
        "article_id": "acc-002",
        "event": "resolved",
    }
    page.keyboard.press("Control+k")
    expect(page.locator("dialog")).to_have_count(1)


def test_going_back_shows_the_page_before(visit):
    """Back leads to the page before, with its own parts in working order."""
    page = visit("/")
    page.locator(".sop-home__areas").get_by_role("link", name="Reset a lost second factor").click()
    expect(page.get_by_role("heading", name="Did this help?")).to_be_visible()
    page.go_back()
    expect(page.locator(".sop-home__ask").get_by_role("textbox")).to_be_visible()
    expect(page.locator(".sop-home__ask").get_by_role("textbox")).to_have_count(1)
    page.go_forward()
    expect(page.get_by_role("heading", name="Did this help?")).to_have_count(1)


def test_search_asks_once_after_many_pages(visit):
    """Listeners do not pile up: after three pages a text is still one question."""
    page = visit("/")
    for name in ("Reset a lost second factor", "Unlock an account after leave"):
        page.goto("/")
        page.locator(".sop-home__areas").get_by_role("link", name=name).click()
        expect(page.locator("h1")).to_have_text(name)
    asked = []
    page.on("request", lambda one: asked.append(one.url) if "/api/v1/s" in one.url else None)
    page.locator("[data-md-component=search-query]").click()
    write(page, QUESTION)
    expect(page.get_by_role("region", name="Suggested articles")).to_be_visible()
    assert [re.sub("^.*/api", "/api", url) for url in asked] == ["/api/v1/search"]


def test_menu_leads_to_areas_and_articles(visit):
    """The menu has every area, and an area's page lists its articles with their summaries."""
    page = visit("/")
    page.get_by_role("navigation", name="Tabs").get_by_role("link", name="Procedures").click()
    page.goto("/sop/queues/")
    expect(page.locator("h1")).to_contain_text("Queues")
    entry = page.locator(".sop-area li").filter(has_text="Free and reassign a stuck task")
    expect(entry).to_contain_text("Release a task that is locked by a dead session")
    entry.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Free and reassign a stuck task")


def test_links_of_suggestions_lead_to_headings_that_are_there(visit, ask):
    """The anchor in a suggestion's address is the id of an element of that page."""
    page = visit("/")
    dialog = ask(page, "LR-4090 on an urgent one, the holder went home, how do i release it")
    links = dialog.locator(".sop-answers a").evaluate_all("(all) => all.map((one) => one.href)")
    assert any("#" in link for link in links)
    for link in links:
        page.goto(link)
        anchor = link.partition("#")[2]
        if anchor:
            found = page.evaluate("document.querySelectorAll(':target').length")
            assert (link, found) == (link, 1)


def test_edit_link_leads_to_the_file(visit):
    """The pencil on an article leads to its Markdown in the repository."""
    page = visit(ARTICLE)
    link = page.locator("a[rel=edit]")
    expect(link).to_have_attribute(
        "href", re.compile(r"/edit/main/sop/access/reset-second-factor\.md$")
    )
