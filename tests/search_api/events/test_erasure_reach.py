"""Erasing reaches every text that people wrote, and no file that is not the product's to delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support_bytes import files_with_bytes
from support_events import NOON, asked, quiet, rows_of, told

from search_api.events.audit import AuditRecord
from search_api.events.database import open_engine
from search_api.events.erasure import Target
from search_api.events.log import EventLog
from search_api.events.reading import read_feedback
from search_api.events.report_files import Hits, delete, files_that_name
from search_api.events.reports import StoredNote, add_note, approve, read_report
from search_api.events.tables import LABEL, METADATA, NOTES, NOTICES, REPORTS, WORDS
from search_api.events.traces import Traces
from search_api.events.upkeep import erase
from search_api.reports.file_names import SUFFIXES
from search_api.reports.posting import post, signed
from search_api.reports.report import Column, Highlight, Link, Report, Section, Table
from search_api.settings import Settings

YEAR = timedelta(days=365)
RECORD = AuditRecord(NOON, "ana", "erase", 0, [], "")


def keep(url, **changes):
    """Log one feedback, on ticket T-1 unless said otherwise."""
    log = EventLog(url, 10)
    log.record_feedback(told(**changes))
    log.close()


def keep_question(url):
    """Log the old question again."""
    log = EventLog(url, 10)
    log.start()
    log.record_question(asked(1, minute=-1, text="unlock an account"))
    log.close()


def test_only_posted_reports_are_deleted(places, events_url):
    """Files that no report was posted to stay, wherever they lie, and are named."""
    keep(events_url)
    (places.reports / "own").mkdir()
    posted, aside, *foreign = (
        places.reports / name
        for name in (
            "daily-2026-11-03-0800.md",
            ".daily-2026-11-03-0800.md.4711",
            "events.db",
            "notes.md",
            "own/T-1.txt",
            "own/daily-2026-11-03-0800.md",
        )
    )
    for path in (posted, aside, *foreign):
        path.write_text("opened as T-1", encoding="utf-8")
    outcome = erase(places, Target(reference="T-1", names=("T-1",)), RECORD, quiet)
    assert sorted(outcome.files) == sorted((posted, aside))
    assert [path.exists() for path in (posted, aside, *foreign)] == [False] * 2 + [True] * 4
    assert [sentence.split(" names or")[0] for sentence in outcome.remains] == [
        str(path) for path in foreign
    ]


def seeded(column, text):
    """A value for a column: the text where people write, the product's own elsewhere."""
    if isinstance(column.type, sa.JSON):
        return [text] if column.info == WORDS else []
    if column.info == WORDS:
        return text
    if column.info == LABEL:
        return "T-908172" if column.name == "reference" else "b" * 32
    values = {"starts_at": NOON, "took_ms": 1.0, "questions": 1, "report": 1}
    if column.primary_key and isinstance(column.type, sa.Integer):
        return 1
    return values.get(column.name, "x" if isinstance(column.type, sa.String) else NOON)


def test_every_column_that_people_write_into_is_searched(places, written, events_url):
    """No table is forgotten: whatever column names a ticket and a person, no byte is left of it."""
    keep(events_url, reference="OTHER-1")
    engine = open_engine(events_url)
    with engine.begin() as connection:
        for one in METADATA.sorted_tables:
            columns = [column for column in one.columns if column.info]
            assert [
                column.name
                for column in one.columns
                if isinstance(column.type, (sa.String, sa.JSON)) and not column.info
            ] == [], f"say in tables.py what the columns of {one.name} hold"
            if any(column.info in (WORDS, LABEL) for column in columns):
                wanted = [c for c in one.columns if c.info or not c.nullable]
                values = {c.name: seeded(c, "see T-908172; zora.quell found it") for c in wanted}
                connection.execute(one.delete())
                connection.execute(one.insert().values(**values))
    engine.dispose()
    assert files_with_bytes(written, ["T-908172", "zora.quell"])
    person = erase(places, Target(actor="c" * 32, names=("zora.quell",)), RECORD, quiet).found
    assert (person.mentions, person.notes, person.reports, person.notices) == (2, 1, 1, 1)
    assert files_with_bytes(written, ["zora.quell"]) == []
    ticket = erase(places, Target(reference="T-908172", names=("T-908172",)), RECORD, quiet).found
    assert (ticket.questions, ticket.feedback, ticket.notices) == (1, 1, 1)
    assert files_with_bytes(written, ["T-908172"]) == []


