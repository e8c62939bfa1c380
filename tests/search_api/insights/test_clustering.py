"""Groups of vectors: by hand, against average linkage by its definition, and in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_api.insights.clustering import cluster, enough_similarity, usual_similarity

A, B, C = (1, 0, 0), (0.8, 0.6, 0), (0.28, 0.96, 0)
FAR = (0, 0, 1)


def rows(*vectors):
    """Unit rows, as the log gives them."""
    return np.array(vectors, np.float32)


def random_rows(seed, topics=4, each=6, dim=8, spread=0.25):
    """Rows around a few topics, in no order."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((topics, dim))
    found = np.repeat(centres, each, axis=0)
    found = found / np.linalg.norm(found, axis=1, keepdims=True)
    found = found + spread * rng.standard_normal(found.shape)
    found = rng.permutation(found)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def by_definition(vectors, enough):
    """Average linkage, one pair at a time, from the cosines of all pairs."""
    cosines = vectors.astype(float) @ vectors.T.astype(float)
    groups = [[place] for place in range(len(vectors))]
    while len(groups) > 1:
        pairs = [
            (cosines[np.ix_(one, other)].mean(), i, j)
            for i, one in enumerate(groups)
            for j, other in enumerate(groups[:i])
        ]
        similarity, i, j = max(pairs)
        if similarity < enough:
            break
        groups[j] += groups.pop(i)
    return partition(groups)


def partition(groups):
    """Groups without their order."""
    return {frozenset(group) for group in groups}


def groups_of(places):
    """The groups that a list of places says."""
    return partition(np.flatnonzero(places == first).tolist() for first in np.unique(places))


@pytest.mark.parametrize(
    ("enough", "places"),
    [
        (0.79, [0, 0, 2, 3]),  # cos AB = cos BC = 0.8: the earlier pair first; then C 0.54 away
        (0.55, [0, 0, 2, 3]),
        (0.53, [0, 0, 0, 3]),  # (0.28 + 0.8) / 2 = 0.54
        (0.81, [0, 1, 2, 3]),
    ],
)
def test_rows_are_joined_by_their_mean_cosine(enough, places):
    """A chain of likeness is no group: C is near to B alone, and joins by the mean of A and B."""
    assert cluster(rows(A, B, C, FAR), enough).tolist() == places


def test_equal_rows_are_one_and_count_each():
    """Two equal rows weigh twice: the mean cosine of C to A, A and B is 0.45."""
    assert cluster(rows(A, A, B, C), 0.46).tolist() == [0, 0, 0, 3]
    assert cluster(rows(A, A, B, C), 0.45).tolist() == [0, 0, 0, 0]


def test_no_row_and_one_row():
    """Nothing gives no group, and a row alone names itself."""
    assert cluster(np.zeros((0, 3), np.float32), 0.5).tolist() == []
    assert cluster(rows(A), 0.5).tolist() == [0]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("enough", [0.3, 0.5, 0.7])
def test_groups_are_those_of_average_linkage(seed, enough):
    """Joining all nearest pairs at once gives what joining one pair at a time gives."""
    vectors = random_rows(seed)
    assert groups_of(cluster(vectors, enough)) == by_definition(vectors, enough)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_rows(seed, order):
    """The same rows in another order give the same groups."""
    vectors = random_rows(seed)
    places = list(range(len(vectors)))
    order.shuffle(places)
    shuffled = cluster(vectors[places], 0.5)
    back = {frozenset(places[place] for place in group) for group in groups_of(shuffled)}
    assert back == groups_of(cluster(vectors, 0.5))


def test_a_group_is_named_by_its_first_row():
    """Every place is that of a row that names itself, and no later one."""
    places = cluster(random_rows(3), 0.5)
    assert (places[places] == places).all()
    assert (places <= np.arange(len(places))).all()


@pytest.mark.parametrize("at_once", [1, 3, 7, 24])
def test_rows_that_come_later_join_the_groups_of_the_earlier(at_once):
    """Topics that lie far apart are found whole, however few rows are compared at once."""
    vectors = random_rows(5, spread=0.05)
    assert groups_of(cluster(vectors, 0.5, at_once)) == groups_of(cluster(vectors, 0.5))


def test_many_equal_similarities_end():
    """Rows that all have the same cosine to each other are joined, and it ends."""
    vectors = np.eye(40, dtype=np.float32) * np.sqrt(0.5)
    vectors = np.hstack([vectors, np.full((40, 1), np.sqrt(0.5), np.float32)])
    assert set(cluster(vectors, 0.49).tolist()) == {0}
    assert len(set(cluster(vectors, 0.51).tolist())) == 40


def test_usual_similarity_is_the_mean_of_all_pairs():
    """AB 0.8, BC 0.8, AC 0.28: their mean is 0.6267; one vector has no pair."""
    assert usual_similarity(rows(A, B, C)) == pytest.approx(1.88 / 3, abs=1e-6)
    assert usual_similarity(rows(A)) == 0
    assert usual_similarity([]) == 0


def test_enough_lies_between_the_usual_and_one():
    """45 % of the way from what any two questions reach to 1, in steps of a hundredth."""
    assert [enough_similarity(usual) for usual in (0, 0.2, 0.834)] == [0.45, 0.56, 0.91]
