"""An article becomes chunks, and no word of it is lost."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.article import parse_article
from indexer.chunking import Chunk, chunk_article

ARTICLE = """\
---
id: acc-001
title: Reset the phone
---

Call the desk first.

## Before you start

You need a ticket.
Ask for the number.

- one
- two
    1. inner
    2. last

### Codes { #codes }

| Code | Meaning |
| --- | --- |
| GH-1 | Wrong |
| GH-2 | Missing |

## Steps

```sh
reset --now

done
```

!!! warning "Take care"
    Never on a chat message.

    ```sql
    SELECT 1;
    ```

## Steps

Again.
"""


def chunked(text: str, count, max_tokens: int = 1000) -> list[Chunk]:
    """Return the chunks of a Markdown text."""
    return chunk_article(parse_article("a.md", text.encode()), count, max_tokens)


def said(chunks: list[Chunk]) -> list[str]:
    """Return the chunks' texts."""
    return [chunk.text for chunk in chunks]


def test_chunk_article_knows_where_each_chunk_stands(words):
    """Heading path, anchor and source lines are those of the file, front matter included."""
    chunks = chunked(ARTICLE, words)
    assert [(c.ordinal, c.heading_path, c.anchor, c.start_line, c.end_line) for c in chunks] == [
        (0, ("Reset the phone",), None, 6, 6),
        (1, ("Reset the phone", "Before you start"), "before-you-start", 10, 16),
        (2, ("Reset the phone", "Before you start", "Codes"), "codes", 20, 23),
        (3, ("Reset the phone", "Steps"), "steps", 28, 37),
        (4, ("Reset the phone", "Steps"), "steps_1", 42, 42),
    ]
    assert [chunk.id for chunk in chunks] == [f"acc-001#{i}" for i in range(5)]
    assert said(chunks) == [
        "Call the desk first.",
        "You need a ticket.\nAsk for the number.\n- one\n- two\n  1. inner\n  2. last",
        "Code | Meaning\nGH-1 | Wrong\nGH-2 | Missing",
        "reset --now\ndone\nTake care\nNever on a chat message.\nSELECT 1;",
        "Again.",
    ]


def test_embedding_text_has_the_headings_in_front(words):
    """The encoder sees where a chunk stands, then what it says."""
    assert chunked(ARTICLE, words)[2].embedding_text() == (
        "Reset the phone > Before you start > Codes\nCode | Meaning\nGH-1 | Wrong\nGH-2 | Missing"
    )


def test_chunk_article_does_not_repeat_a_heading_that_is_the_title(words):
    """A level-1 heading equal to the title adds no step to the heading path, but an anchor."""
    (chunk,) = chunked("# Reset\n\nText.\n", words)
    assert (chunk.heading_path, chunk.anchor) == (("Reset",), "reset")


def test_chunk_article_follows_levels(words):
    """A heading closes those of its level and below."""
    text = "# T\n\na\n\n## A\n\nb\n\n#### B\n\nc\n\n### C\n\nd\n\n## D\n\ne\n"
    assert [c.heading_path[1:] for c in chunked(text, words)] == [
        (),
        ("A",),
        ("A", "B"),
        ("A", "C"),
        ("D",),
    ]


def test_chunk_article_keeps_headings_without_text(words):
    """A heading with nothing under it is a chunk of its own; a parent of others is not."""
    chunks = chunked("# T\n\n## Empty\n\n## Parent\n\n### Child\n\nText.\n\n## Last\n", words)
    assert [(c.heading_path, c.text) for c in chunks] == [
        (("T", "Empty"), "Empty"),
        (("T", "Parent", "Child"), "Text."),
        (("T", "Last"), "Last"),
    ]


def test_chunk_article_without_text_gives_no_chunk(words, article_text):
    """An article of front matter alone has no chunks."""
    assert chunked(article_text(body=""), words) == []


def test_chunk_article_refuses_a_limit_below_32(words):
    """A limit that leaves no room for text is refused."""
    with pytest.raises(ValueError, match="31"):
        chunked("Text.", words, 31)


