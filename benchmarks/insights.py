"""How long the dashboard takes over 100,000 questions, and how much memory.

    python benchmarks/insights.py --write docs/insights-benchmarks.md

The month is that of `benchmarks/reports.py`: vectors are drawn, so that no two questions are
alike, but for a tenth that are about a few hundred things and find groups; texts say what kind
they are, and feedback follows every third. Exits 1 when a promise is not kept.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
from browser import REPOSITORY
from reports import EVENTS, questions

from indexer.build import build_snapshot
from indexer.snapshot import read_articles
from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.events.log import EventLog
from search_api.insights.dashboard import make_dashboard
from search_api.insights.shifts import ShiftPlan
from search_api.insights.windows import RANGES, Range, window_of
from search_api.library import library_from
from search_api.log_columns import LogReader
from search_api.settings import Settings

_RUNS = 20
_TOPICS, _ABOUT_TOPICS = 300, 0.1
_TEXTS = ("the board does not load since this morning", "how do I hand over a shift", "phone lost")
_WISH, _WISH_EVERY = "please add a dark mode to the board", 50
_MOST_QUERY_MS, _MOST_ALL_S, _MOST_MB = 300, 60, 1_000
_MOST_COLUMNS_MB = 60


def main() -> None:
    """Fill a log, measure, and write what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, help="page to write")
    page: Path | None = parser.parse_args().write
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        build_snapshot(REPOSITORY / "sop", folder / "index")
        articles = [one.id for one in read_articles(folder / "index")]
        url = f"sqlite:///{folder}/events.db"
        count = fill(url, articles)
        rows = [*columns_rows(url, folder), *survey_rows(url, folder), *command_rows(url, folder)]
    text = "\n".join(written(rows, count)) + "\n"
    print(text)
    if page:
        page.write_text(text, encoding="utf-8")
    sys.exit(any(row.endswith("| MISSED |") for row in rows))


def fill(url: str, articles: list[str]) -> int:
    """Write a month up to now into a log; return how many questions it has."""
    log = EventLog(url, 200_000)
    log.start()
    drawn = np.random.default_rng(11)
    middles = _unit(drawn.standard_normal((_TOPICS, 384)))
    shift = timedelta(0)
    count = 0
    for number, question in enumerate(questions(articles)):
        if not shift:
            shift = datetime.now(UTC) - question.asked_at - timedelta(days=30)
        one = replace(
            question,
            asked_at=question.asked_at + shift,
            text=_WISH if number % _WISH_EVERY == 0 else f"{_TEXTS[number % 3]} {number % 97}",
            vector=_near(middles, drawn) if drawn.random() < _ABOUT_TOPICS else question.vector,
        )
        log.record_question(one)
        for told in _feedback(one, number):
            log.record_feedback(told)
        count += 1
    log.close()
    return count


def columns_rows(url: str, folder: Path) -> Iterator[str]:
    """Measure reading the log into columns, and the answers made of them."""
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    reader, now = LogReader(url), datetime.now(UTC)
    started, cpu = time.perf_counter(), time.process_time()
    columns = reader.look(now)
    seconds, busy = time.perf_counter() - started, time.process_time() - cpu
    gc.collect()
    grown = (process.memory_info().rss - before) / 1e6
    yield _row(
        "reading the log into columns, at the start",
        f"{busy:.1f} s; until it was done {seconds:.1f} s",
        "under 60 s",
        busy < 60,
    )
    yield _row(
        "memory of the columns",
        f"{grown:.0f} MB, {columns.nbytes / 1e6:.0f} MB of it arrays",
        f"under {_MOST_COLUMNS_MB} MB",
        grown < _MOST_COLUMNS_MB,
    )
    yield _timed("a look at what is new, every 5 s", lambda: reader.look(datetime.now(UTC)))
    articles = library_from(read_articles(folder / "index"))
    plan = ShiftPlan(Settings().shifts)
    for named in RANGES:
        for area in (None, "queues"):

            def ask(named: Range = named, area: str | None = area) -> None:
                window = window_of(plan, named, area, datetime.now(UTC))
                told = make_dashboard(columns, articles, window, plan, None, (), is_demo=False)
                told.model_dump_json()

            where = f", area {area}" if area else ""
            yield _timed(f"the whole dashboard, {named}{where}", ask)


