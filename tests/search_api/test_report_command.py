"""`sop report` and `sop follow-ups`: from draft to approval, as a shift does it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from support_events import asked, told
from typer.testing import CliRunner

from search_api.auth import load_actor_key
from search_api.cli import app
from search_api.events.log import EventLog
from search_api.events.reading import read_feedback
from search_api.recording import safe_label

YESTERDAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(
    days=1
)
DAY = f"{YESTERDAY:%Y-%m-%d}"


@pytest.fixture
def write(tmp_path):
    """Return a function that writes events into the log of the test's settings."""
    url = f"sqlite:///{tmp_path / 'events.db'}"

    def run(questions=(), feedback=()):
        log = EventLog(url, 100)
        log.start()
        for one in questions:
            log.record_question(one)
        for one in feedback:
            log.record_feedback(one)
        log.close()
        return url

    return run


@pytest.fixture
def day(write):
    """Three questions of yesterday, one of them resolved."""
    questions = [asked(n, asked_at=YESTERDAY + timedelta(minutes=n)) for n in (1, 2, 3)]
    return write(questions, [told("resolved", given_at=YESTERDAY + timedelta(hours=1))])


def test_daily_report_is_of_the_last_whole_day(write, sop):
    """Without a date it is yesterday's, in Markdown, a draft, with the articles' titles."""
    # Not the day of the other tests, which may run over midnight.
    yesterday = datetime.now(UTC).replace(hour=12) - timedelta(days=1)
    questions = [asked(n, asked_at=yesterday + timedelta(minutes=n)) for n in (1, 2, 3)]
    write(questions, [told("resolved", given_at=yesterday + timedelta(hours=1))])
    done = sop("report", "daily")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"# Daily report {yesterday:%Y-%m-%d}\n")
    assert "Draft." in done.stdout
    assert "- 3 questions from 3 people; 100 % got an article" in done.stdout


def test_approved_report_stays_as_it_was(day, sop, write):
    """What comes later changes a draft, never what was approved; a note still goes below it."""
    approved = sop("report", "daily", "--date", DAY, "--approve", "--as", "Lead")
    assert approved.returncode == 0, approved.stderr
    assert "Approved by Lead." in approved.stdout
    write([asked(9, asked_at=YESTERDAY)])
    note = ("--note", "Correction: it was 4, says kim@customer.example")
    told_again = sop("report", "daily", "--date", DAY, *note, "--as", "Lead")
    assert "- 3 questions from 3 people" in told_again.stdout
    assert "Correction: it was 4, says \\[email\\]" in told_again.stdout
    twice = sop("report", "daily", "--date", DAY, "--approve")
    assert (twice.returncode, "approved already" in twice.stderr) == (2, True)
    listed = json.loads(sop("report", "list", "--json").stdout)
    assert [(one["kind"], one["approved_by"], one["notes"]) for one in listed] == [
        ("daily", "Lead", 1)
    ]


def test_report_is_posted_when_it_is_approved(day, sop, settings_file, tmp_path):
    """A draft is not posted; an approved report is written into the folder of the settings."""
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(f'{text}reports_folder = "{tmp_path / "out"}"\n', encoding="utf-8")
    draft = sop("report", "daily", "--post")
    assert (draft.returncode, "approve it first" in draft.stderr) == (2, True)
    done = sop("report", "daily", "--approve", "--post")
    assert done.returncode == 0, done.stderr
    names = sorted(path.suffix for path in (tmp_path / "out").iterdir())
    assert names == [".html", ".json", ".md"]


def test_handover_is_approved_and_taken_over(day, sop):
    """The shift that ends approves its handover, and the next one takes it."""
    chosen = ("report", "handover", "--date", DAY, "--shift", "Dublin")
    early = sop(*chosen, "--acknowledge", "--as", "Los Angeles")
    assert (early.returncode, "no approved handover" in early.stderr) == (2, True)
    assert sop(*chosen, "--approve", "--as", "Dublin").returncode == 0
    taken = sop(*chosen, "--acknowledge", "--as", "Los Angeles, early", "--format", "json")
    assert json.loads(taken.stdout)["acknowledged_by"] == "Los Angeles, early"


