"""What takes long to find: gaps, wishes and past malfunctions, in a process of their own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support_events import asked

from search_api import surveyor
from search_api.events.log import EventLog
from search_api.insights.surveyed import Survey
from search_api.log_columns import LogColumns
from search_api.settings import Settings
from search_api.survey import Wanted, survey
from search_api.surveyor import Surveyor

NOW = datetime.now(UTC).replace(microsecond=0)
WORDS = {
    "please add a dark mode to the board": (0, 1),
    "which bicycle cellar has free places": (3, 4),
    "the decide button does nothing": (6, 7),
}


def vector(dimensions, number):
    """A unit vector near two axes, a little different for each question."""
    made = np.full(12, 0.02, np.float32)
    made[list(dimensions)] = 0.7
    made[8 + number % 4] += 0.05
    return made / np.linalg.norm(made)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A log of three weeks: a wish, a gap, unlike questions, and a malfunction of five days ago."""
    made = f"sqlite:///{tmp_path_factory.mktemp('survey') / 'events.db'}"
    log = EventLog(made, 2_000)
    log.start()
    number = 0
    wish, gap, fault = WORDS
    rng = np.random.default_rng(3)
    for day in range(20):
        for text in (wish, gap) if day % 4 == 0 else ():
            number += 1
            log.record_question(
                asked(
                    number,
                    asked_at=NOW - timedelta(days=day, hours=1),
                    text=text,
                    vector=vector(WORDS[text], number),
                    decision="abstain" if text == gap else "suggest",
                    shown=0 if text == gap else 1,
                    confidence=0.01 if text == gap else 0.7,
                )
            )
        for _ in range(30):
            number += 1
            unlike = rng.standard_normal(12).astype(np.float32)
            log.record_question(
                asked(
                    number,
                    asked_at=NOW - timedelta(days=day, minutes=int(rng.integers(30, 1400))),
                    text=f"unlike {number}",
                    vector=unlike / np.linalg.norm(unlike),
                    suggestions=[{"id": f"u-{number}", "score": 0.5, "confidence": 0.9}],
                )
            )
    for place in range(14):
        number += 1
        log.record_question(
            asked(
                number,
                asked_at=NOW - timedelta(days=5) + timedelta(seconds=20 * place),
                text=fault,
                vector=vector(WORDS[fault], number),
                suggestions=[{"id": "rev-001", "score": 0.5, "confidence": 0.9}],
            )
        )
    log.close()
    return made


def wanted_of(url, tmp_path):
    """What a survey is asked for; there is no snapshot here."""
    return Wanted(url=url, until=NOW, index=tmp_path / "index", sop=tmp_path / "sop")


async def until(holds):
    """Wait until a condition holds."""
    while not holds():  # noqa: ASYNC110  # what is waited for knows of no event
        await asyncio.sleep(0.005)


def test_survey_finds_what_was_planted(url, tmp_path):
    """The gap, the wish with its weeks, and the malfunction; no question's text is in it."""
    found = survey(wanted_of(url, tmp_path))
    gap = next(one for one in found.gaps if "bicycle" in one.label)
    assert (gap.questions, gap.askers, gap.kind) == (5, 5, "write")
    (wish,) = found.wishes
    assert (wish.questions, wish.askers, wish.weeks) == (5, 5, 3)
    assert "dark mode" in wish.label
    (fault,) = found.malfunctions
    assert (fault.questions, fault.state) == (14, "over")
    assert not any(text in found.model_dump_json() for text in WORDS)


def test_survey_in_a_process_of_its_own_says_the_same(url, tmp_path):
    """What is wanted goes in as JSON and what was found comes out, the address on no command."""
    wanted = wanted_of(url, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "search_api.survey"],
        input=wanted.model_dump_json(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ,
    )
    assert Survey.model_validate_json(done.stdout) == survey(wanted)
    assert json.loads(done.stdout)["until"].startswith(f"{NOW:%Y-%m-%d}")


def test_service_surveys_again_where_events_were_taken_out(url, tmp_path, monkeypatch):
    """It begins once the log is read, and forgets what it found when that may name the erased."""
    monkeypatch.setattr(surveyor, "_FIRST_AFTER_S", 0)
    monkeypatch.setattr(surveyor, "_LOOK_EVERY_S", 0.02)
    columns = LogColumns(url)
    columns._look()
    watched = Surveyor(Settings(events_url=url, index=tmp_path, sop=tmp_path), columns)

    async def run():
        task = asyncio.create_task(watched.watch())
        async with asyncio.timeout(60):
            await until(lambda: watched.found is not None)
            first = watched.found
            columns._reader.times_read += 1
            await until(lambda: watched.found is not first)
            between = watched.found
            await until(lambda: watched.found is not None)
        task.cancel()
        return first, between, watched.found

    first, between, second = asyncio.run(run())
    assert between is None
    assert first.gaps[0].label == second.gaps[0].label


def test_service_that_ends_leaves_no_survey_behind(url, tmp_path, monkeypatch):
    """A survey that runs when the service ends is ended too."""
    monkeypatch.setattr(surveyor, "_FIRST_AFTER_S", 0)
    columns = LogColumns(url)
    columns._look()
    watched = Surveyor(Settings(events_url=url, index=tmp_path, sop=tmp_path), columns)
    started = []
    begin = asyncio.create_subprocess_exec

    async def noted(*arguments, **options):
        started.append(await begin(*arguments, **options))
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)

    async def run():
        task = asyncio.create_task(watched.watch())
        async with asyncio.timeout(30):
            await until(lambda: started)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await started[0].wait()

    assert asyncio.run(run()) != 0


def test_survey_that_is_switched_off_never_runs(url):
    """With `survey_minutes = 0` nothing is looked for."""
    watched = Surveyor(Settings(events_url=url, survey_minutes=0), LogColumns(url))

    async def run():
        surveyor_task = asyncio.create_task(watched.watch())
        await asyncio.sleep(0.05)
        surveyor_task.cancel()

    asyncio.run(run())
    assert watched.found is None
