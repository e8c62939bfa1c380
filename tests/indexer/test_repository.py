"""What git says about a folder."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support_git import git

from indexer.corpus import read_corpus
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
