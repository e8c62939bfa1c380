"""Files of owners: one line for an area or an article, escaped, kept apart from other lines."""

from __future__ import annotations

import pytest
from support_git import git

from indexer.errors import SopError
from indexer.owners import owner_lines, owners_files, owners_text
from indexer.teams import Team

TEAMS = {
    "access": Team(name="Access", reviewers=("@org/access",)),
    "queues": Team(name="Queues [all]", reviewers=("@org/queues", "@sam")),
    "silent": Team(name="Silent"),
}
TEAMS_FILE = """\
access: {name: Access, reviewers: ["@org/access"]}
queues: {name: Queues, reviewers: ["@org/queues"]}
silent: {name: Silent}
"""
GITHUB = "# Written by: sop owners --format github (your own lines stand above this one)\n"
GITLAB = "# Written by: sop owners --format gitlab (your own lines stand above this one)\n"


@pytest.fixture
def repository(tmp_path, write_files, article_text):
    """A repository with teams and an article of each of two owners, in one area each."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    files = {
        "sop/teams.yml": TEAMS_FILE,
        "sop/access/a.md": article_text(id="acc-001"),
        "sop/queues/b.md": article_text(id="que-001", owner="queues", status="draft"),
    }
    return write_files(tmp_path, files)


def write(files):
    """Put files of owners where they belong."""
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text, encoding="utf-8")


def test_an_area_of_one_owner_is_one_line():
    """An area whose articles have one owner is one pattern; any other has one for each article."""
    owners = {
        "sop/top.md": "queues",
        "sop/access/b.md": "access",
        "sop/access/deep/a.md": "access",
        "sop/mixed/b.md": "queues",
        "sop/mixed/a.md": "access",
        "sop/access-more/a.md": "queues",
    }
    assert owner_lines(owners, "sop/", TEAMS) == [
        ("/sop/access-more/", "queues"),
        ("/sop/access/", "access"),
        ("/sop/mixed/a.md", "access"),
        ("/sop/mixed/b.md", "queues"),
        ("/sop/top.md", "queues"),
    ]


def test_an_article_nobody_reviews_keeps_its_area_apart():
    """A file without an owner or reviewers has no line, and is not taken in by its area's."""
    owners = {
        "sop/a/foreign.md": None,
        "sop/a/one.md": "access",
        "sop/b/one.md": "silent",
        "sop/c/one.md": "gone",
    }
    assert owner_lines(owners, "sop/", TEAMS) == [("/sop/a/one.md", "access")]


def test_the_folder_may_be_the_repository():
    """Where the articles are the repository itself, patterns begin at its root."""
    owners = {"access/a.md": "access", "top.md": "queues"}
    assert owner_lines(owners, "", TEAMS) == [("/access/", "access"), ("/top.md", "queues")]


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("sop/a b.md", r"/sop/a\ b.md"),
        ("sop/#one.md", r"/sop/\#one.md"),
        ("sop/[a]*?.md", r"/sop/\[a\]\*\?.md"),
        ("sop/a\\b.md", r"/sop/a\\b.md"),
        ("sop/zurück-设置.md", "/sop/zurück-设置.md"),
        ("sop/my area/a.md", r"/sop/my\ area/"),
    ],
)
def test_a_name_is_no_pattern(path, pattern):
    """Blanks and characters with a meaning of their own are escaped."""
    assert owner_lines({path: "access"}, "sop/", TEAMS) == [(pattern, "access")]


@pytest.mark.parametrize("name", ["a\nb.md", "a\tb.md", "a\u00a0b.md"])
def test_a_name_that_no_line_can_hold_is_refused(name):
    """What would end the line or the pattern is named, with the remedy."""
    with pytest.raises(SopError, match=r"has a character that CODEOWNERS cannot hold; rename it"):
        owner_lines({f"sop/{name}": "access"}, "sop/", TEAMS)


def test_github_has_lines_and_gitlab_has_sections():
    """GitHub gets every line in path order; GitLab a section for each team, in the teams' order."""
    lines = [("/sop/b/", "queues"), ("/sop/c/", "access"), ("/sop/d.md", "queues")]
    assert owners_text(lines, TEAMS, "github") == (
        f"{GITHUB}/sop/b/ @org/queues @sam\n/sop/c/ @org/access\n/sop/d.md @org/queues @sam\n"
    )
    assert owners_text(lines, TEAMS, "gitlab") == (
        f"{GITLAB}\n[Access]\n/sop/c/ @org/access\n"
        "\n[Queues (all)]\n/sop/b/ @org/queues @sam\n/sop/d.md @org/queues @sam\n"
    )


