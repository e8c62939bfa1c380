"""`sop demo-log`: a believable month of questions, for trying out what reads the log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.terminal import ProgressBar, complaints
from search_api.commands.days import day_option

if TYPE_CHECKING:
    from search_api.asking import Desk
    from search_api.demo.month import Month, Planned
    from search_api.events.event import FeedbackEvent, QuestionEvent
    from search_api.events.practice import Tries
    from search_api.settings import Settings

# People of a demonstration are invented; the same key everywhere makes two runs alike.
_KEY = b"sop-kb demo"


def demo_log(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 30,
    seed: Annotated[int, typer.Option(help="Another number gives another month.")] = 7,
    until: Annotated[
        datetime | None,
        day_option("Last day, in UTC [default: yesterday]"),
    ] = None,
    per_day: Annotated[
        int, typer.Option(min=1, max=5000, help="Questions a day, on the mean of a week.")
    ] = 160,
    index: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    sop: Annotated[Path, typer.Option(help="Articles to index where there is no snapshot.")] = Path(
        "sop"
    ),
    model: Annotated[str, typer.Option(help="Embedding model for that; see sop build.")] = (
        "default"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write a made-up month of questions and feedback into the log, marked as demo.

    The texts are invented; what the index suggests for them is real. The same seed, snapshot
    and last day give the same events. Running it again replaces the demonstration; a log
    with real events is refused.

    For example:

        sop demo-log --days 30 --seed 7

        SOPKB_EVENTS_URL=sqlite:///var/demo.db sop demo-log --until 2026-10-31
    """
    from threadpoolctl import threadpool_limits

    from search_api.demo.month import plan_month, topics_of
    from search_api.demo.outcomes import fitness_of, tell
    from search_api.demo.practising import practised
    from search_api.events.demo import refuse_real, replace_demo
    from search_api.events.place import has_log

    settings: Settings = context.obj
    if has_log(settings.events_url):
        refuse_real(settings.events_url)
    last = until.date() if until else datetime.now(UTC).date() - timedelta(days=1)
    with (
        threadpool_limits(1, "blas"),
        ProgressBar() as progress,
        _desk(index, sop, model, settings, progress) as desk,
    ):
        topics = topics_of(desk.suggester.snapshot.articles)
        month = plan_month(topics, seed, last, days, per_day)
        step = progress.count("asking", len(month.questions))
        answered = {}
        for event in _answers(desk, month.questions, settings, seed):
            step(1)
            if event is not None:
                answered[event.query_id] = event
        feedback = list(tell(month, topics, answered, seed, _hashed))
        tries = practised(month, fitness_of(topics, seed), answered, seed)
    events = list(answered.values())
    replace_demo(settings.events_url, events, feedback, settings.region, tries)
    _print_summary(month, events, feedback, tries, seed, last, as_json=as_json)


@contextmanager
def _desk(
    index: Path, sop: Path, model: str, settings: Settings, progress: ProgressBar
) -> Iterator[Desk]:
    """Give the current snapshot; where there is none, one that is built for this run only."""
    from indexer.build import build_snapshot
    from indexer.snapshot import stored_snapshots
    from search_api.asking import opened_desk

    if stored_snapshots(index):
        with opened_desk(index, settings) as desk:
            yield desk
        return
    complaints.print(f"{index} holds no snapshot; {sop} is indexed for this run only …")
    with TemporaryDirectory(prefix="sop-demo-") as scratch:
        build_snapshot(sop, Path(scratch), model, progress=progress)
        with opened_desk(Path(scratch), settings) as desk:
            yield desk


def _answers(
    desk: Desk, questions: Sequence[Planned], settings: Settings, seed: int
) -> Iterator[QuestionEvent | None]:
    """Give what the log keeps of every question, in order; None for one without a word."""
    from search_api.demo.chance import dice
    from search_api.recording import question_event
    from search_api.suggest import EmptyQuestionError

    audiences = frozenset(settings.audiences)

    def ask(planned: Planned) -> QuestionEvent | None:
        try:
            asked = desk.ask(planned.request, audiences, planned.at.date())
        except EmptyQuestionError:
            return None
        event = question_event(
            asked,
            planned.request,
            audiences=audiences,
            person=planned.person,
            secret=_KEY,
            at=planned.at,
            source="demo",
        )
        # How long it took here says nothing about a service, and would differ each time.
        took = dice(seed, "took", planned.query_id).lognormvariate(2.0, 0.35)
        return replace(event, query_id=planned.query_id, took_ms=round(took, 3))

    return desk.each(ask, questions)


def _hashed(name: str) -> str:
    from search_api.auth import actor_hash

    return actor_hash(name, _KEY) or ""


def _print_summary(
    month: Month,
    questions: Sequence[QuestionEvent],
    feedback: Sequence[FeedbackEvent],
    tries: Sequence[Tries],
    seed: int,
    last: date,
    *,
    as_json: bool,
) -> None:
    stories = Counter(one.story for one in month.questions)
    summary = {
        "from": f"{month.start:%Y-%m-%d}",
        "until": f"{last:%Y-%m-%d}",
        "seed": seed,
        "questions": len(questions),
        "people": len({one.actor for one in questions}),
        "decisions": dict(Counter(one.decision for one in questions)),
        "languages": dict(Counter(one.language for one in questions).most_common()),
        "channels": dict(Counter(one.channel for one in questions).most_common()),
        "stories": dict(stories.most_common()),
        "gaps": dict(
            Counter(one.topic for one in month.questions if one.story == "gap").most_common()
        ),
        "known_issue": month.known_issue,
        "fixed": month.issue_fixed.isoformat(timespec="minutes"),
        "malfunction": month.malfunction.isoformat(timespec="minutes"),
        "feedback": dict(Counter(one.event for one in feedback).most_common()),
        "without_feedback": len(
            {one.query_id for one in questions} - {one.query_id for one in feedback}
        ),
        "tries": sum(one.count for one in tries),
        "tries_failed": sum(one.count for one in tries if not one.is_right),
    }
    if as_json:
        print(json.dumps(summary, indent=1, ensure_ascii=False))
        return
    for name in ("decisions", "languages", "channels", "feedback", "gaps"):
        counts = summary[name]
        assert isinstance(counts, dict)  # noqa: S101  # made above
        summary[name] = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    print(
        f"{len(questions):,} questions of {summary['people']} people from {summary['from']} to "
        f"{summary['until']}, seed {seed}\n"
        f"answers: {summary['decisions']}; languages: {summary['languages']}; "
        f"channels: {summary['channels']}\n"
        f"feedback: {summary['feedback']}; {summary['without_feedback']:,} questions without any\n"
        f"known issue: {month.known_issue or 'none'}, {stories['known_issue']} questions, "
        f"fixed {month.issue_fixed:%Y-%m-%d}\n"
        f"malfunction: {month.malfunction:%Y-%m-%d %H:%M} UTC, {stories['malfunction']} questions\n"
        f"gaps: {summary['gaps']}\n"
        f"practice: {summary['tries']:,} tries of trainees, {summary['tries_failed']:,} failed\n"
        "the log is marked as demo; nothing real belongs into it"
    )
