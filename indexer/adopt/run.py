"""Adopts a folder of Markdown: reads everything, decides where it goes, then writes.

Nothing that exists is overwritten, nothing is adopted twice, and what cannot be adopted is
named and left where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path

from indexer.adopt.derive import refused_tags
from indexer.adopt.links import moved_anchors, rewrite
from indexer.adopt.places import Place, choose_places
from indexer.adopt.reading import Names, Progress, Reading, read_folder
from indexer.adopt.report import Adopted, AdoptReport, Copied, Todo
from indexer.adopt.targets import Targets
from indexer.adopt.todo import shared_titles, todo_of
from indexer.adopt.write import compose
from indexer.article import SUFFIXES, readable_name
from indexer.checks.draft import chosen_owner
from indexer.checks.identity import NAME
from indexer.checks.ids import FreeIds
from indexer.errors import CorpusError, SopError
from indexer.platform import Platform, read_platform
from indexer.safe_yaml import scalar
from indexer.teams import TEAMS, read_teams

# Under these, front matter of other sites states where a page is, or was.
_ADDRESS_KEYS = ("path", "permalink", "url", "aliases", "redirect_from")
_CHANGED = (
    "{} has changed since it was adopted; bring the change over, "
    "or rename its folder where it is another file"
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who adopts decides.

    Attributes:
        sop: the articles' folder; it need not exist yet.
        area: of all files; None for one by sub-folder.
        owner: a team's key; None for the first one.
        is_rehearsal: write nothing.
    """

    sop: Path
    area: str | None = None
    owner: str | None = None
    is_rehearsal: bool = False


def adopt_folder(
    folder: Path, choices: Choices, progress: Progress, today: date | None = None
) -> AdoptReport:
    """Bring a folder of Markdown into the articles' folder, and say what is left to do.

    Args:
        folder: holds the Markdown; it is only read.
        choices: where to, and whose.
        progress: told how many files there are; gives what is told of each.
        today: None for today in UTC.

    Raises:
        SopError: the folder, the area or the owner cannot be used, or a file cannot be written.
    """
    sop = choices.sop
    _refuse_unusable(folder, choices)
    names = _names(choices, today or datetime.now(UTC).date())
    reading = read_folder(folder, sop, names, progress)
    if not (reading.found or reading.before or reading.refused):
        raise CorpusError(f"{folder} holds no Markdown file to adopt ({', '.join(SUFFIXES)})")
    taken = {path.relative_to(sop).as_posix().casefold() for path in sop.rglob("*")}
    places = choose_places(list(reading.found), folder.resolve().name, choices.area, taken)
    targets = _targets(folder, sop, reading, places, taken)

    ids = FreeIds(sop)
    adopted: list[Adopted] = []
    todo: list[Todo] = []
    files: dict[str, bytes] = {}
    advance = progress("adopting", len(reading.found))
    for path, found in reading.found.items():
        advance(1)
        place = places[path]
        values = {"id": ids.next_id(place.area), **found.values}
        links = rewrite(found.titled.body, partial(targets.moved, path))
        files[place.path] = compose(found.original, found.source, values, found.titled, links.body)
        shown = (sop / place.path).as_posix()
        adopted.append(Adopted(path, shown, values["id"], values["title"]))
        unknown = refused_tags(found.original.stated, names.platform)
        lost = [*targets.lost.get(path, ()), *links.left]
        is_named = values.get("owner") != names.owner or choices.owner is not None
        todo += todo_of(shown, values, links.body, unknown, lost, is_named)
    todo += shared_titles(adopted)
    for path in reading.changed:
        todo.append(Todo((sop / reading.before[path]).as_posix(), "body", _CHANGED.format(path)))
    written = _first_team(choices, files)
    if not choices.is_rehearsal:
        _write(folder, sop, targets.copies, {**written, **files})
    todo += [
        Todo((sop / name).as_posix(), "channel", "add where the team is asked") for name in written
    ]
    return AdoptReport(
        is_rehearsal=choices.is_rehearsal,
        adopted=tuple(adopted),
        before=_copied(reading.before, sop),
        copied=_copied(targets.copies, sop),
        written=tuple((sop / name).as_posix() for name in written),
        todo=tuple(sorted(todo, key=lambda one: one.path)),
        refused=tuple(sorted(reading.refused, key=lambda one: (one.path, one.line))),
        notes=tuple(reading.notes),
    )


