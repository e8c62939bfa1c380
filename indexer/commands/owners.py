"""`sop owners`: write CODEOWNERS."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from indexer.commands.options import ArticlesFolder
from indexer.commands.terminal import complaints
from indexer.errors import SopError


def owners(
    sop: ArticlesFolder = Path("sop"),
    forge: Annotated[
        Literal["github", "gitlab"] | None,
        typer.Option("--format", help="[default: what is there already, else github]"),
    ] = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 when a file is stale.")
    ] = False,
) -> None:
    """Write CODEOWNERS, so that an article's team is asked to review it; prints its path.

    Reviewers stand in teams.yml. Lines of your own, above the generated ones, are kept.

    For example:

        sop owners

        sop owners --format gitlab

        sop owners --check
    """
    from indexer.files import replace_file
    from indexer.owners import owners_files

    files, notes = owners_files(sop, forge)
    for note in notes:
        complaints.print(f"note: {note}", markup=False)
    if only_check:
        stale = [file for file in files if not file.is_current]
        for file in stale:
            told = f"{file.name}:1: stale (run: sop owners --format {file.forge})"
            complaints.print(told, markup=False)
        raise typer.Exit(1 if stale else 0)
    if not files:
        example = 'reviewers: ["@org/access-team"]'
        raise SopError(f"{sop / 'teams.yml'}: no team that owns an article has {example}")
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file.path, file.text.encode())
        print(file.name)
