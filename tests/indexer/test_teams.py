"""The file of teams: what is read, and how each fault in it is named."""

from __future__ import annotations

import re

import pytest

from indexer.errors import ArticleError
from indexer.safe_yaml import MAX_FILE_BYTES, read_mapping
from indexer.teams import Team, read_teams

FULL = """\
# Who is there, and when.
access:
  name: "  Access Engineering "
  channel: "#access"
  on_call: https://oncall.example/access
  time_zone: Europe/Dublin
  hours: 09:00-18:00
  backup: platform
  reviewers: ["@example/access", "@sam", sam@example.com]
platform: {name: Platform}
"""


@pytest.fixture
def read(tmp_path):
    """Return a function that reads teams from the text or bytes of their file."""

    def run(content):
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "teams.yml").write_bytes(raw)
        return read_teams(tmp_path)

    return run


def test_teams_are_read_in_the_files_order(read):
    """Every field of a team is kept, what is left out has its default, and order stays."""
    teams = read(FULL)
    assert list(teams) == ["access", "platform"]
    assert teams["access"].model_dump() == {
        "name": "Access Engineering",
        "channel": "#access",
        "on_call": "https://oncall.example/access",
        "time_zone": "Europe/Dublin",
        "hours": "09:00-18:00",
        "backup": "platform",
        "reviewers": ("@example/access", "@sam", "sam@example.com"),
    }
    assert teams["platform"].model_dump() == {
        "name": "Platform",
        "channel": None,
        "on_call": None,
        "time_zone": "Etc/UTC",
        "hours": "24x7",
        "backup": None,
        "reviewers": (),
    }


def test_folder_need_not_have_teams(tmp_path):
    """Without the file there are no teams and no error."""
    assert read_teams(tmp_path) is None


def test_backup_may_stand_before_the_team_it_backs(read):
    """Where in the file a backup stands makes no difference."""
    teams = read("b: {name: B}\na: {name: A, backup: b}\nc: {name: C, backup: d}\nd: {name: D}\n")
    assert {key: team.backup for key, team in teams.items()} == {
        "b": None,
        "a": "b",
        "c": "d",
        "d": None,
    }


@pytest.mark.parametrize("zone", ["Europe/Dublin", "America/Los_Angeles", "Etc/UTC", "UTC"])
def test_time_zones_of_the_database_are_taken(read, zone):
    """A name of the time zone database is a team's time zone."""
    assert read(f"a: {{name: A, time_zone: {zone}}}")["a"].time_zone == zone


@pytest.mark.parametrize(
    "zone",
    ["Europe/Nowhere", "Mars", "Europe", "../../etc/passwd", "/etc/passwd", "UTC+2", "''", "3"],
)
def test_unknown_time_zone_is_named_with_its_line(read, zone):
    """What is no time zone is one sentence with line and field, not a crash."""
    with pytest.raises(ArticleError) as refused:
        read(f"b: {{name: B}}\na: {{name: A, time_zone: {zone}}}\n")
    found = (refused.value.path, refused.value.line, refused.value.field)
    assert found == ("teams.yml", 2, "a.time_zone")


def test_unknown_time_zone_says_what_one_is_like(read):
    """The error shows two names that would be right."""
    with pytest.raises(ArticleError, match="Europe/Dublin or Etc/UTC"):
        read("a: {name: A, time_zone: ../Dublin}\n")


@pytest.mark.parametrize(
    "hours",
    ["9-18", "9:00-18:00", "09:00", "09:00 - 18:00", "24/7", "always", '"24x7\\n"', "Mo-Fr"],
)
def test_hours_of_another_form_are_refused(read, hours):
    """Hours are `24x7` or two times of day with two digits each; others name the form."""
    with pytest.raises(ArticleError, match=r"teams\.yml:1: .*a\.hours: .*24x7"):
        read(f"a: {{name: A, hours: {hours}}}\n")


@pytest.mark.parametrize("hours", ["25:00-26:00", "09:60-18:00", "09:00-99:99", "٠٩:٠٠-١٨:٠٠"])
def test_hours_that_no_clock_shows_are_refused(read, hours):
    """A time of day that does not exist is no working hour, as no page could say who is there."""
    with pytest.raises(ArticleError, match=r"a\.hours"):
        read(f'a: {{name: A, hours: "{hours}"}}\n')


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "oncall.example/a", "//oncall.example", "ftp://x", "' https://x'"],
)
def test_on_call_is_an_address_of_the_web(read, address):
    """Only http and https can be opened, so nothing that runs gets into a link."""
    with pytest.raises(ArticleError, match=r"teams\.yml:1: .*a\.on_call"):
        read(f"a: {{name: A, on_call: {address}}}\n")


