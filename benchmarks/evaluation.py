"""Measures how well the product finds articles, beside other systems, on labelled questions.

    python benchmarks/evaluation.py ../shared/eval --write docs/evaluation.md

Takes a folder of datasets in the layout of `indexer.evaluation.dataset`. Six of them are
what the targets speak of; intent sets and questions in several languages are shown apart.
The charts go to `assets/evaluation` beside the page. The exit code is 1 when a target is
missed. A second run takes a few minutes: vectors and what txtai found are remembered.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from baselines import PLAIN_BM25, PLAIN_DENSE, REFERENCE, TXTAI, reference_runs, txtai_run
from calibration import Labelled, fit, label
from multilingual import Multilingual, measure_multilingual
from tickets import TicketResult, measure_tickets

from indexer.article import Article
from indexer.build import index_articles
from indexer.calibration import Features, Weights
from indexer.errors import SopError
from indexer.evaluation.chart import Line, risk_coverage_svg
from indexer.evaluation.dataset import Dataset, DatasetError, find_datasets, read_dataset
from indexer.evaluation.evaluate import evaluate_snapshot
from indexer.evaluation.report import (
    ABSTENTION,
    MEASURES,
    UNCONTESTED,
    Row,
    abstention_header,
    abstention_rows,
    figure,
    mean_of_sets,
    product_means,
    uncontested_means,
)
from indexer.evaluation.result import (
    ANSWERED,
    AUROC_ANSWERABLE,
    AUROC_FIRST,
    ECE,
    REFUSED,
    SetResult,
    SystemResult,
    judge_run,
    mean_of,
)
from indexer.evaluation.run import BM25, DENSE, PRODUCT
from indexer.snapshot import Snapshot

# The targets are about these; the two others are intents, not articles.
ENGLISH = (
    "alerts_kube_runbooks",
    "awsdocs_small",
    "covid_vaccine_faq",
    "gitbugs_hadoop",
    "stackfaq",
    "techqa_sample",
)
INTENTS = ("banking77_oos", "clinc150_oos")
SYSTEMS = (PRODUCT, REFERENCE, TXTAI, BM25, PLAIN_BM25, DENSE, PLAIN_DENSE)
NDCG = "nDCG@10"
_MEAN_OF_ENGLISH = "mean of the English sets"
_ASSETS = Path("assets") / "evaluation"
_TRIED = "evaluation-tried.md"
_FOLDER = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Measured:
    """One set: the product's results, and every system's beside them.

    Attributes:
        result: of the product.
        systems: by name, the product included.
        unredacted: of the product when questions keep their personal data.
        left_out: of the product when its confidences' weights are learned from the other
            sets.
    """

    result: SetResult
    systems: dict[str, SystemResult]
    unredacted: SystemResult
    left_out: SetResult


def main() -> None:
    """Measure, print, and write page and charts if told so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of datasets")
    parser.add_argument("--write", type=Path, help="page to write")
    chosen = parser.parse_args()
    try:
        measured = _measured(chosen.folder)
        results = {name: one.result for name, one in measured.items()}
        multilingual = measure_multilingual(chosen.folder, results)
    except SopError as error:
        sys.exit(str(error))
    tickets = measure_tickets(_FOLDER / "sop", _FOLDER / "tests" / "retrieval" / "tickets.jsonl")
    lines = list(_page(measured, multilingual, tickets))
    print("\n".join(lines))
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
        _write_charts(chosen.write.parent / _ASSETS, measured)
    if any(line.endswith("| MISSED |") for line in lines):
        sys.exit(1)


def _measured(folder: Path) -> dict[str, Measured]:
    """Index every dataset, ask all systems, and judge confidence on sets left out."""
    datasets = [read_dataset(place) for place in find_datasets(folder)]
    with TemporaryDirectory() as scratch:
        snapshots: dict[str, Snapshot] = {}
        for dataset in datasets:
            print(f"{dataset.name} …", file=sys.stderr, flush=True)
            index = Path(scratch) / dataset.name
            index_articles(_articles(dataset), index)
            snapshots[dataset.name] = Snapshot.open(index)
        labelled = {one.name: label(one, snapshots[one.name]) for one in datasets}
        measured = {}
        for dataset in datasets:
            print(f"{dataset.name}: asking …", file=sys.stderr, flush=True)
            others = [one for name, one in labelled.items() if name != dataset.name]
            measured[dataset.name] = _measure(dataset, snapshots[dataset.name], others)
        return measured


