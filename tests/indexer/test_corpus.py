"""Reading a folder: nothing is dropped in silence."""

from __future__ import annotations

import os

import pytest

from indexer.corpus import read_corpus
from indexer.errors import CorpusError


def ids(corpus) -> list[str]:
    """Return the articles' ids in order."""
    return [article.id for article in corpus.articles]


def errors(corpus) -> list[tuple[str, int, str | None]]:
    """Return path, line and field of each error in order."""
    return [(error.path, error.line, error.field) for error in corpus.errors]


def test_read_corpus_orders_by_path(tmp_path, write_files):
    """Articles come in path order, whatever the file system's order is."""
    write_files(tmp_path, {"b.md": "B", "a/z.md": "Z", "a/b/c.markdown": "C", "a.md": "A"})
    corpus = read_corpus(tmp_path)
    assert [article.path for article in corpus.articles] == [
        "a.md",
        "a/b/c.markdown",
        "a/z.md",
        "b.md",
    ]
    assert ids(corpus) == ["a", "a/b/c", "a/z", "b"]
    assert (corpus.errors, corpus.notes) == ((), ())


def test_read_corpus_refuses_bad_files_and_keeps_the_rest(tmp_path, write_files, article_text):
    """Each bad file is one error with path, line and field; every good one is read."""
    outside = write_files(tmp_path / "outside", {"secret.md": "Secret\n"})
    sop = write_files(
        tmp_path / "sop",
        {
            "01-broken.md": "---\nid: acc-101\ntitle: [a\n---\n",
            "02-alias.md": "---\nid: acc-102\ntitle: *a\n---\n",
            "03-anchor.md": "---\nid: acc-103\ntitle: &a x\n---\n",
            "04-tag.md": "---\nid: acc-104\ntitle: !t x\n---\n",
            "05-deep.md": "---\nx: y\na: " + "[" * 100_000 + "\n---\n",
            "06-depth.md": "---\nx: y\na: " + "[" * 25 + "]" * 25 + "\n---\n",
            "07-long.md": "---\na: " + "x" * 17_000 + "\n---\n",
            "08-latin.md": b"One\nTwo\nCaf\xe9\n",
            "09-nul.md": b"One\n\0\n",
            "10-same.md": article_text(id="acc-200"),
            "11-same.md": article_text(id="acc-200"),
            "12-key.md": article_text(id="acc-112").replace("type:", "title: b\ntype:"),
            "13-guard.md": article_text(id="acc-113", audiance="leads"),
            "14-guard.md": article_text(id="acc-114", status=None, statsu="draft"),
            "15-value.md": article_text(id="acc-115", audience=5),
            "20-good.md": article_text(id="acc-120"),
            "folder/good.md": "# Good\n",
        },
    )
    with (sop / "16-huge.md").open("wb") as huge:
        huge.truncate(50 * 1024 * 1024)
    (sop / "17-out.md").symlink_to(outside / "secret.md")
    (sop / "18-gone.md").symlink_to(sop / "nowhere.md")
    (sop / "19-loop.md").symlink_to(sop / "19-loop.md")
    (sop / "outside").symlink_to(outside, target_is_directory=True)

    corpus = read_corpus(sop)
    assert ids(corpus) == ["acc-200", "acc-120", "folder/good"]
    assert errors(corpus) == [
        ("01-broken.md", 3, None),
        ("02-alias.md", 3, None),
        ("03-anchor.md", 3, None),
        ("04-tag.md", 3, None),
        ("05-deep.md", 2, None),
        ("06-depth.md", 3, None),
        ("07-long.md", 2, None),
        ("08-latin.md", 3, None),
        ("09-nul.md", 2, None),
        ("11-same.md", 2, "id"),
        ("12-key.md", 5, "title"),
        ("13-guard.md", 11, "audiance"),
        ("14-guard.md", 10, "statsu"),
        ("15-value.md", 11, "audience"),
        ("16-huge.md", 1, None),
        ("17-out.md", 1, None),
        ("18-gone.md", 1, None),
        ("19-loop.md", 1, None),
        ("outside", 1, None),
    ]
    reasons = {error.path: error.reason for error in corpus.errors}
    assert "10-same.md, which is kept" in reasons["11-same.md"]
    assert "52,428,800 bytes" in reasons["16-huge.md"]
    assert "out of the folder" in reasons["17-out.md"]
    assert "out of the folder" in reasons["outside"]
    assert all("Secret" not in article.body for article in corpus.articles)


