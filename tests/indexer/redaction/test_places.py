"""Addresses of machines, handles and ids of people: whose is taken, and what stays."""

from __future__ import annotations

import pytest

from indexer.redaction.redactor import STANDARD

redact = STANDARD.redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host 1.2.3.4 is down", "host [ip] is down"),
        ("10.1.2.3/24", "[ip]/24"),
        ("fe80::1c2d:3eff:fe4f:5a6b%eth0", "[ip]%eth0"),
        ("[2001:db8::1:2]:443", "[[ip]]:443"),
        ("001a.2b3c.4d5e", "[mac]"),
    ],
)
def test_machine_is_found(text, expected):
    """An address of one machine goes, with nothing around it."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "version 10.20.30.40",
        "upgrade from 10.2.3.1 to 10.2.4.0",
        "Lantern Review 1.2.3.4",
        "section 14.2.1.3",
        "Statistics 27.0.1.0",
        "https://h.example/doc?uid=swg21345678",
        "1.3.6.1.4.1.311",
        "v4.11.2.9",
        "300.1.2.3",
        "127.0.0.1 0.0.0.0 255.255.255.255 169.254.1.2",
        "255.255.240.0",
        "10.0.0.0/8 and 2001:db8::/32",
        "8.8.8.8",
        "::1 and ::",
        "12:34:56",
        "std::vector, a::b, ::before",
        "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff",
        "10-20-30-40-50-60",
    ],
)
def test_what_every_machine_has_stays(text):
    """Versions, masks, networks, loopback, times and code are no machine of somebody."""
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@maria.", "[handle]."),
        ("(@maria)", "([handle])"),
        ("问@小明 吗", "问[handle] 吗"),
        ("＠maria hi", "[handle] hi"),
        ("@app.route('/x') by @maria", "@app.route('/x') by [handle]"),
    ],
)
def test_handle_of_one_person_is_found(text, expected):
    """A mention goes with its sign."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@channel @here @everyone",
        "@oncall-review @payments-team",
        "@Override",
        "@pytest.fixture",
        "npm i @babel/core lodash@4.17.21",
        "SET @limit = 200",
        "DECLARE @limit INT",
        "@@version",
        "meet @ 10:15",
        "https://social.example/@jo",
        "git@git.example.com:ops/x.git",
    ],
)
def test_at_sign_of_many_or_of_code_stays(text):
    """Mentions of groups, decorators, packages and variables name nobody."""
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user_id = 10412", "user_id = [user-id]"),
        ("/home/jdoe/.ssh", "/home/[user-id]/.ssh"),
        ("C:\\Users\\jdoe\\x", "C:\\Users\\[user-id]\\x"),
        ("/home/ubuntu/app", "/home/ubuntu/app"),
        ("/internal/v1/users/{user_id}", "/internal/v1/users/{user_id}"),
        ("user id is missing", "user id is missing"),
    ],
)
def test_user_id_is_found_where_it_is_announced(text, expected):
    """An id behind the words for it and the name of a home folder go; accounts of systems stay."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1 (212) 555-0142", "[phone]"),
        ("tel:+12125550142", "tel:[phone]"),
        ("0044 20 7946 0018", "[phone]"),
        ("1-800-555-0199", "[phone]"),
        ("call 4155550123", "call [phone]"),
        ("212-555-0142 212-555-0143", "[phone] [phone]"),
    ],
)
def test_phone_is_found(text, expected):
    """A number with a country code, behind a word for it, or in groups of a region goes."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2125550142",
        "order 212-555-0142",
        "10-12-2026",
        "2026-10-01 10:15",
        "53.349805, -6.260310",
        "1 2 3 4 5 6 7 8 9 10",
        "999 999 9999",
        "+1000 rows",
        "12 000 000 rows",
        "212-555-0142-7",
    ],
)
def test_other_numbers_are_no_phone(text):
    """Ten digits in one piece, an order's number, dates, coordinates and counts stay."""
    assert redact(text) == text
