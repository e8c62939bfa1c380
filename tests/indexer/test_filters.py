"""Which articles a caller may be shown."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.answer import answer
from indexer.filters import allowed_articles


@pytest.fixture
def snapshot(open_index, article_text):
    """Five articles that differ in audience, tags, platforms and type; the last is foreign."""

    def article(number, **changed):
        return article_text(f"Phone {number}.\n", id=f"acc-{number:03d}", **changed)

    return open_index(
        {
            "1.md": article(1, tags=["a"], platforms=["P"], type="how-to"),
            "2.md": article(2, tags=["a", "b"], type="policy"),
            "3.md": article(3, tags=["c"], platforms=["P", "Q"], type="process"),
            "4.md": article(4, tags=["a"], type="policy", audience=["leads", "partner"]),
            "5.md": "# Foreign\n\nPhone five.\n",
        }
    )


def shown(snapshot, audiences=("internal",), **filters):
    """Return the numbers of the articles that may be shown."""
    mask = allowed_articles(snapshot, audiences, **filters)
    assert (mask.dtype, mask.shape) == (bool, (5,))
    return [row + 1 for row, is_shown in enumerate(mask) if is_shown]


def test_an_article_is_shown_to_its_audiences(snapshot):
    """One audience in common is enough, none is not; a foreign article is internal."""
    assert shown(snapshot) == [1, 2, 3, 5]
    assert shown(snapshot, ("partner",)) == [4]
    assert shown(snapshot, ("leads", "nobody")) == [4]
    assert shown(snapshot, ("leads", "internal")) == [1, 2, 3, 4, 5]
    assert shown(snapshot, ()) == []
    assert shown(snapshot, ("Internal", "internal ", "")) == []


def test_a_filter_keeps_what_has_one_of_its_names(snapshot):
    """Names of one filter are alternatives, several filters must all hold."""
    assert shown(snapshot, tags=["b", "c"]) == [2, 3]
    assert shown(snapshot, platforms=["Q"]) == [3]
    assert shown(snapshot, types=["policy", "process"]) == [2, 3]
    assert shown(snapshot, tags=["a"], platforms=["P"]) == [1]
    assert shown(snapshot, tags=["a"], types=["process"]) == []
    assert shown(snapshot, tags=["nothing"]) == []


def test_a_filter_never_shows_what_the_audience_hides(snapshot):
    """An article of another audience stays hidden, whatever filter would keep it."""
    assert shown(snapshot, tags=["a"], types=["policy"]) == [2]
    assert shown(snapshot, ("leads",), tags=["a"]) == [4]
    assert shown(snapshot, ("leads",), tags=["b"]) == []


def test_names_may_be_read_once(snapshot):
    """Names may come from a generator, which gives them a single time."""
    assert shown(snapshot, iter(["internal"]), tags=iter(["a"])) == [1, 2]


def test_filters_apply_before_the_cut(snapshot):
    """What a filter leaves out takes no place, so the answer is still full."""

    def found(top_k, **filters):
        allowed = allowed_articles(snapshot, ["internal"], **filters)
        ranked = answer(snapshot, "phone", allowed, date(2026, 11, 1), top_k).ranked
        return sorted(one.article + 1 for one in ranked)

    assert found(2, tags=["b", "c"]) == [2, 3]
    assert found(1, platforms=["Q"]) == [3]
    assert found(5, types=["how-to", "policy"]) == [1, 2]
    assert found(5) == [1, 2, 3, 5]
    assert len(found(2)) == 2
