"""An operator's patterns: what is taken, what is refused, and what they may cost."""

from __future__ import annotations

import time

import pytest

from indexer.redaction.patterns import MOST_PATTERNS, MOST_WAYS, PatternError, read_patterns


def test_patterns_are_read_in_order():
    """A kind has one pattern or several; each stands beside its kind."""
    read = read_patterns({"user-id": (r"\bE\d{6}\b", r"\bu_[a-z0-9]{4,20}\b"), "plate": "B-XY"})
    assert [(one.kind, one.pattern.pattern) for one in read] == [
        ("user-id", r"\bE\d{6}\b"),
        ("user-id", r"\bu_[a-z0-9]{4,20}\b"),
        ("plate", "B-XY"),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(?:mod|ops)-(?:sg|ie|us)-\d{4}\b",
        r"(?i)\bemp[ -]?\d{3,8}\b",
        r"(?P<value>\d{4})-Q(?=x)",
        r"[]a-f]{2,9}\]\[",
        r"\x41\d{2}?Q{1,3}+",
        r"Q{,3}ZZ{}",
        r"(?<!x)QQ|(?i:zzq)|qz{x",
    ],
)
def test_bounded_pattern_is_taken(pattern):
    """Characters, classes, groups, choices, looks around and repeats with a limit are allowed."""
    assert read_patterns({"user-id": pattern})[0].pattern.pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"E\d+", "any number of ways"),
        (r"E\d*", "any number of ways"),
        (r"E\d{2,}", "any number of ways"),
        (r"(?:x\d{1,9}){1,9}Q", "ways and would keep the service busy"),
        (r"(?:xx?){30}Q", "any number of ways"),
        ("x?" * 12 + "Q", "4,096 ways"),
        (r"(x)Q\1", r"has '\\\\1', whose cost cannot be told"),
        (r"(?P<a>x)Q(?P=a)", "whose cost cannot be told"),
        (r"(?x) Q Q", "whose cost cannot be told"),
        (r"(x)?Q(?(1)a|b)", "whose cost cannot be told"),
        (r"(Q", "no regular expression"),
        ("Q" * 301, "has 301 characters; write at most 300"),
        (r"\w{2,20}", "also finds ordinary text"),
        (r"\d{4}", "also finds ordinary text"),
        (r"Q?", "also finds ordinary text"),
        ("", "also finds ordinary text"),
    ],
)
def test_pattern_is_refused_with_its_kind_and_a_remedy(pattern, reason):
    """What is unbounded, unknown, broken or too wide is refused by name."""
    with pytest.raises(PatternError, match=f"^user-id: pattern (?s:.)*{reason}"):
        read_patterns({"user-id": pattern})


@pytest.mark.parametrize("kind", ["User", "user_id", "user id", "x", "", "a-b-c-d", "id2", "[x]"])
def test_kind_must_be_a_placeholder(kind):
    """A kind is small letters with hyphens, so that everything knows its placeholder again."""
    with pytest.raises(PatternError, match="no name for a placeholder"):
        read_patterns({kind: "QQ"})


def test_there_may_be_so_many_patterns():
    """One more than the limit is refused with what to do."""
    patterns = tuple(f"QQ{place}" for place in range(MOST_PATTERNS + 1))
    assert len(read_patterns({"user-id": patterns[1:]})) == MOST_PATTERNS
    with pytest.raises(PatternError, match=r"21 patterns are too many; .* join those of a kind"):
        read_patterns({"user-id": patterns})


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:[a-z]{1,4}){1,4}!",
        r"(?:a{1,7}){3}!",
        r"a?a?a?a?a?a?a?a?!",
        r"\w{1,500}z!",
        r"[ab]{1,22}[ab]{1,22}!",
        r"(?:a|aa|aaa){1,3}(?:a|b){1,2}!",
    ],
)
def test_what_is_allowed_takes_no_long_time(pattern):
    """A pattern near the limit, on a text made to keep it busy, is done within a second."""
    (one,) = read_patterns({"user-id": pattern})
    for text in ("a" * 20_000, "ab" * 10_000, "a " * 10_000):
        started = time.monotonic()
        assert list(one.pattern.finditer(text)) == []
        assert time.monotonic() - started < 1
    assert MOST_WAYS == 500
