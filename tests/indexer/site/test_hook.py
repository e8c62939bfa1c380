"""The MkDocs hook, in real builds."""

from __future__ import annotations

import base64
import filecmp
import hashlib
import html
import json
import re
import subprocess
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from projects import (
    CONFIG,
    Page,
    article_file,
    built_site,
    harmful,
    issue,
    mkdocs,
    project,
)

from indexer.chunking import chunk_article
from indexer.corpus import read_corpus
from indexer.pages import page_url

REPOSITORY = Path(__file__).parents[3]

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


# Every place of an article, a team or a name from which text gets into pages.
_WRITTEN = (
    "title",
    "summary",
    "owner",
    "platform",
    "sharing",
    "audience",
    "tag",
    "channel",
    "evidence",
    "reference",
    "workaround",
    "engineering",
    "replacement",
    "description",
    "author",
    "subtitle",
    "template_value",
    "team_name",
    "team_channel",
    "on_call",
    "backup",
    "body",
    "heading",
    "code_heading",
    "entity_heading",
    "attribute",
    "link",
    "foreign_title",
    "foreign_status",
    "foreign_heading",
    "foreign_code_heading",
    "file",
    "folder",
)


def hostile(place: str) -> str:
    """Text that leaves quotes, titles and scripts behind it and would run, naming its place."""
    return f"\"'></title><script>{call(place)}</script><svg onload={call(place)}>"


def call(place: str) -> str:
    """The call that would run, if the text of a place did; names of files keep its letters."""
    return f"run{place.replace('_', '')}()"


def hostile_files() -> dict[str, str]:
    """Articles and teams with hostile text in every place, and one without any."""
    body = (
        f"# Body {hostile('body')}\n\n<img src=x onerror={call('body')}>\n\n"
        f"## {hostile('heading')}\n\nText.\n\n"
        f"## `{hostile('code_heading')}`\n\nText.\n\n"
        f"## {html.escape(hostile('entity_heading'))}\n\nText.\n\n"
        f"Text.\n{{: onclick={call('attribute')} style={call('attribute')} }}\n\n"
        f"[Link](javascript:{call('link')}) [two](data:text/html,{call('link')})\n"
    )
    return {
        "sop/a/one.md": article_file(
            1,
            body,
            title=hostile("title"),
            summary=hostile("summary"),
            owner=hostile("owner"),
            platforms=[hostile("platform")],
            sharing=hostile("sharing"),
            audience=["internal", hostile("audience")],
            escalation={
                "team": "night",
                "channel": hostile("channel"),
                "severity": "sev1",
                "after_minutes": 3,
                "evidence": [hostile("evidence")],
            },
            known_issue=issue(
                "2026-11-01",
                hostile("reference"),
                workaround=hostile("workaround"),
                engineering_status=hostile("engineering"),
            ),
            redirect_from=["old/one"],
        ),
        "sop/a/two.md": article_file(2, related=["acc-001"], owner="night"),
        "sop/a/three.md": article_file(3, status="deprecated", replaced_by="acc-004"),
        "sop/a/four.md": article_file(4, title=hostile("replacement")),
        "sop/a/tagged.md": article_file(5, tags=[hostile("tag")]),
        "sop/a/description.md": article_file(6, description=hostile("description")),
        "sop/a/author.md": article_file(7, author=hostile("author")),
        "sop/a/subtitle.md": article_file(8, subtitle=hostile("subtitle")),
        "sop/a/hide.md": article_file(9, hide=[hostile("template_value")]),
        "sop/a/foreign-title.md": article_file(
            10, id=None, title=hostile("foreign_title"), owner=None
        ),
        "sop/a/foreign-status.md": article_file(11, id=None, status=hostile("foreign_status")),
        "sop/a/foreign-heading.md": f"# {html.escape(hostile('foreign_heading'))}\n\nText.\n",
        "sop/a/foreign-code.md": f"# Use `{hostile('foreign_code_heading')}`\n\nText.\n",
        f'sop/a/"><svg onload={call("file")}>.md': "Text.\n",
        f'sop/"><svg onload={call("folder")}>/seven.md': article_file(12),
        "sop/teams.yml": json.dumps(
            {
                "night": {
                    "name": hostile("team_name"),
                    "channel": hostile("team_channel"),
                    "on_call": "https://x.example/" + hostile("on_call"),
                    "backup": "day",
                },
                "day": {"name": hostile("backup")},
            }
        ),
    }


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory, write_files) -> Path:
    """A built site of articles that try to run something."""
    return built_site(tmp_path_factory.mktemp("hostile"), write_files, hostile_files())