@pytest.mark.parametrize("name", ["@sam", "@org/access-team", "@group/sub/team", "a.b@example.com"])
def test_reviewers_are_what_forges_take(read, name):
    """A person, a team of an organisation, a group in a group and an address may review."""
    assert read(f'a: {{name: A, reviewers: ["{name}"]}}')["a"].reviewers == (name,)


@pytest.mark.parametrize("name", ["sam", "@", "@org/", "@sam @lee", "#access", "@a#b", "@a\\n"])
def test_reviewer_that_is_none_is_named(read, name):
    """What would be no owner, or a second line of the file, is refused with two that are."""
    with pytest.raises(ArticleError) as refused:
        read(f'b: {{name: B}}\na: {{name: A, reviewers: ["@lee", "{name}"]}}\n')
    assert (refused.value.line, refused.value.field) == (2, "a.reviewers.1")
    assert 'is no reviewer; one is like "@name" or "@org/access-team"' in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n  channel: x\n", 1, "a.name"),
        ("b: {name: B}\na:\n  name: ''\n", 2, "a.name"),
        ("b: {name: B}\na: {name: A, chanel: x}\n", 2, "a.chanel"),
        ("\n\na: Access\n", 3, "a"),
        ("a: {name: A, channel: 3}\n", 1, "a.channel"),
        ('a: {name: A, reviewers: "@sam"}\n', 1, "a.reviewers"),
        ("# one\na: {name: A, backup: b}\n", 2, "backup b is no team of this file"),
        ("a: {name: A}\nb: [\n", 3, "broken YAML"),
        ("a: {name: A}\nb: *a\n", 2, "anchors and aliases"),
        ("a: {name: A}\nb: !!python/name:os.system {}\n", 2, "tags (!)"),
        ("a: {name: A}\n1: {name: B}\n", 2, "plain text"),
        ("- a\n", 1, "support: {name: Support}"),
        ("", 1, "support: {name: Support}"),
        ("# nothing\n", 1, "support: {name: Support}"),
        (b"a: {name: \xff}\n", 1, "UTF-8"),
        ("a: {name: " + "A" * MAX_FILE_BYTES + "}\n", 1, "131,072"),
    ],
)
def test_faults_name_line_and_field(read, text, line, words):
    """Each fault is named with the file, the line it is on and what is wrong there."""
    with pytest.raises(ArticleError) as refused:
        read(text)
    assert (refused.value.path, refused.value.line) == ("teams.yml", line)
    assert words in str(refused.value)


def test_fault_names_its_team_once(read):
    """The error reads as file, line, field and reason, without the team's key twice."""
    with pytest.raises(ArticleError) as refused:
        read("access: {name: Access, on_call: x}\n")
    assert str(refused.value).startswith("teams.yml:1: access.on_call: ")


def test_key_of_teams_is_no_front_matter(read):
    """An error about a file of teams does not speak of front matter, which it has not."""
    with pytest.raises(ArticleError) as refused:
        read("1: {name: A}\n")
    assert "front matter" not in str(refused.value)


def test_team_that_stands_twice_is_refused(read):
    """Of two teams with one key neither may win in silence; the error names the second's line."""
    with pytest.raises(ArticleError) as refused:
        read("a: {name: One}\nb: {name: B}\na: {name: Two}\n")
    assert (refused.value.line, refused.value.field) == (3, "a")


def test_folder_with_the_files_name_is_no_file(tmp_path):
    """A folder that is called like the file counts as no file."""
    (tmp_path / "teams.yml").mkdir()
    assert read_teams(tmp_path) is None


def test_team_cannot_be_changed():
    """A team that was read stays as it was read."""
    team = Team(name="Access")
    with pytest.raises(ValueError, match="frozen"):
        team.name = "Other"


def test_mapping_gives_values_and_lines(tmp_path):
    """A file beside the articles gives plain values and the line of each key."""
    (tmp_path / "names.yml").write_text("# x\na: 1\n\nb:\n  - c\n", encoding="utf-8")
    found = read_mapping(tmp_path, "names.yml", "a: 1")
    assert (found.values, found.lines, found.repeated) == (
        {"a": 1, "b": ["c"]},
        {"a": 2, "b": 4},
        (),
    )
    assert read_mapping(tmp_path, "none.yml", "a: 1") is None


def test_mapping_that_is_none_shows_an_example(tmp_path):
    """Where a mapping is wanted and something else stands, the error shows a line of one."""
    (tmp_path / "names.yml").write_text("just words\n", encoding="utf-8")
    with pytest.raises(ArticleError, match=re.escape("names.yml:1: must be lines such as: a: 1")):
        read_mapping(tmp_path, "names.yml", "a: 1")


def test_shipped_teams_are_read(pytestconfig):
    """This repository's own teams are a file that can be used, each with a backup or none."""
    teams = read_teams(pytestconfig.rootpath / "sop")
    assert {team.backup for team in teams.values()} - {None} <= set(teams)
