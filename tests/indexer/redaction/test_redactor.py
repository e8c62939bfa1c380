"""Personal data and secrets out of questions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.redaction.found import Found
from indexer.redaction.patterns import read_patterns
from indexer.redaction.redactor import KINDS, RULES, STANDARD, Redactor

redact = STANDARD.redact
OWN = Redactor(
    read_patterns({"user-id": r"\bmod-(?:sg|ie|us)-\d{4}\b", "plate": r"\bB-XY \d{1,4}"})
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jo.doe+x@mail.example.com now", "write to [email] now"),
        ("a@b.example, c@d.example", "[email], [email]"),
        ("call +49 30 901820 today", "call [phone] today"),
        ("call (212) 555-2368 or 020 7946 0958", "call [phone] or [phone]"),
        ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
        ("card 4111-1111-1111-1111", "card [card]"),
        ("5500005555555559", "[card]"),
        ("card 4111.1111.1111.1111", "card [card]"),
        ("card 4111\u00a01111\u00a01111\u00a01111", "card [card]"),
        ("call +49\u00a030\u00a0901820", "call [phone]"),
        ("call ＋49 ３０ 901820 now", "call [phone] now"),
        ("call +49\u201130\u2011901820", "call [phone]"),
        ("call +49 30 90\u200b18\u200b20 now", "call [phone] now"),
        ("my SSN is 123\u201345\u20136789.", "my SSN is [national-id]."),
        ("write to jane＠example.com", "write to [email]"),
        ("jane\u200b@exam\u00adple.com\u200b now", "[email] now"),
        (
            "https://x.example/reset?email=jane%40example.com&a=1",
            "https://x.example/reset?email=[email]&a=1",
        ),
        ("größer – weiter – １２３ – – naïve", "größer – weiter – １２３ – – naïve"),
        ("to DE89 3704 0044 0532 0130 00 please", "to [iban] please"),
        ("my SSN is 123-45-6789.", "my SSN is [national-id]."),
        ("from 203.0.113.7 to 2001:db8:1::7", "from [ip] to [ip]"),
        ("10.0.0.1 does not answer, port 8080", "[ip] does not answer, port 8080"),
        ("laptop 00:1A:2B:3C:4D:5E", "laptop [mac]"),
        ("who is @jo on chat?", "who is [handle] on chat?"),
        ("user id 10412 is locked", "user id [user-id] is locked"),
        ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", "token [secret]"),
        ("key AKIAABCDEFGHIJKLMNOP", "key [secret]"),
        ("sop_abcdefghijklmnopqrstuvwx is my key", "[secret] is my key"),
        ("password: hunter22", "password: [secret]"),
        ("my password is Tr0ub4dor", "my password is [secret]"),
        ("Authorization: Bearer abc123def456", "Authorization: Bearer [secret]"),
        ("https://jo:secret1@host.example/x", "https://[secret]@host.example/x"),
        (
            "https://h.example/x?page=2&token=abcd1234#y",
            "https://h.example/x?page=2&token=[secret]#y",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- ok", "[secret] ok"),
        ("-----BEGIN PRIVATE KEY-----\nabc", "[secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123", "[secret]"),
    ],
)
def test_redact_leaves_the_kind_in_brackets(text, expected):
    """What is personal or secret goes, its kind stays, and so do the words around it."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password",
        "the password is wrong",
        "token expired after login",
        "error LR-4031 at 10:15 on 2026-10-01",
        "ticket 1234567890123456",
        "order 20261001 of batch 7718",
        "127.0.0.1 does not answer, port 8080",
        "queue comments-std shows 1,204 tasks",
        "who is @here on chat?",
        "basic training for new people",
        "登录失败",
        "[email] and [secret] were here",
        "password: [secret], call [phone]",
        "",
    ],
)
def test_redact_leaves_ordinary_words_alone(text):
    """Codes, dates, counts and plain sentences about passwords are what people ask about."""
    assert redact(text) == text


def test_find_says_where_what_and_why():
    """Each find has its place in the text as it came, in order, its kind and its rule."""
    text = "jo@mail.example, pin is 4821"
    assert STANDARD.find(text) == [
        Found(0, 15, "email", "email"),
        Found(24, 28, "secret", "named-secret"),
    ]


def test_what_overlaps_goes_as_one():
    """Of two rules that find the same text, the first of the list names it; nothing is left."""
    assert redact("token=jo@mail.example") == "token=[secret]"
    assert redact("ask @jo@social.example") == "ask [handle]"


