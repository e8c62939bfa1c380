"""Practice: who is asked what, that nobody can peek, and what is kept of a try."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from support_events import asked, told

from indexer.answer import prepare
from indexer.ranking import rank
from search_api.auth import KeyFile
from search_api.events.audit import AuditRecord, append_record
from search_api.events.log import EventLog
from search_api.events.practice import Tries, count_try, read_tries
from search_api.events.reading import read_audit
from search_api.practice.exercises import MOST_OF_ARTICLE

NOW = datetime.now(UTC)
PATH = "/api/v1/practice"
PHONE = "new phone and the app gives me no code"
UMBRELLA = "lost a blue umbrella in the meeting room"


@pytest.fixture
def url(tmp_path):
    """The address of the application's log."""
    return f"sqlite:///{tmp_path / 'events.db'}"


@pytest.fixture(autouse=True)
def key(tmp_path):
    """The same secret in every run, so that every run has the same questions and turns."""
    (tmp_path / "actor.key").write_bytes(bytes(range(32)))


@pytest.fixture
def fill(url):
    """Return a function that logs a text as asked by people, and resolved for each, or by none."""

    def run(text=PHONE, people=3, article="acc-001", first=0, confirmed_by=None):
        log = EventLog(url, 100)
        log.start()
        for number in range(first, first + people):
            values = {
                "text": text,
                "asked_at": NOW - timedelta(days=2, minutes=number),
                "vector": np.array((0, 0, 1) if article is None else (1, 0, 0), np.float32),
                "suggestions": [{"id": "acc-001", "score": 0.8, "confidence": 0.1}],
            }
            if article is None:
                values |= {"decision": "abstain", "confidence": 0.01, "shown": 0}
            log.record_question(asked(number, **values))
            if article is not None:
                who = confirmed_by or f"{900 + number:032x}"
                log.record_feedback(
                    told(
                        reference=f"T-{number}",
                        article_id=article,
                        actor=who,
                        given_at=NOW - timedelta(days=1, minutes=number),
                    )
                )
        other = np.array((0, 1, 0), np.float32)
        log.record_question(asked(700 + first, asked_at=NOW - timedelta(days=2), vector=other))
        log.close()

    return run


def bearer(secret):
    """The header of a key."""
    return {"Authorization": f"Bearer {secret}"}


def listing(api, **options):
    """What may be practised, once the log is read."""
    for _ in range(20):
        listed = api.get(PATH, **options).json()
        if listed["origin"] != "reading":
            break
    return listed