def _measure(dataset: Dataset, snapshot: Snapshot, others: Sequence[Labelled]) -> Measured:
    """Ask all systems a set's questions.

    Args:
        dataset: the set.
        snapshot: of its articles.
        others: the sets that confidence may be learned from when it is judged on this one.
    """
    articles = _articles(dataset)
    result = evaluate_snapshot(dataset, snapshot)
    unredacted = evaluate_snapshot(dataset, snapshot, is_redacted=False).product()
    left_out = result
    if others and dataset.unanswerable:
        left_out = evaluate_snapshot(dataset, _with_weights(snapshot, fit(others)))
    runs = reference_runs(articles, dataset.questions)
    runs[TXTAI] = txtai_run(articles, dataset.questions)
    systems = {name: judge_run(name, run, dataset.grades) for name, run in runs.items()}
    systems |= {system.name: system for system in result.systems}
    return Measured(result, systems, unredacted, left_out)


def _with_weights(snapshot: Snapshot, learned: Sequence[float]) -> Snapshot:
    """Return the same snapshot with other weights of confidence."""
    names = ("intercept", *Features._fields)
    weights = Weights(**{name: float(w) for name, w in zip(names, learned, strict=True)})
    spaces = tuple(
        space.model_copy(
            update={"calibration": space.calibration.model_copy(update={"weights": weights})}
        )
        for space in snapshot.manifest.spaces
    )
    manifest = snapshot.manifest.model_copy(update={"spaces": spaces})
    return replace(snapshot, manifest=manifest)


def _articles(dataset: Dataset) -> Sequence[Article]:
    if dataset.articles is None:
        raise DatasetError(f"{dataset.name}: corpus.jsonl is missing")
    return dataset.articles


def _page(
    measured: dict[str, Measured], multilingual: Multilingual | None, tickets: TicketResult
) -> Iterator[str]:
    english = [measured[name] for name in ENGLISH if name in measured]
    # The tables are wide, so the page has no contents beside them.
    yield from ("---", "hide:", "  - toc", "---", "", "# Evaluation", "")
    yield "How well questions find their article, and how well the product knows when none does."
    yield (
        "Made by `make eval` on sets of questions that people labelled; "
        "nothing of them is part of this repository."
    )
    yield "Your own questions are measured with `sop eval --dataset DIR`."
    yield f"What was tried on the way, with its figures, is in [What was tried]({_TRIED})."
    yield ""
    yield f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}."
    yield ""
    yield "## Targets"
    yield ""
    rows = (*_rank_targets(english), *_abstention_targets(measured), *_languages(multilingual))
    yield from _table(("target", "measured", "must be", ""), rows)
    yield from _ranking_part(measured, english)
    yield from _abstention_part(measured)
    yield from _language_part(multilingual)
    yield from _redaction_part(measured)
    yield from tickets.page()
    yield from ("", "## Every measure", "")
    yield from _table(("set", "system", *MEASURES), _measure_rows(measured, english))


def _rank_targets(english: Sequence[Measured]) -> Iterator[Row]:
    """Yield a row for each promise about the six English sets."""
    if len(english) < len(ENGLISH):
        yield _target("all six English sets are there", len(english), "6", is_met=False)
        return
    means = {name: _mean_ndcg(english, name) for name in SYSTEMS}
    for name, least in ((REFERENCE, 0.02), (TXTAI, 0.06)):
        lead = means[PRODUCT] - means[name]
        told = f"{lead:+.3f} ({figure(means[PRODUCT])} against {figure(means[name])})"
        promise = f"mean nDCG@10 over six English sets above {name}"
        yield _target(promise, told, f"{least} or more", is_met=lead >= least)
    for kind, names in (("BM25", (BM25, PLAIN_BM25)), ("dense", (DENSE, PLAIN_DENSE))):
        leads = {
            one.result.name: _ndcg(one, PRODUCT) - max(_ndcg(one, name) for name in names)
            for one in english
        }
        worst = min(leads, key=lambda name: leads[name])
        promise = f"nDCG@10 above {kind} alone on every one of them, the better of two forms"
        told = f"{leads[worst]:+.3f} on {worst}"
        yield _target(promise, told, "-0.01 or more", is_met=leads[worst] >= -0.01)


