"""`sop new`: a draft that the check accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from indexer.article import ArticleType, parse_article
from indexer.checks.draft import SECTIONS, new_article, read_prompts
from indexer.checks.page import read_page
from indexer.checks.run import check_articles
from indexer.errors import SopError

TEAMS = "access: {name: Access}\nqueues: {name: Queues}\n"


@pytest.fixture
def sop(tmp_path, write_files):
    """A folder with teams and no article."""
    return write_files(tmp_path / "sop", {"teams.yml": TEAMS})


def draft(sop, name="access/lost-phone", article_type="how-to", owner=None):
    """Write a draft and return the article it holds."""
    path = new_article(sop, name, article_type, owner)
    return parse_article(path.relative_to(sop).as_posix(), path.read_bytes())


@pytest.mark.parametrize("article_type", get_args(ArticleType))
def test_a_draft_of_every_type_passes_the_check(sop, article_type):
    """The front matter of a new article is valid as it is; only text is wanted."""
    article = draft(sop, article_type=article_type)
    assert check_articles(sop) == []
    assert (article.id, article.path) == ("acc-001", "access/lost-phone.md")
    assert (article.title, article.front_matter.type) == ("Lost phone", article_type)
    assert (article.front_matter.status, article.front_matter.owner) == ("draft", "access")
    assert len(article.front_matter.questions) == 3


@pytest.mark.parametrize("slug", ["on", "404", "null", "2026-10-01", "yes", "1e3", "off-by-one"])
def test_a_draft_of_any_allowed_name_passes_the_check(sop, slug):
    """A name that YAML would read as something else than text still gives a text as title."""
    path = new_article(sop, f"access/{slug}", "how-to", None)
    assert [str(finding) for finding in check_articles(sop)] == []
    assert parse_article("a.md", path.read_bytes()).title.lower() == slug.replace("-", " ")


def test_a_draft_is_due_in_half_a_year(sop):
    """Today is its review date, and the next is 180 days on."""
    before = datetime.now(UTC).date()
    stated = draft(sop).front_matter
    assert stated.last_reviewed in (before, datetime.now(UTC).date())
    assert stated.review_by == stated.last_reviewed + timedelta(days=180)


@pytest.mark.parametrize("article_type", get_args(ArticleType))
def test_a_draft_has_the_sections_of_its_type(sop, article_type):
    """A template has the headings that the handbook asks for, and no type is without any."""
    page = read_page(draft(sop, article_type=article_type).body, 1)
    found = [heading.text for heading in page.headings]
    assert tuple(found) == SECTIONS.get(article_type, tuple(found))
    assert found


@pytest.mark.parametrize("article_type", get_args(ArticleType))
def test_whatever_is_left_of_a_template_is_found(sop, article_type):
    """Published as it is, a draft has a finding on every line that is not a heading or markup."""
    path = new_article(sop, "access/lost-phone", article_type, None)
    text = path.read_text(encoding="utf-8").replace("status: draft", "status: active")
    path.write_text(text, encoding="utf-8")
    found = {f.line for f in check_articles(sop) if f.rule == "leftovers"}
    body = text.split("\n").index("---", 1) + 1
    kept = ("", "---", "```", "```text", "{{user_id}}", "| Name | Meaning |", "| --- | --- |")
    prompted = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if number > body and line.strip() not in kept and not line.startswith("## ")
    ]
    assert sorted(line for line in found if line > body) == prompted
    front_matter = {text.split("\n")[line - 1].strip() for line in found if line <= body}
    expected = {
        "summary: One sentence that says what this article is for.",
        "- the first thing that people type when they need this",
        "- the same in other words",
        "- a short and vague way to ask it",
    }
    expected |= {
        "known-issue": {
            "reference: TICKET-0",
            "workaround: One sentence that gets people working again.",
        },
        "tip": {"reason: Why this is worth knowing now."},
    }.get(article_type, set())
    assert front_matter == expected


def test_prompts_are_sentences_and_never_headings(sop):
    """Nothing that every article has, such as a heading, counts as left over."""
    prompts = read_prompts()
    assert "Say when to stop, and what to tell the team that takes over." in prompts
    assert "Replace this line with the query, the request or the message." in prompts
    assert prompts.isdisjoint({"Steps", "Verify", "Name", "Meaning", "{{placeholder}}"})


def test_a_draft_names_whom_its_owner_escalates_to(sop, write_files):
    """Types with a section Escalate have the owner's channel filled in, others have none."""
    write_files(sop, {"teams.yml": 'access: {name: Access, channel: "#access"}\n'})
    stated = draft(sop).front_matter.escalation
    assert (stated.team, stated.channel, stated.severity) == ("access", "#access", "sev3")
    assert (stated.after_minutes, len(stated.evidence)) == (30, 1)
    assert draft(sop, "access/b", "troubleshooting").front_matter.escalation == stated
    assert draft(sop, "access/c", "policy").front_matter.escalation is None
    assert check_articles(sop) == []
    path = sop / "access" / "lost-phone.md"
    path.write_text(path.read_text(encoding="utf-8").replace(": draft", ": active"))
    assert "evidence: 'what to collect before somebody is asked' comes from sop new" in [
        finding.message for finding in check_articles(sop)
    ]


