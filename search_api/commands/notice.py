"""`sop notice` and `sop malfunctions`: what breaks now, and telling everybody.

A notice is for the next hours. What lasts longer belongs into git, as a known issue; `draft`
makes the branch for it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.commands.options import ArticlesFolder
from indexer.commands.terminal import complaints
from indexer.errors import CorpusError, SopError
from search_api.commands.log_there import demand_log
from search_api.commands.person import person

if TYPE_CHECKING:
    from search_api.events.notices import NoticeStore, PinnedNotice
    from search_api.insights.naming import Named
    from search_api.settings import Settings

_SLUG_WORDS = 8
_NO_AREA = "known-issues"

notice_commands = typer.Typer(
    help="Notices on the site and with every answer: pin, list, end, draft.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
By = Annotated[str | None, typer.Option("--as", help="Who does this [default: your user name]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[int, typer.Argument(help="From: sop notice list")]


def malfunctions(context: typer.Context, as_json: AsJson = False) -> None:
    """List what many people ask about all of a sudden, in the last 24 hours.

    Reads the log of questions; what is usual comes from its last four weeks. Prints up to
    five example questions of each, redacted.

    For example:

        sop malfunctions

        sop malfunctions --json
    """
    settings: Settings = context.obj
    found = _malfunctions(settings)
    if as_json:
        from search_api.malfunction_schemas import malfunction_view

        rows = [malfunction_view(one).model_dump(mode="json") for one in found]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for one in found:
        print("\n".join(_told(one)))
    if not found:
        print("no malfunction in the last 24 hours")


@notice_commands.command()
def pin(
    context: typer.Context,
    title: Annotated[
        str | None, typer.Argument(help="What is broken, in one line; --from has one of its own.")
    ] = None,
    text: Annotated[str, typer.Option(help="What to do meanwhile.")] = "",
    hours: Annotated[float, typer.Option(help="Hours until it expires; 12 at most.")] = 4,
    article: Annotated[str | None, typer.Option(help="Id of the article that helps.")] = None,
    platform: Annotated[
        list[str] | None, typer.Option(help="A tool that it is about; repeatable.")
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option(help="Who is shown it; repeatable. [default: internal]")
    ] = None,
    malfunction: Annotated[
        str | None, typer.Option("--from", help="Id of a malfunction; see sop malfunctions.")
    ] = None,
    who: By = None,
    as_json: AsJson = False,
) -> None:
    """Show a notice on the site and with every answer, at once; prints its number.

    It goes by itself when its hours are over. Title and text are redacted, and who pinned it
    is recorded.

    For example:

        sop notice pin "Videos are green" --text "Use the second player." --hours 2

        sop notice pin --from m-3fa85f64
    """
    from search_api.events.notices import NoticeStore, make_notice
    from search_api.insights.naming import default_title
    from search_api.redaction import redactor_of

    settings: Settings = context.obj
    platforms = tuple(platform or ())
    if malfunction is not None:
        named = _named(settings, malfunction)
        article = article or (named.article.id if named.article else None)
        platforms = platforms or named.platforms
        title = title or default_title(platforms)
    notice = make_notice(
        title or "",
        text,
        hours=hours,
        by=person(who),
        at=datetime.now(UTC),
        article_id=article,
        platforms=platforms,
        audiences=audience or ("internal",),
        malfunction=malfunction,
        redactor=redactor_of(settings),
    )
    store = NoticeStore(settings.events_url)
    try:
        stored = store.pin(notice)
    finally:
        store.close()
    if as_json:
        _print_json([stored])
        return
    print(f"notice {stored.id} is shown until {_utc(stored.expires_at)}")
    complaints.print(f"end it: sop notice end {stored.id}", markup=False)
    complaints.print(
        f"when it lasts: sop notice draft {stored.id} begins a known issue", markup=False
    )


@notice_commands.command("list")
def list_notices(context: typer.Context, as_json: AsJson = False) -> None:
    """List the notices that are shown now, the newest first."""
    from indexer.checks.finding import visible

    settings: Settings = context.obj
    store = _store(settings)
    try:
        found = store.current(datetime.now(UTC))
    finally:
        store.close()
    if as_json:
        _print_json(found)
        return
    for one in found:
        about = f" [{one.article_id}]" if one.article_id else ""
        told = f"{one.id}  until {_utc(one.expires_at)}, by {one.pinned_by}: {one.title}{about}"
        print(visible(told))
    if not found:
        print("no notice is shown")


@notice_commands.command()
def end(context: typer.Context, number: Number, who: By = None) -> None:
    """End a notice before it expires.

    For example:

        sop notice end 3
    """
    settings: Settings = context.obj
    store = _store(settings)
    try:
        store.end(number, person(who), datetime.now(UTC))
    finally:
        store.close()
    print(f"notice {number} is over")


@notice_commands.command()
def draft(
    context: typer.Context,
    number: Number,
    area: Annotated[
        str | None, typer.Option(help="Area of the new article [default: its article's area]")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="A team of teams.yml [default: the first one]")
    ] = None,
    sop: ArticlesFolder = Path("sop"),
    branch: Annotated[
        str | None, typer.Option(help="Name of the new branch [default: notice/ and its number]")
    ] = None,
) -> None:
    """Begin a known issue from a notice, on a new git branch; nothing else changes.

    The draft has the notice's title, text and tools. No question of the log goes into it;
    sop check says what is missing.

    For example:

        sop notice draft 3

        sop notice draft 3 --area labelling --owner labelling-engineering
    """
    from indexer.checks.draft import Known, draft_article
    from indexer.repository import Repository

    settings: Settings = context.obj
    notice = _stored(settings, number)
    repository = Repository.around(sop) if sop.is_dir() else None
    if repository is None:
        raise CorpusError(f"{sop} is no folder of a git repository, so there is none to branch")
    slug = _slug(notice.title, number)
    name = branch or f"notice/{number}-{slug}"
    repository.refuse_branch(name)
    known = Known(
        title=notice.title,
        workaround=" ".join(notice.text.split()),
        started=notice.pinned_at.date(),
        platforms=notice.platforms,
    )
    place = area or _area_of(sop, notice.article_id)
    path, text = draft_article(sop, f"{place}/{slug}", "known-issue", owner, known=known)
    inside = path.resolve().relative_to(repository.root.resolve()).as_posix()
    message = f"Draft a known issue from notice {number}\n\n{notice.title}\n"
    commit = repository.write_branch(
        name, repository.named("HEAD"), {inside: text.encode()}, message
    )
    print(f"branch {name} is at {commit[:10]}, with {inside}; your files are as they were")
    complaints.print(
        f"next: git switch {name}, write what is missing (sop check names it), and push",
        markup=False,
    )


def _malfunctions(settings: Settings) -> list[Named]:
    """Return the malfunctions of the last day, from the log."""
    from indexer.snapshot import Snapshot
    from search_api.malfunction_watch import LogWatch, name_all

    demand_log(settings.events_url, ", so nobody has asked anything here")
    watch = LogWatch(settings.events_url)
    found = watch.look(
        datetime.now(UTC), say=lambda told: complaints.print(f"{told} …", markup=False)
    )
    if not found:
        return []
    try:
        articles = Snapshot.open(settings.index).articles
    except SopError as error:
        complaints.print(f"articles are told by their ids: {error}", markup=False)
        articles = ()
    return name_all(found, articles, settings.sop)


def _named(settings: Settings, malfunction: str) -> Named:
    found = _malfunctions(settings)
    for one in found:
        if one.malfunction.id == malfunction:
            return one
    there = ", ".join(one.malfunction.id for one in found) or "none"
    raise SopError(
        f"no malfunction of the last 24 hours has the id {malfunction}; there are: {there}"
    )


def _stored(settings: Settings, number: int) -> PinnedNotice:
    store = _store(settings)
    try:
        notice = store.get(number)
    finally:
        store.close()
    if notice is None:
        raise SopError(
            f"notice {number} was never pinned; see those that are shown: sop notice list"
        )
    return notice


def _store(settings: Settings) -> NoticeStore:
    from search_api.events.notices import NoticeStore

    return NoticeStore(settings.events_url)


def _told(named: Named) -> list[str]:
    """Return a malfunction as lines that a person reads."""
    from indexer.checks.finding import visible

    one = named.malfunction
    period = f"{_utc(one.first_seen)} to {_utc(one.last_seen)}"
    seen = f"{one.in_window} in {one.window_minutes} minutes, {one.expected:.2f} expected"
    lines = [
        f"{one.id}  {one.state}: {one.count} like questions of {one.askers} people, {period}",
        f"  raised {_utc(one.raised_at)}: {seen}",
    ]
    if named.platforms:
        lines.append(f"  about {', '.join(named.platforms)}")
    if named.known_issue is not None:
        lines.append(f"  known issue {named.known_issue.id}: {named.known_issue.title}")
    elif named.article is not None:
        lines.append(f"  nearest article {named.article.id}: {named.article.title}")
    lines += [f"  - {' '.join(text.split())[:120]}" for text in one.examples]
    return [visible(line) for line in lines]


def _print_json(notices: Sequence[PinnedNotice]) -> None:
    from search_api.malfunction_schemas import pinned_view

    rows = [pinned_view(one).model_dump(mode="json") for one in notices]
    print(json.dumps(rows, indent=1, ensure_ascii=False))


def _slug(title: str, number: int) -> str:
    """Return a title as a file's name: its first words, in plain letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:_SLUG_WORDS]
    return "-".join(words) or f"notice-{number}"


def _area_of(sop: Path, article_id: str | None) -> str:
    """Return the area of the notice's article; that of known issues where it has none."""
    from indexer.checks.ids import read_sources

    if article_id is None:
        return _NO_AREA
    areas = (Path(one.path).parent.name for one in read_sources(sop) if one.id == article_id)
    return next(areas, "") or _NO_AREA


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
