"""What an operator can set, from `sop.toml` and `SOPKB_…` variables; the variable wins.

One typed object, validated once. A name that does not exist is an error that names the
nearest one that does.
"""

from __future__ import annotations

import os
import tomllib
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import SopError

PREFIX = "SOPKB_"
SETTINGS_FILE = Path("sop.toml")


class SettingsError(SopError):
    """A setting does not exist or has a value that is not allowed."""


class Settings(BaseModel):
    """Everything that can be set; each description is also its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sop: Path = Field(Path("sop"), description="Folder of the articles.")
    index: Path = Field(Path("var/index"), description="Folder of snapshots.")
    site: Path | None = Field(
        None, description="Built site to serve instead of the one that the snapshot carries."
    )
    site_prefix: str | None = Field(
        None,
        description="Where the articles' pages are below the site's root; by default the name "
        "of the articles' folder.",
    )
    model: str = Field(
        "default",
        description="Embedding model: `default`, `multilingual`, a folder, or a name on a hub.",
    )
    article_encoder: Literal["compiled", "reference"] = Field(
        "compiled",
        description="What embeds articles: the compiled encoder, or the original model (slower).",
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on; others than loopback need keys."
    )
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="Port to listen on.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address that people reach the site at; makes links in answers absolute.",
    )
    events_url: str = Field(
        "sqlite:///var/events.db", description="Database of questions and feedback."
    )
    keys_file: Path = Field(Path("var/keys.json"), description="File of API keys, only hashes.")
    actor_key_file: Path = Field(
        Path("var/actor.key"), description="Secret that turns people's ids into hashes; made once."
    )
    audiences: tuple[str, ...] = Field(
        ("internal",), description="What callers without a key may see, on loopback only."
    )
    proxy_addresses: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks whose requests may name a signed-in person in a header."
    )
    proxy_user_header: str = Field(
        "X-Forwarded-User", description="Header in which a trusted proxy names the person."
    )
    proxy_audience_header: str = Field(
        "X-Forwarded-Groups",
        description="Header in which a trusted proxy lists the person's audiences, with commas.",
    )
    operator_audiences: tuple[str, ...] = Field(
        (),
        description="Audiences whose people, behind a proxy, see malfunctions and pin notices.",
    )
    requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        600, description="Requests that one key may make in a minute."
    )
    encoder_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="Questions that are worked on at the same time."
    )
    queue_limit: Annotated[int, Field(ge=0)] = Field(
        64, description="Questions that may wait; one more is answered with 503."
    )
    event_queue_limit: Annotated[int, Field(ge=1)] = Field(
        2000,
        description="Log entries that may wait for the database; more are dropped and counted.",
    )
    region: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,29}$")] | None = Field(
        None,
        description="Label of the region whose rules the log's questions are under, such as `eu`; "
        "a new log gets it, and none of its questions leave it without a reason that is recorded.",
    )
    learn: bool = Field(
        default=False,
        description="Whether `sop learn` may write questions of the log into git, where nothing "
        "can be erased.",
    )
    watch_malfunctions: bool = Field(
        default=True,
        description="Whether the service looks for malfunctions in the log, every 15 seconds.",
    )
    reload_s: Annotated[float, Field(gt=0)] = Field(
        1.0, description="Seconds between looks for a newly published snapshot."
    )


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
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(f"{sources[name]}: {name}: {first['msg']}") from error


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
    if field is not None and "tuple" in str(field.annotation):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _unknown(name: str, source: str) -> str:
    known = list(Settings.model_fields)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    shown = (PREFIX + near[0].upper() if source.startswith(PREFIX) else near[0]) if near else ""
    hint = f"did you mean {shown}?" if near else f"there are: {', '.join(known)}"
    return f"{source}: no setting is named {name}; {hint}"
