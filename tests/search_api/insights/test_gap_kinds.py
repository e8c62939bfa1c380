"""What a group of questions asks of a writer."""

from __future__ import annotations

import pytest
from support_events import asked, told

from search_api.insights.gap_kinds import Verdict, judge
from search_api.insights.outcomes import read_outcomes

ONE, TWO = "acc-001", "acc-002"


def ranked(*articles):
    """Suggestions, best first."""
    return [{"id": id_, "score": 0.8, "confidence": 0.3} for id_ in articles]


def group(*questions):
    """Outcomes of questions, each its changes and then its feedback."""
    events, feedback = [], []
    for number, (changes, *said) in enumerate(questions, 1):
        events.append(asked(number, **changes))
        feedback += [told(reference=f"T-{number}", **one) for one in said]
    return read_outcomes(events, feedback)


def unanswered(*articles, confidence=0.3, threshold=0.4):
    """An abstained question, and what its nearest articles were."""
    return {
        "decision": "abstain",
        "confidence": confidence,
        "threshold": threshold,
        "suggestions": ranked(*articles),
    }


FAR = (unanswered(ONE, confidence=0.1),)
NEAR = (unanswered(ONE, TWO),)


def test_questions_far_from_every_article_want_a_new_one():
    """No article reached half of what would have been enough."""
    assert judge(group(FAR, FAR, FAR)) == Verdict("write")
    assert judge(group((unanswered(),))) == Verdict("write")


def test_half_of_what_is_enough_is_near():
    """At half of the threshold a question is near, below it is not."""
    assert judge(group((unanswered(ONE, confidence=0.2),))) == Verdict("edit", (ONE,))
    assert judge(group((unanswered(ONE, confidence=0.19),))) == Verdict("write")


def test_old_questions_without_a_confidence_are_far():
    """A log of the first form tells nothing of an abstained question's articles."""
    assert judge(group((unanswered(ONE, confidence=None, threshold=None),))) == Verdict("write")


def test_most_questions_decide():
    """Three far against two near want a new article; the other way round an edit."""
    assert judge(group(FAR, FAR, FAR, NEAR, NEAR)) == Verdict("write")
    assert judge(group(FAR, FAR, NEAR, NEAR, NEAR)) == Verdict("edit", (ONE,))


def test_what_people_report_as_missing_is_to_be_written():
    """A reported gap counts more than an article that is near."""
    reported = ({}, {"event": "gap"})
    assert judge(group(reported, reported, NEAR)) == Verdict("write")


@pytest.mark.parametrize("reason", ["related_not_answered", "outdated"])
def test_a_related_article_that_does_not_answer_is_to_be_edited(reason):
    """The article that was rejected is named, not the likeliest one."""
    said = ({}, {"event": "rejected", "reason": reason, "article_id": TWO})
    assert judge(group(said)) == Verdict("edit", (TWO,))


def test_rejected_without_an_article_is_about_the_likeliest():
    """Feedback on the whole answer counts for its first article."""
    said = ({}, {"event": "rejected", "reason": "outdated", "article_id": None})
    assert judge(group(said)) == Verdict("edit", (ONE,))


def test_what_came_back_is_to_be_edited():
    """The article that resolved it, and did not, lacks something."""
    said = ({}, {"event": "resolved", "article_id": TWO}, {"event": "reopened", "article_id": None})
    assert judge(group(said)) == Verdict("edit", (TWO,))


def test_unrelated_articles_want_a_new_one():
    """A suggestion that has nothing to do with the question is no article to edit."""
    said = ({}, {"event": "rejected", "reason": "not_related"})
    assert judge(group(said, said)) == Verdict("write")


def test_a_later_suggestion_that_helps_competes_with_the_first():
    """The first was rejected as not related, and the runner-up resolved it."""
    said = (
        {"suggestions": ranked(TWO, ONE)},
        {"event": "rejected", "reason": "not_related", "article_id": TWO},
        {"event": "resolved", "article_id": ONE},
    )
    assert judge(group(said)) == Verdict("compete", (ONE, TWO))


def test_articles_that_take_turns_compete():
    """Each leads half of the near questions, and is second in the others."""
    one, two = (unanswered(ONE, TWO),), (unanswered(TWO, ONE),)
    assert judge(group(one, two, one, two)) == Verdict("compete", (ONE, TWO))
    assert judge(group(one, one, one, one, two)) == Verdict("edit", (ONE,))


def test_near_questions_without_a_leader_want_a_new_article():
    """Five articles are near to one question each: none of them is about it."""
    near = [(unanswered(f"acc-{number:03d}", "acc-900"),) for number in range(5)]
    assert judge(group(*near)) == Verdict("write")
