"""Reads the settings, from `sop.toml` and `SOPKB_…` variables; the variable wins.

A name that does not exist is an error that names the nearest one that does.
"""

from __future__ import annotations

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from search_api.events.place import sqlite_path
from search_api.settings import PREFIX, Settings, SettingsError

SETTINGS_FILE = Path("sop.toml")


def load_settings(
    file: Path = SETTINGS_FILE, environment: dict[str, str] | None = None
) -> Settings:
    """Return the settings of a file and the environment.

    Args:
        file: a TOML file; it need not exist.
        environment: variables to read, by default the process's own.

    Raises:
        SettingsError: the file is no TOML, a name does not exist, or a value is wrong.
    """
    variables = dict(os.environ) if environment is None else environment
    values = _from_file(file)
    sources = dict.fromkeys(values, str(file))
    for variable, text in variables.items():
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower()
            values[name] = _parsed(name, text)
            sources[name] = variable
    for name in values:
        if name not in Settings.model_fields:
            raise SettingsError(_unknown(name, sources[name]))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        place = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{sources[name]}: {place}: {message}") from error
    _refuse_mixed_folder(settings)
    return settings


def _refuse_mixed_folder(settings: Settings) -> None:
    """Keep reports apart from what must not be lost: erasing deletes files of their folder.

    Raises:
        SettingsError: the folder of reports holds something else that settings name.
    """
    folder = settings.reports_folder.resolve()
    for name, path in (
        ("events_url", sqlite_path(settings.events_url)),
        ("backups_folder", settings.backups_folder),
        ("keys_file", settings.keys_file),
        ("actor_key_file", settings.actor_key_file),
        ("sop", settings.sop),
        ("index", settings.index),
    ):
        if path is not None and path.resolve().is_relative_to(folder):
            raise SettingsError(
                f"reports_folder: {settings.reports_folder} holds {path} ({name}) too; name a "
                "folder that is for reports alone, such as var/reports"
            )


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


def _parsed(name: str, text: str) -> object:
    """Return a variable's value; a list is written with commas."""
    field = Settings.model_fields.get(name)
    if field is not None and str(field.annotation).startswith("tuple"):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _unknown(name: str, source: str) -> str:
    known = list(Settings.model_fields)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    shown = (PREFIX + near[0].upper() if source.startswith(PREFIX) else near[0]) if near else ""
    hint = f"did you mean {shown}?" if near else f"there are: {', '.join(known)}"
    return f"{source}: no setting is named {name}; {hint}"
