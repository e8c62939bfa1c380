"""Redirects, the list of articles and the policy, as files beside the pages."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
from urllib.parse import urljoin

import pytest
from projects import Page, article_file, harmful, read_site

from indexer.pages import POLICY_FILE
from indexer.site.publish import write_article_list, write_policy, write_redirects


@pytest.fixture
def site_with(tmp_path, write_files):
    """Return a function that gives the articles of files, and the folder of their built pages.

    Each article's page is there with its name as its text; another page may be named.
    """

    def run(articles: dict[str, dict], *pages: str):
        files = {
            f"sop/{path}": article_file(number, **keys)
            for number, (path, keys) in enumerate(articles.items(), 1)
        }
        site = read_site(write_files(tmp_path, files))
        out = tmp_path / "out"
        for address in (*(site.url(article) for article in site.by_file.values()), *pages):
            write_files(out, {posixpath.join(address, "index.html"): f"page {address}"})
        return site, out

    return run


def files_of(folder):
    """Every file below a folder with its text."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def targets(html: str, address: str) -> set[str]:
    """The addresses that a redirect page leads to, as a browser at `address` reads them."""
    page = Page(html)
    (refresh,) = [e for e in page.all("meta") if e.attributes.get("http-equiv") == "refresh"]
    (link,) = page.all("a")
    (canonical,) = [e for e in page.all("link") if e.attributes["rel"] == "canonical"]
    found = (
        refresh.attributes["content"].partition("url=")[2],
        link.attributes["href"],
        canonical.attributes["href"],
    )
    return {urljoin(f"https://sop.example/kb/{address}", one) for one in found}


@pytest.mark.parametrize(
    ("old", "page"),
    [
        ("old", "old/"),
        ("old/", "old/"),
        ("/old/", "old/"),
        ("old.md", "old/"),
        ("sop/access/before", "sop/access/before/"),
        ("sop/access/before.md", "sop/access/before/"),
        ("sop/access/one/part", "sop/access/one/part/"),
        ("a/b/c/d/e", "a/b/c/d/e/"),
        ("a//b/./c", "a/b/c/"),
        ("a/../b", "b/"),
        ("what is this & that", "what is this & that/"),
        ("登录", "登录/"),
        ("..wrong/x", "..wrong/x/"),
    ],
)
def test_old_address_leads_to_the_new_page(site_with, old, page):
    """From every depth, also below another start than `/`, the page leads to the article."""
    site, out = site_with({"access/one.md": {"redirect_from": [old]}})
    write_redirects(out, site)
    html = (out / page / "index.html").read_text(encoding="utf-8")
    assert targets(html, page) == {"https://sop.example/kb/sop/access/one/"}


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("one.md", "sop/one/"),
        ("index.md", "sop/"),
        ("access/index.md", "sop/access/"),
        ("access/deep/er/one.md", "sop/access/deep/er/one/"),
    ],
)
def test_redirect_knows_the_address_of_every_kind_of_page(site_with, path, address):
    """An area's own page is reached as well as an article far below."""
    site, out = site_with({path: {"redirect_from": ["was/here"]}})
    write_redirects(out, site)
    html = (out / "was/here/index.html").read_text(encoding="utf-8")
    assert targets(html, "was/here/") == {f"https://sop.example/kb/{address}"}


@pytest.mark.parametrize("old", ["sop/old/index.md", "sop/old/README.md"])
def test_old_index_leads_from_the_address_it_had(site_with, old):
    """The file of an area had its folder's address, and that is what people kept."""
    site, out = site_with({"access/one.md": {"redirect_from": [old]}})
    write_redirects(out, site)
    html = (out / "sop/old/index.html").read_text(encoding="utf-8")
    assert targets(html, "sop/old/") == {"https://sop.example/kb/sop/access/one/"}


@pytest.mark.parametrize(("name", "escaped"), [("c#", "c%23"), ("50%", "50%25"), ("x?", "x%3F")])
def test_redirect_to_an_odd_name_is_an_address(site_with, name, escaped):
    """A file's name is made an address, so that `#`, `?` and `%` in it lead to its page."""
    site, out = site_with({f"access/{name}.md": {"redirect_from": ["old"]}})
    write_redirects(out, site)
    html = (out / "old/index.html").read_text(encoding="utf-8")
    assert targets(html, "old/") == {f"https://sop.example/kb/sop/access/{escaped}/"}


