"""`sop adopt`: Markdown that is there already becomes articles, and nothing of it is lost."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_git import git
from typer.testing import CliRunner

from indexer.adopt.run import Choices, adopt_folder
from indexer.article import parse_article, split_front_matter
from indexer.checks.run import check_articles
from indexer.errors import SopError
from search_api.cli import app

TODAY = date(2026, 11, 24)
PICTURE = b"\x89PNG picture"
FOREIGN = """\
---
owner_slack: "#desk"
title: Open the gate   # as it is called
tags: [Sign In, gates]
last_reviewed_on: 2026-10-14
---

# Open the gate

Open the gate before the shift. Then lock it.
"""


READ_EACH = (
    "readers find them at once, marked as under review; read each, complete it, "
    "then set status: active; sop check names what is missing"
)


def quiet(_doing, _total):
    """Show no progress."""
    return lambda _: None


@pytest.fixture
def old(tmp_path):
    """A folder of Markdown from elsewhere."""
    return tmp_path / "old"


@pytest.fixture
def sop(tmp_path):
    """The articles' folder, which is not there yet."""
    return tmp_path / "sop"


@pytest.fixture
def adopt(old, sop, write_files):
    """Return a function that writes foreign files and adopts them."""

    def run(files, **choices):
        return adopt_folder(write_files(old, files), Choices(sop, **choices), quiet, TODAY)

    return run


def article(sop, path):
    """Return an article as every reader sees it."""
    return parse_article(path, (sop / path).read_bytes())


def stated(sop, path):
    """Return the front matter of an article as it is written."""
    return split_front_matter(path, (sop / path).read_bytes()).mapping.values


def todo(report, path):
    """Return what is to do for a file, as field and what."""
    return {one.field: one.what for one in report.todo if one.path.endswith(path)}


def test_a_file_with_foreign_front_matter_becomes_an_article(adopt, sop):
    """Title, summary, tags and review come from the file; all that it says stays."""
    report = adopt({"gates/Open The Gate.md": FOREIGN}, owner="desk")
    assert (
        (sop / "gates" / "open-the-gate.md").read_text(encoding="utf-8")
        == """\
---
id: gat-001
title: Open the gate
summary: Open the gate before the shift. Then lock it.
type: reference
status: review
owner: desk
tags:
  - Sign In
  - gates
last_reviewed: 2026-10-14
review_by: 2027-04-12
x-adopted:
  source: old/gates/Open The Gate.md
  digest: sha256-0c1c1f7e9a5c
  front_matter:
    owner_slack: "#desk"
    title: Open the gate   # as it is called
    tags: [Sign In, gates]
    last_reviewed_on: 2026-10-14
---

Open the gate before the shift. Then lock it.
""".replace("0c1c1f7e9a5c", sha256(FOREIGN.encode()).hexdigest()[:12])
    )
    assert [str(one).removeprefix(f"{sop}/") for one in report.todo] == [
        "gates/open-the-gate.md: questions: add at least 3, as people type them",
        "teams.yml: channel: add where the team is asked",
    ]


def test_the_check_names_exactly_what_is_missing(adopt, sop):
    """A file that says nothing of itself lacks questions and dates, and nothing else."""
    adopt({"gates/open.md": "# Open it\n\nOpen the gate before the shift.\n"}, owner="desk")
    assert [finding.message for finding in check_articles(sop)] == [
        "questions is missing",
        "last_reviewed is missing",
        "review_by is missing",
    ]


