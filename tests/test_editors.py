"""What is committed for editors fits what the product prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

from indexer.checks.finding import Finding
from indexer.checks.formats import formatted

TASKS = Path(__file__).parent.parent / ".vscode" / "tasks.json"


def test_the_editors_task_reads_every_finding():
    """File, line, rule, message and severity of a finding are those that the pattern takes out."""
    task = json.loads(TASKS.read_text(encoding="utf-8"))["tasks"][0]
    assert task["args"] == ["check", "--format", "text"]
    pattern = task["problemMatcher"]["pattern"]
    findings = [
        Finding("sop/a/b.md", 7, 1, "owner-exists", "owner: acces: no [x]", "mend it", "error"),
        Finding("sop/a b/c.md", 31, 4, "headings", "Deep has level 4", "begin it", "warning"),
    ]
    taken = [
        tuple(
            re.fullmatch(pattern["regexp"], line)[pattern[name]]
            for name in ("file", "line", "code", "message", "severity")
        )
        for line in formatted(findings, "text").splitlines()
    ]
    assert taken == [
        ("sop/a/b.md", "7", "owner-exists", "owner: acces: no [x] (mend it)", None),
        ("sop/a b/c.md", "31", "headings", "Deep has level 4 (begin it)", "warning"),
    ]
