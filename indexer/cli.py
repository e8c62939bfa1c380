"""The commands that need no service: build, check, compare, new, owners, adopt, schema, eval."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from indexer.errors import SopError

if TYPE_CHECKING:
    from indexer.build import BuildReport
    from indexer.checks.folder import Folder

_MOST_LINES = 20
# Where whoever mounts these commands puts a function that gives the rejections in its log,
# and a sentence for each thing that it could not look at.
REJECTIONS = "sop.rejections"
# The same for a function that gives what a draft gets of a gap in that log.
FROM_GAP = "sop.from_gap"
complaints = Console(stderr=True, highlight=False, soft_wrap=True)
results = Console(highlight=False, soft_wrap=True)


def build(
    sop: Annotated[Path, typer.Option(help="Folder of Markdown files.")] = Path("sop"),
    out: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    model: Annotated[
        str,
        typer.Option(help="Embedding model: default, multilingual, a folder, or a name on a hub."),
    ] = "default",
    article_encoder: Annotated[
        Literal["compiled", "reference"],
        typer.Option(help="reference embeds articles with the original model, which is slower."),
    ] = "compiled",
    site: Annotated[
        Path | None, typer.Option(help="Built site to publish together with the index.")
    ] = None,
    site_prefix: Annotated[
        str | None,
        typer.Option(help="Where the pages are below the site's root [default: the folder's name]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Index a folder of Markdown and publish the snapshot.

    Only texts that changed since the last build are embedded again. Files that cannot be
    read are listed and the rest is published; the exit code is then 1.

    For example:

        sop build

        sop build --sop ~/handbook/docs --out /srv/sop/index --site ~/handbook/site
    """
    from indexer.build import build_snapshot

    if site is not None and not (site / "index.html").is_file():
        raise SopError(f"{site} is no built site: it has no index.html; run: mkdocs build")
    with ProgressBar() as progress:
        report = build_snapshot(sop, out, model, article_encoder, site, site_prefix, progress)
    if as_json:
        print(json.dumps(_summary(report), indent=1))
    else:
        _print_report(report, out)
    if report.corpus.errors:
        raise typer.Exit(1)


def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders [default: the articles' folder]")
    ] = None,
    sop: Annotated[Path, typer.Option(help="Folder of the articles.")] = Path("sop"),
    changed: Annotated[
        str | None,
        typer.Option(
            metavar="BASE", help="Only what this branch changes or breaks, compared with BASE."
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="First mend what can be mended without asking.")
    ] = False,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Leave out what needs the encoder: own questions, overlaps."),
    ] = False,
    model: Annotated[
        str, typer.Option(help="Embedding model that asks own questions; see sop build.")
    ] = "default",
    output: Annotated[
        Literal["text", "json", "github", "gitlab"] | None,
        typer.Option("--format", help="[default: text; in a CI job, what GitHub or GitLab shows]"),
    ] = None,
) -> None:
    """Check the articles with the writers' rules; nothing is published.

    Every finding is one line, `path:line: rule: message`, so that an editor can jump to it.
    The exit code is 1 when there is an error; warnings and accepted findings do not count.

    For example:

        sop check

        sop check sop/access --format json

        sop check --changed origin/main

        sop check --changed origin/main --fix

        sop check --fast
    """
    from indexer.checks.fixes import mend
    from indexer.checks.formats import chosen_format, formatted, step_summary, totals
    from indexer.checks.run import check_folder

    told = mend(sop, paths or [], changed) if fix else []
    read = context.meta.get(REJECTIONS)
    rejections, notes = read() if read is not None else ((), ())
    with ProgressBar() as progress:
        measure = None if fast else _measure(sop, model, progress)
        report = check_folder(sop, paths or [], changed, measure=measure, rejections=rejections)
    if text := formatted(report.findings, output or chosen_format(os.environ)):
        print(text)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(step_summary(report.findings))
    notes = (*report.notes, *notes)
    for line in (*(f"mended: {one}" for one in told), *(f"note: {one}" for one in notes)):
        complaints.print(line, markup=False)
    complaints.print(totals(report.findings))
    if report.count("error"):
        raise typer.Exit(1)


