"""What rules look at: every file of a folder, the names it may use, and what git says of it.

Everything here is a value; whoever runs the rules reads files, clock and git.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from indexer.article import SUFFIXES, SourceText, is_ours, split_front_matter
from indexer.checks.finding import Fault, Finding
from indexer.checks.page import Page, read_page
from indexer.chunking import TokenCounter
from indexer.errors import ArticleError
from indexer.platform import Names, Platform
from indexer.teams import Team

if TYPE_CHECKING:
    from indexer.held_out import AskedQuestion
    from indexer.overlap import Overlap

ACCEPT_KEY = "x-accept"
_LINE_END = re.compile(r"\r\n?|\n")
_HIDDEN_STATES = ("draft", "archived")


@dataclass(frozen=True, slots=True)
class Rejection:
    """Somebody said that an article does not answer.

    Attributes:
        article: its id.
        day: on which it was said, in UTC.
        reason: as the API has it: `outdated`, `not_related`, …
        actor: a hash that stands for the person; None where nobody was named.
    """

    article: str
    day: date
    reason: str
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """How often a kind of personal data stands on a line, by the sign that `redact` puts there."""

    line: int
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file alone shows; see `indexer.checks.facts`."""

    page: Page
    personal: tuple[PersonalData, ...]


@dataclass(frozen=True)
class Source:
    """A file as a rule sees it.

    Attributes:
        path: as findings show it.
        text: front matter and body, or the error that reading them gave.
        raw: the file's bytes; empty where they could not be read.
        facts: what it shows, where that was worked out before.
    """

    path: str
    text: SourceText | ArticleError
    raw: bytes = b""
    facts: Facts | None = field(default=None, compare=False)

    @property
    def is_article(self) -> bool:
        """Whether this is a Markdown file, not one of the files of names."""
        return self.path.lower().endswith(SUFFIXES)

    @property
    def is_text(self) -> bool:
        """Whether the file could be read."""
        return not isinstance(self.text, ArticleError)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The front matter's values; empty where there is none."""
        if isinstance(self.text, ArticleError) or self.text.mapping is None:
            return {}
        return self.text.mapping.values

    @property
    def id(self) -> str | None:
        """The id, where it is a valid one."""
        return str(self.values["id"]) if is_ours(dict(self.values)) else None

    @property
    def is_published(self) -> bool:
        """Whether anybody is shown it: drafts and archived articles are nobody's."""
        return self.values.get("status", "active") not in _HIDDEN_STATES

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines as they were written, without their ends; none of a broken file."""
        if isinstance(self.text, ArticleError):
            return []
        return _LINE_END.split(self.raw.decode(errors="replace").removeprefix("\ufeff"))

    @cached_property
    def page(self) -> Page:
        """The body's parts; of a broken file, none."""
        if isinstance(self.text, ArticleError):
            return Page()
        if self.facts is not None:
            return self.facts.page
        return read_page(self.text.body, self.text.body_line)

    @property
    def body_line(self) -> int:
        """The line on which the body begins; of a broken file, the first."""
        return 1 if isinstance(self.text, ArticleError) else self.text.body_line

    def mentions(self, names: Iterable[str]) -> bool:
        """Tell whether one of some names of files stands anywhere in this file."""
        text = unquote(self.raw.decode(errors="replace"))
        return any(name in text for name in names)

    def line_of(self, key: str, *words: str) -> int:
        """Return the line of a front matter key, or of a word in its value; 1 where it is missing.

        Of several words, the second is looked for from the first one on, and so forth.
        """
        lines = self.lines_of(key)
        found = lines.start
        for word in words:
            found = self._nearest_line(word, range(found, lines.stop))
        return found

    def lines_of(self, key: str) -> range:
        """Return the lines of a front matter key and its value; none, from 1, without it."""
        if isinstance(self.text, ArticleError) or self.text.mapping is None:
            return range(1, 1)
        lines = self.text.mapping.lines
        if key not in lines:
            return range(1, 1)
        # The line before the body is the one that closes the front matter.
        closing = self.text.body_line - 1
        return range(
            lines[key], min((n for n in lines.values() if n > lines[key]), default=closing)
        )

    def entry_line(self, key: str, place: int) -> int:
        """Return the line of an entry of a key's list, counted from 0; else that of the key."""
        lines = self.lines_of(key)
        starts = [n for n in lines if self.lines[n - 1].lstrip().startswith("-")]
        value = self.values.get(key)
        is_one_a_line = isinstance(value, list) and len(starts) == len(value)
        return starts[place] if is_one_a_line else lines.start

    def _nearest_line(self, word: str, numbers: range) -> int:
        """Return the first line that is a word, else has it by itself, else has it at all."""
        alone = re.compile(rf"(?<![\w/-]){re.escape(word)}(?![\w/-])")
        lines = [(number, self.lines[number - 1]) for number in numbers]
        is_it = [number for number, line in lines if line.strip(" -\"'") == word]
        has_it = [number for number, line in lines if alone.search(line)]
        contains_it = [number for number, line in lines if word in line]
        return [*is_it, *has_it, *contains_it, numbers.start][0]

    def word(self, key: str) -> str | None:
        """Return a key's value where it is a text."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    def words(self, key: str) -> list[str]:
        """Return the texts in the list that a key has; a value of another shape has none."""
        value = self.values.get(key)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    def part(self, key: str) -> Mapping[str, Any]:
        """Return the mapping that a key has; a value of another shape is an empty one."""
        value = self.values.get(key)
        return value if isinstance(value, dict) else {}

    def fault(self, line: int, message: str, hint: str, column: int = 1) -> Fault:
        """Return a fault in this file."""
        return Fault(self.path, line, message, hint, column)


@dataclass(frozen=True, slots=True)
class Change:
    """What a branch changes, against the commit at which it left its base.

    Attributes:
        base: as it was named.
        paths: files that differ, as findings show them: new, changed, deleted.
        then: the Markdown files among them as they were; a new file is missing.
        taken: ids that the base gave to articles since the branch began, with their files.
    """

    base: str
    paths: frozenset[str] = frozenset()
    then: Mapping[str, Source] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)

    def is_new(self, source: Source) -> bool:
        """Tell whether the branch gave a file its id."""
        before = self.then.get(source.path)
        return source.path in self.paths and (before is None or before.id != source.id)


@dataclass(frozen=True)
class Folder:
    """What a rule looks at.

    Attributes:
        name: the folder as findings show it, empty where it is the repository itself.
        sources: every file.
        platform: the names that articles may use.
        teams: of `teams.yml`, by key; None where there is none.
        today: the day of the check, in UTC.
        exists: tells whether there is a file or folder, by its path as findings show it.
        retired: ids that no article has any more, with the file that had them last.
        change: what a branch changes; None where no base was named.
        focus: files whose own faults are wanted; None for all. Rules that look at one file
            alone pass over the others.
        count_tokens: the encoder's counter, where one is at hand.
        max_tokens: of a chunk.
        prompts: the texts that a draft begins with.
        asked: what its own questions bring, see `measured`; none where nothing was measured.
        overlaps: which passages say the same, from the same.
        rejections: which articles were rejected as an answer, and when, where there is a log
            that knows; the oldest first.
        rules: the names of all rules.
        found: what the rules before this one have found.
    """

    name: str
    sources: Sequence[Source]
    platform: Platform = field(default_factory=Platform)
    teams: Mapping[str, Team] | None = None
    today: date = date.max
    exists: Callable[[str], bool] = lambda _: True
    retired: Mapping[str, str] = field(default_factory=dict)
    change: Change | None = None
    focus: frozenset[str] | None = None
    count_tokens: TokenCounter | None = None
    max_tokens: int = 256
    prompts: Names = frozenset()
    asked: Sequence[AskedQuestion] = ()
    overlaps: Sequence[Overlap] = ()
    rejections: Sequence[Rejection] = ()
    rules: Names = frozenset()
    found: Sequence[Finding] = ()

    @cached_property
    def texts(self) -> list[Source]:
        """The Markdown files that could be read."""
        return [source for source in self.sources if source.is_text and source.is_article]

    @cached_property
    def looked_at(self) -> list[Source]:
        """The Markdown files whose own faults are wanted."""
        if self.focus is None:
            return self.texts
        return [source for source in self.texts if source.path in self.focus]

    @cached_property
    def linking(self) -> list[Source]:
        """These, and those that may link to one of them or to a file that is gone.

        Whatever leads to a file has its name in it.
        """
        if self.focus is None:
            return self.texts
        stems = {PurePosixPath(path).name.partition(".")[0] for path in self.focus}
        return [
            source for source in self.texts if source.path in self.focus or source.mentions(stems)
        ]

    @cached_property
    def by_path(self) -> Mapping[str, Source]:
        """Every Markdown file by its path."""
        return {source.path: source for source in self.sources if source.is_article}

    @cached_property
    def claimants(self) -> Mapping[str, list[Source]]:
        """The files that have each id, in path order."""
        found: dict[str, list[Source]] = {}
        for source in self.texts:
            if source.id is not None:
                found.setdefault(source.id, []).append(source)
        return found

    def below(self, path: str) -> str:
        """Return a path as it is below the articles' folder."""
        return path.removeprefix(f"{self.name}/") if self.name else path


