"""`--fix`: what is mended, what is left alone, and that a second run has nothing to do."""

from __future__ import annotations

import pytest
from support_git import git

from indexer.checks.fixes import mend

FIRST = ["f one", "f two", "f three"]
SECOND = ["s one", "s two", "s three"]


def read(sop, name):
    """Return a file's bytes."""
    return (sop / name).read_bytes()


def everything(sop):
    """Return all files below a folder with their bytes."""
    return {path: path.read_bytes() for path in sorted(sop.rglob("*")) if path.is_file()}


def test_the_new_file_gets_the_next_free_id(sop, commit, write_files, article_text):
    """Of two files with one id, the one that git does not have yet gives it up."""
    commit({"access/a.md": article_text(id="acc-007")})
    write_files(sop, {"access/Z-new.md": article_text("Other.\n", id="acc-007", questions=FIRST)})
    told = mend(sop)
    report = check_folder(sop)
    assert told == ["sop/access/Z-new.md: acc-007 is now acc-008"]
    assert b"id: acc-008\n" in read(sop, "access/Z-new.md")
    assert b"id: acc-007\n" in read(sop, "access/a.md")
    assert [f.rule for f in report.open] == ["file-name"]


def test_two_branches_that_took_one_id_are_told_apart(sop, commit, article_text):
    """This branch's file is renumbered past the base's, and its references follow."""
    commit({"access/a.md": article_text(id="acc-001")})
    git(sop, "switch", "--quiet", "--create", "mine")
    mine = article_text(id="acc-002", questions=FIRST, related=["acc-001"])
    commit(
        {
            "access/mine.md": mine,
            "access/a.md": article_text(
                "See acc-002.\n", id="acc-001", related=["acc-002"], depends_on=["acc-002"]
            ),
        }
    )
    git(sop, "switch", "--quiet", "main")
    commit({"access/theirs.md": article_text(id="acc-002", questions=SECOND)})
    git(sop, "switch", "--quiet", "mine")
    for merged in (False, True):
        told = mend(sop, base="main")
        report = check_folder(sop, base="main")
        assert [f.rule for f in report.open] == []
        if not merged:
            assert told == [
                "sop/access/a.md: related names acc-003 instead of acc-002",
                "sop/access/a.md: depends_on names acc-003 instead of acc-002",
                "sop/access/mine.md: acc-002 is now acc-003",
            ]
            assert read(sop, "access/mine.md").decode() == mine.replace(
                "id: acc-002", "id: acc-003"
            )
            text = read(sop, "access/a.md").decode()
            assert (text.count("acc-003"), text.count("acc-002")) == (2, 1)
            git(sop, "checkout", "--quiet", "--", ".")
            git(sop, "merge", "--quiet", "--no-edit", "main")
        else:
            assert max(told) == "sop/access/mine.md: acc-002 is now acc-003"
            assert b"id: acc-002\n" in read(sop, "access/theirs.md")


def test_a_reused_id_is_replaced_in_the_new_file(sop, commit, write_files, article_text):
    """An id of an article that is gone is not given again, nor is it counted as free."""
    commit({"access/a.md": article_text(id="acc-005")})
    commit({"access/a.md": None})
    write_files(sop, {"access/b.md": article_text(id="acc-005")})
    assert mend(sop) == ["sop/access/b.md: acc-005 is now acc-006"]


def test_ids_that_are_published_are_left_to_people(sop, commit, article_text):
    """Where both files are in git, or there is no git, nobody can tell which one is new."""
    files = {
        "access/a.md": article_text(),
        "access/b.md": article_text(questions=FIRST),
    }
    commit(files)
    before = everything(sop)
    assert mend(sop) == []
    assert everything(sop) == before


