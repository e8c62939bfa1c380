"""`sop new`: start an article."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from indexer.commands.options import ArticlesFolder

# Where whoever mounts this command puts a function that gives what a draft gets of a gap.
FROM_GAP = "sop.from_gap"


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Area and file name: access/reset-password")],
    article_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="how-to, troubleshooting, known-issue, process, … [default: how-to, or what fits "
            "to the gap]",
        ),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="A team of teams.yml [default: the first one]")
    ] = None,
    sop: ArticlesFolder = Path("sop"),
    from_gap: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Start from what people asked; see sop gaps. Recorded."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days to look back for the gap.")] = 28,
    who: Annotated[
        str | None, typer.Option("--as", help="Who does this [default: your user name]")
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(help="Why questions may leave the region of their log; it is recorded."),
    ] = None,
) -> None:
    """Start a new article with the next free id; prints its path.

    From a gap, the draft gets its counts and the nearest article. Where the setting learn is
    on, it also gets questions that people typed; sop check fails until each is put in other
    words.

    For example:

        sop new access/reset-password

        sop new labelling/video-player-black --type known-issue

        sop new access/lost-badge --from-gap 1a2b3c4d
    """
    from indexer.checks.draft import new_article

    start = None
    if from_gap is not None:
        read = context.meta[FROM_GAP]
        start = partial(read, sop, from_gap, days, who, override)
    print(new_article(sop, name, article_type, owner, start))