def _abstention_targets(measured: dict[str, Measured]) -> Iterator[Row]:
    """Yield a row for each promise about sets with unanswerable questions.

    And the same again without contested labels, which no honest answer could meet.
    """
    results = [one.left_out for one in measured.values()]
    yield from _abstention_rows(product_means(results), "")
    if any(result.contested for result in results):
        yield from _abstention_rows(uncontested_means(results), f", {UNCONTESTED}")


def _abstention_rows(means: Mapping[str, float], suffix: str) -> Iterator[Row]:
    for name, text in (
        (AUROC_ANSWERABLE, "AUROC, answerable against not"),
        (AUROC_FIRST, "AUROC, the first suggestion is right"),
    ):
        least = 0.85 if name == AUROC_ANSWERABLE else 0.88
        told = figure(means[name])
        yield _target(text + suffix, told, f"{least} or more", is_met=means[name] >= least)
    error = means[ECE]
    promise = f"expected calibration error{suffix}"
    yield _target(promise, figure(error), "0.08 or less", is_met=error <= 0.08)
    for name, least in ((ANSWERED, 0.9), (REFUSED, 0.5)):
        kind = "answerable questions answered" if name == ANSWERED else "unanswerable ones refused"
        yield _target(
            kind + suffix, f"{means[name]:.0%}", f"{least:.0%} or more", is_met=means[name] >= least
        )


def _languages(multilingual: Multilingual | None) -> Iterator[Row]:
    """Yield a row for each promise about other languages."""
    if multilingual is None:
        yield _target(
            "questions in five languages", "not measured", "`[multilingual]`", is_met=False
        )
        return
    found = multilingual.success_by_language()
    mean, worst = mean_of(found.values()), min(found, key=lambda code: found[code])
    asked = ", ".join(found)
    yield _target(f"mean success@1, {asked}", figure(mean), "0.75 or more", is_met=mean >= 0.75)
    told = f"{figure(found[worst])} ({worst})"
    yield _target("success@1 in each of them", told, "0.6 or more", is_met=found[worst] >= 0.6)
    changes = multilingual.english_changes()
    most = max(changes, key=lambda name: abs(changes[name]))
    yield _target(
        f"nDCG@10 of English questions with `[multilingual]`, {len(changes)} sets",
        f"{changes[most]:+.4f} on {most}",
        "within 0.005",
        is_met=abs(changes[most]) <= 0.005,
    )


def _ranking_part(measured: dict[str, Measured], english: Sequence[Measured]) -> Iterator[str]:
    yield from ("", "## Ranking", "")
    yield "nDCG@10, with the product's 95 % interval over questions."
    yield (
        "*fixed reference* is a weighted sum of plain BM25 and the similarity of passages of 160 "
        "words, and does not follow the product's changes; *plain BM25* and *plain dense* are its "
        "two halves. "
        "*BM25 alone* and *dense alone* are what the product's own words and vectors find. "
        "*txtai 9 hybrid* has the same model and the same articles, and its own defaults."
    )
    yield ""
    header = ("set", "questions", *SYSTEMS, "95 %")
    rows = [_ndcg_row(one) for one in english]
    means = [figure(_mean_ndcg(english, name)) for name in SYSTEMS]
    rows.append((_MEAN_OF_ENGLISH, "", *means, ""))
    rows += [_ndcg_row(one) for name, one in measured.items() if name not in ENGLISH]
    yield from _table(header, rows)
    yield ""
    yield f"In {' and '.join(INTENTS)} an article is an intent with five phrasings."
    yield "These, and the questions in several languages, are not in the mean."


def _ndcg_row(one: Measured) -> Row:
    low, high = one.systems[PRODUCT].interval
    figures = (figure(_ndcg(one, name)) for name in SYSTEMS)
    interval = f"{figure(low)} to {figure(high)}"
    return (one.result.name, str(one.result.questions), *figures, interval)


