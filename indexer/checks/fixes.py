"""Mends what can be mended without asking: ids, misspelt keys, hidden characters.

Takes what a check found; gives new contents of files. Only the words at fault change, line
ends and all other bytes stay. Files that git does not call new keep their ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.checks.finding import Finding
from indexer.checks.folder import Change, Folder, Source
from indexer.checks.history import read_uncommitted
from indexer.checks.identity import next_free, taken_elsewhere
from indexer.checks.run import check_folder
from indexer.checks.schema import misspelt_keys
from indexer.checks.wording import hidden_places
from indexer.files import replace_file
from indexer.repository import Repository

# One fix may uncover what another one mends: a hidden character in a key, then its spelling.
_MOST_ROUNDS = 5
_ID_RULES = ("unique-ids", "reused-ids")
_REFERRING_KEYS = ("related", "replaced_by", "depends_on")
_LINE_END = re.compile(r"(\r\n?|\n)")
# What separates words that stand on both sides of it.
_SEPARATORS = frozenset("\x0b\x0c\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Fix:
    """What is mended in one file.

    Attributes:
        path: the file.
        raw: its new content.
        told: what was done, one sentence each.
    """

    path: str
    raw: bytes
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    """A pattern to replace on one line."""

    line: int
    pattern: str
    new: str
    told: str


def mend(sop: Path, only: Sequence[Path] = (), base: str | None = None) -> list[str]:
    """Mend what can be mended; return what was done, one sentence each.

    Args and errors are those of `check_folder`. Without a base, a file is new when the
    current commit does not have it.
    """
    told: list[str] = []
    report = check_folder(sop, only, base)
    for _ in range(_MOST_ROUNDS):
        folder, repository = report.folder, Repository.around(sop)
        if folder.change is None and repository is not None:
            change = read_uncommitted(repository, folder.name or ".")
            folder = replace(folder, change=change)
        fixes = find_fixes(folder, report.open)
        if not fixes:
            break
        for fix in fixes:
            file = (report.root / fix.path).resolve()
            replace_file(file, fix.raw, file.stat().st_mode & 0o777)
            told += [f"{fix.path}: {what}" for what in fix.told]
        report = check_folder(sop, only, base)
    return told


def find_fixes(folder: Folder, findings: Sequence[Finding]) -> list[Fix]:
    """Return what can be mended of some findings, by path.

    Args:
        folder: with the change that says which files are new; without one, ids stay.
        findings: those that nobody accepted.
    """
    wanted: dict[str, set[str]] = {}
    for finding in findings:
        wanted.setdefault(finding.rule, set()).add(finding.path)
    ids = [name for rule in _ID_RULES for name in wanted.get(rule, ())]
    edits: dict[str, list[_Edit]] = {}
    for source, edit in _id_edits(folder, set(ids)):
        edits.setdefault(source.path, []).append(edit)
    hidden = wanted.get("hidden-characters", set())
    fixes = []
    for source in folder.texts:
        found = edits.get(source.path, [])
        if source.path in wanted.get("schema", ()):
            found += _key_edits(source)
        raw, told = _edited(source, found, without_hidden=source.path in hidden)
        if raw != source.raw:
            fixes.append(Fix(source.path, raw, tuple(told)))
    return fixes


def _id_edits(folder: Folder, wanted: set[str]) -> Iterator[tuple[Source, _Edit]]:
    """Yield the edits that give new files ids of their own, and lead references after them."""
    change = folder.change
    if change is None:
        return
    used = {*folder.claimants, *change.taken, *folder.retired}
    for article_id, group in folder.claimants.items():
        for source in _newcomers(folder, change, article_id, group):
            if source.path not in wanted:
                continue
            new = next_free(article_id.partition("-")[0], used)
            used.add(new)
            line = source.line_of("id", article_id)
            pattern = _whole(article_id)
            yield source, _Edit(line, pattern, new, f"{article_id} is now {new}")
            is_unique = article_id in change.taken or len(group) == 1
            for other in folder.texts if is_unique else ():
                for key in _new_references(change, other, article_id):
                    told = f"{key} names {new} instead of {article_id}"
                    for number in other.lines_of(key):
                        if re.search(pattern, other.lines[number - 1]):
                            yield other, _Edit(number, pattern, new, told)


def _newcomers(
    folder: Folder, change: Change, article_id: str, group: Sequence[Source]
) -> Sequence[Source]:
    """Return the files that must give an id up: the ones that this branch gave it to."""
    new = [source for source in group if change.is_new(source)]
    before = folder.retired.get(article_id)
    is_taken = taken_elsewhere(folder, article_id) is not None or len(new) < len(group)
    is_reused = before is not None and all(source.path != before for source in group)
    return new if is_taken or is_reused else new[1:]


def _new_references(change: Change, source: Source, article_id: str) -> Iterator[str]:
    """Yield the keys in which this branch made a file name an id."""
    before = change.then.get(source.path)
    for key in _REFERRING_KEYS if source.path in change.paths else ():
        names = [*source.words(key), source.word(key)]
        if article_id in names and not (
            before and article_id in [*before.words(key), before.word(key)]
        ):
            yield key


def _key_edits(source: Source) -> list[_Edit]:
    return [
        _Edit(
            source.line_of(key), rf"{re.escape(key)}(?=[\"']?\s*:)", right, f"{key} is now {right}"
        )
        for key, right in misspelt_keys(source).items()
    ]


def _edited(
    source: Source, edits: Sequence[_Edit], *, without_hidden: bool
) -> tuple[bytes, list[str]]:
    """Return a file's new content, and what was done."""
    text = source.raw.decode()
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    pieces = _LINE_END.split(text[len(mark) :])
    told: list[str] = []
    for edit in edits:
        place = (edit.line - 1) * 2
        changed = re.sub(edit.pattern, edit.new, pieces[place], count=1)
        if changed != pieces[place]:
            pieces[place] = changed
            told.append(edit.told)
    if without_hidden:
        count = 0
        for place in range(0, len(pieces), 2):
            hidden = set(hidden_places(pieces[place]))
            count += len(hidden)
            pieces[place] = "".join(
                (" " if one in _SEPARATORS else "") if at in hidden else one
                for at, one in enumerate(pieces[place])
            )
        if count:
            told.append(f"hidden characters removed: {count}")
    return (mark + "".join(pieces)).encode(), list(dict.fromkeys(told))


def _whole(word: str) -> str:
    return rf"(?<![\w-]){re.escape(word)}(?![\w-])"
