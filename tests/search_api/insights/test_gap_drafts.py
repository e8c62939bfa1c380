"""What a draft gets of a gap."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from support_events import NOON, asked

from indexer.article import parse_article
from indexer.redaction.redactor import STANDARD
from search_api.insights.gap_drafts import draft_facts
from search_api.insights.gaps import find_gaps
from search_api.insights.outcomes import read_outcomes

TEXTS = (
    "my badge does not open the gate",
    "the gate does not open, my badge is red",
    "badge red at the gate",
    "does my badge open the gate without Miller",
    "gate 48213377: badge red",
    "my badge [email] is red",
)


@pytest.fixture
def articles(article_text):
    """One article, which knows badges and nothing of gates."""
    text = article_text("A badge opens a door.\n")
    return [parse_article("access/a.md", text.encode())]


def gap_of(*texts, near=True):
    """One gap of some texts, each by another asker."""
    vector = np.array((1, 0, 0), np.float32)
    questions = [
        asked(n, minute=n, text=text, vector=vector, decision="abstain", confidence=0.1)
        for n, text in enumerate(texts)
    ]
    other = asked(99, vector=np.array((0, 1, 0) if near else (0, 0, 1), np.float32))
    (gap,) = find_gaps(read_outcomes([*questions, other], []), NOON, NOON + timedelta(1)).gaps
    return gap


def test_without_permission_a_draft_gets_counts_and_no_words_of_people(articles, article_text):
    """No text of a question, and the label only where articles use all of its words."""
    gap = gap_of(*TEXTS)
    assert gap.label == "gate open badge red"
    start = draft_facts(gap, articles, None)
    assert start.proposals == ()
    assert start.facts == {
        "about": "words that no article uses yet",
        "questions": 6,
        "askers": 6,
        "first_asked": "2026-11-03",
        "last_asked": "2026-11-03",
    }
    text = article_text("The gate opens when a badge is not red.\n", id="acc-002")
    gates = parse_article("access/gate.md", text.encode())
    start = draft_facts(gap, [*articles, gates], None)
    assert start.facts["about"] == "gate open badge red"


def test_with_permission_it_gets_sentences_in_words_that_three_people_use(articles):
    """No name, no long number, nothing that was redacted, at most five, each once."""
    start = draft_facts(gap_of(*TEXTS), articles, STANDARD)
    assert start.facts["about"] == "gate open badge red"
    assert sorted(start.proposals) == [
        "badge red at the gate",
        "my badge does not open the gate",
        "the gate does not open, my badge is red",
    ]


def test_the_nearest_article_is_related_where_it_exists(articles):
    """An article that is gone is not named."""
    gap = gap_of(*TEXTS)
    assert draft_facts(gap, articles, None).related == ("acc-001",)
    assert draft_facts(gap, [], None).related == ()


@pytest.mark.parametrize(
    ("texts", "article_type"),
    [
        ((*TEXTS[:2], "the gate fails"), "troubleshooting"),
        (("how do I order a badge", "order a new badge", "where are badges ordered"), "how-to"),
    ],
)
def test_the_type_follows_what_people_ask(articles, texts, article_type):
    """Most of them say that something does not work, or they do not."""
    assert draft_facts(gap_of(*texts), articles, None).article_type == article_type


def test_words_that_three_people_typed_alike_are_common(articles):
    """The same sentence by three people is theirs together, and by two it is not."""
    text = "where is the blue umbrella"
    assert draft_facts(gap_of(text, text, text), articles, STANDARD).proposals == (text,)
    two = gap_of(text, text, "lost it near my badge")
    assert text not in draft_facts(two, articles, STANDARD).proposals
