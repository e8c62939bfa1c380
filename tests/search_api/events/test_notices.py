"""Notices in the log: pinned for a while, ended early, recorded, and never with personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support_events import NOON

from search_api.events.database import EventStoreError
from search_api.events.notices import NoticeError, NoticeStore, make_notice
from search_api.events.reading import read_audit

HOUR = timedelta(hours=1)


def notice(title="Videos are green", text="Use the second player.", **changes):
    """A notice that Ana pins at noon for four hours."""
    return make_notice(title, text, **({"hours": 4, "by": "Ana", "at": NOON} | changes))


@pytest.fixture
def store(events_url):
    """The notices of a database that has no table yet."""
    store = NoticeStore(events_url)
    yield store
    store.close()


def test_notice_comes_back_as_it_was_pinned(store):
    """Every field is read as it was given, and it gets a number."""
    given = notice(
        article_id="vid-001",
        platforms=["Lantern Review"],
        audiences=["internal", "partner"],
        malfunction="m-3fa85f64",
    )
    stored = store.pin(given)
    assert stored.id == 1
    (found,) = store.current(NOON)
    assert found == stored == store.get(1)
    assert (found.title, found.text) == ("Videos are green", "Use the second player.")
    assert (found.article_id, found.platforms) == ("vid-001", ("Lantern Review",))
    assert (found.audiences, found.malfunction) == (("internal", "partner"), "m-3fa85f64")
    assert (found.pinned_at, found.expires_at) == (NOON, NOON + 4 * HOUR)
    assert (found.pinned_by, found.ended_at, found.ended_by) == ("Ana", None, None)


def test_notice_is_shown_until_it_expires(store):
    """Its last moment is just before its end; before it was pinned it is not shown either."""
    store.pin(notice(hours=0.5))
    moment = timedelta(seconds=1)
    shown = [
        [one.id for one in store.current(at)]
        for at in (NOON - moment, NOON, NOON + HOUR / 2 - moment, NOON + HOUR / 2)
    ]
    assert shown == [[], [1], [1], []]


def test_newest_notice_comes_first(store):
    """Several are shown at once, the one pinned last first."""
    store.pin(notice("First"))
    store.pin(notice("Second", at=NOON + HOUR))
    assert [one.title for one in store.current(NOON + HOUR)] == ["Second", "First"]


def test_ended_notice_is_gone(store):
    """Who ended it and when stays known."""
    store.pin(notice())
    ended = store.end(1, " Ben \n", NOON + HOUR)
    assert store.current(NOON + HOUR) == []
    assert store.get(1) == ended
    assert (ended.ended_by, ended.ended_at) == ("Ben", NOON + HOUR)


def test_pinning_and_ending_are_recorded(store, events_url):
    """The record says who, when, what and for how long; it stands in the audit for good."""
    store.pin(notice(article_id="vid-001"))
    store.end(1, "Ben", NOON + HOUR)
    pinned, ended = read_audit(events_url)
    assert (pinned.at, pinned.who, pinned.command) == (NOON, "Ana", "notice pin")
    assert (pinned.articles, pinned.questions) == (["vid-001"], 0)
    assert pinned.target == "notice 1, until 2026-11-03 16:00 UTC"
    assert (ended.at, ended.who, ended.command) == (NOON + HOUR, "Ben", "notice end")
    assert ended.target == "notice 1"


def test_personal_data_is_not_pinned(store):
    """Title and text are redacted before they are stored."""
    store.pin(notice("Ask jo@example.com", "or call +44 20 7946 0958 please"))
    (found,) = store.current(NOON)
    assert (found.title, found.text) == ("Ask [email]", "or call [phone] please")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hours": 12.5}, r"hours: .* up to 12 hours, not 12\.5; .*known issue"),
        ({"hours": 0}, "hours: .* not 0"),
        ({"hours": float("nan")}, "hours: .* not nan"),
        ({"title": " \n"}, "title: has 0 characters; say what is broken"),
        ({"title": "x" * 201}, "title: has 201 characters"),
        ({"text": "x" * 2001}, "text: has 2,001 characters; 2,000"),
        ({"by": " "}, "by: say who"),
        ({"audiences": ()}, "audiences: name who"),
    ],
)
def test_what_cannot_be_pinned_is_named(changes, said):
    """Each refusal names the field and what is allowed."""
    with pytest.raises(NoticeError, match=said):
        notice(**changes)


def test_twelve_hours_can_be_pinned():
    """The longest notice lasts twelve hours."""
    assert notice(hours=12).expires_at == NOON + 12 * HOUR


def test_only_what_is_shown_can_be_ended(store):
    """A number that was never given, a second end and an expired notice are named."""
    with pytest.raises(NoticeError, match="notice 1 was never pinned"):
        store.end(1, "Ben", NOON)
    store.pin(notice())
    with pytest.raises(NoticeError, match="by: say who"):
        store.end(1, " ", NOON)
    store.end(1, "Ben", NOON)
    with pytest.raises(NoticeError, match=r"notice 1 is over already; .* sop notice list"):
        store.end(1, "Ben", NOON)
    store.pin(notice())
    with pytest.raises(NoticeError, match="notice 2 is over already"):
        store.end(2, "Ben", NOON + 4 * HOUR)


def test_looking_makes_nothing(tmp_path):
    """A log that is not there has no notices, and is not made by looking."""
    store = NoticeStore(f"sqlite:///{tmp_path / 'none.db'}")
    assert (store.current(NOON), store.get(1)) == ([], None)
    assert list(tmp_path.iterdir()) == []


def test_database_that_is_away_is_named():
    """A server that nobody runs is one sentence, for reading and for pinning."""
    store = NoticeStore("postgresql+psycopg://somebody@127.0.0.1:1/events")
    with pytest.raises(EventStoreError, match="notices cannot be read"):
        store.current(NOON)
    with pytest.raises(EventStoreError, match="notice could not be stored"):
        store.pin(notice())
