"""The files that teams copy: workflow, pipeline, hooks and templates say what the tools take."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_manifest
from typer.main import get_command

from search_api.cli import app

REPOSITORY = Path(__file__).parent.parent
MODEL_CACHE = ("encoders", "vectors", "chunks.sqlite")
NO_JOBS = ("workflow", "variables", "default", ".merge-request", ".model")


def load(name):
    """Return what a YAML file of the repository holds."""
    return yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))


GITHUB = load(".github/workflows/sop.yml")
GITLAB = load(".gitlab-ci.yml")
HOOKS = load(".pre-commit-hooks.yaml")
STEPS = {name: job["steps"] for name, job in GITHUB["jobs"].items()}
JOBS = {name: job for name, job in GITLAB.items() if name not in NO_JOBS}
each_job = pytest.mark.parametrize("job", GITHUB["jobs"])
each_gitlab_job = pytest.mark.parametrize("job", JOBS)


def commands(text):
    """Return the words of every `sop` command in a shell script."""
    parts = [part.strip() for line in text.split("\n") for part in re.split(r"[|;&]+", line)]
    return [shlex.split(part.partition(">")[0]) for part in parts if part.startswith("sop ")]


def all_commands():
    """Return the commands of every job and hook, by its file and name."""
    scripts = {
        f"github-{name}": "\n".join(step.get("run", "") for step in steps)
        for name, steps in STEPS.items()
    }
    scripts |= {f"gitlab-{name}": "\n".join(job["script"]) for name, job in JOBS.items()}
    for hook in HOOKS:
        scripts[f"hook-{hook['id']}"] = " ".join([hook["entry"], *hook.get("args", [])])
    return {name: commands(script) for name, script in scripts.items()}


LINES = sorted({tuple(words) for found in all_commands().values() for words in found})


def parsed(words):
    """Return the parameters that the real command would get; it is not run."""
    command, rest = get_command(app), list(words[1:])
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    return command.make_context("sop", rest).params


def test_every_job_says_what_it_runs():
    """The commands of each job are these, so that none of them goes unnoticed below."""
    base = ["sop", "check", "--changed", "$BASE"]
    owners = ["sop", "owners", "--check"]
    compare = ["sop", "compare", "$BASE", "--format", "markdown", "--out", "compare.md"]
    build = ["sop", "build", "--site", "site"]
    assert all_commands() == {
        "github-check": [base, owners],
        "github-compare": [compare],
        "github-comment": [],
        "github-publish": [["sop", "check"], build],
        "gitlab-check": [base, owners],
        "gitlab-site": [],
        "gitlab-compare": [compare],
        "gitlab-publish": [["sop", "check", "--format", "text"], build],
        "hook-sop-check": [["sop", "check", "--fast"]],
        "hook-sop-check-changed": [["sop", "check", "--fast", "--changed", "origin/main"]],
        "hook-sop-owners": [owners],
    }


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_every_command_line_is_one_of_ours(words):
    """The real parser takes each command with its options, and what is given arrives."""
    given = parsed(words)
    following = dict(pairwise(words))
    assert given.get("changed") == following.get("--changed")
    assert given.get("output") == following.get("--format")
    assert given.get("only_check", False) == ("owners" in words)


def test_a_command_line_that_is_none_of_ours_is_refused():
    """The parser that these tests ask says no to an option that does not exist."""
    with pytest.raises(Exception, match=r"--chnged"):
        parsed(["sop", "check", "--chnged", "origin/main"])
    with pytest.raises(KeyError):
        parsed(["sop", "chek"])


@each_job
def test_every_workflow_job_ends(job):
    """No job waits for GitHub's six hours."""
    expected = {"check": 45, "compare": 45, "comment": 5, "publish": 45}
    assert GITHUB["jobs"][job]["timeout-minutes"] == expected[job]