@pytest.mark.parametrize("place", _WRITTEN)
def test_no_text_of_writers_becomes_markup_that_runs(hostile_site, place):
    """No script, element, handler or address in any page comes from what a writer wrote."""
    pages = sorted(hostile_site.rglob("*.html"))
    assert len(pages) > 15
    for path in pages:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(hostile_site)
        assert f"<script>{call(place)}" not in text, name
        assert f"<svg onload={call(place)}" not in text, name
        for element in Page(text).elements:
            is_data = element.attributes.get("type") == "application/json"
            assert element.tag != "script" or is_data or call(place) not in element.text, name
        assert [one for one in harmful(text) if call(place) in one] == [], name


def test_policy_lets_no_writers_script_run(hostile_site, tmp_path, write_files):
    """Articles add nothing to the scripts that the policy of a harmless site allows."""
    depths = ("three.md", "a/one.md", "a/b/two.md")
    files = {f"sop/{path}": article_file(number) for number, path in enumerate(depths, 1)}
    harmless = built_site(tmp_path, write_files, files)
    assert hashes_in(policy_of(hostile_site)) <= hashes_in(policy_of(harmless))


def test_data_of_an_article_cannot_be_closed_early(hostile_site):
    """A title with quotes and `</script>` stays inside the attribute that scripts read."""
    for name in ("one", "two"):
        page = Page.read(hostile_site / "sop/a" / name / "index.html")
        (data,) = re.findall(r"data-sop-article='([^']*)'", page.html)
        assert not set("<>&") & set(data)
    one, two = (
        Page.read(hostile_site / "sop/a" / name / "index.html").article_json()
        for name in ("one", "two")
    )
    assert (one["title"], one["summary"]) == (hostile("title"), hostile("summary"))
    assert one["owner"]["name"] == hostile("owner")
    assert one["escalation"]["team"]["backup"]["name"] == hostile("backup")
    assert two["owner"]["name"] == hostile("team_name")


def test_hostile_text_is_shown_as_it_was_written(hostile_site):
    """What a writer wrote is readable on the page, markup and all."""
    page = Page.read(hostile_site / "sop/a/one/index.html")
    (card,) = page.all("section", "sop-card")
    for place in ("summary", "owner", "platform", "sharing", "reference", "workaround"):
        assert hostile(place) in card.text
    (title,) = page.all("title")
    assert title.text == f"{hostile('title')} - Test"
    related = Page.read(hostile_site / "sop/a/two/index.html").links("section", "sop-related")
    assert related == [("../one/", hostile("title"))]


def test_search_and_list_hold_no_markup_of_titles(hostile_site):
    """The search shows titles as HTML, so those of articles are escaped there too."""
    search = json.loads((hostile_site / "search/search_index.json").read_text(encoding="utf-8"))
    for entry in search["docs"]:
        assert harmful(entry["title"]) == [], entry
        assert harmful(entry["text"]) == [], entry


def policy_of(site: Path) -> str:
    """The policy that a build left."""
    return (site / "content-security-policy.txt").read_text(encoding="utf-8")


def hashes_in(policy: str) -> set[str]:
    """The hashes of scripts that a policy allows."""
    return set(re.findall(r"'sha256-([^']+)'", policy))


def hashes_of(site: Path) -> set[str]:
    """The hashes of the inline scripts that are in a site's pages."""
    found = set()
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for attributes, script in re.findall(r"(?s)<script([^>]*)>(.*?)</script>", text):
            if "src=" not in attributes and "application/json" not in attributes:
                digest = hashlib.sha256(script.encode()).digest()
                found.add(base64.b64encode(digest).decode())
    return found


