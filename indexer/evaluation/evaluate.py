"""From a folder of labelled questions to its results: read, index, ask, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.build import build_snapshot, index_articles
from indexer.evaluation.dataset import (
    CORPUS,
    Dataset,
    DatasetError,
    contested,
    missing_articles,
    read_dataset,
)
from indexer.evaluation.result import SetResult, judge
from indexer.evaluation.run import ask
from indexer.model_files import DEFAULT_MODEL
from indexer.progress import Progress
from indexer.snapshot import Snapshot

# Told a dataset's name and the number of questions; what it returns is called after each.
Asking = Callable[[str, int], Callable[[int], None]]
_SHOWN_IDS = 5


@dataclass(frozen=True, slots=True)
class Choices:
    """What to measure, and how.

    Attributes:
        sop: folder of articles for datasets without a corpus of their own; None for none.
        index: folder of snapshots to ask instead of building one; None to build.
        model: see `export_encoder`.
        language: ask only the questions in this language; None for all.
        is_redacted: whether questions are redacted, as the service does.
    """

    sop: Path | None = None
    index: Path | None = None
    model: str = DEFAULT_MODEL
    language: str | None = None
    is_redacted: bool = True


def evaluate_dataset(
    folder: Path, choices: Choices, progress: Progress, asking: Asking | None = None
) -> SetResult:
    """Return the results of one dataset.

    Without `choices.index` the articles are indexed into a temporary folder; vectors that
    this machine knows are used again.

    Args:
        folder: in the layout of `indexer.evaluation.dataset`.
        choices: what to measure.
        progress: is told what the build does.
        asking: is told how the asking goes.

    Raises:
        DatasetError: the dataset cannot be used.
        SopError: articles, model or snapshot cannot be used.
    """
    dataset = _in_language(read_dataset(folder), choices.language)
    with TemporaryDirectory(prefix="sop-eval-") as scratch:
        index = choices.index
        if index is None:
            index = Path(scratch)
            progress.say(f"{dataset.name}: indexing")
            if dataset.articles is not None:
                index_articles(dataset.articles, index, choices.model, progress=progress)
            elif choices.sop is not None:
                build_snapshot(choices.sop, index, choices.model, progress=progress)
            else:
                raise DatasetError(f"{folder}: there is no {CORPUS}; name the articles with --sop")
        snapshot = Snapshot.open(index)
        return evaluate_snapshot(dataset, snapshot, choices.is_redacted, asking)


def evaluate_snapshot(
    dataset: Dataset,
    snapshot: Snapshot,
    is_redacted: bool = True,
    asking: Asking | None = None,
) -> SetResult:
    """Return what an open snapshot makes of a dataset's questions; see `evaluate_dataset`."""
    total = len(dataset.questions) + len(dataset.unanswerable)
    step = asking(dataset.name, total) if asking else None
    today = datetime.now(UTC).date()
    asked = ask(snapshot, dataset.questions, today, is_redacted, step)
    refusable = ask(snapshot, dataset.unanswerable, today, is_redacted, step)
    doubted = [one.id for one in contested(dataset.unanswerable, snapshot_names(snapshot))]
    missing = missing_articles(dataset, set(snapshot.article_rows))
    notes = (
        *_note("relevant articles that are not in the index, counted as not found", missing),
        *_note("unanswerable questions that an article has as its title or question", doubted),
    )
    return judge(dataset, len(snapshot.articles), asked, refusable, doubted, notes)


def snapshot_names(snapshot: Snapshot) -> Iterator[str]:
    """Yield what articles call themselves and are asked: their titles and questions."""
    for article in snapshot.articles:
        yield article.title
        yield from article.front_matter.questions


def _in_language(dataset: Dataset, language: str | None) -> Dataset:
    if language is None:
        return dataset
    questions = tuple(one for one in dataset.questions if one.language == language)
    if not questions:
        known = sorted({one.language for one in dataset.questions if one.language})
        found = f"there are: {', '.join(known)}" if known else 'no question has a "lang"'
        raise DatasetError(f"{dataset.name}: no question is in {language}; {found}")
    unanswerable = tuple(one for one in dataset.unanswerable if one.language == language)
    return replace(dataset, questions=questions, unanswerable=unanswerable)


def _note(what: str, ids: Sequence[str]) -> tuple[str, ...]:
    if not ids:
        return ()
    names = ", ".join(ids[:_SHOWN_IDS]) + (", …" if len(ids) > _SHOWN_IDS else "")
    return (f"{what}: {len(ids)} ({names})",)
