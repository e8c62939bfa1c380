"""`sop gaps` and `sop new --from-gap` as processes, on a real log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support_events import asked

from indexer.article import parse_article
from search_api.events.database import open_engine
from search_api.events.log import EventLog
from search_api.events.reading import read_audit

# At noon: what was asked some minutes before it, yesterday, was asked on one day.
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
BADGE = (
    "my badge does not open the gate",
    "the gate does not open, my badge is red",
    "badge red at the gate",
    "my badge is red, the gate does not open",
)


@pytest.fixture
def settings_file(tmp_path):
    """Settings of a test that needs no index but its own."""
    path = tmp_path / "sop.toml"
    path.write_text(
        f'sop = "{tmp_path / "sop"}"\nindex = "{tmp_path / "index"}"\n'
        f'events_url = "sqlite:///{tmp_path / "events.db"}"\n'
        f'actor_key_file = "{tmp_path / "actor.key"}"\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def url(tmp_path):
    """The address of the log."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture
def fill(url):
    """Return a function that logs unanswered questions about a badge, and answered other ones."""

    def run(texts=BADGE, region=None, **changes):
        log = EventLog(url, 100, region)
        log.start()
        for number, text in enumerate(texts):
            values = {
                "text": text,
                "asked_at": NOW - timedelta(days=1, minutes=number),
                "vector": np.array((1, 0, 0), np.float32),
                "decision": "abstain",
                "confidence": 0.1,
                "shown": 0,
            }
            log.record_question(asked(number, **values | changes))
        other = np.array((0, 1, 0), np.float32)
        log.record_question(asked(99, asked_at=NOW - timedelta(days=2), vector=other))
        log.close()

    return run


@pytest.fixture
def folder(tmp_path, write_files, article_text):
    """A folder with a team and an article."""
    return write_files(
        tmp_path / "sop",
        {
            "teams.yml": "access: {name: Access}\n",
            "access/a.md": article_text("A badge opens a door.\n"),
        },
    )


