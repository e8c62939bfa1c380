"""Each rule against its fixtures: files that break it, and files that keep it.

A fixture is one article, whose `x-expect` lists `line: message`, or a YAML file with a
folder: `files`, `expect` with `path:line: message`, where git matters `commits` and `base`,
and where the log matters `rejections`, each a list of article, day, reason and actor. All of
them lie in the folder of `fixtures/_folder`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from folders import FIXTURES
from support_git import git

from indexer.checks.folder import Folder, Rejection, source_of
from indexer.checks.rules import RULES
from indexer.checks.run import check_folder, run_rules
from indexer.safe_yaml import load_mapping

TODAY = date(2026, 11, 22)
CASES = sorted(path for path in FIXTURES.glob("[a-z]*/*") if path.suffix in (".md", ".yml"))
# These look at what an index tells, so their fixtures are asked with the real encoder.
MEASURED = ("own-questions", "overlap", "differing-facts")
SEVERITIES = {name: severity for name, _, severity in RULES}


def article_case(path: Path, sop: Path) -> tuple[list[str], str | None, list[Rejection]]:
    """Put an article into the folder; return what it expects."""
    name = f"access/{path.name}"
    raw = path.read_bytes()
    (sop / name).write_bytes(raw)
    stated = source_of(name, raw).values.get("x-expect", [])
    return [f"sop/{name}:{line}" for line in stated], None, []


def folder_case(
    path: Path, sop: Path, commit, write_files
) -> tuple[list[str], str | None, list[Rejection]]:
    """Put a folder's files in place, with their history; return what they expect."""
    case = load_mapping(path.read_text(encoding="utf-8"), path.name, max_bytes=131_072).values
    commit({}, "common")
    for step in case.get("commits", ()):
        if step.get("after-branching"):
            git(sop, "branch", "mine")
        commit(step["files"])
        if step.get("after-branching"):
            git(sop, "switch", "--quiet", "mine")
    write_files(sop, case["files"])
    rejections = [Rejection(*one) for one in case.get("rejections", ())]
    return case.get("expect", []), case.get("base"), rejections


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_rule_finds_exactly_what_its_fixture_plants(path, common, commit, write_files, measure):
    """Path, line and message of every finding are those of the fixture; a good file has none."""
    expected, base, rejections = (
        article_case(path, common)
        if path.suffix == ".md"
        else folder_case(path, common, commit, write_files)
    )
    rule = path.parent.name
    measure = measure if rule in MEASURED else None
    report = check_folder(common, base=base, today=TODAY, measure=measure, rejections=rejections)
    assert sorted(f"{f.path}:{f.line}: {f.rule}: {f.message}" for f in report.open) == sorted(
        f"{where}: {rule}: {message}"
        for where, _, message in (one.partition(": ") for one in expected)
    )
    assert {finding.severity for finding in report.open} <= {SEVERITIES[rule]}
    assert bool(expected) == path.stem.startswith("bad")
    assert all(finding.hint for finding in report.open)


def test_every_rule_has_a_good_and_a_bad_fixture():
    """A rule without both is not tested; a folder without a rule tests nothing."""
    kinds = {(path.parent.name, path.stem.partition("-")[0]) for path in CASES}
    assert kinds == {(name, kind) for name in SEVERITIES for kind in ("good", "bad")}


def test_more_than_forty_faults_are_planted():
    """The fixtures together plant enough faults to trust the rules by."""
    expected = [
        line
        for path in CASES
        for line in path.read_text(encoding="utf-8").split("\n")
        if line.startswith(("  - '", "- "))
    ]
    assert len(expected) > 90


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"---\n---\n",
        b"---\nid: acc-001\n---",
        b"---\nquestions: 5\nrelated: {a: b}\nescalation: [1]\nknown_issue: 7\npinned: x\n---\n",
        b"---\ndepends_on: [1, [2]]\nredirect_from: {}\nx-accept: [1]\nreplaced_by: [a]\n---\n",
        b"---\nid: acc-001\nx-accept: {1: 2, html: {a: b}}\nreview_by: 2026-01-01 10:00:00\n---\n",
        b"---\nid: acc-001\ntitle: [a]\nsummary: {}\nstatus: [x]\ntype: [a]\nlanguage: 5\n---\n",
        b"[x](<>) ![](<>) [y](#) [z](?) [\x00]",
        b"[x](http://[) [y](%ff%00.md) [z](" + b"a" * 5000 + b".md)",
        b"<!--\n\n```\n\n<script",
        b"1. a\n  10. b\n\n999999999. c\n",
        b"| a |\n| - |\n| b | c | [d](e) |\n",
        "\u2028\u202e\ufeff\n# \u0000".replace("\u0000", "\u0001").encode(),
        b"# [x](y)\n## {#a}\n## {#a}\n",
        b"\r\r\n\n\r[x](gone.md)\r",
    ],
)
def test_no_content_makes_a_rule_raise(common, write_files, raw):
    """Whatever is in a file, the check ends with findings on lines that exist."""
    write_files(common, {"access/odd.md": raw})
    report = check_folder(common, today=TODAY)
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    assert {finding.path for finding in report.findings} == {"sop/access/odd.md"}
    assert all(1 <= finding.line <= lines for finding in report.findings)


def test_lines_hold_whatever_the_line_ends_are(common, write_files):
    """A file from Windows has its findings on the same lines."""
    path = FIXTURES / "anchors" / "bad.md"
    raw = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")
    write_files(common, {"access/bad.md": raw})
    found = [f"{f.line}: {f.message}" for f in check_folder(common, today=TODAY).open]
    assert found == source_of("a.md", raw).values["x-expect"]


def test_a_counter_at_hand_measures_passages(article_text, words):
    """With the encoder's counter, code over the limit of a chunk is found, and only that."""
    text = article_text(f"```text\n{'word ' * 40}\n```\n")
    folder = Folder("", [source_of("a/b.md", text.encode())], today=TODAY, count_tokens=words)
    assert [f.message for f in run_rules(folder)] == []
    (finding,) = run_rules(Folder(**(vars(folder) | {"max_tokens": 30})))
    assert finding.message == "this code has 42 tokens, so it is cut when it is indexed"


def test_a_message_stays_on_its_line(common, write_files, article_text):
    """What a file says cannot break a line, hide in it, or give a CI job a command."""
    key = '"a\\n::stop-commands::x\\u202e": 1\nowner:'
    write_files(common, {"access/a.md": article_text().replace("owner:", key)})
    (message,) = [f.message for f in check_folder(common, today=TODAY).open]
    assert message == "unknown key a\\n::stop-commands::x\\u202e"
