"""Two sides' answers side by side: what counts as lost, and when a change costs too much."""

from __future__ import annotations

import json

import pytest

from indexer.compare.comparison import (
    ArticleMove,
    Comparison,
    Limits,
    QuestionChange,
    changed_articles,
)
from indexer.compare.outcomes import Asked, Outcome
from indexer.compare.report import formatted, verdict


def outcome(rank, first="a-001", *, answered=True, stated=True):
    """What a side answers: the rank of the article that should come, and which is first."""
    return Outcome((first,), rank, stated, answered, 0.4 if answered else 0.1, 0.22)


def change(before, after, text="where is it", article="a-001", weight=1, is_own=True):
    """A question with both answers."""
    return QuestionChange(Asked(text, article, is_own, weight), before, after)


def comparison(*questions, limits=None, **more):
    """A comparison of these questions."""
    values = {
        "base": "main at 1234567",
        "head": "your files",
        "titles": {"a-001": "Find it", "b-001": "Lose it"},
        "new": (),
        "removed": (),
        "changed": (),
        "questions": questions,
        "unfound": (),
        "orphans": (),
        "overlaps": (),
        "errors": (),
        "limits": limits or Limits(),
    }
    return Comparison(**values | more)


SAME = change(outcome(1), outcome(1))
LOST = change(outcome(3), outcome(4, "b-001"), text="lost one")
FOUND = change(outcome(4, "b-001"), outcome(3), text="found one")
UNANSWERED = change(outcome(1), outcome(1, answered=False), text="silent one")


def test_question_is_lost_when_its_article_leaves_the_first_three():
    """From rank 3 to 4 it is lost, from 1 to 3 it is not, and from 4 to 3 it is found."""
    worse = change(outcome(1), outcome(3, "b-001"), text="lower")
    found = comparison(SAME, LOST, FOUND, worse)
    assert [one.asked.text for one in found.lost] == ["lost one"]
    assert [one.asked.text for one in found.found] == ["found one"]
    assert [one.asked.text for one in found.other_first] == ["lost one", "found one", "lower"]


def test_question_of_a_removed_article_is_not_lost():
    """Whoever takes an article away knows that it is gone."""
    gone = change(outcome(1), outcome(None, "b-001", stated=False))
    assert comparison(gone).lost == []


def test_what_was_asked_most_stands_first():
    """Questions that people asked are told by how often they did."""
    often = change(outcome(1), outcome(None, "b-001"), text="often", weight=9, is_own=False)
    assert [one.asked.text for one in comparison(LOST, often).lost] == ["often", "lost one"]


# The right article changes its rank behind another one, which stays first.
LOST_NEVER_FIRST = change(outcome(3, "b-001"), outcome(4, "b-001"))
FOUND_NEVER_FIRST = change(outcome(4, "b-001"), outcome(3, "b-001"))
JUST_ENOUGH = Outcome(
    ("a-001",), 1, is_stated=True, is_answered=True, confidence=0.23, threshold=0.22
)
TOO_LITTLE = Outcome(
    ("a-001",), 1, is_stated=True, is_answered=False, confidence=0.22, threshold=0.23
)


def test_question_on_the_line_is_neither_answered_nor_not():
    """What lay just above what is enough, and lies just below it, has not changed."""
    tie = change(JUST_ENOUGH, TOO_LITTLE)
    assert (comparison(tie).unanswered, comparison(tie, UNANSWERED).unanswered) == (
        [],
        [UNANSWERED],
    )


@pytest.mark.parametrize(
    ("output", "place"),
    [("text", "answered 50.0% -> 75.0%\n{}\n"), ("markdown", "| 75.0% |\n\n{}")],
)
def test_questions_on_the_line_are_counted_so_that_the_shares_add_up(output, place):
    """Three fell to the other side of what is enough: no part lists them, one line counts them."""
    now = change(TOO_LITTLE, JUST_ENOUGH, weight=2)
    no_more = change(JUST_ENOUGH, TOO_LITTLE)
    told = "3 on the line of what is enough fell to its other side: 2 answered now, 1 no more"
    found = comparison(now, no_more, SAME)
    assert place.format(told) in formatted(found, output)
    assert len(json.loads(formatted(found, "json"))["near_ties"]) == 2
    assert "on the line" not in formatted(comparison(SAME, UNANSWERED), output)


def test_questions_of_a_removed_article_are_told_with_what_they_bring_now():
    """Whoever takes an article away sees who answers in its place, and who nobody answers."""
    moved = change(outcome(1), outcome(None, "b-001", stated=False), text="moved")
    silent = change(outcome(1), outcome(None, "b-001", answered=False, stated=False), text="silent")
    text = formatted(comparison(SAME, removed=("a-001",), orphans=(moved, silent)), "text")
    assert (
        "2 questions of removed articles, 1 without an answer:\n"
        "  “moved” [a-001]: Find it [a-001] (40%) -> Lose it [b-001] (40%)\n"
        "  “silent” [a-001]: Find it [a-001] (40%) -> Lose it [b-001] (10%, below 22%: no answer)"
    ) in text


def test_two_lost_questions_are_always_allowed():
    """A small library must not fail over two questions; the third is too many."""
    others = [SAME] * 10
    assert comparison(*others, LOST, LOST).reasons == []
    assert comparison(*others, LOST, LOST, LOST).reasons == [
        "3 of 13 questions lose their article; 0.5 % may"
    ]


