"""`sop notice` and `sop malfunctions`, with a real database and a real repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from support_events import asked
from support_git import git

from search_api.events.log import EventLog
from search_api.events.reading import read_audit


@pytest.fixture
def url(tmp_path):
    """The address of the log that the commands of these tests use."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def command(tmp_path, sop_program, url):
    """Return a function that runs the `sop` command in a project without an index."""
    (tmp_path / "sop.toml").write_text(f'events_url = "{url}"\n', encoding="utf-8")

    def run(*arguments):
        return subprocess.run(
            [sop_program, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=tmp_path,
            env=os.environ
            | {"COLUMNS": "200", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        )

    return run


@pytest.fixture
def green_videos(url):
    """A log in which twelve people have asked the same in the last quarter of an hour."""
    log = EventLog(url, 100)
    log.start()
    now = datetime.now(UTC)
    for number in range(12):
        at = now - timedelta(minutes=13 - number)
        log.record_question(
            asked(number, asked_at=at, text=f"green video {number}", decision="abstain", shown=0)
        )
    log.close()


def test_notice_is_pinned_listed_and_ended(command, url):
    """Each step says what it did on standard output, and leaves a record of who did it."""
    pinned = command("notice", "pin", "Videos are green", "--hours", "2", "--as", "Ana")
    assert pinned.returncode == 0, pinned.stderr
    assert re.fullmatch(r"notice 1 is shown until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", pinned.stdout)
    assert "sop notice end 1" in pinned.stderr
    listed = command("notice", "list").stdout
    assert re.fullmatch(r"1  until .* UTC, by Ana: Videos are green\n", listed)
    (row,) = json.loads(command("notice", "list", "--json").stdout)
    assert (row["id"], row["title"], row["audiences"]) == (1, "Videos are green", ["internal"])
    ended = command("notice", "end", "1", "--as", "Ben")
    assert (ended.returncode, ended.stdout) == (0, "notice 1 is over\n")
    assert command("notice", "list").stdout == "no notice is shown\n"
    assert [(one.who, one.command) for one in read_audit(url)] == [
        ("Ana", "notice pin"),
        ("Ben", "notice end"),
    ]
    audit = command("learn", "--audit").stdout
    assert re.search(r"Ben  notice end: notice 1\n", audit)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("notice", "pin", "x", "--hours", "13"), "hours: a notice lasts up to 12 hours, not 13"),
        (("notice", "pin"), "title: has 0 characters"),
        (("notice", "pin", "--from", "m-00000000"), "there is no log at events_url"),
        (("notice", "end", "7"), "notice 7 was never pinned"),
        (("notice", "draft", "7"), "notice 7 was never pinned"),
        (("malfunctions",), "there is no log at events_url"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(command, arguments, said):
    """It ends with exit code 2, and nothing on standard output."""
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sop: ")
    assert said in " ".join(done.stderr.split())


def test_malfunctions_are_listed_with_their_questions(command, green_videos):
    """People read lines, programs JSON; both have the examples of five people."""
    listed = command("malfunctions")
    assert listed.returncode == 0, listed.stderr
    assert re.match(r"m-00000000  rising: 12 like questions of 12 people, ", listed.stdout)
    assert re.search(r"\n  raised .* UTC: \d in \d+ minutes, 0\.05 expected\n", listed.stdout)
    assert listed.stdout.count("\n  - green video") == 5
    (row,) = json.loads(command("malfunctions", "--json").stdout)
    assert (row["id"], row["state"], row["count"]) == ("m-00000000", "rising", 12)
    assert row["examples"][0] == "green video 11"


def test_notice_is_pinned_from_a_malfunction(command, green_videos):
    """Without a title it has one of its own; an id that is none is named with those there are."""
    pinned = command("notice", "pin", "--from", "m-00000000", "--json")
    assert pinned.returncode == 0, pinned.stderr
    (row,) = json.loads(pinned.stdout)
    assert row["malfunction"] == "m-00000000"
    assert row["title"] == "Many reports: we are looking into it"
    refused = command("notice", "pin", "--from", "m-1")
    assert refused.returncode == 2
    assert "no malfunction of the last 24 hours has the id m-1" in " ".join(refused.stderr.split())


def test_draft_is_a_branch_with_one_known_issue(command, tmp_path, write_files, article_text):
    """It has the notice's words and the next free id; the work tree stays as it is."""
    write_files(
        tmp_path / "sop",
        {
            "review/video.md": article_text("Wait.\n", id="rev-004"),
            "teams.yml": "review-engineering: {name: Review Engineering}\n",
        },
    )
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Writer")
    git(tmp_path, "config", "user.email", "writer@example.com")
    git(tmp_path, "add", "sop")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    command(
        *("notice", "pin", "Videos are green: since 9", "--text", "Use the second player."),
        *("--article", "rev-004", "--platform", "Lantern Review"),
    )
    drafted = command("notice", "draft", "1")
    assert drafted.returncode == 0, drafted.stderr
    branch, path = "notice/1-videos-are-green-since-9", "sop/review/videos-are-green-since-9.md"
    assert drafted.stdout.startswith(f"branch {branch} is at ")
    assert git(tmp_path, "diff", "--name-status", "main", branch) == f"A\t{path}"
    text = git(tmp_path, "show", f"{branch}:{path}")
    for line in (
        "id: rev-005",
        'title: "Videos are green: since 9"',
        "type: known-issue",
        "status: draft",
        'platforms: ["Lantern Review"]',
        '  workaround: "Use the second player."',
    ):
        assert f"\n{line}\n" in text
    assert git(tmp_path, "status", "--porcelain", "sop") == ""
    assert git(tmp_path, "branch", "--show-current") == "main"
    again = command("notice", "draft", "1")
    assert again.returncode == 2
    assert f"the branch {branch} exists already" in " ".join(again.stderr.split())
