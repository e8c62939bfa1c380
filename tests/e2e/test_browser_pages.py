"""Every page: what a browser, a screen reader and a search engine want in order."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from by_browser import write
from playwright.sync_api import expect

ARTICLE = "/sop/access/reset-second-factor/"
SHOWN_IN_BROWSER = 25


class Basics(HTMLParser):
    """Reads what every page must have."""

    def __init__(self, page: Path):
        super().__init__()
        self.language = None
        self.title = ""
        self.names = {}
        self.headings = []
        self.forbidden = []
        self.unlabelled = []
        self._inside = ""
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Note a tag's attributes."""
        values = dict(attrs)
        self._inside = tag
        if tag == "html":
            self.language = values.get("lang")
        elif tag == "meta" and "name" in values:
            self.names[values["name"]] = values.get("content")
        elif tag == "h1":
            self.headings.append(tag)
        elif tag == "img" and "alt" not in values:
            self.unlabelled.append(values.get("src"))
        self.forbidden += [name for name in values if name == "style" or name.startswith("on")]

    def handle_data(self, data):
        """Note the page's title."""
        if self._inside == "title" and not self.title:
            self.title = data.strip()


def pages_of(site):
    """Every page of a built site; an address that only leads on has no scripts."""
    return [
        page
        for page in sorted(site.rglob("*.html"))
        if 'http-equiv="refresh"' not in page.read_text(encoding="utf-8")
    ]


def address(page, site):
    """A page's address."""
    return "/" + page.relative_to(site).as_posix().removesuffix("index.html")


def test_every_page_has_language_title_description_and_one_heading(own_home):
    """Each page states its language, its own title, what it is about, its scale and one h1."""
    site = own_home / "site"
    wrong = {}
    titles = {}
    for page in pages_of(site):
        found = Basics(page)
        if page.name != "404.html":
            titles.setdefault(found.title, []).append(address(page, site))
        states = (found.language, bool(found.title), bool(found.names.get("description")))
        scale = found.names.get("viewport")
        if (*states, scale, len(found.headings)) != (
            *("en", True, True),
            "width=device-width,initial-scale=1",
            1,
        ):
            wrong[address(page, site)] = (*states, scale, len(found.headings))
    assert wrong == {}
    assert [places for places in titles.values() if len(places) > 1] == []


def test_no_page_has_inline_styles_handlers_or_unnamed_pictures(own_home):
    """Nothing in a page needs a laxer policy, and each picture says what it shows."""
    site = own_home / "site"
    found = {address(page, site): Basics(page) for page in pages_of(site)}
    assert {at: one.forbidden for at, one in found.items() if one.forbidden} == {}
    assert {at: one.unlabelled for at, one in found.items() if one.unlabelled} == {}


def test_every_page_opens_without_an_error(visit, own_home):
    """No page prints an error, asks another host, or wants what the policy forbids."""
    site = own_home / "site"
    addresses = [address(page, site) for page in pages_of(site)]
    step = -(-len(addresses) // SHOWN_IN_BROWSER)
    page = visit("/")
    for path in addresses[::step]:
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_article_and_ask_have_no_grave_finding(visit, ask, grave_findings, scheme):
    """axe-core finds nothing serious or critical on home, an article and Ask with an answer."""
    page = visit("/", color_scheme=scheme)
    home = grave_findings(page)
    page.goto(ARTICLE)
    expect(page.get_by_role("heading", name="Did this help?")).to_be_visible()
    article = grave_findings(page)
    ask(page, "new phone and now i cant get in")
    answered = grave_findings(page)
    ask(page, "how long must sourdough rest before baking")
    none = grave_findings(page)
    assert {"home": home, "article": article, "ask": answered, "none": none} == {
        "home": [],
        "article": [],
        "ask": [],
        "none": [],
    }


def test_overdue_article_and_search_have_no_grave_finding(visit, small_service, grave_findings):
    """Banner, placeholders, suggested articles and open forms are as accessible as the rest."""
    page = visit("/sop/desk/turbine/", at=small_service)
    expect(page.locator(".sop-review")).to_be_visible()
    page.get_by_role("button", name="No", exact=True).click()
    overdue = grave_findings(page)
    page.goto("/sop/desk/placeholders/")
    page.get_by_label("customer_id").fill("17")
    filled = grave_findings(page)
    page.locator("[data-md-component=search-query]").click()
    write(page, "turbine will not spin")
    expect(page.get_by_role("region", name="Suggested articles")).to_be_visible()
    assert {"overdue": overdue, "filled": filled, "search": grave_findings(page)} == {
        "overdue": [],
        "filled": [],
        "search": [],
    }


def test_wrong_address_is_a_page_with_the_menu(visit, guard):
    """An address that leads nowhere shows a page of the site, from which Ask works."""
    guard.allow_failed_requests("/sop/nowhere/")
    page = visit("/sop/nowhere/at/all/")
    expect(page.locator("h1")).to_contain_text("404")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog")).to_be_visible()


def test_site_without_scripts_shows_everything_that_is_text(visit):
    """Where scripts are off, card, steps, escalation and areas are there, and no empty shells."""
    page = visit(ARTICLE, java_script_enabled=False)
    expect(page.get_by_role("region", name="About this article")).to_contain_text("acc-001")
    expect(page.locator(".sop-escalation")).to_contain_text("#lantern-access")
    expect(page.get_by_role("button", name="Copy hand-off text")).to_be_hidden()
    expect(page.get_by_role("heading", name="Did this help?")).to_have_count(0)
    page.goto("/")
    link = page.locator(".sop-home__areas").get_by_role("link", name="Reset a lost second factor")
    expect(link).to_be_visible()
    expect(page.locator(".sop-home__ask")).to_be_hidden()