@pytest.mark.parametrize(
    "old",
    ["..", "../", "../x", "../../x", "a/../../x", "/../x", "./../x", "//../..//x", "../out2/x"],
)
def test_redirect_never_leaves_the_site(site_with, tmp_path, caplog, old):
    """An address that leads out of the folder writes nothing anywhere and is named."""
    site, out = site_with({"access/one.md": {"redirect_from": [old]}})
    before = files_of(tmp_path)
    write_redirects(out, site)
    assert files_of(tmp_path) == before
    assert [r.getMessage() for r in caplog.records] == [
        f"sop/access/one.md: redirect_from: {old} leads out of the site"
    ]


@pytest.mark.parametrize("old", ["/etc/passwd", "//host/x", "https://evil.example/x", "C:\\x"])
def test_absolute_address_stays_in_the_site(site_with, tmp_path, old):
    """What looks absolute is an address below the site, or nothing."""
    site, out = site_with({"access/one.md": {"redirect_from": [old]}})
    before = files_of(tmp_path)
    write_redirects(out, site)
    added = set(files_of(tmp_path)) - set(before)
    assert all(name.startswith("out/") for name in added)


@pytest.mark.parametrize("old", ["\x00", "a\x00b", "x" * 300, "a\nb", "?", "#", "%2e%2e/x", "*"])
def test_odd_address_is_no_crash(site_with, tmp_path, old):
    """An address that is no file's name does not end the build, and harms no page."""
    site, out = site_with({"access/one.md": {"redirect_from": [old, "old"]}})
    before = files_of(tmp_path)
    write_redirects(out, site)
    after = files_of(tmp_path)
    assert {name: after[name] for name in before} == before
    assert "out/old/index.html" in after


@pytest.mark.parametrize("old", ["sop/two", "/sop/two/", "sop/two.md", "guide", "/", "."])
def test_redirect_never_overwrites_a_page(site_with, caplog, old):
    """A page that is there stays as it is, and the claim on its address is named."""
    site, out = site_with({"one.md": {"redirect_from": [old]}, "two.md": {}}, "guide/", "")
    before = files_of(out)
    write_redirects(out, site)
    assert files_of(out) == before
    assert [r.getMessage() for r in caplog.records] == [
        f"sop/one.md: redirect_from: {old} is a page"
    ]


@pytest.mark.parametrize(
    "old",
    ["sitemap.xml", "search/search_index.json", "sop/two/index.html", "404.html", "robots.txt/x"],
)
def test_redirect_never_takes_a_files_address(site_with, write_files, caplog, old):
    """An address that is another file of the site is named as taken, and ends no build."""
    site, out = site_with({"one.md": {"redirect_from": [old]}, "two.md": {}})
    names = ("sitemap.xml", "search/search_index.json", "404.html", "robots.txt")
    write_files(out, dict.fromkeys(names, "a file"))
    before = files_of(out)
    write_redirects(out, site)
    assert files_of(out) == before
    assert [old in r.getMessage() for r in caplog.records] == [True]


@pytest.mark.parametrize("old", [POLICY_FILE, "assets/sop/articles.json"])
def test_redirect_never_takes_the_place_of_what_is_written_after_it(site_with, old):
    """The policy and the list of articles are written, whatever address an article claims."""
    site, out = site_with({"one.md": {"redirect_from": [old]}})
    write_redirects(out, site)
    write_article_list(out, [])
    write_policy(out)
    assert (out / POLICY_FILE).is_file()
    assert (out / "assets/sop/articles.json").read_text(encoding="utf-8") == "[]"


def test_of_two_claims_the_first_in_path_order_counts(site_with, caplog):
    """Two articles that claim one address: the first has it, the second is named."""
    site, out = site_with({"b.md": {"redirect_from": ["old"]}, "a.md": {"redirect_from": ["old/"]}})
    write_redirects(out, site)
    html = (out / "old/index.html").read_text(encoding="utf-8")
    assert targets(html, "old/") == {"https://sop.example/kb/sop/a/"}
    assert [r.getMessage() for r in caplog.records] == [
        "sop/b.md: redirect_from: old is a page",
    ]


