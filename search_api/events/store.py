"""What a log of questions is: its region, and whether it holds a demonstration.

A log belongs to the region whose rules its questions are under. A log of demo data never
takes real events for its own, nor the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from indexer.errors import SopError
from search_api.events.database import connected_for_reading
from search_api.events.tables import STORE

_REGION, _DEMO, _REWRITE = "region", "demo", "rewrite"


class RegionError(SopError):
    """Questions would leave the region that their log belongs to."""


@dataclass(frozen=True, slots=True)
class Store:
    """What a log says about itself.

    Attributes:
        region: the label of where it may be used; None where none was set.
        is_demo: whether everything in it was made up.
        is_rewrite_due: whether something was erased whose bytes may still be in its files.
    """

    region: str | None = None
    is_demo: bool = False
    is_rewrite_due: bool = False


def read_store(url: str) -> Store:
    """Return what a log says about itself.

    Raises:
        EventStoreError: the database cannot be reached or read.
        SettingsError: see `open_engine`.
    """
    with connected_for_reading(url) as connection:
        return store_of(connection)


def store_of(connection: sa.Connection) -> Store:
    """Return what the log of an open connection says about itself."""
    if not sa.inspect(connection).has_table(STORE.name):
        return Store()
    rows = connection.execute(sa.select(STORE.c.key, STORE.c.value))
    said = {row.key: row.value for row in rows}
    return Store(region=said.get(_REGION), is_demo=_DEMO in said, is_rewrite_due=_REWRITE in said)


def label_region(connection: sa.Connection, region: str | None) -> None:
    """Give a log its region, once: what was labelled stays as it is."""
    if region is not None and store_of(connection).region is None:
        _say(connection, _REGION, region)


def mark_demo(connection: sa.Connection) -> None:
    """Say that everything in this log was made up."""
    if not store_of(connection).is_demo:
        _say(connection, _DEMO, "yes")


def mark_rewrite(connection: sa.Connection) -> None:
    """Say that rows are gone, and that their bytes may still be there."""
    if not store_of(connection).is_rewrite_due:
        _say(connection, _REWRITE, "due")


def unmark_rewrite(connection: sa.Connection) -> None:
    """Say that nothing is left of what was erased."""
    connection.execute(STORE.delete().where(STORE.c.key == _REWRITE))


def refuse_other_region(store: Store, target: str | None, override: str | None) -> str:
    """Return what the audit shall say about where questions go.

    Args:
        store: the log that they leave.
        target: the region that they go to.
        override: why they may go to another one all the same; None where nobody said.

    Raises:
        RegionError: they would leave their region, and nobody gave a reason.
    """
    if store.region in (None, target):
        return f" in {target}" if target else ""
    if not override or not override.strip():
        raise RegionError(
            f"the log belongs to the region {store.region}, and this goes to "
            f"{target or 'one without a name (set region in sop.toml)'}; whoever may decide "
            'that says why: --override "reason", and it is recorded'
        )
    return f" from {store.region} to {target or 'no named region'}: {' '.join(override.split())}"


def _say(connection: sa.Connection, key: str, value: str) -> None:
    try:
        with connection.begin_nested():
            connection.execute(STORE.insert().values(key=key, value=value))
    except IntegrityError:
        # Another process said it at the same moment.
        return
