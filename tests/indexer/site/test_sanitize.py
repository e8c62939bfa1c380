"""The clean text of articles: what cannot run, and what Markdown and the theme need."""

from __future__ import annotations

from html.parser import HTMLParser

import markdown
import pytest
from projects import harmful

from indexer.anchors import slugify
from indexer.site.sanitize import sanitize

# The extensions of mkdocs.yml and two that teams often add, set as the hook sets them.
EXTENSIONS = [
    "admonition",
    "attr_list",
    "md_in_html",
    "tables",
    "toc",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
    "pymdownx.tabbed",
    "pymdownx.tasklist",
]
SETTINGS = {
    "tables": {"use_align_attribute": True},
    "toc": {"permalink": "Link to this heading", "slugify": slugify},
    "pymdownx.tabbed": {"alternate_style": True},
}

KEPT = {
    "headings": '# One\n\n## Two {#own}\n\n### Three "quoted" & more\n\nText.\n',
    "letters": "# 登录失败\n\n## Überprüfung\n\n甲 & 乙 < 丙\n",
    "lists": "1. a\n\n    - b\n    - c\n\n2. d\n\n5. e\n",
    "start": "7. seven\n8. eight\n",
    "emphasis": "*a* **b** `c` ~~d~~ <kbd>Ctrl</kbd> H<sub>2</sub>O<br>x\n",
    "links": (
        "[a](https://a.example/?x=1&y=2#z) [b](../b/two/#part) [c](mailto:a@b.example)"
        ' [d](tel:+49301) [e](#here) [f](/root/ "Title") <https://g.example>\n'
    ),
    "pictures": '![A gear](gear.png "Gear"){ width=20 height=30 loading=lazy }\n',
    "admonitions": '!!! warning "Stop"\n    Text.\n\n!!! note ""\n    No title.\n',
    "details": '??? tip "Closed"\n    Text.\n\n???+ bug "Open"\n    Text.\n',
    "tabs": '=== "One"\n    A.\n\n=== "Two"\n    ```sql\n    SELECT 1;\n    ```\n',
    "tables": "| a | b | c |\n| :-- | :-: | --: |\n| 1 | `x|y` | **3** |\n",
    "code": "```sql\nSELECT '<b>' FROM t WHERE a = {{user_id}};\n```\n\n    indented <i>\n",
    "titled code": '```python title="run.py" hl_lines="1"\nprint("a" < "b")\n```\n',
    "tasks": "- [x] done\n- [ ] open\n",
    "quotes": "> Said.\n>\n> - and listed\n\n---\n",
    "classes": "Text.\n{: .big #later }\n\n[Go](a.md){ .md-button }\n",
    "own html": '<div class="grid"><p>A</p></div>\n\n<dl><dt>T</dt><dd>D</dd></dl>\n',
    "figures": "<figure><img src='a.png' alt='A'><figcaption>C</figcaption></figure>\n",
}

