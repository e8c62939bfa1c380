"""The words that a group of questions is called by."""

from __future__ import annotations

import pytest

from search_api.insights.gap_words import NO_WORDS, Typed, Vocabulary

OTHERS = [
    Typed(text, "en", f"o{number}")
    for number, text in enumerate(
        ("my queue is empty", "my screen is black", "the export takes long", "where is the board")
    )
]


def label(*texts, language="en", askers=None):
    """The label of some texts, each by another asker, among others."""
    names = askers or [f"a{number}" for number in range(len(texts))]
    group = [Typed(text, language, name) for text, name in zip(texts, names, strict=True)]
    return Vocabulary([*group, *OTHERS]).label(group, 3)


def test_words_that_stand_out_in_the_order_of_a_typical_question():
    """What the group shares and others do not; a word is spelt as most people spell it."""
    texts = ("my badge does not open the gate", "gate badges broken", "the Gate: my badge is dead")
    assert label(*texts) == "badge gate"


def test_not_is_a_word():
    """A card that works and one that does not are two things, however it is written."""
    assert label("card not working", "my card isn't working", "card never works") == (
        "card not working"
    )


def test_words_of_too_few_people_are_left_out():
    """A word that two people typed may be about one person; so may one of two people's many."""
    assert label("badge Miller", "badge Miller", "badge") == "badge"
    texts = ("badge Miller",) * 4
    assert label(*texts, askers=["a", "a", "b", "b"]) == NO_WORDS


def test_long_numbers_and_redactions_are_no_words():
    """Neither a number that may be somebody's nor a placeholder gets into a label."""
    assert label(*("mail [email] ticket 48213377 [phone-number]",) * 3) == "mail ticket"
    assert label(*("员工号12345无法登录",) * 3, language="zh") == "员工号 无法登录"


def test_at_most_four_words():
    """A label is read at a glance."""
    texts = ("alpha beta gamma delta epsilon zeta",) * 3
    assert label(*texts) == "alpha beta gamma delta"


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Wo finde ich den neuen Dienstplan", "finde neuen dienstplan"),
        ("zh", "年终奖", "年终奖"),
        ("ja", "ログインできない LR-4031", "ログインできない lr-4031"),
        ("ja", "アカウントがロックされてしまいました", "アカウントがロックされてしまいました"),
        ("ja", "LR-4031が出る", "lr-4031 が出る"),
        # A lone character, and one behind letters, is a word too.
        ("zh", "退款 钱", "退款 钱"),
        ("zh", "VPN 坏", "vpn 坏"),
        ("zh", "任务 卡 住", "任务 卡 住"),
        ("zh", "退[name]款", "退 款"),
    ],
)
def test_other_languages_have_words_too(language, text, words):
    """Words are stemmed in their language; in a script without spaces, pairs that go on are one."""
    assert label(text, text, text, language=language) == words


def test_word_that_too_few_typed_whole_stays_in_pairs():
    """Each pair is everybody's, and all of it may be one person's name."""
    texts = ("找王小明", "找王小明", "王小在吗", "小明在吗")
    assert label(*texts, language="zh") == "王小 小明"


def test_nothing_in_common():
    """Questions without a shared word say so."""
    assert label("alpha", "beta", "gamma") == NO_WORDS