def test_article_may_have_had_several_addresses(site_with):
    """Each old address leads to the article; articles without one write nothing."""
    site, out = site_with({"one.md": {"redirect_from": ["a", "b/c"]}, "two.md": {}})
    before = set(files_of(out))
    write_redirects(out, site)
    assert set(files_of(out)) - before == {"a/index.html", "b/c/index.html"}


@pytest.mark.parametrize("audience", [["leads"], ["internal"]])
def test_redirects_are_those_of_visible_articles(site_with, audience):
    """An article that has no page here has no redirect either, so its address stays unknown."""
    site, out = site_with(
        {
            "one.md": {"redirect_from": ["secret/plan"], "audience": audience},
            "two.md": {"redirect_from": ["draft"], "status": "draft"},
            "three.md": {"redirect_from": ["gone"], "status": "archived"},
            "four.md": {"redirect_from": ["four-before"], "status": "deprecated"},
        }
    )
    write_redirects(out, site)
    assert (out / "four-before/index.html").is_file()
    assert (out / "secret").exists() == (audience == ["internal"])
    assert not (out / "draft").exists()
    assert not (out / "gone").exists()


def test_title_of_a_redirect_is_text(site_with):
    """A title with markup or braces is shown as written and runs nothing."""
    title = "</title><script>x()</script> {target} \"'&"
    site, out = site_with({"one.md": {"redirect_from": ["old"], "title": title}})
    write_redirects(out, site)
    html = (out / "old/index.html").read_text(encoding="utf-8")
    assert [one for one in harmful(html) if "meta" not in one and "link" not in one] == []
    assert "<script" not in html
    (link,) = Page(html).all("a")
    assert link.text == title


def test_list_of_articles_is_json_as_it_was_given(tmp_path):
    """Scripts read the same values, in the same order, in any language."""
    articles = [{"id": "b", "title": "登录 </script>", "type": None}, {"id": "a", "title": "A"}]
    write_article_list(tmp_path, articles)
    path = tmp_path / "assets/sop/articles.json"
    assert json.loads(path.read_text(encoding="utf-8")) == articles


def directives(folder) -> dict[str, list[str]]:
    """The written policy, as a browser takes it apart."""
    text = (folder / POLICY_FILE).read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return {part.split()[0]: part.split()[1:] for part in text.split(";")}


def sha256(script: str) -> str:
    """The source expression of a script, by the specification."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def test_policy_holds_exactly_the_inline_scripts(tmp_path, write_files):
    """Inline scripts of all pages are allowed by hash; data and files with an address are not."""
    write_files(
        tmp_path,
        {
            "index.html": "<script>one()</script><p>x</p><script>\n two( '<b>' )\n</script>",
            "a/index.html": (
                '<script type="module">three()</script><script>one()</script>'
                '<script src="a.js"></script><script type="text/javascript">四()</script>'
                '<script type="application/json" id="j">{"a": 1}</script>'
                '<script type="application/ld+json">{"b": 1}</script>'
            ),
            "404.html": "<SCRIPT>five && six</SCRIPT><style>p{}</style><!-- <script>n</script> -->",
            "a.js": "seven()",
            "b.txt": "<script>eight()</script>",
        },
    )
    write_policy(tmp_path)
    scripts = ("one()", "\n two( '<b>' )\n", "three()", "四()", "five && six")
    assert directives(tmp_path)["script-src"] == ["'self'", *sorted(map(sha256, scripts))]


def test_policy_allows_nothing_else(tmp_path):
    """Everything comes from the site itself, pictures may be inline, and no page is framed."""
    write_policy(tmp_path)
    assert directives(tmp_path) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }


def test_policy_does_not_depend_on_the_order_of_pages(tmp_path, write_files):
    """The same scripts in other pages give the same policy, so that builds compare equal."""
    pages = {"z/index.html": "<script>a()</script>", "b/index.html": "<script>b()</script>"}
    one = write_files(tmp_path / "one", pages)
    two = write_files(
        tmp_path / "two", dict(zip(pages, reversed(list(pages.values())), strict=True))
    )
    for folder in (one, two):
        write_policy(folder)
    assert (one / POLICY_FILE).read_bytes() == (two / POLICY_FILE).read_bytes()
