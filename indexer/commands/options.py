"""Options that several commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ArticlesFolder = Annotated[Path, typer.Option(help="Folder of the articles.")]
Model = Annotated[
    str,
    typer.Option(help="Embedding model: default, multilingual, a folder, or a name on a hub."),
]
