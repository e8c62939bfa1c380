"""What somebody sent becomes one clean question."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.question import clean_question
from indexer.tickets.mail_html import mail_text
from indexer.tickets.normalize import STEPS, normalize

FIXTURES = Path(__file__).parent / "tickets"


def cpu_seconds(work):
    """The processor time that work takes by itself: no other thread's, no collector's."""
    gc.disable()
    try:
        started = time.thread_time()
        work()
        return time.thread_time() - started
    finally:
        gc.enable()


def fixtures(*names):
    """Return the cases of the named files: title, ticket and question, each above a dot."""
    cases = []
    for name in names:
        text = (FIXTURES / f"{name}.txt").read_text(encoding="utf-8")
        fields = text.removesuffix("\n.\n").split("\n.\n")
        for i in range(0, len(fields), 3):
            title = f"{name}: {fields[i].strip()}"
            cases.append(pytest.param(*fields[i + 1 : i + 3], id=title))
    return cases


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


def test_the_articles_own_questions_stay_as_they_are(sop_snapshot):
    """What people ask in one line is already clean, even in capitals and with many marks."""
    for article in sop_snapshot.articles:
        for question in article.front_matter.questions:
            assert clean_question(question, None, None) == question


def test_clean_question_reads_html_only_when_told():
    """HTML is reduced to its text when the sender says that it is HTML."""
    raw = "<p>Page is <b>white</b></p><script>x()</script><p>5 &lt; 6</p>"
    assert clean_question(raw, None, None, "html") == "Page is white\n5 < 6"
    assert clean_question("List<b> fails", None, None) == "List<b> fails"


@pytest.mark.parametrize(("ticket", "question"), fixtures("mail", "chat", "logs", "characters"))
def test_noise_of_each_kind_is_left_out(ticket, question):
    """What surrounds the problem goes, and codes, messages and names of things stay."""
    assert clean_question(ticket, None, None) == question


@pytest.mark.parametrize(("ticket", "question"), fixtures("html"))
def test_mail_programs_marks_are_understood(ticket, question):
    """Quotes, signatures and hidden parts of HTML mail are known by how programs mark them."""
    assert clean_question(ticket, None, None, "html") == question


def test_the_subject_of_an_older_mail_goes_with_it():
    """A message that answers an unrelated mail is not about that mail's subject."""
    message = "Nobody from Singapore has taken over my four open tickets, do I have to stay?"
    older = "From: Robot\nSent: Monday\nTo: all\nSubject: Reminder of skills\n\nUpdate your skills."
    assert clean_question(None, "RE: Reminder of skills", f"{message}\n\n{older}") == message
    # With a code it stays: the code may be what it is about.
    assert clean_question(None, "RE: LR-5040", f"{message}\n\n{older}") == f"LR-5040\n{message}"


def test_clean_question_is_redacted():
    """Personal data is out in both forms, also where HTML hid it."""
    assert clean_question("I am jo@mail.example", None, None) == "I am [email]"
    assert clean_question("jo@<b>mail.example</b>", None, None, "html") == "[email]"
    assert clean_question(None, "password: hunter22", "call") == "password: [secret]\ncall"


@pytest.mark.parametrize(
    ("ticket", "secret"),
    [
        ("write to jo\u200b@mail.example now", "mail.example"),
        ("write to jo@mail\u00ad.example now", "mail.example"),
        ("call +49\u00a030\u00a0901820 now", "901820"),
        ("password: hunter22\npassword: hunter23\npassword: hunter24", "hunter2"),
        ("ana: hi\nana: help me\nana: the token is\nana: abcdef123456\nana: ok", "abcdef123456"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\nhelp", "MIIEv"),
        ("> my number is +49 30 901820", "901820"),
        ("open https://jo:secret1@host.example/x?token=abcdef123", "secret1"),
        ("open https://host.example/x?token=abcdef123", "abcdef123"),
    ],
)
def test_normalising_uncovers_nothing_personal(ticket, secret):
    """What normalising takes away or joins never lets a secret past redaction."""
    assert secret not in clean_question(ticket, None, None)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_every_step_takes_any_lines(step):
    """A step bears a text of no lines, and leaves a plain sentence alone."""
    assert step([]) == []
    sentence = ["my second factor is refused with GH-1020"]
    assert [line for line in step(sentence) if line] == sentence


LINES = st.sampled_from(
    [
        "Hi team,",
        "hello",
        "Kind regards",
        "Ana",
        "--",
        "> quoted",
        "On Monday Ana wrote:",
        "From: Ana",
        "Sent: Monday",
        "Subject: LR-1000",
        "[10:32] Ana: hi",
        "ana: white page",
        "ana: any update??",
        "Ana  10:32 AM",
        "RE: page",
        "2026-11-23 10:15:22 ERROR x failed",
        "    at a.b(c.js:1:2)",
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "    raise X",
        "| a | b |",
        "by the way, more",
        "Sent from my iPhone",
        "Ticket 1 was created",
        "jo@mail.example",
        "https://h.example/p?q=1",
        "\U0001f621",
        "",
        "page is white",
    ]
)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=120), st.lists(LINES, max_size=12).map("\n".join)))
def test_cleaning_twice_changes_nothing(text):
    """A cleaned question is clean, and a text with words does not become empty."""
    cleaned = clean_question(text, None, None)
    assert clean_question(cleaned, None, None) == cleaned
    if any(character.isalnum() for character in text):
        assert any(character.isalnum() for character in cleaned)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{3,9}", fullmatch=True), min_size=4, max_size=9).map(" ".join))
def test_plain_words_stay(text):
    """A short plain question comes out as it went in."""
    assert clean_question(f"why {text}", None, None) == f"why {text}"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        ">",
        "\n",
        "> \n",
        "--\n>\n",
        "hi, ",
        "hi\n",
        "On a wrote\n",
        "On ",
        "From: x\n",
        "[10:32] Ana: hi\n",
        "ana: hi\n",
        "at a.b(\n",
        "10:15:22 ",
        "| ",
        "[",
        "http://a ",
        "LR-4031 ",
        "confidential ",
        "Mozilla/5.0 ",
        '"GET ',
        "0123456789abcdef",
        "\U0001f621",
        "不",
        f"{'^' * 999}x\n",
        f"at {'/' * 990}\n",
    ],
)
def test_normalising_takes_no_long_time(piece):
    """The longest text that the service takes is read in milliseconds, whatever it holds."""
    text = (piece * 20_000)[:20_000]
    # About 40 ms at most; a step that is quadratic needs seconds.
    assert cpu_seconds(lambda: normalize(text)) < 0.4


@pytest.mark.parametrize(
    "piece", ["<", "<a>", "<div>", "</div>", "<blockquote>", "<!--", "<td>", "&lt;"]
)
def test_reading_html_takes_no_long_time(piece):
    """Nested, broken and unclosed HTML is read in milliseconds."""
    text = (piece * 20_000)[:20_000]
    assert cpu_seconds(lambda: mail_text(text)) < 0.4
