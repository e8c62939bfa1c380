"""How people put a question: never as the article does, and with nobody's data."""

from __future__ import annotations

import re

import pytest

from indexer.question import clean_question, plain_question
from search_api.demo.chance import dice
from search_api.demo.stories import GAPS, MALFUNCTION, NOISE
from search_api.demo.wording import message, reworded, ticket

ASKED = {
    "en": ("my phone is gone and i cannot sign in", "code is wrong every time"),
    "de": ("handy kaputt, komme nicht rein",),
    "zh": ("手机丢了，收不到验证码",),
    "ja": ("認証コードが出なくなりました",),
}


@pytest.mark.parametrize("language", ASKED)
def test_no_text_is_the_stored_question(language):
    """Of two hundred rewordings none is a stored question, cleaned or not, and most differ."""
    stored = {plain_question(one) for one in ASKED[language]}
    texts = [reworded(ASKED[language], language, dice(number)) for number in range(200)]
    assert stored.isdisjoint(plain_question(text) for text in texts)
    assert len(set(texts)) > (90 if language == "en" else 5)


def test_texts_stay_near_their_question():
    """A slip or two leaves most words as they were."""
    words = {word for text in ASKED["en"] for word in text.split()}
    for number in range(50):
        text = reworded(ASKED["en"], "en", dice(number)).lower()
        assert len(words & set(re.findall(r"\w+", text))) >= 3


def test_ticket_has_a_subject_and_a_chat_has_none():
    """A ticket's text is parted; a chat message is one text."""
    wording = ticket("first part. second part", "en", "mod-sg-0412", dice(3))
    assert wording.query is None
    assert wording.subject == "first part"
    assert "second part" in wording.description
    assert message("only this", "en", dice(3)).query.endswith("only this")


def test_private_data_never_passes_redaction():
    """Some people write an address or a password, and none of it is left in the question."""
    texts = [
        clean_question(None, one.subject, one.description)
        for number in range(600)
        for one in [ticket("the door is shut", "en", "mod-sg-0412", dice(number))]
    ]
    assert sum("[email]" in text or "[secret]" in text for text in texts) > 2
    assert not [text for text in texts if "@" in text or "Autumn" in text]


def test_stories_have_english_texts_and_different_ones():
    """Gaps, malfunction and noise can be asked by everybody, and no text stands twice."""
    stories = [*GAPS.values(), MALFUNCTION, NOISE]
    texts = [text for story in stories for group in story.values() for text in group]
    assert all("en" in story for story in stories)
    assert len(set(texts)) == len(texts)
    assert len(GAPS) == 4
