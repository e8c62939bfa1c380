"""What a dataset's judgements make of the answers: one `SetResult` for each dataset.

Pure: takes the dataset and what was asked, gives figures and the questions behind them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.evaluation.dataset import Dataset
from indexer.evaluation.measures import (
    RANK_MEASURES,
    Events,
    Grades,
    Ranked,
    RiskCoverage,
    Values,
    auroc,
    bootstrap_interval,
    expected_calibration_error,
    risk_coverage,
)
from indexer.evaluation.run import PRODUCT, Asked

ANSWERED, REFUSED = "answered", "refused"
AUROC_ANSWERABLE, AUROC_FIRST, ECE = "AUROC answerable", "AUROC first right", "ECE"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SystemResult:
    """How one system ranks, over the questions of one dataset or of one language.

    Attributes:
        name: of the system.
        questions: how many were asked.
        means: each rank measure's mean, by its name, in table order.
        interval: where the mean nDCG@10 lies with 95 % confidence.
    """

    name: str
    questions: int
    means: dict[str, float]
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Abstention:
    """Whether confidence and decision can be relied on, answerable or not together.

    Attributes:
        figures: `AUROC answerable`: that an answerable question's confidence is the
            higher one; `AUROC first right`: the same for questions whose first suggestion
            is relevant; `ECE`: expected calibration error of that event; `answered`:
            share of the answerable that get suggestions; `refused`: share of the
            unanswerable that get none. NaN where there is nothing to compare.
        curve: risk and coverage of the first suggestion.
        decision: coverage and risk at the product's own decision.
    """

    figures: dict[str, float]
    curve: RiskCoverage
    decision: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Miss:
    """A question whose relevant articles are not among the product's first three.

    Attributes:
        expected: ids of the relevant articles.
        got: ids of the first three.
    """

    question_id: str
    text: str
    expected: tuple[str, ...]
    got: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetResult:
    """Everything that one dataset says.

    Attributes:
        name: of the dataset.
        articles: how many the snapshot held.
        questions: answerable questions asked.
        unanswerable: unanswerable questions asked.
        systems: the product first.
        languages: the same by language, where the questions say theirs.
        abstention: over all questions.
        contested: ids of unanswerable questions whose label is in doubt, see `contested`.
        uncontested: `abstention` without these.
        misses: in the dataset's order.
        notes: what was passed over, one sentence each.
    """

    name: str
    articles: int
    questions: int
    unanswerable: int
    systems: tuple[SystemResult, ...]
    languages: dict[str, tuple[SystemResult, ...]]
    abstention: Abstention
    contested: tuple[str, ...]
    uncontested: Abstention
    misses: tuple[Miss, ...]
    notes: tuple[str, ...] = ()

    def product(self) -> SystemResult:
        """Return what the product did, beside which the others stand."""
        return self.systems[0]


def judge(
    dataset: Dataset,
    articles: int,
    asked: Sequence[Asked],
    refusable: Sequence[Asked],
    contested_ids: Sequence[str] = (),
    notes: tuple[str, ...] = (),
) -> SetResult:
    """Return what the judgements make of the answers.

    Args:
        dataset: the judgements.
        articles: how many the snapshot held.
        asked: answers to its questions, at least one.
        refusable: answers to its unanswerable questions.
        contested_ids: of those whose label is in doubt.
        notes: to go with the dataset's own.
    """
    settled = [one for one in refusable if one.question.id not in contested_ids]
    runs = {name: {one.question.id: one.ranked[name] for one in asked} for name in asked[0].ranked}
    languages: dict[str, list[str]] = {}
    for one in asked:
        if one.question.language:
            languages.setdefault(one.question.language, []).append(one.question.id)
    return SetResult(
        name=dataset.name,
        articles=articles,
        questions=len(asked),
        unanswerable=len(refusable),
        systems=tuple(judge_run(name, run, dataset.grades) for name, run in runs.items()),
        languages={
            language: tuple(
                judge_run(name, {id_: run[id_] for id_ in ids}, dataset.grades)
                for name, run in runs.items()
            )
            for language, ids in sorted(languages.items())
        },
        abstention=judge_confidence(dataset.grades, asked, refusable),
        contested=tuple(contested_ids),
        uncontested=judge_confidence(dataset.grades, asked, settled),
        misses=tuple(_misses(dataset.grades, asked)),
        notes=(*dataset.notes, *notes),
    )


def judge_run(name: str, run: Mapping[str, Ranked], grades: Mapping[str, Grades]) -> SystemResult:
    """Return the means of every rank measure.

    Args:
        name: of the system.
        run: ranked article ids by question id; at least one question.
        grades: of the relevant articles, by question id.
    """
    values = {
        measure.name: np.array([measure.of(ranked, grades[id_]) for id_, ranked in run.items()])
        for measure in RANK_MEASURES
    }
    return SystemResult(
        name=name,
        questions=len(run),
        means={measure: float(found.mean()) for measure, found in values.items()},
        interval=bootstrap_interval(values[RANK_MEASURES[0].name]),
    )


def judge_confidence(
    grades: Mapping[str, Grades], asked: Sequence[Asked], refusable: Sequence[Asked]
) -> Abstention:
    """Return whether the confidences of first suggestions and the decisions hold.

    Args:
        grades: of the relevant articles, by question id.
        asked: answers to answerable questions.
        refusable: answers to unanswerable ones; none of theirs is ever right.
    """
    everything = (*asked, *refusable)
    confidences: Values = np.array([one.confidence for one in everything])
    right = [_is_right(one, grades[one.question.id]) for one in asked]
    is_right: Events = np.array([*right, *([False] * len(refusable))], dtype=np.bool_)
    is_answerable = np.arange(len(everything)) < len(asked)
    suggests: Events = np.array([one.decision == "suggest" for one in everything], dtype=np.bool_)
    return Abstention(
        figures={
            AUROC_ANSWERABLE: auroc(confidences, is_answerable),
            AUROC_FIRST: auroc(confidences, is_right),
            ECE: expected_calibration_error(confidences, is_right),
            ANSWERED: _mean(suggests[is_answerable]),
            REFUSED: _mean(~suggests[~is_answerable]),
        },
        curve=risk_coverage(confidences, is_right),
        decision=(_mean(suggests), _mean(~is_right[suggests])),
    )


def mean_of(values: Iterable[float]) -> float:
    """Return the plain mean of figures of several sets, each counting the same; NaN of none."""
    found = [value for value in values if not math.isnan(value)]
    return sum(found) / len(found) if found else math.nan


def _is_right(one: Asked, grades: Grades) -> bool:
    return any(article in grades for article in one.ranked[PRODUCT][:1])


def _misses(grades: Mapping[str, Grades], asked: Sequence[Asked]) -> Iterable[Miss]:
    for one in asked:
        expected = grades[one.question.id]
        got = one.ranked[PRODUCT][:_SHOWN]
        if expected.keys().isdisjoint(got):
            yield Miss(one.question.id, one.question.text, tuple(expected), got)


def _mean(values: Events) -> float:
    """Return the share of true ones; NaN of none."""
    return float(values.mean()) if len(values) else math.nan
