"""How many threads numpy's linear algebra may use while many questions are asked."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which a matrix product is worked out by the thread that asks for it.

    The products of a ranking are small, and each would wake all other threads, which then wait
    for the next one at full speed: on two busy cores a probe took 40 ms instead of 3. A row
    of a product does not depend on how many threads share the rows.
    """
    return threadpool_limits(1, "blas")  # type: ignore[no-any-return]