def test_what_a_pass_uncovers_goes_in_the_next():
    """A number that only stands alone once its neighbour is gone is found too."""
    assert redact("password: [secret]hunter22") == "password: [secret]"
    first = "-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----"
    assert redact(f"password: {first}hunter22") == "password: [secret]"


def test_own_patterns_come_beside_the_rules():
    """An operator's pattern is found like a rule, under the kind that the operator names."""
    text = "mod-sg-0412 saw B-XY 12, told a@b.example"
    assert redact(text) == "mod-sg-0412 saw B-XY 12, told [email]"
    assert OWN.redact(text) == "[user-id] saw [plate], told [email]"


def test_own_pattern_may_take_only_a_part():
    """A group named `value` says what goes; the rest of the match stays."""
    own = Redactor(read_patterns({"desk-id": r"\bdesk (?P<value>[A-F]\d{2})\b"}))
    assert own.redact("at desk B17 now") == "at desk [desk-id] now"


def test_phone_regions_are_the_operators():
    """A number without a country code is known in the regions that are named."""
    assert redact("06 12 34 56 78") == "06 12 34 56 78"
    assert Redactor(phone_regions=("FR",)).redact("06 12 34 56 78") == "[phone]"
    assert Redactor(phone_regions=()).redact("+33 6 12 34 56 78") == "[phone]"


def test_rules_have_names_of_their_own_and_kinds_that_are_listed():
    """No two rules share a name, and `KINDS` lists every placeholder."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert {rule.kind for rule in RULES} | {"phone"} == set(KINDS)


PARTS = st.sampled_from(
    [
        "a@b.example",
        "+49 30 901820",
        "020 7946 0958",
        "4111 1111 1111 1111",
        "DE89370400440532013000",
        "123-45-6789",
        "S1234567D",
        "203.0.113.7",
        "2001:db8::7:1",
        "00:1A:2B:3C:4D:5E",
        "@jo",
        "user id 10412",
        "/home/jo",
        "password: hunter22",
        "Bearer abc123def",
        "ghp_abcdefghijklmnopqrstuvwx",
        "https://u:p@h.example/?token=abcd1234",
        "-----BEGIN PRIVATE KEY-----",
        "[email]",
        "[phone]",
        "[",
        "]",
        "token=",
        "secret is",
        "passport",
        "call",
        "version",
        "\n",
        "LR-4031",
        "mod-sg-0412",
        "12",
        "密码是",
        ":",
        "@",
        "'",
        '"',
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(PARTS, max_size=6).map(" ".join),
    st.lists(PARTS, max_size=6).map("".join),
)


@settings(max_examples=600, deadline=None)
@given(text=TEXTS)
def test_redacting_twice_changes_nothing(text):
    """The second pass finds nothing that the first has left or made, with own patterns too."""
    for redactor in (STANDARD, OWN):
        once = redactor.redact(text)
        assert redactor.redact(once) == once


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_finds_stand_in_order_and_apart(text):
    """Finds lie inside the text, hold something, and the next begins where one ends or later."""
    found = STANDARD.find(text)
    edges = [0, *(place for one in found for place in (one.start, one.end)), len(text)]
    assert edges == sorted(edges)
    # A password may be made of signs only.
    assert all(text[one.start : one.end].strip() for one in found)


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(alphabet=st.characters(exclude_categories=("N",), exclude_characters="@＠:=/-."))
)
def test_text_without_candidates_is_never_touched(text):
    """Without a digit, an at sign or a mark that assigns, there is nothing to find."""
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a-",
        "1",
        "1 ",
        "12 ",
        "12-",
        "211 111 1111 ",
        "2 55 08 14 168 025 ",
        "4111 ",
        "@",
        "a@",
        "x://",
        "?key=",
        "password ",
        "password: a",
        "eyJ",
        "1.1.",
        "::",
        "DE89 ",
        "ssn 1",
        "user id 1",
        "-----BEGIN PRIVATE KEY",
        "+1 ",
        "00 1 ",
        "[email]",
        "密码",
    ],
)
def test_redact_takes_no_long_time(piece):
    """No text of the greatest length that the service takes keeps it busy for seconds."""
    text = (piece * 20_000)[:20_000]
    started = time.monotonic()
    redact(text)
    assert time.monotonic() - started < 2
