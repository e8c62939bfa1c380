"""Builds every folder of Markdown below a folder and asks each ten questions.

    python benchmarks/corpora.py ../shared/corpora --write docs/corpora.md

Each folder is built whole, as it is. The questions are written for the five public
collections that the product is tried on; a folder without questions is only built.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from indexer.build import BuildReport, build_snapshot
from indexer.snapshot import Snapshot
from search_api.schemas import Suggestion, SuggestRequest
from search_api.suggest import Suggester

QUESTIONS = {
    "gitlab-runbooks": (
        "redis memory is almost full",
        "how do I drain a gitaly node",
        "sidekiq queue keeps growing",
        "postgres replication lag on a replica",
        "certificate expires in a few days",
        "haproxy backend down, 503 for users",
        "who is on call and how do I page them",
        "consul lost quorum",
        "block an abusive user or IP address",
        "what's for lunch today",
    ),
    "govuk-developer-docs": (
        "rotate a leaked API key",
        "mirror fails to update",
        "publish an emergency banner",
        "how do I get access to AWS",
        "rollback a bad deploy",
        "search index out of date, reindex",
        "ssl certificate renewal for the CDN",
        "user cannot sign in to signon, 2fa lost",
        "restore a database backup",
        "what's for lunch today",
    ),
    "csc-user-guide": (
        "my quota is full, cannot write files",
        "how do I connect with ssh from windows",
        "batch job pending for days",
        "share a folder with my project members",
        "install my own python packages",
        "GPU job runs out of memory",
        "forgot my password",
        "upload large files to allas",
        "jupyter notebook in the browser",
        "what's for lunch today",
    ),
    "hetzner-community": (
        "block brute force ssh logins",
        "letsencrypt certificate nginx",
        "mount a volume on a cloud server",
        "wireguard vpn einrichten",
        "docker compose with traefik",
        "резервное копирование на Storage Box",
        "mysql replication between two servers",
        "kubernetes cluster with private network",
        "rescue system, reset root password",
        "what's for lunch today",
    ),
    "openshift-runbooks": (
        "etcd is slow, fsync takes long",
        "node filesystem almost out of space",
        "kube api server is down",
        "alertmanager cannot send notifications",
        "pod keeps crash looping",
        "ceph cluster near full",
        "virt-controller not ready",
        "prometheus target missing",
        "cluster operator degraded",
        "what's for lunch today",
    ),
}


def main() -> None:
    """Build and ask; print the report and, if told so, write it as a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of folders of Markdown")
    parser.add_argument("--write", type=Path, help="page to write")
    chosen = parser.parse_args()
    folders = sorted(path for path in chosen.folder.iterdir() if path.is_dir())
    if not folders:
        sys.exit(f"{chosen.folder} holds no folder")
    lines = list(_page(folders))
    print("\n".join(lines))
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _page(folders: list[Path]) -> Iterator[str]:
    yield "# Real Markdown"
    yield ""
    yield "Public collections of support and operations Markdown, built whole and as they are."
    yield "Made by `make corpora`; nothing of them is part of this repository."
    yield ""
    yield (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}."
    )
    yield ""
    with tempfile.TemporaryDirectory() as out:
        # Times are those of a first build: no vector is known.
        os.environ["XDG_CACHE_HOME"] = f"{out}/cache"
        answers: list[str] = []
        yield "| folder | files refused | articles | chunks | embedded | reused | seconds |"
        yield "|---|---|---|---|---|---|---|"
        for folder in folders:
            index = Path(out) / folder.name
            report = build_snapshot(folder, index)
            yield _row(folder.name, report)
            answers += _answers(folder.name, report, index)
        yield ""
        yield "Files passed over: hidden folders and empty files, each named by `sop build`."
        yield from answers


def _row(name: str, report: BuildReport) -> str:
    counts = report.manifest.counts
    return (
        f"| {name} | {len(report.corpus.errors)} | {counts.articles} | {counts.chunks} "
        f"| {report.indexed.embedded} | {report.indexed.reused} | {report.total_s:.0f} |"
    )


def _answers(name: str, report: BuildReport, index: Path) -> Iterator[str]:
    yield ""
    yield f"## {name}"
    yield ""
    for note in (*report.corpus.errors, *report.corpus.notes):
        yield f"- {note}"
    yield ""
    yield "| question | decision | first | second | third |"
    yield "|---|---|---|---|---|"
    suggester = Suggester(Snapshot.open(index))
    for question in QUESTIONS.get(name, ()):
        request = SuggestRequest(query=question, limit=3, include_unlikely=True)
        answer = suggester.suggest(request, frozenset({"internal"})).response
        cells = [_cell(found) for found in answer.suggestions]
        yield f"| {question} | {answer.decision} | " + " | ".join(cells) + " |"


def _cell(found: Suggestion) -> str:
    title = found.title.replace("|", "/")
    where = " > ".join(found.heading_path[1:]).replace("|", "/")
    return f"{title}{f' ({where})' if where else ''}, {found.confidence:.0%}"


if __name__ == "__main__":
    main()
