"""Articles cut once are not cut again, and never come back different."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from indexer.article import Article, FrontMatter
from indexer.chunk_cache import ChunkCache
from indexer.chunking import chunk_article

BODY = "Intro.\n\n## Steps\n\n1. Open the door.\n2. Close it again.\n\n## Steps\n\nWait.\n"


def article(number=1, **changed) -> Article:
    """Return an article; name a field to change it."""
    fields = {"id": f"acc-{number:03d}", "title": "Doors", "body": BODY, "body_line": 9} | changed
    return Article(path=f"{number}.md", front_matter=FrontMatter(), **fields)


def count_words(texts) -> list[int]:
    """Count words, and two special tokens."""
    return [len(text.split()) + 2 for text in texts]


def cut(folder, articles, digest="d", most=64):
    """Return the chunks and whether anything had to be cut."""
    asked = []

    def count(texts):
        asked.extend(texts)
        return count_words(texts)

    return ChunkCache(folder, digest, most).chunks(articles, count), bool(asked)


def test_a_known_article_is_not_cut_again(tmp_path):
    """The second time the same chunks come back, in the articles' order, without counting."""
    articles = [article(2), article(1)]
    first, was_cut = cut(tmp_path, articles)
    again, was_cut_again = cut(tmp_path, articles[::-1])
    assert (was_cut, was_cut_again) == (True, False)
    assert first == [c for one in articles for c in chunk_article(one, count_words, 64)]
    assert [chunk.id for chunk in first] == [
        "acc-002#0",
        "acc-002#1",
        "acc-002#2",
        *(f"acc-001#{place}" for place in range(3)),
    ]
    assert again == first[3:] + first[:3]
    assert [chunk.anchor for chunk in again[:3]] == [None, "steps", "steps_1"]


@pytest.mark.parametrize(
    "changed", [{"title": "Gates"}, {"body": BODY + "More.\n"}, {"body_line": 10}, {"id": "x"}]
)
def test_what_decides_the_chunks_makes_another_entry(tmp_path, changed):
    """Another title, text, line or id is cut anew, and the old one is still known."""
    cut(tmp_path, [article()])
    found, was_cut = cut(tmp_path, [article(**changed)])
    assert was_cut
    assert found == chunk_article(article(**changed), count_words, 64)
    assert cut(tmp_path, [article()]) == (chunk_article(article(), count_words, 64), False)


def test_encoders_and_limits_are_kept_apart(tmp_path):
    """Tokens of another encoder, or another limit, may cut elsewhere."""
    cut(tmp_path, [article()])
    assert cut(tmp_path, [article()], digest="e")[1]
    assert cut(tmp_path, [article()], most=32)[1]


@pytest.mark.parametrize("raw", [b"", b"[]x", b"[[1]]", b'{"a": 1}', b"\xff\xfe"])
def test_a_broken_entry_is_cut_anew(tmp_path, raw):
    """What cannot be read back costs time, never a wrong chunk."""
    expected, _ = cut(tmp_path, [article()])
    with closing(sqlite3.connect(tmp_path / "chunks.sqlite")) as db:
        db.execute("UPDATE entry SET value = ?", (raw,))
        db.commit()
    assert cut(tmp_path, [article()]) == (expected, True)
    assert cut(tmp_path, [article()]) == (expected, False)


def test_an_article_without_text_is_remembered_too(tmp_path):
    """No chunk is an answer as well."""
    assert cut(tmp_path, [article(body="")])[0] == []
    assert cut(tmp_path, [article(body="")])[0] == []
