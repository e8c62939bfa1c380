"""Asks the articles of `sop/` whole tickets, and the clean question that stands in each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from indexer.build import build_snapshot
from indexer.evaluation.dataset import Question
from indexer.evaluation.report import MEASURES, figure
from indexer.evaluation.result import SystemResult, judge_run
from indexer.evaluation.run import PRODUCT, ask_clean
from indexer.question import clean_question
from indexer.snapshot import Snapshot

CLEAN, AS_IT_CAME, UNCLEANED = "the clean question", "the ticket as it came", "without cleaning"
_SHOWN = "success@3"


@dataclass(frozen=True, slots=True)
class TicketResult:
    """How each form of the tickets finds its article.

    Attributes:
        forms: the clean question, the ticket as it came, and the ticket uncleaned.
        by_noise: the same by the kind of noise in the ticket.
    """

    forms: tuple[SystemResult, ...]
    by_noise: dict[str, tuple[SystemResult, ...]]

    def page(self) -> Iterator[str]:
        """Yield the lines of the page's part about tickets."""
        yield from ("", "## Tickets as they come", "")
        yield (
            f"{self.forms[0].questions} tickets about the articles in `sop/`, with greetings, "
            "signatures, quoted mail, logs and chatter, from `tests/retrieval/tickets.jsonl`; "
            "and the question that stands in each, as a person would ask it."
        )
        yield ""
        yield "| form | " + " | ".join(MEASURES) + " |"
        yield "|---" * (1 + len(MEASURES)) + "|"
        for form in self.forms:
            figures = " | ".join(figure(form.means[measure]) for measure in MEASURES)
            yield f"| {form.name} | {figures} |"
        yield ""
        yield f"{_SHOWN} by what is in the ticket; one ticket counts for each kind that it has."
        yield ""
        yield "| noise | tickets | " + " | ".join(form.name for form in self.forms) + " |"
        yield "|---" * (2 + len(self.forms)) + "|"
        for noise, forms in self.by_noise.items():
            figures = " | ".join(figure(form.means[_SHOWN]) for form in forms)
            yield f"| {noise} | {forms[0].questions} | {figures} |"


def measure_tickets(sop: Path, file: Path) -> TicketResult:
    """Index the articles and ask every ticket in each form."""
    tickets = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    with TemporaryDirectory() as scratch:
        build_snapshot(sop, Path(scratch))
        snapshot = Snapshot.open(Path(scratch))
        runs = {
            CLEAN: _asked(snapshot, {t["id"]: _clean(t) for t in tickets}),
            AS_IT_CAME: _asked(snapshot, {t["id"]: _ticket(t) for t in tickets}),
            UNCLEANED: _asked(snapshot, {t["id"]: _uncleaned(t) for t in tickets}),
        }
    kinds = sorted({noise for ticket in tickets for noise in ticket["noise"]})
    return TicketResult(
        forms=_judged(runs, tickets),
        by_noise={
            kind: _judged(runs, [ticket for ticket in tickets if kind in ticket["noise"]])
            for kind in kinds
        },
    )


def _clean(ticket: dict[str, Any]) -> str:
    return clean_question(ticket["question"], None, None)


def _ticket(ticket: dict[str, Any]) -> str:
    return clean_question(None, ticket["subject"], ticket["description"], ticket["format"])


def _uncleaned(ticket: dict[str, Any]) -> str:
    return f"{ticket['subject']}\n{ticket['description']}"


def _asked(snapshot: Snapshot, texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    today = datetime.now(UTC).date()
    return {
        id_: ask_clean(snapshot, Question(id_, text), text, today).ranked[PRODUCT]
        for id_, text in texts.items()
    }


def _judged(
    runs: dict[str, dict[str, tuple[str, ...]]], tickets: Sequence[dict[str, Any]]
) -> tuple[SystemResult, ...]:
    grades = {ticket["id"]: {ticket["article"]: 1} for ticket in tickets}
    return tuple(
        judge_run(name, {id_: run[id_] for id_ in grades}, grades) for name, run in runs.items()
    )
