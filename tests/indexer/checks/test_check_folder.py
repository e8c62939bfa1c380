"""What a check reads, reports and leaves out; `test_rules.py` tries each rule."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from support_git import git

from indexer.checks.run import check_articles, check_folder
from indexer.corpus import read_corpus
from indexer.errors import CorpusError

REPOSITORY = Path(__file__).parent.parent.parent.parent


def found(sop: Path, *only: Path) -> list[tuple[str, int, str, str, str]]:
    """Return findings as tuples of path, line, rule, message and hint."""
    return [(f.path, f.line, f.rule, f.message, f.hint) for f in check_articles(sop, only)]


def test_a_clean_folder_has_no_finding(sop, write_files, article_text):
    """Valid articles of every type pass."""
    known = {
        "reference": "T-1",
        "started": "2026-10-01",
        "workaround": "Reload",
        "engineering_status": "open",
    }
    write_files(
        sop,
        {
            "access/a.md": article_text(id="acc-001"),
            "access/b.md": article_text(
                "## Symptoms\n\nA.\n\n## Workaround\n\nB.\n\n## Status\n\nC.\n",
                id="acc-002",
                type="known-issue",
                known_issue=known,
                questions=["b one", "b two", "b three"],
            ),
            "access/c.md": article_text(
                id="acc-003",
                type="tip",
                pinned={"until": "2026-12-01", "reason": "new"},
                questions=["c one", "c two", "c three"],
            ),
            "access/d.md": article_text(id="acc-004", status="deprecated", replaced_by="acc-001"),
            "access/e.md": article_text(
                id="acc-005", questions=["e one", "e two", "e three"], **{"x-anything": "y"}
            ),
            "teams.yml": "access: {name: Access}\n",
            ".hidden/f.md": "no front matter",
        },
    )
    assert check_folder(sop, today=date(2026, 11, 22)).findings == ()


def test_this_repository_is_clean():
    """The articles that come with the repository have no error."""
    report = check_folder(REPOSITORY / "sop")
    assert [str(finding) for finding in report.open if finding.severity == "error"] == []


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"---\nid: acc-001\ntitle: [a\n---\n", 3, "broken YAML"),
        (b"---\nid: acc-001\ntitle: *a\n---\n", 3, "aliases"),
        (b"---\na: " + b"[" * 9000 + b"\n---\n", 2, "deeper"),
        (b"---\na: " + b"x" * 17_000 + b"\n---\n", 2, "16,384"),
        (b"One\nTwo\xff\n", 2, "UTF-8"),
        (b"One\n\n\0\n", 3, "NUL"),
        (b"x" * (2 * 1024 * 1024 + 1), 1, "2,097,152"),
    ],
)
def test_readable_names_the_line(sop, write_files, content, line, words):
    """A file that cannot be read is one finding with its line, never a traceback."""
    write_files(sop, {"access/a.md": content})
    ((path, found_line, rule, message, hint),) = found(sop)
    assert (path, found_line, rule) == ("sop/access/a.md", line, "readable")
    assert words in message
    assert hint.endswith("; it is not published")


@pytest.mark.parametrize(
    ("changed", "line", "message", "hint"),
    [
        ({"owner": None}, 1, "owner is missing", "add it to the front matter"),
        ({"owner": None, "onwer": "access"}, 10, "unknown key onwer", "did you mean owner?"),
        ({"zzzz": "x"}, 11, "unknown key zzzz", "remove it, or name it x-zzzz"),
        (
            {"id": "ACC-1"},
            2,
            "id 'ACC-1' is not like acc-001",
            "2 to 8 small letters, a hyphen, 3 to 5 digits",
        ),
        ({"questions": ["one", "two"]}, 8, "2 questions, at least 3 are needed", None),
        ({"type": "known-issue"}, 5, "known_issue is missing", None),
        ({"type": "tip"}, 5, "a tip must have an end", "add pinned.until"),
        (
            {"status": "actve"},
            6,
            "status: 'actve' is none of draft, review,",
            "did you mean active?",
        ),
        ({"review_by": "soon"}, 10, "review_by: ", None),
        ({"pinned": {"until": "soon", "reason": "x"}}, 11, "pinned.until: ", None),
        (
            {"pinned": {"untill": "2026-12-01", "until": "2026-12-01", "reason": "x"}},
            11,
            "unknown key pinned.untill",
            "did you mean until?",
        ),
    ],
)
def test_schema_names_line_and_remedy(sop, write_files, article_text, changed, line, message, hint):
    """A missing, unknown or wrong key is a finding on its line with what to do."""
    write_files(sop, {"access/a.md": article_text(**changed)})
    findings = [f for f in found(sop) if f[3].startswith(message)]
    assert [(f[0], f[1], f[2]) for f in findings] == [("sop/access/a.md", line, "schema")]
    if hint:
        assert findings[0][4] == hint


def test_schema_finds_all_faults_of_a_file(sop, write_files):
    """A file without front matter is one finding; one with an id alone lacks every other key."""
    write_files(sop, {"access/a.md": "# Text\n", "access/b.md": "---\nid: acc-001\n---\n"})
    findings = found(sop)
    assert [f[3] for f in findings if f[0] == "sop/access/a.md"] == ["no front matter"]
    assert [f[3] for f in findings if f[0] == "sop/access/b.md"] == [
        f"{key} is missing"
        for key in (
            "title",
            "summary",
            "type",
            "status",
            "owner",
            "questions",
            "last_reviewed",
            "review_by",
        )
    ]


def test_unique_ids_names_every_claimant(sop, write_files, article_text):
    """Each file that claims an id is a finding of its own, on the line of its id."""
    write_files(sop, {f"access/{name}.md": article_text() for name in "abc"})
    hint = "sop check --fix gives the newer file the next free id"
    assert [one for one in found(sop) if one[2] == "unique-ids"] == [
        (f"sop/access/{a}.md", 2, "unique-ids", f"acc-001 is also the id of {others}", hint)
        for a, others in (
            ("a", "sop/access/b.md, sop/access/c.md"),
            ("b", "sop/access/a.md, sop/access/c.md"),
            ("c", "sop/access/a.md, sop/access/b.md"),
        )
    ]


PLATFORM = """tools:
  Gatehouse: {prefix: GH}
  Queue Board: {prefix: null}