def test_name_of_a_full_column_is_erased(places, events_url):
    """Where the mark is longer than the name and the text has no room, the text is cut."""
    keep(events_url, page="/jane1/" + "x" * 493)
    erase(places, Target(actor="c" * 32, names=("jane1",)), RECORD, quiet)
    (left,) = read_feedback(events_url, NOON, NOON + YEAR)
    assert left.page == ("/[erased]/" + "x" * 493)[:500]


def test_retention_ages_notes_and_ended_notices(places, written, events_url):
    """What people wrote below reports or pinned goes when it is too old; what is younger stays."""
    keep(events_url)
    engine = open_engine(events_url)
    hour = timedelta(hours=1)
    with engine.begin() as connection:
        connection.execute(REPORTS.insert().values(kind="daily", starts_at=NOON, ends_at=NOON))
        for minute, text in ((-1, "OLDNOTE"), (0, "YOUNGNOTE")):
            at = NOON + timedelta(minutes=minute)
            connection.execute(
                NOTES.insert().values(report=1, written_at=at, author="ana", text=text)
            )
        for title, expires, ended in (
            ("OVERNOTICE", NOON - hour, None),
            ("ENDEDNOTICE", NOON + hour, NOON - hour),
            ("YOUNGNOTICE", NOON + hour, None),
        ):
            connection.execute(
                NOTICES.insert().values(
                    title=title,
                    text="",
                    platforms=[],
                    audiences=[],
                    pinned_at=NOON - 2 * hour,
                    pinned_by="ana",
                    expires_at=expires,
                    ended_at=ended,
                )
            )
    engine.dispose()
    found = erase(places, Target(before=NOON), replace(RECORD, command="retention"), quiet).found
    assert (found.feedback, found.notes, found.notices) == (0, 1, 2)
    assert [row["text"] for row in rows_of(events_url, NOTES)] == ["YOUNGNOTE"]
    assert [row["title"] for row in rows_of(events_url, NOTICES)] == ["YOUNGNOTICE"]
    assert files_with_bytes(written, ["OLDNOTE", "OVERNOTICE", "ENDEDNOTICE"]) == []


