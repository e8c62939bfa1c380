"""How surprising a count is: the gamma-Poisson (negative binomial) distribution, without scipy."""

from __future__ import annotations

import math

_ENOUGH = 1e-12


def tail(count: int, mean: float, shape: float) -> float:
    """Return the probability of `count` or more, right to six digits.

    The count is Poisson with a rate that is itself uncertain: gamma with this mean and shape,
    so its variance is mean + mean² / shape. A large shape gives the Poisson distribution.

    Args:
        count: what was seen; 0 or less is certain.
        mean: what was expected, above 0.
        shape: of the gamma distribution, above 0.

    Source: Johnson, Kemp and Kotz, Univariate Discrete Distributions, 3rd ed., chapter 5.
    """
    if count <= 0:
        return 1.0
    if count <= mean:
        return max(0.0, 1.0 - math.fsum(_terms(0, count, mean, shape)))
    # Above the mean the terms fall at once, and adding them keeps the digits of a small tail.
    return min(1.0, math.fsum(_terms(count, None, mean, shape)))


def _terms(first: int, stop: int | None, mean: float, shape: float) -> list[float]:
    """Return the probabilities from one count on, up to another or until they do not matter."""
    share = mean / (shape + mean)
    term = math.exp(_log_probability(first, mean, shape))
    terms, total, count = [term], term, first
    while stop is None or count + 1 < stop:
        ratio = (count + shape) / (count + 1) * share
        term *= ratio
        count += 1
        terms.append(term)
        total += term
        # What is left is less than a geometric series with this ratio, which falls towards `share`.
        bound = max(ratio, share)
        if stop is None and bound < 1 and term * bound / (1 - bound) <= total * _ENOUGH:
            break
    return terms


def _log_probability(count: int, mean: float, shape: float) -> float:
    # lgamma(shape + count) - lgamma(shape) loses its digits where the shape is large.
    rising = math.fsum(math.log1p(step / shape) for step in range(count))
    none = -shape * math.log1p(mean / shape)
    return (
        rising + none + count * (math.log(mean) - math.log1p(mean / shape)) - math.lgamma(count + 1)
    )
