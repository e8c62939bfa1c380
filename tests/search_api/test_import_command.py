"""`sop import` from file to log, with a real index, a real database and the real command."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime

import pytest
from support_events import asked

from indexer.build import build_snapshot
from search_api.events.demo import replace_demo
from search_api.events.log import EventLog
from search_api.events.reading import read_feedback, read_questions

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
PHONE = "My phone is gone, write to ana@example.com"
CSV = f"""Ticket ID;Title;Description;Created;Solved at;Status;Article;Requester;Format
T-1;Phone lost;"{PHONE}
or call";2026-11-03T10:00:00+01:00;2026-11-03T11:00:00Z;Solved;acc-001;ana;text
T-2;Which colour has the door;;yesterday;;New;;ben;
T-3;Which colour has the door;;2026-11-04T10:00:00Z;;Escalated;kb-17;ben;
T-4;;<p></p>;2026-11-04T10:00:00Z;;New;;ben;html
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory, write_files, encoder_folder):
    """The snapshot of two articles. Do not write to it."""
    home = tmp_path_factory.mktemp("import")
    text = "---\nid: {}\ntitle: {}\nquestions: [{}]\n---\n\n{}\n"
    files = {
        "a.md": text.format(
            "acc-001", "Reset a lost second factor", "phone lost", "Remove the phone."
        ),
        "b.md": text.format("que-001", "Queue is empty", "no task is shown", "Reload the board."),
    }
    build_snapshot(write_files(home / "sop", files), home / "index")
    return home / "index"


@pytest.fixture
def url(tmp_path):
    """The address of the test's log."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def sop(tmp_path, index, url, sop_program):
    """Return a function that runs the `sop` command over that snapshot and the test's log."""
    (tmp_path / "sop.toml").write_text(
        f'index = "{index}"\nevents_url = "{url}"\nactor_key_file = "{tmp_path / "actor.key"}"\n',
        encoding="utf-8",
    )
    (tmp_path / "t.csv").write_text(CSV, encoding="utf-8")

    def run(*arguments, **variables):
        return subprocess.run(
            [sop_program, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "200"} | variables,
        )

    return run


def test_import_brings_tickets_and_names_the_rest(sop, url, tmp_path):
    """Good lines are asked and stored, redacted; bad ones are named, and the exit code is 1."""
    done = sop("import", "t.csv")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "t.csv:5: article: no article of the index has this id; imported without it",
        "t.csv:4: opened: is no time; write it like 2026-11-03T14:05:00+01:00",
        "t.csv:6: text: holds no words; a ticket needs a subject or a text",
    ]
    assert done.stdout.splitlines()[:2] == [
        "tickets: 2 imported, 0 brought up to date, 0 known already; lines refused: 2",
        "feedback: 1 escalated, 1 linked, 1 resolved",
    ]
    first, second = read_questions(url, START, END, with_vectors=True)
    assert (first.reference, first.source, first.decision) == ("T-1", "import", "suggest")
    assert first.text == "Phone lost\nMy phone is gone, write to [email]\nor call"
    assert first.asked_at == datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert (first.shown, first.suggestions[0]["id"]) == (0, "acc-001")
    assert first.vector.shape == (384,)
    assert len(first.actor) == 32
    assert (second.reference, second.decision) == ("T-3", "abstain")
    told = read_feedback(url, START, END)
    assert [(one.reference, one.event, one.article_id, one.source) for one in told] == [
        ("T-1", "linked", "acc-001", "import"),
        ("T-1", "resolved", "acc-001", "import"),
        ("T-3", "escalated", None, "import"),
    ]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("events.db*"))
    assert b"ana@example" not in stored


def test_second_import_changes_nothing(sop, url, tmp_path):
    """The same file again adds nothing; a ticket that has ended since gets its end."""
    sop("import", "t.csv")
    before = read_questions(url, START, END), read_feedback(url, START, END)
    done = sop("import", "t.csv", "--json")
    report = json.loads(done.stdout)
    assert (report["new"], report["updated"], report["known"]) == (0, 0, 2)
    assert (read_questions(url, START, END), read_feedback(url, START, END)) == before
    line = {"id": "T-3", "opened": "2026-11-04T10:00:00Z", "closed": "2026-11-05T10:00:00Z"}
    later = json.dumps(line | {"subject": "Which colour has the door", "state": "done"})
    (tmp_path / "later.jsonl").write_text(f"{later}\n{later}\n", encoding="utf-8")
    done = sop("import", "later.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "tickets: 0 imported, 1 brought up to date, 1 known already; lines refused: 0",
        "feedback: 1 resolved",
    ]
    assert [one.event for one in read_feedback(url, START, END)][-1] == "resolved"
    assert len(read_questions(url, START, END)) == 2


def test_ticket_that_passed_through_the_api_keeps_its_question(sop, url):
    """What a tool asked itself is not asked again; only what became of it is added."""
    log = EventLog(url, 10)
    log.start()
    log.record_question(asked(1))
    log.close()
    sop("import", "t.csv")
    found = read_questions(url, START, END)
    assert sorted((one.reference, one.source) for one in found) == [
        ("T-1", "api"),
        ("T-3", "import"),
    ]
    assert [one.event for one in read_feedback(url, START, END) if one.reference == "T-1"] == [
        "linked",
        "resolved",
    ]


def test_dry_run_writes_nothing(sop, tmp_path):
    """It needs no index and makes no file, and says what would be done."""
    before = sorted(tmp_path.iterdir())
    done = sop("import", "t.csv", "--dry-run", SOPKB_INDEX="none")
    assert done.returncode == 1
    assert done.stdout == (
        "tickets: 3 to import, 0 to bring up to date, 0 known already; lines refused: 1\n"
        "feedback: 1 escalated, 2 linked, 1 resolved\n"
        "columns: reference from Ticket ID, subject from Title, text from Description, opened "
        "from Created, closed from Solved at, outcome from Status, article from Article, "
        "requester from Requester, format from Format; left out: none\n"
    )
    assert sorted(tmp_path.iterdir()) == before


def test_import_without_an_index_says_how_to_make_one(sop, tmp_path):
    """Without a snapshot there is nothing to ask, and no log is made."""
    done = sop("import", "t.csv", "--index", "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "sop: none holds no snapshot; make one with: sop build\n"
    assert not (tmp_path / "events.db").exists()


def test_demo_log_takes_no_ticket(sop, url):
    """A log of made-up questions is refused, with or without writing."""
    replace_demo(url, [], [])
    for options in ((), ("--dry-run",)):
        done = sop("import", "t.csv", *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("sop: the log of questions holds demo data, and real")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.csv",), "none.csv: cannot be read: No such file or directory"),
        (("t.csv", "--zone", "Mars"), "no time zone is named Mars"),
        (
            ("t.csv", "--map", "text=Titel"),
            "t.csv:1: no column is named Titel; did you mean Title?",
        ),
        (("t.csv", "--outcome", "x=y"), "write word=outcome"),
        (("t.csv", "--delimiter", ";;"), "--delimiter: name one character, such as ';'"),
    ],
)
def test_options_that_cannot_be_are_refused(sop, arguments, message):
    """What the command cannot use is one sentence, and the exit code is 2."""
    done = sop("import", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
