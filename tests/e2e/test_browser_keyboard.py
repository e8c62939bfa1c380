"""Everything by keys: opening, asking, leaving, and never losing the place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

QUESTION = "new phone and now i cant get in"
FOUND = "Reset a lost second factor"
ARTICLE = "/sop/access/reset-second-factor/"


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k"])
def test_shortcut_opens_ask_and_escape_gives_the_focus_back(visit, keys):
    """The keys open the dialog with the field focused; Escape leads back to where one was."""
    page = visit(ARTICLE)
    link = page.locator(".sop-related").get_by_role("link").first
    link.focus()
    page.keyboard.press(keys)
    dialog = page.locator("dialog")
    expect(dialog.get_by_role("textbox").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()


def test_ask_is_used_by_keys_alone(visit):
    """Keys open, ask, reach the first article and open it."""
    page = visit("/")
    page.keyboard.press("Control+k")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Control+Enter")
    dialog = page.locator("dialog")
    link = dialog.get_by_role("link", name=FOUND, exact=True)
    expect(link).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if link.evaluate("(one) => one === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(FOUND)


def test_enter_makes_a_new_line_in_ask(visit):
    """Enter alone asks nothing: a ticket has lines."""
    page = visit("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    dialog = page.locator("dialog")
    expect(dialog.get_by_role("textbox").first).to_have_value("one\ntwo")
    expect(dialog.get_by_role("status").first).to_have_text("")


def test_focus_stays_in_the_dialog(visit):
    """Tab goes round in the open dialog and never into the page behind."""
    page = visit("/")
    page.keyboard.press("Control+k")
    behind = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
    for key in ("Tab",) * 8 + ("Shift+Tab",) * 8:
        page.keyboard.press(key)
        assert not page.evaluate(behind)


def test_single_keys_of_the_theme_do_nothing_in_the_dialog(visit, ask):
    """Material turns pages with n and p; not while somebody is in the dialog."""
    page = visit(ARTICLE)
    dialog = ask(page, QUESTION)
    dialog.get_by_role("button", name="Copy as reply").first.focus()
    for key in ("n", "p", "s", "/", "."):
        page.keyboard.press(key)
    expect(dialog).to_be_visible()
    expect(page).to_have_url(re.compile(f"{ARTICLE}$"))


def test_shortcut_leaves_the_search_for_ask(visit):
    """In the open search the keys lead to Ask, and the search closes."""
    page = visit("/")
    page.keyboard.press("/")
    expect(page.locator("[data-md-component=search-query]")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("dialog").get_by_role("textbox").first).to_be_focused()
    assert page.locator("#__search").is_checked() is False


def test_first_tab_leads_to_the_skip_link(visit):
    """The first Tab on an article reaches a link that skips the header."""
    page = visit(ARTICLE)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile("Skip to content"))


def test_focus_can_be_seen(visit):
    """What has the focus is outlined, in the header and in the dialog."""
    page = visit("/")
    outlines = []
    page.keyboard.press("Control+k")
    dialog = page.locator("dialog")
    for _ in range(3):
        page.keyboard.press("Tab")
        focused = page.locator(":focus-visible")
        if focused.count():
            outlines.append(
                focused.evaluate(
                    "(one) => ((s) => s.outlineStyle !== 'none' || s.boxShadow !== 'none')"
                    "(getComputedStyle(one))"
                )
            )
    expect(dialog).to_be_visible()
    assert outlines
    assert all(outlines)
