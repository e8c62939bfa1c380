"""Results as rows of text and as JSON; the command and the documentation print the same rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from textwrap import shorten

from indexer.errors import SopError
from indexer.evaluation.dataset import UNANSWERABLE
from indexer.evaluation.measures import RANK_MEASURES
from indexer.evaluation.result import (
    ANSWERED,
    AUROC_ANSWERABLE,
    AUROC_FIRST,
    ECE,
    REFUSED,
    SetResult,
    SystemResult,
    mean_of,
)

MEASURES = tuple(measure.name for measure in RANK_MEASURES)
ABSTENTION = (AUROC_ANSWERABLE, AUROC_FIRST, ECE, ANSWERED, REFUSED)
# What a floor may be set for: higher is better.
FLOORED = (*MEASURES, AUROC_ANSWERABLE, AUROC_FIRST, ANSWERED, REFUSED)
MEAN, NOTHING, UNCONTESTED = "mean", "-", "contested left out"
_MOST_QUESTION = 160

Row = tuple[str, ...]


def figure(value: float) -> str:
    """Return a figure in [0, 1] with three digits; a dash where there is none."""
    return NOTHING if math.isnan(value) else f"{value:.3f}"


def rank_header() -> Row:
    """Return the heads of the columns that `rank_rows` fills."""
    return ("set", "questions", "system", *MEASURES, "95 % of nDCG@10")


def rank_rows(results: Sequence[SetResult]) -> Iterator[Row]:
    """Yield one row for each set and system, then the mean of each system over several sets.

    Questions that say their language give a row for each language and system, too.
    """
    for result in results:
        for system in result.systems:
            yield _rank_row(result.name, system)
        for language, systems in result.languages.items():
            for system in systems:
                yield _rank_row(f"{result.name} {language}", system)
    if len(results) > 1:
        for place, system in enumerate(results[0].systems):
            means = mean_of_sets([result.systems[place] for result in results])
            yield (MEAN, "", system.name, *(figure(means[name]) for name in MEASURES), "")


def abstention_header() -> Row:
    """Return the heads of the columns that `abstention_rows` fills."""
    return ("set", "answerable", "unanswerable", *ABSTENTION)


def abstention_rows(results: Sequence[SetResult]) -> Iterator[Row]:
    """Yield one row for each set with unanswerable questions, then the mean of several.

    Where labels are contested, a further row leaves them out.
    """
    told = [result for result in results if result.unanswerable]
    for result in told:
        asked, refusable = result.questions, result.unanswerable
        yield _abstention_row(result.name, asked, refusable, result.abstention.figures)
        if result.contested:
            name, refusable = f"{result.name}, {UNCONTESTED}", refusable - len(result.contested)
            yield _abstention_row(name, asked, refusable, result.uncontested.figures)
    if len(told) > 1:
        yield _abstention_row(MEAN, None, None, product_means(results))
        if any(result.contested for result in told):
            means = uncontested_means(results)
            yield _abstention_row(f"{MEAN}, {UNCONTESTED}", None, None, means)


def mean_of_sets(systems: Sequence[SystemResult]) -> dict[str, float]:
    """Return each measure's mean over sets, each set counting the same."""
    return {name: mean_of(system.means[name] for system in systems) for name in MEASURES}


def product_means(results: Sequence[SetResult]) -> dict[str, float]:
    """Return the product's mean over sets of every measure.

    What is about abstaining is averaged over the sets with unanswerable questions; NaN
    without any.
    """
    told = [result for result in results if result.unanswerable]
    abstention = {name: mean_of(r.abstention.figures[name] for r in told) for name in ABSTENTION}
    return mean_of_sets([result.product() for result in results]) | abstention


def uncontested_means(results: Sequence[SetResult]) -> dict[str, float]:
    """Return the means of what is about abstaining, without contested questions."""
    told = [result.uncontested.figures for result in results if result.unanswerable]
    return {name: mean_of(figures[name] for figures in told) for name in ABSTENTION}


def aligned(header: Row, rows: Iterable[Row]) -> str:
    """Return a table as lines of text, words to the left and figures to the right."""
    table = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]

    def line(row: Row) -> str:
        cells = [
            cell.rjust(width) if _is_figure(cell) else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in table)


def miss_lines(results: Sequence[SetResult]) -> Iterator[str]:
    """Yield what was asked, expected and found for each question that missed the first three."""
    for result in results:
        for miss in result.misses:
            question = shorten(" ".join(miss.text.split()), _MOST_QUESTION, placeholder=" …")
            yield f"{result.name} {miss.question_id}: {question}"
            yield f"    expected {', '.join(miss.expected)}"
            yield f"    got      {', '.join(miss.got) or 'nothing'}"


def as_json(results: Sequence[SetResult]) -> dict[str, object]:
    """Return everything as plain values; NaN becomes None, as JSON has none."""
    return {
        "sets": [_set_as_json(result) for result in results],
        "mean": _without_nan(product_means(results)),
    }


def parse_floor(text: str) -> tuple[str, float]:
    """Return the measure and the least value of a floor such as `success@3=0.8`.

    Raises:
        SopError: it has another form, or names no measure that can have a floor.
    """
    name, _, value = text.rpartition("=")
    known = {measure.lower(): measure for measure in FLOORED}
    try:
        least = float(value)
    except ValueError as error:
        raise SopError(f"--floor {text}: must be NAME=VALUE, as in success@3=0.8") from error
    if name.lower() not in known:
        raise SopError(
            f"--floor {text}: no measure is named {name}; there are: {', '.join(FLOORED)}"
        )
    if not 0 <= least <= 1:
        raise SopError(f"--floor {text}: the value must lie between 0 and 1")
    return known[name.lower()], least


def below(results: Sequence[SetResult], floors: Sequence[tuple[str, float]]) -> list[str]:
    """Return a sentence for each floor that the product's mean over the sets is below.

    Raises:
        SopError: a floor is about something that these questions do not tell.
    """
    means = product_means(results)
    sentences = []
    for name, least in floors:
        if math.isnan(means[name]):
            raise SopError(f"--floor {name}: these questions do not tell; is {UNANSWERABLE} there?")
        if means[name] < least:
            sentences.append(f"{name} is {means[name]:.4f}, below the floor of {least:g}")
    return sentences


def _rank_row(name: str, system: SystemResult) -> Row:
    low, high = system.interval
    figures = (figure(system.means[measure]) for measure in MEASURES)
    return (name, str(system.questions), system.name, *figures, f"{figure(low)} to {figure(high)}")


def _abstention_row(
    name: str, asked: int | None, refusable: int | None, figures: Mapping[str, float]
) -> Row:
    counts = ("" if count is None else str(count) for count in (asked, refusable))
    return (name, *counts, *(figure(figures[measure]) for measure in ABSTENTION))


def _set_as_json(result: SetResult) -> dict[str, object]:
    languages = {
        language: [asdict(system) for system in systems]
        for language, systems in result.languages.items()
    }
    return {
        "name": result.name,
        "articles": result.articles,
        "questions": result.questions,
        "unanswerable": result.unanswerable,
        "systems": [asdict(system) for system in result.systems],
        "languages": languages,
        "abstention": _without_nan(result.abstention.figures) if result.unanswerable else None,
        "contested": list(result.contested),
        "abstention_uncontested": (
            _without_nan(result.uncontested.figures) if result.contested else None
        ),
        "misses": [asdict(miss) for miss in result.misses],
        "notes": list(result.notes),
    }


def _without_nan(figures: dict[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in figures.items()}


def _is_figure(cell: str) -> bool:
    return cell == NOTHING or cell.replace(".", "", 1).isdigit()
