"""The tail of the gamma-Poisson distribution, compared with scipy's and worked by hand."""

from __future__ import annotations

import itertools

import pytest
from scipy.stats import nbinom, poisson

from search_api.insights.counts import tail


def test_tail_is_that_of_scipy():
    """Small and large counts, means and shapes have the same tail to six digits."""
    for count, mean, shape in itertools.product(
        (0, 1, 2, 5, 11, 40, 200), (1e-4, 0.05, 1, 3.3, 30, 150), (0.3, 1, 7.5, 100, 1e4)
    ):
        expected = nbinom.sf(count - 1, shape, shape / (shape + mean))
        assert tail(count, mean, shape) == pytest.approx(expected, rel=1e-6, abs=1e-280)


def test_tail_with_shape_one_is_geometric():
    """With shape 1 and mean 1 each further count halves it."""
    for count in range(6):
        assert tail(count, 1, 1) == pytest.approx(0.5**count, rel=1e-12)


def test_tail_of_a_large_shape_is_poissons():
    """A rate that is certain gives the Poisson distribution."""
    assert tail(5, 1, 1e9) == pytest.approx(poisson.sf(4, 1), rel=1e-6)


def test_tail_of_nothing_is_certain():
    """None or more is always seen."""
    assert (tail(0, 0.1, 1), tail(-1, 5, 2)) == (1.0, 1.0)
