"""`sop learn`: questions that specialists confirmed become a branch that proposes them.

The only memory is git: nothing is weighted, trained or cached by what people ask.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.options import ArticlesFolder
from indexer.commands.terminal import complaints
from indexer.errors import ArticleError, CorpusError, SopError
from search_api.commands.days import day_option
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from indexer.corpus import Corpus
    from search_api.events.audit import AuditRecord
    from search_api.insights.learning import Proposal, Selection
    from search_api.settings import Settings

_NO_LOG = ", so nobody has confirmed anything here"
_OFF = (
    "learn is off: it writes what people typed into a git branch, and what is in git cannot be "
    "erased; whoever may decide that sets learn = true in sop.toml, or SOPKB_LEARN=true"
)

_MADE_UP = (
    "the log holds demo data: nobody asked these questions, so none goes into git; "
    "--dry-run shows counts"
)


@dataclass(frozen=True, slots=True)
class _Export:
    """What is to be written.

    Attributes:
        branch: its name.
        parent: the commit that it starts from.
        files: new contents by path.
        proposals: those that found their place.
        refused: files that cannot be added to.
    """

    branch: str
    parent: str
    files: dict[str, bytes]
    proposals: tuple[Proposal, ...]
    refused: tuple[ArticleError, ...]

    @property
    def articles(self) -> list[str]:
        """The ids of the articles that get a proposal, in order."""
        return list(dict.fromkeys(one.article for one in self.proposals))


def learn(
    context: typer.Context,
    since: Annotated[
        datetime | None,
        day_option("First day, in UTC, of what was resolved."),
    ] = None,
    article: Annotated[
        list[str] | None, typer.Option(help="Only for this article id; repeatable.")
    ] = None,
    branch: Annotated[
        str | None, typer.Option(help="Name of the new branch [default: learn/ and the day]")
    ] = None,
    sop: ArticlesFolder = Path("sop"),
    model: Annotated[
        str, typer.Option(help="Embedding model that tells what is the same; see sop build.")
    ] = "default",
    who: Annotated[
        str | None, typer.Option("--as", help="Who does this [default: your user name]")
    ] = None,
    override: Annotated[
        str | None, typer.Option(help="Why questions may leave the log's region; it is recorded.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show counts only; write nothing.")
    ] = False,
    audit: Annotated[
        bool, typer.Option("--audit", help="List who took questions out of the log, and when.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Propose questions that an article resolved, on a new git branch.

    A question is proposed when three different people confirmed it. Work tree and current
    branch stay as they are. In the branch a person puts each question in other words; until
    then sop check fails. It is off unless the setting learn says otherwise, and every run
    that shows or writes a question is recorded.

    For example:

        sop learn --since 2026-10-01 --dry-run

        sop learn --since 2026-10-01

        sop learn --since 2026-10-01 --article acc-001 --branch learn/second-factor

        sop learn --audit
    """
    settings: Settings = context.obj
    if audit:
        _print_audit(_read_audit(settings.events_url), as_json=as_json)
        return
    if not settings.learn:
        raise SopError(_OFF)
    if since is None:
        raise SopError("name the first day to look at: sop learn --since 2026-10-01")

    from indexer.corpus import read_commit
    from indexer.embedding import compiled_models
    from indexer.repository import Repository
    from search_api.events.audit import AuditRecord, append_record
    from search_api.events.reading import read_resolved
    from search_api.events.store import read_store, refuse_other_region
    from search_api.insights.confirmations import read_confirmations
    from search_api.insights.learning import select
    from search_api.redaction import redactor_of

    demand_log(settings.events_url, _NO_LOG)
    store = read_store(settings.events_url)
    if store.is_demo and not dry_run:
        raise SopError(_MADE_UP)
    region = refuse_other_region(store, settings.region, override)
    repository = Repository.around(sop) if sop.is_dir() else None
    if repository is None:
        raise CorpusError(f"{sop} is no folder of a git repository, so there is none to branch")
    name = branch or f"learn/{datetime.now(UTC):%Y-%m-%d}"
    if not dry_run:
        repository.refuse_branch(name)
    parent = repository.named("HEAD")
    here = sop.resolve().relative_to(repository.root.resolve()).as_posix()
    files, corpus = read_commit(repository, parent, here)
    _demand_articles(corpus, article or ())
    confirmed, left_out = read_confirmations(
        *read_resolved(settings.events_url, since.replace(tzinfo=UTC)), redactor_of(settings)
    )
    if article:
        confirmed = [one for one in confirmed if one.article in article]
    encoder = compiled_models(model, lambda told: complaints.print(f"{told} …"))[0].encoder
    selection = select(confirmed, corpus.articles, lambda texts: encoder.encode(texts, "query"))
    selection.left_out.update(left_out)
    export = _export(name, parent, files, corpus, selection)
    commit = None
    if export.files and not dry_run:
        record = AuditRecord(
            at=datetime.now(UTC),
            who=person(who),
            command="learn",
            questions=len(export.proposals),
            articles=export.articles,
            target=f"{name}{region}",
        )
        # First the record: what cannot be recorded is not written, nor shown.
        append_record(settings.events_url, record)
        message = _message(export, since)
        commit = repository.write_branch(name, parent, export.files, message)
    _print_report(export, selection, corpus, commit, dry_run=dry_run, as_json=as_json)
    if export.refused:
        raise typer.Exit(1)