@each_gitlab_job
def test_every_pipeline_job_ends(job):
    """Each job of GitLab has a time of its own, since a default one is not obeyed."""
    expected = {"check": 45, "site": 15, "compare": 45, "publish": 45}
    assert JOBS[job]["timeout"] == f"{expected[job]} minutes"


@each_job
def test_every_checkout_has_the_history(job):
    """Jobs that run `sop` fetch all commits and keep no credentials; the other fetches nothing."""
    found = [step["with"] for step in STEPS[job] if "/checkout@" in step.get("uses", "")]
    whole = {"fetch-depth": 0, "persist-credentials": False}
    assert found == ([] if job == "comment" else [whole])


def test_pipeline_has_the_history():
    """GitLab fetches all commits of all branches when no depth is set, in every job."""
    assert GITLAB["variables"]["GIT_DEPTH"] == "0"
    assert [name for name, job in JOBS.items() if "GIT_DEPTH" in job.get("variables", {})] == []


def test_only_the_comment_may_write():
    """Every job reads; one may write comments, and that one runs nothing of the pull request."""
    assert GITHUB["permissions"] == {"contents": "read"}
    stated = {
        name: job["permissions"] for name, job in GITHUB["jobs"].items() if "permissions" in job
    }
    assert stated == {"comment": {"pull-requests": "write"}}
    (download, post) = STEPS["comment"]
    assert download["uses"].startswith("actions/download-artifact@")
    assert list(post) == ["env", "run"]
    assert "head.repo.full_name == github.repository" in GITHUB["jobs"]["comment"]["if"]


