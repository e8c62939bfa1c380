"""`sop check`: hold the articles against the writers' rules."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from indexer.commands.options import ArticlesFolder
from indexer.commands.terminal import ProgressBar, complaints
from indexer.errors import ArticleError, ModelError, SopError

if TYPE_CHECKING:
    from indexer.checks.folder import Folder

# Where whoever mounts this command puts a function that gives the rejections in its log,
# and a sentence for each thing that it could not look at.
REJECTIONS = "sop.rejections"


def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders [default: the articles' folder]")
    ] = None,
    sop: ArticlesFolder = Path("sop"),
    changed: Annotated[
        str | None,
        typer.Option(
            metavar="BASE", help="Only what this branch changes or breaks, compared with BASE."
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="First mend what can be mended without asking.")
    ] = False,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Leave out what needs the encoder: own questions, overlaps."),
    ] = False,
    model: Annotated[
        str, typer.Option(help="Embedding model that asks own questions; see sop build.")
    ] = "default",
    output: Annotated[
        Literal["text", "json", "github", "gitlab"] | None,
        typer.Option("--format", help="[default: text; in a CI job, what GitHub or GitLab shows]"),
    ] = None,
) -> None:
    """Check the articles with the writers' rules; nothing is published.

    Every finding is one line, `path:line: rule: message`, so that an editor can jump to it.
    The exit code is 1 when there is an error; warnings and accepted findings do not count.

    For example:

        sop check

        sop check sop/access --format json

        sop check --changed origin/main

        sop check --changed origin/main --fix

        sop check --fast
    """
    from indexer.checks.fixes import mend
    from indexer.checks.formats import chosen_format, formatted, step_summary, totals
    from indexer.checks.run import check_folder

    told = mend(sop, paths or [], changed) if fix else []
    read = context.meta.get(REJECTIONS)
    rejections, notes = read() if read is not None else ((), ())
    with ProgressBar() as progress:
        measure = None if fast else _measure(sop, model, progress)
        report = check_folder(sop, paths or [], changed, measure=measure, rejections=rejections)
    if text := formatted(report.findings, output or chosen_format(os.environ)):
        print(text)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(step_summary(report.findings))
    notes = (*report.notes, *notes)
    for line in (*(f"mended: {one}" for one in told), *(f"note: {one}" for one in notes)):
        complaints.print(line, markup=False)
    complaints.print(totals(report.findings))
    if report.count("error"):
        raise typer.Exit(1)


def _measure(sop: Path, model: str, progress: ProgressBar) -> Callable[[Folder], Folder]:
    """Return what adds to a folder what only an index can tell."""

    def run(folder: Folder) -> Folder:
        from indexer.checks.measure import measured
        from indexer.embedding import compiled_models
        from indexer.vocabulary import read_synonyms

        try:
            models = compiled_models(model, progress.say)
        except ModelError as error:
            raise SopError(f"{error}; or check without the encoder: sop check --fast") from error
        try:
            synonyms = read_synonyms(sop)
        except ArticleError:  # the rule `readable` says what is wrong with it
            synonyms = {}
        return measured(folder, models, synonyms, progress)

    return run
