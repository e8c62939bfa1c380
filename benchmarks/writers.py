"""Measures how long writers wait: `sop check` and `sop compare` on 500 articles.

    python benchmarks/writers.py ../shared/corpora/hetzner-community --write PAGE

Adopts a folder of Markdown into a scratch repository. Nobody asked these authors' readers, so
each article's title and two of its headings stand for what people ask. The warm runs use the
cache that the first run fills; the cold one is a CI job on a bare machine: a fresh clone, a
fresh virtual environment without torch, and nothing cached but the compiled encoder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
ARTICLES, ROUNDS = 500, 3
CHECK_S, CHANGED_S, COMPARE_S, COLD_S = 20, 5, 15, 180
_HEADING = re.compile(r"^#{2,4} +(.{12,90})$", re.MULTILINE)
_NEW_TEXT = """

## When the console stays empty

Reload the page once. When it is still empty, sign out, wait a minute and sign in again.
If nothing helps, write down the number of the project and ask the support of the provider.
"""


def main() -> None:
    """Measure, print, and write the page if told so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of Markdown to adopt")
    parser.add_argument("--write", type=Path, help="page to write")
    parser.add_argument("--without-cold", action="store_true", help="leave out the CI job")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        lines = list(_page(chosen.folder, Path(scratch), chosen.without_cold))
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if any(line.endswith("| MISSED |") for line in lines):
        sys.exit(1)


def _page(folder: Path, scratch: Path, without_cold: bool) -> Iterator[str]:
    root = scratch / "repo"
    sop = _repository(folder, root)
    counts = _counts(sop)
    environment = os.environ | {"XDG_CACHE_HOME": str(scratch / "cache")}
    _sop(root, environment, "check")
    head = [
        "# How long writers wait",
        "",
        f"Made by `make bench-writers` on {counts[0]} articles of `{folder.name}`, adopted,",
        f"with {counts[1]:,} stand-in questions.",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()},",
        f"Python {platform.python_version()}; medians of {ROUNDS} runs.",
        "",
        "The processor time of all processes says what the work costs when others need the",
        "machine too; two processors at work count twice.",
        "",
        "| promise | measured | processor time | must be | |",
        "|---|---|---|---|---|",
    ]
    for line in head:
        print(line)
        yield line
    _git(root, "switch", "--quiet", "--create", "mine")
    whole = _timed(root, environment, "check")
    _change(sop)
    changed = _timed(root, environment, "check", "--changed", "main")
    compared = _timed(root, environment, "compare", "main")
    rows = [
        ("`sop check` of everything, warm cache", whole, CHECK_S),
        ("`sop check --changed main`, one article changed", changed, CHANGED_S),
        ("`sop compare main`, one article changed", compared, COMPARE_S),
    ]
    if not without_cold:
        cold = [_cold(root, scratch)]
        name = "CI job without torch: clone, install, check, compare; only the encoder is cached"
        rows.append((name, cold, COLD_S))
    for name, runs, limit in rows:
        times = [run.wall_s for run in runs]
        median = statistics.median(times)
        worst = f" (worst {max(times):.1f} s)" if len(runs) > 1 else ""
        held = "held" if median < limit else "MISSED"
        work = statistics.median(run.processor_s for run in runs)
        line = f"| {name} | {median:.1f} s{worst} | {work:.1f} s | under {limit} s | {held} |"
        print(line)
        yield line


def _repository(folder: Path, root: Path) -> Path:
    """Adopt a folder into a new repository, with stand-in questions, and commit it."""
    sop = root / "sop"
    sop.mkdir(parents=True)
    _git(root, "init", "--quiet", "--initial-branch=main")
    (root / "sop.toml").write_text('sop = "sop"\nmodel = "default"\n', encoding="utf-8")
    source = folder.resolve()
    arguments = ("adopt", str(source), "--sop", "sop", "--owner", "support")
    subprocess.run(_command(*arguments), cwd=root, check=True, capture_output=True)
    for file in sorted(sop.rglob("*.md"))[ARTICLES:]:
        file.unlink()
    for file in sorted(sop.rglob("*.md")):
        file.write_text(_completed(file.read_text(encoding="utf-8")), encoding="utf-8")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "adopted")
    return sop


