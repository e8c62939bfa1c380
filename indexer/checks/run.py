"""Reads a folder of articles and runs every rule over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from indexer.checks.acceptance import with_acceptance
from indexer.checks.draft import read_prompts
from indexer.checks.facts import with_facts
from indexer.checks.finding import Fault, Finding, Severity, visible
from indexer.checks.folder import Change, Folder, Rejection, Source
from indexer.checks.history import SHALLOW_NOTE, read_change, read_retired
from indexer.checks.rules import MEASURED, RULES
from indexer.corpus import markdown_paths, read_file
from indexer.errors import ArticleError, CorpusError, SopError
from indexer.front_matter_cache import split_files
from indexer.platform import PLATFORM, Platform, read_platform
from indexer.repository import Repository
from indexer.teams import TEAMS, read_teams
from indexer.vocabulary import SYNONYMS, read_synonyms

_NAME_FILES = (PLATFORM, TEAMS, SYNONYMS)
_MOST_MESSAGE_CHARS = 300
_ORDER = {name: place for place, (name, _, _) in enumerate(RULES)}
_Read = TypeVar("_Read")
Measure = Callable[[Folder], Folder]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check says.

    Attributes:
        findings: ordered by path and line; those that were accepted are among them.
        notes: what could not be looked at, one sentence each.
        folder: what was looked at.
        root: the folder that paths are below.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    folder: Folder
    root: Path

    @property
    def open(self) -> list[Finding]:
        """The findings that nobody accepted."""
        return [finding for finding in self.findings if finding.accepted is None]

    def count(self, severity: Severity) -> int:
        """Return how many open findings have a severity."""
        return sum(finding.severity == severity for finding in self.open)


def check_articles(sop: Path, only: Sequence[Path] = ()) -> list[Finding]:
    """Return the findings of a folder that nobody accepted; see `check_folder`."""
    return check_folder(sop, only).open


def check_folder(
    sop: Path,
    only: Sequence[Path] = (),
    base: str | None = None,
    today: date | None = None,
    measure: Measure | None = None,
    rejections: Sequence[Rejection] = (),
) -> CheckReport:
    """Run every rule over a folder of articles.

    Args:
        sop: the folder; all of it is read, since some rules compare files.
        only: files or folders whose findings are wanted; none for all.
        base: a branch or commit; only what differs from it, and what that breaks elsewhere,
            is wanted.
        today: the day to compare dates with; None for today in UTC.
        measure: adds what only an index can tell, see `indexer.checks.measure`; without it
            the rules that need it find nothing.
        rejections: see `Folder`.

    Raises:
        CorpusError: the folder or one of `only` does not exist.
        SopError: there is no git repository, or no such base.
    """
    if not sop.is_dir():
        raise CorpusError(
            f"{sop} is no folder; start above the articles, or name theirs with --sop"
        )
    for path in only:
        if not path.exists():
            raise CorpusError(f"{path} does not exist")
    repository = Repository.around(sop)
    if base is not None and repository is None:
        raise SopError(f"{sop} is in no git repository; leave out --changed, or run: git init")
    root = (repository.root if repository else sop.resolve().parent).resolve()
    folder = replace(
        _read_folder(sop, root),
        today=today or datetime.now(UTC).date(),
        rejections=rejections,
    )
    notes: list[str] = []
    if repository is not None:
        here = folder.name or "."
        change = read_change(repository, here, base) if base is not None else None
        # An id that only this branch had for a while was never anybody's.
        revision = repository.merge_base(base) if base is not None else None
        retired = read_retired(repository, here, revision or "HEAD")
        focus = None if change is None or _names_differ(folder, change) else change.paths
        folder = replace(folder, change=change, focus=focus, retired=retired)
        if repository.is_shallow():
            notes.append(SHALLOW_NOTE)
    if measure is not None:
        folder = measure(folder)
        notes += _asked_note(folder)
    folder = with_facts(folder)
    found = run_rules(folder)
    if folder.change is not None:
        found = _touched(found, folder, folder.change)
    wanted = [_shown(path, root) for path in only]
    notes += _draft_note(folder, wanted)
    shown = (finding for finding in found if not wanted or _is_below(finding.path, wanted))
    return CheckReport(tuple(shown), tuple(notes), folder, root)


def _asked_note(folder: Folder) -> list[str]:
    """Return in a sentence how well own questions are found; first is told, not demanded."""
    asked = folder.asked
    if not asked:
        return []
    first = sum(one.rank == 1 for one in asked) / len(asked)
    told = f"{len(asked):,} questions were asked, each without counting itself"
    return [f"{told}; {first:.0%} bring their own article first"]


def _draft_note(folder: Folder, wanted: Sequence[str]) -> list[str]:
    """Return in a sentence which of the files that somebody works on are drafts still."""
    paths = folder.change.paths if folder.change else ()
    drafts = [
        source.path
        for source in folder.texts
        if source.word("status") == "draft" and (source.path in paths or source.path in wanted)
    ]
    if not drafts:
        return []
    more = f" and {len(drafts) - 1} more" if len(drafts) > 1 else ""
    why = "prompts may stay, and no question is asked"
    return [f"{drafts[0]}{more}: still a draft, so {why}; set status: active, and check again"]


def run_rules(folder: Folder) -> list[Finding]:
    """Return what every rule finds in a folder, ordered by path, line and rule."""
    found: list[Finding] = []
    view = replace(folder, rules=frozenset(_ORDER), found=found)
    for name, rule, severity in RULES:
        found += [_finding(fault, name, severity) for fault in rule(view)]
    ordered = sorted(
        dict.fromkeys(found), key=lambda one: (one.path, one.line, one.column, _ORDER[one.rule])
    )
    return with_acceptance(ordered, view)


def _touched(found: list[Finding], folder: Folder, change: Change) -> list[Finding]:
    """Return what a branch is to answer for: its own files, and what it breaks in others."""
    if _names_differ(folder, change):
        return found
    own = [f.path in change.paths or f.rule == "review-affected" for f in found]
    if all(own):
        return found
    # Only the branch's own articles were measured, and its findings name the others.
    found = [f for f, is_own in zip(found, own, strict=True) if is_own or f.rule not in MEASURED]
    own = [f.path in change.paths or f.rule == "review-affected" for f in found]
    before = {(f.path, f.rule, f.message) for f in run_rules(_as_it_was(folder, change))}
    return [
        finding
        for finding, is_own in zip(found, own, strict=True)
        if is_own or (finding.path, finding.rule, finding.message) not in before
    ]


def _names_differ(folder: Folder, change: Change) -> bool:
    """Tell whether a branch changes the names that all articles may use."""
    names = {f"{folder.name}/{name}" if folder.name else name for name in _NAME_FILES}
    return bool(change.paths & names)


def _as_it_was(folder: Folder, change: Change) -> Folder:
    """Return the folder as the branch found it."""
    sources = {source.path: source for source in folder.sources if source.path not in change.paths}
    sources |= change.then

    def existed(path: str) -> bool:
        return path in change.paths or folder.exists(path)

    ordered = [sources[path] for path in sorted(sources)]
    return replace(folder, sources=ordered, exists=existed, change=None, asked=(), overlaps=())


def _finding(fault: Fault, rule: str, severity: Severity) -> Finding:
    return Finding(
        path=visible(fault.path),
        line=fault.line,
        column=fault.column,
        rule=rule,
        message=visible(fault.message)[:_MOST_MESSAGE_CHARS],
        hint=visible(fault.hint)[:_MOST_MESSAGE_CHARS],
        severity=severity,
    )


def _read_folder(sop: Path, root: Path) -> Folder:
    """Return all that rules look at; a file that cannot be read is among the sources too."""
    found: dict[str, bytes | ArticleError] = {}
    unreadable: list[ArticleError] = []
    for name in markdown_paths(sop, [], unreadable):
        shown = _shown(sop / name, root)
        try:
            raw = read_file(sop, name)
        except ArticleError as error:
            found[shown] = error
            continue
        if raw is not None:
            found[shown] = raw
    files = {shown: raw for shown, raw in found.items() if isinstance(raw, bytes)}
    split = split_files(files)
    sources = [
        Source(shown, raw) if isinstance(raw, ArticleError) else Source(shown, split[shown], raw)
        for shown, raw in found.items()
    ]
    _read(read_synonyms, sop, unreadable)
    platform = _read(read_platform, sop, unreadable)
    teams = _read(read_teams, sop, unreadable)
    sources += [Source(_shown(sop / fault.path, root), fault) for fault in unreadable]
    return Folder(
        name="" if sop.resolve() == root else _shown(sop, root),
        sources=sources,
        platform=platform or Platform(),
        teams=teams,
        exists=lambda path: _exists(root, path),
        prompts=read_prompts(),
    )


def _exists(root: Path, path: str) -> bool:
    try:
        return (root / path).exists()
    except (OSError, ValueError):  # no file has such a name
        return False


def _read(
    reader: Callable[[Path], _Read], sop: Path, unreadable: list[ArticleError]
) -> _Read | None:
    """Return what a file beside the articles says; None, and an error more, where it is broken."""
    try:
        return reader(sop)
    except ArticleError as error:
        unreadable.append(error)
        return None


def _shown(path: Path, root: Path) -> str:
    """Return a path as findings show it: below the repository's root where it is there."""
    # A link is shown under its own name, so only the folder above it is resolved.
    is_named = path.name not in ("", "..")
    resolved = path.parent.resolve() / path.name if is_named else path.resolve()
    return (resolved.relative_to(root) if resolved.is_relative_to(root) else path).as_posix()


def _is_below(path: str, wanted: Sequence[str]) -> bool:
    return any(path == name or path.startswith(f"{name}/") or name == "." for name in wanted)
