"""What may be proposed: confirmed by three people, told without anybody's words of their own."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from indexer.article import parse_article
from search_api.events.event import FeedbackEvent, QuestionEvent
from search_api.insights.alike import FEWEST_PEOPLE, SAME
from search_api.insights.confirmations import Confirmation, read_confirmations, what_is_asked
from search_api.insights.learning import KNOWN, MOST_PROPOSALS, REASONS, Proposal, select

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = "The user types the code GH-1020 from the new phone. The train is late again today.\n"


def asked(query_id: str, text: str, reference: str | None = None, minutes: int = 0):
    """A logged question."""
    at = NOON + timedelta(minutes=minutes)
    return QuestionEvent(query_id, at, text, None, "chat", reference, "x", "suggest", [], "i", 1.0)


def told(actor: str | None, minutes: int = 60, event: str = "resolved", **changed):
    """Logged feedback on acc-001."""
    values = {"query_id": None, "reference": None, "article_id": "acc-001"} | changed
    return FeedbackEvent(
        given_at=NOON + timedelta(minutes=minutes),
        page=None,
        event=event,
        reason=None,
        comment=None,
        actor=actor,
        **values,
    )


def confirmed(text: str, *people: str, article: str = "acc-001", language: str = "en"):
    """The same text confirmed by people, each in a ticket of their own."""
    return [Confirmation(article, person, f"T-{person}", text, language) for person in people]


def texts(selection):
    """The proposed texts in order."""
    return [proposal.text for proposal in selection.proposals]


@pytest.fixture
def encode(encoder):
    """The real encoder, as selection calls it."""
    return lambda questions: encoder.encode(questions, "query")


@pytest.fixture
def article(article_text):
    """Return a function that gives an article."""

    def run(article_id: str = "acc-001", body: str = BODY, **changed):
        return parse_article(
            f"sop/access/{article_id}.md",
            article_text(body, **({"id": article_id} | changed)).encode(),
        )

    return run


def test_question_is_found_by_id_or_by_its_ticket():
    """By id whatever the ticket; by ticket the newest question before the feedback."""
    questions = [
        asked("a", "how do i get a code", "T-1"),
        asked("b", "how do i get a new code", "T-1", minutes=10),
        asked("c", "how do i get another code", "T-1", minutes=90),
    ]
    feedback = [told("ana", query_id="a"), told("ben", reference="T-1"), told("cem", minutes=100)]
    found, left_out = read_confirmations(questions, feedback)
    assert [(one.person, one.source, one.text) for one in found] == [
        ("ana", "T-1", "how do i get a code"),
        ("ben", "T-1", "how do i get a new code"),
    ]
    assert left_out == {"no_question": 1}


def test_nobody_in_particular_and_reopened_do_not_count():
    """Without a person nobody confirmed; what came back later, for the article, was not solved."""
    questions = [asked(name, "how do i get a code", f"T-{name}") for name in "abcd"]
    feedback = [
        told(None, query_id="a"),
        told("ana", query_id="b"),
        told("ben", query_id="c"),
        told("cem", query_id="d"),
        told("dan", minutes=70, event="reopened", reference="T-b", article_id=None),
        told("dan", minutes=70, event="reopened", query_id="c", article_id="acc-009"),
        told("dan", minutes=50, event="reopened", query_id="d"),
    ]
    found, left_out = read_confirmations(questions, feedback)
    assert [one.person for one in found] == ["ben", "cem"]
    assert left_out == {"no_actor": 1, "reopened": 1}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("new phone and now i cant get in", "new phone and now i cant get in"),
        ("Hi team,\nmy phone is gone. How do I get a code? Thanks!\nAna", "How do I get a code?"),
        ("The code is refused. where is the new one", "where is the new one"),
        ("手机丢了，收不到验证码。怎么办理登录？", "怎么办理登录？"),
        ("- wie bekomme ich einen neuen code", "wie bekomme ich einen neuen code"),
    ],
)
def test_the_first_sentence_that_asks_is_kept(stored, expected):
    """A sentence with a question mark or a question word; else the first one."""
    assert what_is_asked(stored) == (expected, None)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("how do i reach [email] today?", "redacted"),
        ("[name] asks. how do i get a code?", "redacted"),
        ("how do i reach jo@customer.example today?", "redacted"),
        ("my pin is gone, call 415-555-2671. how do i get a code?", "redacted"),
        ("code?", "not_a_question"),
        ("", "not_a_question"),
    ],
)
def test_redacted_texts_are_left_out_altogether(stored, reason):
    """Also where the sentence that asks is clean, and where the log did not redact yet."""
    assert what_is_asked(stored) == ("", reason)


def test_three_different_people_are_needed(article, encode):
    """Two people, or one who says so five times, confirm nothing."""
    text = "is the train late again"
    two = confirmed(text, "ana", "ben", "ana", "ben", "ana")
    assert select(two, [article()], encode).left_out == {"few_people": 1}
    three = [*two, *confirmed(text, "cem")]
    assert select(three, [article()], encode).proposals == (Proposal("acc-001", text, 3),)
    assert (FEWEST_PEOPLE, MOST_PROPOSALS, SAME, KNOWN) == (3, 10, 0.9, 0.95)


def test_the_same_in_other_words_is_one_group_told_by_its_shortest(article, encode):
    """Capitals, marks and small words do not part a group; its shortest text stands for it."""
    found = select(
        [
            *confirmed("the new phone shows no code", "ana"),
            *confirmed("The new phone shows no code!!", "ben"),
            *confirmed("new phone shows no code", "cem", "dan"),
            *confirmed("is the train late again", "ana", "ben"),
        ],
        [article()],
        encode,
    )
    assert found.proposals == (Proposal("acc-001", "new phone shows no code", 4),)
    assert found.left_out == {"few_people": 1}


def test_texts_that_differ_in_a_code_are_not_the_same(article, encode):
    """The encoder holds GH-1020 and GH-1021 for near; a writer does not."""
    body = f"{BODY}GH-1021 is another one.\n"
    found = select(
        [
            *confirmed("gh-1020 what do i do", "ana", "ben"),
            *confirmed("gh-1021 what do i do", "cem"),
        ],
        [article(body=body)],
        encode,
    )
    assert found.left_out == {"few_people": 2}


@pytest.mark.parametrize(
    "text",
    [
        "user 48213 gets no code",
        "T-4711 shows no code",
        "jd42 gets no code",
        "no code since 12.10.2026",
        "code 123 456 789 is refused",
        "gh-1999 what do i do",
    ],
)
def test_numbers_that_may_be_somebodys_are_left_out(article, encode, text):
    """Whatever has a digit is a small number, or stands in an article."""
    found = select(confirmed(text, "ana", "ben", "cem"), [article()], encode)
    assert (found.proposals, found.left_out) == ((), {"identifier": 3})


def test_small_numbers_and_codes_of_the_articles_stay(article, encode):
    """Minutes, and an error code that an article explains, are nobody's."""
    text = "gh-1020 for 30 minutes, is the train late"
    found = select(confirmed(text, "ana", "ben", "cem"), [article()], encode)
    assert texts(found) == [text]


