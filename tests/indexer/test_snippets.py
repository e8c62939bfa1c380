"""Snippets: a few words of a chunk, the question's words marked."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.lexical import analyze
from indexer.snippets import Highlight, make_snippet, plain_text


def terms(question: str) -> frozenset[str]:
    """Return a question's terms, as the service hands them over."""
    return frozenset(analyze(question))


def marked(pieces) -> str:
    """Return a snippet with its matches in brackets."""
    return "".join(f"[{p.text}]" if p.type == "match" else p.text for p in pieces)


def test_make_snippet_marks_the_words_of_the_question():
    """Words are marked in any form of theirs, codes whole, stop words never."""
    pieces = make_snippet(
        "Locked accounts give LR-4031 and the rest.", terms("the account lock lr-4031")
    )
    assert marked(pieces) == "[Locked] [accounts] give [LR-4031] and the rest."
    assert pieces[0] == Highlight("match", "Locked")


def test_make_snippet_starts_at_the_best_sentence():
    """The sentence with most different words of the question comes first."""
    text = "Alpha beta one. Gamma delta two. The phone was lost by the user. Omega."
    assert (
        marked(make_snippet(text, terms("lost phone"), 30)) == "… The [phone] was [lost] by the …"
    )


def test_make_snippet_cuts_between_words():
    """A snippet that is cut ends at a word and says so."""
    assert marked(make_snippet("one two three four five", terms("nothing"), 12)) == "one two …"


def test_make_snippet_shows_a_match_deep_in_a_long_sentence():
    """A match at the end of a sentence longer than the window is shown."""
    text = "word " * 100 + "phone here"
    assert "[phone]" in marked(make_snippet(text, terms("phone"), 80))


def test_make_snippet_of_a_short_text_is_the_text():
    """A text that fits is shown whole, also without a match, and an empty one is empty."""
    assert make_snippet("Short.", terms("other")) == (Highlight("plain", "Short."),)
    assert make_snippet("", terms("other")) == ()


def test_make_snippet_marks_chinese_words():
    """A word in a script without spaces is marked where it shares character pairs."""
    assert "[" in marked(make_snippet("登录失败时请重置设备。", terms("登录失败")))


def test_make_snippet_never_makes_markup():
    """Text that looks like HTML stays text."""
    assert marked(make_snippet("<b>phone</b> &amp;", terms("phone"))) == "<b>[phone]</b> &amp;"


WORDS = st.lists(st.sampled_from(["phone", "lost", "a", "x-1", "登录", "end.", "Now\n", "?"]))


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(max_size=600), WORDS.map(" ".join)), size=st.integers(20, 240))
def test_a_snippet_is_a_part_of_the_text(text, size):
    """Without its ellipses a snippet is a piece of the text and within its length."""
    pieces = make_snippet(text, terms("phone lost 登录 x-1"), size)
    shown = plain_text(pieces)
    cut = (
        shown.removeprefix("… ") if shown.startswith("… ") and not text.startswith("… ") else shown
    )
    cut = cut.removesuffix(" …") if not text.endswith(" …") else cut
    assert cut in text
    assert len(cut) <= size
    assert all(piece.text for piece in pieces)
