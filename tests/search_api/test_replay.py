"""Replay: the snapshot that answered gives the same answer again, or it is said why it cannot."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from search_api.events.log import EventLog
from search_api.events.reading import read_question
from search_api.replay import ReplayError, replay

TICKET = {
    "subject": "Urgent!! second factor",
    "description": "Hi team,\nmy old phone is broken, the code never comes.\n\nBest regards\nKim",
    "limit": 3,
    "language": "en",
    "filters": {"type": ["how-to", "troubleshooting"]},
}


@pytest.fixture
def logged(client, tmp_path):
    """Return a function that asks the real service, and gives the answer and the logged event."""

    def ask(**body):
        with client() as api:
            answer = api.post("/api/v1/suggest", json=body).json()
        event = read_question(f"sqlite:///{tmp_path / 'events.db'}", answer["query_id"])
        return answer, event

    return ask


def test_replay_gives_the_same_ranking(logged, sop_snapshot):
    """Asked again with its filters, limit and day, a ticket gets the same articles and scores."""
    answer, event = logged(**TICKET)
    again = replay(sop_snapshot, event)
    assert again.differences == []
    assert [one["id"] for one in again.ranked] == [one["id"] for one in answer["suggestions"]]
    assert len(again.ranked) == 3
    assert again.decision == answer["decision"]


def test_replay_of_an_abstention_has_what_was_nearest(logged, sop_snapshot):
    """What was not shown is compared too: decision and nearest articles are the same."""
    answer, event = logged(query="how do I bake sourdough bread at home")
    assert (answer["decision"], answer["suggestions"], event.shown) == ("abstain", [], 0)
    assert len(event.suggestions) == 5
    assert replay(sop_snapshot, event).differences == []


def test_replay_says_what_differs(logged, sop_snapshot):
    """Another decision, order or score is named with what was and what is."""
    _, event = logged(**TICKET)
    first, second, third = event.suggestions
    moved = replace(event, suggestions=[second, first, third], decision="abstain")
    assert replay(sop_snapshot, moved).differences == [
        f"the decision was abstain and is {event.decision}",
        (
            f"the articles were {second['id']}, {first['id']}, {third['id']} and are "
            f"{first['id']}, {second['id']}, {third['id']}"
        ),
    ]
    scored = replace(event, suggestions=[{**first, "score": first["score"] + 1}, second, third])
    (told,) = replay(sop_snapshot, scored).differences
    assert told.startswith(f"the score of {first['id']} was ")


def test_replay_needs_what_was_asked_with(logged, sop_snapshot):
    """A question of the first form, whose filters nobody kept, is refused with the reason."""
    _, event = logged(**TICKET)
    with pytest.raises(ReplayError, match="did not keep its filters"):
        replay(sop_snapshot, replace(event, asked_with=None))


def test_replay_command_shows_both_answers(logged, sop):
    """`sop replay` exits 0 where all is the same; --json has both sides, and never the text."""
    _, event = logged(**TICKET)
    shown = sop("replay", event.query_id)
    assert shown.returncode == 0, shown.stderr
    assert "the same snapshot gives the same answer" in shown.stdout
    assert event.suggestions[0]["id"] in shown.stdout
    told = json.loads(sop("replay", event.query_id, "--json").stdout)
    assert told["differences"] == []
    assert told["logged"]["suggestions"] == list(event.suggestions)
    assert "phone" not in json.dumps(told)


def test_replay_command_names_what_is_missing(logged, sop, tmp_path, asked_before):
    """No log, no such question and a pruned snapshot are one sentence each."""
    nothing = sop("replay", "0" * 32)
    assert (nothing.returncode, "there is no log" in nothing.stderr) == (2, True)
    asked_before(tmp_path)
    unknown = sop("replay", "f" * 32)
    assert (unknown.returncode, "has no question" in unknown.stderr) == (2, True)
    pruned = sop("replay", f"{1:032x}")
    assert pruned.returncode == 2
    assert "snapshot 0000000000000000" in pruned.stderr
    assert "a build keeps the newest" in " ".join(pruned.stderr.split())


@pytest.fixture
def asked_before():
    """Return a function that logs a question which a snapshot answered that is gone."""
    from support_events import asked

    def write(folder):
        log = EventLog(f"sqlite:///{folder / 'events.db'}", 10)
        log.start()
        log.record_question(asked(1))
        log.close()

    return write


def test_filters_are_logged_as_far_as_articles_know_them(logged, stored_bytes, sop_snapshot):
    """A tag or platform that no article has may be anything: it is not kept, and replay agrees."""
    known = sop_snapshot.articles[0].front_matter.tags[0]
    for tags in ([known, "leak1@example.com"], ["leak1@example.com"]):
        _, event = logged(query="second factor", filters={"tags": tags})
        assert event.asked_with["tags"] == [known, "[unknown]"][-len(tags) :]
        assert replay(sop_snapshot, event).differences == []
    _, event = logged(query="second factor", filters={"platforms": ["+49 30 901820"]})
    assert event.asked_with["platforms"] == ["[unknown]"]
    assert b"leak1" not in stored_bytes()
    assert b"901820" not in stored_bytes()


def test_older_log_is_asked_with_the_language_that_it_has(logged, sop_snapshot):
    """What a caller once sent as language is no language tag, and is asked with as it was."""
    _, event = logged(query="second factor")
    asked_with = event.asked_with | {"language": "english please"}
    assert replay(sop_snapshot, replace(event, asked_with=asked_with)).decision == event.decision


def test_question_that_an_erasure_changed_is_not_asked_again(logged, sop_snapshot):
    """Other words find other articles, which is no fault of the snapshot: that is said."""
    _, event = logged(query="second factor of jane.doe")
    changed = replace(event, text="second factor of [erased]", vector=None)
    with pytest.raises(ReplayError, match="its text was changed by an erasure"):
        replay(sop_snapshot, changed)
