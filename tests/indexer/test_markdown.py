"""Markdown to plain text."""

from __future__ import annotations

import pytest

from indexer import markdown


def plain(text: str) -> str:
    """Return the text of the first inline content of a page."""
    for node in markdown.parse(text).walk():
        if node.type == "inline":
            return markdown.inline_text(node)
    return ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Some *soft* **bold** `code` ~~old~~ words", "Some soft bold code old words"),
        (
            "See [the *guide*](guide.md) and <https://a.example>",
            "See the guide and https://a.example",
        ),
        ("![A red *lamp*](lamp.png) glows", "A red lamp glows"),
        ("one\ntwo  \nthree<br>four", "one\ntwo\nthree\nfour"),
        ("a <b>bold</b> move <!-- not this -->", "a bold move "),
        ("Fish &amp; chips, 5 &lt; 6, \\*star\\*", "Fish & chips, 5 < 6, *star*"),
        ("[Start](x.md){ .md-button } now", "Start now"),
        ("A ![picture](p.png){: style='width: 5em' } here", "A picture here"),
        ("Press :material-check: to go on", "Press  to go on"),
        ("A set {1, 2} and { x } stay", "A set {1, 2} and { x } stay"),
    ],
)
def test_inline_text_keeps_the_words(text, expected):
    """Marks go, words stay: of links, code, pictures, escapes and character references."""
    assert plain(text) == expected


@pytest.mark.parametrize(
    "code", ["{{ .Values.image }}", "{:name => 1}", "{#id}", ":material-check:", "{ .btn }"]
)
def test_inline_text_keeps_code_as_it_is(code):
    """What looks like an attribute list or an icon is text inside a code span."""
    assert plain(f"Write `{code}` there") == f"Write {code} there"


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("# Plain", ("Plain", None)),
        ("# With *marks* and `code`", ("With marks and code", None)),
        ("# A [link](x.md) inside", ("A link inside", None)),
        ("# Named {#own-id}", ("Named", "own-id")),
        ("# Named {: #own-id .big }", ("Named", "own-id")),
        ("# Styled {: .big }", ("Styled", None)),
        ("# Closed #", ("Closed", None)),
        ("Two\nlines\n=====", ("Two lines", None)),
    ],
)
def test_heading_separates_the_id_from_the_words(heading, expected):
    """A heading gives its words and the id that its attribute list sets."""
    node = markdown.parse(heading).children[0]
    found = markdown.heading(node.children[0])
    assert (found.text, found.explicit_id) == expected


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("Text\n\n## Second\n\n# First\n", "First"),
        ("Title\n=====\n", "Title"),
        ("```\n# no\n```\n", None),
        ("#no heading\n", None),
        ("# \n", None),
    ],
)
def test_first_title_is_the_first_level_1_heading(body, title):
    """Only a real level-1 heading is a title."""
    assert markdown.first_title(body) == title


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One</p><p>Two <b>three</b></p>", "One\nTwo three"),
        ("<ul><li>a</li><li>b &amp; c</li></ul>", "a\nb & c"),
        ("<!-- gone -->kept", "kept"),
        ("<script>var x = 1;</script><style>p {}</style>kept", "kept"),
        ('<img src="x.png" alt="A lamp"> glows', "A lamp glows"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("a<br/>b", "a\nb"),
        ("<details><summary>More</summary>Inside</details>", "More\nInside"),
        ("5 < 6", "5 < 6"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_html_text_keeps_the_words(html, expected):
    """Tags, comments, scripts and styles go; a block element ends a line."""
    assert markdown.html_text(html) == expected


def test_without_includes_drops_only_include_lines():
    """Lines that ask for another file go, others stay."""
    text = 'One\n--8<-- "abbreviations.md"\n  -8<- "x"\nTwo 8<--\n'
    assert markdown.without_includes(text) == "One\nTwo 8<--\n"


@pytest.mark.parametrize(
    "opening",
    [
        '!!! note "Title"',
        "!!! note",
        '??? tip "Title"',
        '???+ tip "Title"',
        '=== "Tab"',
        '===+ "Tab"',
        '!!! note inline end "Title"',
    ],
)
def test_parse_reads_indented_blocks_as_prose(opening):
    """The body of an admonition, of details and of a tab is paragraphs and fences, not code."""
    tree = markdown.parse(f"{opening}\n    Prose.\n\n    ```sh\n    ls\n    ```\n\nAfter.\n")
    block, after = tree.children
    assert block.type == "indented_block"
    assert [child.type for child in block.children][-2:] == ["paragraph", "fence"]
    assert block.children[-1].content == "ls\n"
    assert (block.map, after.map) == ((0, 6), (7, 8))


@pytest.mark.parametrize(
    "text", ['    !!! note "x"', "!!!note", '```\n!!! note "x"\n    y\n```', "=== no title"]
)
def test_parse_leaves_what_only_looks_like_an_indented_block(text):
    """Code blocks, marks without a space and tabs without a title are no indented blocks."""
    assert "indented_block" not in [node.type for node in markdown.parse(text).walk()]


def test_page_lines_gives_each_line_its_number():
    """Prose, items, rows, code and HTML come with their line; addresses of links do not come."""
    body = """# Title

One [two](three.md)
four `five`

| six |
| --- |
| seven |

!!! note "eight"
    nine

    ```sh
    ten

    eleven
    ```

    1. twelve

<p>thirteen</p>
"""
    page = markdown.parse(body)
    assert [(line, text) for line, text in markdown.page_lines(page) if text] == [
        (0, "Title"),
        (2, "One two"),
        (3, "four five"),
        (5, "six"),
        (7, "seven"),
        (9, "eight"),
        (10, "nine"),
        (13, "ten"),
        (15, "eleven"),
        (18, "twelve"),
        (20, "thirteen"),
    ]
