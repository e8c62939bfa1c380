"""`sop build`: index the articles and publish the snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from indexer.commands.options import Model
from indexer.commands.terminal import ProgressBar, print_lines, results
from indexer.errors import SopError

if TYPE_CHECKING:
    from indexer.build import BuildReport


def build(
    sop: Annotated[Path, typer.Option(help="Folder of Markdown files.")] = Path("sop"),
    out: Annotated[Path, typer.Option(help="Folder of snapshots.")] = Path("var/index"),
    model: Model = "default",
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
    print_lines("not published", [str(error) for error in report.corpus.errors])
    print_lines("passed over", list(report.corpus.notes))
    print_lines("without a link", list(indexed.unlinked))
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