def test_an_adopted_article_is_found_at_once_and_seen_as_unreviewed(adopt, sop):
    """Its status is `review`; what its writer kept back stays back."""
    adopt(
        {
            "a/open.md": "Open\n",
            "a/draft.md": "---\ndraft: true\n---\nx\n",
            "a/hidden.md": "---\npublished: false\n---\nx\n",
            "a/old.md": "---\nstatus: archived\naudience: [leads]\n---\nx\n",
        }
    )
    found = {name: article(sop, f"a/{name}.md") for name in ("open", "draft", "hidden", "old")}
    assert {name: one.front_matter.status for name, one in found.items()} == {
        "open": "review",
        "draft": "draft",
        "hidden": "draft",
        "old": "archived",
    }
    assert [name for name, one in found.items() if one.is_published] == ["open"]
    assert found["old"].front_matter.audience == ("leads",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\n## Symptoms\n\nx\n\n## Fix\n\nx\n", "troubleshooting"),
        ("# A\n\n## Meaning\n\nx\n\n## Mitigation:\n\nx\n", "troubleshooting"),
        ("# Troubleshooting the gate\n\nx\n", "troubleshooting"),
        ("# A\n\n1. x\n2. y\n3. z\n", "how-to"),
        ("# A\n\n## Step 1 - x\n\n## Step 2 - y\n", "how-to"),
        ("# A\n\n## Schritte\n\nx\n", "how-to"),
        ("# A\n\n1. x\n2. y\n", "reference"),
        ("# A\n\n## Symptoms\n\nx\n", "reference"),
        ("---\ntype: policy\n---\n# A\n\n1. x\n2. y\n3. z\n", "policy"),
        ("---\ntype: learn\n---\n# A\n\nx\n", "reference"),
        ("---\ntype: known-issue\n---\n# A\n\nx\n", "reference"),
    ],
)
def test_the_type_follows_the_shape_of_the_text(adopt, sop, text, expected):
    """Signs and a cure are troubleshooting, numbered steps a how-to, all else a reference."""
    adopt({"a/x.md": text})
    assert article(sop, "a/x.md").front_matter.type == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# A\n\nThe [gate](https://x.example) is `big`. It **opens**.\n",
            "The gate is big. It opens.",
        ),
        (
            "# A\n\n![Badge](https://x.example/b.png)\n\nThe gate is big and opens.\n",
            "The gate is big and opens.",
        ),
        (
            "# A\n\nThe gate, e.g. the big one, opens. Follow\n",
            "The gate, e.g. the big one, opens.",
        ),
        (f"# A\n\nThe gate opens wide. {'Very ' * 40}much so.\n", "The gate opens wide."),
        (
            "---\ndescription: All about *gates*, big or small\n---\nThe gate is big and opens.\n",
            "All about gates, big or small",
        ),
        (
            "# A\n\n大门在早上八点开，晚上八点关，周末全天都不开放。请注意。\n",
            "大门在早上八点开，晚上八点关，周末全天都不开放。请注意。",
        ),
        (f"# A\n\n{'Very ' * 60}long.\n", None),
        ("# A\n\nToo short.\n", None),
        ("# Open the big, big gate\n\nOpen the big, big gate.\n", None),
        ("# A\n\n- The gate is big and opens.\n", None),
        ("# A\n\nFollow these steps, all of them:\n", None),
        ("# A\n\n{% include 'gate.html' %} is what you need here.\n", None),
    ],
)
def test_the_summary_is_whole_sentences_of_prose(adopt, sop, text, expected):
    """It is plain text of at most 200 characters, or missing and named."""
    report = adopt({"a/x.md": text})
    assert stated(sop, "a/x.md").get("summary") == expected
    assert ("summary" in todo(report, "x.md")) == (expected is None)


def test_the_title_leaves_the_body_only_where_it_says_the_same(adopt, sop):
    """A heading that differs from the front matter's title stays; what it linked to is kept."""
    adopt(
        {
            "a/own.md": "<!-- x -->\n\n# Open *it*\n\n\nText\n",
            "a/other.md": "---\ntitle: Gate\n---\n# Open it\n\nText\n",
            "a/late.md": "Text\n\n# Open it late\n",
            "a/none.md": "Text\n",
            "a/under.md": "Open it\n=======\nText\n",
        }
    )
    assert article(sop, "a/own.md").title == "Open it"
    assert article(sop, "a/own.md").body == "\n<!-- x -->\n\nText\n"
    assert stated(sop, "a/own.md")["x-adopted"]["heading"] == "# Open *it*"
    assert article(sop, "a/other.md").body == "\n# Open it\n\nText\n"
    assert article(sop, "a/late.md").body == "\nText\n\n# Open it late\n"
    assert article(sop, "a/none.md").title == "None"
    assert article(sop, "a/under.md").body == "\nText\n"