def _timed(what: str, work: Callable[[], object]) -> str:
    """Run something several times; the worst processor time counts, as machines are shared."""
    busy, taken = [], []
    for _ in range(_RUNS):
        started, cpu = time.perf_counter(), time.process_time()
        work()
        busy.append((time.process_time() - cpu) * 1000)
        taken.append((time.perf_counter() - started) * 1000)
    measured = (
        f"{statistics.median(busy):.0f} ms ({max(busy):.0f}); "
        f"until it was done {statistics.median(taken):.0f} ms ({max(taken):.0f})"
    )
    return _row(what, measured, f"under {_MOST_QUERY_MS} ms", max(busy) < _MOST_QUERY_MS)


def survey_rows(url: str, folder: Path) -> Iterator[str]:
    """Measure the survey: gaps, wishes and malfunctions of past days, in its own process."""
    wanted = {
        "url": url,
        "until": datetime.now(UTC).isoformat(),
        "index": f"{folder}/index",
        "sop": str(REPOSITORY / "sop"),
    }
    run = _run([sys.executable, "-m", "search_api.survey"], json.dumps(wanted))
    found = json.loads(run.printed)
    told_of = ", ".join(f"{len(found[key]):,} {key}" for key in ("gaps", "wishes", "malfunctions"))
    yield run.row(f"survey in a process of its own: {told_of}")


def command_rows(url: str, folder: Path) -> Iterator[str]:
    """Measure the command, with everything and without the survey."""
    program = str(Path(sys.executable).with_name("sop"))
    settings = {"SOPKB_INDEX": f"{folder}/index", "SOPKB_EVENTS_URL": url}
    for options in (["--no-gaps"], []):
        name = " ".join(["sop insights", *options])
        yield _run([program, "insights", *options, "--json"], "", **settings).row(
            f"`{name}`, the whole command"
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A program that ran: processor time, time until it was done, most memory, what it printed."""

    busy_s: float
    seconds: float
    peak_mb: float
    printed: str

    def row(self, what: str) -> str:
        """Return its row of the page."""
        return _row(
            what,
            f"{self.busy_s:.0f} s, {self.peak_mb:.0f} MB; until it was done {self.seconds:.0f} s",
            f"under {_MOST_ALL_S} s, {_MOST_MB} MB",
            self.busy_s < _MOST_ALL_S and self.peak_mb < _MOST_MB,
        )


def _run(command: list[str], given: str, **settings: str) -> Run:
    """Run a program to its end."""
    started, before = time.perf_counter(), _busy_children_s()
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=os.environ | settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        peak = [0.0]
        watch = threading.Thread(target=_watch, args=(process.pid, peak))
        watch.start()
        told, _ = process.communicate(given)
        seconds = time.perf_counter() - started
        watch.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(_busy_children_s() - before, seconds, peak[0], told)


def _busy_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(pid: int, peak: list[float]) -> None:
    """Note the most memory that a process has had, until it ends."""
    try:
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            peak[0] = max(peak[0], process.memory_info().rss / 1e6)
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return


def written(rows: list[str], count: int) -> list[str]:
    """Return the page."""
    return [
        "# How long the dashboard takes",
        "",
        f"Made by `make bench-insights` on {count:,} questions in 30 days,",
        "feedback on every third.",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()},",
        f"Python {platform.python_version()}. Times are those of processors, since the machine",
        f"is shared, and then until it was done; milliseconds are medians of {_RUNS} runs,",
        "with the worst in brackets.",
        "",
        "| what | measured | must be | |",
        "|---|---|---|---|",
        *rows,
    ]


def _feedback(question: QuestionEvent, number: int) -> Iterator[FeedbackEvent]:
    if number % 3 == 0:
        yield FeedbackEvent(
            given_at=question.asked_at + timedelta(minutes=3 + number % 40),
            query_id=question.query_id,
            reference=question.reference,
            page=None,
            article_id=question.suggestions[0]["id"],
            event=EVENTS[number // 3 % len(EVENTS)],
            reason=None,
            comment=None,
            actor=question.actor,
        )


def _near(middles: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    """Return a vector about one of the topics."""
    middle = middles[drawn.integers(len(middles))]
    return _unit(middle + 0.04 * drawn.standard_normal(middles.shape[1])).astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _row(what: str, measured: str, target: str, held: bool) -> str:
    row = f"| {what} | {measured} | {target} | {'held' if held else 'MISSED'} |"
    print(row, flush=True)
    return row


if __name__ == "__main__":
    main()
