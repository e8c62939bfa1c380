"""Questions are turned towards passages."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import XY, X, Y, Z, rows_of

from indexer.projection import fit_projection, project

AXES = rows_of([X, Y, Z])


def own_passages(snapshot, article):
    """Return the vectors of an article's chunks."""
    first, stop = snapshot.index.chunk_starts[article : article + 2]
    return snapshot.index.spaces[0].chunks.vectors()[first:stop]


def own_questions(snapshot, article):
    """Return the vectors of an article's title and questions."""
    space = snapshot.index.spaces[0]
    first, stop = snapshot.index.question_starts[article : article + 2]
    return np.concatenate(
        [space.titles.vectors()[[article]], space.questions.vectors()[first:stop]]
    )


def pairs_of(snapshot, articles):
    """Return each title and question of some articles with each passage of its article."""
    questions, passages = [], []
    for article in articles:
        asked, texts = own_questions(snapshot, article), own_passages(snapshot, article)
        questions.append(np.repeat(asked, len(texts), axis=0))
        passages.append(np.tile(texts, (len(asked), 1)))
    return np.concatenate(questions), np.concatenate(passages)


def mean_cosine(question, passages):
    """Return how near a question is to its passages on average."""
    return float((passages @ question).mean())


def test_without_pairs_nothing_is_turned():
    """A corpus without text, or without titles, leaves questions as the encoder gave them."""
    none = np.zeros((0, 3), dtype=np.float32)
    found = fit_projection(none, none)
    assert found.dtype == np.float32
    assert found.tolist() == np.eye(3).tolist()
    assert project(rows_of([XY])[0], found) == pytest.approx(XY)


def test_pairs_that_agree_turn_nothing():
    """Where questions lie exactly on their passages there is nothing to learn."""
    assert fit_projection(AXES, AXES) == pytest.approx(np.eye(3))


def test_three_pairs_give_the_closed_form_of_ridge_regression():
    """With a question on each axis, every row can be worked out by hand.

    Three pairs: A'A / 3 is a third of the identity, and the ridge 0.003 * 100 / 3 = 0.1.
    So a question goes 0.8 * (1/3) / (1/3 + 0.1) = 8/13 of the way to its passage.
    """
    found = fit_projection(AXES, rows_of([XY, Y, X]))
    way = 8 / 13
    expected = [
        [1 - way * 0.4, way * 0.8, 0],
        [0, 1, 0],
        [way, 0, 1 - way],
    ]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_fit_is_ridge_regression_towards_the_identity():
    """The map less the identity solves the normal equations of ridge regression."""
    random = np.random.default_rng(3)
    asked, passages = (random.normal(size=(250, 3)) for _ in range(2))
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    passages /= np.linalg.norm(passages, axis=1, keepdims=True)
    found = fit_projection(asked.astype(np.float32), passages.astype(np.float32))
    # More than 100 pairs: the ridge is 0.003. The same as least squares with three more rows.
    rows = np.concatenate([asked / 250**0.5, 0.003**0.5 * np.eye(3)])
    goals = np.concatenate([(passages - asked) / 250**0.5, np.zeros((3, 3))])
    change = np.linalg.lstsq(rows, goals, rcond=None)[0]
    np.testing.assert_allclose(found, np.eye(3) + 0.8 * change, atol=1e-5)


def test_more_pairs_of_a_kind_turn_further():
    """One pair counts for less than many of the same kind, which go 80 % of the way at most."""

    def way(count):
        found = fit_projection(np.tile(AXES[:1], (count, 1)), np.tile(AXES[1:2], (count, 1)))
        # Only the direction that was seen has changed.
        assert found[1:].tolist() == AXES[1:].tolist()
        return float(found[0, 1])

    assert way(1) == pytest.approx(0.8 / 1.3, abs=1e-6)
    assert way(10) == pytest.approx(0.8 / 1.03, abs=1e-6)
    assert way(100) == way(1_000) == pytest.approx(0.8 / 1.003, abs=1e-6)


def test_order_of_pairs_does_not_matter():
    """The map is that of the set of pairs."""
    passages = rows_of([XY, Z, X])
    forth, back = fit_projection(AXES, passages), fit_projection(AXES[::-1], passages[::-1])
    np.testing.assert_allclose(forth, back, atol=1e-6)


def test_projected_question_has_unit_length():
    """What is searched for is a direction, however far the map stretches it."""
    found = project(rows_of([XY])[0], 7 * np.eye(3, dtype=np.float32))
    assert found.dtype == np.float32
    assert found == pytest.approx(XY)


def test_a_single_pair_turns_other_questions_hardly(sop_snapshot):
    """What one pair shows moves the questions of the other articles by a few degrees."""
    questions, passages = pairs_of(sop_snapshot, [0])
    projection = fit_projection(questions[:1], passages[:1])
    others = np.concatenate(
        [own_questions(sop_snapshot, row) for row in range(1, len(sop_snapshot.articles))]
    )
    kept = [float(vector @ project(vector, projection)) for vector in others]
    assert min(kept) > 0.97
    assert np.mean(kept) > 0.99


def test_sop_titles_and_questions_move_towards_their_passages(sop_snapshot):
    """With the projection of the snapshot, they are nearer to their article's text.

    Measured 2026-11-22 with 83 articles: titles gain 0.097 to all passages on average and
    0.064 to the nearest, which 94 % of them come nearer to; questions gain 0.266.
    """
    projection = sop_snapshot.index.spaces[0].projection
    titles, nearest, questions = [], [], []
    for row in range(len(sop_snapshot.articles)):
        title, *asked = own_questions(sop_snapshot, row)
        passages = own_passages(sop_snapshot, row)
        turned = project(title, projection)
        titles.append(mean_cosine(turned, passages) - mean_cosine(title, passages))
        nearest.append((passages @ turned).max() - (passages @ title).max())
        questions += [
            mean_cosine(project(one, projection), passages) - mean_cosine(one, passages)
            for one in asked
        ]
    for gains, least, share in (
        (titles, 0.08, 0.95),
        (nearest, 0.03, 0.85),
        (questions, 0.15, 0.95),
    ):
        assert np.mean(gains) > least
        assert np.mean(np.array(gains) > 0) >= share


def test_questions_of_a_sop_left_out_move_towards_its_passages(sop_snapshot):
    """What the other articles show holds for an article that was not among them."""
    rows = range(len(sop_snapshot.articles))
    gains = []
    for row in rows[::10]:
        projection = fit_projection(*pairs_of(sop_snapshot, [r for r in rows if r != row]))
        passages = own_passages(sop_snapshot, row)
        gains += [
            mean_cosine(project(question, projection), passages) - mean_cosine(question, passages)
            for question in own_questions(sop_snapshot, row)
        ]
    assert np.mean([gain > 0 for gain in gains]) > 0.85
    assert np.mean(gains) > 0.05


def test_projection_of_a_build_is_that_of_its_pairs(sop_snapshot):
    """Every title and question is paired with every passage of its article, and no other."""
    expected = fit_projection(*pairs_of(sop_snapshot, range(len(sop_snapshot.articles))))
    np.testing.assert_allclose(sop_snapshot.index.spaces[0].projection, expected, atol=1e-4)