def test_no_secret_is_used():
    """The job's own token is enough on GitHub, and stands in the one step that posts."""
    text = (REPOSITORY / ".github/workflows/sop.yml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert re.findall(r"\S*github\.token\S*", text) == ["github.token"]
    assert "pull_request_target" not in text


def test_nothing_of_a_pull_request_is_read_as_a_script():
    """An expression inside a script would run what a branch's name says; there is none."""
    scripts = [step["run"] for steps in STEPS.values() for step in steps if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_every_script_is_a_shell_script():
    """Bash can read every script of both files; it is not run."""
    scripts = [step["run"] for steps in STEPS.values() for step in steps if "run" in step]
    scripts += ["\n".join(job["script"]) for job in JOBS.values()]
    for script in scripts:
        done = subprocess.run(["bash", "-n", "-c", script], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), script


def test_events_are_those_of_a_change():
    """Pull requests, main, a schedule that keeps the cache, and a button."""
    assert list(GITHUB["on"]) == ["pull_request", "push", "schedule", "workflow_dispatch"]
    assert GITHUB["on"]["push"] == {"branches": ["main"]}
    conditions = {name: job["if"] for name, job in GITHUB["jobs"].items() if name != "comment"}
    assert conditions == {
        "check": "github.event_name == 'pull_request'",
        "compare": "github.event_name == 'pull_request'",
        "publish": "github.event_name != 'pull_request'",
    }
    assert GITHUB["concurrency"]["cancel-in-progress"] == (
        "${{ github.event_name == 'pull_request' }}"
    )


def test_actions_are_named_by_their_major_version():
    """Only GitHub's own actions are used, each in one version."""
    used = {step["uses"] for steps in STEPS.values() for step in steps if "uses" in step}
    assert sorted(used) == [
        "actions/cache/restore@v5",
        "actions/cache@v5",
        "actions/checkout@v5",
        "actions/download-artifact@v7",
        "actions/setup-python@v6",
        "actions/upload-artifact@v6",
    ]


def test_pull_requests_read_the_cache_that_main_writes():
    """Both jobs name the same folders and keys; only the one of main saves."""
    for job in ("check", "compare"):
        assert "bash .ci/install model" in [step.get("run") for step in STEPS[job]]
    read, also = (
        step
        for job in ("compare", "check")
        for step in STEPS[job]
        if "/cache/restore@" in step.get("uses", "")
    )
    assert read == also
    (written,) = [step for step in STEPS["publish"] if "/cache@" in step.get("uses", "")]
    assert read["with"] == written["with"]
    assert read["with"]["path"].split() == [f"~/.cache/sop-kb/{name}" for name in MODEL_CACHE]
    assert read["with"]["key"].startswith(read["with"]["restore-keys"])
    assert "hashFiles('constraints.txt', 'sop.toml'" in read["with"]["restore-keys"]
    cache = GITLAB[".model"]["cache"]
    assert cache["paths"] == [f".cache/sop-kb/{name}" for name in MODEL_CACHE]
    assert cache["key"] == {"files": ["constraints.txt", "sop.toml"]}
    assert GITLAB["variables"]["XDG_CACHE_HOME"] == "$CI_PROJECT_DIR/.cache"


def test_the_site_of_a_pull_request_is_strict_and_kept():
    """Both forges build the preview as strictly as main does, and keep it."""
    scripts = [step.get("run") for step in STEPS["check"]]
    assert "mkdocs build --strict" in scripts
    assert STEPS["check"][-1]["with"]["path"] == "site"
    assert "mkdocs build --strict" in JOBS["site"]["script"]
    assert JOBS["site"]["artifacts"]["paths"] == ["site/"]


def test_gitlab_takes_the_findings_as_its_report():
    """The findings go into the file that the merge request shows, also when there are errors."""
    report = JOBS["check"]["artifacts"]
    assert report == {
        "when": "always",
        "reports": {"codequality": "gl-code-quality-report.json"},
    }
    assert 'sop check --changed "$BASE" > gl-code-quality-report.json' in JOBS["check"]["script"]


@pytest.mark.parametrize(
    ("argument", "settings", "compiled", "extras"),
    [
        ("", "", 0, "site"),
        ("model", "", 0, "site,index"),
        ("model", "", 1, "site"),
        ("model", 'model = "default"\n', 1, "site"),
        ("model", 'sop = "sop"\nmodel = "multilingual"\n', 0, "site,multilingual"),
        ("model", 'model = "multilingual"\n', 1, "site,multilingual"),
        ("model", 'model = "multilingual"\n', 2, "site"),
    ],
)
def test_torch_is_installed_where_no_model_is_compiled_only(
    tmp_path, argument, settings, compiled, extras
):
    """The extra comes when the cache lacks a model that the settings name, and then only."""
    encoders = tmp_path / "cache" / "sop-kb" / "encoders"
    encoders.mkdir(parents=True)
    for number in range(compiled):
        (encoders / f"{number}.latest").touch()
    (tmp_path / "sop.toml").write_text(settings, encoding="utf-8")
    done = subprocess.run(
        ["bash", REPOSITORY / ".ci" / "install", *argument.split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PIP": "echo", "SOP_KB": "sop-kb", "XDG_CACHE_HOME": f"{tmp_path}/cache"},
    )
    options = "install --quiet --disable-pip-version-check --constraint constraints.txt"
    assert done.stdout == f"{options} sop-kb[{extras}]\n"


def test_hooks_read_all_articles():
    """A hook brings the program, runs when an article changes, and gets no names of files."""
    known = load_manifest(REPOSITORY / ".pre-commit-hooks.yaml")
    assert [hook["entry"] for hook in known] == [hook["entry"] for hook in HOOKS]
    assert [hook["id"] for hook in HOOKS] == ["sop-check", "sop-check-changed", "sop-owners"]
    for hook in HOOKS:
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
        assert re.search(hook["files"], "sop/access/a.md")
        assert not re.search(hook["files"], "docs/a.md")


def test_both_forges_ask_writers_the_same():
    """The template of a pull request is short, and the same on GitHub and GitLab."""
    text = (REPOSITORY / ".github/pull_request_template.md").read_text(encoding="utf-8")
    other = REPOSITORY / ".gitlab/merge_request_templates/Default.md"
    assert other.read_text(encoding="utf-8") == text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "What changes, and who needs it",
        "What was tried",
        "Before review",
    ]
    assert text.count("- [ ] ") == 7
