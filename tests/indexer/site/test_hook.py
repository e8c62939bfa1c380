"""The MkDocs hook, in real builds."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.chunking import chunk_article
from indexer.corpus import read_corpus
from indexer.pages import page_url

CONFIG = """\
site_name: Test
site_url: https://sop.example/
docs_dir: docs
hooks: [hook.py]
theme: {name: material, font: false}
plugins: [search]
markdown_extensions:
  - admonition
  - attr_list
  - tables
  - pymdownx.details
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - toc: {permalink: true}
validation:
  links: {not_found: warn, anchors: warn, absolute_links: warn, unrecognized_links: warn}
extra: {sop: {folder: sop, audience: [internal]}}
nav:
  - Home: docs/index.md
  - Procedures: sop/
"""

# One page for each way in which a heading can get its anchor.
HEADINGS = {
    "repeats": (
        "# Repeats\n\n## Steps\n\nA.\n\n## Steps\n\nB.\n\n### Steps\n\nC.\n\n## Steps_1\n\nD.\n"
    ),
    "title": ("# Title\n\n## Title\n\nA.\n\n## Other\n\nB.\n\n## Title\n\nC.\n"),
    "letters": (
        "# 登录失败\n\n甲.\n\n## \u7b2c\u4e8c\u6b65\uff1a\u91cd\u7f6e\n\n乙.\n\n"
        "## Überprüfung & Größe\n\nA.\n\n## \u0414\u043e\u0441\u0442\u0443\u043f\n\nB.\n"
    ),
    "marks": (
        "# What's new?\n\nA.\n\n## 1. C++ / C# (50 %)\n\nB.\n\n"
        "## A \u2013 b \u2014 c\n\nC.\n\n## !?\n\nD.\n"
    ),
    "code": ('# Use `git_log`\n\nA.\n\n## The `--force` flag\n\nB.\n\n## `a < b` & "c"\n\nC.\n'),
    "links": (
        "# Read [the *guide*](repeats.md)\n\nA.\n\n## <https://a.example/x>\n\nB.\n\n"
        "## **Bold** __init__\n\nC.\n"
    ),
    "explicit": (
        "# Explicit\n\n## One {#own}\n\nA.\n\n## Own\n\nB.\n\n## Two {: #two .big }\n\n"
        "C.\n\nA paragraph.\n{: #later }\n\n## Later\n\nD.\n"
    ),
    "code-ids": (
        "# Code ids\n\nZ.\n\n```\n## Sample {#sample}\n```\n\n## Sample\n\nA.\n\n"
        "Write `{#note}` B.\n\n## Note\n\nC.\n"
    ),
    "setext": ("Setext\n======\n\nA.\n\nSecond one\n----------\n\nB.\n"),
    "inside": (
        '# Inside\n\nZ.\n\n!!! note "N"\n    ## Steps\n\n    A.\n\n'
        '=== "Tab"\n    ## Steps\n\n    B.\n\n## Steps\n\nC.\n'
    ),
    "quoted": (
        "# Quoted\n\nZ.\n\n> ## Steps\n>\n> A.\n\n## Steps\n\nB.\n\n- ## Parts\n\n## Parts\n\nC.\n"
    ),
    "pictures": ("# Open ![gear](gear.png) menu\n\nA.\n\n## An &amp; b &copy; c\n\nB.\n"),
    "tags": (
        "# Press <kbd>Ctrl</kbd> now\n\nA.\n\n## Escaped \\*star\\*\n\nB.\n\n## Closed ##\n\nC.\n"
    ),
    "spaces": (
        "# Two  spaces - and -- hyphens\n\nA.\n\n## Tab\there\n\nB.\n\n## under_score\n\nC.\n"
    ),
    "cafe": ("# Cafe\u0301\n\nA.\n\n## Café\n\nB.\n"),
    "front": ("---\ntitle: Front\n---\n\n# Front\n\nA.\n\n## Front\n\nB.\n"),
}


def mkdocs(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `mkdocs build` in a project."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", "out", *options],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def project(root: Path, write_files, files: dict[str, str], config: str = CONFIG) -> Path:
    """Write a project with a home page, the hook and these files."""
    fixed = {
        "mkdocs.yml": config,
        "hook.py": "from indexer.site.hook import *  # noqa: F403\n",
        "docs/index.md": "# Home\n\nWelcome.\n",
    }
    return write_files(root, fixed | files)


@pytest.fixture
def article(article_text):
    """Return a function that gives an article's text with its id and title."""

    def text(number: int, body: str = "Call.\n", **changed) -> str:
        values = {"id": f"acc-{number:03d}", "title": f"Article {number}"} | changed
        return article_text(body, **values)

    return text


