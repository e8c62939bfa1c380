"""`sop demo-log` with a real index and the real command: made up, marked, the same again."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime

import pytest
from support_events import asked

from indexer.build import build_snapshot
from search_api.events.log import EventLog
from search_api.events.reading import read_feedback, read_questions
from search_api.events.store import read_store

MONTH = ("--until", "2026-11-08", "--days", "5", "--per-day", "30")
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory, write_files, encoder_folder):
    """Ten articles in `sop`, and in `index` their snapshot. Do not write to it."""
    home = tmp_path_factory.mktemp("demo")
    files = {
        f"{number}.md": f"---\nid: acc-{number:03d}\ntitle: Door {number}\nstatus: active\n"
        f"questions: [how do i open door {number}, door {number} is shut, key {number} is lost]\n"
        f"---\n\nDoor {number} opens with key {number}.\n"
        for number in range(1, 11)
    }
    build_snapshot(write_files(home / "sop", files), home / "index")
    return home


@pytest.fixture
def sop(tmp_path, home, sop_program):
    """Return a function that runs the `sop` command with a log of some name."""

    def run(*arguments, log="demo.db", index="index"):
        (tmp_path / "sop.toml").write_text(
            f'index = "{home / index}"\nsop = "{home / "sop"}"\n'
            f'events_url = "sqlite:///{tmp_path / log}"\n'
            f'learn = true\nactor_key_file = "{tmp_path / "actor.key"}"\n',
            encoding="utf-8",
        )
        return subprocess.run(
            [sop_program, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "200"},
        )

    return run


def events(tmp_path, log):
    """Everything that a log holds, vectors as bytes."""
    url = f"sqlite:///{tmp_path / log}"
    questions = read_questions(url, START, END, with_vectors=True)
    vectors = [one.vector.tobytes() for one in questions]
    return questions, vectors, read_feedback(url, START, END)


def test_demo_is_the_same_again_and_marked(sop, tmp_path):
    """Two logs get the same events; all are marked, answered for real, and nobody is named."""
    first = sop("demo-log", *MONTH, "--json")
    assert (first.returncode, first.stderr) == (0, "")
    summary = json.loads(first.stdout)
    assert sop("demo-log", *MONTH, "--json", log="other.db").stdout == first.stdout
    assert events(tmp_path, "demo.db") == events(tmp_path, "other.db")
    questions, _, feedback = events(tmp_path, "demo.db")
    assert summary["questions"] == len(questions) > 100
    assert sum(summary["feedback"].values()) == len(feedback) > 50
    assert {one.source for one in (*questions, *feedback)} == {"demo"}
    assert read_store(f"sqlite:///{tmp_path / 'demo.db'}").is_demo
    assert all(len(one.actor) == 32 for one in (*questions, *feedback))
    assert {one.decision for one in questions} == {"suggest", "abstain"}
    assert not (tmp_path / "actor.key").exists()


def test_second_run_replaces_the_first(sop, tmp_path):
    """Another seed takes the place of what was there, in a fresh clone's index of one run too."""
    sop("demo-log", *MONTH)
    before = {one.query_id for one in events(tmp_path, "demo.db")[0]}
    done = sop("demo-log", *MONTH, "--seed", "8", index="none")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0].endswith("is indexed for this run only …")
    assert done.stdout.splitlines()[-1] == (
        "the log is marked as demo; nothing real belongs into it"
    )
    after = {one.query_id for one in events(tmp_path, "demo.db")[0]}
    assert after
    assert before.isdisjoint(after)


def test_log_with_real_events_is_refused(sop, tmp_path):
    """Real questions are neither mixed with made-up ones nor touched, and nothing is asked."""
    log = EventLog(f"sqlite:///{tmp_path / 'real.db'}", 10)
    log.start()
    log.record_question(asked())
    log.close()
    done = sop("demo-log", *MONTH, log="real.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "sop: the log of questions holds real events, and a demonstration never goes into such a "
        "log; name another database: SOPKB_EVENTS_URL=sqlite:///var/demo.db\n"
    )
    assert len(events(tmp_path, "real.db")[0]) == 1


def test_demo_shows_as_demo(sop, tmp_path, home, client):
    """The list of the most used says so, and no branch of questions is made from such a log."""
    sop("demo-log", *MONTH)
    with client(index=home / "index", events_url=f"sqlite:///{tmp_path / 'demo.db'}") as api:
        assert api.get("/api/v1/popular?days=366").json()["is_demo"] is True
    with client(index=home / "index", events_url=f"sqlite:///{tmp_path / 'other.db'}") as api:
        assert api.get("/api/v1/popular").json()["is_demo"] is False
    done = sop("learn", "--since", "2026-11-01")
    assert done.returncode == 2
    assert done.stderr.startswith("sop: the log holds demo data: nobody asked these questions")
    done = sop("check", "--fast")
    assert "note: the log holds demo data, so what it says of rejections is made up" in done.stderr
