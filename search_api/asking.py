"""Many questions to one snapshot, side by side: what an import and a demonstration need.

Each question is worked on by one thread, as in the service: one model on all cores at a time
takes several times the work for the same answers. Whoever asks limits numpy to one thread too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar

from indexer.question import clean_question
from indexer.redaction.redactor import Redactor
from indexer.snapshot import Snapshot
from search_api.redaction import redactor_of
from search_api.schemas import SuggestRequest
from search_api.settings import Settings
from search_api.suggest import Asked, Suggester

_AT_ONCE = 200
_ENCODER_THREADS = 1

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Desk:
    """A snapshot that answers, and threads to ask it.

    Attributes:
        suggester: may be used from several threads.
        redactor: that of this installation.
    """

    suggester: Suggester
    redactor: Redactor
    _threads: ThreadPoolExecutor

    def ask(self, request: SuggestRequest, audiences: frozenset[str], day: date) -> Asked:
        """Answer a question as it came, with the review dates of a day.

        Raises:
            EmptyQuestionError: there is no word in it.
        """
        question = clean_question(
            request.query, request.subject, request.description, request.format, self.redactor
        )
        return self.suggester.ask(question, request, audiences, day)

    def each(self, ask: Callable[[Item], Found], items: Iterable[Item]) -> Iterator[Found]:
        """Give what `ask` returns for every item, in order; only a few wait in memory."""
        rest = iter(items)
        while some := list(islice(rest, _AT_ONCE)):
            yield from self._threads.map(ask, some)


@contextmanager
def opened_desk(index: Path, settings: Settings) -> Iterator[Desk]:
    """Give the current snapshot, ready to be asked by as many threads as the service has.

    Raises:
        SnapshotError: there is none, or it is damaged.
    """
    snapshot = Snapshot.open(index, threads=_ENCODER_THREADS)
    with ThreadPoolExecutor(settings.encoder_threads, "asking") as threads:
        redactor = redactor_of(settings)
        suggester = Suggester(snapshot, settings.public_url, redactor)
        suggester.warm_up()
        yield Desk(suggester, redactor, threads)
