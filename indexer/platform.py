"""The names that articles may use: `platform.yml` beside them, which need not be there.

Takes the folder of the articles; gives names, or the error of the file that cannot be
read. Only what is compared is read: a kind that a file does not list is not compared, and
other keys are the writers' own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import ArticleError
from indexer.safe_yaml import Mapping, read_mapping

PLATFORM = "platform.yml"

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Platform:
    """What `platform.yml` lists; None for a kind that it does not list.

    Attributes:
        tools: for `platforms` and `depends_on`.
        tags: for `tags`.
        channels: for `escalation.channel`.
        error_codes: for the text.
        placeholders: for snippets.
        ids: what ids of things look like, so that none is taken for personal data.
    """

    tools: Names | None = None
    tags: Names | None = None
    channels: Names | None = None
    error_codes: Names | None = None
    placeholders: Names | None = None
    ids: tuple[re.Pattern[str], ...] = ()


def read_platform(folder: Path) -> Platform:
    """Return the names of a folder's platform; none of any kind where there is no file.

    Raises:
        ArticleError: the file is not YAML, or one of the lists is none.
    """
    stated = read_mapping(folder, PLATFORM, "tools: {Mail: {}}")
    return Platform(
        tools=_names(stated, "tools"),
        tags=_names(stated, "tags"),
        channels=_names(stated, "channels"),
        error_codes=_names(stated, "error_codes"),
        placeholders=_names(stated, "placeholders"),
        ids=_patterns(stated, "ids"),
    )


def _names(stated: Mapping | None, kind: str) -> Names | None:
    """Return the names of one kind: the keys of a mapping, or the entries of a list."""
    if stated is None or kind not in stated.values:
        return None
    values = stated.values[kind]
    if not isinstance(values, (dict, list)) or not all(isinstance(name, str) for name in values):
        reason = "must be a mapping or a list of names; put quotes around numbers"
        raise ArticleError(PLATFORM, stated.lines[kind], reason, field=kind)
    return frozenset(values)


def _patterns(stated: Mapping | None, kind: str) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of one kind, each for a whole word."""
    patterns = stated.values.get(kind) if stated else None
    if stated is None or patterns is None:
        return ()
    if not isinstance(patterns, dict):
        raise ArticleError(PLATFORM, stated.lines[kind], "must be a mapping of patterns", kind)
    try:
        return tuple(re.compile(rf"(?<![\w-])(?:{one})(?![\w-])") for one in patterns.values())
    except re.error as error:
        reason = f"a pattern is no regular expression: {error}"
        raise ArticleError(PLATFORM, stated.lines[kind], reason, field=kind) from error