@pytest.fixture
def built(tmp_path, write_files, article) -> Path:
    """A built site with pages of every audience and status."""
    files = {
        "sop/access/gear.png": "x",
        "sop/access/one.md": article(1, "See [two](two.md#part).\n"),
        "sop/access/two.md": article(2, "Text.\n\n## Part\n\n![A gear](gear.png)\n"),
        "sop/access/review.md": article(3, status="review"),
        "sop/access/old.md": article(4, status="deprecated", replaced_by="acc-001"),
        "sop/access/draft.md": article(5, "Zebrafinch.\n", status="draft"),
        "sop/access/gone.md": article(6, "Zebrafinch.\n", status="archived"),
        "sop/access/leads.md": article(7, "Zebrafinch.\n", audience=["leads"]),
        "sop/access/both.md": article(8, audience=["leads", "internal"]),
        "sop/teams.yml": "access: {name: Access}\n",
        "sop/.hidden/secret.md": "# Zebrafinch\n",
        "docs/guide/start.md": "# Start\n\nRead [one](../../sop/access/one.md).\n",
    }
    root = project(tmp_path / "project", write_files, files)
    done = mkdocs(root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def headings_project(tmp_path_factory, write_files) -> Path:
    """A built site with one page for each way to write a heading."""
    files = {f"sop/area/{name}.md": text for name, text in HEADINGS.items()}
    root = project(tmp_path_factory.mktemp("headings"), write_files, files)
    done = mkdocs(root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.parametrize("name", HEADINGS)
def test_anchors_are_those_of_the_site(headings_project, name):
    """Every chunk's anchor is the id that the site gives the heading above the chunk's text."""

    def count(texts):
        return [len(text.split()) + 2 for text in texts]

    page = (headings_project / "out/sop/area" / name / "index.html").read_text(encoding="utf-8")
    parts = re.split(r"<h[1-6]\b[^>]*?\sid=\"([^\"]*)\"", page.split("<article", 1)[1])
    shown = list(zip(map(html.unescape, parts[1::2]), parts[2::2], strict=True))
    article = next(
        one
        for one in read_corpus(headings_project / "sop").articles
        if one.path == f"area/{name}.md"
    )
    chunks = chunk_article(article, count, 500)
    assert chunks
    for chunk in chunks:
        first = re.escape(chunk.text.split()[0])
        on_site = [anchor for anchor, text in shown if re.search(rf"<p[^>]*>\s*{first}", text)]
        assert on_site == [chunk.anchor], (chunk.text, [anchor for anchor, _ in shown])


def test_articles_are_pages_beside_the_handbook(built):
    """Articles are published at sop/<path>/, the handbook at the root, links between them hold."""
    out = built / "out"
    for name in ("one", "two", "review", "old", "both"):
        assert (out / page_url(f"access/{name}.md", "sop") / "index.html").is_file()
    assert "Welcome" in (out / "index.html").read_text(encoding="utf-8")
    assert 'href="../../sop/access/one/"' in (out / "guide/start/index.html").read_text("utf-8")
    page = (out / "sop/access/one/index.html").read_text(encoding="utf-8")
    assert 'href="../two/#part"' in page
    assert (out / "sop" / "access" / "gear.png").is_file()
    assert not (out / "sop" / "teams.yml").exists()


def test_what_is_not_for_this_site_is_nowhere_in_it(built):
    """Drafts, archived, hidden and other audiences' articles are in no page, search or sitemap."""
    out = built / "out"
    for name in ("draft", "gone", "leads"):
        assert not (out / "sop" / "access" / name).exists()
    for path in out.rglob("*"):
        if path.is_file() and path.suffix in (".html", ".json", ".xml", ".md", ".txt"):
            text = path.read_text(encoding="utf-8")
            assert "Zebrafinch" not in text, path
            assert not re.search(r"access/(draft|gone|leads)", text), path
    search = json.loads((out / "search" / "search_index.json").read_text(encoding="utf-8"))
    places = [entry["location"] for entry in search["docs"]]
    assert "sop/access/one/" in places
    assert "sop/access/two/#part" in places
    sitemap = (out / "sitemap.xml").read_text(encoding="utf-8")
    assert "https://sop.example/sop/access/one/" in sitemap


def test_the_navigation_entry_becomes_areas(built):
    """`sop/` in the navigation is replaced by areas and their articles in path order."""
    page = (built / "out" / "index.html").read_text(encoding="utf-8")
    links = list(dict.fromkeys(re.findall(r'href="(sop/access/[a-z]+/)"', page)))
    assert links == [f"sop/access/{name}/" for name in ("both", "old", "one", "review", "two")]
    assert re.search(r"Access\s*<", page)


def test_a_clean_project_builds_strictly(tmp_path, write_files, article):
    """A project without a fault passes `--strict`."""
    root = project(
        tmp_path,
        write_files,
        {
            "sop/a/one.md": article(1, "See [two](../b/two.md#part).\n"),
            "sop/b/two.md": article(2, "## Part\n\nSee [home](../../docs/index.md).\n"),
        },
    )
    done = mkdocs(root, "--strict")
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("See [gone](gone.md).\n", "gone.md"),
        ("See [two](../b/two.md#nowhere).\n", "nowhere"),
        ("See [draft](../b/draft.md).\n", "draft.md"),
    ],
)
def test_a_strict_build_fails_on_a_broken_link(tmp_path, write_files, article, body, words):
    """A link to a missing or unpublished page or to a missing heading fails, naming the file."""
    root = project(
        tmp_path,
        write_files,
        {
            "sop/a/one.md": article(1, body),
            "sop/b/two.md": article(2, "## Part\n\nText.\n"),
            "sop/b/draft.md": article(3, status="draft"),
        },
    )
    done = mkdocs(root, "--strict")
    assert done.returncode == 1
    warning = next(line for line in done.stderr.splitlines() if line.startswith("WARNING"))
    assert "sop/a/one.md" in warning
    assert words in warning


def test_a_file_that_cannot_be_read_is_no_page_and_fails_a_strict_build(
    tmp_path, write_files, article
):
    """A refused file is named with its line, not published, and fails under `--strict`."""
    root = project(
        tmp_path,
        write_files,
        {"sop/a/one.md": article(1), "sop/a/bad.md": article(2, "Zebrafinch.\n", statsu="draft")},
    )
    done = mkdocs(root, "--strict")
    assert done.returncode == 1
    assert "sop/a/bad.md:11: statsu" in done.stderr
    assert mkdocs(root).returncode == 0
    assert not (root / "out" / "sop" / "a" / "bad").exists()


def test_a_missing_folder_is_named(tmp_path, write_files):
    """A folder that is not there fails with the setting and the path."""
    done = mkdocs(project(tmp_path, write_files, {}))
    assert done.returncode == 1
    assert "extra.sop.folder" in done.stderr