def test_a_word_of_one_ticket_does_not_reach_git(article, encode):
    """A group is told by a text whose words are the articles' own or common to three tickets."""
    named = confirmed("krzyzanowski has a new phone, no code", "ana", "ben")
    clean = confirmed("has a new phone, no code at all", "cem")
    found = select([*named, *clean], [article()], encode)
    assert all("krzyzanowski" not in text for text in texts(found))
    one_ticket = [
        Confirmation("acc-001", person, "T-1", "krzyzanowski is late again", "en")
        for person in ("ana", "ben", "cem")
    ]
    assert select(one_ticket, [article()], encode).left_out == {"rare_words": 1}
    thrice = confirmed("the hotspot is late again", "ana", "ben", "cem")
    assert texts(select(thrice, [article()], encode)) == ["the hotspot is late again"]


def test_a_name_written_as_one_does_not_reach_git(article, encode):
    """A capital inside a sentence is a name unless the articles have the word."""
    three = ("ana", "ben", "cem")
    named = confirmed("why is Krzyzanowski late again", *three)
    known = confirmed("why is the Phone late again", *three)
    found = select([*named, *known], [article()], encode)
    assert texts(found) == ["why is the Phone late again"]
    assert found.left_out == {"rare_words": 1}


def test_a_long_sentence_confirms_but_does_not_stand_for_its_group(article, encode):
    """More than 120 characters are no question that anybody would keep."""
    text = "how is the train late again today " + "and the phone is new " * 5
    found = select(confirmed(text.strip(), "ana", "ben", "cem"), [article()], encode)
    assert found.left_out == {"rare_words": 1}


