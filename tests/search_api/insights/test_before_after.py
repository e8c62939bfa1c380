"""The same questions before and after a change, from the log alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from support_events import NOON, asked, told

from search_api.insights.before_after import (
    NoEffectError,
    Side,
    came_at,
    effect_of,
    same_questions,
    weeks_of,
)
from search_api.insights.gaps import find_gaps
from search_api.insights.outcomes import read_outcomes

DAY = timedelta(days=1)
TOPIC, NEARLY, ELSE = (1, 0, 0), (0.8, 0.6, 0), (0, 0, 1)
OLD, NEW = "0" * 16, "1" * 16


def question(number, day, vector=TOPIC, article="acc-001", version=OLD, **changes):
    """A question of some day, answered by an article unless it is abstained from."""
    return asked(
        number,
        minute=day * 24 * 60,
        **{
            "vector": np.array(vector, np.float32),
            "suggestions": [{"id": article, "score": 0.8, "confidence": 0.7}],
            "index_version": version,
        }
        | changes,
    )


def nothing(number, day, vector=TOPIC, **changes):
    """A question of some day that was abstained from."""
    return question(
        number, day, vector, **{"decision": "abstain", "shown": 0, "confidence": 0.1} | changes
    )


def others(version=OLD):
    """Questions about something else, which tell what any two questions reach."""
    rows = np.random.default_rng(1).standard_normal((60, 3))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[:, :2] = -abs(rows[:, :2])
    return [question(900 + n, 0.5, row, "els-001", version) for n, row in enumerate(rows.tolist())]


@pytest.fixture
def outcomes():
    """Four abstained questions; then an article comes, and three of four are answered by it."""
    before = [nothing(n, n, article="els-001") for n in range(1, 5)]
    after = [question(n, n, NEARLY, "new-001", NEW) for n in range(10, 13)]
    after.append(nothing(13, 13, NEARLY, version=NEW))
    return read_outcomes([*before, *after, *others()], [])


def test_an_article_came_with_the_first_snapshot_that_suggests_it(outcomes):
    """One that was suggested from the start was there all the time, and so was an unknown one."""
    assert came_at("new-001", outcomes) == NOON + 10 * DAY
    assert came_at("els-001", outcomes) is None
    assert came_at("acc-999", outcomes) is None


def test_effect_of_a_new_article(outcomes):
    """The questions that it answers now, and those like them that nothing answered before."""
    effect = effect_of("new-001", outcomes)
    assert (effect.at, effect.after_by_article) == (NOON + 10 * DAY, 3)
    assert effect.before == Side(questions=4, askers=4, answered=0, badly=4)
    assert effect.after == Side(questions=4, askers=4, answered=3, badly=1)


def test_effect_of_a_change_needs_its_day():
    """An article that was there before asks for the day; with one, both sides are told."""
    questions = [question(n, n) for n in range(1, 7)]
    feedback = [told("rejected", 3 * 24 * 60, query_id=questions[0].query_id)]
    outcomes = read_outcomes([*questions, *others()], feedback)
    with pytest.raises(NoEffectError) as refused:
        effect_of("acc-001", outcomes)
    assert str(refused.value) == (
        "acc-001 was there before the first question of this period; name the day of its change "
        "with --at, or look further back with --days"
    )
    effect = effect_of("acc-001", outcomes, NOON + 4 * DAY)
    assert (effect.before.badly, effect.before.questions) == (1, 3)
    assert (effect.after.badly, effect.after.questions) == (0, 3)


def test_effect_of_an_article_that_nobody_asked_for(outcomes):
    """The message names the article and what to do."""
    with pytest.raises(NoEffectError, match=r"no question of this period leads to acc-999; look"):
        effect_of("acc-999", outcomes)


@pytest.mark.parametrize(("askers", "is_shown"), [(2, False), (3, True)])
def test_a_side_is_shown_from_three_askers_on(askers, is_shown):
    """Two people are somebody in particular."""
    assert Side(9, askers, 1, 1).may_be_shown is is_shown


def test_weeks_count_what_went_well_too(outcomes):
    """After the article came, people still ask, and fewer of them in vain."""
    found = find_gaps(outcomes, NOON, NOON + 14 * DAY)
    (gap,) = found.gaps
    assert gap.questions == 5
    assert weeks_of(gap, outcomes, NOON, NOON + 14 * DAY) == [(4, 4), (4, 1)]


def test_same_questions_are_those_of_one_encoder_near_the_centre(outcomes):
    """Another encoder's vector says nothing, however near it looks."""
    (gap,) = find_gaps(outcomes, NOON, NOON + 14 * DAY).gaps
    strange = read_outcomes([question(50, 1, encoder="f" * 16), question(51, 1, ELSE)], [])
    assert same_questions(gap.space, strange) == []
    assert len(same_questions(gap.space, outcomes)) == 8