def test_a_draft_escalates_nowhere_where_no_channel_is_known(sop, write_files):
    """A channel that the platform does not list, or that a team has not, is not written."""
    assert draft(sop).front_matter.escalation is None
    teams = 'access: {name: Access, channel: "#access"}\n'
    write_files(sop, {"teams.yml": teams, "platform.yml": 'channels: ["#other"]\n'})
    assert draft(sop, "access/b").front_matter.escalation is None
    assert check_articles(sop) == []


@pytest.mark.parametrize(
    ("listed", "line"),
    [
        ("[ticket_id, user_id]", "    {{user_id}}"),
        ("[zone, ticket_id]", "    {{ticket_id}}"),
        ("[zone, host]", "    {{host}}"),
        ("[]", "    ```"),
    ],
)
def test_a_draft_has_a_placeholder_that_the_platform_has(sop, write_files, listed, line):
    """The snippet of a template names a placeholder that the check knows, or none."""
    write_files(sop, {"platform.yml": f"placeholders: {listed}\n"})
    lines = draft(sop).body.split("\n")
    prompt = "    Replace this line with the query, the request or the message."
    assert lines[lines.index(prompt) + 1] == line
    assert check_articles(sop) == []


def test_ids_count_on_from_the_highest(sop, write_files, article_text):
    """The next id follows the highest of its prefix anywhere, gaps and drafts included."""
    write_files(
        sop,
        {
            "access/a.md": article_text(id="acc-002"),
            "other/b.md": article_text(id="acc-041", status="archived"),
            "queues/c.md": article_text(id="tsk-007"),
            "access/broken.md": b"\xff",
            "access/foreign.md": "# No front matter\n",
        },
    )
    assert draft(sop, "access/new-one").id == "acc-042"
    assert draft(sop, "access/new-two").id == "acc-043"
    assert draft(sop, "queues/new").id == "tsk-008"
    assert draft(sop, "labels/new").id == "lab-001"
    assert draft(sop, "a/new").id == "ax-001"


def test_the_owner_is_a_team(sop, tmp_path):
    """The first team owns a draft unless another is named; one that is none is refused."""
    assert draft(sop).front_matter.owner == "access"
    assert draft(sop, "access/b", owner="queues").front_matter.owner == "queues"
    with pytest.raises(SopError, match=r"has no team 'nobody'; there are: access, queues"):
        new_article(sop, "access/c", "how-to", "nobody")
    assert not (sop / "access" / "c.md").exists()
    with pytest.raises(SopError, match="is no folder; start above the articles"):
        new_article(tmp_path / "empty", "access/c", "how-to", None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SopError, match="names no team; name the owner with --owner"):
        new_article(tmp_path / "empty", "access/c", "how-to", None)


def test_a_path_as_shells_complete_it_is_understood(sop, monkeypatch):
    """`sop new sop/access/new.md` means access/new."""
    monkeypatch.chdir(sop.parent)
    name = f"{sop.name}/access/new.md"
    assert new_article(Path(sop.name), name, "how-to", None) == Path(sop.name, "access", "new.md")


def test_an_existing_file_is_refused_and_kept(sop):
    """What is there is never overwritten."""
    path = new_article(sop, "access/lost-phone", "how-to", None)
    path.write_text("mine", encoding="utf-8")
    for name in ("access/lost-phone", "access/lost-phone.md"):
        with pytest.raises(SopError, match="exists already"):
            new_article(sop, name, "how-to", None)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "phone",
        "/phone",
        "access/",
        "Access/phone",
        "access/Lost",
        "a/b/c",
        "../x/y",
        "a/..",
        "a/b c",
        "a/-b",
        "a_b/c",
        "a/b\n",
        "ä/b",
        "/etc/passwd",
    ],
)
def test_a_bad_name_is_refused(sop, name):
    """Only area/slug in lower case with hyphens is a name, and nothing is written for others."""
    before = sorted(sop.parent.rglob("*"))
    with pytest.raises(SopError, match="is not like access/reset-password"):
        new_article(sop, name, "how-to", None)
    assert sorted(sop.parent.rglob("*")) == before


def test_an_unknown_type_is_refused(sop):
    """A type that is none is refused with those there are."""
    with pytest.raises(SopError, match="'recipe' is no type; there are: how-to, troubleshooting"):
        new_article(sop, "access/x", "recipe", None)
