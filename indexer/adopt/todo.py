"""What a person must still do for an adopted article. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from indexer.adopt.report import Adopted, Todo
from indexer.article import MIN_QUESTIONS

# What other sites run and this one shows as text.
_FOREIGN_CODE = (
    (re.compile(r"^\s*-{1,}8<-{1,}"), "includes another file", "put that file's text in its place"),
    (re.compile(r"<%"), "holds template code", "write what it gives"),
)
_MISSING = {
    "summary": "write one or two sentences, 20 to 200 characters",
    "owner": "name a team of teams.yml",
    "last_reviewed": "add the day on which somebody last checked it",
    "review_by": "add the day of its next review",
}
_MOST_NAMED = 5


def todo_of(
    path: str,
    values: Mapping[str, Any],
    body: str,
    refused_tags: Sequence[str],
    lost: Sequence[str],
    is_owner_named: bool,
) -> Iterator[Todo]:
    """Yield what is missing, field by field, then what its text needs.

    Args:
        path: of the article, as it is shown.
        values: its front matter.
        body: its text.
        refused_tags: tags that `platform.yml` does not list.
        lost: addresses that lead to nothing that was adopted.
        is_owner_named: whether somebody said who owns it, or the first team stands for that.
    """
    if "owner" in values and not is_owner_named:
        what = f"{values['owner']} is the first team of teams.yml; name the one that answers for it"
        yield Todo(path, "owner", what)
    questions = len(values.get("questions", ()))
    if questions < MIN_QUESTIONS:
        needed = f"{MIN_QUESTIONS - questions} more" if questions else f"at least {MIN_QUESTIONS}"
        yield Todo(path, "questions", f"add {needed}, as people type them")
    if refused_tags:
        what = f"{_named(refused_tags)}: not in platform.yml; add them there first, or leave them"
        yield Todo(path, "tags", what)
    for key, what in _MISSING.items():
        if key not in values:
            yield Todo(path, key, what)
    if values.get("status") == "deprecated":
        yield Todo(path, "replaced_by", "add the id of the article that answers now")
    for what in foreign_code(body):
        yield Todo(path, "body", what)
    if lost:
        yield Todo(path, "links", f"not adopted: {_named(lost)}; mend or remove them")


def foreign_code(body: str) -> Iterator[str]:
    """Yield what to do about lines that another site runs, and this one shows as text."""
    for pattern, does, remedy in _FOREIGN_CODE:
        lines = [line.strip() for line in body.split("\n") if pattern.search(line)]
        if lines:
            more = f", and {len(lines) - 1} lines more do" if len(lines) > 1 else ""
            yield f"{lines[0]!r} {does}{more}; {remedy}"


def shared_titles(adopted: Iterable[Adopted]) -> Iterator[Todo]:
    """Yield what to do about titles that several articles have."""
    holders: dict[str, list[str]] = {}
    for one in adopted:
        holders.setdefault(one.title.casefold(), []).append(one.path)
    for one in adopted:
        others = [path for path in holders[one.title.casefold()] if path != one.path]
        if others:
            what = f"{one.title} is also the title of {_named(others)}; say what tells them apart"
            yield Todo(one.path, "title", what)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
