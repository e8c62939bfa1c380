"""What an operator can set: one typed object, validated once, see `settings_file`."""

from __future__ import annotations

from datetime import time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from indexer.errors import SopError
from indexer.redaction.patterns import PatternTable
from indexer.redaction.phones import PHONE_REGIONS, PhoneRegion
from search_api.insights.shifts import FollowUpHours, Shift, ShiftPlan

PREFIX = "SOPKB_"


class SettingsError(SopError):
    """A setting does not exist or has a value that is not allowed."""


def _planned(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    ShiftPlan(shifts)
    return shifts


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
    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = Field(
        None,
        description="Days that questions and feedback are kept; the service deletes older ones "
        "every day. Without it they stay until `sop retention` or `sop erase` is run.",
    )
    backups_folder: Path = Field(
        Path("var/backups"), description="Folder of the log's backups; erasing reaches them too."
    )
    backups_kept: Annotated[int, Field(ge=1)] = Field(
        7, description="Newest backups that stay when `sop backup` makes another one."
    )
    shifts: Annotated[tuple[Shift, ...], AfterValidator(_planned)] = Field(
        (
            Shift(name="Singapore", starts=time(8), zone="Asia/Singapore"),
            Shift(name="Dublin", starts=time(8), zone="Europe/Dublin"),
            Shift(name="Los Angeles", starts=time(8), zone="America/Los_Angeles"),
        ),
        description="When each shift begins, in its own time zone; it lasts until the next one "
        "begins. A day of reports begins with the first.",
    )
    follow_up_hours: FollowUpHours = Field(
        FollowUpHours(),
        description="Hours after which a ticket in each state is looked at again.",
    )
    reports_folder: Path = Field(
        Path("var/reports"),
        description="Folder that approved reports are posted to, for them alone.",
    )
    report_webhook: (
        Annotated[str, Field(pattern=r"^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/\S*)?$")]
        | None
    ) = Field(
        None,
        description="Address on this machine that approved reports are sent to as JSON, such as "
        "a relay to the team's chat.",
    )
    post_reports_at: time | None = Field(
        None,
        description="Time of day, in the first shift's zone, at which a running service posts "
        "approved reports, handovers at once; without it only a command posts.",
    )
    learn: bool = Field(
        default=False,
        description="Whether `sop learn` may write questions of the log into git, where nothing "
        "can be erased.",
    )
    export: bool = Field(
        default=False,
        description="Whether `sop export` may write redacted questions of the log into a file.",
    )
    practice_from_log: bool = Field(
        default=False, description="Whether trainees practise with redacted questions of the log."
    )
    redact_patterns: PatternTable = Field(
        {},
        description="What else is personal: kinds, each with a regular expression or a list.",
    )
    phone_regions: tuple[PhoneRegion, ...] = Field(
        PHONE_REGIONS, description="Countries whose telephone numbers need no country code."
    )
    watch_malfunctions: bool = Field(
        default=True,
        description="Whether the service looks for malfunctions in the log, every 15 seconds.",
    )
    survey_minutes: Annotated[int, Field(ge=0)] = Field(
        60, description="Minutes between looks for gaps and wishes in four weeks; 0: never."
    )
    reload_s: Annotated[float, Field(gt=0)] = Field(
        1.0, description="Seconds between looks for a newly published snapshot."
    )