def source_of(path: str, raw: bytes) -> Source:
    """Return a file as rules see it; whatever is in it, this does not raise."""
    try:
        return Source(path, split_front_matter(path, raw), raw)
    except ArticleError as error:
        return Source(path, error, raw)


def as_day(value: object) -> date | None:
    """Return the day that a front matter value says, if it says one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def nearest(name: str, known: Iterable[str], cutoff: float = 0.65) -> str | None:
    """Return the known name that is most like this one, if any is."""
    return _nearest(name, frozenset(known), cutoff)


# A name that is wrong is often wrong in many places, and looking for its like is slow.
@lru_cache(maxsize=4096)
def _nearest(name: str, known: Names, cutoff: float) -> str | None:
    near = get_close_matches(name, sorted(known), n=5, cutoff=cutoff)
    # Of names that are equally near, the one whose characters only changed places is meant.
    swapped = [one for one in near if sorted(one) == sorted(name)]
    return [*swapped, *near, None][0]


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return a hint: the known name that may be meant, or what else to do."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else otherwise


def pairs_of(values: Mapping[str, Any], *keys: str) -> Iterator[tuple[str, str]]:
    """Yield each text that stands under one of these keys, alone or in a list, with its key."""
    for key in keys:
        value = values.get(key)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield key, one
