"""What each side of a comparison says, both at once: the base is asked by a second process.

The second process gets one side whole, as JSON, and gives its answers as JSON: it reads no
article and no git. Nothing that people asked touches the disk on the way. What it answers is
what this process would have answered: both do `answers_of`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from indexer.compare.outcomes import Asked, Outcome, ask_side
from indexer.compare.sides import Library, index_side
from indexer.embedding import CompiledModel
from indexer.encoder import Encoder
from indexer.indexing import embed_ahead
from indexer.overlap import Overlap, overlaps_of
from indexer.progress import Progress

Asking = Callable[[str, int], Callable[[int], None]]
# Starting Python and opening the encoder takes as long as so many questions.
_FEWEST_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What one side is to answer.

    Attributes:
        library: the side.
        asked: the questions.
        touched: ids of new and changed articles, whose overlaps are wanted.
    """

    library: Library
    asked: tuple[Asked, ...]
    touched: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one side says.

    Attributes:
        outcomes: of each question, in order.
        overlaps: passages of the touched articles that say the same as another one's.
    """

    outcomes: tuple[Outcome, ...]
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class _Request:
    """A task, with name and folder of each model."""

    task: Task
    models: tuple[tuple[str, Path], ...]


_REQUEST, _ANSWERS = TypeAdapter(_Request), TypeAdapter(Answers)


def answers_of(
    task: Task,
    models: Sequence[CompiledModel],
    progress: Progress | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> Answers:
    """Return what a side says.

    Args:
        task: the side, and what to ask.
        models: one for each vector space, from `compiled_models`.
        progress: is told what is being embedded.
        step: called with 1 after each question.
    """
    side = index_side(task.library, models, progress)
    touched = {one.path for one in task.library.articles if one.id in task.touched}
    return Answers(
        outcomes=tuple(ask_side(side, task.asked, step)),
        overlaps=tuple(overlaps_of(side.indexed, models[0], touched, progress)),
    )


def answers_of_both(
    before: Task,
    after: Task,
    models: Sequence[CompiledModel],
    progress: Progress | None = None,
    asking: Asking = lambda _name, _total: lambda _done: None,
) -> tuple[Answers, Answers]:
    """Return what both sides say, found out side by side where that is worth it.

    Args:
        before: the base.
        after: the change.
        models: see `answers_of`.
        progress: see `answers_of`.
        asking: is told which side is asked and how many questions; gives what counts them.
    """

    def here(task: Task) -> Answers:
        return answers_of(task, models, progress, asking(task.library.name, len(task.asked)))

    if len(after.asked) < _FEWEST_QUESTIONS or (os.cpu_count() or 1) < 2:
        return here(before), here(after)
    embed_ahead([*before.library.articles, *after.library.articles], models, progress)
    with ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(answers_elsewhere, before, models)
        now = here(after)
        then = elsewhere.result()
    return then or here(before), now


def answers_elsewhere(task: Task, models: Sequence[CompiledModel]) -> Answers | None:
    """Return what a side says, from a process of its own.

    Returns:
        None where that failed, for want of memory or for a reason that this process, doing the
        same, will name.
    """
    request = _Request(task, tuple((model.name, model.folder) for model in models))
    # Without -P a file of the articles' folder could stand for a module.
    done = subprocess.run(
        [sys.executable, "-P", "-m", "indexer.compare.answers"],
        input=_REQUEST.dump_json(request),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return None if done.returncode else _ANSWERS.validate_json(done.stdout)


def _answer_request() -> None:
    """Read a request from the standard input, and write what the side says."""
    request = _REQUEST.validate_json(sys.stdin.buffer.read())
    models = [CompiledModel(name, folder, Encoder.open(folder)) for name, folder in request.models]
    sys.stdout.buffer.write(_ANSWERS.dump_json(answers_of(request.task, models)))


if __name__ == "__main__":
    _answer_request()
