"""What people, editors and CI systems read."""

from __future__ import annotations

import json
import os

import pytest
from typer.testing import CliRunner

from indexer.checks.finding import Finding
from indexer.checks.formats import chosen_format, formatted, step_summary, totals
from search_api.cli import app

ERROR = Finding("sop/a.md", 3, 2, "schema", "100% wrong: a, b | <b>", "mend: it", "error")
WARNING = Finding("sop/b,c.md", 7, 1, "headings", "twice", "keep one", "warning")
ACCEPTED = Finding("sop/d.md", 9, 1, "html", "a comment", "say it", "error", "shown in print")
ALL = [ERROR, WARNING, ACCEPTED]


def test_text_is_one_line_a_finding():
    """An editor jumps by path and line; a warning says that it is one."""
    assert formatted(ALL, "text").split("\n") == [
        "sop/a.md:3: schema: 100% wrong: a, b | <b> (mend: it)",
        "sop/b,c.md:7: headings: twice (keep one) [warning]",
    ]


def test_json_has_the_promised_keys():
    """Accepted findings are in the list, and only they have `accepted`."""
    listed = json.loads(formatted(ALL, "json"))
    keys = {"rule", "severity", "path", "line", "column", "message", "hint"}
    assert [set(one) - keys for one in listed] == [set(), set(), {"accepted"}]
    assert listed[0] == {
        "rule": "schema",
        "severity": "error",
        "path": "sop/a.md",
        "line": 3,
        "column": 2,
        "message": "100% wrong: a, b | <b>",
        "hint": "mend: it",
    }
    assert listed[2]["accepted"] == "shown in print"
    assert json.loads(formatted([], "json")) == []


def test_github_gets_escaped_annotations():
    """Percent signs and line ends are escaped everywhere, colons and commas in properties."""
    assert formatted(ALL, "github").split("\n") == [
        "::error file=sop/a.md,line=3,col=2,title=schema::100%25 wrong: a, b | <b> (mend: it)",
        "::warning file=sop/b%2Cc.md,line=7,col=1,title=headings::twice (keep one)",
    ]


def test_gitlab_gets_a_fingerprint_for_each_finding():
    """Equal findings differ, and a line added above changes nothing."""
    moved = Finding("sop/a.md", 9, 2, "schema", ERROR.message, ERROR.hint, "error")
    first, second, other = json.loads(formatted([ERROR, moved, WARNING], "gitlab"))
    assert first["location"] == {"path": "sop/a.md", "lines": {"begin": 3}}
    assert (first["check_name"], first["severity"]) == ("schema", "major")
    assert first["description"] == "100% wrong: a, b | <b> (mend: it)"
    assert other["severity"] == "minor"
    assert len({first["fingerprint"], second["fingerprint"], other["fingerprint"]}) == 3
    assert json.loads(formatted([moved], "gitlab"))[0]["fingerprint"] == first["fingerprint"]
    assert formatted([], "gitlab") == "[]"


def test_step_summary_is_a_table_without_markup_of_articles():
    """What articles say is text; accepted findings are listed with their reasons."""
    text = step_summary(ALL)
    assert text.startswith("## sop check\n\n1 error, 1 warning, 1 accepted\n")
    assert "| sop/a.md:3 | schema | 100% wrong: a, b &#124; &#60;b&#62; | mend: it |" in text
    assert "| sop/b,c.md:7 | headings (warning) | twice | keep one |" in text
    assert "| sop/d.md:9 | html | shown in print |" in text
    many = step_summary([WARNING] * 700)
    assert many.count("twice") == 500
    assert "and 200 more" in many


def test_totals_count_accepted_ones_apart():
    """An accepted error is no error."""
    assert totals([]) == "0 errors, 0 warnings"
    assert totals(ALL) == "1 error, 1 warning, 1 accepted"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "text"),
        ({"GITHUB_ACTIONS": "true"}, "github"),
        ({"GITHUB_ACTIONS": "false"}, "text"),
        ({"GITLAB_CI": "true"}, "gitlab"),
    ],
)
def test_the_format_follows_the_ci_system(environment, expected):
    """Nobody has to name it there."""
    assert chosen_format(environment) == expected


@pytest.fixture
def run(sop, write_files, article_text, monkeypatch, encoder_folder):
    """Return a function that runs `sop check` on a folder with one error and one warning."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    write_files(sop, {"access/a.md": article_text("# Title\n\nA\u200bB\n")})
    monkeypatch.chdir(sop.parent)

    def command(*arguments, **environment):
        return CliRunner().invoke(app, ["check", *arguments], env=os.environ | environment)

    return command


def test_the_command_prints_findings_and_counts_apart(run):
    """Findings go to standard output, how many to standard error; an error gives exit code 1."""
    done = run("--fast")
    assert done.exit_code == 1
    assert [line.split(" ")[1] for line in done.stdout.splitlines()] == [
        "headings:",
        "hidden-characters:",
    ]
    assert done.stderr == "1 error, 1 warning\n"


def test_warnings_alone_are_no_failure(run):
    """After the error is mended, the exit code is 0 and the warning stays."""
    done = run("--fix", "--fast")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "mended: sop/access/a.md: hidden characters removed: 1",
        "0 errors, 1 warning",
    ]
    assert done.stdout.endswith("[warning]\n")


def test_ci_systems_get_their_format_and_a_summary(run, tmp_path):
    """GitHub's summary is appended to; a named format wins over the environment's."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    done = run(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert done.stdout.startswith("::warning file=sop/access/a.md,line=")
    assert summary.read_text(encoding="utf-8").startswith("before\n## sop check\n")
    assert json.loads(run(GITLAB_CI="true").stdout)[1]["check_name"] == "hidden-characters"
    assert json.loads(run("--format", "json", GITLAB_CI="true").stdout)[0]["rule"] == "headings"


def test_the_help_shows_examples(run):
    """Somebody who reads only the help can use it."""
    text = CliRunner().invoke(app, ["check", "--help"]).stdout
    assert "sop check --changed origin/main --fix" in text