@pytest.mark.parametrize(("limit", "passes"), [(1.0, True), (0.9, False)])
def test_limit_is_a_share_of_all_questions(limit, passes):
    """Ten of a thousand are one percent: allowed at one percent, not below."""
    found = comparison(*[SAME] * 990, *[UNANSWERED] * 10, limits=Limits(unanswered=limit))
    assert (not found.reasons) == passes
    assert passes or found.reasons == ["10 of 1,000 questions are no longer answered; 0.9 % may"]


def test_moves_are_means_of_reciprocal_ranks():
    """From rank 1 to 2 and from 2 to 2: -0.5 and 0, so -0.25 over two questions."""
    still = change(outcome(2, "b-001"), outcome(2, "b-001"), text="still")
    fell = change(outcome(1), outcome(2, "b-001"), text="fell")
    assert comparison(still, fell).moves == [ArticleMove("a-001", -0.25, 2)]


def test_shares_leave_out_questions_whose_article_is_unknown():
    """Of two known ones, one is first before; answered counts every question."""
    unknown = change(outcome(None), outcome(None), article=None, is_own=False)
    found = comparison(SAME, LOST, unknown)
    assert found.shares("before") == (0.5, 1.0, 1.0)
    assert found.shares("after") == (0.5, 0.5, 1.0)


def test_changed_articles_are_told_by_id(articles_of):
    """A moved file is no change; another title is; ids tell what is new and gone."""
    before = articles_of({"a.md": ("acc-001", "One"), "b.md": ("acc-002", "Two")})
    after = articles_of({"z.md": ("acc-001", "One"), "c.md": ("acc-003", "Three")})
    assert changed_articles(before, after) == (("acc-003",), ("acc-002",), ())
    renamed = articles_of({"a.md": ("acc-001", "Uno"), "b.md": ("acc-002", "Two")})
    assert changed_articles(before, renamed) == ((), (), ("acc-001",))


def test_markdown_folds_details_and_lets_nothing_through_as_markup():
    """What a question says cannot close a fold, call a person or make a link."""
    evil = change(outcome(3), outcome(4, "b-001"), text="</details> @all [x](http://e) `a|b`")
    text = formatted(comparison(evil, changed=("a-001",)), "markdown")
    assert text.startswith(
        "### What this change does to the answers\n\n✅ **passes**\n\n"
        "articles: 1 changed, compared with main at 1234567.\n"
    )
    assert "| article among the first 3 | 100.0% | 0.0% |" in text
    assert "<details><summary>1 question loses its article</summary>" in text
    told = next(line for line in text.split("\n") if line.startswith("- “"))
    assert not set("<>@[]()`|") & set(told.replace("&#", "").replace("(", "").replace(")", ""))


def test_markdown_of_a_large_change_fits_into_a_comment():
    """Thousands of changed questions are cut at 25 lines each, and say how many more there are."""
    many = [change(outcome(1), outcome(9, "b-001"), text="x" * 500) for _ in range(3000)]
    text = formatted(comparison(*many), "markdown")
    assert len(text) < 60_000
    assert "and 2975 more; --format json lists all" in text
    assert "❌ **fails: 3000 of 3,000 questions lose their article; 0.5 % may**" in text


def test_text_says_what_changes_and_the_verdict_last():
    """The first line names both sides, the last one is the verdict."""
    lines = formatted(comparison(LOST, UNANSWERED, new=("b-001",)), "text").split("\n")
    assert lines[0] == "main at 1234567 -> your files: articles: 1 new"
    assert lines[1] == (
        "2 questions: first 50.0% -> 50.0%, in 3 100.0% -> 50.0%, answered 100.0% -> 50.0%"
    )
    assert "  “lost one” [a-001]: Find it [a-001] (40%, own at 3)" in "\n".join(lines)
    assert lines[-1] == "passes"
    assert verdict(comparison(SAME)) == "passes: no answer changes"


@pytest.mark.parametrize(
    "changes",
    [
        {"questions": (LOST_NEVER_FIRST,)},
        {"questions": (FOUND_NEVER_FIRST,)},
        {"questions": (change(outcome(1), outcome(1, "b-001")),)},
        {"questions": (UNANSWERED,)},
        {"questions": (change(outcome(1, answered=False), outcome(1)),)},
        {"questions": (change(TOO_LITTLE, JUST_ENOUGH),)},
        {"questions": (SAME,), "unfound": (SAME,)},
        {"questions": (SAME,), "orphans": (SAME,)},
    ],
    ids=["lost", "found", "first", "unanswered", "answered", "near tie", "unfound", "orphan"],
)
def test_no_answer_changes_is_said_only_where_none_does(changes):
    """Each kind of change by itself is a change; what costs little enough still passes."""
    assert verdict(comparison(**changes)) == "passes"


def test_json_has_every_change():
    """A program gets all of it, not the first 25."""
    found = json.loads(formatted(comparison(*[LOST] * 40), "json"))
    assert (found["passes"], len(found["lost"])) == (False, 40)
    assert found["lost"][0] == {
        "text": "lost one",
        "article": "a-001",
        "is_own": True,
        "count": 1,
        "before": {"articles": ["a-001"], "rank": 3, "answered": True, "confidence": 0.4},
        "after": {"articles": ["b-001"], "rank": 4, "answered": True, "confidence": 0.4},
    }
