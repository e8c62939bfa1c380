"""`--changed BASE`: what a branch answers for, and what is said where git cannot tell."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date

import pytest
from support_git import git

from indexer.checks.draft import new_article
from indexer.checks.run import check_folder
from indexer.errors import SopError
from indexer.held_out import AskedQuestion

TODAY = date(2026, 11, 22)
OTHER = ["o one", "o two", "o three"]


def found(sop, base="main", only=()):
    """Return open findings as path, rule and message."""
    report = check_folder(sop, only, base, TODAY)
    return [(f.path, f.rule, f.message) for f in report.open]


@pytest.fixture
def branch(sop, commit, article_text):
    """A branch `mine` beside `main`, which has one faulty and one linking article."""
    link = "See [it](target.md#part).\n"
    commit(
        {
            "access/faulty.md": article_text("<!-- old -->\n", id="acc-002", questions=OTHER),
            "access/target.md": article_text("## Part\n\nText.\n", id="acc-003"),
            "access/links.md": article_text(link, id="acc-004", questions=["l 1", "l 2", "l 3"]),
        }
    )
    git(sop, "switch", "--quiet", "--create", "mine")
    return sop


def test_a_branch_does_not_answer_for_what_was_wrong_before(branch):
    """What stood in the base is not shown, until the file that it is in is touched."""
    assert found(branch) == []
    faulty = branch / "access" / "faulty.md"
    faulty.write_text(faulty.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    assert [(path, rule) for path, rule, _ in found(branch)] == [("sop/access/faulty.md", "html")]


def test_a_branch_answers_for_what_it_breaks_elsewhere(branch, commit, article_text):
    """A heading renamed or a file removed is found where others link to it."""
    commit({"access/target.md": article_text("## Piece\n\nText.\n", id="acc-003")})
    broken = "sop/access/links.md"
    assert found(branch) == [(broken, "anchors", "no heading #part in sop/access/target.md")]
    assert found(branch, only=[branch / "access" / "target.md"]) == []
    commit({"access/target.md": None})
    assert found(branch) == [(broken, "links", "no file sop/access/target.md")]


def test_files_that_git_does_not_know_yet_are_changed_too(branch, write_files, article_text):
    """A new file is checked before it is added."""
    write_files(branch, {"access/new.md": article_text(id="acc-009", owner=None)})
    assert ("sop/access/new.md", "schema", "owner is missing") in found(branch)


def test_a_name_taken_out_is_found_in_every_article(branch, write_files, article_text, commit):
    """When a file of names changes, all articles answer to it."""
    write_files(branch, {"teams.yml": "desk: {name: Desk}\n"})
    assert {path for path, rule, _ in found(branch) if rule == "owner-exists"} == {
        f"sop/access/{name}.md" for name in ("faulty", "target", "links")
    }


def test_an_id_that_was_given_and_taken_on_this_branch_is_free(branch, commit, article_text):
    """What never reached the base was never anybody's id."""
    commit({"access/first.md": article_text(id="acc-009", questions=["f 1", "f 2", "f 3"])})
    commit({"access/first.md": None})
    commit({"access/second.md": article_text(id="acc-009", questions=["f 1", "f 2", "f 3"])})
    assert found(branch) == []
    assert {rule for _, rule, _ in found(branch, base=None)} == {"reused-ids", "html"}


def test_a_new_article_gets_no_id_that_git_remembers(branch, commit):
    """`sop new` counts on from ids whose articles are gone."""
    commit({"access/links.md": None})
    path = new_article(branch, "access/fresh", "process", "access")
    assert "id: acc-005\n" in path.read_text(encoding="utf-8")


def test_an_unknown_base_is_one_sentence(branch):
    """The sentence says how to get it."""
    for base, fetch in (("origin/next", "origin next"), ("next", "origin next"), ("-x", "")):
        with pytest.raises(SopError, match=rf"{base} is no commit .*git fetch {fetch}"):
            check_folder(branch, base=base)


def test_a_base_without_common_history_is_one_sentence(branch):
    """Two histories that never met cannot be compared."""
    git(branch, "switch", "--quiet", "--orphan", "other")
    (branch / "access").mkdir(parents=True)
    git(branch, "commit", "--quiet", "--allow-empty", "--message", "start")
    with pytest.raises(SopError, match="main and the current commit have nothing in common"):
        check_folder(branch, base="main")


def test_a_folder_outside_git_is_one_sentence(tmp_path, write_files, article_text):
    """Without git there is nothing to compare with; a plain check still works."""
    write_files(tmp_path / "sop", {"access/a.md": article_text()})
    with pytest.raises(SopError, match="is in no git repository; leave out --changed"):
        check_folder(tmp_path / "sop", base="main")
    assert check_folder(tmp_path / "sop").open == []


def test_a_shallow_clone_is_one_sentence(branch, commit, tmp_path):
    """Where the common commit was not fetched, the sentence names the remedy; else it is a note."""
    commit({"access/faulty.md": None})
    git(branch, "switch", "--quiet", "main")
    commit({"more.txt": "x"})
    git(branch, "switch", "--quiet", "mine")
    clone = tmp_path / "clone"
    source = branch.parent.as_uri()
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", "--no-single-branch", source, str(clone)],
        check=True,
    )
    with pytest.raises(SopError, match=r"shallow .* git fetch --unshallow"):
        check_folder(clone / "sop", base="origin/main")
    report = check_folder(clone / "sop", today=TODAY)
    assert ["git fetch --unshallow" in note for note in report.notes] == [True]
    assert check_folder(branch, today=TODAY).notes == ()


def test_git_runs_nothing_of_the_repositorys_choosing(branch, commit, tmp_path, article_text):
    """Its configuration cannot make the check start a program."""
    mark = tmp_path / "ran"
    for key in ("diff.external", "diff.x.textconv", "diff.x.command", "gpg.program"):
        git(branch, "config", key, f"touch {mark} #")
    git(branch, "config", "log.showSignature", "true")
    (branch / ".gitattributes").write_text("*.md diff=x\n")
    commit({"access/target.md": article_text("## Part\n\nNew.\n", id="acc-003")})
    assert found(branch) == []
    assert not mark.exists()


def test_what_was_measured_on_a_branch_is_not_looked_for_in_its_base(
    branch, commit, write_files, article_text
):
    """A finding in another file, and a question of a new one, are told together."""
    commit({"access/target.md": article_text("Text.\n", id="acc-003")})
    write_files(branch, {"access/new.md": article_text(id="acc-009", questions=OTHER[::-1])})
    new, other = "sop/access/new.md", "sop/access/faulty.md"

    def measure(folder):
        return replace(folder, asked=(AskedQuestion(new, "o two", 9, other),))

    report = check_folder(branch, (), "main", TODAY, measure=measure)
    rules = {(one.path, one.rule) for one in report.open}
    assert {("sop/access/links.md", "anchors"), (new, "same-question")} <= rules


def test_a_draft_is_named_as_one(branch, write_files, article_text):
    """No finding in a draft does not mean that it is done."""
    write_files(branch, {"access/new.md": article_text(id="acc-009", status="draft")})
    (note,) = check_folder(branch, (), "main", TODAY).notes
    assert note.startswith("sop/access/new.md: still a draft")


def test_a_base_with_a_slip_is_named(branch):
    """Who forgot that the branch is called otherwise is told which there are."""
    with pytest.raises(SopError, match=r"did you mean main\? If not, fetch it with: git fetch"):
        check_folder(branch, base="maim")