def test_read_corpus_notes_what_it_passes_over(tmp_path, write_files):
    """Hidden folders, empty files and links inside the folder are notes, one each."""
    write_files(
        tmp_path,
        {
            "a.md": "Text",
            "empty.md": "",
            "blank.md": "\n \n",
            ".trash/b.md": "B",
            ".trash/deep/c.md": "C",
            ".git/d.md": "no note",
            "folder/e.md": "E",
        },
    )
    (tmp_path / "link.md").symlink_to("a.md")
    (tmp_path / "again").symlink_to("folder", target_is_directory=True)
    (tmp_path / "round").symlink_to(".", target_is_directory=True)
    corpus = read_corpus(tmp_path)
    assert ids(corpus) == ["a", "folder/e"]
    assert corpus.errors == ()
    assert sorted(corpus.notes) == [
        ".trash/: hidden folder, 2 files not read",
        "again: a link to a file that is read under its own name",
        "blank.md: empty, nothing to suggest",
        "empty.md: empty, nothing to suggest",
        "link.md: a link to a file that is read under its own name",
        "round: a link to a file that is read under its own name",
    ]


def test_read_corpus_keeps_an_article_of_front_matter_alone(tmp_path, write_files, article_text):
    """An article with our front matter and no body can be found by its title and questions."""
    write_files(tmp_path, {"a.md": article_text(body="")})
    assert ids(read_corpus(tmp_path)) == ["acc-001"]


def test_read_corpus_follows_a_link_to_a_file_that_is_no_markdown(tmp_path, write_files):
    """A link in Markdown's name to another file of the folder is read, once."""
    write_files(tmp_path, {"notes.txt": "# From the notes\n", "a.md": "A"})
    (tmp_path / "notes.md").symlink_to("notes.txt")
    corpus = read_corpus(tmp_path)
    assert [(a.id, a.title) for a in corpus.articles] == [("a", "A"), ("notes", "From the notes")]


def test_read_corpus_does_not_lose_what_a_link_into_a_hidden_folder_shows(tmp_path, write_files):
    """A link to a file that is not read under its own name is never passed over as read."""
    write_files(tmp_path, {"a.md": "A", ".store/b.md": "# Kept aside\n"})
    (tmp_path / "b.md").symlink_to(".store/b.md")
    corpus = read_corpus(tmp_path)
    named_as_read = [n for n in corpus.notes if n.startswith("b.md: a link to a file that is read")]
    assert named_as_read == []
    assert "b" in ids(corpus) or "b.md" in [error.path for error in corpus.errors]


def test_read_corpus_refuses_a_name_that_is_not_utf_8(tmp_path, write_files):
    """A file whose name is no text is an error of its own, and the rest is read."""
    write_files(tmp_path, {"a.md": "A"})
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_bytes(b"B")
    corpus = read_corpus(tmp_path)
    assert ids(corpus) == ["a"]
    assert len(corpus.errors) == 1


def test_read_corpus_refuses_two_files_of_one_name(tmp_path, write_files):
    """Two files whose paths give one id are not both kept in silence."""
    write_files(tmp_path, {"a.md": "A", "a.markdown": "B"})
    corpus = read_corpus(tmp_path)
    assert [article.path for article in corpus.articles] == ["a.markdown"]
    assert errors(corpus) == [("a.md", 1, "id")]


def test_read_corpus_refuses_a_folder_without_markdown(tmp_path, write_files):
    """An empty folder, one without Markdown, and none at all are unusable as a whole."""
    with pytest.raises(CorpusError, match="holds no Markdown file"):
        read_corpus(tmp_path)
    write_files(tmp_path, {"a.txt": "A", ".hidden/b.md": "B"})
    with pytest.raises(CorpusError, match="holds no Markdown file"):
        read_corpus(tmp_path)
    with pytest.raises(CorpusError, match="is no folder"):
        read_corpus(tmp_path / "nowhere")


def test_read_corpus_reads_a_folder_with_a_dot_in_front(tmp_path, write_files):
    """Only what is hidden below the named folder is passed over."""
    write_files(tmp_path / ".sop", {"a.md": "A"})
    assert ids(read_corpus(tmp_path / ".sop")) == ["a"]