def compare(
    base: Annotated[str, typer.Argument(help="Branch or commit that the change will join.")],
    head: Annotated[
        str | None, typer.Argument(help="Branch or commit of the change [default: your files]")
    ] = None,
    sop: Annotated[Path, typer.Option(help="Folder of the articles.")] = Path("sop"),
    model: Annotated[
        str,
        typer.Option(help="Embedding model: default, multilingual, a folder, or a name on a hub."),
    ] = "default",
    questions: Annotated[
        Path | None,
        typer.Option(help="Questions that people asked: one a line, or JSON with text and count."),
    ] = None,
    max_lost: Annotated[
        float,
        typer.Option(min=0, max=100, help="Percent of questions that may lose theirs."),
    ] = 0.5,
    max_unanswered: Annotated[
        float, typer.Option(min=0, max=100, help="Percent that may no longer be answered.")
    ] = 1.0,
    output: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="markdown is made for a comment on a pull request."),
    ] = "text",
    out: Annotated[Path | None, typer.Option(help="Write to this file too.")] = None,
) -> None:
    """Show what a change to the articles does to the answers that people get.

    Both sides are indexed in memory and asked every question of every article, each without
    its own vector. The base is the commit where the change left it. The exit code is 1 when
    too many questions lose their article or are no longer answered.

    For example:

        sop compare origin/main

        sop compare origin/main --questions asked.jsonl --format markdown --out comment.md

        sop compare v1.2 v1.3 --format json
    """
    from indexer.compare.compare import compare as compare_sides
    from indexer.compare.comparison import Limits
    from indexer.compare.report import formatted
    from indexer.embedding import compiled_models

    with ProgressBar() as progress:
        found = compare_sides(
            sop,
            base,
            head,
            compiled_models(model, progress.say),
            questions,
            Limits(lost=max_lost, unanswered=max_unanswered),
            progress,
            progress.ask,
        )
    told = formatted(found, output)
    if out is not None:
        out.write_text(told + "\n", encoding="utf-8")
    print(told)
    if found.reasons:
        raise typer.Exit(1)


def _measure(sop: Path, model: str, progress: ProgressBar) -> Callable[[Folder], Folder]:
    """Return what adds to a folder what only an index can tell."""

    def run(folder: Folder) -> Folder:
        from indexer.checks.measure import measured
        from indexer.embedding import compiled_models
        from indexer.errors import ArticleError, ModelError
        from indexer.vocabulary import read_synonyms

        try:
            models = compiled_models(model, progress.say)
        except ModelError as error:
            raise SopError(f"{error}; or check without the encoder: sop check --fast") from error
        try:
            synonyms = read_synonyms(sop)
        except ArticleError:  # the rule `readable` says what is wrong with it
            synonyms = {}
        return measured(folder, models, synonyms, progress)

    return run


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Area and file name: access/reset-password")],
    article_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="how-to, troubleshooting, known-issue, process, … [default: how-to, or what fits "
            "to the gap]",
        ),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="A team of teams.yml [default: the first one]")
    ] = None,
    sop: Annotated[Path, typer.Option(help="Folder of the articles.")] = Path("sop"),
    from_gap: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Start from what people asked; see sop gaps. Recorded."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days to look back for the gap.")] = 28,
    who: Annotated[
        str | None, typer.Option("--as", help="Who does this [default: your user name]")
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(help="Why questions may leave the region of their log; it is recorded."),
    ] = None,
) -> None:
    """Start a new article with the next free id; prints its path.

    From a gap, the draft gets its counts and the nearest article. Where the setting learn is
    on, it also gets questions that people typed; sop check fails until each is put in other
    words.

    For example:

        sop new access/reset-password

        sop new labelling/video-player-black --type known-issue

        sop new access/lost-badge --from-gap 1a2b3c4d
    """
    from indexer.checks.draft import new_article

    start = None
    if from_gap is not None:
        read = context.meta[FROM_GAP]
        start = partial(read, sop, from_gap, days, who, override)
    print(new_article(sop, name, article_type, owner, start))


def owners(
    sop: Annotated[Path, typer.Option(help="Folder of the articles.")] = Path("sop"),
    forge: Annotated[
        Literal["github", "gitlab"] | None,
        typer.Option("--format", help="[default: what is there already, else github]"),
    ] = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 when a file is stale.")
    ] = False,
) -> None:
    """Write CODEOWNERS, so that an article's team is asked to review it; prints its path.

    Reviewers stand in teams.yml. Lines of your own, above the generated ones, are kept.

    For example:

        sop owners

        sop owners --format gitlab

        sop owners --check
    """
    from indexer.files import replace_file
    from indexer.owners import owners_files

    files, notes = owners_files(sop, forge)
    for note in notes:
        complaints.print(f"note: {note}", markup=False)
    if only_check:
        stale = [file for file in files if not file.is_current]
        for file in stale:
            told = f"{file.name}:1: stale (run: sop owners --format {file.forge})"
            complaints.print(told, markup=False)
        raise typer.Exit(1 if stale else 0)
    if not files:
        example = 'reviewers: ["@org/access-team"]'
        raise SopError(f"{sop / 'teams.yml'}: no team that owns an article has {example}")
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file.path, file.text.encode())
        print(file.name)