@pytest.fixture(scope="module")
def rich_files() -> dict[str, str]:
    """A project with everything that pages show."""
    escalation = {
        "team": "access",
        "channel": "#help",
        "severity": "sev2",
        "after_minutes": 15,
        "evidence": ["the id", "the time"],
    }
    hidden = {"title": "Zebrafinch", "summary": "Zebrafinch.", "redirect_from": ["zebrafinch"]}
    broken = issue("2026-11-30", "ZF-1", workaround="Zebrafinch.")
    return {
        "sop/teams.yml": (
            'access: {name: Access Team, channel: "#access", time_zone: Europe/Dublin,\n'
            '  hours: "09:00-18:00", on_call: "https://oncall.example/a", backup: night}\n'
            "night: {name: Night Watch}\n"
        ),
        "sop/access/full.md": article_file(
            1,
            "## Steps\n\n| a | b |\n| :-: | --: |\n| 1 | 2 |\n\n"
            '!!! warning "Stop"\n    Now.\n\n??? tip "More"\n    Here.\n\n'
            '=== "One"\n    A.\n\n=== "Two"\n    B.\n\n'
            "```sql\nSELECT {{user_id}};\n```\n\n![Gear](gear.png)\n",
            title="Full article",
            audience=["internal", "leads"],
            platforms=["web", "phone"],
            sharing="Not to users.",
            escalation=escalation,
            related=["acc-002", "acc-003", "acc-009"],
            redirect_from=["access/full", "moved"],
        ),
        "sop/access/gear.png": "x",
        "sop/access/old.md": article_file(
            2, status="deprecated", replaced_by="acc-001", owner="ghosts", type="reference"
        ),
        "sop/access/gone.md": article_file(3, status="archived", **hidden),
        "sop/access/checked.md": article_file(4, status="review", replaced_by="acc-009"),
        "sop/data/index.md": article_file(5, "Own words about data.\n", title="All about data"),
        "sop/data/first.md": article_file(6, known_issue=issue("2026-11-01", "LR-1")),
        "sop/data/later.md": article_file(7, known_issue=issue("2026-11-08", "LR-2")),
        "sop/data/done.md": article_file(
            8, known_issue=issue("2026-11-09", "LR-3", resolved=date(2026, 11, 10))
        ),
        "sop/data/leads.md": article_file(9, audience=["leads"], known_issue=broken, **hidden),
        "sop/data/draft.md": article_file(10, status="draft", known_issue=broken, **hidden),
        "sop/tips/a.md": article_file(
            11, type="tip", pinned={"until": date(2099, 2, 1), "reason": "x"}
        ),
        "sop/tips/b.md": article_file(
            12, type="tip", pinned={"until": date(2099, 1, 1), "reason": "x"}
        ),
        "sop/zebrafinch/only.md": article_file(13, audience=["leads"], **hidden),
        "docs/guide.md": (
            "# Guide\n\nSee [full](../sop/access/full.md).\n\n"
            '<p style="color:red" onclick="x()">Own <b>HTML</b></p>\n\n'
            "<script>handbook()</script>\n"
        ),
    }


@pytest.fixture(scope="module")
def rich_site(tmp_path_factory, write_files, rich_files) -> Path:
    """The rich project, built."""
    return built_site(tmp_path_factory.mktemp("rich"), write_files, rich_files)


def test_card_shows_the_facts_of_an_article(rich_site):
    """Id, type, owner by name, who may read it, platforms and the last review are on the page."""
    page = Page.read(rich_site / "sop/access/full/index.html")
    assert page.facts("sop-card__facts") == {
        "Article": "acc-001",
        "Type": "process",
        "Owner": "Access Team #access",
        "For": "web, phone",
        "Last reviewed": "2026-10-01",
        "May be read by": "internal, leads",
    }
    assert [e.text for e in page.all("p", "sop-card__summary")] == ["Summary 1."]
    assert [e.text for e in page.all("p", "sop-card__sharing")] == ["Sharing: Not to users."]
    times = [
        e.attributes["datetime"]
        for e in page.all("section", "sop-card")[0].inside[1:]
        if e.tag == "time"
    ]
    assert times == ["2026-10-01"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("access/full", None), ("access/old", "deprecated"), ("access/checked", "under review")],
)
def test_card_shows_a_status_that_is_news(rich_site, name, status):
    """An active article shows no status; one that is reviewed or no longer kept says so."""
    page = Page.read(rich_site / "sop" / name / "index.html")
    assert page.facts("sop-card__facts").get("Status") == status