def test_what_an_article_has_is_not_proposed(article, encode):
    """Own questions count in other spelling and in nearly the same words; others' by words."""
    three = ("ana", "ben", "cem")
    mine = article(questions=["is the train late", "new phone shows no code", "x y"])
    other = article("acc-002", questions=["the user types late", "a b", "c d"])
    found = select(
        [
            *confirmed("Is the train late?", *three),
            *confirmed("the new phone shows no code", *three),
            *confirmed("the user types late", *three),
        ],
        [mine, other],
        encode,
    )
    assert (found.proposals, found.left_out) == ((), {"known": 2, "other_article": 1})


def test_a_question_of_two_articles_goes_to_the_more_confirmed(article, encode):
    """The rule same-question would refuse it in both."""
    text = "is the train late again"
    found = select(
        [
            *confirmed(text, "ana", "ben", "cem"),
            *confirmed(text, "ana", "ben", "cem", "dan", article="acc-002"),
        ],
        [article(), article("acc-002", questions=["a b", "c d", "e f"])],
        encode,
    )
    assert found.proposals == (Proposal("acc-002", text, 4),)
    assert found.left_out == {"other_article": 1}


def test_ten_of_an_article_at_most_the_most_confirmed_first(article):
    """With vectors that are far from each other, eleven questions leave the least confirmed out."""
    words = [*"abcdefghijk"]
    asked_for = [f"is it the {word * 3} or not" for word in words]
    body = f"{BODY}{' '.join(word * 3 for word in words)}.\n"
    events = []
    for place, text in enumerate(asked_for):
        events += confirmed(text, *(f"p{n}" for n in range(3 + place)))
    rows = {text: np.eye(32, dtype=np.float32)[n] for n, text in enumerate(asked_for)}

    def apart(questions):
        return np.stack([rows.setdefault(q, np.eye(32)[31]) for q in questions])

    found = select(events, [article(body=body)], apart)
    assert [proposal.people for proposal in found.proposals] == list(range(13, 3, -1))
    assert found.left_out == {"over_limit": 1}


def test_articles_that_take_no_questions_are_named(article, encode):
    """Gone and archived ones are left out; a deprecated one's go to its replacement."""
    three = ("ana", "ben", "cem")
    text = "is the train late again"
    library = [
        article(),
        article("acc-002", status="archived"),
        article("acc-003", status="deprecated", replaced_by="acc-001"),
        article("acc-004", status="deprecated", replaced_by="acc-002"),
        article("acc-005", status="draft"),
    ]
    events = [one for n in range(2, 7) for one in confirmed(text, *three, article=f"acc-00{n}")]
    found = select(events, library, encode)
    assert found.proposals == (Proposal("acc-001", text, 3),)
    assert found.notes == (
        "acc-002 is archived; its questions are left out",
        "acc-003 is deprecated; its questions go to acc-001",
        "acc-004 is deprecated; its questions are left out",
        "acc-005 is draft; its questions are left out",
        "acc-006 is gone; its questions are left out",
    )
    assert found.left_out == {"no_article": 12}


def test_other_languages_go_by_their_words(article, encode):
    """No vectors there: the same words are one question, other words are another."""
    german = "ist der zug wieder zu spät"
    found = select(
        [
            *confirmed(german, "ana", "ben", language="de"),
            *confirmed("Ist der Zug wieder zu spät?", "cem", language="de"),
            *confirmed("kommt der zug wieder zu spät", "dan", language="de"),
        ],
        [article()],
        encode,
    )
    assert [(p.text, p.people) for p in found.proposals] == [(german, 3)]
    assert found.left_out == {"few_people": 1}


def test_every_reason_is_told(article, encode):
    """Each reason has words for people, and nothing confirmed is nothing proposed."""
    assert all(REASONS.values())
    assert select([], [article()], encode).left_out == Counter()
