"""Who reviews which article: the file CODEOWNERS that GitHub and GitLab read, from `teams.yml`.

Takes the folder of the articles; gives the text that each file should have, and whether it
has it. Writes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from indexer.corpus import read_corpus
from indexer.errors import SopError
from indexer.repository import Repository
from indexer.teams import TEAMS, Team, read_teams

Forge = Literal["github", "gitlab"]

# In the order in which each looks for the file; it reads the first that there is, and no other.
_PLACES: Mapping[Forge, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
_NEW: Mapping[Forge, str] = {"github": ".github/CODEOWNERS", "gitlab": ".gitlab/CODEOWNERS"}
# What stands above it is the writers' own and is kept. It comes first, so that on GitHub, where
# the last line that fits wins, an article has its own team.
_MARK = "# Written by: sop owners --format {forge} (your own lines stand above this one)\n"
_ANY_MARK = re.compile(r"(?m)^# Written by: sop owners --format (github|gitlab) ")
_SPECIAL = re.compile(r"[\\ #*?\[\]]")


@dataclass(frozen=True, slots=True)
class OwnersFile:
    """A file of owners as it should be.

    Attributes:
        path: absolute.
        name: the path below the repository's root.
        forge: who reads it.
        text: what it should hold.
        is_current: whether it holds that.
    """

    path: Path
    name: str
    forge: Forge
    text: str
    is_current: bool


def owners_files(sop: Path, forge: Forge | None = None) -> tuple[list[OwnersFile], list[str]]:
    """Return the files of owners, and what they say nothing about, one sentence each.

    Args:
        sop: folder of the articles.
        forge: whose file is wanted; None for those that are there, else GitHub's.

    Returns:
        Files; none where no team has reviewers and no file was ever written.

    Raises:
        SopError: an article or `teams.yml` cannot be read, or a name cannot be written.
    """
    corpus = read_corpus(sop)
    if corpus.errors:
        first, count = corpus.errors[0], len(corpus.errors)
        raise SopError(
            f"{sop}: {count} files cannot be read, so their owners are not known: {first}"
        )
    repository = Repository.around(sop)
    root = (repository.root if repository else sop.resolve().parent).resolve()
    here = sop.resolve().relative_to(root).as_posix()
    folder = "" if here == "." else f"{here}/"
    teams = read_teams(sop) or {}
    owners = {f"{folder}{one.path}": one.front_matter.owner for one in corpus.articles}
    lines = owner_lines(owners, folder, teams)
    texts = {one: _text(root, one) for one in _PLACES}
    used = [one for one, text in texts.items() if _mark_of(text) == one]
    if not lines and not used:
        return [], _notes(owners, teams)
    wanted = [forge] if forge else used or ["github"]
    files = [_file(root, one, texts[one], owners_text(lines, teams, one)) for one in wanted]
    return files, _notes(owners, teams)


def owner_lines(
    owners: Mapping[str, str | None], folder: str, teams: Mapping[str, Team]
) -> list[tuple[str, str]]:
    """Return patterns in path order, each with its team; no path fits two of them.

    An area whose articles all have one owner is one pattern, so that it holds for its
    pictures and its next article too. Teams without reviewers have none.

    Args:
        owners: the owner of every article, by its path below the repository's root.
        folder: of the articles, empty or with a slash behind it.
        teams: by key.

    Raises:
        SopError: a path has a character that the file cannot hold.
    """
    lines: list[tuple[str, str]] = []
    for area, paths in groupby(sorted(owners), lambda path: _area(path, folder)):
        found = list(paths)
        only = {owners[path] for path in found}
        chosen = [f"{folder}{area}/"] if area and len(only) == 1 else found
        for path in chosen:
            owner = owners[found[0] if path.endswith("/") else path]
            if owner is not None and owner in teams and teams[owner].reviewers:
                lines.append((_pattern(path), owner))
    return lines


def owners_text(lines: list[tuple[str, str]], teams: Mapping[str, Team], forge: Forge) -> str:
    """Return the generated part of the file.

    Source: "About code owners" of GitHub; "Code Owners syntax" of GitLab, where each section
    asks for an approval of its own.
    """
    told = _MARK.format(forge=forge)
    if forge == "github":
        return told + "".join(_line(pattern, teams[key]) for pattern, key in lines)
    for key, team in teams.items():
        own = [pattern for pattern, owner in lines if owner == key]
        if own:
            name = team.name.replace("[", "(").replace("]", ")")
            told += f"\n[{name}]\n" + "".join(_line(pattern, team) for pattern in own)
    return told


def _area(path: str, folder: str) -> str:
    """Return the area that a file lies in; empty right below the articles' folder."""
    area, slash, _ = path.removeprefix(folder).partition("/")
    return area if slash else ""


def _line(pattern: str, team: Team) -> str:
    return f"{pattern} {' '.join(team.reviewers)}\n"


def _pattern(path: str) -> str:
    """Return the pattern that fits a path below the root, or all below it, and nothing else."""
    if not path.isprintable():
        raise SopError(f"{path!r} has a character that CODEOWNERS cannot hold; rename it")
    return "/" + _SPECIAL.sub(lambda found: f"\\{found[0]}", path)


def _place(root: Path, forge: Forge) -> str:
    return next((name for name in _PLACES[forge] if (root / name).is_file()), _NEW[forge])


def _text(root: Path, forge: Forge) -> str:
    path = root / _place(root, forge)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SopError(f"{path} cannot be read: {error}") from error


def _mark_of(text: str) -> str | None:
    found = _ANY_MARK.search(text)
    return found[1] if found else None


def _file(root: Path, forge: Forge, before: str, generated: str) -> OwnersFile:
    found = _ANY_MARK.search(before)
    kept = (before[: found.start()] if found else before).rstrip()
    text = f"{kept}\n\n{generated}" if kept else generated
    name = _place(root, forge)
    return OwnersFile(root / name, name, forge, text, is_current=text == before)


def _notes(owners: Mapping[str, str | None], teams: Mapping[str, Team]) -> list[str]:
    """Return why some articles have no reviewers."""
    notes = []
    for key, count in Counter(owners.values()).items():
        if key is None:
            notes.append(f"{count} articles name no owner, so nobody is asked to review them")
        elif key not in teams:
            notes.append(f"{key}, owner of {count} articles, is not in {TEAMS}")
        elif not teams[key].reviewers:
            notes.append(f"{key}, owner of {count} articles, has no reviewers in {TEAMS}")
    return notes
