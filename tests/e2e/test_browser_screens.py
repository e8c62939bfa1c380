"""Narrow screens, dark rooms, large letters."""

from __future__ import annotations

import pytest
from by_browser import write
from playwright.sync_api import expect

ARTICLE = "/sop/access/reset-second-factor/"
QUESTION = "new phone and now i cant get in"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("path", ["/", ARTICLE, "/sop/queues/queue-empty-although-tasks-exist/"])
def test_narrow_screen_needs_no_sideways_scrolling(visit, path, width):
    """Pages fit into the width of a phone; wide tables and code scroll inside themselves."""
    page = visit(path, viewport={"width": width, "height": 700})
    assert page.evaluate(OVERFLOW) <= 0


def test_ask_fills_a_phone(visit):
    """On a phone the button is there, the dialog takes the screen, and the answer is in sight."""
    page = visit("/", **PHONE)
    page.locator(".md-header__inner").get_by_role("button", name="Ask", exact=True).tap()
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    box = dialog.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    dialog.get_by_role("textbox").first.fill(QUESTION)
    dialog.get_by_role("button", name="Ask", exact=True).tap()
    expect(dialog.get_by_role("status").first).to_be_in_viewport()
    expect(dialog.get_by_role("link", name="Reset a lost second factor")).to_be_visible()
    wide = dialog.evaluate("(one) => one.scrollWidth - one.clientWidth")
    assert wide <= 0
    dialog.get_by_role("button", name="Close").tap()
    expect(dialog).to_be_hidden()


def test_buttons_on_a_phone_are_large_enough_for_a_finger(visit, ask):
    """What is to be tapped in Ask is at least 24 pixels high and wide (WCAG 2.2, 2.5.8)."""
    page = visit("/", **PHONE)
    dialog = ask(page, QUESTION)
    sizes = dialog.get_by_role("button").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility()).map((one) => "
        "[one.textContent, one.getBoundingClientRect().width, one.getBoundingClientRect().height])"
    )
    assert len(sizes) > 3
    assert [one for one in sizes if one[1] < 24 or one[2] < 24] == []


def test_search_on_a_phone_shows_suggestions(visit):
    """The search opens from its icon and has the suggested articles too."""
    page = visit("/", **PHONE)
    page.locator(".md-header label[for=__search]").first.tap()
    field = page.locator("[data-md-component=search-query]")
    expect(field).to_be_focused()
    write(page, QUESTION)
    first = page.get_by_role("region", name="Suggested articles").get_by_role("link").first
    expect(first).to_contain_text("Reset a lost second factor")
    first.tap()
    expect(page.locator("h1")).to_have_text("Reset a lost second factor")


def test_dark_scheme_follows_the_system(visit):
    """Who has chosen dark in the system gets dark pages and a dark dialog."""
    page = visit("/", color_scheme="dark")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.keyboard.press("Control+k")
    dialog = page.locator("dialog")
    brightness = dialog.evaluate(
        "(one) => Math.max(...getComputedStyle(one).backgroundColor.match(/[\\d.]+/g)"
        ".slice(0, 3).map(Number))"
    )
    assert brightness < 90


def test_chosen_scheme_stays_on_the_next_page(visit):
    """The switch in the header changes the scheme, and the next page keeps it."""
    page = visit("/", color_scheme="light")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")
    page.locator("label[title=Dark]").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.goto(ARTICLE)
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_nothing_moves_for_people_who_want_no_motion(visit):
    """With reduced motion our own parts neither fade nor slide."""
    page = visit("/", reduced_motion="reduce")
    page.keyboard.press("Control+k")
    moving = page.locator("dialog").evaluate(
        "(one) => [one, ...one.querySelectorAll('*')].map((part) => getComputedStyle(part))"
        ".filter((s) => Math.max(...(s.transitionDuration + ', ' + s.animationDuration)"
        ".split(', ').map(parseFloat)) > 0.01).length"
    )
    assert moving == 0


def test_forced_colours_keep_borders_and_marks(visit, ask):
    """Where the system sets the colours, fields and buttons are still outlined."""
    page = visit("/", forced_colors="active")
    dialog = ask(page, QUESTION)
    borders = dialog.locator("button:visible, textarea:visible").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).borderTopWidth)"
    )
    assert borders
    assert "0px" not in borders
