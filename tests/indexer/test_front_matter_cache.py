"""Files split at their front matter, with and without what was read before."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import safe_yaml
from indexer.article import split_front_matter
from indexer.cache import cache_folder
from indexer.errors import ArticleError
from indexer.front_matter_cache import split_files

SOP = Path(__file__).parents[2] / "sop"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def page(front_matter: str) -> bytes:
    """Return a file with this front matter."""
    return f"---\n{front_matter}\n---\n\nCall the desk.\n".encode()


def test_articles_are_split_the_same_way_twice():
    """What was read before comes back as it was read, with types, lines and order of keys."""
    files = {f.relative_to(SOP).as_posix(): f.read_bytes() for f in sorted(SOP.rglob("*.md"))}
    assert len(files) > 50
    expected = {path: split_front_matter(path, raw) for path, raw in files.items()}
    for _ in range(2):
        found = split_files(files)
        assert found == expected
        assert list(found) == list(files)
        assert repr(found) == repr(expected)


def test_known_front_matter_is_not_read_as_yaml_again():
    """The second time the YAML is looked up by its text, whatever the file's name and body."""
    split_files({"a.md": page("id: acc-001\nlast_reviewed: 2026-10-01")})
    known = cache_folder() / "front-matter.sqlite"
    before = known.read_bytes()
    again = split_files({"b.md": page("id: acc-001\nlast_reviewed: 2026-10-01") + b"More.\n"})
    assert known.read_bytes() == before
    assert again["b.md"].mapping.values["last_reviewed"].isoformat() == "2026-10-01"


@pytest.mark.parametrize(
    "front_matter",
    [
        "x: {day: 2026-10-01}",
        "x: {day: '2026-10-01'}",
        "x: {day: never}",
        "x: 2026-10-01 10:00:00",
        "x: 2026-10-01T10:00:00+02:00",
        "x: {1: one, true: yes, null: none}",
        "x: [1, 1.0, true, .nan, -.inf, 0x10, '1', ~]",
        'x: "\\t\\u2028\\U0001f511"',
        "x: 1\nx: 2",
        "x:",
    ],
)
def test_odd_values_come_back_as_they_were_read(front_matter):
    """A value that JSON would change is read anew each time, and so never changed."""
    raw = page(front_matter)
    expected = repr(split_front_matter("a.md", raw))
    assert [repr(split_files({"a.md": raw})["a.md"]) for _ in range(2)] == [expected] * 2


def test_broken_file_gives_its_error_each_time():
    """What cannot be read is not remembered, and the error names the file that has it."""
    raw = page("a: &b 1")
    for path in ("a.md", "b.md"):
        error = split_files({path: raw, "good.md": page("a: 1")})[path]
        assert isinstance(error, ArticleError)
        with pytest.raises(ArticleError) as raised:
            split_front_matter(path, raw)
        assert str(error) == str(raised.value)


def test_file_without_front_matter_is_all_body():
    """Nothing is looked up for a file that has none."""
    split = split_files({"a.md": b"# Title\n"})["a.md"]
    assert (split.mapping, split.body) == (None, "# Title\n")
    assert safe_yaml.load_mapping("- a", "a.md") is None
    assert split_files({"b.md": page("- a")})["b.md"].mapping is None
