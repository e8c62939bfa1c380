"""Proposals into an article's file: the right lines, and every other byte as it was."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import split_front_matter
from indexer.errors import ArticleError
from indexer.proposals import add_questions

HEAD = "---\nid: acc-001\ntitle: A\n"
TAIL = "tags: [a]\n---\n\nText.\n"
BLOCK = "questions:\n  - phone lost\n  # Spanish\n  - móvil perdido  # really\n"


def added(raw: bytes, *texts: str) -> list[str]:
    """The lines that a file gets; that it loses none is asserted."""
    changed = add_questions("a.md", raw, texts)
    lines = difflib.ndiff(
        raw.decode().splitlines(keepends=True), changed.decode().splitlines(keepends=True)
    )
    told = [line for line in lines if line[0] in "+-"]
    assert all(line[0] == "+" for line in told)
    return [line[2:] for line in told]


def values(raw: bytes) -> dict:
    """What a file's front matter says."""
    return split_front_matter("a.md", raw).mapping.values


def test_lines_stand_below_the_last_question_in_its_style():
    """Indentation, comments and order stay; quotes stand where YAML needs them."""
    raw = (HEAD + BLOCK + TAIL).encode()
    assert added(raw, "no code", 'says "what: now"?', "2fa gone") == [
        "  - no code\n",
        '  - "says \\"what: now\\"?"\n',
        '  - "2fa gone"\n',
        "x-learned:\n",
        "  - no code\n",
        '  - "says \\"what: now\\"?"\n',
        '  - "2fa gone"\n',
    ]


@pytest.mark.parametrize(
    "questions",
    [
        "questions:\n- phone lost\n- no code\n",
        "questions:\n    -   phone lost\n    -   no code\n\n",
        "questions:\n  - phone lost\n  - >\n    no code\n    at all\n# below\n",
        'questions:\n  - "phone\n    lost"\n',
        '"questions":\n  - phone lost\n',
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_block_list_and_any_line_end(questions, end):
    """The new lines have the file's own indentation and line ends."""
    raw = (HEAD + questions + TAIL).replace("\n", end).encode()
    changed = add_questions("a.md", raw, ["new one"])
    before = values(raw)
    assert values(changed) == before | {
        "questions": [*before["questions"], "new one"],
        "x-learned": ["new one"],
    }
    assert changed.count(end.encode()) == raw.count(end.encode()) + 3
    assert changed.replace(b"\r\n", b"\n").count(b"\r") == (3 + raw.count(b"\r")) * (end == "\r")


def test_a_byte_order_mark_and_the_last_key_stay():
    """The list may be the last thing in the front matter, of a file that Windows wrote."""
    raw = b"\xef\xbb\xbf" + (HEAD + "questions:\n  - phone lost\n---\nText").encode()
    changed = add_questions("a.md", raw, ["new one"])
    assert changed.startswith(b"\xef\xbb\xbf---")
    assert changed.endswith(b"  - new one\nx-learned:\n  - new one\n---\nText")


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ("questions: [a b, c d]\n", 'questions: [a b, c d, "new, one"]\n'),
        ("questions: [a b, c d ]  # x ]\n", 'questions: [a b, c d, "new, one" ]  # x ]\n'),
        ("questions: []\n", 'questions: ["new, one"]\n'),
        ('questions: ["a]", b,]\n', 'questions: ["a]", b, "new, one"]\n'),
        ("questions: [\n  a b,\n  c d\n]\n", 'questions: [\n  a b,\n  c d, "new, one"\n]\n'),
    ],
)
def test_a_list_in_brackets_stays_one(questions, expected):
    """The text goes before the bracket that closes the list, quoted, since it has a comma."""
    changed = add_questions("a.md", (HEAD + questions + TAIL).encode(), ["new, one"])
    learned = "x-learned:\n  - new, one\n"
    assert changed.decode() == HEAD + expected + learned + TAIL


@given(st.lists(st.text(min_size=1, max_size=60).filter(str.strip), min_size=1, max_size=3))
def test_any_text_is_read_back_as_it_was(texts):
    """Whatever people type, the file says exactly that, or is refused."""
    texts = [text.encode("utf-8", "ignore").decode().strip() or "x" for text in texts]
    for questions in (BLOCK, "questions: [a]\n"):
        raw = (HEAD + questions + TAIL).encode()
        changed = add_questions("a.md", raw, texts)
        assert values(changed)["x-learned"] == texts
        assert values(changed)["questions"] == [*values(raw)["questions"], *texts]


@pytest.mark.parametrize(
    ("raw", "line", "told"),
    [
        (b"# Only text\n", 1, "no front matter with an id"),
        (b"---\ntitle: A\nquestions: [a]\n---\n", 1, "no front matter with an id"),
        (b"---\nid: acc-001\ntitle: A\n---\n", 1, "must be one list"),
        (b"---\nid: acc-001\nquestions: 5\n---\n", 3, "Input should be"),
        (b"---\nid: acc-001\nquestions: [a]\nx-learned: [b]\n---\n", 4, "holds proposals already"),
        (b"---\nid: acc-001\nquestions: [a # ]\n ]\n---\n", 3, "cannot be added to"),
        (b"---\nid: acc-001\nquestions: [a,\n b # c\n ]\n---\n", 3, "cannot be added to"),
        (b"---\n{id: acc-001, questions: [a]}\n---\n", 2, "cannot be added to"),
        (b"---\nid: acc-001\nquestions: [a]\nx-big: " + b"y" * 16_340 + b"\n---\n", 3, "cannot"),
    ],
)
def test_what_cannot_be_added_to_is_refused_with_line_and_reason(raw, line, told):
    """No file is guessed at: the error names where and what to do."""
    with pytest.raises(ArticleError, match=told) as caught:
        add_questions("sop/a.md", raw, ["new one"])
    assert (caught.value.path, caught.value.line) == ("sop/a.md", line)
