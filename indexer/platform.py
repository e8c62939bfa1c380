"""The names that articles may use: `platform.yml` and `teams.yml` beside them, both optional.

Takes the folder of the articles; gives names, or the error of the file that cannot be
read. Only what is compared is read: a kind that a file does not list is not compared, and
other keys are the writers' own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.errors import ArticleError
from indexer.safe_yaml import Mapping, load_mapping

PLATFORM = "platform.yml"
TEAMS = "teams.yml"
MAX_NAMES_BYTES = 128 * 1024

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Platform:
    """What `platform.yml` lists; None for a kind that it does not list.

    Attributes:
        tools: for `platforms` and `depends_on`.
        tags: for `tags`.
        channels: for `escalation.channel`.
        error_codes: for the text.
    """

    tools: Names | None = None
    tags: Names | None = None
    channels: Names | None = None
    error_codes: Names | None = None


def read_platform(folder: Path) -> Platform:
    """Return the names of a folder's platform; none of any kind where there is no file.

    Raises:
        ArticleError: the file is not YAML, or one of the lists is none.
    """
    stated = _read(folder, PLATFORM, "tools: {Mail: {}}")
    return Platform(
        tools=_names(stated, "tools"),
        tags=_names(stated, "tags"),
        channels=_names(stated, "channels"),
        error_codes=_names(stated, "error_codes"),
    )


def read_teams(folder: Path) -> Names | None:
    """Return the keys of the teams, or None where there is no file.

    Raises:
        ArticleError: the file is not YAML, or no mapping.
    """
    stated = _read(folder, TEAMS, "support: {name: Support}")
    return None if stated is None else frozenset(stated.values)


def _read(folder: Path, name: str, example: str) -> Mapping | None:
    """Return what a file holds, or None where there is none."""
    path = folder / name
    if not path.is_file():
        return None
    try:
        mapping = load_mapping(path.read_text(encoding="utf-8"), name, max_bytes=MAX_NAMES_BYTES)
    except UnicodeDecodeError as error:
        raise ArticleError(name, 1, "is not UTF-8 text") from error
    except OSError as error:
        raise ArticleError(name, 1, f"cannot be read: {error.strerror}") from error
    if mapping is None:
        raise ArticleError(name, 1, f"must be lines such as: {example}")
    return mapping


def _names(stated: Mapping | None, kind: str) -> Names | None:
    """Return the names of one kind: the keys of a mapping, or the entries of a list."""
    if stated is None or kind not in stated.values:
        return None
    values = stated.values[kind]
    if not isinstance(values, (dict, list)) or not all(isinstance(name, str) for name in values):
        reason = "must be a mapping or a list of names; put quotes around numbers"
        raise ArticleError(PLATFORM, stated.lines[kind], reason, field=kind)
    return frozenset(values)