@pytest.mark.parametrize("written_as", ["<{}>", "&lt;{}&gt;", "see <https://x.example.com/{}?a=1>"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_name_in_angle_brackets_is_found(tmp_path, written_as, suffix):
    """A name is a name also where it stands in what looks like a tag."""
    path = tmp_path / f"daily-2026-11-03-0800{suffix}"
    path.write_text(f"<p>opened as {written_as.format('T-9911')}</p>", encoding="utf-8")
    assert files_that_name(tmp_path, Traces(["T-9911"])).posted == (path,)
    assert files_that_name(tmp_path, Traces(["T-991"])) == Hits()


def test_text_with_angle_brackets_is_found_as_it_was_written():
    """What was asked with something in angle brackets is found as text, escaped, and as tags."""
    traces = Traces(texts=["screen <b>flickers</b> since the update"])
    for quoted in (
        "screen <b>flickers</b> since the update",
        "<p>screen &lt;b&gt;flickers&lt;/b&gt; since the update</p>",
        "<p>screen <i>flickers</i> since the update</p>",
    ):
        assert traces.are_in(quoted), quoted


def approved_report(url, cell="acc-002", zone="Europe/Dublin"):
    """Approve a daily report with one row, and return it as it is stored."""
    link = Link(text=cell, url="/sop/daily/dublin/")
    columns = (Column(key="daily", title="Article"), Column(key="n", title="Asked"))
    rows = Table(columns=columns, rows=((link, 3),))
    report = Report(
        kind="daily",
        title="Daily report of Dublin",
        starts=NOON,
        ends=NOON + timedelta(hours=24),
        zone=zone,
        made_at=NOON,
        is_demo=False,
        highlights=(Highlight(text="Dublin had a calm day."),),
        sections=(Section(key="dublin", title="Most asked", table=rows),),
    )
    approve(url, "daily", NOON, report.ends, report.model_dump(mode="json"), "lead", NOON)
    return read_report(url, "daily", NOON)


@pytest.mark.parametrize("name", ["dublin", "Daily", "false", "article"])
def test_report_that_names_who_was_erased_is_a_report_still(places, events_url, name):
    """Only what people read is cleaned: a report's kind, zone, keys and addresses are no names."""
    before = signed(approved_report(events_url)).report
    erase(places, Target(actor="b" * 32, names=(name,)), RECORD, quiet)
    after = signed(read_report(events_url, "daily", NOON)).report
    assert (after.kind, after.zone, after.starts) == (before.kind, before.zone, before.starts)
    assert after.sections[0].key == "dublin"
    assert after.sections[0].table.rows[0][0].url == "/sop/daily/dublin/"
    texts = f"{after.title} {after.highlights[0].text} {after.sections[0].table.columns[0].title}"
    assert name.casefold() not in texts.casefold()


TITLE = "Unlock an account after leave (acc-002)"


@pytest.mark.parametrize("by", ["age", "ticket"])
def test_titles_in_reports_are_nobodys(places, events_url, by):
    """An old ticket that begins like a title takes no title out of reports, nor their files."""
    keep_question(events_url)
    stored = approved_report(events_url, TITLE)
    files = post(Settings(events_url=events_url, reports_folder=places.reports), stored)
    public = frozenset(["Unlock an account after leave"])
    target = Target(before=NOON) if by == "age" else Target(reference="T-1", names=("T-1",))
    outcome = erase(replace(places, public=public), target, RECORD, quiet)
    assert (outcome.found.questions, outcome.found.reports, outcome.files) == (1, 0, ())
    after = signed(read_report(events_url, "daily", NOON)).report
    assert after.sections[0].table.rows[0][0].text == TITLE
    assert all(file.exists() for file in files)


def test_retention_reads_notes_of_reports_alone(places, events_url):
    """Without a snapshot nobody knows titles; what is old is looked for where people write."""
    keep_question(events_url)
    told = Settings(events_url=events_url, reports_folder=places.reports)
    files = post(told, approved_report(events_url, TITLE))
    assert erase(places, Target(before=NOON), None, quiet).files == ()
    for minute, text in ((-1, "before that time"), (1, "they wrote: unlock an account, please")):
        note = StoredNote("ana", NOON + timedelta(minutes=minute), text)
        add_note(events_url, "daily", NOON, NOON, note)
        files = post(told, read_report(events_url, "daily", NOON))
        outcome = erase(places, Target(before=NOON), RECORD, quiet)
        assert outcome.files == tuple(sorted(files))
        assert outcome.found.notes == 1
        keep_question(events_url)
    assert signed(read_report(events_url, "daily", NOON)).report.sections[0].table.rows[0][0] == (
        Link(text=TITLE, url="/sop/daily/dublin/")
    )


def test_file_that_cannot_be_deleted_is_named(tmp_path):
    """What the system refuses is one sentence, and the rest goes on."""
    other = tmp_path / "daily-2026-11-03-0800.md"
    folder = tmp_path / "daily-2026-11-02-0800.md"
    folder.mkdir()
    other.write_text("opened as T-1")
    gone, (sentence,) = delete([folder, other])
    assert gone == (other,)
    assert sentence.startswith(f"{folder} names or quotes it and could not be deleted (")