def test_card_shows_when_the_file_changed(tmp_path, write_files):
    """In a git repository the card and the list say when the article last changed."""
    root = project(tmp_path, write_files, {"sop/a/one.md": article_file(1)})
    who = ("-c", "user.name=A", "-c", "user.email=a@b.example")
    when = "2026-11-05T23:30:00-02:00"
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x", "--date", when]):
        subprocess.run(
            ["git", *who, *command],
            cwd=root,
            check=True,
            env={"GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )
    assert mkdocs(root).returncode == 0
    page = Page.read(root / "out/sop/a/one/index.html")
    assert page.facts("sop-card__facts")["Last changed"] in ("2026-11-05", "2026-11-06")
    (listed,) = articles_json(root / "out")
    assert listed["updated"] == "2026-11-06T01:30:00+00:00"


def test_card_names_a_team_that_no_file_knows_by_its_key(rich_site):
    """An owner without an entry in `teams.yml` is shown by its key."""
    page = Page.read(rich_site / "sop/access/old/index.html")
    assert page.facts("sop-card__facts")["Owner"] == "ghosts"


def test_deprecated_article_leads_to_its_replacement(rich_site):
    """The page of an article that is no longer kept links the one to use."""
    page = Page.read(rich_site / "sop/access/old/index.html")
    assert page.links("div", "sop-replaced") == [("../full/", "Full article")]
    for name in ("full", "checked"):
        other = Page.read(rich_site / "sop/access" / name / "index.html")
        assert other.all("div", "sop-replaced") == []


def test_known_issue_shows_its_state(rich_site):
    """Reference, day, what engineering does, the way around and the end are on the page."""
    found = Page.read(rich_site / "sop/data/done/index.html").facts("sop-card__issue")
    assert found == {
        "Known issue": "LR-3 since 2026-11-09",
        "Engineering": "Status of LR-3.",
        "In short": "Work around LR-3.",
        "Resolved": "2026-11-10",
    }


def test_escalation_is_on_the_page_and_in_its_data(rich_site):
    """Whom to ask, after how long, with what, and the team's hours and backup for scripts."""
    page = Page.read(rich_site / "sop/access/full/index.html")
    assert page.facts("sop-escalation__facts") == {
        "Ask": "Access Team in #help",
        "Severity": "sev2",
        "After": "15 minutes",
        "On call": "https://oncall.example/a",
    }
    (bring,) = page.all("ul", "sop-escalation__evidence")
    assert [e.text for e in bring.inside] == ["the id", "the time"]
    team = page.article_json()["escalation"]["team"]
    assert team == {
        "key": "access",
        "name": "Access Team",
        "channel": "#access",
        "on_call": "https://oncall.example/a",
        "time_zone": "Europe/Dublin",
        "hours": "09:00-18:00",
        "backup": {
            "key": "night",
            "name": "Night Watch",
            "channel": None,
            "on_call": None,
            "time_zone": "Etc/UTC",
            "hours": "24x7",
        },
    }
    other = Page.read(rich_site / "sop/access/old/index.html")
    assert (other.all("section", "sop-escalation"), other.article_json()["escalation"]) == (
        [],
        None,
    )


def test_related_links_are_those_of_visible_articles(rich_site):
    """Of three related articles, the archived one and that of other readers are not shown."""
    page = Page.read(rich_site / "sop/access/full/index.html")
    assert page.links("section", "sop-related") == [("../old/", "Article 2")]
    other = Page.read(rich_site / "sop/access/old/index.html")
    assert other.all("section", "sop-related") == []


def test_article_keeps_what_markdown_makes(rich_site):
    """Admonitions, details, tabs, tables, code and pictures are on the page, without a style."""
    page = Page.read(rich_site / "sop/access/full/index.html")
    (text,) = page.all("article")
    inside = text.inside
    assert [e.text for e in inside if e.has_class("admonition-title")] == ["Stop"]
    assert [e.text for e in inside if e.tag == "summary"] == ["More"]
    tabs = [e.attributes for e in inside if e.tag == "input" and e.attributes["type"] == "radio"]
    assert [(one["name"], one["id"]) for one in tabs] == [
        ("__tabbed_1", "__tabbed_1_1"),
        ("__tabbed_1", "__tabbed_1_2"),
    ]
    labels = [(e.attributes["for"], e.text) for e in inside if e.tag == "label"]
    assert labels == [("__tabbed_1_1", "One"), ("__tabbed_1_2", "Two")]
    assert [e.attributes.get("align") for e in inside if e.tag == "td"] == ["center", "right"]
    assert [e.attributes["src"] for e in inside if e.tag == "img"] == ["../gear.png"]
    assert any(e.tag == "div" and e.has_class("highlight") for e in inside)
    assert "SELECT {{user_id}};" in text.text
    assert next(e.attributes.get("id") for e in inside if e.tag == "h2") == "steps"
    assert [e for e in inside if "style" in e.attributes] == []


@pytest.mark.parametrize("name", ["sop/access/full", "sop/access", "sop/data", "guide", "."])
def test_page_has_one_first_heading(rich_site, name):
    """Every kind of page has exactly one heading of the first level."""
    page = Page.read(rich_site / name / "index.html")
    assert len(page.all("h1")) == 1


def test_handbook_is_left_as_it_is(rich_site):
    """Pages of the handbook keep their HTML, have no card, and no article's data."""
    text = (rich_site / "guide/index.html").read_text(encoding="utf-8")
    assert '<p style="color:red" onclick="x()">Own <b>HTML</b></p>' in text
    assert "<script>handbook()</script>" in text
    page = Page(text)
    assert [e for e in page.elements if "sop-" in e.attributes.get("class", "")] == []
    assert [e for e in page.elements if e.attributes.get("id") == "sop-article"] == []


def test_home_lists_what_is_open_and_what_is_there(rich_site):
    """Open known issues newest first, tips by their end, and every area with all its articles."""
    page = Page.read(rich_site / "index.html")
    assert page.links("section", "sop-home__issues") == [
        ("sop/data/later/", "Article 7"),
        ("sop/data/first/", "Article 6"),
    ]
    assert page.links("section", "sop-home__tips") == [
        ("sop/tips/b/", "Article 12"),
        ("sop/tips/a/", "Article 11"),
    ]
    (tips,) = page.all("section", "sop-home__tips")
    ends = [e.attributes["data-sop-until"] for e in tips.inside if "data-sop-until" in e.attributes]
    assert ends == ["2099-01-01", "2099-02-01"]
    assert page.links("section", "sop-home__areas") == [
        ("sop/access/", "Access"),
        ("sop/access/checked/", "Article 4"),
        ("sop/access/full/", "Full article"),
        ("sop/access/old/", "Article 2"),
        ("sop/data/", "Data"),
        ("sop/data/done/", "Article 8"),
        ("sop/data/first/", "Article 6"),
        ("sop/data/", "All about data"),
        ("sop/data/later/", "Article 7"),
        ("sop/tips/", "Tips"),
        ("sop/tips/a/", "Article 11"),
        ("sop/tips/b/", "Article 12"),
    ]
    assert "Welcome." in page.html


def test_home_without_issues_says_so(tmp_path, write_files):
    """With nothing broken and no tip the home page says none and shows no empty list."""
    out = built_site(tmp_path, write_files, {"sop/a/one.md": article_file(1)})
    page = Page.read(out / "index.html")
    (issues,) = page.all("section", "sop-home__issues")
    assert [e.text for e in issues.inside if e.tag == "p"] == ["None."]
    assert page.all("section", "sop-home__tips") == []


def test_area_without_a_page_gets_one_that_lists_its_articles(rich_site):
    """A folder without `index.md` has a page with its articles and their summaries."""
    page = Page.read(rich_site / "sop/access/index.html")
    assert page.links("ul", "sop-area") == [
        ("checked/", "Article 4"),
        ("full/", "Full article"),
        ("old/", "Article 2"),
    ]
    (listed,) = page.all("ul", "sop-area")
    assert [e.text for e in listed.inside if e.tag == "p"] == [
        "Summary 4.",
        "Summary 1.",
        "Summary 2.",
    ]
    assert page.all("h1")[0].text.startswith("Access")
    assert [e for e in page.all("a") if e.attributes.get("rel") == "edit"] == []


def test_area_with_a_page_keeps_it(rich_site):
    """An `index.md` in a folder stays that folder's page, as the article it is."""
    page = Page.read(rich_site / "sop/data/index.html")
    assert "Own words about data." in page.html
    assert page.article_json()["id"] == "acc-005"
    assert page.all("ul", "sop-area") == []


def test_area_whose_readme_is_an_article_keeps_it(tmp_path, write_files):
    """A `README.md` is its folder's page too, and no list of articles takes its place."""
    files = {
        "sop/a/README.md": article_file(1, "Own words.\n"),
        "sop/a/two.md": article_file(2),
    }
    root = project(tmp_path, write_files, files)
    done = mkdocs(root, "--strict")
    assert done.returncode == 0, done.stderr
    page = Page.read(root / "out/sop/a/index.html")
    assert "Own words." in page.html
    assert page.article_json()["id"] == "acc-001"


def test_area_with_a_hidden_page_gets_a_list(tmp_path, write_files):
    """Where a folder's own page is a draft, the list of its articles stands there."""
    files = {
        "sop/a/index.md": article_file(1, "Zebrafinch.\n", status="draft"),
        "sop/a/two.md": article_file(2),
    }
    out = built_site(tmp_path, write_files, files)
    page = Page.read(out / "sop/a/index.html")
    assert page.links("ul", "sop-area") == [("two/", "Article 2")]
    assert "Zebrafinch" not in page.html


def test_links_of_home_and_areas_lead_to_pages(tmp_path, write_files):
    """Every link in the lists has a page behind it, also for articles outside any folder."""
    files = {
        "sop/one.md": article_file(1),
        "sop/a/two.md": article_file(2),
        "sop/a/b/three.md": article_file(3),
        "sop/a b/c d.md": article_file(4),
    }
    out = built_site(tmp_path, write_files, files)
    links = Page.read(out / "index.html").links("section", "sop-home__areas")
    assert len(links) == 8
    assert [one for one, _ in links if not (out / unquote(one) / "index.html").is_file()] == []


def test_links_to_odd_names_are_addresses(tmp_path, write_files):
    """In lists, a file's name is made an address, as in the menu."""
    files = {
        "sop/a/50%.md": article_file(1),
        "sop/a/c#.md": article_file(2),
        "sop/a/x?.md": article_file(3),
    }
    out = built_site(tmp_path, write_files, files)
    links = Page.read(out / "index.html").links("section", "sop-home__areas")
    assert links[1:] == [
        ("sop/a/50%25/", "Article 1"),
        ("sop/a/c%23/", "Article 2"),
        ("sop/a/x%3F/", "Article 3"),
    ]


def test_hidden_articles_are_in_no_list_redirect_or_data(rich_site):
    """What drafts, archived and other readers' articles say is in no file of the site."""
    for path in sorted(rich_site.rglob("*")):
        assert "zebrafinch" not in path.as_posix().lower()
        if path.is_file() and path.suffix in (".html", ".json", ".xml", ".txt"):
            assert "zebrafinch" not in path.read_text(encoding="utf-8").lower(), path
    hidden = {"acc-003", "acc-009", "acc-010", "acc-013"}
    assert not hidden & {one["id"] for one in articles_json(rich_site)}
    for path in rich_site.rglob("index.html"):
        shown = {e.attributes["href"] for e in Page.read(path).all("a") if "href" in e.attributes}
        assert not {one for one in shown if re.search(r"(gone|leads|draft|only)/", one)}, path


def test_pictures_of_hidden_articles_are_not_published(tmp_path, write_files):
    """A picture is published where a visible article shows it, not where its name is alike."""
    files = {
        "sop/a/one.md": article_file(1, "![Data](data.png) ![Gear](img/gear.png)\n"),
        "sop/a/data.png": "x",
        "sop/a/img/gear.png": "x",
        "sop/a/gear.png": "hidden",
        "sop/leads/plan.md": article_file(2, "![Data](data.png) ![A](a.png)\n", audience=["leads"]),
        "sop/leads/data.png": "hidden",
        "sop/leads/a.png": "hidden",
    }
    out = built_site(tmp_path, write_files, files)
    found = {path.relative_to(out / "sop").as_posix() for path in (out / "sop").rglob("*.png")}
    assert found == {"a/data.png", "a/img/gear.png"}


def test_scripts_find_every_visible_article_in_one_list(rich_site):
    """The list has each visible article once, with an address that is a page."""
    listed = articles_json(rich_site)
    assert [one["id"] for one in listed] == [
        f"acc-{number:03d}" for number in (4, 1, 2, 8, 6, 5, 7, 11, 12)
    ]
    for one in listed:
        assert (rich_site / one["url"].lstrip("/") / "index.html").is_file()
    assert listed[1] == {
        "id": "acc-001",
        "title": "Full article",
        "summary": "Summary 1.",
        "type": "process",
        "url": "/sop/access/full/",
        "area": "Access",
        "updated": None,
    }


def articles_json(site: Path) -> list[dict]:
    """The list that the site's scripts read."""
    return json.loads((site / "assets/sop/articles.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("old", "target"), [("moved", "../sop/access/full/"), ("access/full", "../../sop/access/full/")]
)
def test_old_addresses_lead_to_the_article(rich_site, old, target):
    """A page at each old address leads to the new one, and is kept out of search engines."""
    page = Page.read(rich_site / old / "index.html")
    assert [e.attributes["href"] for e in page.all("a")] == [target]
    assert (rich_site / old / target / "index.html").resolve().is_file()
    robots = [e for e in page.all("meta") if e.attributes.get("name") == "robots"]
    assert robots[0].attributes["content"] == "noindex"
    sitemap = (rich_site / "sitemap.xml").read_text(encoding="utf-8")
    assert f"https://sop.example/{old}/" not in sitemap


def test_policy_allows_exactly_the_inline_scripts_of_the_pages(rich_site):
    """The policy has the hash of each inline script, of the handbook's too, and no other."""
    expected = hashes_of(rich_site)
    assert len(expected) > 3
    assert hashes_in(policy_of(rich_site)) == expected


def test_building_twice_gives_the_same_files(tmp_path, write_files, rich_files):
    """The list of articles, the policy and the pages of articles do not depend on the build."""
    root = project(tmp_path, write_files, rich_files)
    for out in ("one", "two"):
        assert mkdocs(root, out=out).returncode == 0
    names = [
        path.relative_to(root / "one").as_posix()
        for path in sorted((root / "one").rglob("*"))
        if path.name in ("articles.json", "content-security-policy.txt", "index.html")
    ]
    assert len(names) > 15
    same, different, failed = filecmp.cmpfiles(root / "one", root / "two", names, shallow=False)
    assert (same, different, failed) == (names, [], [])


def test_rich_project_builds_strictly(tmp_path, write_files, rich_files):
    """Redirects, areas, generated pages and scripts are no reason for a warning."""
    done = mkdocs(project(tmp_path, write_files, rich_files), "--strict")
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize(
    ("teams", "words"),
    [
        ("access: {name: Access, hours: 9-5}\n", "sop/teams.yml:1: "),
        ("a: {name: A}\nb: {name: B, backup: c}\n", "sop/teams.yml:2: "),
        ("access: {name: Access, time_zone: Mars/Base}\n", "Mars/Base is no time zone"),
        ("- access\n", "support: {name: Support}"),
    ],
)
def test_teams_that_cannot_be_used_fail_a_strict_build(tmp_path, write_files, teams, words):
    """A fault in `teams.yml` is a warning with line and remedy; a plain build goes on without."""
    root = project(tmp_path, write_files, {"sop/a/one.md": article_file(1), "sop/teams.yml": teams})
    done = mkdocs(root, "--strict")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "WARNING" in line and words in line]
    assert mkdocs(root).returncode == 0
    card = Page.read(root / "out/sop/a/one/index.html").facts("sop-card__facts")
    assert card["Owner"] == "access"


@pytest.mark.parametrize("old", ["../../x", "sop/a/two", "sitemap.xml"])
def test_redirect_that_cannot_be_written_fails_a_strict_build(tmp_path, write_files, old):
    """A claim on a page, on a file or on what lies outside is a warning that names the article."""
    files = {"sop/a/one.md": article_file(1, redirect_from=[old]), "sop/a/two.md": article_file(2)}
    root = project(tmp_path / "project", write_files, files)
    done = mkdocs(root, "--strict")
    assert done.returncode == 1
    assert f"sop/a/one.md: redirect_from: {old}" in done.stderr
    assert "acc-002" in (root / "out/sop/a/two/index.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_edit_link_leads_to_the_file_in_the_repository(rich_site):
    """Articles and handbook pages link their own file on the forge."""

    def edit(name):
        page = Page.read(rich_site / name / "index.html")
        return [e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "edit"]

    base = "https://git.example/team/sop/edit/main"
    assert edit("sop/access/full") == [f"{base}/sop/access/full.md"]
    assert edit("sop/data") == [f"{base}/sop/data/index.md"]
    assert edit("guide") == [f"{base}/docs/guide.md"]
    assert edit(".") == [f"{base}/docs/index.md"]


def test_pages_know_where_service_and_assets_are(tmp_path, write_files):
    """Every page, the one for a wrong address too, says where the API and the assets are."""
    config = CONFIG.replace("audience: [internal]}", "audience: [internal], api: /kb/api/v1/}")
    out = built_site(tmp_path, write_files, {"sop/a/one.md": article_file(1)}, config)

    def stated(name):
        page = Page.read(out / name)
        found = {e.attributes.get("name"): e.attributes.get("content") for e in page.all("meta")}
        modules = [e for e in page.all("script") if e.attributes.get("type") == "module"]
        return found["sop-api"], found["sop-assets"], [e.attributes["src"] for e in modules]

    assert stated("index.html")[:2] == ("/kb/api/v1/", "assets/sop/")
    assert stated("sop/a/one/index.html")[:2] == ("/kb/api/v1/", "../../../assets/sop/")
    assert stated("404.html")[:2] == ("/kb/api/v1/", "/assets/sop/")
    for name in ("index.html", "sop/a/one/index.html", "404.html"):
        assert [src.rsplit("/", 1)[-1] for src in stated(name)[2]] == ["site.js"]
    assert (out / "assets/sop/site.js").is_file()


def _below(folder, path):
    """A file's path in a folder."""
    return path.relative_to(folder).as_posix()


def test_chart_library_is_the_published_one():
    """What others wrote is byte by byte what its record names, and its licence stands beside it."""
    vendor = REPOSITORY / "indexer/site/assets/vendor"
    record = json.loads((vendor / "record.json").read_text(encoding="utf-8"))
    assert record["package"] == "uplot@1.6.32"
    assert {path.name for path in vendor.iterdir()} == {*record["sha256"], "record.json"}
    for name, digest in record["sha256"].items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
    assert "Permission is hereby granted" in (vendor / "uplot-LICENSE.txt").read_text()


def test_scripts_of_the_site_are_published_whole(rich_site):
    """Every script and style of the site is there, byte by byte, and only the list beside it."""
    own = REPOSITORY / "indexer/site/assets"
    expected = {_below(own, path) for path in own.rglob("*.*")}
    there = rich_site / "assets/sop"
    published = {_below(there, path) for path in there.rglob("*.*")}
    assert published == expected - {"vendor/record.json"} | {"articles.json"}
    for name in expected - {"vendor/record.json"}:
        assert (rich_site / "assets/sop" / name).read_bytes() == (own / name).read_bytes()