def test_outside_git_ids_stay(tmp_path, write_files, article_text):
    """Without git no file is new."""
    folder = write_files(
        tmp_path / "sop",
        {"access/a.md": article_text(), "access/b.md": article_text(questions=FIRST)},
    )
    assert mend(folder) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_the_words_at_fault_change(sop, write_files, article_text, end):
    """Keys and hidden characters are mended; line ends, marks and all other bytes stay."""
    text = article_text("The onwer\u200b of it.\n\n\tTab \u202eabc\u202c.\u2028End", onwer="access")
    text = text.replace("owner: access\n", "").replace("\n", end)
    raw = b"\xef\xbb\xbf" + text.encode()
    write_files(sop, {"access/a.md": raw})
    told = mend(sop)
    report = check_folder(sop)
    assert told == [
        "sop/access/a.md: onwer is now owner",
        "sop/access/a.md: hidden characters removed: 4",
    ]
    mended = text.replace("onwer: ", "owner: ").replace("\u2028", " ")
    for hidden in "\u200b\u202e\u202c":
        mended = mended.replace(hidden, "")
    assert read(sop, "access/a.md") == b"\xef\xbb\xbf" + mended.encode()
    assert report.open == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("tag", "[a]"), ("zzzz", "x"), ("statsu", "open"), ("titel", "Second title"), ("Status", "x")],
)
def test_a_key_is_mended_only_where_it_must_be_the_other(
    sop, write_files, article_text, key, value
):
    """One that is far from any other, whose value does not fit, or whose right one is there."""
    text = article_text().replace("owner:", f"{key}: {value}\nowner:")
    write_files(sop, {"access/a.md": text.replace("status: active\n", "")})
    told = mend(sop)
    assert told == (["sop/access/a.md: tag is now tags"] if key == "tag" else [])


def test_a_hidden_character_in_a_key_is_mended_with_the_key(sop, write_files, article_text):
    """What one fix uncovers, the next round mends."""
    write_files(sop, {"access/a.md": article_text().replace("owner:", "o\u200bnwer:")})
    mend(sop)
    report = check_folder(sop)
    assert report.open == []
    assert b"\nowner: access\n" in read(sop, "access/a.md")


def test_a_second_run_changes_nothing(common, commit, write_files, article_text):
    """What could be mended is mended at once."""
    commit({})
    write_files(
        common,
        {
            "access/a.md": article_text("A\u200bB\n", id="acc-900", onwer="x", related=["acc-902"]),
            "access/b.md": article_text("A\u00adB\n", id="acc-900", questions=FIRST),
            "access/c.md": article_text(id="acc-901", questions=SECOND, related=["acc-900"]),
            "access/broken.md": b"---\na: [\n---\n\xe2\x80\x8b",
        },
    )
    told = mend(common)
    assert told
    before = everything(common)
    assert mend(common) == []
    assert everything(common) == before


def test_accepted_findings_and_other_files_stay(sop, write_files, article_text):
    """A writer's reason holds against a fix, and only named files are mended."""
    accepted = {"x-accept": {"hidden-characters": "shows the character itself"}}
    files = {
        "access/a.md": article_text("A\u200bB\n", **accepted),
        "access/b.md": article_text("A\u200bB\n", id="acc-002", questions=FIRST),
        "access/c.md": article_text("A\u200bB\n", id="acc-003", questions=SECOND),
    }
    write_files(sop, files)
    assert mend(sop, [sop / "access" / "b.md"])[1] == [
        "sop/access/b.md: hidden characters removed: 1"
    ]
    assert read(sop, "access/a.md").decode() == files["access/a.md"]
    assert read(sop, "access/c.md").decode() == files["access/c.md"]


def test_a_file_keeps_its_mode(sop, write_files, article_text):
    """Mending writes the file anew, with the rights that it had."""
    write_files(sop, {"access/a.md": article_text("A\u200bB\n")})
    (sop / "access" / "a.md").chmod(0o640)
    mend(sop)
    assert (sop / "access" / "a.md").stat().st_mode & 0o777 == 0o640