def test_chunk_article_keeps_blocks_whole_where_they_fit(words):
    """A list that fits a chunk of its own is not cut to fill the chunk before it."""
    prose = " ".join(f"p{i}" for i in range(25))
    items = [f"- i{i} j{i} k{i}" for i in range(4)]
    chunks = chunked("\n".join([prose, "", *items]), words, 32)
    assert said(chunks) == [prose, "\n".join(items)]
    assert [(c.start_line, c.end_line) for c in chunks] == [(1, 1), (3, 6)]


@pytest.mark.parametrize(
    ("block", "pieces"),
    [
        ([f"- i{i} " + "w " * 5 for i in range(10)], [f"- i{i} w w w w w" for i in range(10)]),
        (
            ["| h1 | h2 |", "| --- | --- |", *[f"| r{i} | w w w w |" for i in range(10)]],
            ["h1 | h2", *[f"r{i} | w w w w" for i in range(10)]],
        ),
        (
            ["```", *[f"  line{i} x x x x" for i in range(10)], "```"],
            [f"  line{i} x x x x" for i in range(10)],
        ),
        ([" ".join(f"S{i} a b c d." for i in range(10))], [f"S{i} a b c d." for i in range(10)]),
        (
            ["".join(f"第{i}句 啊 啊 啊 啊。" for i in range(10))],
            [f"第{i}句 啊 啊 啊 啊。" for i in range(10)],
        ),
    ],
    ids=["list", "table", "fence", "sentences", "chinese"],
)
def test_chunk_article_cuts_overlong_blocks_between_their_parts(words, block, pieces):
    """What is too long for one chunk is cut at items, rows, lines or sentences, in order."""
    chunks = chunked("\n".join(block), words, 32)
    assert len(chunks) > 1
    assert "\n".join(said(chunks)).split("\n") == pieces
    assert max(words([c.embedding_text() for c in chunks])) <= 32


def test_chunk_article_gives_the_lines_of_cut_rows(words):
    """Pieces of a cut table or fence name their own source lines."""
    rows = [f"| r{i} | w w w w w w w w w w |" for i in range(4)]
    chunks = chunked("\n".join(["| h | h |", "| - | - |", *rows]), words, 32)
    assert [(c.start_line, c.end_line) for c in chunks] == [(1, 4), (5, 6)]
    lines = [f"x{i} " + "w " * 12 for i in range(4)]
    chunks = chunked("\n".join(["```", *lines, "```"]), words, 32)
    assert [(c.start_line, c.end_line) for c in chunks] == [(2, 3), (4, 5)]


def test_chunk_article_cuts_inside_an_overlong_word(encoder):
    """Only a word that is too long by itself is cut inside, and its letters all stay."""
    word = "".join(f"{i:x}-" for i in range(3000))
    chunks = chunked(f"Before {word} after.", encoder.count_tokens, 64)
    assert "".join("".join(said(chunks)).split()) == f"Before{word}after."
    assert max(encoder.count_tokens([c.embedding_text() for c in chunks])) <= 64


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ('!!! note "Mind"\n    Prose *here*.\n', "Mind\nProse here."),
        ('??? tip "More"\n    Prose.\n\n    - item\n', "More\nProse.\n- item"),
        (
            '=== "Linux"\n    Run it.\n\n=== "Mac"\n    Click it.\n',
            "Linux\nRun it.\nMac\nClick it.",
        ),
        ("!!! note\n    ```sh\n    a\n      b\n    ```\n", "a\n  b"),
        ('!!! note "A"\n    !!! tip "B"\n        Deep.\n', "A\nB\nDeep."),
        ('- item\n\n    !!! note "N"\n        In.\n', "- item\n  N\n  In."),
        ("<div>\n<p>One <b>two</b></p>\n<!-- no -->\n</div>\n", "One two"),
        ("<script>\nno();\n</script>\n\nYes.\n", "Yes."),
        ("<!--\nno\n\nno\n-->\n\nYes.\n", "Yes."),
        ("> Quoted *text*.\n", "Quoted text."),
        ("[^1]: Footnote\n", "[^1]: Footnote"),
        ("Text.\n\n[^1]: https://notes.example\n", "Text.\n[^1]: https://notes.example"),
        ("Write `{{ .Values.image }}` there.\n", "Write {{ .Values.image }} there."),
        ("    indented code\n    more\n", "indented code\nmore"),
        ("- a\n\n    ```\n    code\n    ```\n- b\n", "- a\n  code\n- b"),
    ],
)
def test_chunk_article_reads_every_kind_of_block(words, markdown, text):
    """Admonitions, tabs, HTML, quotes, footnotes and code give their words."""
    assert "\n".join(said(chunked(markdown, words))) == text


