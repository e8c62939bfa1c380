"""Tables for spreadsheets and terminals."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from support_events import NOON, asked, columns_of, library_article

from search_api.insights.dashboard import make_dashboard
from search_api.insights.panels import ArticleLink, panel
from search_api.insights.shifts import ShiftPlan
from search_api.insights.tables import as_csv, as_lines
from search_api.insights.windows import window_of
from search_api.settings import Settings

PLAN = ShiftPlan(Settings().shifts)


def dashboard(*questions):
    """A dashboard of a day's evening."""
    window = window_of(PLAN, "today", None, NOON + timedelta(hours=11))
    library = {"acc-001": library_article()}
    return make_dashboard(columns_of(questions), library, window, PLAN, None, (), is_demo=True)


def test_csv_runs_no_formula():
    """What a spreadsheet would run stands behind an apostrophe; quotes and lines stay whole."""
    link = ArticleLink(id="a", title='=cmd|"/c calc"', url=None)
    rows = [("+1", 3, None), ("@x,\n", 0.5, link), ("-2", 1, None), ("plain", -4, None)]
    columns = (("name", "", "text"), ("share", "", "share"), ("article", "", "article"))
    found = dashboard().model_copy(update={"panels": (panel("planted", "", "", columns, rows),)})
    read = list(csv.reader(io.StringIO(as_csv(found, "planted"))))
    assert read == [
        ["name", "share", "article_id", "article_title"],
        ["'+1", "3", "", ""],
        ["'@x,\n", "0.5", "a", '\'=cmd|"/c calc"'],
        ["'-2", "1", "", ""],
        ["plain", "-4", "", ""],
    ]


def test_csv_of_headlines_leaves_empty_what_is_too_few():
    """A figure that nobody can tell is no zero."""
    read = list(csv.reader(io.StringIO(as_csv(dashboard(asked(1)), "headlines"))))
    assert read[0] == ["headline", "value", "unit", "cases", "before", "change"]
    assert read[1] == ["friendly", "", "share", "0", "", ""]
    assert as_csv(dashboard(), "nothing-like-it") is None


def test_lines_say_what_the_page_says():
    """Headlines first, each panel's finding, and the tables that were asked for."""
    lines = list(as_lines(dashboard(*(asked(n) for n in range(3))), ["languages"]))
    assert lines[0] == "2026-11-03 to 2026-11-03 23:00 UTC (demonstration)"
    assert lines[2].split() == ["Friendly", "-", "no", "case", "to", "tell", "from"]
    place = lines.index("Languages: Most from en: 100 %.")
    assert lines[place + 1].split() == [
        *("Language", "Questions", "Before", "Got", "an", "article", "Link", "rate")
    ]
    assert lines[place + 2].split() == ["en", "3", "0", "100%", "0%"]
