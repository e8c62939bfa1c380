"""The `sop` command as people and scripts run it: output, complaints and exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
QUESTION = "yellow banner says kept on this computer"


@pytest.fixture
def articles(tmp_path, article_text):
    """Two good articles in the folder that the settings name."""
    folder = tmp_path / "sop"
    (folder / "access").mkdir(parents=True)
    (folder / "access" / "a.md").write_text(article_text(id="acc-001"), encoding="utf-8")
    other = article_text(
        "Take the blue token from the safe.\n",
        id="acc-007",
        title="A badge is refused at a door",
        questions=["door stays shut", "red lamp at the door", "badge says no"],
    )
    (folder / "access" / "b.md").write_text(other, encoding="utf-8")
    (folder / "teams.yml").write_text("access:\n  name: Access\n", encoding="utf-8")
    return folder


def test_help_names_every_command(sop):
    """`sop --help` lists the commands; each has help of its own with an example."""
    listed = sop("--help")
    assert listed.returncode == 0
    for command in ("build", "check", "new", "owners", "ask", "serve", "key"):
        assert f" {command} " in listed.stdout
    assert "For example" in sop("build", "--help").stdout


def test_unknown_command_is_exit_code_2(sop):
    """What does not exist is named on standard error."""
    done = sop("biuld")
    assert (done.returncode, done.stdout) == (2, "")
    assert "biuld" in done.stderr


def test_build_of_good_articles_is_exit_code_0(sop, articles, tmp_path):
    """A clean build says what it indexed and where, and nothing on standard error."""
    done = sop("build", "--out", tmp_path / "index")
    again = sop("build", "--out", tmp_path / "index", "--json")
    summary = json.loads(again.stdout)
    assert (done.returncode, again.returncode) == (0, 0)
    assert "2 articles" in done.stdout
    assert str(tmp_path / "index") in done.stdout
    assert (summary["articles"], summary["embedded"], summary["errors"]) == (2, 0, [])
    assert summary["snapshot"] in done.stdout


def test_build_with_refused_files_is_exit_code_1(sop, articles, tmp_path, article_text):
    """What cannot be read is named with file and line; the rest is published."""
    (articles / "broken.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    (articles / "binary.md").write_bytes(b"line\n\0")
    (articles / "copy.md").write_text(article_text(id="acc-001"), encoding="utf-8")
    done = sop("build", "--out", tmp_path / "index")
    asked = sop("ask", "phone lost", "--index", tmp_path / "index", "--json")
    assert done.returncode == 1
    assert "broken.md:" in done.stderr
    assert "binary.md:2:" in done.stderr
    assert "copy.md:" in done.stderr
    assert "3 files were refused" in done.stdout
    assert "2 articles" in done.stdout
    assert json.loads(asked.stdout)["decision"] == "suggest"


@pytest.mark.parametrize("kind", ["empty", "missing", "only-broken"])
def test_build_of_nothing_is_exit_code_2(sop, tmp_path, kind):
    """A folder without any article is refused in one sentence; nothing is published."""
    folder = tmp_path / "nothing"
    if kind != "missing":
        folder.mkdir()
    if kind == "only-broken":
        (folder / "a.md").write_bytes(b"\xff")
    done = sop("build", "--sop", folder, "--out", tmp_path / "index")
    assert done.returncode == 2
    assert str(folder) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "index" / "current.json").exists()


def test_build_refuses_a_site_that_is_none(sop, articles, tmp_path):
    """A folder without a start page is no site; the message says how to build one."""
    done = sop("build", "--out", tmp_path / "index", "--site", articles)
    assert (done.returncode, "mkdocs build" in done.stderr) == (2, True)


def test_owners_writes_what_its_check_wants(sop, articles, tmp_path):
    """Stale is exit code 1 and named; written, the path is printed and the check is content."""
    teams = 'access: {name: Access, reviewers: ["@org/access"]}\n'
    (articles / "teams.yml").write_text(teams, encoding="utf-8")
    stale = sop("owners", "--check")
    assert (stale.returncode, stale.stdout) == (1, "")
    assert stale.stderr == ".github/CODEOWNERS:1: stale (run: sop owners --format github)\n"
    assert not (tmp_path / ".github").exists()
    written = sop("owners")
    assert (written.returncode, written.stdout) == (0, ".github/CODEOWNERS\n")
    lines = (tmp_path / ".github" / "CODEOWNERS").read_text(encoding="utf-8").split("\n")
    assert lines[1:] == ["/sop/access/ @org/access", ""]
    assert sop("owners", "--check").returncode == 0


def test_owners_without_reviewers_says_where_they_stand(sop, articles, tmp_path):
    """Nothing to write is exit code 2 with file and field; nothing to check is none."""
    done = sop("owners")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'teams.yml: no team that owns an article has reviewers: ["@org/' in done.stderr
    assert sop("owners", "--check").returncode == 0
    assert not (tmp_path / ".github").exists()


def test_ask_prints_a_table(sop):
    """A person sees title, id, confidence, the passage and the link."""
    done = sop("ask", QUESTION, "--top", "2")
    first, second = json.loads(sop("ask", QUESTION, "--top", "2", "--json").stdout)["suggestions"]
    assert (done.returncode, done.stderr) == (0, "")
    assert "Labels stay unsent after the browser tab sleeps" in done.stdout
    assert "lab-001" in done.stdout
    assert "/sop/labelling/labels-unsent-after-tab-sleep/" in done.stdout
    assert f" {first['confidence']:.0%} " in done.stdout
    assert f" {second['confidence']:.0%} " in done.stdout
    assert "Escalate: sev3 to labelling-engineering" in " ".join(done.stdout.split())
    passage = " ".join(first["snippet"].split()[:8])
    assert passage in " ".join(done.stdout.split())


def test_ask_json_is_what_the_api_answers(sop, api):
    """`sop ask --json` prints the API's own shape with the same content."""
    printed = json.loads(sop("ask", QUESTION, "--json", "--top", "3").stdout)
    body = {"query": QUESTION, "limit": 3, "explain": True}
    answered = api.post("/api/v1/suggest", json=body).json()
    changing = {"query_id": "", "took_ms": 0}
    assert list(printed) == list(answered)
    assert printed | changing == answered | changing