def test_languages_come_from_front_matter_name_and_text(adopt, sop):
    """The front matter wins, then the file's name, then the text; English is not written."""
    german = "Öffnen Sie das Tor vor der Schicht und schließen Sie es danach wieder ab.\n"
    adopt(
        {
            "a/one/01.en.md": "Open the gate.\n",
            "a/one/01.de.md": "Tor\n",
            "a/two.md": "---\nlanguage: fr\n---\nx\n",
            "a/three.md": german,
            "a/main.js.md": "x\n",
        }
    )
    assert {
        path.name: stated(sop, f"a/{path.name}").get("language") for path in (sop / "a").iterdir()
    } == {"one.md": None, "one-de.md": "de", "two.md": "fr", "three.md": "de", "main-js.md": None}


def test_names_are_those_of_platform_and_teams(adopt, sop, write_files):
    """Only tags of platform.yml are taken over, as they are spelt there; the others are named."""
    write_files(
        sop,
        {
            "platform.yml": "tags: [sign-in, gates]\n",
            "teams.yml": 'night: {name: Night}\ndesk: {name: Desk, channel: "#desk"}\n',
        },
    )
    report = adopt(
        {"a/x.md": FOREIGN.replace("gates]", "locks]"), "a/y.md": "Text\n", "a/z.md": "Text\n"}
    )
    assert stated(sop, "a/x.md")["tags"] == ["sign-in"]
    assert todo(report, "a/x.md")["tags"].startswith("locks: not in platform.yml")
    assert stated(sop, "a/x.md")["owner"] == "desk"
    assert stated(sop, "a/y.md")["owner"] == "night"
    assert todo(report, "a/y.md")["owner"].startswith("night is the first team of teams.yml")
    assert report.written == ()
    with pytest.raises(SopError, match="has no team 'nobody'; there are: night, desk"):
        adopt({}, owner="nobody")


def test_without_teams_the_named_owner_becomes_the_first(adopt, sop):
    """A teams.yml is written for the named owner; without a name the owner is left to a person."""
    report = adopt({"a/x.md": "Text\n"})
    assert todo(report, "a/x.md")["owner"] == "name a team of teams.yml"
    assert not (sop / "teams.yml").exists()
    adopt({"a/y.md": "Text\n"}, owner="night-desk")
    assert (sop / "teams.yml").read_text(encoding="utf-8") == "night-desk:\n  name: Night desk\n"


def test_the_review_is_the_day_git_saw_the_last_change(adopt, old, sop, write_files):
    """A committed file was last reviewed when it was last changed; nothing is made up."""
    write_files(old, {"a/x.md": "Text\n", "a/y.md": "Text\n"})
    git(old, "init", "--quiet")
    git(old, "add", "a/x.md")
    git(old, "commit", "--quiet", "--message", "x", day="2026-03-01")
    report = adopt({}, owner="desk")
    assert stated(sop, "a/x.md")["last_reviewed"] == date(2026, 3, 1)
    assert stated(sop, "a/x.md")["review_by"] == date(2026, 8, 28)
    assert set(todo(report, "a/x.md")) == {"summary", "questions"}
    assert set(todo(report, "a/y.md")) == {"summary", "questions", "last_reviewed", "review_by"}


def test_a_shallow_clone_gives_no_day(tmp_path, old, sop, write_files):
    """There every file seems to have changed in the oldest commit that is left."""
    write_files(old, {"a/x.md": "Text\n"})
    git(old, "init", "--quiet")
    for day in ("2026-03-01", "2026-04-01"):
        git(old, "add", ".")
        git(old, "commit", "--quiet", "--allow-empty", "--message", "x", day=day)
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{old}", "shallow")
    report = adopt_folder(tmp_path / "shallow", Choices(sop), quiet, TODAY)
    assert "last_reviewed" not in stated(sop, "a/x.md")
    assert "git fetch --unshallow" in report.notes[0]


def test_stated_questions_are_taken_over_and_none_is_made_up(adopt, sop):
    """What a foreign file calls questions are questions; headings are not."""
    report = adopt(
        {"a/x.md": "---\nquestions: [how open, 7 gates]\n---\n## How do I open it?\n\nText\n"}
    )
    assert stated(sop, "a/x.md")["questions"] == ["how open", "7 gates"]
    assert todo(report, "a/x.md")["questions"] == "add 1 more, as people type them"