def listed(sop, *arguments):
    """The list as a program reads it."""
    done = sop("gaps", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_list_has_counts_and_no_question(sop, fill, url):
    """Who wants numbers sees no text, and is not recorded."""
    fill()
    found = listed(sop)
    (gap,) = found["gaps"]
    assert (found["asked"], found["went_badly"], found["in_smaller_groups"]) == (5, 4, 0)
    assert (gap["label"], gap["kind"], gap["questions"], gap["askers"]) == (
        "badge not open gate",
        "write",
        4,
        4,
    )
    assert (gap["weeks"], gap["signals"]) == ([0, 0, 0, 4], {"abstained": 4})
    assert "examples" not in gap
    done = sop("gaps")
    assert done.stdout.splitlines()[2:] == [
        f"{gap['id']}  badge not open gate",
        (
            f"  write a new one: 4 questions by 4 people, {gap['first_asked']} to "
            f"{gap['last_asked']}, by week 0 0 0 4"
        ),
        "  no article was likely enough (4)",
        "  nearest: acc-001 100%",
    ]
    assert done.stderr.splitlines()[1] == "comparing 4 of 5 questions …"
    assert read_audit(url) == []


def test_examples_are_shown_on_request_and_recorded_first(sop, fill, url):
    """Each text is redacted once more, and the record says how many were shown to whom."""
    fill((*BADGE, "my badge ana@example.com is red"))
    found = listed(sop, "--examples", "--as", "Ana Lead")
    assert sorted(found["gaps"][0]["examples"]) == sorted((*BADGE, "my badge [email] is red"))
    (record,) = read_audit(url)
    assert (record.who, record.command, record.questions, record.articles, record.target) == (
        "Ana Lead",
        "gaps",
        5,
        ["acc-001"],
        "screen",
    )


def test_what_cannot_be_recorded_is_not_shown(sop, fill, url):
    """A log that takes no record gives no text."""
    fill()
    with open_engine(url).begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit")
        connection.exec_driver_sql("CREATE TABLE audit (id INTEGER)")
    done = sop("gaps", "--examples")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the audit record could not be written" in done.stderr


def test_kind_and_top_limit_the_list(sop, fill):
    """What is left out is counted; a kind that does not exist is refused."""
    fill()
    done = sop("gaps", "--kind", "edit")
    assert done.stdout.splitlines()[2:] == ["no gap", "", "and 1 more; see --top and --kind"]
    assert len(listed(sop, "--kind", "write", "--top", "1")["gaps"]) == 1
    done = sop("gaps", "--kind", "missing")
    assert (done.returncode, done.stderr) == (
        2,
        "sop: no gap is of the kind missing; there are: write, edit, compete, practice\n",
    )


def test_groups_of_two_are_counted_only(sop, fill):
    """Nothing of what two people asked is told."""
    fill(BADGE[:2])
    done = sop("gaps")
    assert "and 2 questions in groups of fewer than 3 askers" in done.stdout
    assert "badge" not in done.stdout


def test_questions_of_nobody_are_a_note(sop, fill):
    """Tools that send no actor are told to."""
    fill(actor=None)
    done = sop("gaps")
    assert "note: 4 questions name no asker and count as one person's" in done.stderr
    assert "no gap" in done.stdout


def test_days_and_date_choose_the_period(sop, fill):
    """Yesterday's questions are in a period that ends yesterday, and in none before."""
    fill()
    yesterday = NOW - timedelta(days=1, minutes=10)
    assert len(listed(sop, "--days", "2", "--date", f"{yesterday:%Y-%m-%d}")["gaps"]) == 1
    assert listed(sop, "--date", f"{NOW - timedelta(days=4):%Y-%m-%d}")["asked"] == 0


def test_options_in_front_of_a_command_are_refused(sop):
    """Days that would be passed over in silence are a mistake."""
    done = sop("gaps", "--days", "60", "show", "12345678")
    assert done.returncode == 2
    assert done.stderr == "sop: write options behind the command: sop gaps show … --option\n"


def test_without_a_log(sop):
    """The message says where to look."""
    done = sop("gaps")
    assert done.returncode == 2
    assert done.stderr == (
        "sop: there is no log at events_url, so nothing was asked here; start the service, or "
        "run this where the log is\n"
    )


def test_show_tells_everything_of_a_gap(sop, fill, url):
    """Weeks, languages, channels and examples; the run is recorded."""
    fill()
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("gaps", "show", gap_id)
    assert done.stdout.splitlines()[4:] == [
        "  asked by week         0    0    0    4",
        "  went badly by week    0    0    0    4",
        "  languages: en 4",
        "  channels: chat 4",
        *(line for line in done.stdout.splitlines() if line.startswith("  - ")),
        f"next: sop new AREA/SLUG --from-gap {gap_id}",
    ]
    assert [record.command for record in read_audit(url)] == ["gaps show"]
    shown = json.loads(sop("gaps", "show", gap_id, "--format", "json").stdout)
    assert (shown["asked_by_week"], len(shown["examples"])) == ([0, 0, 0, 4], 4)


def test_show_refuses_an_unknown_gap_and_records_nothing(sop, fill, url):
    """A slip in the id is no look at anything."""
    fill()
    done = sop("gaps", "show", "00000000")
    assert done.returncode == 2
    assert "has the id '00000000'; see sop gaps" in done.stderr
    assert read_audit(url) == []


def test_now_asks_the_present_index(sop, fill, build, article_text, settings_file, url):
    """An article that came since answers what nothing answered before."""
    done = sop("gaps", "show", "x", "--now")
    assert done.returncode == 2
    fill()
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("gaps", "show", gap_id, "--now")
    assert (done.returncode, read_audit(url)) == (2, [])
    build(
        {
            "access/gate.md": article_text(
                "When the badge is red at the gate, call the desk; the gate opens again.\n",
                title="A badge that does not open the gate",
                questions=list(BADGE[:3]),
            ),
            "tools/export.md": article_text("Press export.\n", id="too-001", title="Export labels"),
        }
    )
    settings_file.write_text(
        settings_file.read_text(encoding="utf-8").replace("acc-001", "x"), encoding="utf-8"
    )
    done = sop("gaps", "show", gap_id, "--now", "--format", "json")
    again = json.loads(done.stdout)["now"]
    assert (again["questions"], again["answered_before"], again["answered_now"]) == (4, 0, 4)
    assert again["articles"] == {"acc-001": 4}
    told = sop("gaps", "show", gap_id, "--now").stdout
    assert "4 of 4 are answered now, 0 were before\n  now first: acc-001 4\n" in told


def test_effect_compares_before_and_after(sop, fill, url):
    """An article that was there all the time needs the day of its change."""
    fill(decision="suggest", confidence=0.7, shown=1)
    done = sop("gaps", "effect", "acc-001")
    assert done.returncode == 2
    assert "name the day of its change with --at" in done.stderr
    day = f"{NOW - timedelta(days=20):%Y-%m-%d}"
    told = sop("gaps", "effect", "acc-001", "--at", day).stdout.splitlines()
    assert told[1] == "  before: fewer than three askers"
    assert told[2].startswith("  after:  ")
    found = json.loads(sop("gaps", "effect", "acc-001", "--at", day, "--format", "json").stdout)
    assert found["before"] is None
    assert found["after"]["answered"] == found["after"]["questions"]
    assert read_audit(url) == []


def test_a_draft_without_permission_has_no_question(sop, fill, folder, url):
    """Counts, the nearest article and words that articles use; sop check takes it as any draft."""
    fill()
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("new", "access/gate", "--from-gap", gap_id)
    assert done.returncode == 0, done.stderr
    path = folder / "access" / "gate.md"
    assert done.stdout == f"{path}\n"
    assert f"since learn is off; see sop gaps show {gap_id}\n" in done.stderr
    text = path.read_text(encoding="utf-8")
    article = parse_article("access/gate.md", text.encode())
    stated = article.front_matter
    assert (stated.id, stated.type, stated.related) == ("acc-002", "troubleshooting", ("acc-001",))
    about = "words that no article uses yet"
    assert f'x-gap:\n  id: "{gap_id}"\n  about: {about}\n  questions: 4\n  askers: 4\n' in text
    assert not any(one in text for one in ("gate does", "red"))
    (record,) = read_audit(url)
    assert (record.command, record.questions, record.target) == ("new", 0, str(path))
    checked = sop("check", "--fast")
    assert checked.returncode == 0, checked.stdout


def test_a_draft_with_permission_fails_the_check_until_it_is_reworded(
    sop, fill, folder, url, settings_file
):
    """Questions stand among its own and in x-learned; a stated type is kept."""
    with settings_file.open("a", encoding="utf-8") as file:
        file.write("learn = true\n")
    fill()
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("new", "access/gate", "--from-gap", gap_id, "--type", "how-to", "--as", "Ana")
    assert done.returncode == 0, done.stderr
    path = folder / "access" / "gate.md"
    stated = parse_article("access/gate.md", path.read_bytes()).front_matter
    assert stated.type == "how-to"
    assert sorted(stated.questions) == sorted(BADGE)
    text = path.read_text(encoding="utf-8")
    assert text.count("  - badge red at the gate\n") == 2
    checked = sop("check", "--fast")
    assert (checked.returncode, "is still what people typed" in checked.stdout) == (1, True)
    (record,) = read_audit(url)
    assert (record.who, record.questions) == ("Ana", len(stated.questions))


def test_questions_do_not_leave_their_region_for_a_draft(sop, fill, folder, url, settings_file):
    """A log of the EU gives no question to files elsewhere without a reason, which is recorded."""
    with settings_file.open("a", encoding="utf-8") as file:
        file.write('learn = true\nregion = "us"\n')
    fill(region="eu")
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("new", "access/gate", "--from-gap", gap_id)
    assert done.returncode == 2
    assert "the log belongs to the region eu" in done.stderr
    assert not (folder / "access" / "gate.md").exists()
    assert read_audit(url) == []
    done = sop("new", "access/gate", "--from-gap", gap_id, "--override", "one team writes for all")
    assert done.returncode == 0, done.stderr
    assert read_audit(url)[0].target.endswith("from eu to us: one team writes for all")


def test_a_refused_draft_is_not_recorded(sop, fill, folder, url):
    """A name that is taken is said before anything is read from the log."""
    fill()
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("new", "access/a", "--from-gap", gap_id)
    assert (done.returncode, "exists already" in done.stderr) == (2, True)
    assert read_audit(url) == []


def test_a_gap_that_asks_for_an_edit_says_so(sop, fill, folder):
    """The draft is written all the same, with a note."""
    fill(confidence=0.3)
    gap_id = listed(sop)["gaps"][0]["id"]
    done = sop("new", "access/gate", "--from-gap", gap_id)
    assert done.returncode == 0
    assert (
        f"note: {gap_id} asks for changes to acc-001 rather than for a new article" in done.stderr
    )
