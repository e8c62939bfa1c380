"""The whole comparison on one screen: read, index, ask both sides, put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.compare.answers import Asking, Task, answers_of_both
from indexer.compare.comparison import (
    Comparison,
    Limits,
    QuestionChange,
    changed_articles,
)
from indexer.compare.outcomes import own_questions, read_questions
from indexer.compare.sides import read_libraries
from indexer.embedding import CompiledModel
from indexer.overlap import Overlap
from indexer.progress import Progress


def compare(
    sop: Path,
    base: str,
    head: str | None,
    models: Sequence[CompiledModel],
    questions: Path | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    asking: Asking = lambda _name, _total: lambda _done: None,
) -> Comparison:
    """Return what a change does to the answers.

    Args:
        sop: the articles' folder, in a git work tree.
        base: the branch or commit that the change will join.
        head: a commit; None for the files as they are now.
        models: one for each vector space, from `compiled_models`.
        questions: file of questions that people asked, see `read_questions`.
        limits: what the change may cost.
        progress: is told what is being embedded.
        asking: is told which side is asked and how many questions; gives what counts them.

    Raises:
        SopError: see `read_libraries` and `read_questions`.
    """
    real = read_questions(questions) if questions else []
    libraries = read_libraries(sop, base, head)
    then, now = (dict.fromkeys(own_questions(library)) for library in libraries)
    asked = (*(then | now), *real)
    new, removed, changed = changed_articles(*(library.articles for library in libraries))
    base_task, head_task = (
        Task(library, asked, frozenset({*new, *changed})) for library in libraries
    )
    before, after = answers_of_both(base_task, head_task, models, progress, asking)
    changes = [
        QuestionChange(*one) for one in zip(asked, before.outcomes, after.outcomes, strict=True)
    ]
    return Comparison(
        base=libraries[0].name,
        head=libraries[1].name,
        titles={a.id: a.title for side in libraries for a in side.articles},
        new=new,
        removed=removed,
        changed=changed,
        # A question that one side does not state is no question lost or won.
        questions=tuple(
            one
            for one in changes
            if not one.asked.is_own or (one.asked in then and one.asked in now)
        ),
        unfound=tuple(
            one
            for one in changes
            if one.asked in now and one.asked not in then and not one.after.is_shown
        ),
        orphans=tuple(one for one in changes if one.asked.is_own and one.asked.article in removed),
        overlaps=_new_overlaps(before.overlaps, after.overlaps),
        errors=tuple(error for side in libraries[1:] for error in side.errors),
        limits=limits or Limits(),
    )


def _new_overlaps(then: Sequence[Overlap], now: Sequence[Overlap]) -> tuple[Overlap, ...]:
    """Return the passages that say the same only since the change."""
    known = {(one.first.path, one.second.path) for one in then}
    return tuple(one for one in now if (one.first.path, one.second.path) not in known)