def test_links_lead_to_the_same_thing(adopt, sop):
    """Links between files follow them, pictures move along, and the check finds nothing wrong."""
    report = adopt(
        {
            "one/First Page.md": (
                "# First\n\n[two](../two/deep/Second.md#b--c) [self](#first) [web](tel:112)\n"
                "![A gate](../img/My%20Gate.PNG 'Gate')\n[r][] `[code](../two/deep/Second.md)`\n\n"
                "[r]: <../two/deep/Second.md>\n\n"
                "```\n[two](../two/deep/Second.md)\n```\n\n"
                "[gone](gone.md) [up](../../secret.md) [plan](/two/plan.pdf)\n"
            ),
            "two/deep/Second.md": (
                "# Second\n\n## B & C\n\n[one](<../../one/First Page.md#first>)\n"
                '<img src="../../img/My Gate.PNG" alt="A"> <a href="../../one/First Page.md">\n'
            ),
            "two/plan.pdf": b"plan",
            "img/My Gate.PNG": PICTURE,
            "img/unused.png": PICTURE,
        }
    )
    assert article(sop, "one/first-page.md").body == (
        "\n[two](../two/deep-second.md#b-c) [self](first-page.md) [web](tel:112)\n"
        "![A gate](my-gate.png 'Gate')\n[r][] `[code](../two/deep/Second.md)`\n\n"
        "[r]: <../two/deep-second.md>\n\n"
        "```\n[two](../two/deep/Second.md)\n```\n\n"
        "[gone](gone.md) [up](../../secret.md) [plan](plan.pdf)\n"
    )
    assert article(sop, "two/deep-second.md").body == (
        "\n## B & C\n\n[one](<../one/first-page.md>)\n"
        '<img src="../../one/my-gate.png" alt="A"> <a href="../../one/first-page/">\n'
    )
    assert (sop / "one" / "my-gate.png").read_bytes() == PICTURE
    assert sorted(one.source for one in report.copied) == ["img/My Gate.PNG", "two/plan.pdf"]
    assert todo(report, "first-page.md")["links"].startswith(
        "not adopted: gone.md, ../../secret.md;"
    )
    assert [
        finding.message
        for finding in check_articles(sop)
        if finding.rule in ("links", "anchors", "images", "file-name")
    ] == ["no file sop/one/gone.md", "no file secret.md"]


def test_links_of_other_sites_are_understood(adopt, sop):
    """By page, by folder, without suffix, from the site's root, and by a stated address."""
    adopt(
        {
            "source/manual/start.html.md": (
                "[a](/manual/stop.html) [b](stop) [c](../team/) [d](/tutorials/stop/de) "
                "[e](stop.html#end) [f](stop.md/#end)\n"
            ),
            "source/manual/stop.html.md": "---\npath: /tutorials/stop/de\n---\n## End\n",
            "source/team/index.md": "Text\n",
        }
    )
    assert article(sop, "source/manual-start.md").body == (
        "\n[a](manual-stop.md) [b](manual-stop.md) [c](team.md) [d](manual-stop.md) "
        "[e](manual-stop.md#end) [f](stop.md/#end)\n"
    )


def test_pictures_of_one_name_do_not_meet(adopt, sop, write_files):
    """The second gets its folder's name; one that is there already is neither lost nor doubled."""
    write_files(sop, {"a/gate.png": b"another"})
    report = adopt(
        {
            "a/x.md": "![X](one/gate.png) ![Y](two/gate.png)\n",
            "a/one/gate.png": b"one",
            "a/two/gate.png": b"two",
        }
    )
    assert article(sop, "a/x.md").body == "\n![X](one-gate.png) ![Y](two-gate.png)\n"
    assert (sop / "a" / "gate.png").read_bytes() == b"another"
    assert len(report.copied) == 2


def test_what_another_site_runs_is_named(adopt, sop):
    """Template code and includes stay as they are, and a person is told."""
    report = adopt(
        {"a/x.md.erb": "# A <%= name %>\n\n<% if x %>\nText\n", "a/y.md": '--8<-- "z.md"\n'}
    )
    assert article(sop, "a/x.md").body == "\n# A <%= name %>\n\n<% if x %>\nText\n"
    assert todo(report, "a/x.md")["body"] == (
        "'# A <%= name %>' holds template code, and 1 lines more do; write what it gives"
    )
    assert todo(report, "a/y.md")["body"].endswith("put that file's text in its place")


