"""The Ask dialog: a question or a whole ticket in, articles or a plain "none" out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

QUESTION = "new phone and now i cant get in"
FOUND = "Reset a lost second factor"
FOUND_AT = "/sop/access/reset-second-factor/"
UNANSWERABLE = "how long must sourdough rest before baking"
PLANTED = "zanzibar4711"


def suggest_requests(page):
    """A list that grows with every question."""
    asked = []
    page.on(
        "request",
        lambda one: (
            asked.append(one.post_data_json) if one.url.endswith("/api/v1/suggest") else None
        ),
    )
    return asked


def feedback_of(page, act):
    """What an act sends as feedback, once it is stored."""
    with page.expect_response("**/api/v1/feedback") as answered:
        act()
    assert answered.value.status == 201
    return answered.value.request.post_data_json


def first_answer(dialog):
    """The first article in the dialog."""
    return dialog.locator(".sop-answers > li").first


def test_ask_shows_the_article_that_answers(visit, ask):
    """Title, heading, passage with the question's words marked, and confidence are shown."""
    page = visit("/")
    asked = suggest_requests(page)
    dialog = ask(page, QUESTION)
    article = first_answer(dialog)
    link = article.get_by_role("link", name=FOUND, exact=True)
    expect(link).to_be_visible()
    assert link.evaluate("(one) => new URL(one.href).pathname") == FOUND_AT
    expect(article.get_by_role("heading", level=3)).to_have_text(FOUND)
    expect(article).to_contain_text(re.compile(r"(likely|possible), \d{1,2} %"))
    expect(article.locator("mark").first).to_have_text(re.compile(r"\w"))
    expect(article).to_contain_text("Do not pass on the enrolment pass")
    expect(dialog.get_by_role("status").first).to_have_text(re.compile(r"^\d articles?$"))
    assert [(one["query"], one["channel"]) for one in asked] == [(QUESTION, "site")]


def test_ask_names_the_known_issues_of_the_moment(visit, ask):
    """A known issue that is not resolved stands above the articles."""
    page = visit("/")
    dialog = ask(page, QUESTION)
    notices = dialog.get_by_role("region", name="Known issues")
    expect(notices.get_by_role("link").first).to_be_visible()
    titles = notices.get_by_role("link").all_inner_texts()
    assert "Labels stay unsent after the browser tab sleeps" in titles
    above = notices.bounding_box()["y"] < first_answer(dialog).bounding_box()["y"]
    assert above


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "Locked out\nSince this morning.\nPlease help.",
            {"subject": "Locked out", "description": "Since this morning.\nPlease help."},
        ),
        (
            "<div><p>My phone is lost.</p><br></div>",
            {"description": "<div><p>My phone is lost.</p><br></div>", "format": "html"},
        ),
        ("  is a < b?  ", {"query": "is a < b?"}),
    ],
)
def test_ask_sends_a_ticket_as_a_ticket(visit, ask, text, fields):
    """The first of many lines is the subject, HTML is said to be HTML, one line is a question."""
    page = visit("/")
    asked = suggest_requests(page)
    ask(page, text)
    sent = {name: asked[0][name] for name in fields}
    assert sent == fields
    assert {"query", "subject", "description"} & asked[0].keys() == fields.keys() - {"format"}


def test_ask_says_plainly_that_no_article_covers_it(visit, ask):
    """Nothing is shown for a question that no article answers; the gap can be reported."""
    page = visit("/")
    with page.expect_response("**/api/v1/suggest") as answered:
        dialog = ask(page, UNANSWERABLE)
    answer = answered.value.json()
    expect(dialog.get_by_role("status").first).to_contain_text("No article covers this.")
    expect(dialog).to_contain_text(answer["reason"])
    expect(dialog.locator(".sop-answers > li")).to_have_count(0)
    dialog.get_by_role("button", name="Report the gap").click()
    dialog.get_by_label(re.compile("What would the article have to say")).fill("Bread, please.")
    sent = feedback_of(page, dialog.get_by_role("button", name="Send the report").click)
    assert sent == {"event": "gap", "query_id": answer["query_id"], "comment": "Bread, please."}
    expect(dialog).to_contain_text("The gap is reported.")


def test_ask_shows_the_nearest_when_it_is_told_to(visit, ask):
    """What is nearest is shown on demand, and called unlikely."""
    page = visit("/")
    dialog = ask(page, UNANSWERABLE)
    asked = suggest_requests(page)
    dialog.get_by_role("button", name="Show the nearest anyway").click()
    expect(first_answer(dialog)).to_contain_text(re.compile(r"unlikely, \d+ %"))
    assert [one["include_unlikely"] for one in asked] == [True]
    expect(dialog.get_by_role("status").first).to_contain_text("No article covers this.")
    expect(dialog.get_by_role("button", name="Show the nearest anyway")).to_have_count(0)


def test_ask_shows_whom_to_call_when_the_text_says_urgent(visit, ask):
    """A sev3 article shows its escalation for an urgent ticket, and for no other."""
    page = visit("/")
    dialog = ask(page, QUESTION)
    expect(first_answer(dialog)).not_to_contain_text("Escalate (sev3)")
    ask(page, f"URGENT: {QUESTION}")
    article = first_answer(dialog)
    expect(article).to_contain_text("Escalate (sev3)")
    expect(article).to_contain_text("#lantern-access")
    expect(article).to_contain_text("after 30 minutes")
    expect(article.get_by_role("listitem").first).to_have_text("user_id, work name and region")


