"""Page addresses and links that are checked against a built site."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from mkdocs.structure.files import File

from indexer.article import parse_article
from indexer.chunking import Chunk
from indexer.pages import PageLinks, page_url


@pytest.mark.parametrize(
    ("path", "prefix", "url"),
    [
        ("a/b.md", "sop", "sop/a/b/"),
        ("a/b.md", "", "a/b/"),
        ("index.md", "", ""),
        ("index.md", "sop", "sop/"),
        ("a/README.md", "sop", "sop/a/"),
        ("a/readme.md", "sop", "sop/a/readme/"),
        ("a/b.markdown", "x/y", "x/y/a/b/"),
        ("a/b.html.md.erb", "", "a/b.html"),
        ("登录/失败.md", "", "登录/失败/"),
    ],
)
def test_page_url_is_the_page_below_the_root(path, prefix, url):
    """Addresses end in a slash or in .html and start without a slash."""
    assert page_url(path, prefix) == url


@pytest.mark.parametrize(
    "path",
    [
        "a.md",
        "a/b.md",
        "index.md",
        "a/index.md",
        "README.md",
        "a/readme.md",
        "a b.md",
        "a.b.md",
        "登.md",
    ],
)
def test_page_url_is_that_of_mkdocs(path):
    """The address is the one that MkDocs gives the same file."""
    file = File(path, src_dir="docs", dest_dir="site", use_directory_urls=True)
    assert page_url(path).rstrip("/") == unquote(file.url).removeprefix("./").rstrip("/")


def chunk(article_id: str, ordinal: int, anchor: str | None) -> Chunk:
    """Return a chunk with an anchor."""
    return Chunk(article_id, ordinal, ("T",), anchor, 1, 1, "text")


def test_links_without_a_site_are_taken_on_trust():
    """Without a site, every article has its address and every chunk its anchor."""
    links = PageLinks([parse_article("a.md", b"x")], [chunk("a", 0, "h")], "sop", None)
    assert (links.urls, links.chunks, links.missing) == ({"a": "sop/a/"}, [chunk("a", 0, "h")], ())


@pytest.mark.parametrize(
    "mark", ['<h2 id="h">', "<h2 id='h'>", "<h2 class=x id=h>", '<a id = "h"/>']
)
def test_links_find_ids_however_they_are_written(tmp_path, write_files, mark):
    """An id counts in double, single or no quotes."""
    write_files(tmp_path, {"sop/a/index.html": mark})
    links = PageLinks([parse_article("a.md", b"x")], [chunk("a", 0, "h")], "sop", tmp_path)
    assert (links.chunks[0].anchor, links.missing) == ("h", ())


def test_links_unescape_ids(tmp_path, write_files):
    """An id with character references is compared by its characters."""
    write_files(tmp_path, {"a/index.html": '<h2 id="a&amp;b">'})
    links = PageLinks([parse_article("a.md", b"x")], [chunk("a", 0, "a&b")], "", tmp_path)
    assert links.chunks[0].anchor == "a&b"


def test_links_to_nothing_are_dropped_and_named(tmp_path, write_files):
    """A missing page takes the address and the anchors, a missing heading only its anchor."""
    write_files(tmp_path, {"sop/a/index.html": '<h2 id="there">', "sop/c.html": "<p id=x>"})
    articles = [parse_article(path, b"x") for path in ("a.md", "b.md", "c.html.md")]
    chunks = [
        chunk("a", 0, None),
        chunk("a", 1, "there"),
        chunk("a", 2, "gone"),
        chunk("b", 0, "any"),
        chunk("c.html", 0, "x"),
    ]
    links = PageLinks(articles, chunks, "sop", tmp_path)
    assert links.urls == {"a": "sop/a/", "b": None, "c.html": "sop/c.html"}
    assert [one.anchor for one in links.chunks] == [None, "there", None, None, "x"]
    assert [one.id for one in links.chunks] == [one.id for one in chunks]
    assert links.missing == ("b: the site has no page sop/b/", "a#2: its page has no heading #gone")
