"""The home page: where to ask, what is broken, what is new, what is used."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

LAB = "Labels stay unsent after the browser tab sleeps"


def with_articles(*articles):
    """Prepare a page whose list of articles is this one: number and day of the change."""
    listed = [
        {
            "id": f"art-{number:03d}",
            "title": f"Article {number}",
            "summary": "",
            "url": f"/sop/desk/{number}/",
            "area": "Desk",
            "type": "how-to",
            "updated": day and f"{day}T08:00:00+00:00",
        }
        for number, day in articles
    ]

    def prepare(page):
        page.route("**/assets/sop/articles.json", lambda route: route.fulfill(json=listed))

    return prepare


def test_question_on_the_home_page_is_asked_at_once(visit):
    """Enter in the box opens Ask with the text and shows the answer."""
    page = visit("/")
    page.locator(".sop-home__ask").get_by_role("textbox").fill("new phone and now i cant get in")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog.get_by_role("textbox").first).to_have_value("new phone and now i cant get in")
    expect(
        dialog.get_by_role("link", name="Reset a lost second factor", exact=True)
    ).to_be_visible()


def test_home_names_the_known_issues(visit):
    """What is broken now stands on the home page, with its workaround."""
    page = visit("/")
    issues = page.get_by_role("region", name="Known issues now")
    expect(issues.get_by_role("link", name=LAB)).to_be_visible()


@pytest.mark.parametrize(
    ("clock", "ended"), [("2026-11-30T12:00:00Z", True), ("2026-12-01T12:00:00Z", False)]
)
def test_tip_is_shown_until_its_end(visit, small_service, clock, ended):
    """A tip stays up on its last day and is gone on the next, without a new build."""
    page = visit("/", at=small_service, clock=clock)
    expect(page.locator(".sop-home__ask")).to_be_visible()
    tips = page.get_by_role("region", name="Tips")
    expect(tips.get_by_role("link", name="Tip of the future")).to_be_visible()
    expect(tips.get_by_text("Tip of the past")).to_be_visible(visible=ended)


def test_first_visit_shows_the_changes_of_two_weeks(visit):
    """Who comes for the first time sees what changed in 14 days, and reads why."""
    page = visit(
        "/",
        clock="2026-11-24T12:00:00Z",
        before=with_articles((1, "2026-11-09"), (2, "2026-11-12"), (3, "2026-11-20"), (4, None)),
    )
    changed = page.locator(".sop-home__changed")
    expect(changed.get_by_role("heading")).to_contain_text("14 days")
    expect(changed.get_by_role("link")).to_have_text(["Article 3", "Article 2"])
    expect(changed).to_contain_text("first visit")


def test_later_visit_shows_the_changes_since_the_last_one(visit):
    """Who was here before sees what changed since, newest first."""
    page = visit(
        "/",
        clock="2026-11-18T12:00:00Z",
        before=with_articles((1, "2026-11-17"), (2, "2026-11-19"), (3, "2026-11-20")),
    )
    changed = page.locator(".sop-home__changed")
    expect(changed.get_by_role("link")).to_have_text(["Article 3", "Article 2", "Article 1"])
    page.clock.set_fixed_time("2026-11-21T12:00:00Z")
    page.reload()
    expect(changed.get_by_role("heading")).to_have_text("Changed since your last visit")
    expect(changed.get_by_role("link")).to_have_text(["Article 3", "Article 2"])


def test_first_visit_knows_the_sites_own_articles(visit, own_service):
    """The list that the site itself publishes is read; every link in it leads to its page."""
    page = visit("/", at=own_service)
    listed = page.request.get("/assets/sop/articles.json").json()
    by_id = {one["id"]: one for one in listed}
    assert {"acc-001", "que-002", "lab-001", "tip-001"} <= by_id.keys()
    assert by_id["acc-001"] | {"updated": ""} == {
        "id": "acc-001",
        "title": "Reset a lost second factor",
        "summary": by_id["acc-001"]["summary"],
        "url": "/sop/access/reset-second-factor/",
        "area": "Access",
        "type": "how-to",
        "updated": "",
    }
    statuses = {one["url"]: page.request.head(one["url"]).status for one in listed}
    assert set(statuses.values()) == {200}


def test_most_used_articles_come_from_the_log(visit, own_service):
    """What helped is listed, most used first, from the service's own figures."""
    page = visit("/", at=own_service)
    expect(page.locator(".sop-home__ask")).to_be_visible()
    expect(page.locator(".sop-home__popular")).to_be_hidden()
    for article_id in ("que-002", "acc-001", "que-002"):
        stored = page.request.post(
            "/api/v1/feedback",
            headers={"Content-Type": "application/json"},
            data=json.dumps({"page": "/", "article_id": article_id, "event": "resolved"}),
        )
        assert stored.status == 201
    page.reload()
    used = page.get_by_role("region", name="Most used")
    expect(used.get_by_role("link")).to_have_text(
        ["Free and reassign a stuck task", "Reset a lost second factor"]
    )
    expect(used.get_by_role("listitem").first).to_contain_text("2 times")


def test_most_used_of_a_demo_says_so(visit):
    """Where the log holds demo data, the list's heading says that nobody used these."""
    used = {"id": "acc-001", "title": "Reset a lost second factor", "url": "/sop/x/", "count": 3}

    def answer(page):
        page.route(
            "**/api/v1/popular*",
            lambda route: route.fulfill(json={"articles": [used], "is_demo": True}),
        )

    page = visit("/", before=answer)
    expect(page.get_by_role("region", name="Most used (demo data)")).to_be_visible()
