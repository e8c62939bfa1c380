"""What takes long to find in a log: gaps, wishes for the product, malfunctions of past days.

Comparing a hundred thousand questions takes much memory, so the service has it done by a process
of its own, at low priority: `python -m search_api.survey` reads what to look at from standard
input and prints what it found, both as JSON. Labels are words that three people typed; no text of
a question leaves the process.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from indexer.errors import SnapshotError
from indexer.snapshot import SnapshotArticle, read_articles
from search_api.events.event import QuestionEvent
from search_api.events.reading import read_feedback, read_questions
from search_api.insights.gap_report import gap_as_json
from search_api.insights.gaps import find_gaps
from search_api.insights.kinds import kind_of_text
from search_api.insights.outcomes import Outcome, read_outcomes
from search_api.insights.past_malfunctions import past_malfunctions
from search_api.insights.surveyed import FoundGap, FoundMalfunction, FoundWish, Survey
from search_api.malfunction_watch import name_all

DAYS = 28
# The days before these say what is usual.
MALFUNCTION_DAYS = 14
_LOW_PRIORITY = 10


class Wanted(BaseModel):
    """What is to be looked at.

    Attributes:
        url: of the log.
        until: the end of the days that are looked at.
        index, sop: folders of the snapshots and the articles, which name malfunctions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    until: datetime
    index: Path
    sop: Path


def survey(wanted: Wanted) -> Survey:
    """Look through the last weeks of a log.

    Raises:
        EventStoreError: it cannot be read.
    """
    until = wanted.until
    since = until - timedelta(days=DAYS)
    questions = read_questions(wanted.url, since, until, with_vectors=True, with_requests=False)
    outcomes = read_outcomes(questions, read_feedback(wanted.url, since, until))
    gaps = [_gap(gap_as_json(gap, ())) for gap in find_gaps(outcomes, since, until).gaps]
    wishes = _wishes(outcomes, since, until)
    del outcomes
    gc.collect()
    return Survey(
        since=since,
        until=until,
        gaps=tuple(gaps),
        wishes=tuple(wishes),
        malfunctions=tuple(_malfunctions(questions, wanted)),
    )


def _wishes(outcomes: Sequence[Outcome], since: datetime, until: datetime) -> list[FoundWish]:
    """Return what people wish for, the most often and the longest first."""
    marked = [
        replace(one, signals=("gap",) if kind_of_text(one.question.text) == "request" else ())
        for one in outcomes
    ]
    found = [
        FoundWish(
            id=gap.id,
            label=gap.label,
            questions=gap.questions,
            askers=gap.askers,
            weeks=sum(count > 0 for count in gap.weeks),
            first_asked=gap.first_asked.date(),
            last_asked=gap.last_asked.date(),
            article=gap.nearest[0].article if gap.nearest else None,
        )
        for gap in find_gaps(marked, since, until).gaps
    ]
    return sorted(found, key=lambda one: (-one.questions * one.weeks, one.id))


def _gap(told: dict[str, Any]) -> FoundGap:
    return FoundGap(
        **{name: told[name] for name in FoundGap.model_fields if name in told},
        article=told["nearest"][0]["article"] if told["nearest"] else None,
    )


def _malfunctions(questions: Sequence[QuestionEvent], wanted: Wanted) -> list[FoundMalfunction]:
    """Return the rises of like questions in the last days, with what they are about."""
    begin = wanted.until - timedelta(days=MALFUNCTION_DAYS)
    found = past_malfunctions(questions, begin, wanted.until)
    return [
        FoundMalfunction(
            id=named.malfunction.id,
            platforms=named.platforms,
            first_seen=named.malfunction.first_seen,
            last_seen=named.malfunction.last_seen,
            questions=named.malfunction.count,
            askers=named.malfunction.askers,
            article=named.article.id if named.article else None,
            state=named.malfunction.state,
        )
        for named in name_all(found, _articles(wanted.index), wanted.sop)
    ]


def _articles(index: Path) -> Sequence[SnapshotArticle]:
    """Return the articles of the published snapshot; none where there is no such thing."""
    try:
        return read_articles(index)
    except SnapshotError:
        return ()


def main() -> None:
    """Read what is wanted, and print what was found."""
    os.nice(_LOW_PRIORITY)
    wanted = Wanted.model_validate(json.load(sys.stdin))
    sys.stdout.write(survey(wanted).model_dump_json())


if __name__ == "__main__":
    main()
