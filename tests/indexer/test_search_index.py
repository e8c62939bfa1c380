"""Articles as ranking looks at them: by row."""

from __future__ import annotations

from datetime import date

import pytest
from by_hand import Listed, chunk
from pydantic import ValidationError

from indexer.article import FrontMatter
from indexer.lexical import LexicalIndex
from indexer.search_index import RankingSettings, SearchIndex
from indexer.vocabulary import Vocabulary


def index_of(articles, chunks=(), spaces=()):
    """Return the index of articles; nothing is searched in it."""
    return SearchIndex.of(
        articles,
        chunks,
        lexical_chunks=LexicalIndex.build([one.text for one in chunks]),
        lexical_articles=LexicalIndex.build([""] * len(articles)),
        vocabulary=Vocabulary([], {}),
        spaces=spaces,
        settings=RankingSettings(),
    )


def old(number, follower=None):
    """Return a deprecated article, replaced by another one or by none."""
    stated = FrontMatter(status="deprecated", replaced_by=follower and f"acc-{follower:03d}")
    return Listed(f"acc-{number:03d}", stated)


def new(number, status="active"):
    """Return an article that is not deprecated."""
    return Listed(f"acc-{number:03d}", FrontMatter(status=status))


def test_starts_say_which_rows_are_an_articles_own():
    """Article i has the rows from its start to the next; none, where both are the same."""
    articles = [
        Listed("a", FrontMatter(questions=("one", "two"))),
        Listed("b"),
        Listed("c", FrontMatter(questions=("three",))),
        Listed("d"),
    ]
    chunks = [chunk("b", 0), chunk("b", 1), chunk("b", 2), chunk("c", 0)]
    index = index_of(articles, chunks)
    assert index.chunk_starts.tolist() == [0, 0, 3, 4, 4]
    assert index.question_starts.tolist() == [0, 2, 2, 3, 3]
    assert len(index) == 4


def test_index_of_nothing_is_empty():
    """Without articles there is one start, the end."""
    index = index_of([])
    assert (index.chunk_starts.tolist(), index.question_starts.tolist(), len(index)) == (
        [0],
        [0],
        0,
    )


def test_review_days_are_the_last_before_overdue():
    """An article is overdue after its date; without one, never."""
    day = date(2026, 11, 1)
    index = index_of([Listed("a", FrontMatter(review_by=day)), Listed("b")])
    assert index.review_days.tolist() == [day.toordinal(), date.max.toordinal()]


@pytest.mark.parametrize(
    ("articles", "rows"),
    [
        ([new(1), new(2, "review")], [0, 1]),
        ([old(1, 2), new(2)], [1, 1]),
        ([new(1), old(2, 1)], [0, 0]),
        ([old(1, 2), old(2, 3), new(3)], [2, 2, 2]),
        ([old(1), new(2)], [-1, 1]),
        ([old(1, 99), new(2)], [-1, 1]),
        ([old(1, 1), new(2)], [-1, 1]),
        ([old(1, 2), old(2, 1), new(3)], [-1, -1, 2]),
        ([old(1, 2), old(2, 3), old(3, 2)], [-1, -1, -1]),
        ([old(1, 2), old(2), old(3, 2)], [-1, -1, -1]),
    ],
    ids=[
        "itself",
        "replaced",
        "replaced by an earlier one",
        "chain",
        "no replacement",
        "missing replacement",
        "replaced by itself",
        "loop of two",
        "leads into a loop",
        "chain to nowhere",
    ],
)
def test_leads_to_follows_replacements(articles, rows):
    """A deprecated article leads to its last replacement, or nowhere; others to themselves."""
    assert index_of(articles).leads_to.tolist() == rows


def test_only_deprecated_articles_are_replaced():
    """An active article that names a replacement is still shown itself."""
    articles = [Listed("acc-001", FrontMatter(replaced_by="acc-002")), new(2)]
    assert index_of(articles).leads_to.tolist() == [0, 1]


def test_english_is_asked_in_the_first_space_and_all_else_in_the_last():
    """With one space, every language is asked in it."""
    one, two = index_of([], spaces=(None,)), index_of([], spaces=(None, None))
    assert [one.space_for(language) for language in ("en", "de", "zh")] == [0, 0, 0]
    assert [two.space_for(language) for language in ("en", "de", "zh")] == [0, 1, 1]


def test_settings_are_those_of_the_manifest(sop_snapshot):
    """A snapshot carries its weights, and they read back as they were; none can be changed."""
    settings = sop_snapshot.manifest.ranking
    assert sop_snapshot.index.settings == settings == RankingSettings()
    assert RankingSettings.model_validate_json(settings.model_dump_json()) == settings
    with pytest.raises(ValidationError):
        settings.dense = 1.0