DROPPED = {
    "script": ("<p>a<script>x()</script>b</p>", "<p>ab</p>"),
    "script in capitals": ("<SCRIPT SRC=//x.example/a.js></SCRIPT>a", "a"),
    "script across": ("<scr<script>ipt>x()</script>", "ipt&gt;x()"),
    "style": ("<style>p{color:red}</style>a", "a"),
    "style attribute": ('<p style="position:fixed">a</p>', "<p>a</p>"),
    "handler": ('<p onclick="x()" class="c">a</p>', '<p class="c">a</p>'),
    "handler in capitals": ("<img src=a.png OnError=x()>", '<img src="a.png">'),
    "handler after a slash": ("<img/onload=x()/src=a.png>", "<img>"),
    "toggle": ("<details ontoggle=x() open><summary>a</summary></details>", None),
    "javascript": ('<a href="javascript:x()">a</a>', "<a>a</a>"),
    "javascript in capitals": ('<a href="JaVaScRiPt:x()">a</a>', "<a>a</a>"),
    "javascript with tab": ('<a href="java\tscript:x()">a</a>', "<a>a</a>"),
    "javascript by entity": ('<a href="&#106;avascript&colon;x()">a</a>', "<a>a</a>"),
    "javascript with control": ('<a href="\x01javascript:x()">a</a>', "<a>a</a>"),
    "data page": ('<a href="data:text/html,<script>x()</script>">a</a>', "<a>a</a>"),
    "data picture": ('<img src="data:image/svg+xml,<svg onload=x()>" alt="a">', '<img alt="a">'),
    "vbscript": ('<a href="vbscript:x">a</a>', "<a>a</a>"),
    "file": ('<a href="file:///etc/passwd">a</a>', "<a>a</a>"),
    "blob": ('<a href="blob:https://a/b">a</a>', "<a>a</a>"),
    "iframe": ('<iframe src="https://x.example">in</iframe>a', "a"),
    "srcdoc": ('<iframe srcdoc="<script>x()</script>"></iframe>a', "a"),
    "object": ('<object data="a.swf">in</object>a', "a"),
    "embed": ('<embed src="a.swf">a', "a"),
    "svg": ('<svg><script>x()</script><a href="javascript:x()">t</a></svg>a', "a"),
    "math": ("<math><mtext><img src=x onerror=x()></mtext></math>a", "a"),
    "template": ("<template><p>t</p></template>a", "a"),
    "noscript": ('<noscript><p title="</noscript><img src=x onerror=x()>">', None),
    "form": ('<form action="https://x.example"><input name="a"></form>', '<input name="a">'),
    "text field": ('<input type="password" name="a">', '<input name="a">'),
    "send button": ('<input type="submit" formaction="https://x.example">', "<input>"),
    "picture button": ('<input type="image" src="x" onerror="x()">', "<input>"),
    "button": ('<button onclick="x()">a</button>', "a"),
    "text area": ("<textarea autofocus onfocus=x()>a</textarea>", "a"),
    "base": ('<base href="https://x.example/">a', "a"),
    "meta": ('<meta http-equiv="refresh" content="0;url=https://x.example">a', "a"),
    "link": ('<link rel="stylesheet" href="https://x.example/a.css">a', "a"),
    "video": ('<video src="x" onerror="x()"><source src="y" onerror=x()></video>a', "a"),
    "map": ('<map name="m"><area href="javascript:x()"></map>a', "a"),
    "comment": ("a<!-- <script>x()</script> -->b", "ab"),
    "conditional comment": ("<!--[if IE]><script>x()</script><![endif]-->a", "a"),
    "processing": ("<?xml-stylesheet href='javascript:x()'?>a", "a"),
    "cdata": ("<![CDATA[<script>x()</script>]]>", None),
    "page": ("<html><head><title>t</title></head><body onload=x()>a</body></html>", None),
    "closing": ("a</article></main></body>b", "ab"),
    "data of others": ('<p data-md-component="search" data-sop-until="x">a</p>', "<p>a</p>"),
    "spread over lines": ("<a\nhref='java\nscript:x()'\nonclick\n=\n'x()'>a</a>", "<a>a</a>"),
    "nested quotes": ("<p title='\"><script>x()</script>'>a</p>", None),
    "backtick": ("<img src=`x` onerror=x()>", None),
    "ping": ('<a href="https://a.example" ping="https://x.example" target="_self">a</a>', None),
    "background": ('<table background="javascript:x()"><tbody></tbody></table>', None),
    "source set": ('<img srcset="https://x.example/a 1x" src="a.png">', '<img src="a.png">'),
    "cite": ('<blockquote cite="javascript:x()">a</blockquote>', "<blockquote>a</blockquote>"),
}


class Events(HTMLParser):
    """What a text of HTML consists of, without the way in which it is written."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note an element with its attributes, in no order."""
        self.found.append((tag, sorted((name, value or "") for name, value in attrs)))

    def handle_startendtag(self, tag, attrs):
        """Read `<br />` as `<br>`."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        """Note the end of an element."""
        self.found.append((f"/{tag}",))

    def handle_data(self, data):
        """Note text, joined with the text before it."""
        if self.found and isinstance(self.found[-1], str):
            data = self.found.pop() + data
        self.found.append(data)


def rendered(text: str) -> str:
    """Return Markdown as the site's build renders it."""
    return markdown.markdown(text, extensions=EXTENSIONS, extension_configs=SETTINGS)


