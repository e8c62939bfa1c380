"""What git says about a folder."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support_git import git

from indexer.corpus import read_commit, read_corpus
from indexer.errors import SopError
from indexer.repository import Repository


@pytest.fixture
def repository_folder(tmp_path, write_files):
    """A repository with two commits: `sop/b.md` changed in the second only."""
    root = write_files(tmp_path / "repo", {"sop/a.md": "A", "sop/ü/b.md": "B", "other.md": "O"})
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "one", day="2026-01-01")
    (root / "sop" / "ü" / "b.md").write_text("B2", encoding="utf-8")
    git(root, "commit", "--quiet", "-a", "-m", "two", day="2026-02-02")
    return root


def test_around_is_none_outside_a_repository(tmp_path, write_files):
    """A folder outside git has no repository, and a corpus there no revision and no dates."""
    write_files(tmp_path, {"a.md": "A"})
    assert Repository.around(tmp_path) is None
    corpus = read_corpus(tmp_path)
    assert (corpus.revision, corpus.articles[0].updated) == (None, None)


def test_around_finds_the_root(repository_folder):
    """A folder inside a work tree leads to the tree's top."""
    found = Repository.around(repository_folder / "sop" / "ü")
    assert found.root == repository_folder


def test_revision_tells_whether_files_differ(repository_folder):
    """The revision is the full commit id, with a plus when a file differs from it."""
    repository = Repository.around(repository_folder)
    head = git(repository_folder, "rev-parse", "HEAD")
    assert repository.revision() == head
    (repository_folder / "new.md").write_text("N", encoding="utf-8")
    assert repository.revision() == f"{head}+"


def test_revision_is_none_before_the_first_commit(tmp_path, write_files):
    """A repository without a commit has no revision, and reading it is no error."""
    git(tmp_path, "init", "--quiet")
    write_files(tmp_path, {"a.md": "A"})
    corpus = read_corpus(tmp_path)
    assert (corpus.revision, [a.id for a in corpus.articles]) == (None, ["a"])


def test_last_changed_dates_each_file_by_its_last_commit(repository_folder):
    """Dates are by path below the folder, also for names in other letters."""
    repository = Repository.around(repository_folder)
    assert repository.last_changed(repository_folder / "sop") == {
        "a.md": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "ü/b.md": datetime(2026, 2, 2, 12, tzinfo=UTC),
    }


def test_read_corpus_takes_dates_and_revision_from_git(repository_folder):
    """Every committed article knows when it last changed, and the corpus its commit."""
    corpus = read_corpus(repository_folder / "sop")
    assert [(a.path, a.updated) for a in corpus.articles] == [
        ("a.md", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("ü/b.md", datetime(2026, 2, 2, 12, tzinfo=UTC)),
    ]
    assert corpus.revision == git(repository_folder, "rev-parse", "HEAD")


def test_write_branch_changes_the_named_files_and_nothing_else(repository_folder):
    """Bytes are stored as they are, modes stay, and work tree, index and HEAD are untouched."""
    root = repository_folder
    git(root, "config", "user.name", "Writer")
    git(root, "config", "user.email", "writer@example.com")
    git(root, "config", "core.autocrlf", "true")
    (root / "sop" / "a.md").chmod(0o755)
    git(root, "commit", "--quiet", "-a", "-m", "three")
    (root / "sop" / "a.md").write_text("dirty", encoding="utf-8")
    repository = Repository(root)
    before = git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")
    parent = repository.named("HEAD")
    repository.refuse_branch("new/one")
    files = {"sop/a.md": b"A\r\nB", "sop/ü/b.md": b"\xef\xbb\xbfB3"}
    commit = repository.write_branch("new/one", parent, files, "Größer\n\nwhy\n")
    assert repository.commit("new/one") == commit
    assert repository.files_at(commit, files) == files
    assert git(root, "ls-tree", commit, "sop/a.md").startswith("100755 blob ")
    assert repository.changed(".", parent, commit) == sorted(files)
    assert git(root, "log", "-1", "--format=%B%an <%ae>", commit) == (
        "Größer\n\nwhy\nWriter <writer@example.com>"
    )
    assert (git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")) == before


def test_write_branch_never_moves_a_branch(repository_folder):
    """One that somebody made in the meantime stays where it is, and git's reason is told."""
    root = repository_folder
    git(root, "config", "user.name", "Writer")
    git(root, "config", "user.email", "writer@example.com")
    repository = Repository(root)
    parent = repository.named("HEAD")
    git(root, "branch", "taken", "HEAD^")
    with pytest.raises(SopError, match=r"git update-ref refused, and no branch was made: .*taken"):
        repository.write_branch("taken", parent, {"sop/a.md": b"x"}, "m")
    assert repository.commit("taken") == repository.commit("HEAD^")


def test_a_repository_without_a_commit_has_nothing_to_branch_from(tmp_path):
    """The first branch needs a commit to start from."""
    git(tmp_path, "init", "--quiet")
    with pytest.raises(SopError, match="has no commit yet"):
        Repository(tmp_path).refuse_branch("x")


def test_read_commit_reads_what_was_committed(repository_folder, write_files):
    """Files in the work tree do not count; broken files of the commit are named."""
    root = repository_folder
    write_files(root, {"sop/broken.md": b"\xff", "sop/.hidden/c.md": "C"})
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "three")
    write_files(root, {"sop/a.md": "changed", "sop/new.md": "N"})
    repository = Repository(root)
    files, corpus = read_commit(repository, repository.named("HEAD"), "sop")
    assert files == {"sop/a.md": b"A", "sop/broken.md": b"\xff", "sop/ü/b.md": b"B2"}
    assert [(one.id, one.body) for one in corpus.articles] == [("sop/a", "A"), ("sop/ü/b", "B2")]
    assert [str(error) for error in corpus.errors] == [
        "sop/broken.md:1: not UTF-8; save the file in that encoding"
    ]
