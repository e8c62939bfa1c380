"""Whatever is killed, and whenever: no feedback that was acknowledged is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
import time
from contextlib import closing

import pytest
from support_events import NOON
from support_kills import write_until_killed

from search_api.events.database import open_engine
from search_api.events.reading import read_feedback, read_questions

# `make test-kills KILLS=1000` goes on for longer.
KILLS = int(os.environ.get("KILLS", "40"))
SEED = int(os.environ.get("KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
YEAR_END = NOON.replace(month=12)


class Writer:
    """A process that logs, and what it was told is stored."""

    def __init__(self, context, url, start):
        self._receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(
            target=write_until_killed, args=(url, start, sender), daemon=True
        )
        self.process.start()
        sender.close()
        self.acknowledged = []

    def listen(self, seconds):
        """Collect what is acknowledged within some seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._receiver.poll(left):
            self.acknowledged.append(self._receiver.recv())

    def kill(self):
        """Kill it, and collect what it had been told before."""
        self.process.kill()
        self.process.join()
        try:
            while True:
                self.acknowledged.append(self._receiver.recv())
        except EOFError:
            return


@pytest.fixture
def context():
    """Processes that start within a moment, since what they need is loaded once."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["search_api.events.log", "search_api.events.migrate"])
    return forks


def stored(url):
    """Return the numbers of all feedback that is in a log."""
    return [int(f.reference.removeprefix("T-")) for f in read_feedback(url, NOON, YEAR_END)]


def test_killed_service_loses_no_acknowledged_feedback(context, tmp_path):
    """SQLite: writers are killed at random points, and all that they acknowledged is there."""
    chance = random.Random(SEED)  # noqa: S311  # moments, no secrets
    url, acknowledged = f"sqlite:///{tmp_path / 'events.db'}", []
    for kill in range(KILLS):
        writer = Writer(context, url, kill * 1_000_000)
        writer.listen(chance.uniform(0, 0.4))
        writer.kill()
        acknowledged += writer.acknowledged
    with closing(sqlite3.connect(tmp_path / "events.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found = stored(url)
    print(f"seed {SEED}: {KILLS} kills, {len(acknowledged)} acknowledged, {len(found)} stored")
    assert len(acknowledged) > KILLS
    assert sorted(set(acknowledged) - set(found)) == []
    assert len(found) == len(set(found))
    # At most one commit was on its way when each was killed.
    assert len(found) <= len(acknowledged) + KILLS
    read_questions(url, NOON, YEAR_END, with_vectors=True)


def test_killed_server_loses_no_acknowledged_feedback(context, postgres):
    """PostgreSQL: the server is killed at random points while one service goes on writing."""
    chance = random.Random(SEED)  # noqa: S311  # moments, no secrets
    url = postgres.new_database()
    writer = Writer(context, url, 0)
    reached = []
    try:
        for _kill in range(KILLS):
            before = len(writer.acknowledged)
            while len(writer.acknowledged) == before:
                writer.listen(0.1)
            writer.listen(chance.uniform(0, 0.25))
            postgres.kill()
            reached.append(len(writer.acknowledged) - before)
            postgres.restart()
    finally:
        writer.kill()
        postgres.restart()
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        by_index = connection.exec_driver_sql("SELECT count(*) FROM feedback WHERE id > 0").scalar()
    engine.dispose()
    found = stored(url)
    print(f"seed {SEED}: {KILLS} kills, {len(writer.acknowledged)} acknowledged, {by_index} stored")
    assert len(reached) == KILLS
    assert min(reached) > 0
    assert by_index == len(found)
    assert sorted(set(writer.acknowledged) - set(found)) == []
