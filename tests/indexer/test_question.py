"""What somebody sent becomes one clean text."""

from __future__ import annotations

from indexer.question import clean_question


def test_clean_question_joins_subject_and_description():
    """The subject stands above the description, spaces around them gone."""
    assert clean_question(None, " Phone lost ", "\nSince Monday.\n") == "Phone lost\nSince Monday."
    assert clean_question(None, "Phone lost", None) == "Phone lost"
    assert clean_question(None, None, "Since Monday.") == "Since Monday."


def test_clean_question_takes_a_query_as_it_is():
    """A query is the whole question; of nothing there is nothing."""
    assert clean_question("  GH-1020 again? ", None, None) == "GH-1020 again?"
    assert clean_question(None, None, None) == ""
    assert clean_question("  ", None, None) == ""


def test_clean_question_reads_html_only_when_told():
    """HTML is reduced to its text when the sender says that it is HTML."""
    raw = "<p>Page is <b>white</b></p><script>x()</script><p>5 &lt; 6</p>"
    assert clean_question(raw, None, None, "html") == "Page is white\n5 < 6"
    assert clean_question("List<b> fails", None, None) == "List<b> fails"


def test_clean_question_is_redacted():
    """Personal data is out in both forms, also where HTML hid it."""
    assert clean_question("I am jo@mail.example", None, None) == "I am [email]"
    assert clean_question("jo@<b>mail.example</b>", None, None, "html") == "[email]"
    assert clean_question(None, "password: hunter22", "call") == "password: [secret]\ncall"
