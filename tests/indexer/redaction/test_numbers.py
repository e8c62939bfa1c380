"""Cards, accounts and national ids: right check digits go, wrong ones stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.redaction.numbers import is_card
from indexer.redaction.redactor import STANDARD

redact = STANDARD.redact


def luhn_digit(digits):
    """The digit that makes digits pass, found by trying: an independent form of the check."""
    for last in range(10):
        total = 0
        for place, digit in enumerate(reversed([*digits, last])):
            total += sum(divmod(digit * 2, 10)) if place % 2 else digit
        if total % 10 == 0:
            return last
    return None


@given(digits=st.lists(st.integers(0, 9), min_size=14, max_size=14), wrong=st.integers(1, 9))
def test_card_is_known_by_its_last_digit(digits, wrong):
    """Of ten last digits one makes a card."""
    last = luhn_digit([4, *digits])
    written = "4" + "".join(map(str, digits))
    assert is_card(f"{written}{last}")
    assert not is_card(f"{written}{(last + wrong) % 10}")


@pytest.mark.parametrize(
    "number",
    [
        "20260104153012",  # a moment of 14 digits that passes the check
        "4111 1111 1111 1112",
        "1111 1111 1111 1117",
        "0000 0000 0000 0000",
        "order 4111111111111111",
    ],
)
def test_what_is_no_card_stays(number):
    """First digits, length, check digit and an order's number in one piece tell cards apart."""
    assert redact(number) == number


def test_cards_in_groups_are_found_beside_other_digits():
    """A card ends where its group ends; what follows it stays."""
    assert redact("4111 1111 1111 1111 12/29") == "[card] 12/29"
    assert redact("4111 1111 1111 1111 5555 5555 5555 4444") == "[card] [card]"
    assert redact("order 4111 1111 1111 1111") == "order [card]"


@pytest.mark.parametrize(
    "number",
    [
        "S1234567D",
        "12345678Z",
        "X1234567L",
        "11010519491231002X",
        "529.982.247-25",
        "2 55 08 14 168 025 38",
        "2341 2341 2346",
        "820701-2345679",
        "RSSMRA85T10A562S",
        "HEGG560427MVZRRL04",
        "JG 10 37 59 A",
        "123-45-6789",
    ],
)
def test_id_is_found_by_form_and_check_digit(number):
    """What has a form of its own needs no word in front of it."""
    assert redact(f"it was {number} then") == "it was [national-id] then"


@pytest.mark.parametrize(
    "number",
    [
        "S1234567A",
        "12345678A",
        "X1234567A",
        "110105194912310021",
        "529.982.247-26",
        "2 55 08 14 168 025 39",
        "2341 2341 2347",
        "821301-2345679",
        "000-45-6789",
        "987-65-4321",
    ],
)
def test_id_with_a_wrong_check_stays_unless_announced(number):
    """A wrong check digit, date or range is no id, but behind its name it is somebody's typo."""
    assert redact(f"it was {number} then") == f"it was {number} then"
    assert redact(f"national id {number} then") == "national id [national-id] then"


@pytest.mark.parametrize(
    "text",
    [
        "SSN field must not be shown",
        "message ICWPA1234E",
        "passport check takes 30 minutes",
        "order 123-45-6789 is late",
        "national id check failed with error 500123",
        "DE89370400440532013001",
        "DE89 3704 0044",
        "GB82WEST12345698765432X",
    ],
)
def test_words_about_ids_and_other_numbers_stay(text):
    """A name of an id without a number, an order's number and a wrong account are kept."""
    assert redact(text) == text