error_codes: {GH-1020: Second factor missing}
channels: {"#lantern-access": Access}
tags: [access, sign-in]
"""
NAMED = {
    "owner": "access",
    "platforms": ["Gatehouse"],
    "tags": ["access"],
    "escalation": {
        "team": "access",
        "channel": "#lantern-access",
        "severity": "sev3",
        "after_minutes": 5,
    },
}


@pytest.mark.parametrize(
    ("changed", "line", "message", "hint"),
    [
        (
            {"platforms": ["Gatehouse", "Gatehose"]},
            11,
            "platforms: Gatehose is not in platform.yml",
            "did you mean Gatehouse?",
        ),
        (
            {"tags": ["zzzz"]},
            12,
            "tags: zzzz is not in platform.yml",
            "use a name that is there, or add yours there first",
        ),
        (
            {"depends_on": ["queue board"]},
            14,
            "depends_on: queue board is not in platform.yml",
            "did you mean Queue Board?",
        ),
        (
            {"escalation": NAMED["escalation"] | {"channel": "#lantern-acess"}},
            13,
            "escalation.channel: #lantern-acess is not in platform.yml",
            "did you mean #lantern-access?",
        ),
        (
            {"questions": ["phone lost", "it says gh-1002", "no code"]},
            8,
            "GH-1002 is no error code of platform.yml",
            "did you mean GH-1020?",
        ),
    ],
)
def test_platform_names_names_line_and_nearest(
    sop, write_files, article_text, changed, line, message, hint
):
    """A tool, tag, channel or code that `platform.yml` does not list is a finding on its line."""
    write_files(sop, {"access/a.md": article_text(**(NAMED | changed)), "platform.yml": PLATFORM})
    assert found(sop) == [("sop/access/a.md", line, "platform-names", message, hint)]


def test_platform_names_finds_codes_in_the_text_on_their_lines(sop, write_files, article_text):
    """Prose, tables, tabs and fences are read; addresses and codes of nobody's tool are not."""
    body = """Right: GH-1020, GH-103x, UTF-8, T-48213907, LABEL-2207, starts with GH-10.

One line,
then GH-1021 and `GH-1021`.

| Code |
| --- |
| GH-1022 |

=== "Tab"

    1. Step.

        ```sql
        SELECT 'GH-1023';
        ```

See [there](gh-1024.md).
"""
    text = article_text(body, **NAMED)
    write_files(sop, {"access/a.md": text, "platform.yml": PLATFORM})
    lines = text.split("\n")
    named = [one for one in found(sop) if one[2] == "platform-names"]
    assert [(lines[f[1] - 1].strip(), f[3].split()[0]) for f in named] == [
        ("then GH-1021 and `GH-1021`.", "GH-1021"),
        ("| GH-1022 |", "GH-1022"),
        ("SELECT 'GH-1023';", "GH-1023"),
    ]