def test_the_file_is_stale_until_it_is_written(repository):
    """A file that is not there is stale; written, it is current; drafts have owners too."""
    (file,), notes = owners_files(repository / "sop")
    assert (file.name, file.forge, file.is_current) == (".github/CODEOWNERS", "github", False)
    assert file.text == f"{GITHUB}/sop/access/ @org/access\n/sop/queues/ @org/queues\n"
    assert notes == []
    write([file])
    assert [one.is_current for one in owners_files(repository / "sop")[0]] == [True]


def test_a_new_owner_makes_the_file_stale(repository, write_files, article_text):
    """When an article changes hands, the file that was right is not any more."""
    write(owners_files(repository / "sop")[0])
    write_files(repository, {"sop/access/c.md": article_text(id="acc-002", owner="queues")})
    (file,), _ = owners_files(repository / "sop")
    assert not file.is_current
    assert file.text.split("\n")[1:-1] == [
        "/sop/access/a.md @org/access",
        "/sop/access/c.md @org/queues",
        "/sop/queues/ @org/queues",
    ]


def test_lines_of_ones_own_are_kept(repository, write_files):
    """What stands above the generated lines stays, and a second run changes nothing."""
    write_files(repository, {".github/CODEOWNERS": "# ours\n* @org/all\n"})
    for _ in range(2):
        (file,), _ = owners_files(repository / "sop")
        assert file.text.startswith(f"# ours\n* @org/all\n\n{GITHUB}/sop/access/ ")
        write([file])
    assert file.is_current


def test_the_file_that_is_read_is_the_one_that_is_written(repository, write_files):
    """Each forge reads one of three places, so a second file would be read by nobody."""
    write_files(repository, {"CODEOWNERS": "* @org/all\n"})
    names = [owners_files(repository / "sop", forge)[0][0].name for forge in ("github", "gitlab")]
    assert names == ["CODEOWNERS", "CODEOWNERS"]
    write_files(repository, {".github/CODEOWNERS": "", ".gitlab/CODEOWNERS": ""})
    names = [owners_files(repository / "sop", forge)[0][0].name for forge in ("github", "gitlab")]
    assert names == [".github/CODEOWNERS", "CODEOWNERS"]


def test_without_a_format_all_that_is_there_is_kept(repository):
    """Once GitLab's file was written, it is looked after; with both files, both are."""
    write(owners_files(repository / "sop", "gitlab")[0])
    assert [f.name for f in owners_files(repository / "sop")[0]] == [".gitlab/CODEOWNERS"]
    write(owners_files(repository / "sop", "github")[0])
    assert [(f.name, f.is_current) for f in owners_files(repository / "sop")[0]] == [
        (".github/CODEOWNERS", True),
        (".gitlab/CODEOWNERS", True),
    ]


def test_whoever_is_not_asked_is_named(repository, write_files, article_text):
    """Owners without reviewers, owners that no file knows and articles without are notes."""
    files = {
        "sop/queues/c.md": article_text(id="que-002", owner="silent"),
        "sop/queues/d.md": article_text(id="que-003", owner="gone"),
        "sop/queues/e.md": "# Foreign\n",
    }
    _, notes = owners_files(write_files(repository, files) / "sop")
    assert notes == [
        "silent, owner of 1 articles, has no reviewers in teams.yml",
        "gone, owner of 1 articles, is not in teams.yml",
        "1 articles name no owner, so nobody is asked to review them",
    ]


def test_without_reviewers_there_is_no_file(repository, write_files):
    """A folder that does not use reviewers has nothing to be stale; one that did has."""
    write_files(repository, {"sop/teams.yml": "access: {name: A}\nqueues: {name: Q}\n"})
    assert owners_files(repository / "sop")[0] == []
    write_files(repository, {".github/CODEOWNERS": f"{GITHUB}/sop/access/ @org/access\n"})
    (file,), _ = owners_files(repository / "sop")
    assert (file.text, file.is_current) == (GITHUB, False)


def test_a_broken_article_is_named(repository, write_files):
    """Owners are not guessed: a file that cannot be read stops it, with file and line."""
    write_files(repository, {"sop/access/broken.md": "---\nid: [\n---\n"})
    with pytest.raises(SopError, match=r"1 files cannot be read.*access/broken\.md:\d+: "):
        owners_files(repository / "sop")


def test_shipped_files_are_current(pytestconfig):
    """This repository's own files are those that its articles and teams give."""
    files, notes = owners_files(pytestconfig.rootpath / "sop")
    assert [(file.name, file.is_current) for file in files] == [
        (".github/CODEOWNERS", True),
        (".gitlab/CODEOWNERS", True),
    ]
    assert notes == []
