"""Practice in a real browser: pick, see why, go on; by keyboard, on a phone, without a service."""

from __future__ import annotations

import json
import re

import pytest
from by_browser import HIDDEN_WORD, HOSTILE_TITLE
from playwright.sync_api import expect

WIDTHS = {"wide": 1280, "phone": 390}
SCHEMES = ("light", "dark")
CHOICES = ".sop-practice__choice"
VERDICT = ".sop-practice__verdict"


def practise(visit, path="/practice/?area=access&language=en", **options):
    """Open the page, with its first question shown."""
    page = visit(path, **options)
    expect(page.locator(CHOICES).last).to_be_visible()
    return page


def stored(page):
    """What the browser remembers."""
    return json.loads(page.evaluate("localStorage.getItem('sop.practice')"))


def test_pick_is_judged_and_the_next_question_comes(visit):
    """Right or wrong is said in words, with the article, its passage and a link that opens it."""
    page = practise(visit)
    tool = page.locator("[data-sop-practice]")
    expect(tool.get_by_role("status").first).to_contain_text("questions that articles state.")
    expect(page.locator(CHOICES)).to_have_count(6)
    expect(page.locator(CHOICES).last).to_contain_text("None of these")
    asked = page.locator(".sop-practice__question").inner_text()
    page.locator(CHOICES).first.click()
    verdict = page.locator(VERDICT)
    expect(verdict).to_be_focused()
    expect(verdict).to_have_text(re.compile(r"^[✓✗](Right|Not right)[.:]"))
    passage = page.locator(".sop-practice__passage").first
    expect(passage.get_by_role("link")).to_have_attribute("href", re.compile(r"/sop/\w+/.+"))
    expect(passage.locator("blockquote")).not_to_be_empty()
    page.get_by_role("button", name="Next question").click()
    expect(page.locator(".sop-practice__question")).not_to_have_text(asked)
    expect(page.get_by_role("heading", name="Question 2")).to_be_focused()
    expect(tool.get_by_role("row", name=re.compile("Access"))).to_be_visible()


def test_page_asks_for_an_answer_only_with_a_pick(visit):
    """Nothing that the page has loaded before a pick says which choice is right."""
    answers = []

    def listen(page):
        page.on("response", lambda got: answers.append(got) if "/practice" in got.url else None)

    page = practise(visit, before=listen)
    shown = [one.json() for one in answers if "/api/" in one.url]
    assert "choices" in shown[-1]
    assert "right" not in json.dumps([sorted(one) for one in shown])
    page.locator(CHOICES).first.click()
    expect(page.locator(VERDICT)).to_be_visible()
    assert "right" in answers[-1].json()


def test_keyboard_alone_is_enough(visit):
    """A digit picks and Enter goes on, again and again; nothing happens while somebody types."""
    page = practise(visit)
    for number in range(1, 4):
        expect(page.get_by_role("heading", name=f"Question {number}")).to_be_visible()
        page.keyboard.press(str(number))
        expect(page.locator(VERDICT)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(CHOICES).first).to_be_visible()
    assert stored(page)["turn"] == 3
    page.get_by_label("How").select_option("search")
    field = page.get_by_label("Search in your own words")
    field.press_sequentially("1")
    expect(page.locator(VERDICT)).to_have_count(0)
    assert stored(page)["turn"] == 3


def test_whoever_finds_it_alone_searches_in_own_words(visit):
    """Without choices the search gives some; what is picked there is judged alike."""
    page = practise(visit, "/practice/?area=access&language=en&mode=search")
    expect(page.locator(CHOICES)).to_have_count(1)
    expect(page.locator(CHOICES)).to_contain_text("No article covers this")
    page.get_by_label("Search in your own words").fill("lost second factor")
    expect(page.locator(CHOICES)).to_have_count(6)
    expect(page.locator(CHOICES).first).to_contain_text("Reset a lost second factor")
    page.locator(CHOICES).first.click()
    expect(page.locator(VERDICT)).to_be_focused()


def test_area_language_and_way_stand_in_the_address(visit):
    """A link leads to the same practice; choosing another one changes the address."""
    page = practise(visit, "/practice/?area=care&language=es")
    expect(page.get_by_label("Area")).to_have_value("care")
    expect(page.get_by_label("Language")).to_have_value("es")
    expect(page.locator(".sop-practice__question")).to_have_attribute("lang", "es")
    page.get_by_label("Area").select_option("")
    page.get_by_label("How").select_option("search")
    expect(page.get_by_label("Search in your own words")).to_be_visible()
    assert page.url.endswith("/practice/?language=es&mode=search")
    page = practise(visit, "/practice/")
    expect(page.get_by_label("Language")).to_have_value("en")


def test_scores_stay_in_the_browser_until_they_are_forgotten(visit):
    """They are there after a reload, and gone when somebody says so."""
    page = practise(visit)
    page.locator(CHOICES).last.click()
    expect(page.locator(VERDICT)).to_be_visible()
    kept = stored(page)
    assert (kept["turn"], list(kept["areas"])) == (1, ["access"])
    page.reload()
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    page.get_by_role("button", name="Forget my scores").click()
    page.get_by_role("button", name="Forget them now").click()
    expect(page.locator("[data-sop-practice]")).to_contain_text("Your scores are forgotten.")
    expect(page.locator("[data-sop-practice]")).to_contain_text("No try yet.")
    assert page.evaluate("localStorage.getItem('sop.practice')") is None


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_practice_has_no_grave_finding(visit, grave_findings, width, scheme):
    """Neither before nor after a pick, wide or on a phone, light or dark, and nothing scrolls."""
    page = practise(visit, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert grave_findings(page) == []
    page.keyboard.press("2")
    expect(page.locator(VERDICT)).to_be_visible()
    page.get_by_role("button", name="Forget my scores").click()
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_titles_that_want_to_break_out_are_text(visit, small_service, grave_findings):
    """What hostile articles say is shown as it is typed, and nothing of it runs."""
    page = practise(visit, "/practice/", at=small_service)
    seen = ""
    for _ in range(9):
        seen += page.locator("[data-sop-practice]").inner_text()
        page.locator(CHOICES).first.click()
        expect(page.locator(VERDICT)).to_be_visible()
        seen += page.locator("[data-sop-practice]").inner_text()
        page.keyboard.press("Enter")
        expect(page.locator(CHOICES).first).to_be_visible()
    assert HOSTILE_TITLE in seen
    assert HIDDEN_WORD not in seen
    assert page.evaluate("window.hit") is None
    assert grave_findings(page) == []


def test_service_that_is_away_is_said(visit, own_service, guard):
    """Before a pick and after it the page says so, and the pick can be made again."""
    page = practise(visit, at=own_service)
    guard.allow_failed_requests("/api/")
    own_service.stop()
    page.locator(CHOICES).first.click()
    expect(page.locator(".sop-practice__said")).to_have_text("The service cannot be reached.")
    expect(page.locator(CHOICES)).to_have_count(6)
    page.get_by_label("Area").select_option("care")
    expect(page.locator("[data-sop-practice]").get_by_role("status").first).to_have_text(
        "The service cannot be reached."
    )
    expect(page.locator(CHOICES)).to_have_count(0)
