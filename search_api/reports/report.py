"""A report as a document: sentences, tables and small charts, without a layout.

Reports hold figures, article ids and ticket numbers, never a word of what was asked: so they
can be kept when the questions are gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["daily", "handover", "weekly"]
Tone = Literal["good", "bad", "plain"]
Value = str | int | float | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Highlight(_Part):
    """A sentence that stands at the top.

    Attributes:
        tone: whether it is good or bad news.
    """

    text: str
    tone: Tone = "plain"


class Column(_Part):
    """A column of a table.

    Attributes:
        key: its name for scripts.
        title: its name for people.
    """

    key: str
    title: str


class Link(_Part):
    """A cell that leads somewhere.

    Attributes:
        url: of a page of the site, from its root; None where it has none.
    """

    text: str
    url: str | None = None


class Table(_Part):
    """Rows of values in columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Link | Value, ...], ...]


class Chart(_Part):
    """Numbers in order, drawn small.

    Attributes:
        title: what is counted.
        labels: one for each value.
        values: not negative.
    """

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


class Section(_Part):
    """A part of a report.

    Attributes:
        key: its name for scripts.
        title: its heading.
        text: a sentence above the table, or instead of one.
        note: a sentence below, such as what is left out.
    """

    key: str
    title: str
    text: str | None = None
    table: Table | None = None
    charts: tuple[Chart, ...] = ()
    note: str | None = None


class Report(_Part):
    """A report of a stretch of time.

    Attributes:
        title: its heading.
        starts: of the time that it is about.
        ends: of that time; a report that is made before is of the time until then.
        zone: the time zone that its times are told in.
        made_at: when its figures were counted.
        is_demo: whether the log holds a demonstration.
        highlights: what matters most, first.
    """

    kind: Kind
    title: str
    starts: datetime
    ends: datetime
    zone: str
    made_at: datetime
    is_demo: bool
    highlights: tuple[Highlight, ...]
    sections: tuple[Section, ...]


class Note(_Part):
    """What a person wrote below a report; redacted."""

    author: str
    written_at: datetime
    text: str


class Signed(_Part):
    """A report with what people said of it.

    Attributes:
        report: as it was approved, else as it is now.
        approved_by: who approved it; None while it is a draft.
        posted_at: when it went out.
        acknowledged_by: who of the next shift took it over.
    """

    report: Report
    notes: tuple[Note, ...] = ()
    approved_by: str | None = None
    approved_at: datetime | None = None
    posted_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