def test_a_second_run_adopts_nothing_twice(adopt, old, sop):
    """Files are known by where they came from, also after the article has moved and changed."""
    first = adopt({"a/x.md": "# X\n\nText\n", "a/y.md": "[x](x.md)\n"})
    (sop / "b").mkdir()
    (sop / "a" / "x.md").rename(sop / "b" / "renamed.md")
    before = {path: path.read_bytes() for path in sop.rglob("*.md")}
    second = adopt({"a/z.md": "[x](x.md)\n"})
    assert [one.source for one in first.adopted] == ["a/x.md", "a/y.md"]
    assert [one.source for one in second.adopted] == ["a/z.md"]
    assert [one.path for one in second.before] == [f"{sop}/b/renamed.md", f"{sop}/a/y.md"]
    assert article(sop, "a/z.md").body == "\n[x](../b/renamed.md)\n"
    assert {path: path.read_bytes() for path in before} == before
    third = adopt({"a/y.md": "New text\n"})
    assert third.adopted == ()
    assert todo(third, "a/y.md")["body"].startswith("a/y.md has changed since it was adopted")


def test_nothing_is_overwritten(adopt, sop, write_files):
    """A file of that name stays, in capitals too; the adopted one gets another name."""
    write_files(sop, {"a/x.md": "mine", "a/Y.md": "mine too"})
    adopt({"a/x.md": "Text\n", "a/y.md": "Text\n", "a/X .md": "Other\n"})
    assert (sop / "a" / "x.md").read_text(encoding="utf-8") == "mine"
    assert (sop / "a" / "Y.md").read_text(encoding="utf-8") == "mine too"
    assert sorted(path.name for path in (sop / "a").iterdir()) == [
        "Y.md", "x-2.md", "x-3.md", "x.md", "y-2.md",
    ]  # fmt: skip


def test_ids_are_new_and_unique(adopt, sop, write_files, article_text):
    """Numbers go on from the highest that the area has, and no article gets another's."""
    write_files(sop, {"access/a.md": article_text(id="acc-041")})
    report = adopt({"access/x.md": "x\n", "Accounts/y.md": "y\n", "2/z.md": "z\n"})
    assert [(one.path.removeprefix(f"{sop}/"), one.id) for one in report.adopted] == [
        ("2/z.md", "xx-001"),
        ("accounts/y.md", "acc-042"),
        ("access/x.md", "acc-043"),
    ]


def test_bad_files_are_named_and_left_and_the_rest_is_adopted(adopt, old, sop, tmp_path):
    """Each refusal says file, line and reason; none stops the others."""
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    old.mkdir()
    (old / "link.md").symlink_to(tmp_path / "secret.md")
    report = adopt(
        {
            "good.md": "Text\n",
            "empty.md": "\n",
            "latin.md": b"caf\xe9\n",
            "nul.md": b"x\0",
            "yaml.md": "---\na: [1\n---\nx\n",
            "alias.md": "---\na: &b 1\n---\nx\n",
            "guard.md": "---\naudiense: x\n---\nx\n",
            "ours.md": "---\nid: acc-001\n---\nx\n",
            "long.md": f"---\na: {'x' * 16_300}\n---\nx\n",
            "huge.md": b"x" * (2 * 1024 * 1024 + 1),
        }
    )
    assert [one.source for one in report.adopted] == ["good.md"]
    assert {one.path: one.reason for one in report.refused} == {
        "alias.md": "YAML anchors and aliases (& and *) are not read; "
        "put quotes around a value that starts with one of these characters",
        "guard.md": "unknown key: did you mean audience?",
        "huge.md": "the file is 2,097,153 bytes; at most 2,097,152 are read",
        "latin.md": "not UTF-8; save the file in that encoding",
        "link.md": "a symbolic link that leads out of the folder",
        "long.md": "its front matter cannot be carried over: the YAML has 16,448 bytes; "
        "at most 16,384 are read; shorten it",
        "nul.md": "NUL byte: this is no text file",
        "ours.md": "is an article already, acc-001; move it with git mv",
        "yaml.md": "broken YAML: expected ',' or ']', but got '<stream end>'",
    }
    assert "empty.md: empty, nothing to adopt" in report.notes
    assert [path.name for path in sop.rglob("*.md")] == ["good.md"]


