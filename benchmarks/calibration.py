"""Learn the weights of confidence over labelled datasets, and check them on sets left out.

    python benchmarks/calibration.py ../shared/eval

Every dataset is indexed as `sop build` would and asked all its questions. A logistic
function is fitted to whether the first article was relevant, each dataset counting the
same; for each dataset with unanswerable questions it is fitted again without that one and
judged on it. The last lines are the weights for `indexer.calibration.Weights`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from indexer.answer import prepare
from indexer.build import index_articles
from indexer.calibration import (
    DECISION_THRESHOLD,
    Features,
    read_features,
)
from indexer.evaluation.dataset import Dataset, contested, read_dataset
from indexer.evaluation.evaluate import snapshot_names
from indexer.evaluation.measures import auroc, expected_calibration_error
from indexer.question import clean_question
from indexer.ranking import rank
from indexer.snapshot import Snapshot

Floats = npt.NDArray[np.float64]
_ANY_DAY = date(2026, 1, 1)
# Its labels name one page where several answer: right answers would be learned as wrong.
_ONE_LABEL_A_QUESTION = ("awsdocs_small",)
# Weighs the labels against the assumption that a feature says nothing.
_STRENGTH = 300
# Half of the datasets have no unanswerable question, though people ask some everywhere.
_UNANSWERABLE_WEIGHT = 3


@dataclass(frozen=True)
class Labelled:
    """One dataset's questions, as the logistic function sees them.

    Attributes:
        features: standardized, shape (questions, 2).
        right: whether the first article was relevant.
        answerable: whether any article was.
    """

    name: str
    features: Floats
    right: npt.NDArray[np.bool_]
    answerable: npt.NDArray[np.bool_]


def main() -> None:
    """Print the figures and the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of datasets in the BEIR layout")
    folder = parser.parse_args().folder
    sets = []
    for path in sorted(p for p in folder.iterdir() if (p / "corpus.jsonl").is_file()):
        dataset = read_dataset(path)
        sets.append(measure(dataset))
        print(f"{dataset.name}: {len(sets[-1].right)} questions", flush=True)
    judge_left_out(sets)
    weights = fit(sets)
    names = ("intercept", *Features._fields)
    print({name: round(float(w), 3) for name, w in zip(names, weights, strict=True)})


def measure(dataset: Dataset) -> Labelled:
    """Index a dataset and ask all its English questions."""
    with tempfile.TemporaryDirectory() as scratch:
        index_articles(dataset.articles or (), Path(scratch))
        return label(dataset, Snapshot.open(Path(scratch)))


def label(dataset: Dataset, snapshot: Snapshot) -> Labelled:
    """Ask a snapshot all English questions of a dataset whose label is not in doubt."""
    features, right, answerable = [], [], []
    everything = np.ones(len(snapshot.articles), dtype=np.bool_)
    # An unanswerable question may have the id of an answerable one.
    doubted = contested(dataset.unanswerable, snapshot_names(snapshot))
    judged = [(question, dataset.grades[question.id]) for question in dataset.questions]
    refusable = [(question, {}) for question in dataset.unanswerable if question not in doubted]
    for question, grades in (*judged, *refusable):
        if (question.language or "en") != "en":
            continue
        asked = prepare(snapshot.index, clean_question(question.text, None, None))
        found = rank(snapshot.index, asked, everything, _ANY_DAY, 1)
        calibration = snapshot.manifest.spaces[asked.space].calibration
        features.append(calibration.standardize(read_features(found, 0, calibration.median)))
        right.append(snapshot.articles[found.articles[0].article].id in grades)
        answerable.append(bool(grades))
    return Labelled(dataset.name, np.array(features), np.array(right), np.array(answerable))


def fit(sets: Sequence[Labelled]) -> Floats:
    """Return intercept and one weight for each feature."""
    sets = [s for s in sets if s.name not in _ONE_LABEL_A_QUESTION]
    features = np.concatenate([s.features for s in sets])
    right = np.concatenate([s.right for s in sets])
    share = np.concatenate([_shares(s) for s in sets])
    mean, spread = features.mean(axis=0), features.std(axis=0)
    model = LogisticRegression(max_iter=1_000)
    model.fit((features - mean) / spread, right, sample_weight=share)
    weights: Floats = model.coef_[0] / spread
    return np.concatenate([model.intercept_ - (weights * mean).sum(), weights])


def _shares(labelled: Labelled) -> Floats:
    """Return how much each question counts; together they are `_STRENGTH`."""
    shares = np.where(labelled.answerable, 1.0, _UNANSWERABLE_WEIGHT)
    return _STRENGTH * shares / shares.sum()


def judge_left_out(sets: Sequence[Labelled]) -> None:
    """Print how the weights do on each dataset that they were not learned from."""
    rows = []
    for left_out in sets:
        if left_out.answerable.all():
            continue
        weights = fit([s for s in sets if s is not left_out])
        logits = weights[0] + left_out.features @ weights[1:]
        confidence = 1 / (1 + np.exp(-logits))
        answered = confidence >= DECISION_THRESHOLD
        rows.append(
            (
                auroc(confidence, left_out.answerable),
                auroc(confidence, left_out.right),
                expected_calibration_error(confidence, left_out.right),
                answered[left_out.answerable].mean(),
                (~answered[~left_out.answerable]).mean(),
            )
        )
        print(left_out.name, *(f"{value:.3f}" for value in rows[-1]))
    print("mean", *(f"{value:.3f}" for value in np.mean(rows, axis=0)))


if __name__ == "__main__":
    main()
