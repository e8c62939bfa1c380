"""What an erased ticket, person or question may have left in other texts, and how it is found.

Texts are compared by their words alone, so that what a report escapes, wraps or emphasises is
found like what somebody typed. Nothing here opens a database.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

ERASED = "[erased]"
# A shorter text, such as "no sound", is nobody's in particular.
_FEWEST_QUOTED_CHARS = 16
_MOST_COMPARED_CHARS = 40
_FEWEST_NAME_CHARS = 5
# Of a report as JSON: fields that nobody writes, and without which it is none.
_NO_TEXT = frozenset(("key", "kind", "zone", "starts", "ends", "made_at", "tone", "url"))
_TAG = re.compile(r"<[^<>]{0,500}>")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\[nrt]")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Traces:
    """What to look for in texts that stay.

    Attributes:
        names: what the ticket or person is called; found as whole words, in any case.
        texts: erased questions and comments; found where their beginning is quoted.
        public: texts that everybody may read, such as titles; what begins like a part of one
            is nobody's to erase.
    """

    names: Collection[str] = ()
    texts: Collection[str] = field(default=(), repr=False)
    public: Collection[str] = field(default=(), repr=False)

    @property
    def searched_names(self) -> list[str]:
        """The names that can be told from other words: long ones, and mixed ones such as T-1."""
        return [name for name in self.names if is_distinctive(name)]

    def without_names(self, text: str) -> str:
        """Return a text in which every name is replaced by `[erased]`."""
        return self._pattern.sub(ERASED, text) if self._pattern else text

    def cleaned(self, text: str) -> str:
        """Return a text without names; one that quotes an erased text goes altogether."""
        return ERASED if self.quotes(text) else self.without_names(text)

    def cleaned_tree(self, value: Any) -> Any:
        """Return a JSON value with its texts cleaned; what programs read of a report stays."""
        if isinstance(value, str):
            # A whole value is no other word, however short.
            return ERASED if value in self.names else self.cleaned(value)
        if isinstance(value, list):
            return [self.cleaned_tree(part) for part in value]
        if isinstance(value, dict):
            return {
                key: part if key in _NO_TEXT else self.cleaned_tree(part)
                for key, part in value.items()
            }
        return value

    def are_in(self, content: str) -> bool:
        """Tell whether a file's text names one of them or quotes an erased text."""
        names = [f" {words_of(name)} " for name in self.searched_names]
        # A name may stand in angle brackets, and look like an entity.
        readings = [f" {words} " for words in (_words(content), *readings_of(content))]
        named = any(name in words for name in names for words in readings)
        return named or self.quotes(content)

    def quotes(self, content: str) -> bool:
        """Tell whether a text holds the beginning of an erased text."""
        return bool(self._beginnings) and any(
            words[start : start + length] in beginnings
            for words in readings_of(content)
            for length, beginnings in self._beginnings.items()
            for start in range(len(words) - length + 1)
        )

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        names = sorted(self.searched_names, key=len, reverse=True)
        if not names:
            return None
        either = "|".join(re.escape(name) for name in names)
        return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)

    @cached_property
    def _beginnings(self) -> dict[int, set[str]]:
        """The beginnings of erased texts, by their length."""
        found: dict[int, set[str]] = {}
        public = [words_of(text) for text in self.public]
        # Most texts begin with nothing that articles say, which these tell at once.
        starts = {
            words[start : start + _FEWEST_QUOTED_CHARS]
            for words in public
            for start in range(len(words) - _FEWEST_QUOTED_CHARS + 1)
        }
        for text in self.texts:
            for words in readings_of(text):
                beginning = words[:_MOST_COMPARED_CHARS]
                if len(beginning) < _FEWEST_QUOTED_CHARS or (
                    beginning[:_FEWEST_QUOTED_CHARS] in starts
                    and any(beginning in words for words in public)
                ):
                    continue
                found.setdefault(len(beginning), set()).add(beginning)
        return found


def is_distinctive(name: str) -> bool:
    """Tell whether a name can be looked for in texts: `12` or `bob` would hit other words."""
    has_both = any(c.isdigit() for c in name) and any(c.isalpha() for c in name)
    return has_both or len(name) >= _FEWEST_NAME_CHARS


def words_of(text: str) -> str:
    """Return the words of a text, in small letters with one space between; entities are read."""
    return _words(html.unescape(text))


def readings_of(text: str) -> set[str]:
    """Return the words of a text as it is, as HTML, and as HTML that was written as text."""
    shown = html.unescape(_TAG.sub(" ", text))
    return {words_of(text), _words(shown), _words(_TAG.sub(" ", shown))}


def _words(text: str) -> str:
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
    return _NO_WORD.sub(" ", text).strip().casefold()