def _completed(text: str) -> str:
    """Return an adopted article with what a person would have added."""
    title = re.search(r"^title: (.+)$", text, re.MULTILINE)
    asked = [title[1].strip("\"'")] if title else []
    asked += [one.strip() for one in _HEADING.findall(text)[1:3]]
    questions = "".join(f"  - {json.dumps(one)}\n" for one in dict.fromkeys(asked))
    keys = f"questions:\n{questions}last_reviewed: 2026-10-01\nreview_by: 2027-04-01\n"
    return text.replace("---\n", f"---\n{keys}", 1)


def _change(sop: Path) -> None:
    """Add a section and a question to one article."""
    file = sorted(sop.rglob("*.md"))[ARTICLES // 2]
    text = file.read_text(encoding="utf-8") + _NEW_TEXT
    question = "questions:\n  - the console of the provider stays empty\n"
    file.write_text(text.replace("questions:\n", question, 1), encoding="utf-8")


def _counts(sop: Path) -> tuple[int, int]:
    """Return how many articles and questions there are."""
    files = list(sop.rglob("*.md"))
    asked = [
        re.search(r"^questions:\n((?:  - .*\n)*)", f.read_text("utf-8"), re.MULTILINE)
        for f in files
    ]
    return len(files), sum(found[1].count("\n") for found in asked if found)


class Run(NamedTuple):
    """How long something took, and how long processors were at work for it."""

    wall_s: float
    processor_s: float


class _Stopwatch:
    """Measures from when it is made."""

    def __init__(self) -> None:
        self._started, self._worked = time.perf_counter(), _worked()

    def read(self) -> Run:
        return Run(time.perf_counter() - self._started, _worked() - self._worked)


def _worked() -> float:
    """Return the processor seconds of all processes that were started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _timed(root: Path, environment: dict[str, str], *arguments: str) -> list[Run]:
    runs = []
    for _ in range(ROUNDS):
        stopwatch = _Stopwatch()
        _sop(root, environment, *arguments)
        runs.append(stopwatch.read())
    return runs


def _cold(root: Path, scratch: Path) -> Run:
    """Return how long a CI job takes from its checkout to the comment's text."""
    cache = scratch / "cold"
    shutil.copytree(scratch / "cache/sop-kb/encoders", cache / "sop-kb/encoders")
    _git(root, "commit", "--quiet", "--all", "--message", "mine")
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    stopwatch = _Stopwatch()
    clone, venv = scratch / "clone", scratch / "venv"
    _git(scratch, "clone", "--quiet", "--branch=mine", root.as_uri(), str(clone))
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = (venv / "bin/python", "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    subprocess.run(
        [*pip, "--constraint", REPOSITORY / "constraints.txt", f"{REPOSITORY}[site]"], check=True
    )
    program = str(venv / "bin/sop")
    _run([program, "check", "--changed", "origin/main"], clone, environment)
    comment = scratch / "comment.md"
    written = ("--format", "markdown", "--out", str(comment))
    _run([program, "compare", "origin/main", *written], clone, environment)
    took = stopwatch.read()
    if not comment.read_text(encoding="utf-8").startswith("### "):
        raise SystemExit("sop compare wrote no comment")
    if list(venv.glob("lib/*/site-packages/torch")):
        raise SystemExit("torch was installed, which this job must not need")
    return took


def _sop(root: Path, environment: dict[str, str], *arguments: str) -> None:
    _run(_command(*arguments), root, environment)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run a command of ours; findings and a verdict are no failure here."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")


def _command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("sop")), *arguments]


def _git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com")
    program = shutil.which("git") or "git"
    subprocess.run([program, *author, *arguments], cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    main()
