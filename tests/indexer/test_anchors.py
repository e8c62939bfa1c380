"""Heading anchors, by hand; the comparison with a real site is in `site/test_hook`."""

from __future__ import annotations

import pytest

from indexer.anchors import Anchors, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Before you start", "before-you-start"),
        ("What's new, in 2.0?", "whats-new-in-20"),
        ("  Spaces   and - hyphens ", "spaces-and-hyphens"),
        ("snake_case_name", "snake_case_name"),
        ("登录失败", "登录失败"),
        ("Überprüfung / Größe", "überprüfung-größe"),
        ("Cafe\u0301", "café"),
        ("C++ & C#", "c-c"),
        ("!?", ""),
    ],
)
def test_slugify_keeps_letters_of_every_script(text, slug):
    """Lower case, hyphens for spaces, punctuation gone, letters of every script kept."""
    assert slugify(text, "-") == slug


def test_anchor_numbers_repeats():
    """A repeated anchor counts up, also where a heading looks like a count."""
    anchors = Anchors()
    names = ["Steps", "Steps", "Steps_1", "Steps", "!", "!!", "v_9", "v_9"]
    assert [anchors.anchor(name) for name in names] == [
        "steps",
        "steps_1",
        "steps_2",
        "steps_3",
        "_1",
        "_2",
        "v_9",
        "v_10",
    ]


def test_anchor_leaves_explicit_ids_alone():
    """An id set by hand anywhere on the page is taken before the first heading."""
    anchors = Anchors({"steps", "steps_1"})
    assert [anchors.anchor("Steps"), anchors.anchor("Other")] == ["steps_2", "other"]