def test_a_rehearsal_writes_nothing_and_says_the_same(adopt, sop):
    """`--dry-run` gives the report of the real run."""
    files = {"a/x.md": "![X](y.png)\n", "a/y.png": PICTURE, "b.md": b"\xff"}
    rehearsal = adopt(files, owner="desk", is_rehearsal=True)
    assert not sop.exists()
    real = adopt(files, owner="desk")
    assert {**rehearsal.as_json(), "dry_run": False} == real.as_json()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"# A\r\n\r\nx\r\ny", b"\r\nx\r\ny"),
        (b"# A\r\n\nx\r\n", b"\nx\n"),
        (b"# A\n\nx  \n\n", b"\nx  \n\n"),
        (b"\xef\xbb\xbf# A\n\nx\n", b"\nx\n"),
        (b"x\n---\ny\n", b"\nx\n---\ny\n"),
        (b"---\n---\nx\n", b"\nx\n"),
        (b"---\r\nb: 1\r\nc: |\r\n  d\r\n---\r\nx\r\n", b"\r\nx\r\n"),
    ],
)
def test_line_ends_are_kept_unless_they_are_mixed(adopt, sop, raw, expected):
    """The body's bytes are those of the original; of several kinds of line ends one is left."""
    adopt({"a/x.md": raw})
    fence = b"---\r\n" if b"\r\n" in expected else b"---\n"
    assert (sop / "a" / "x.md").read_bytes().endswith(fence + expected)


LINES = st.sampled_from(
    [
        "# Title",
        "## Part",
        "### Part {#own}",
        "Some [link](../b/Other%20Page.md) in text, *so* it is.",
        "[link](<../b/Other Page.md>) and `[code](../b/Other%20Page.md)`",
        "[ref]: ../b/Other%20Page.md",
        '<a href="../b/Other%20Page.md">x</a>',
        "```",
        "~~~~",
        "    [code](../b/Other%20Page.md)",
        "---",
        "...",
        "key: value",
        "- item",
        "  1. one",
        "> quote [link](../b/Other%20Page.md)",
        "| a | b |",
        "!!! note",
        "<!-- comment",
        "-->",
        "<div>",
        "{{ x }} \u200b\u2028 \x85 \x0c",
        "[x](../b/Other%20Page.md 'title') \\[y](../b/Other%20Page.md)",
        "trailing  ",
        "\tTab",
        "Ünïcode 😀 大门",
        "",
        "",
    ]
)


def neutral(text):
    """Return a text with every way to the other file replaced by one word."""
    old = ("<../b/Other Page.md>", "../b/Other%20Page.md", "../b/Other Page.md")
    for address in (*old, "<../b/other-page.md>", "../b/other-page.md", "../../b/other-page/"):
        text = text.replace(address, "OTHER")
    return text


def without_heading(body):
    """Return a body without its first title and the empty lines behind it."""
    before, _, after = body.partition("# Title\n")
    return before + after.lstrip("\n")


@settings(deadline=None, max_examples=200)
@given(st.lists(LINES, max_size=14), st.sampled_from(["\n", "\r\n"]))
def test_no_text_is_lost(lines, line_end):
    """Front matter and body are in the article to the last byte, but for a title and addresses."""
    raw = line_end.join([*lines, ""]).encode()
    with tempfile.TemporaryDirectory() as name:
        old, sop = Path(name) / "old", Path(name) / "sop"
        for path, content in (("a/x.md", raw), ("b/Other Page.md", b"Other\n")):
            (old / path).parent.mkdir(parents=True)
            (old / path).write_bytes(content)
        report = adopt_folder(old, Choices(sop), quiet, TODAY)
        if "a/x.md" not in [one.source for one in report.adopted]:
            left = [one.path for one in report.refused]
            assert left == ["a/x.md"] or "a/x.md: empty, nothing to adopt" in report.notes
            return
        written = (sop / "a" / "x.md").read_bytes()
    assert written.count(b"\n") == written.count(line_end.encode())
    before, after = split_front_matter("x.md", raw), split_front_matter("x.md", written)
    kept = neutral(after.body.removeprefix("\n"))
    whole = neutral(before.body)
    is_title = "title: Title" in written.decode()
    assert kept in {
        whole.removeprefix("\n"),
        is_title and without_heading(whole).removeprefix("\n"),
    }
    foreign = raw.decode().split(line_end)[1 : before.body_line - 2] if before.mapping else []
    assert [line for line in foreign if f"    {line}" not in written.decode()] == []


