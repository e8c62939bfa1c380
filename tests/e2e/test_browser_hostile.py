"""An article written to break out, and one that this site's readers must not see."""

from __future__ import annotations

import gzip

import pytest
from by_browser import HIDDEN_WORD, HOSTILE_QUESTION, HOSTILE_TITLE, write
from playwright.sync_api import expect

HOSTILE = "/sop/desk/hostile/"
# Of the page as it was sent: scripts may set styles, which the policy allows.
DANGEROUS = """async () => {
    const sent = await (await fetch(location.href)).text();
    const parsed = new DOMParser().parseFromString(sent, "text/html");
    return [...parsed.querySelectorAll("*")].flatMap((one) => [...one.attributes]
        .filter(({ name, value }) => /^(on.*|style|srcdoc|formaction)$/.test(name)
            || /^\\s*(javascript|data:text|https:..evil)/i.test(value))
        .map(({ name }) => `${one.tagName} ${name}`));
}"""


def text_of(locator):
    """An element's text as it stands in the document, blanks aside."""
    return " ".join(locator.text_content().split())


@pytest.fixture
def page(visit, small_service):
    """The small site's home page, on which nothing has run that should not."""
    page = visit("/", at=small_service)
    yield page
    assert page.evaluate("window.hit") is None


def test_hostile_article_is_shown_as_text(page):
    """Its title is text in the heading, its body does nothing, and its style styles nothing."""
    page.goto(HOSTILE)
    expect(page.get_by_role("heading", name="Did this help?")).to_be_visible()
    assert text_of(page.locator("h1")) == HOSTILE_TITLE
    expect(page.locator(".md-content")).to_be_visible()
    assert page.title().startswith(HOSTILE_TITLE[:40])
    assert page.evaluate(DANGEROUS) == []
    expect(page.locator(".md-content").locator("iframe, form[action], base, object")).to_have_count(
        0
    )


def test_hostile_article_does_nothing_when_it_is_touched(page):
    """Pointing at its parts and clicking on its links and buttons runs nothing."""
    page.goto(HOSTILE)
    expect(page.get_by_role("heading", name="Did this help?")).to_be_visible()
    body = page.locator(".md-content__inner")
    for text in (
        "Covered in marmalade",
        "Reach the quokka",
        "Reach it again",
        "Wipe it off",
        "More",
    ):
        part = body.get_by_text(text).first
        # Links whose address was taken away let the pointer through.
        part.hover(force=True)
        part.click(force=True)
    expect(page.locator("h1")).to_have_count(1)
    assert page.url.endswith(HOSTILE)


def test_hostile_title_is_text_wherever_it_is_listed(page):
    """Home, area, menu and tab show the title as it was written."""
    expect(page.locator(".sop-home__ask")).to_be_visible()
    listed = page.locator(".sop-home__areas").locator(f"a[href*='{HOSTILE.strip('/')}']")
    assert text_of(listed.first) == HOSTILE_TITLE
    issue = page.locator(".sop-home__issues a").first
    assert text_of(issue) == HOSTILE_TITLE
    page.goto("/sop/desk/")
    entry = page.locator(".sop-area a").filter(has_text="onerror")
    assert text_of(entry) == HOSTILE_TITLE
    menu = page.locator(".md-nav__link").filter(has_text="onerror")
    assert {text_of(one) for one in menu.all()} == {HOSTILE_TITLE}


def test_hostile_title_is_text_in_the_search(page):
    """Suggested articles and keyword results show the title as it was written."""
    field = page.locator("[data-md-component=search-query]")
    field.click()
    write(page, HOSTILE_QUESTION)
    link = page.get_by_role("region", name="Suggested articles").get_by_role("link").first
    expect(link).to_contain_text(HOSTILE_TITLE)
    field.press("Control+a")
    write(page, "marmalade harpsichord")
    found = page.locator(".md-search-result__item").first
    expect(found).to_be_visible()
    assert HOSTILE_TITLE in text_of(found)
    expect(page.locator(".md-search-result [onerror], .md-search-result script")).to_have_count(0)


def test_hostile_article_is_text_in_ask(page, ask):
    """Title, passage, sharing line, escalation and notice are shown as they were written."""
    dialog = ask(page, f"urgent: {HOSTILE_QUESTION}")
    article = dialog.locator(".sop-answers > li").first
    assert text_of(article.get_by_role("link").first) == HOSTILE_TITLE
    expect(article).to_contain_text("Sharing: <img src onerror=")
    expect(article).to_contain_text("<b onclick=")
    notices = dialog.get_by_role("region", name="Known issues")
    assert HOSTILE_TITLE in text_of(notices)
    expect(dialog.locator("img, script, [onclick], [onerror]")).to_have_count(0)


def test_hostile_question_is_text(visit, ask):
    """What somebody types is never HTML, in the search and in Ask, nor from the address."""
    typed = "<img src onerror='window.hit = 1'><script>window.hit = 1</script> queue"
    page = visit(f"/?q={typed}")
    field = page.locator("[data-md-component=search-query]")
    field.click()
    write(page, typed)
    results = page.locator(".md-search-result__item")
    expect(results.first).to_be_visible()
    expect(page.locator(".md-search-result").locator("img, script")).to_have_count(0)
    dialog = ask(page, typed)
    expect(dialog.locator("img, script")).to_have_count(0)
    assert page.evaluate("window.hit") is None


def test_hostile_tag_is_text(page):
    """A tag is shown as it was written."""
    page.goto(HOSTILE)
    expect(page.locator(".md-tag").first).to_contain_text("<img src onerror=")
    expect(page.locator(".md-tag img")).to_have_count(0)


def test_article_for_others_is_in_no_file_of_the_site(small_home):
    """An article of another audience leaves no word, address or list entry in the site."""
    traces = []
    for path in sorted((small_home / "site").rglob("*")):
        where = path.relative_to(small_home / "site").as_posix()
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            if HIDDEN_WORD.encode() in content.lower() or b"hid-001" in content:
                traces.append(where)
        if HIDDEN_WORD in where or "hidden" in where:
            traces.append(where)
    assert traces == []


def test_article_for_others_is_found_by_nobody(page, ask, guard):
    """Neither search nor Ask nor its addresses lead to it."""
    field = page.locator("[data-md-component=search-query]")
    field.click()
    with page.expect_response("**/api/v1/search") as answered:
        field.fill(f"where is the {HIDDEN_WORD}")
    assert "hid-001" not in answered.value.text()
    expect(page.locator(".md-search-result__item").filter(has_text=HIDDEN_WORD)).to_have_count(0)
    dialog = ask(page, f"where is the {HIDDEN_WORD}")
    expect(dialog.locator(".sop-ask__answer")).not_to_contain_text("protocol")
    for path in ("/sop/desk/hidden/", f"/old/{HIDDEN_WORD}/", "/api/v1/articles/hid-001"):
        assert (path, page.request.get(path).status) == (path, 404)
    known = page.request.get("/api/v1/articles/tur-001")
    assert known.status == 200