def test_ask_shows_whom_to_call_for_a_grave_article(visit, ask):
    """An article of sev2 shows its escalation whatever the text says."""
    page = visit("/")
    dialog = ask(page, "i get no work since lunch")
    article = dialog.locator(".sop-answers > li").filter(has_text="que-001")
    expect(article).to_contain_text("Escalate (sev2)")
    expect(article).to_contain_text("queue, region and language")


def test_copy_as_reply_copies_title_and_link_and_says_so(visit, ask):
    """The clipboard holds the article's title, id and absolute link; the service learns of it."""
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    dialog = ask(page, QUESTION)
    article = first_answer(dialog)
    sent = feedback_of(page, article.get_by_role("button", name="Copy as reply").click)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert (sent["event"], sent["article_id"]) == ("linked", "acc-001")
    assert f"{FOUND} (acc-001)" in copied
    assert re.search(r"http://127\.0\.0\.1:\d+/sop/access/reset-second-factor/", copied)
    assert "enrolment pass" not in copied
    expect(article.get_by_role("status").first).to_contain_text("Copied")


def test_copy_as_reply_works_without_a_clipboard_api(visit, ask):
    """Without TLS there is no clipboard API: the text is copied by selection."""
    hide = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    page = visit("/", before=lambda page: page.add_init_script(hide))
    dialog = ask(page, QUESTION)
    sent = feedback_of(page, first_answer(dialog).get_by_role("button", name="Copy as reply").click)
    assert sent["event"] == "linked"
    dialog.get_by_role("textbox").first.fill("")
    dialog.get_by_role("textbox").first.press("Control+v")
    expect(dialog.get_by_role("textbox").first).to_have_value(
        re.compile(r"^Reset a lost .*\(acc-001\)")
    )


def test_rejected_article_is_noted_with_its_reason(visit, ask):
    """Not this one: the reason goes to the service, the article folds, the focus goes on."""
    page = visit("/")
    dialog = ask(page, QUESTION)
    article = first_answer(dialog)
    article.get_by_role("button", name="Not this one").click()
    article.get_by_label("Why not?").select_option("Out of date or wrong")
    sent = feedback_of(page, article.get_by_role("button", name="Send", exact=True).click)
    assert (sent["event"], sent["article_id"], sent["reason"]) == (
        "rejected",
        "acc-001",
        "outdated",
    )
    assert re.fullmatch("[0-9a-f]{32}", sent["query_id"])
    expect(article).to_have_text(f"Not this one: {FOUND}")
    assert dialog.evaluate("(one) => one.contains(document.activeElement)")


def test_feedback_that_is_not_stored_says_so_and_keeps_the_form(visit, ask, guard):
    """A rejection that the service cannot store is not shown as done."""
    guard.allow_failed_requests("/api/v1/feedback")
    page = visit("/")
    dialog = ask(page, QUESTION)
    page.route("**/api/v1/feedback", lambda route: route.fulfill(status=503, body="{}"))
    article = first_answer(dialog)
    article.get_by_role("button", name="Not this one").click()
    article.get_by_label("Why not?").select_option("not_related")
    article.get_by_role("button", name="Send", exact=True).click()
    expect(article).to_contain_text("Not sent")
    expect(article.get_by_label("Why not?")).to_have_value("not_related")


def test_opened_article_is_noted_as_viewed(visit, ask):
    """A click on a title opens the article in the same tab, and the service learns of it."""
    page = visit("/")
    dialog = ask(page, QUESTION)
    with page.context.expect_event("request", lambda one: one.url.endswith("/feedback")) as noted:
        first_answer(dialog).get_by_role("link", name=FOUND, exact=True).click()
    expect(page.locator("h1")).to_have_text(FOUND)
    sent = noted.value.post_data_json
    assert (sent["event"], sent["article_id"]) == ("viewed", "acc-001")
    expect(page.locator("dialog")).to_be_hidden()


def test_ask_refuses_an_empty_and_an_endless_text_without_asking(visit):
    """Nothing and more than 20,000 characters are no question; what is too much is said."""
    page = visit("/")
    asked = suggest_requests(page)
    page.keyboard.press("Control+k")
    dialog = page.locator("dialog")
    status = dialog.get_by_role("status").first
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(status).to_have_text("Write a question first.")
    dialog.get_by_role("textbox").first.fill("x " * 10_001)
    dialog.get_by_role("textbox").first.press("Control+Enter")
    expect(status).to_contain_text("20,000")
    assert asked == []


def test_draft_outlives_closing_and_is_stored_nowhere(visit):
    """A text that was not sent is there when the dialog opens again, and in no storage."""
    page = visit("/")
    page.keyboard.press("Control+k")
    page.keyboard.type(PLANTED)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    page.keyboard.press("Control+k")
    expect(page.locator("dialog").get_by_role("textbox").first).to_have_value(PLANTED)
    assert PLANTED not in kept + page.url
    page.reload()
    page.keyboard.press("Control+k")
    expect(page.locator("dialog").get_by_role("textbox").first).to_have_value("")


def test_answer_with_a_dangerous_link_cannot_be_followed(visit, ask):
    """A suggestion whose address would run a script is text, not a link."""
    title = "<img src onerror='window.hit = 1'>"
    page = visit("/")

    def poison(route):
        answer = route.fetch().json()
        answer["suggestions"][0] |= {"url": "javascript:window.hit=1", "title": title}
        answer["suggestions"][0]["highlights"] = [{"type": "match", "text": title}]
        route.fulfill(json=answer)

    page.route("**/api/v1/suggest", poison)
    dialog = ask(page, QUESTION)
    article = first_answer(dialog)
    expect(article.get_by_role("heading")).to_have_text(title)
    expect(article.locator("mark")).to_have_text(title)
    expect(article.get_by_role("link")).to_have_count(0)
    assert page.evaluate("window.hit") is None