def test_platform_names_compares_only_what_is_listed(sop, write_files, article_text):
    """Without the file, or without a list in it, names are free."""
    text = article_text("GH-9999\n", platforms=["Anything"], tags=["any"])
    write_files(sop, {"access/a.md": text})
    assert found(sop) == []
    write_files(sop, {"platform.yml": "platform: Lantern\n"})
    assert found(sop) == []
    write_files(sop, {"platform.yml": "tags: [other]\n"})
    assert [f[3] for f in found(sop)] == ["tags: any is not in platform.yml"]


def test_platform_names_leaves_wrong_shapes_to_the_schema(sop, write_files, article_text):
    """A value that is no list, or no text, is a finding of `schema` alone."""
    text = article_text(tags=None, escalation="ops").replace("owner:", "tags: [[1], 5]\nowner:")
    write_files(
        sop,
        {"access/a.md": text, "platform.yml": PLATFORM, "teams.yml": "access: {name: Access}\n"},
    )
    assert {f[2] for f in found(sop)} == {"schema"}


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("platform.yml", "tools: {a: {}}\ntags: [x\n", 3, "broken YAML"),
        ("platform.yml", "- a list\n", 1, "must be lines such as: tools"),
        ("platform.yml", "tools: {}\ntags: access\n", 2, "must be a mapping or a list of names"),
        ("platform.yml", "error_codes: {404: gone}\n", 1, "put quotes around numbers"),
        ("platform.yml", b"tags: [caf\xe9]\n", 1, "is not UTF-8 text"),
        ("platform.yml", "x: " + "y" * 140_000 + "\n", 1, "at most 131,072"),
        ("teams.yml", "access: {}\nbroken: [\n", 3, "broken YAML"),
        ("teams.yml", "just text\n", 1, "must be lines such as: support"),
    ],
)
def test_broken_names_are_one_finding(sop, write_files, article_text, name, content, line, words):
    """A file of names that cannot be read is a finding with its line, and nothing is compared."""
    write_files(sop, {"access/a.md": article_text(tags=["any"]), name: content})
    ((path, found_line, rule, message, _),) = found(sop)
    assert (path, found_line, rule) == (f"sop/{name}", line, "readable")
    assert words in message


def test_owner_exists_names_the_nearest_team(sop, write_files, article_text):
    """The owner and the team to escalate to must be keys of `teams.yml`."""
    escalation = NAMED["escalation"] | {"team": "acces"}
    text = article_text(owner="support", escalation=escalation)
    write_files(sop, {"access/a.md": text, "teams.yml": "access: {name: Access}\n"})
    free = "use a name that is there, or add yours there first"
    assert found(sop) == [
        ("sop/access/a.md", 7, "owner-exists", "owner: support is not in teams.yml", free),
        (
            "sop/access/a.md",
            11,
            "owner-exists",
            "escalation.team: acces is not in teams.yml",
            "did you mean access?",
        ),
    ]