def adopt(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of Markdown files; it is only read.")
    ],
    sop: Annotated[Path, typer.Option(help="Folder of the articles.")] = Path("sop"),
    area: Annotated[
        str | None, typer.Option(help="Area of all files [default: the sub-folder's name]")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="A team of teams.yml [default: the first one]")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; print the same report.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Bring a folder of Markdown into the articles' folder, and list what is left to do.

    Each file gets front matter as far as it can be derived, a new id and a place; its text
    stays. Nothing is overwritten and nothing is adopted twice. Files that cannot be adopted
    are named; the exit code is then 1.

    For example:

        sop adopt ~/handbook/docs --owner support --dry-run

        sop adopt ~/handbook/docs --owner support > todo.txt
    """
    from indexer.adopt.run import Choices, adopt_folder
    from indexer.checks.finding import visible

    with ProgressBar() as progress:
        report = adopt_folder(folder, Choices(sop, area, owner, dry_run), progress.count)
    if as_json:
        print(json.dumps(report.as_json(), indent=1))
    else:
        for error in report.refused:
            complaints.print(f"left: {visible(str(error))}", markup=False)
        _print_lines("note", [visible(note) for note in report.notes])
        before = [visible(f"{one.source} -> {one.path}") for one in report.before]
        _print_lines("adopted before", before)
        print("\n".join(report.lines()))
    if report.refused:
        raise typer.Exit(1)


def schema() -> None:
    """Print the JSON Schema of front matter, for editors and other programs.

    For example:

        sop schema > front-matter.schema.json
    """
    from indexer.front_matter_schema import front_matter_schema

    print(json.dumps(front_matter_schema(), indent=2, ensure_ascii=False))


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
    model: Annotated[
        str,
        typer.Option(help="Embedding model: default, multilingual, a folder, or a name on a hub."),
    ] = "default",
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
        _print_lines(one.name, list(one.notes))
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
    _print_lines("floor", sentences)
    if sentences:
        raise typer.Exit(1)


class ProgressBar(Progress):
    """Shows what a build is doing, on a terminal only."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=complaints,
            transient=True,
            disable=not complaints.is_terminal,
        )

    def say(self, message: str) -> None:
        """Print one sentence."""
        complaints.print(f"{message} …")

    def embed(self, total: int) -> Callable[[int], None]:
        """Show a bar for `total` texts."""
        task = self.add_task("embedding", total=total)
        return lambda done: self.advance(task, done)

    def count(self, doing: str, total: int) -> Callable[[int], None]:
        """Show a bar for `total` files."""
        task = self.add_task(doing, total=total)
        return lambda done: self.advance(task, done)

    def ask(self, name: str, total: int) -> Callable[[int], None]:
        """Show a bar for `total` questions to one dataset."""
        task = self.add_task(f"{name}: asking", total=total)
        return lambda done: self.advance(task, done)


def _summary(report: BuildReport) -> dict[str, object]:
    manifest, indexed = report.manifest, report.indexed
    return {
        "snapshot": manifest.id,
        "revision": manifest.revision,
        "articles": manifest.counts.articles,
        "chunks": manifest.counts.chunks,
        "questions": manifest.counts.questions,
        "hidden": report.hidden,
        "reused": indexed.reused,
        "embedded": indexed.embedded,
        "seconds": round(report.total_s, 3),
        "texts_per_second": round(indexed.embedded / indexed.embed_s, 1)
        if indexed.embedded
        else None,
        "spaces": [space.model_dump() for space in manifest.spaces],
        "errors": [str(error) for error in report.corpus.errors],
        "notes": list(report.corpus.notes),
        "unlinked": list(indexed.unlinked),
        "pruned": list(report.pruned),
    }


def _print_report(report: BuildReport, out: Path) -> None:
    indexed, counts = report.indexed, report.manifest.counts
    _print_lines("not published", [str(error) for error in report.corpus.errors])
    _print_lines("passed over", list(report.corpus.notes))
    _print_lines("without a link", list(indexed.unlinked))
    speed = f", {indexed.embedded / indexed.embed_s:.0f} a second" if indexed.embedded else ""
    hidden = f", {report.hidden} draft or archived" if report.hidden else ""
    results.print(
        f"{counts.articles} articles{hidden}, {counts.chunks} chunks, "
        f"{counts.questions} questions\n"
        f"{indexed.embedded} texts embedded{speed}, {indexed.reused} reused, "
        f"{report.total_s:.1f} s in all\n"
        f"{_calibrated(report)}\n"
        f"snapshot {report.manifest.id} is current in {out}"
    )
    if report.corpus.errors:
        results.print(f"{len(report.corpus.errors)} files were refused; see above")


def _calibrated(report: BuildReport) -> str:
    """Return in one sentence how the corpus describes itself."""
    calibration = report.manifest.spaces[0].calibration
    if not calibration.is_measured:
        return "calibration: too little text to measure, typical values are used"
    told = f"calibration: measured with {calibration.probes} sentences, their article taken away"
    if not calibration.own_questions:
        return told
    return (
        f"{told}, and {calibration.own_questions} own questions "
        f"(confidence shifted by {calibration.shift:+.2f})"
    )


def _print_lines(heading: str, lines: list[str]) -> None:
    for line in lines[:_MOST_LINES]:
        complaints.print(f"{heading}: {line}", markup=False)
    if len(lines) > _MOST_LINES:
        complaints.print(f"{heading}: and {len(lines) - _MOST_LINES} more; --json lists all")
