"""Reports as Markdown and HTML: complete, and nothing that somebody typed becomes layout."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from support_events import NOON

from search_api.commands.person import person
from search_api.reports.html import to_html
from search_api.reports.markdown import sparkline, to_markdown
from search_api.reports.report import (
    Chart,
    Column,
    Highlight,
    Link,
    Note,
    Report,
    Section,
    Signed,
    Table,
)

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) | **b** `c`\n# d"


def report(**changes):
    """A small report with one of everything."""
    values = {
        "kind": "daily",
        "title": "Daily report 2026-11-03",
        "starts": NOON,
        "ends": NOON + timedelta(hours=8),
        "zone": "Asia/Singapore",
        "made_at": NOON + timedelta(hours=9),
        "is_demo": False,
        "highlights": (Highlight(text="Calm.", tone="good"), Highlight(text="Late.", tone="bad")),
        "sections": (
            Section(
                key="numbers",
                title="Numbers",
                text="So many.",
                table=Table(
                    columns=(Column(key="a", title="Article"), Column(key="n", title="Count")),
                    rows=((Link(text="Reset (acc-001)", url="sop/reset/"), 3), ("none", None)),
                ),
                charts=(Chart(title="By hour", labels=("08", "09", "10"), values=(0, 4, 2)),),
                note="Nothing left out.",
            ),
        ),
    }
    return Report(**values | changes)


def test_markdown_has_every_part_in_order():
    """Title, state, highlights, sections with table and chart, notes: nothing is missing."""
    note = Note(author="lead", written_at=NOON, text="Ours.")
    signed = Signed(report=report(), notes=(note,), approved_by="lead", approved_at=NOON)
    assert to_markdown(signed, "https://kb.example.com/") == (
        "# Daily report 2026-11-03\n"
        "\n"
        "2026-11-03 20:00 to 2026-11-04 04:00 (Asia/Singapore). Approved by lead.\n"
        "\n"
        "- Calm.\n"
        "- **!** Late.\n"
        "\n"
        "## Numbers\n"
        "\n"
        "So many.\n"
        "\n"
        "| Article | Count |\n"
        "| --- | --- |\n"
        "| [Reset (acc-001)](https://kb.example.com/sop/reset/) | 3 |\n"
        "| none |  |\n"
        "\n"
        "By hour (08 to 10, at most 4): `▁█▅`\n"
        "\n"
        "Nothing left out.\n"
        "\n"
        "\n"
        "## Notes\n"
        "\n"
        "- lead, 2026-11-03 20:00: Ours.\n"
    )


def test_draft_and_early_count_are_said():
    """A report that is made before its time is over says until when it counts."""
    early = report(made_at=NOON + timedelta(hours=1))
    assert "counted until 2026-11-03 21:00. Draft." in to_markdown(Signed(report=early))


@pytest.mark.parametrize("render", [to_markdown, to_html])
def test_demo_is_said_at_the_top(render):
    """A report over made-up questions says so before any figure."""
    text = render(Signed(report=report(is_demo=True)))
    assert text.index("Demonstration") < text.index("Calm.")
    assert "Demonstration" not in render(Signed(report=report()))


def hostile():
    """A report in which every text is an attack."""
    table = Table(
        columns=(Column(key="a", title=HOSTILE),), rows=((Link(text=HOSTILE, url=None),),)
    )
    return Signed(
        report=report(
            title=HOSTILE,
            highlights=(Highlight(text=HOSTILE),),
            sections=(Section(key="x", title=HOSTILE, text=HOSTILE, table=table, note=HOSTILE),),
        ),
        notes=(Note(author=HOSTILE, written_at=NOON, text=HOSTILE),),
        approved_by=HOSTILE,
        approved_at=NOON,
        acknowledged_by=HOSTILE,
    )


def test_text_never_becomes_markup_in_html():
    """No element comes from a title, a note or a name."""
    tags = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.add(tag)
            assert not any(name.startswith("on") or name == "style" for name, _ in attrs)

    Reader().feed(to_html(hostile()))
    assert "script" not in tags
    assert not tags & {"a", "strong", "code", "img"}


def test_text_never_becomes_layout_in_markdown():
    """What a Markdown reader makes of the hostile report has no link and no raw HTML."""
    html = MarkdownIt("commonmark").enable("table").render(to_markdown(hostile()))
    assert "<script" not in html
    assert "<a " not in html
    assert "<strong>b" not in html
    assert html.count("<h1>") == 1


def test_text_never_acts_on_a_terminal():
    """An escape sequence or a turned line in a name or note is shown as the text that it is."""
    note = Note(author="a\x1b[31mb", written_at=NOON, text="line\x07\u202e one")
    shown = to_markdown(
        Signed(report=report(), notes=(note,), approved_by="\x9b2J", approved_at=NOON)
    )
    assert all(one.isprintable() or one == "\n" for one in shown)
    assert "line one" in shown
    assert person("a\x1b[31mb\n c") == "a[31mb c"


def test_html_needs_nothing_from_elsewhere():
    """The page has no script, no address but the site's, and charts as pictures with a name."""
    html = to_html(Signed(report=report()), "https://kb.example.com")
    assert "<script" not in html
    assert '<td class="number">3</td>' in html
    assert html.count("http") == html.count("https://kb.example.com/sop/reset/") == 1
    assert 'role="img"' in html
    assert 'aria-label="By hour, 08 to 10, at most 4"' in html
    assert '<td class="number">' not in html.split("none")[0].split("Reset")[0]


def test_links_need_an_address():
    """Without a public address an article is named, not linked."""
    assert "<a " not in to_html(Signed(report=report()))
    assert "](" not in to_markdown(Signed(report=report()))


def test_sparkline_reaches_from_nothing_to_the_top():
    """Nothing is the lowest bar and the largest value the highest."""
    assert sparkline([0, 1, 7]) == "▁▂█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
