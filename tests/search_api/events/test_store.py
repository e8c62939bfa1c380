"""What a log says about itself: its region, and whether it is a demonstration."""

from __future__ import annotations

import pytest
from support_events import told

from search_api.events.database import open_engine
from search_api.events.log import EventLog
from search_api.events.schema import upgrade
from search_api.events.store import (
    RegionError,
    Store,
    mark_demo,
    read_store,
    refuse_other_region,
)


def test_new_log_gets_the_region_of_its_service(events_url):
    """The first event labels it; a service of another region does not change that."""
    for region in ("eu", "us"):
        log = EventLog(events_url, 10, region)
        log.start()
        log.record_feedback(told())
        log.close()
    assert read_store(events_url) == Store(region="eu", is_demo=False)


def test_log_without_a_region_has_none(log, events_url):
    """Where nobody set a region, nothing is refused."""
    log.record_feedback(told())
    assert read_store(events_url) == Store(region=None, is_demo=False)
    assert refuse_other_region(Store(), "us", None) == " in us"


def test_demo_log_says_so(events_url):
    """A marked log stays marked, however often it is marked."""
    engine = open_engine(events_url)
    upgrade(engine)
    for _time in range(2):
        with engine.begin() as connection:
            mark_demo(connection)
    engine.dispose()
    assert read_store(events_url).is_demo


def test_other_region_is_refused_without_a_reason():
    """Questions of one region go to another one only with a reason, which is told on."""
    store = Store(region="eu")
    assert refuse_other_region(store, "eu", None) == " in eu"
    for target, blank in (("us", None), (None, None), ("us", "  ")):
        with pytest.raises(RegionError, match=r'belongs to the region eu.*--override "reason"'):
            refuse_other_region(store, target, blank)
    told = refuse_other_region(store, "us", "agreed with\nprivacy, DP-17")
    assert told == " from eu to us: agreed with privacy, DP-17"