def question(api, name, turn="t1", **headers):
    """A question with its choices."""
    answer = api.get(f"{PATH}/questions/{name}", params={"turn": turn}, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def pick(api, name, article, turn="t1", **changed):
    """What a pick is worth."""
    body = {"turn": turn, "article_id": article} | changed
    answer = api.post(f"{PATH}/questions/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def own_question(api, article="acc-001", left_out=False):
    """A question that an article states, and a turn in which it is among the choices, or not."""
    listed = listing(api, params={"area": "access", "language": "en"})
    for name in listed["own"]:
        for turn in ("t1", "t2", "t3", "t4", "t5", "t6"):
            verdict = pick(api, name, None, turn, again=True)
            if verdict["answer"]["id"] == article and verdict["left_out"] is left_out:
                return name, turn
    pytest.fail("there is no such question")


def test_articles_own_questions_need_no_permission(client, url, fill):
    """Without the setting nothing of the log is listed, nor read: there is no record."""
    fill()
    with client() as api:
        listed = listing(api)
        english = listing(api, params={"language": "en", "area": "access"})
    assert (listed["asked"], listed["origin"], listed["is_demo"]) == ([], "off", False)
    assert [one["name"] for one in listed["areas"][:2]] == ["Access", "Care"]
    assert {"de", "en", "es"} <= {one["language"] for one in listed["languages"]}
    assert set(english["own"]) < set(listed["own"])
    # Seven articles, a few questions each, however many they state.
    assert len(english["own"]) == 7 * MOST_OF_ARTICLE
    assert read_audit(url) == []


def test_question_comes_without_its_answer(client):
    """Five articles with title, area and summary; nothing in them or in the id says which."""
    with client() as api:
        name, turn = own_question(api)
        shown = question(api, name, turn)
    assert set(shown) == {"id", "text", "language", "source", "askers", "choices", "index_version"}
    assert (shown["id"], shown["source"], shown["askers"]) == (name, "article", 0)
    assert len(name) == 16
    assert len(shown["choices"]) == 5
    assert {frozenset(one) for one in shown["choices"]} == {
        frozenset({"id", "title", "summary", "area", "language"})
    }
    assert "acc-001" in [one["id"] for one in shown["choices"]]


def test_choices_are_the_same_for_a_turn_and_in_another_order_for_the_next(client):
    """A reload with the same turn shows the same; the right one has no place of its own."""
    with client() as api:
        name, turn = own_question(api)
        first = [one["id"] for one in question(api, name, turn)["choices"]]
        assert [one["id"] for one in question(api, name, turn)["choices"]] == first
        orders = [
            [one["id"] for one in question(api, name, f"turn-{number}")["choices"]]
            for number in range(40)
        ]
    places = {order.index("acc-001") for order in orders if "acc-001" in order}
    assert places == {0, 1, 2, 3, 4}
    absent = sum("acc-001" not in order for order in orders)
    assert 1 <= absent <= 16
    assert {len(order) for order in orders} == {5}


def test_wrong_choices_are_what_the_product_ranks_next(client, sop_snapshot):
    """They are the four that it puts first beside the right one, did the article not ask it."""
    with client() as api:
        name, turn = own_question(api)
        shown = question(api, name, turn)
    index = sop_snapshot.index
    row = sop_snapshot.questions.index(shown["text"])
    everything = np.ones(len(index), dtype=np.bool_)
    prepared = prepare(index, shown["text"], shown["language"])
    ranked = rank(index, prepared, everything, date.min, 6, held_out=row).articles
    ids = [sop_snapshot.articles[one.article].id for one in ranked]
    wrong = [one for one in ids if one != "acc-001"][:4]
    assert {one["id"] for one in shown["choices"]} == {"acc-001", *wrong}


def test_right_pick_shows_the_passage(client, url):
    """The verdict has the article with its passage as pieces of text, and the try is counted."""
    with client() as api:
        name, turn = own_question(api)
        verdict = pick(api, name, "acc-001", turn)
    assert (verdict["right"], verdict["left_out"], verdict["counted"]) == (True, False, True)
    assert (verdict["area"], verdict["area_name"]) == ("access", "Access")
    answer = verdict["answer"]
    assert (answer["id"], answer["title"]) == ("acc-001", "Reset a lost second factor")
    assert {piece["type"] for piece in answer["highlights"]} <= {"plain", "match"}
    assert answer["heading_path"]
    counted = read_tries(url, NOW.date(), NOW.date() + timedelta(days=2))
    # The tests may run over midnight.
    assert counted in [
        [Tries(day, "acc-001", "acc-001", 1)]
        for day in (NOW.date(), NOW.date() + timedelta(days=1))
    ]


def test_wrong_pick_shows_both_articles(client, url):
    """Why the other one is not it: its summary and the passage that is nearest."""
    with client() as api:
        name, turn = own_question(api)
        choices = question(api, name, turn)["choices"]
        wrong = next(one for one in choices if one["id"] != "acc-001")
        verdict = pick(api, name, wrong["id"], turn)
        nothing = pick(api, name, None, turn)
    assert (verdict["right"], verdict["answer"]["id"]) == (False, "acc-001")
    chosen = verdict["chosen"]
    assert (chosen["id"], chosen["summary"]) == (wrong["id"], wrong["summary"])
    assert chosen["highlights"]
    assert (nothing["right"], nothing["chosen"], nothing["answer"]["id"]) == (
        False,
        None,
        "acc-001",
    )
    counted = read_tries(url, NOW.date(), NOW.date() + timedelta(days=2))
    assert [(one.answer, one.chosen) for one in counted] == [
        ("acc-001", None),
        ("acc-001", wrong["id"]),
    ]


def test_none_is_right_where_the_article_is_left_out(client, url):
    """Then no choice is right; whoever searches by themselves is still asked for the article."""
    with client() as api:
        name, turn = own_question(api, left_out=True)
        choices = [one["id"] for one in question(api, name, turn)["choices"]]
        none = pick(api, name, None, turn)
        wrong = pick(api, name, choices[0], turn)
        found = pick(api, name, "acc-001", turn, mode="search", again=True)
    assert "acc-001" not in choices
    assert (none["right"], none["left_out"], none["answer"]["id"]) == (True, True, "acc-001")
    assert (wrong["right"], found["right"], found["left_out"]) == (False, True, False)
    counted = read_tries(url, NOW.date(), NOW.date() + timedelta(days=2))
    assert {(one.answer, one.chosen) for one in counted} == {(None, None), (None, choices[0])}


def test_only_a_first_try_is_counted(client, url):
    """What a browser has tried before measures memory, and no article."""
    with client() as api:
        name, turn = own_question(api)
        assert pick(api, name, "acc-001", turn, again=True)["counted"] is False
    assert read_tries(url, NOW.date(), NOW.date() + timedelta(days=2)) == []


def test_log_that_is_away_keeps_nobody_from_practising(client):
    """The verdict comes without a count, and the articles' own questions are there."""
    away = "postgresql+psycopg://nobody@127.0.0.1:1/events"
    with client(events_url=away, practice_from_log=True) as api:
        listed = listing(api, params={"area": "access", "language": "en"})
        verdict = pick(api, listed["own"][0], None)
    assert (listed["origin"], listed["asked"]) == ("away", [])
    assert verdict["counted"] is False


def test_what_people_asked_is_shown_once_it_is_recorded(client, url, fill):
    """Three asked and three confirmed: the question is there, and the record says how many."""
    fill()
    with client(practice_from_log=True) as api:
        listed = listing(api, params={"language": "en"})
        again = listing(api, params={"area": "access"})
        (name,) = listed["asked"]
        shown = question(api, name)
        verdict = pick(api, name, "acc-001")
    assert (listed["origin"], again["asked"]) == ("log", [name])
    assert (shown["text"], shown["source"], shown["askers"]) == (PHONE, "asked", 3)
    assert "acc-001" in [one["id"] for one in shown["choices"]]
    assert verdict["right"] is True
    (record,) = read_audit(url)
    assert (record.who, record.command, record.questions) == ("the service", "practice", 1)
    assert (list(record.articles), record.target) == (["acc-001"], "the practice page")


@pytest.mark.parametrize(
    "changed",
    [
        {"people": 2},
        {"confirmed_by": "a" * 32},
        {"text": "new phone of ana@example.com and no code"},
        {"text": "new phone 4711-0815 and no code"},
    ],
    ids=["two askers", "one confirmed", "redacted", "a number"],
)
def test_what_may_be_somebodys_is_not_shown(client, url, fill, changed):
    """Fewer than three people, or something that was personal: nothing is shown or recorded."""
    fill(**changed)
    with client(practice_from_log=True) as api:
        listed = listing(api)
    assert (listed["asked"], listed["origin"]) == ([], "too_few")
    assert read_audit(url) == []


def test_what_two_articles_resolved_has_no_right_answer(client, fill):
    """One confirmation for another article is enough to leave a question out."""
    fill()
    fill(first=10, people=1, article="acc-004")
    with client(practice_from_log=True) as api:
        assert listing(api)["asked"] == []


def test_none_is_right_for_what_nothing_answers(client, fill):
    """A gap of three askers is asked beside what is answered, at most one in four."""
    texts = (
        PHONE,
        "how do i get a task back that i gave away",
        "the queue is empty but tasks exist",
    )
    for place, (text, article) in enumerate(
        zip(texts, ("acc-001", "que-002", "que-001"), strict=True)
    ):
        fill(text, first=100 * place, article=article)
    fill(UMBRELLA, first=500, people=4, article=None)
    with client(practice_from_log=True) as api:
        names = listing(api)["asked"]
        shown = {question(api, name)["text"]: name for name in names}
        assert UMBRELLA in shown
        choices = question(api, shown[UMBRELLA])["choices"]
        right = pick(api, shown[UMBRELLA], None)
        wrong = pick(api, shown[UMBRELLA], choices[0]["id"])
    assert len(choices) == 5
    assert (right["right"], right["answer"], right["left_out"]) == (True, None, False)
    assert (wrong["right"], wrong["answer"], wrong["chosen"]["id"]) == (
        False,
        None,
        choices[0]["id"],
    )


def test_what_people_asked_is_for_whoever_may_read_the_desk(client, fill, keys: KeyFile):
    """A key that may only ask, or may not see every article, practises with the articles' own."""
    fill()
    _, asker = keys.create("asker", ["suggest"], ["internal"])
    _, partner = keys.create("partner", ["suggest", "feedback"], ["partner"])
    _, trainee = keys.create("trainee", ["suggest", "feedback"], ["internal"])
    _, other = keys.create("other", ["feedback"], ["internal"])
    with client(practice_from_log=True) as api:
        (name,) = listing(api, headers=bearer(trainee))["asked"]
        told_asker = listing(api, headers=bearer(asker))
        told_partner = listing(api, headers=bearer(partner))
        path = f"{PATH}/questions/{name}?turn=t1"
        statuses = [api.get(path, headers=bearer(key)).status_code for key in (asker, trainee)]
        topics = [
            api.get(f"{PATH}/topics", headers=bearer(key)).status_code for key in (asker, trainee)
        ]
        refused = api.get(PATH, headers=bearer(other)).status_code
    assert (told_asker["asked"], told_asker["origin"]) == ([], "not_allowed")
    assert len(told_asker["own"]) > 100
    assert (told_partner["asked"], told_partner["own"]) == ([], [])
    assert (statuses, topics, refused) == ([404, 200], [403, 200], 403)


def test_what_was_erased_is_gone_with_the_next_list(client, url, fill):
    """After a record of an erasure nothing that was read before is shown."""
    fill()
    with client(practice_from_log=True) as api:
        (name,) = listing(api)["asked"]
        fill(first=50, people=1, article="acc-004")
        assert listing(api)["asked"] == [name]
        append_record(url, AuditRecord(NOW, "ana", "erase", 1, [], "one actor"))
        assert listing(api)["asked"] == []
        assert api.get(f"{PATH}/questions/{name}?turn=t1").status_code == 404


def test_article_of_others_is_neither_asked_nor_offered(client, publish_folder, tmp_path):
    """What a caller may not see is no question and no choice, and cannot be picked."""

    def article(number, audience):
        return (
            f"---\nid: doo-{number:03d}\ntitle: Open door {number}\nsummary: About door {number}.\n"
            f"type: process\nstatus: active\nowner: access\n"
            f"questions: [door {number} is shut, key of door {number}, door {number} squeaks]\n"
            f"last_reviewed: 2026-10-01\nreview_by: 2099-01-01\naudience: [{audience}]\n---\n\n"
            f"Open door number {number} with its key.\n"
        )

    files = {f"doors/{n}.md": article(n, "leads" if n == 3 else "internal") for n in range(1, 8)}
    publish_folder("a", files)
    with client(index=tmp_path / "index") as api:
        listed = listing(api)
        shown = [question(api, name, f"t{number}") for name in listed["own"] for number in range(3)]
        name = listed["own"][0]
        body = {"turn": "t1", "article_id": "doo-003"}
        refused = api.post(f"{PATH}/questions/{name}", json=body)
    assert len(listed["own"]) == 6 * 3
    assert {choice["id"] for one in shown for choice in one["choices"]} == {
        f"doo-{number:03d}" for number in (1, 2, 4, 5, 6, 7)
    }
    assert not any("door 3" in one["text"] for one in shown)
    assert refused.status_code == 404


def test_topics_that_trainees_fail_are_listed(client, url):
    """Whoever may read reports gets them, of so many days."""
    today = NOW.date()
    for chosen, count in (("acc-001", 6), ("acc-004", 6)):
        for _ in range(count):
            count_try(url, today, "acc-001", chosen)
    with client() as api:
        found = api.get(f"{PATH}/topics").json()
        old = api.get(f"{PATH}/topics?days=400")
    assert found["days"] == 28
    assert [(one["answer"], one["advice"], one["failed"]) for one in found["topics"]] == [
        ("acc-001", "compete", 6)
    ]
    assert old.status_code == 422


def test_bad_requests_are_refused(client):
    """A turn is a short word, a pick names an article or none, and a question must be there."""
    with client() as api:
        name, _ = own_question(api)
        path = f"{PATH}/questions/{name}"
        statuses = [
            api.get(path).status_code,
            api.get(f"{path}?turn=<b>").status_code,
            api.get(f"{PATH}/questions/{'0' * 16}?turn=t1").status_code,
            api.post(path, json={"turn": "t1"}).status_code,
            api.post(path, json={"turn": "t1", "article_id": "acc-999"}).status_code,
            api.post(path, json={"turn": "t1", "article_id": None, "who": "me"}).status_code,
        ]
    assert statuses == [422, 422, 404, 422, 404, 422]