def _export(
    name: str, parent: str, files: dict[str, bytes], corpus: Corpus, selection: Selection
) -> _Export:
    """Return the new contents of the files that get a proposal, and those that cannot."""
    from indexer.proposals import add_questions

    paths = {article.id: article.path for article in corpus.articles}
    changed: dict[str, bytes] = {}
    refused: list[ArticleError] = []
    placed: list[Proposal] = []
    for article in dict.fromkeys(one.article for one in selection.proposals):
        own = [one for one in selection.proposals if one.article == article]
        path = paths[article]
        try:
            changed[path] = add_questions(path, files[path], [one.text for one in own])
        except ArticleError as error:
            refused.append(error)
        else:
            placed += own
    return _Export(name, parent, changed, tuple(placed), tuple(refused))


def _message(export: _Export, since: datetime) -> str:
    """Return the commit's message: what, since when, and how many confirmed; no question."""
    counted = [
        f"{article}: "
        + ", ".join(str(one.people) for one in export.proposals if one.article == article)
        for article in export.articles
    ]
    return "\n".join(
        [
            "Propose questions that people asked",
            "",
            f"Resolved since {since:%Y-%m-%d}; how many people confirmed each, by article:",
            "",
            *counted,
            "",
            "Put each in other words, or delete it, and take it out of x-learned;",
            "sop check fails until then.",
            "",
        ]
    )


def _print_report(
    export: _Export,
    selection: Selection,
    corpus: Corpus,
    commit: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print what was proposed; without a commit, counts alone."""
    shown = [
        {"article": one.article, "people": one.people} | ({"text": one.text} if commit else {})
        for one in export.proposals
    ]
    if as_json:
        report = {
            "branch": export.branch if commit else None,
            "commit": commit,
            "proposals": shown,
            "left_out": dict(selection.left_out),
            "notes": list(selection.notes),
            "refused": [str(error) for error in export.refused],
            "unread": [str(error) for error in corpus.errors],
        }
        print(json.dumps(report, indent=1, ensure_ascii=False))
        return
    for line in _complaints(export, selection, corpus):
        complaints.print(line, markup=False)
    width = max((len(one.article) for one in export.proposals), default=0)
    for one in shown:
        told = f"{one['article']:<{width}}  confirmed by {one['people']}"
        print(f"{told}: {one['text']}" if commit else told)
    if commit:
        print(
            f"branch {export.branch} is at {commit[:10]}; your files are as they were\n"
            f"next: git push -u origin {export.branch}, open a pull request, put each question in "
            "other words and take it out of x-learned"
        )
    elif not export.proposals:
        print("nothing to propose")
    elif dry_run:
        print("nothing was written; without --dry-run the questions are shown and recorded")


def _complaints(export: _Export, selection: Selection, corpus: Corpus) -> list[str]:
    """Return what was left out, one sentence each."""
    from indexer.checks.finding import visible
    from search_api.insights.learning import REASONS

    return [
        *(f"not read: {visible(str(error))}" for error in corpus.errors),
        *(f"left as it is: {visible(str(error))}" for error in export.refused),
        *(f"note: {visible(note)}" for note in selection.notes),
        *(
            f"left out: {selection.left_out[reason]} {text}"
            for reason, text in REASONS.items()
            if selection.left_out[reason]
        ),
    ]


def _print_audit(records: Sequence[AuditRecord], *, as_json: bool) -> None:
    from indexer.checks.finding import visible

    rows = [
        {
            "at": record.at.isoformat(timespec="seconds"),
            "who": record.who,
            "command": record.command,
            "questions": record.questions,
            "articles": list(record.articles),
            "target": record.target,
        }
        for record in records
    ]
    if as_json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row, record in zip(rows, records, strict=True):
        articles = f" for {', '.join(record.articles)}" if record.articles else ""
        told = f"{record.questions} questions{articles}" if record.questions else ""
        # What is erased goes nowhere, and a notice takes no question out.
        link = (" to " if record.articles else "; ") if told else ""
        place = f"{row['at']}  {record.who}  {record.command}: "
        print(visible(f"{place}{told}{link}{record.target}"))
    if not rows:
        print("no question was taken out of the log")


def _read_audit(url: str) -> Sequence[AuditRecord]:
    from search_api.events.reading import read_audit

    demand_log(url, _NO_LOG)
    return read_audit(url)


def _demand_articles(corpus: Corpus, wanted: Sequence[str]) -> None:
    from indexer.checks.folder import meant

    known = [article.id for article in corpus.articles]
    for article in wanted:
        if article not in known:
            hint = meant(article, known, "name one of an article that is committed")
            raise SopError(f"no article has the id {article}; {hint}")
