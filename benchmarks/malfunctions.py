"""Measures how soon planted malfunctions are raised, and how often there is none behind it.

    python benchmarks/malfunctions.py --write PAGE

Simulated months, see `simulated_months`, are seen minute by minute, as the service sees them.
A malfunction belongs to what was planted when half of its questions do; a second one about
the same planted fault is counted as a false alarm.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from simulated_months import Library, Month, read_faults, read_library, simulate

from indexer.embedding import compiled_models
from search_api.insights.malfunctions import Malfunction, Watch

REPOSITORY = Path(__file__).resolve().parent.parent
SMALL_A_DAY, LARGE_A_DAY = 180, 3_000
PLANTED_A_MONTH = 10
WITHIN_MINUTES, RAISED_SHARE, FALSE_A_MONTH, LOOK_MS = 15.0, 0.9, 1.0, 100.0
MINUTE = timedelta(minutes=1)
_HEAD = (
    "| questions a day | months | planted | raised within 15 minutes "
    "| delay in minutes: median, 90 % | false alarms a month | |"
)


@dataclass
class Score:
    """What was raised in a month.

    Attributes:
        delays: minutes from the first planted question to the alarm, None where there was none.
        false: alarms with nothing behind them, and second alarms about one fault.
        looks_ms: milliseconds of each minute's look at what was new.
    """

    delays: list[float | None]
    false: list[Malfunction] = field(default_factory=list)
    looks_ms: list[float] = field(default_factory=list)

    @property
    def in_time(self) -> int:
        """How many were raised soon enough."""
        return sum(delay is not None and delay <= WITHIN_MINUTES for delay in self.delays)


def main() -> None:
    """Measure, print, and write the page if told so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, help="page to write")
    parser.add_argument("--small", type=int, default=12, help="months with 180 questions a day")
    parser.add_argument("--large", type=int, default=2, help="months with 3,000 questions a day")
    chosen = parser.parse_args()
    encoder = compiled_models("default", print)[0].encoder
    library = read_library(REPOSITORY / "sop", lambda texts: encoder.encode(texts, "query"))
    lines = list(_page(library, chosen.small, chosen.large))
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if any(line.endswith("| MISSED |") for line in lines):
        sys.exit(1)


def score(month: Month) -> Score:
    """Return what a watch raises in a month, seen minute by minute."""
    result = Score([None] * len(month.planted))
    watch, known = Watch(), set[str]()
    minute: list = []
    now = month.questions[0].asked_at + MINUTE
    for question in month.questions:
        while question.asked_at >= now:
            if minute:
                started = time.perf_counter()
                watch.advance(minute)
                found = watch.malfunctions(now)
                result.looks_ms.append((time.perf_counter() - started) * 1000)
                for one in found:
                    if one.id not in known:
                        known.add(one.id)
                        _note(one, month, result)
            minute = []
            now = max(now + MINUTE, question.asked_at - MINUTE)
        minute.append(question)
    return result


def _note(raised: Malfunction, month: Month, result: Score) -> None:
    if raised.raised_at < month.starts:
        return
    ids = {one.query_id for one in raised.members}
    for number, planted in enumerate(month.planted):
        if 2 * len(ids & planted.ids) < len(ids):
            continue
        if result.delays[number] is None:
            result.delays[number] = (raised.raised_at - planted.at).total_seconds() / 60
            return
    result.false.append(raised)


def _page(library: Library, small: int, large: int) -> Iterator[str]:
    head = [
        "# How soon malfunctions are raised",
        "",
        f"Made by `make bench-malfunctions`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores,",
        f"{platform.machine()}, Python {platform.python_version()}.",
        "",
        "A simulated month follows four weeks without a malfunction.",
        f"Its questions are the {len(library.articles)} articles' own,",
        f"in {len(library.texts):,} wordings, encoded by the default model.",
        "They follow the working weeks of three regions, and come in bursts and weekly rushes.",
        f"{PLANTED_A_MONTH} malfunctions are planted in each:",
        "12 to 40 like questions within 15 minutes,",
        f"about one of {len(read_faults())} faults that stand in no article,",
        "or, every fourth, about an article's own topic.",
        "A third comes in the quietest hours, a third in the busiest.",
        "A second alarm about the same fault counts as false.",
        "",
        _HEAD,
        "|---|---|---|---|---|---|---|",
    ]
    yield from _said(head)
    looks: list[float] = []
    for a_day, months in ((SMALL_A_DAY, small), (LARGE_A_DAY, large)):
        if not months:
            continue
        scores = []
        for seed in range(1, months + 1):
            scores.append(score(simulate(library, a_day + seed, a_day, PLANTED_A_MONTH)))
            print(f"  {a_day} a day, seed {seed}: {scores[-1].in_time}, {len(scores[-1].false)}")
        looks = [one for scored in scores for one in scored.looks_ms]
        yield from _said([_row(a_day, scores)])
    yield from _said(["", "| promise | measured | must be | |", "|---|---|---|---|", _look(looks)])


def _look(looks: list[float]) -> str:
    slow = float(np.percentile(looks, 99.9))
    measured = f"median {statistics.median(looks):.1f} ms, 99.9 % {slow:.0f} ms"
    return (
        "| a minute's look at what is new, after four weeks of the busier log "
        f"| {measured}, worst {max(looks):.0f} ms | under {LOOK_MS:.0f} ms "
        f"| {'held' if slow < LOOK_MS else 'MISSED'} |"
    )


def _row(a_day: int, scores: list[Score]) -> str:
    delays = [delay for one in scores for delay in one.delays if delay is not None]
    planted = sum(len(one.delays) for one in scores)
    raised = sum(one.in_time for one in scores)
    false = sum(len(one.false) for one in scores) / len(scores)
    is_held = raised >= RAISED_SHARE * planted and false <= FALSE_A_MONTH
    return (
        f"| {a_day:,} | {len(scores)} | {planted} | {raised} ({raised / planted:.0%}) "
        f"| {statistics.median(delays):.1f}, {np.percentile(delays, 90):.1f} "
        f"| {false:.2f} | {'held' if is_held else 'MISSED'} |"
    )


def _said(lines: list[str]) -> Iterator[str]:
    for line in lines:
        print(line, flush=True)
        yield line


if __name__ == "__main__":
    main()
