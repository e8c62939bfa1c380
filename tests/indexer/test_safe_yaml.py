"""Front matter YAML: what is read, what is refused, and on which line."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ArticleError
from indexer.safe_yaml import MAX_BYTES, MAX_DEPTH, load_mapping, scalar


def refused(text: str, first_line: int = 2) -> tuple[int, str]:
    """Return the line and the reason with which a text is refused."""
    with pytest.raises(ArticleError) as caught:
        load_mapping(text, "a.md", first_line)
    assert caught.value.path == "a.md"
    return caught.value.line, caught.value.reason


def test_load_mapping_gives_values_and_the_line_of_each_key():
    """Plain values come back typed, with the line of each key in the file."""
    mapping = load_mapping("id: acc-001\nlist:\n  - a\n  - 2\nday: 2026-10-01\n", "a.md", 2)
    assert mapping.values == {"id": "acc-001", "list": ["a", 2], "day": date(2026, 10, 1)}
    assert mapping.lines == {"id": 2, "list": 3, "day": 6}
    assert mapping.repeated == ()


def test_load_mapping_names_repeated_keys():
    """A key that stands twice is named; its last value and line count."""
    mapping = load_mapping("a: 1\nb: 2\na: 3\n", "a.md")
    assert (mapping.values, mapping.repeated) == ({"a": 3, "b": 2}, ("a",))
    assert mapping.lines == {"a": 3, "b": 2}


@pytest.mark.parametrize("text", ["", "only words", "- a\n- b\n", "42"])
def test_load_mapping_gives_none_for_what_is_no_mapping(text):
    """Text that is no mapping is not front matter."""
    assert load_mapping(text, "a.md") is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 4, "broken YAML"),
        ("a: 1\n\tb: 2\n", 3, "broken YAML"),
        ("a: 1\nb: &x 2\n", 3, "anchors and aliases"),
        ("a: 1\nb: 2\nc: *x\n", 4, "anchors and aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 3, "tags"),
        ("a: 1\nb: !custom x\n", 3, "tags"),
        ("a: 1\n? [x, y]\n: 2\n", 3, "plain text"),
        ("a: 1\n2: two\n", 3, "plain text"),
    ],
)
def test_load_mapping_refuses_with_the_line(text, line, words):
    """Broken YAML, anchors, aliases, tags and keys that are no text name their line."""
    found_line, reason = refused(text)
    assert found_line == line
    assert words in reason


@pytest.mark.parametrize("value", ["2026-02-30", "2026-13-01", "2026-01-01T25:00:00"])
def test_load_mapping_names_the_line_of_an_impossible_date(value):
    """A date that no calendar has is refused on its own line."""
    line, _ = refused(f"title: x\nlast_reviewed: {value}\n")
    assert line == 3


def test_load_mapping_reads_up_to_the_depth_limit():
    """Nesting of exactly `MAX_DEPTH` levels is read, one more is refused."""
    inner = MAX_DEPTH - 1
    assert load_mapping("a: " + "[" * inner + "]" * inner, "a.md") is not None
    line, reason = refused("x: 1\na: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert line == 3
    assert f"deeper than {MAX_DEPTH}" in reason


def test_load_mapping_reads_up_to_the_size_limit():
    """Front matter of exactly `MAX_BYTES` bytes is read, one more byte is refused."""
    fitting = "a: " + "x" * (MAX_BYTES - 3)
    assert load_mapping(fitting, "a.md").values["a"] == "x" * (MAX_BYTES - 3)
    line, reason = refused(fitting + "x")
    assert line == 2
    assert "16,385 bytes" in reason
    assert "16,384" in reason


def test_load_mapping_counts_bytes_not_characters():
    """The size limit holds for the text in UTF-8."""
    _, reason = refused("a: " + "\u00e9" * (MAX_BYTES // 2))
    assert "16,387 bytes" in reason


def test_limit_can_be_raised():
    """A file of names may be longer than front matter, up to its own limit."""
    assert load_mapping("a: " + "x" * MAX_BYTES, "p.yml", max_bytes=MAX_BYTES + 3) is not None
    with pytest.raises(ArticleError, match="at most 16,386"):
        load_mapping("a: " + "x" * MAX_BYTES, "p.yml", max_bytes=MAX_BYTES + 2)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("count", [4_000, 100_000])
def test_load_mapping_survives_deep_nesting(opening, count):
    """A hundred thousand nested openings are refused at once and crash nothing."""
    started = time.monotonic()
    refused("a:\n " + opening * count)
    assert time.monotonic() - started < 2


def test_load_mapping_refuses_an_alias_bomb():
    """Aliases that would multiply into gigabytes are refused before a value is built."""
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(60))
    line, reason = refused(bomb)
    assert line == 2
    assert "anchors and aliases" in reason


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Reset a lost factor (GH-1020).", "Reset a lost factor (GH-1020)."),
        ("naïve Tür 大门", "naïve Tür 大门"),
        ("yes", '"yes"'),
        ("2026-10-01", '"2026-10-01"'),
        ("1e3", '"1e3"'),
        ("a: b", '"a: b"'),
        ("x #y", '"x #y"'),
        ("it's “a, b”: 5% off! (why?)", '"it\'s “a, b”: 5% off! (why?)"'),
        ("it's a, b & c, 5% off! (why?)", "it's a, b & c, 5% off! (why?)"),
        ("see https://x.example/#a", "see https://x.example/#a"),
        ("7 gates", '"7 gates"'),
        ("- a", '"- a"'),
        ("a:", '"a:"'),
        ("", '""'),
        (' "a\\b" ', '" \\"a\\\\b\\" "'),
        ("two\nlines\t", '"two\\nlines\\t"'),
        ("a\u2028b\x7f", '"a\\U00002028b\\U0000007f"'),
        ("😀", '"😀"'),
    ],
)
def test_scalar_writes_a_text_that_is_read_as_itself(text, written):
    """Quotes stand only where YAML would read something else."""
    assert scalar(text) == written
    mapping = load_mapping(f"key: {written}\nlist:\n  - {written}\n", "a.md")
    assert mapping.values == {"key": text, "list": [text]}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_read_back(text):
    """Whatever a title holds, the front matter that is written for it says the same."""
    assert load_mapping(f"key: {scalar(text)}\n", "a.md", max_bytes=10**6).values == {"key": text}
