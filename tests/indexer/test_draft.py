"""`sop new`: a draft that the check accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from indexer.article import ArticleType, parse_article
from indexer.checks.draft import new_article
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


def test_a_draft_has_the_sections_of_its_type(sop):
    """A how-to starts with the headings that the handbook asks for."""
    body = draft(sop).body
    headings = [line for line in body.split("\n") if line.startswith("#")]
    assert headings == ["## Before you start", "## Steps", "## Verify", "## Escalate"]


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
    with pytest.raises(SopError, match="names no team; name the owner with --owner"):
        new_article(tmp_path / "empty", "access/c", "how-to", None)


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
