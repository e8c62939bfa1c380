"""YAML from people, read so that no file can hang, crash or surprise the reader; texts written.

Takes the text of one mapping, or the file that holds it; gives plain values and the line of
every top-level key.
Aliases, anchors, explicit tags, deep nesting and long texts are refused on the event
stream, before any value is built: an alias bomb is small on disk, and the C loader
crashes the interpreter on deep nesting, so only the pure Python loader is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from indexer.errors import ArticleError

MAX_BYTES = 16 * 1024
MAX_FILE_BYTES = 128 * 1024
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Mapping:
    """A YAML mapping with string keys.

    Attributes:
        values: the plain values by key.
        lines: the line of each key in the file it came from, counted from 1.
        repeated: keys that stand more than once; their last value counts.
    """

    values: dict[str, Any]
    lines: dict[str, int]
    repeated: tuple[str, ...]


# Takes the text, the file that it came from, and its first line there; see `load_mapping`.
Loader = Callable[[str, str, int], Mapping | None]


def read_mapping(folder: Path, name: str, example: str) -> Mapping | None:
    """Return what a file beside the articles holds, or None where there is none.

    Args:
        folder: of the articles.
        name: of the file.
        example: a line of such a file, for errors.

    Raises:
        ArticleError: the file cannot be read, or holds no mapping; see `load_mapping`.
    """
    path = folder / name
    if not path.is_file():
        return None
    try:
        mapping = load_mapping(path.read_text(encoding="utf-8"), name, max_bytes=MAX_FILE_BYTES)
    except UnicodeDecodeError as error:
        raise ArticleError(name, 1, "is not UTF-8 text") from error
    except OSError as error:
        raise ArticleError(name, 1, f"cannot be read: {error.strerror}") from error
    if mapping is None:
        raise ArticleError(name, 1, f"must be lines such as: {example}")
    return mapping


def load_mapping(
    text: str, path: str, first_line: int = 1, max_bytes: int = MAX_BYTES
) -> Mapping | None:
    """Return the mapping that `text` holds, or None when it holds something else.

    Args:
        text: the YAML, at most `max_bytes` long in UTF-8.
        path: the file it came from, for errors.
        first_line: the line of the file on which `text` starts.
        max_bytes: for front matter; a file of names may be longer.

    Raises:
        ArticleError: the text is too long, not YAML, nested deeper than `MAX_DEPTH`,
            uses an alias, an anchor or a tag, or has a key that is no text.
    """
    size = len(text.encode())
    if size > max_bytes:
        raise ArticleError(
            path, first_line, f"the YAML has {size:,} bytes; at most {max_bytes:,} are read"
        )
    try:
        node = _Composer(_safe_events(text, path, first_line)).get_single_node()
        if not isinstance(node, yaml.MappingNode):
            return None
        lines, repeated = _key_lines(node, path, first_line)
        values = _values(node, path, first_line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise ArticleError(path, line, f"broken YAML: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise ArticleError(path, first_line, f"broken YAML: {error}") from error
    return Mapping(values, lines, repeated)


def scalar(text: str) -> str:
    """Return a text as YAML on one line, in quotes where it would be read as something else.

    It is for a line of its own: between brackets a comma would end it. `load_mapping` reads
    it back as it was.
    """
    # What begins with a digit is a number to some readers: `1e3`.
    if text[:1].isalpha() and text.isprintable() and _is_plain(text):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Return a text as YAML in double quotes, which holds between brackets too."""
    in_quotes = json.dumps(text, ensure_ascii=False)
    # Of these YAML reads some as line ends and refuses others; space is printable here.
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in in_quotes)


def _is_plain(text: str) -> bool:
    """Tell whether YAML reads a text without quotes as itself."""
    try:
        node = yaml.compose(f"- {text}", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    value = node.value[0] if isinstance(node, yaml.SequenceNode) else None
    if not isinstance(value, yaml.ScalarNode):
        return False
    return bool(value.tag == "tag:yaml.org,2002:str" and value.value == text)


class _Composer(Composer, Resolver):
    """Composes nodes from events that were looked at already, so that no text is parsed twice."""

    def __init__(self, events: Iterable[yaml.Event]) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        self._events = iter(events)
        self._next: yaml.Event | None = next(self._events, None)

    def check_event(self, *choices: type[yaml.Event]) -> bool:
        """Tell whether the next event is one of these kinds; any will do without one."""
        return self._next is not None and (not choices or isinstance(self._next, choices))

    def peek_event(self) -> yaml.Event | None:
        """Return the next event and leave it there."""
        return self._next

    def get_event(self) -> yaml.Event | None:
        """Return the next event and go on."""
        event, self._next = self._next, next(self._events, None)
        return event


def _safe_events(text: str, path: str, first_line: int) -> list[yaml.Event]:
    """Return the events of a text; raise on the first that safe front matter never has."""
    depth = 0
    events = []
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        events.append(event)
        line = first_line + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ArticleError(
                path,
                line,
                "YAML anchors and aliases (& and *) are not read; "
                "put quotes around a value that starts with one of these characters",
            )
        if getattr(event, "tag", None):
            raise ArticleError(
                path,
                line,
                "YAML tags (!) are not read; put quotes around a value that starts with !",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ArticleError(path, line, f"YAML is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return events


def _values(node: yaml.MappingNode, path: str, first_line: int) -> dict[str, Any]:
    """Return the values by key; a value that looks like a date and is none names its line."""
    values: dict[str, Any] = {}
    for key, value in node.value:
        try:
            values[key.value] = yaml.SafeLoader("").construct_object(value, deep=True)
        except (ValueError, OverflowError) as error:
            line = first_line + value.start_mark.line
            raise ArticleError(path, line, f"broken YAML: {error}", key.value) from error
    return values


def _key_lines(
    node: yaml.MappingNode, path: str, first_line: int
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the line of every key, and the keys that stand more than once."""
    lines: dict[str, int] = {}
    repeated: list[str] = []
    for key, _ in node.value:
        line = first_line + key.start_mark.line
        if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            raise ArticleError(path, line, "every key must be plain text")
        if key.value in lines:
            repeated.append(key.value)
        lines[key.value] = line
    return lines, tuple(repeated)
