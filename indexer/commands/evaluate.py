"""`sop eval`: measure how well questions find their articles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from indexer.commands.options import Model
from indexer.commands.terminal import ProgressBar, print_lines


def evaluate(
    dataset: Annotated[
        Path, typer.Option(help="Folder of labelled questions, or a folder of such folders.")
    ],
    sop: Annotated[
        Path, typer.Option(help="Articles for a dataset without a corpus.jsonl.")
    ] = Path("sop"),
    index: Annotated[
        Path | None, typer.Option(help="Ask this folder of snapshots instead of building one.")
    ] = None,
    model: Model = "default",
    language: Annotated[
        str | None, typer.Option(help="Ask only the questions in this language, such as de.")
    ] = None,
    floor: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE: exit with 1 when the mean is below; repeatable."),
    ] = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="List the questions that do not find their article.")
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Write the risk-coverage curves to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Measure how well labelled questions find their articles.

    A dataset is a folder in the BEIR layout: queries.jsonl, qrels.tsv, and corpus.jsonl
    unless the articles are those of --sop; questions that nothing answers stand in
    oos_queries.jsonl. The snapshot is built in a temporary folder and the product's ranking
    stands beside what its words (BM25) or its vectors (dense) would do alone.

    For example:

        sop eval --dataset ~/questions/helpdesk

        sop eval --dataset ~/questions --floor success@3=0.8 --floor nDCG@10=0.75 --misses

        sop eval --dataset ~/questions/xquad --model multilingual --language de --json
    """
    from indexer.evaluation import report
    from indexer.evaluation.chart import Line, risk_coverage_svg
    from indexer.evaluation.dataset import find_datasets
    from indexer.evaluation.evaluate import Choices, evaluate_dataset

    floors = [report.parse_floor(text) for text in floor or ()]
    choices = Choices(sop=sop, index=index, model=model, language=language)
    with ProgressBar() as progress:
        found = [
            evaluate_dataset(folder, choices, progress, progress.ask)
            for folder in find_datasets(dataset)
        ]
    for one in found:
        print_lines(one.name, list(one.notes))
    if as_json:
        print(json.dumps(report.as_json(found), indent=1))
    else:
        print(report.aligned(report.rank_header(), report.rank_rows(found)))
        if any(one.unanswerable for one in found):
            print("\n" + report.aligned(report.abstention_header(), report.abstention_rows(found)))
        if misses:
            print("\n" + ("\n".join(report.miss_lines(found)) or "no question misses"))
    if svg:
        lines = [Line(one.name, one.abstention.curve, one.abstention.decision) for one in found]
        svg.write_text(risk_coverage_svg("Risk and coverage", lines), encoding="utf-8")
    sentences = report.below(found, floors)
    print_lines("floor", sentences)
    if sentences:
        raise typer.Exit(1)
