"""The teams of `teams.yml`: who owns articles, who takes an escalation, and when.

Takes the folder of the articles; gives the teams, or the error of the file that cannot be
used. A folder need not have the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from indexer.errors import ArticleError
from indexer.safe_yaml import read_mapping

TEAMS = "teams.yml"
_EXAMPLE = "support: {name: Support}"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = rf"^(24x7|{_TIME}-{_TIME})$"
# What GitHub and GitLab take as an owner: a person, a team or group, or somebody's address.
_REVIEWER = re.compile(r"@\w[\w.-]*(/[\w.-]+)*|[^\s@#]+@[\w.-]+\.\w+", re.ASCII)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{name} is no time zone; it is like Europe/Dublin or Etc/UTC") from error
    return name


def _known_reviewer(name: str) -> str:
    if not _REVIEWER.fullmatch(name):
        raise ValueError(f'{name!r} is no reviewer; one is like "@name" or "@org/access-team"')
    return name


class Team(BaseModel):
    """One team.

    Attributes:
        name: as people call it.
        channel: where it is asked.
        on_call: the address that pages it at any hour.
        time_zone: in which its hours are meant.
        hours: `09:00-18:00` from Monday to Friday, or `24x7`.
        backup: key of the team that answers outside these hours.
        reviewers: who reviews its articles, as GitHub or GitLab names them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    channel: str | None = None
    on_call: Annotated[str, StringConstraints(pattern=r"^https?://")] | None = None
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Etc/UTC"
    hours: Annotated[str, StringConstraints(pattern=_HOURS)] = "24x7"
    backup: str | None = None
    reviewers: tuple[Annotated[str, AfterValidator(_known_reviewer)], ...] = ()


def read_teams(folder: Path) -> Mapping[str, Team] | None:
    """Return the teams by their keys, in the file's order, or None where there is no file.

    Raises:
        ArticleError: the file is not YAML, or a team in it stands twice or has a wrong field.
    """
    stated = read_mapping(folder, TEAMS, _EXAMPLE)
    if stated is None:
        return None
    for key in stated.repeated:
        raise ArticleError(TEAMS, stated.lines[key], "stands twice; keep one", field=key)
    teams = {key: _team(key, value, stated.lines[key]) for key, value in stated.values.items()}
    for key, team in teams.items():
        if team.backup is not None and team.backup not in teams:
            reason = f"backup {team.backup} is no team of this file"
            raise ArticleError(TEAMS, stated.lines[key], reason, field=key)
    return teams


def _team(key: str, value: object, line: int) -> Team:
    try:
        return Team.model_validate(value)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join([key, *(str(part) for part in fault["loc"])])
        message = fault["msg"].removeprefix("Value error, ")
        raise ArticleError(TEAMS, line, message, field=field) from error