def test_approval_before_the_end_says_what_it_leaves_out(day, settings_file):
    """A shift that still runs may hand over, and whoever approves it is told what that means."""
    command = ["--settings", f"{settings_file}", "report", "handover", "--approve"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert "note: it was approved before its end at" in " ".join(done.stderr.split())
    whole = CliRunner().invoke(app, [*command, "--date", DAY, "--shift", "Dublin"])
    assert (whole.exit_code, "note:" in whole.stderr) == (0, False)


def test_weekly_report_has_json_and_html(day, sop):
    """Scripts get JSON with keys, people one HTML page."""
    told_json = json.loads(sop("report", "weekly", "--date", DAY, "--format", "json").stdout)
    assert told_json["report"]["kind"] == "weekly"
    numbers = told_json["report"]["sections"][0]
    assert numbers["table"]["rows"][0] == ["Questions", 3, 0]
    html = sop("report", "weekly", "--date", DAY, "--format", "html").stdout
    assert html.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("daily", "--date", "2999-01-01"), "still to come"),
        (("handover", "--shift", "Lima"), "no shift is named Lima; there are: Singapore"),
    ],
)
def test_report_that_cannot_be_is_one_sentence(day, sop, arguments, message):
    """A day to come and an unknown shift are named with what there is."""
    done = sop("report", *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "daily", "--date", "9999-12-31"), "9999-12-31 lies outside the years 1990"),
        (("report", "handover", "--date", "9999-12-31"), "lies outside the years"),
        (("report", "weekly", "--date", "0001-01-03"), "lies outside the years"),
        (("demo-log", "--until", "9999-12-31"), "lies outside the years"),
        (("gaps", "--date", "9999-12-31"), "lies outside the years"),
        (("insights", "--date", "9999-12-31"), "lies outside the years"),
        (("gaps", "effect", "acc-001", "--at", "0001-01-03"), "lies outside the years"),
        (("learn", "--since", "0001-01-01"), "lies outside the years"),
        (("export", "x.jsonl", "--since", "0001-01-01"), "lies outside the years"),
        (("retention", "--days", "900000"), "less than or equal to 36500"),
    ],
)
def test_day_that_no_calendar_has_is_one_sentence(arguments, message):
    """A year that cannot be reckoned with is refused at the door, before anything is read."""
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_report_without_a_log_says_how_to_get_one(sop):
    """Before anything was asked there is nothing to report, and the message says what makes it."""
    done = sop("report", "daily")
    assert done.returncode == 2
    assert "there is no log at events_url yet" in done.stderr


def test_follow_ups_are_listed_and_closed(day, sop):
    """What waits is listed, the earliest first; --close stores `resolved` and it is gone."""
    listed = json.loads(sop("follow-ups", "--json").stdout)
    assert [(one["reference"], one["state"]) for one in listed] == [
        ("T-2", "open"),
        ("T-3", "open"),
    ]
    assert "overdue" in sop("follow-ups").stdout
    done = sop("follow-ups", "--close", "T-2")
    assert (done.returncode, done.stdout) == (0, "T-2 is resolved\n")
    left = json.loads(sop("follow-ups", "--json").stdout)
    assert [one["reference"] for one in left] == ["T-3"]
    stored = read_feedback(day, YESTERDAY, datetime.now(UTC) + timedelta(minutes=1))[-1]
    assert (stored.event, stored.reference, stored.article_id) == ("resolved", "T-2", "acc-001")


def test_ticket_whose_name_is_kept_as_a_hash_is_closed_by_its_name(write, settings_file, tmp_path):
    """The log knows it by a hash; the command knows both, and lists the hash whole."""
    name = "Ana's door, 2nd floor"
    kept = safe_label(name, load_actor_key(tmp_path / "actor.key"))
    url = write([asked(1, asked_at=YESTERDAY, reference=kept)])
    close = ["--settings", f"{settings_file}", "follow-ups"]
    listed = CliRunner().invoke(app, close, env={"COLUMNS": "80"})
    assert kept in listed.output
    done = CliRunner().invoke(app, [*close, "--close", name])
    assert (done.exit_code, done.output) == (0, f"{name} is resolved\n")
    stored = read_feedback(url, YESTERDAY, datetime.now(UTC) + timedelta(minutes=1))
    assert [(one.event, one.reference) for one in stored] == [("resolved", kept)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--close", "T-2", "--article", "acc-0001"),
            "no article of the index has the id acc-0001; did you mean acc-001?",
        ),
        (("--close", "T-22"), "nothing was asked for T-22 in the last 31 days; did you mean T-2?"),
        (("--state", "lost"), "no state is named lost; there are: open, waiting"),
        (("--shift", "Lima"), "no shift is named Lima"),
    ],
)
def test_wrong_follow_up_is_one_sentence(day, sop, arguments, message):
    """An unknown ticket, state or shift is named with what there is."""
    done = sop("follow-ups", *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