def test_ask_that_abstains_is_exit_code_0(sop):
    """That no article answers is an answer: the reason is printed, and no table."""
    done = sop("ask", "how do I bake sourdough bread")
    near = sop("ask", "how do I bake sourdough bread", "--unlikely", "--top", "1")
    assert (done.returncode, near.returncode) == (0, 0)
    assert "No article is likely enough" in done.stdout
    assert "confidence" in near.stdout
    assert "article" in near.stdout


def test_ask_without_an_index_says_how_to_make_one(sop, tmp_path):
    """No index is exit code 2 with the command that makes one."""
    done = sop("ask", "x", "--index", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert "sop build" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("question", ["", "  ", "x" * 4_001])
def test_ask_refuses_what_the_api_refuses(sop, question):
    """A question that is empty or too long is exit code 2 and one sentence."""
    done = sop("ask", question)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_ask_with_a_damaged_index_names_the_file(sop, sop_index, tmp_path):
    """An altered file is exit code 2 and named."""
    shutil.copytree(sop_index, tmp_path / "copy")
    (chunks,) = (tmp_path / "copy").rglob("chunks.jsonl")
    chunks.write_bytes(chunks.read_bytes() + b"\n")
    done = sop("ask", "x", "--index", tmp_path / "copy")
    assert done.returncode == 2
    assert "chunks.jsonl" in done.stderr


def test_check_prints_one_line_a_finding(sop, articles):
    """A finding is `path:line: rule: message`, complaints are counted, the exit code is 1."""
    clean = sop("check")
    (articles / "c.md").write_text("---\nid: acc-001\nstatus: actve\n---\n", encoding="utf-8")
    done = sop("check")
    assert (clean.returncode, clean.stdout) == (0, "")
    assert done.returncode == 1
    assert "sop/c.md:3: schema: status" in done.stdout
    assert "sop/c.md:2: unique-ids: acc-001" in done.stdout
    assert "sop/access/a.md:2: unique-ids: acc-001" in done.stdout
    assert "errors" in done.stderr


def test_check_json_is_a_list_of_findings(sop, articles):
    """JSON has the documented keys in order, and only what was asked for."""
    (articles / "c.md").write_text("---\nid: acc-001\n---\n", encoding="utf-8")
    done = sop("check", "--format", "json")
    narrow = sop("check", articles / "access", "--format", "json")
    findings = json.loads(done.stdout)
    keys = ["rule", "severity", "path", "line", "column", "message", "hint"]
    assert done.returncode == narrow.returncode == 1
    assert all(list(finding) == keys for finding in findings)
    assert {f["path"] for f in findings if f["rule"] == "unique-ids"} == {
        "sop/access/a.md",
        "sop/c.md",
    }
    assert {finding["path"] for finding in json.loads(narrow.stdout)} == {"sop/access/a.md"}


def test_check_of_what_is_not_there_is_exit_code_2(sop, articles):
    """A path or a format that does not exist is exit code 2."""
    assert sop("check", articles / "none").returncode == 2
    assert sop("check", "--format", "xml").returncode == 2


def test_repositorys_own_articles_are_clean(sop):
    """The articles that come with this repository have no error.

    With their own questions they are checked by `make check`.
    """
    done = sop("check", "--fast", "--sop", REPOSITORY / "sop")
    assert done.returncode == 0
    assert all(line.endswith("[warning]") for line in done.stdout.splitlines())


@pytest.mark.parametrize("kind", ["how-to", "known-issue", "tip"])
def test_new_article_is_clean_and_hidden(sop, articles, tmp_path, kind):
    """A new article has the next free id, passes the check and is a draft."""
    done = sop("new", "access/lost-badge", "--type", kind)
    path = Path(done.stdout.strip())
    again = sop("new", "access/lost-badge")
    checked = sop("check")
    text = path.read_text(encoding="utf-8")
    assert (done.returncode, path) == (0, articles / "access" / "lost-badge.md")
    assert "id: acc-008" in text
    assert "status: draft" in text
    assert f"type: {kind}" in text
    assert (checked.returncode, checked.stdout) == (0, "")
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "arguments",
    [
        ("../outside",),
        ("access/../../outside",),
        ("Access/Lost",),
        ("access",),
        ("access/lost", "--type", "poem"),
        ("access/lost", "--owner", "nobody"),
    ],
)
def test_new_refuses_names_that_are_not_allowed(sop, articles, tmp_path, arguments):
    """A wrong name, type or owner is exit code 2, and no file is written."""
    before = sorted(tmp_path.rglob("*.md"))
    done = sop("new", *arguments)
    assert done.returncode == 2
    assert sorted(tmp_path.rglob("*.md")) == before