@pytest.mark.parametrize("name", KEPT)
def test_what_markdown_makes_is_kept_whole(name):
    """Every element, attribute and text that Markdown and the theme's extensions make stays."""
    html = rendered(KEPT[name])
    assert Events(sanitize(html)).found == Events(html).found


def test_tables_are_aligned_without_a_style():
    """Cells keep their alignment in an attribute that a strict policy allows."""
    html = sanitize(rendered(KEPT["tables"]))
    assert html.count('align="center"') == html.count('align="right"') == 2
    assert "style" not in html


def test_tabs_keep_their_radio_buttons_and_labels():
    """Each tab is a radio button of one group, with the label that names it."""
    html = sanitize(rendered(KEPT["tabs"]))
    found = [dict(event[1]) for event in Events(html).found if event[0] in ("input", "label")]
    assert [one.get("type") for one in found] == ["radio", "radio", None, None]
    assert [one["name"] for one in found[:2]] == ["__tabbed_1", "__tabbed_1"]
    assert [one["for"] for one in found[2:]] == [one["id"] for one in found[:2]]
    assert "checked" in found[0]


def test_headings_keep_their_anchor_and_its_link():
    """A heading has its id, and the link to it that the theme shows."""
    html = sanitize(rendered("## Open the card\n"))
    assert '<h2 id="open-the-card">' in html
    assert 'class="headerlink"' in html
    assert 'href="#open-the-card"' in html


@pytest.mark.parametrize("name", DROPPED)
def test_what_could_run_is_dropped(name):
    """Scripts, handlers, styles, frames, forms and odd addresses go; the text beside stays."""
    html, expected = DROPPED[name]
    clean = sanitize(html)
    assert harmful(clean) == []
    if expected is not None:
        assert clean == expected


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:x%28%29)",
        "[a](JAVASCRIPT&#58;x%28%29)",
        "<javascript:x()>",
        "![a](data:image/svg+xml;base64,PHN2Zz4=)",
        "# T {: onclick=x() style=color:red }",
        'Text.\n{: onmouseover="x()" srcdoc="y" }',
        "[a](b.md){ onclick=x() href=javascript:x() }",
        "![a](a.png){ onerror=x() }",
        "| a |\n| --- |\n| <img src=x onerror=x()> |",
        '!!! note "<img src=x onerror=x()>"\n    T.',
        '??? note "<script>x()</script>"\n    T.',
        '=== "<svg onload=x()>"\n    T.',
        '```python title="<img src=x onerror=x()>"\na\n```',
        "``` { .sql onclick=x() }\na\n```",
        "[a]: javascript:x() '\"><script>x()</script>'\n\n[a]",
    ],
)
def test_markdown_is_no_way_around(text):
    """Links, pictures, attribute lists and titles of Markdown bring in nothing that runs."""
    assert harmful(sanitize(rendered(text))) == []


def test_code_shows_markup_as_text():
    """Markup in code stays visible as text, and is not run or dropped."""
    html = sanitize(rendered("`<script>x()</script>`\n\n```\n<iframe src=y>\n```\n"))
    assert harmful(html) == []
    assert "&lt;script&gt;x()&lt;/script&gt;" in html
    assert "&lt;iframe src=y&gt;" in html


@pytest.mark.parametrize("name", [*KEPT, *DROPPED])
def test_cleaning_twice_changes_nothing(name):
    """What is clean stays as it is, so nothing dangerous is left in a form that comes apart."""
    html = rendered(KEPT[name]) if name in KEPT else DROPPED[name][0]
    once = sanitize(html)
    assert sanitize(once) == once


def test_empty_text_is_clean():
    """An article without text is no fault."""
    assert sanitize("") == ""