def test_the_command_reports_and_exits(old, sop, write_files):
    """The report is on standard output, what is left on standard error; 0, 1 and 2 mean that."""
    write_files(old, {"a/x.md": "Text\n", "y.md": b"\xff"})
    arguments = ["adopt", str(old), "--sop", str(sop), "--owner", "desk"]
    done = CliRunner().invoke(app, [*arguments, "--json", "--dry-run"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"] == [
        {
            "path": "y.md",
            "line": 1,
            "field": None,
            "reason": "not UTF-8; save the file in that encoding",
        }
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"a/x.md -> {sop}/a/x.md (ax-001)",
        "",
        f"{sop}/a/x.md: questions: add at least 3, as people type them",
        f"{sop}/a/x.md: summary: write one or two sentences, 20 to 200 characters",
        f"{sop}/a/x.md: last_reviewed: add the day on which somebody last checked it",
        f"{sop}/a/x.md: review_by: add the day of its next review",
        f"{sop}/teams.yml: channel: add where the team is asked",
        "",
        "1 file adopted, 1 left, see above, 5 things to do",
        READ_EACH,
    ]
    assert done.stderr.splitlines()[0] == "left: y.md:1: not UTF-8; save the file in that encoding"
    (old / "y.md").unlink()
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, done.stdout) == (0, "0 files adopted, 1 adopted before\n")


@pytest.mark.parametrize(
    ("folder", "choices", "message"),
    [
        ("nowhere", {}, "is no folder; name the one that holds your Markdown files"),
        ("old/empty", {}, "holds no Markdown file to adopt"),
        ("sop/a", {}, "where the articles are; name another folder"),
        ("old", {"area": "No Area"}, "'No Area' is no area: lower case words with hyphens"),
    ],
)
def test_unusable_input_is_refused_before_anything_is_written(
    tmp_path, write_files, folder, choices, message
):
    """One sentence says what is wrong with the folder or the area."""
    write_files(tmp_path, {"old/x.md": "x\n", "old/empty/x.txt": "x", "sop/a/x.md": "x\n"})
    with pytest.raises(SopError, match=message):
        adopt_folder(tmp_path / folder, Choices(tmp_path / "sop", **choices), quiet, TODAY)
    assert [path.name for path in (tmp_path / "sop").rglob("*.md")] == ["x.md"]


def test_articles_below_the_folder_are_no_foreign_files(tmp_path, write_files):
    """A repository is adopted whole while its own articles lie in it."""
    write_files(tmp_path, {"a/x.md": "Text\n", "sop/b/y.md": "---\nid: abc-001\n---\nText\n"})
    report = adopt_folder(tmp_path, Choices(tmp_path / "sop"), quiet)
    assert [one.source for one in report.adopted] == ["a/x.md"]
    assert report.refused == ()


def test_a_clone_of_another_name_is_the_same_source(tmp_path, write_files):
    """In the articles' own repository a file is known by its path below the root."""
    write_files(tmp_path / "one", {"docs/a/x.md": "Text\n"})
    git(tmp_path / "one", "init", "--quiet")
    adopt_folder(tmp_path / "one" / "docs", Choices(tmp_path / "one" / "sop"), quiet, TODAY)
    assert stated(tmp_path / "one" / "sop", "a/x.md")["x-adopted"]["source"] == "docs/a/x.md"
    (tmp_path / "one").rename(tmp_path / "two")
    again = adopt_folder(tmp_path / "two" / "docs", Choices(tmp_path / "two" / "sop"), quiet)
    assert (again.adopted, len(again.before)) == ((), 1)


def test_titles_that_several_articles_have_are_named(adopt):
    """Two articles of one title cannot be told apart in an answer."""
    report = adopt({"a/x.md": "# Overview\n", "b/x.md": "# Overview\n", "c.md": "# Gate\n"})
    assert todo(report, "a/x.md")["title"].startswith("Overview is also the title of ")
    assert [one.path[-6:] for one in report.todo if one.field == "title"] == ["a/x.md", "b/x.md"]


def test_today_is_only_what_dates_are_compared_with(adopt, sop):
    """A review in the future is none; no article is said to be reviewed today."""
    after = datetime.now(UTC).date().replace(year=2099)
    adopt({"a/x.md": f"---\nlast_reviewed: {after}\n---\nx\n"})
    assert "last_reviewed" not in stated(sop, "a/x.md")
