"""`sop adopt`: bring a folder of Markdown in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from indexer.commands.options import ArticlesFolder
from indexer.commands.terminal import ProgressBar, complaints, print_lines


def adopt(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of Markdown files; it is only read.")
    ],
    sop: ArticlesFolder = Path("sop"),
    area: Annotated[
        str | None, typer.Option(help="Area of all files [default: the sub-folder's name]")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="A team of teams.yml [default: the first one]")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; print the same report.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Bring a folder of Markdown into the articles' folder, and list what is left to do.

    Each file gets front matter as far as it can be derived, a new id and a place; its text
    stays. Nothing is overwritten and nothing is adopted twice. Files that cannot be adopted
    are named; the exit code is then 1.

    For example:

        sop adopt ~/handbook/docs --owner support --dry-run

        sop adopt ~/handbook/docs --owner support > todo.txt
    """
    from indexer.adopt.run import Choices, adopt_folder
    from indexer.checks.finding import visible

    with ProgressBar() as progress:
        report = adopt_folder(folder, Choices(sop, area, owner, dry_run), progress.count)
    if as_json:
        print(json.dumps(report.as_json(), indent=1))
    else:
        for error in report.refused:
            complaints.print(f"left: {visible(str(error))}", markup=False)
        print_lines("note", [visible(note) for note in report.notes])
        before = [visible(f"{one.source} -> {one.path}") for one in report.before]
        print_lines("adopted before", before)
        print("\n".join(report.lines()))
    if report.refused:
        raise typer.Exit(1)