def test_findings_have_the_promised_json(sop, write_files, article_text):
    """A finding as JSON has exactly the promised keys, and its path is below the git root."""
    write_files(sop, {"access/a.md": article_text(onwer="x", owner=None)})
    assert [f.as_dict() for f in check_articles(sop)] == [
        {
            "rule": "schema",
            "severity": "error",
            "path": "sop/access/a.md",
            "line": 10,
            "column": 1,
            "message": "unknown key onwer",
            "hint": "did you mean owner?",
        }
    ]
    assert str(check_articles(sop)[0]) == (
        "sop/access/a.md:10: schema: unknown key onwer (did you mean owner?)"
    )


def test_paths_outside_git_are_below_the_folders_parent(tmp_path, write_files):
    """Without git, paths start with the articles' folder."""
    write_files(tmp_path / "sop", {"a/b.md": "x"})
    assert found(tmp_path / "sop")[0][0] == "sop/a/b.md"


def test_only_limits_what_is_shown_not_what_is_read(sop, write_files, article_text, monkeypatch):
    """Findings of named files and folders are shown; ids are compared with all the others."""
    write_files(sop, {"a/one.md": article_text(), "a-b/two.md": article_text(), "c.md": "x"})
    assert {f[0] for f in found(sop, sop / "a")} == {"sop/a/one.md"}
    assert "unique-ids" in {f[2] for f in found(sop, sop / "a")}
    assert {f[0] for f in found(sop, sop / "a", sop / "c.md")} == {"sop/a/one.md", "sop/c.md"}
    monkeypatch.chdir(sop / "a")
    assert {f[0] for f in found(sop, Path("one.md"))} == {"sop/a/one.md"}
    monkeypatch.chdir(sop.parent)
    assert {f[0] for f in found(sop, Path())} == {"sop/a/one.md", "sop/a-b/two.md", "sop/c.md"}


def test_a_missing_folder_or_path_is_named(sop, tmp_path):
    """What does not exist is an error that names it."""
    with pytest.raises(CorpusError, match="nowhere is no folder"):
        check_articles(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"gone\.md does not exist"):
        check_articles(sop, [sop / "gone.md"])


def test_check_finds_every_file_that_a_build_refuses(sop, write_files, article_text):
    """Whatever a build will not publish, the check has a finding for."""
    write_files(
        sop,
        {
            "broken.md": "---\nid: acc-101\ntitle: [a\n---\n",
            "guard.md": article_text(id="acc-102", audiance="leads"),
            "repeated.md": article_text(id="acc-103").replace("owner:", "status: draft\nowner:"),
            "same-1.md": article_text(id="acc-104"),
            "same-2.md": article_text(id="acc-104"),
            "value.md": article_text(id="acc-105", audience=5),
            "latin.md": b"caf\xe9",
            "good.md": article_text(id="acc-106"),
        },
    )
    (sop / "gone.md").symlink_to("nowhere.md")
    (sop / "loop.md").symlink_to("loop.md")
    (sop / "out.md").symlink_to(Path(os.devnull))
    refused = {f"sop/{error.path}" for error in read_corpus(sop).errors}
    assert len(refused) == 9
    assert sorted(refused - {f[0] for f in found(sop)}) == []


def test_the_folder_may_be_the_repository(tmp_path, write_files, article_text):
    """Where the articles' folder is the work tree itself, paths and areas begin there."""
    git(tmp_path, "init", "--quiet")
    text = article_text("See [it](../access/gone.md).\n")
    write_files(tmp_path, {"access/a.md": text, "access/b.md": text.replace("acc-001", "acc-002")})
    assert {(f[0], f[2]) for f in found(tmp_path)} == {
        (f"access/{name}.md", rule) for name in "ab" for rule in ("links", "same-question")
    }


def test_accepted_findings_carry_their_reason_and_do_not_count(sop, write_files, article_text):
    """An accepted finding is still there, with the writer's reason, and is open no more."""
    reason = "a copy of a printed poster"
    text = article_text("# Title\n\nText.\n", **{"x-accept": {"headings": reason}})
    write_files(sop, {"access/a.md": text})
    report = check_folder(sop)
    assert report.open == []
    assert [(f.rule, f.accepted) for f in report.findings] == [("headings", reason)]
    assert report.findings[0].as_dict()["accepted"] == reason
    assert report.count("warning") == 0
