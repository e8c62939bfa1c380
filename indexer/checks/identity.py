"""Rules about what an article is known by: its id, its file and its area."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from indexer.article import readable_name, without_suffix
from indexer.checks.finding import Fault
from indexer.checks.folder import Folder

NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_NEW_ID = "sop check --fix gives the newer file the next free id"


def unique_ids(folder: Folder) -> Iterator[Fault]:
    """An id belongs to one article, here and on the branch that this one will join."""
    for article_id, group in folder.claimants.items():
        for source in group if len(group) > 1 else ():
            others = ", ".join(other.path for other in group if other is not source)
            message = f"{article_id} is also the id of {others}"
            yield source.fault(source.line_of("id"), message, _NEW_ID)
        other = taken_elsewhere(folder, article_id)
        if other and len(group) == 1 and folder.change:
            message = f"{article_id} was taken on {folder.change.base} by {other}"
            yield group[0].fault(group[0].line_of("id"), message, _NEW_ID)


def reused_ids(folder: Folder) -> Iterator[Fault]:
    """An id that an article once had is never given to another one."""
    for article_id, group in folder.claimants.items():
        before = folder.retired.get(article_id)
        for source in group:
            if before and before != source.path:
                message = f"{article_id} was the id of {before} before"
                yield source.fault(source.line_of("id"), message, _NEW_ID)


def file_name(folder: Folder) -> Iterator[Fault]:
    """An article is `AREA/SLUG.md`, in lower case words with hyphens."""
    for source in folder.sources:
        path = PurePosixPath(folder.below(source.path))
        if not source.is_article:
            continue
        slug = without_suffix(path.name)
        if path.suffix != ".md" or not NAME.fullmatch(slug):
            words = "-".join(re.findall(r"[a-z0-9]+", readable_name(path.name).lower()))
            moved = f"git mv it to {words or 'a-telling-name'}.md, and name the old address"
            message = f"{path.name} is not lower case words with hyphens and .md"
            yield source.fault(1, message, f"{moved} in redirect_from")
        if len(path.parts) != 2 or not NAME.fullmatch(path.parts[0]):
            is_top = len(path.parts) == 1
            where = "the file lies in no area" if is_top else f"{path.parent} is no area"
            message = f"{where}: one folder of lower case words with hyphens"
            hint = "git mv the file into an area, and name the old address in redirect_from"
            yield source.fault(1, message, hint)


def taken_elsewhere(folder: Folder, article_id: str) -> str | None:
    """Return the file that got an id on the base since this branch began, if it is not here."""
    change = folder.change
    path = change.taken.get(article_id) if change else None
    if path is None or change is None:
        return None
    merged = change.then.get(path)
    is_here = path in folder.by_path or (merged is not None and merged.id == article_id)
    return None if is_here else path


def next_free(prefix: str, used: Iterable[str]) -> str:
    """Return the id after the highest of a prefix."""
    numbers = [int(one.partition("-")[2]) for one in used if one.partition("-")[0] == prefix]
    return f"{prefix}-{max(numbers, default=0) + 1:03d}"