@pytest.mark.parametrize("limit", [32, 64, 256])
def test_chunk_article_keeps_the_limit_under_long_headings(encoder, limit):
    """However long headings are, no chunk is over the limit and its text is all there."""
    text = f"# {'Very long title ' * 40}\n\n## {'Deep heading ' * 30}\n\n{'Some words here. ' * 50}"
    chunks = chunked(text, encoder.count_tokens, limit)
    assert max(encoder.count_tokens([c.embedding_text() for c in chunks])) <= limit
    assert " ".join(said(chunks)).count("Some words here.") == 50


def test_chunk_article_keeps_the_words_of_a_heading_that_is_cut(words):
    """A heading too long for the heading path keeps all its words somewhere in the chunks."""
    heading = [f"h{i}" for i in range(40)]
    chunks = chunked(f"# T\n\n## {' '.join(heading)}\n\nText.\n", words, 32)
    found = " ".join(c.embedding_text() for c in chunks).split()
    assert [word for word in heading if word not in found] == []


def test_chunk_article_ends_with_a_long_prompt(words):
    """A model whose prompt takes over half the limit still gets chunks, or a clear refusal."""

    def count(texts):
        return [length + 20 for length in words(texts)]

    calls = 0

    def counted(texts):
        nonlocal calls
        calls += 1
        if calls > 10_000:
            pytest.fail("the headings are cut for ever")
        return count(texts)

    chunks = chunked("# A title\n\n" + "word " * 50, counted, 32)
    assert " ".join(said(chunks)).split() == ["word"] * 50


# Words that no Markdown mark can be made of.
WORD = st.from_regex(r"\A(?:[a-z]{2,7}[0-9]{0,3}|[\u0430-\u044f]{2,6}|[\u4e00-\u4e20]{1,4})\Z")
LINE = st.lists(WORD, min_size=1, max_size=12).map(" ".join)


def indented(text: str, by: str = "    ") -> str:
    """Return a text with each line that says something moved to the right."""
    return "\n".join(by + line if line else line for line in text.split("\n"))


HEADING = st.builds(lambda level, line: f"{'#' * level} {line}", st.integers(1, 5), LINE)
SETEXT = st.builds(lambda line, mark: f"{line}\n{mark * 5}", LINE, st.sampled_from("=-"))
PARAGRAPH = st.lists(LINE, min_size=1, max_size=4).map("\n".join)
FENCE = st.builds(
    lambda lines, mark: "\n".join([mark, *lines, mark]),
    st.lists(LINE, min_size=1, max_size=6),
    st.sampled_from(["```", "~~~", "````"]),
)
TABLE = st.builds(
    lambda rows: "\n".join(
        [f"| {rows[0][0]} | {rows[0][1]} |", "| --- | :-: |"]
        + [f"| {a} | {b} |" for a, b in rows[1:]]
    ),
    st.lists(st.tuples(LINE, LINE), min_size=1, max_size=6),
)
ITEMS = st.lists(LINE, min_size=1, max_size=5)
LIST = st.builds(
    lambda items, mark: "\n".join(f"{mark} {item}" for item in items),
    ITEMS,
    st.sampled_from(["-", "*", "1."]),
)
NESTED = st.builds(
    lambda items, inner: "\n".join(f"- {item}\n{indented(inner)}" for item in items), ITEMS, LIST
)
ITEM_WITH_BLOCKS = st.builds(
    lambda item, block: f"1. {item}\n\n{indented(block)}", LINE, st.one_of(FENCE, PARAGRAPH, TABLE)
)
HTML = st.builds(
    lambda a, b, c: (
        f"<div class='x'>\n<p>{a} <b>{b}</b></p><!-- -->\n<ul><li>{c}</li></ul>\n</div>"
    ),
    LINE,
    LINE,
    LINE,
)
QUOTE = PARAGRAPH.map(lambda text: "\n".join(f"> {line}" for line in text.split("\n")))
LEAF = st.one_of(PARAGRAPH, FENCE, TABLE, LIST, NESTED, ITEM_WITH_BLOCKS, HTML, QUOTE)
OPENING = st.builds(
    lambda mark, line: f'{mark} "{line}"',
    st.sampled_from(["!!! note", "??? tip", "???+ warning", "===", "!!! note inline end"]),
    LINE,
)
INDENTED = st.builds(
    lambda opening, blocks: f"{opening}\n" + indented("\n\n".join(blocks)),
    OPENING,
    st.lists(st.one_of(LEAF, HEADING), min_size=1, max_size=3),
)
DOCUMENT = st.lists(st.one_of(HEADING, SETEXT, LEAF, INDENTED), min_size=1, max_size=8).map(
    "\n\n<!-- -->\n\n".join
)