def _refuse_unusable(folder: Path, choices: Choices) -> None:
    """Raise for a folder that cannot be adopted, and for one that cannot take it."""
    sop = choices.sop
    if not folder.is_dir():
        raise CorpusError(f"{folder} is no folder; name the one that holds your Markdown files")
    if folder.resolve().is_relative_to(sop.resolve()):
        raise SopError(f"{folder} lies in {sop}, where the articles are; name another folder")
    if sop.exists() and not sop.is_dir():
        raise SopError(f"{sop} is a file; name a folder with --sop")
    if choices.area is not None and not NAME.fullmatch(choices.area):
        raise SopError(f"{choices.area!r} is no area: lower case words with hyphens")


def _names(choices: Choices, today: date) -> Names:
    """Return what `teams.yml` and `platform.yml` say; neither need be there."""
    teams = read_teams(choices.sop) or {}
    platform = read_platform(choices.sop) if choices.sop.is_dir() else Platform()
    is_known = bool(teams) or choices.owner is not None
    owner = chosen_owner(choices.sop / TEAMS, teams, choices.owner) if is_known else None
    return Names(owner, teams, platform, today)


def _targets(
    folder: Path, sop: Path, reading: Reading, places: Mapping[str, Place], taken: set[str]
) -> Targets:
    """Return what leads links to where files go, those of earlier runs too."""
    new = {path: place.path for path, place in places.items()}

    @cache
    def anchors(path: str) -> Mapping[str, str]:
        found = reading.found.get(path)
        return moved_anchors(found.original.body, found.titled.body) if found else {}

    used = taken | {path.casefold() for path in new.values()}
    return Targets(folder, sop, {**reading.before, **new}, _addresses(reading), anchors, used)


def _addresses(reading: Reading) -> dict[str, str]:
    """Return the files by the addresses that they had, as far as they say so."""
    found: dict[str, str] = {}
    for path, one in reading.found.items():
        for key in _ADDRESS_KEYS:
            stated = one.original.stated.get(key)
            for address in stated if isinstance(stated, list) else [stated]:
                if isinstance(address, str) and address.strip("/"):
                    found.setdefault(address.strip("/"), path)
    return found


def _first_team(choices: Choices, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a `teams.yml` with the owner that was named, where there is none.

    Without it a later `sop new` would not know whose its draft is, and a slip in an owner's
    name would be found by nobody.
    """
    if choices.owner is None or not files or (choices.sop / TEAMS).exists():
        return {}
    name = scalar(readable_name(choices.owner))
    return {TEAMS: f"{scalar(choices.owner)}:\n  name: {name}\n".encode()}


def _write(folder: Path, sop: Path, copies: Mapping[str, str], files: Mapping[str, bytes]) -> None:
    """Write what is new. Pictures come first: a run that breaks off is finished by the next."""
    for path, to in copies.items():
        # One that an earlier run copied is the same file.
        if not (sop / to).exists():
            _write_new(sop / to, (folder / path).read_bytes())
    for to, content in files.items():
        _write_new(sop / to, content)


def _write_new(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise SopError(
            f"{path} cannot be written: {error.strerror}; mend that and run it again, "
            "what is written already is not adopted twice"
        ) from error


def _copied(paths: Mapping[str, str], sop: Path) -> tuple[Copied, ...]:
    return tuple(Copied(path, (sop / to).as_posix()) for path, to in paths.items())
