"""`sop compare`: show what a change does to the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from indexer.commands.options import ArticlesFolder, Model
from indexer.commands.terminal import ProgressBar


def compare(
    base: Annotated[str, typer.Argument(help="Branch or commit that the change will join.")],
    head: Annotated[
        str | None, typer.Argument(help="Branch or commit of the change [default: your files]")
    ] = None,
    sop: ArticlesFolder = Path("sop"),
    model: Model = "default",
    questions: Annotated[
        Path | None,
        typer.Option(help="Questions that people asked: one a line, or JSON with text and count."),
    ] = None,
    max_lost: Annotated[
        float,
        typer.Option(min=0, max=100, help="Percent of questions that may lose theirs."),
    ] = 0.5,
    max_unanswered: Annotated[
        float, typer.Option(min=0, max=100, help="Percent that may no longer be answered.")
    ] = 1.0,
    output: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="markdown is made for a comment on a pull request."),
    ] = "text",
    out: Annotated[Path | None, typer.Option(help="Write to this file too.")] = None,
) -> None:
    """Show what a change to the articles does to the answers that people get.

    Both sides are indexed in memory and asked every question of every article, each without
    its own vector. The base is the commit where the change left it. The exit code is 1 when
    too many questions lose their article or are no longer answered.

    For example:

        sop compare origin/main

        sop compare origin/main --questions asked.jsonl --format markdown --out comment.md

        sop compare v1.2 v1.3 --format json
    """
    from indexer.compare.compare import compare as compare_sides
    from indexer.compare.comparison import Limits
    from indexer.compare.report import formatted
    from indexer.embedding import compiled_models

    with ProgressBar() as progress:
        found = compare_sides(
            sop,
            base,
            head,
            compiled_models(model, progress.say),
            questions,
            Limits(lost=max_lost, unanswered=max_unanswered),
            progress,
            progress.ask,
        )
    told = formatted(found, output)
    if out is not None:
        out.write_text(told + "\n", encoding="utf-8")
    print(told)
    if found.reasons:
        raise typer.Exit(1)