def expected_words(document: str) -> list[str]:
    """Return the words of a generated document, its marks taken away."""
    text = re.sub(r"<[^>]*>", " ", document)
    text = re.sub(r"(?m)^(\s*)(!!!|\?\?\?\+?|===) (note inline end|note|tip|warning)?", r"\1", text)
    return re.findall(r"[^\W_]+", re.sub(r"(?m)^\s*1\. ", " ", text))


def all_words(chunks: list[Chunk]) -> list[str]:
    """Return headings and texts of the chunks as words, in order."""
    told: list[str] = []
    for chunk in chunks:
        told += [*chunk.heading_path[1:], re.sub(r"(?m)^\s*1\. ", " ", chunk.text)]
    return re.findall(r"[^\W_]+", "\n".join(told))


def is_subsequence(wanted: list[str], found: list[str]) -> bool:
    """Tell whether all wanted words stand in `found` in their order."""
    rest = iter(found)
    return all(word in rest for word in wanted)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(document=DOCUMENT, limit=st.sampled_from([32, 48, 96, 256]))
def test_chunk_article_loses_no_word(encoder, document, limit):
    """Every word of a page stands in the chunks, in order, and every chunk is within the limit."""
    article = replace(parse_article("a.md", document.encode()), title="Page")
    chunks = chunk_article(article, encoder.count_tokens, limit)
    if any(count > limit // 6 for count in encoder.count_tokens(_headings(document))):
        # Headings that do not fit are cut; another test says what becomes of them.
        texts = expected_words(_without_headings(document))
        found = all_words([replace(c, heading_path=("Page",)) for c in chunks])
        assert is_subsequence(texts, found)
    else:
        assert is_subsequence(expected_words(document), all_words(chunks))
    assert all(n <= limit for n in encoder.count_tokens([c.embedding_text() for c in chunks]))
    assert all(c.start_line <= c.end_line <= document.count("\n") + 1 for c in chunks)
    assert [c.start_line for c in chunks] == sorted(c.start_line for c in chunks)


def _headings(document: str) -> list[str]:
    found = re.findall(r"(?m)^\s*#+ (.*)$", document)
    return [*found, *re.findall(r"(?m)^(.*)\n(?:=====|-----)$", document), ""]


def _without_headings(document: str) -> str:
    return re.sub(r"(?m)^\s*#+ .*$|^.*\n(?:=====|-----)$", "", document)


@settings(max_examples=60, deadline=None)
@given(document=DOCUMENT)
def test_chunk_article_is_repeatable(document):
    """The same page gives the same chunks."""
    article = parse_article("a.md", document.encode())

    def count(texts):
        return [len(text.split()) + 2 for text in texts]

    assert chunk_article(article, count, 48) == chunk_article(article, count, 48)