def _measure_rows(measured: dict[str, Measured], english: Sequence[Measured]) -> Iterator[Row]:
    for name, one in measured.items():
        for system in SYSTEMS:
            yield (name, system, *(figure(one.systems[system].means[m]) for m in MEASURES))
    for system in SYSTEMS:
        means = mean_of_sets([one.systems[system] for one in english])
        yield (_MEAN_OF_ENGLISH, system, *(figure(means[measure]) for measure in MEASURES))


def _abstention_part(measured: dict[str, Measured]) -> Iterator[str]:
    yield from ("", "## Abstaining", "")
    yield (
        "*AUROC answerable*: how often an answerable question is given a higher confidence than "
        "an unanswerable one. *AUROC first right*: the same for questions whose first suggestion "
        "is relevant. *ECE*: expected calibration error of that, ten bins of equal width. "
        "*answered* and *refused*: at the product's own decision. "
        "The few weights behind a confidence are learned from sets like these, so each set is "
        "judged with weights learned from all the others."
    )
    yield ""
    results = [one.left_out for one in measured.values()]
    yield from _table(abstention_header(), abstention_rows(results))
    yield ""
    yield (
        "*Contested* are unanswerable questions that an article has as its title, word for word: "
        "it was written to answer them, after they were labelled. "
        "Weights are learned without them."
    )
    shipped = product_means([one.result for one in measured.values()])
    told = ", ".join(f"{name} {figure(shipped[name])}" for name in ABSTENTION)
    yield ""
    yield f"With the weights as shipped, learned from all of them, the means are: {told}."
    yield ""
    yield "Coverage is the share of questions that get a suggestion, the most confident first;"
    yield "risk is the share of these whose first suggestion is wrong."
    yield "Unanswerable questions count as wrong; a dot marks the product's decision."
    yield ""
    yield f"![Risk and coverage of every set]({(_ASSETS / 'all.svg').as_posix()})"
    yield ""
    yield '??? info "One chart a set"'
    yield ""
    for name in measured:
        yield f"    ![Risk and coverage of {name}]({(_ASSETS / name).as_posix()}.svg)"
        yield ""


def _language_part(multilingual: Multilingual | None) -> Iterator[str]:
    yield from ("## Languages", "")
    if multilingual is None:
        yield "Not measured: the extra `[multilingual]` or the questions are missing."
        return
    yield from multilingual.page()


def _redaction_part(measured: dict[str, Measured]) -> Iterator[str]:
    yield from ("", "## What redaction costs", "")
    yield "nDCG@10 of the product with questions redacted, as it asks them, and as they came."
    yield ""
    rows: list[Row] = []
    for name, one in measured.items():
        redacted, raw = _ndcg(one, PRODUCT), one.unredacted.means[NDCG]
        rows.append((name, f"{redacted:.4f}", f"{raw:.4f}", f"{raw - redacted:+.4f}"))
    cost = mean_of(one.unredacted.means[NDCG] - _ndcg(one, PRODUCT) for one in measured.values())
    rows.append(("mean", "", "", f"{cost:+.4f}"))
    yield from _table(("set", "redacted", "as they came", "cost"), rows)


def _write_charts(folder: Path, measured: dict[str, Measured]) -> None:
    """Write one chart for each set, and one with all."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, one in measured.items():
        told = one.left_out.abstention
        line = Line(name, told.curve, told.decision)
        lines.append(line)
        chart = risk_coverage_svg(f"Risk and coverage: {name}", [line])
        (folder / f"{name}.svg").write_text(chart, encoding="utf-8")
    chart = risk_coverage_svg("Risk and coverage", lines)
    (folder / "all.svg").write_text(chart, encoding="utf-8")


def _ndcg(one: Measured, system: str) -> float:
    return one.systems[system].means[NDCG]


def _mean_ndcg(sets: Sequence[Measured], system: str) -> float:
    return mean_of(_ndcg(one, system) for one in sets)


def _target(promise: str, measured: object, target: str, *, is_met: bool) -> Row:
    return (promise, str(measured), target, "met" if is_met else "MISSED")


def _table(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|---" * len(header) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    main()
