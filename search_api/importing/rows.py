"""A file of tickets to rows with their line numbers: CSV of any common kind, or JSON lines.

Reads piece by piece, so a file of any length takes no memory. What is in a cell is text and
stays text: nothing is computed from it, and no complaint repeats it.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from indexer.checks.finding import visible
from indexer.errors import SopError
from indexer.redaction.redactor import STANDARD
from search_api.importing.columns import Columns, find_columns, missing_fields

Format = Literal["csv", "jsonl"]

# Python's own limit, set again where a library may have changed it.
_MOST_FIELD_CHARS = 131_072
_MOST_LINE_CHARS = 4 * 1024 * 1024
_LOOK_BYTES = 64 * 1024
_SHOWN_CHARS = 30
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SUFFIXES: Mapping[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_LOST_QUOTE = "is a quotation mark missing?"


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket as its file has it.

    Attributes:
        line: where it starts, counted from 1.
        values: texts by field; a field that is empty is left out.
    """

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A ticket that cannot be read.

    Attributes:
        line: where it starts, counted from 1.
        field: the field at fault; None where the whole line is.
        message: what is wrong and what to do, without what the line says.
    """

    line: int
    field: str | None
    message: str

    def told(self, file: str) -> str:
        """Return the complaint as people read it: `tickets.csv:17: opened: …`."""
        return f"{file}:{self.line}: {f'{self.field}: ' if self.field else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file of tickets, and how it is written.

    Attributes:
        columns: where a CSV file has each field; None for JSON lines, which say it themselves.
        stated: the columns that a person named, by field.
    """

    path: Path
    format: Format
    encoding: str
    delimiter: str
    columns: Columns | None
    stated: Mapping[str, str]


def look_at(
    path: Path,
    stated: Mapping[str, str],
    file_format: Format | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> TicketFile:
    """Return how a file is written, as far as nobody says it.

    An encoding is known by its mark, else it is UTF-8: any other is a guess, and a person
    states it. A delimiter is the one that finds most fields in the first line.

    Raises:
        SopError: the file cannot be read, or lacks a column that every ticket needs.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise SopError("--delimiter: name one character, such as ';'")
    start = _first_bytes(path)
    if file_format is None:
        file_format = _format_of(path)
    if encoding is None:
        encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    _demand_encoding(encoding)
    if file_format == "jsonl":
        return TicketFile(path, "jsonl", encoding, "", None, stated)
    with _opened(path, encoding) as file:
        header = _first_line(file, path)
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=lambda one: _rank(_cells(header, one)))
    names = _cells(header, delimiter)
    try:
        columns = find_columns(names, stated)
    except SopError as error:
        raise SopError(f"{path}:1: {error}") from error
    if missing := missing_fields(columns):
        # A file without that line has a ticket there.
        shown = visible(", ".join(STANDARD.redact(name)[:_SHOWN_CHARS] for name in names if name))
        raise SopError(
            f"{path}:1: no column for {missing}; there are: {shown}; name it: "
            f"--map {missing.split()[0]}=COLUMN"
        )
    return TicketFile(path, "csv", encoding, delimiter, columns, stated)


def read_rows(file: TicketFile) -> Iterator[Row | BadLine]:
    """Give every ticket of a file, or what is wrong with it, in the file's order.

    Raises:
        SopError: the file is not in the encoding that was stated.
    """
    with _opened(file.path, file.encoding) as opened:
        lines = _Lines(opened)
        rows = _csv_rows(file, lines) if file.format == "csv" else _json_rows(file, lines)
        try:
            yield from rows
        except UnicodeDecodeError as error:
            raise SopError(
                f"{file.path}:{lines.number}: is not {file.encoding}; name the encoding: "
                "--encoding windows-1252"
            ) from error


class _Lines:
    """The lines of a file, counted; the rest of one that is far too long is passed over."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._read: list[str] = []
        self.number = 0
        self.was_cut = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(_MOST_LINE_CHARS)
        if not line:
            raise StopIteration
        self.number += 1
        self._read.append(line)
        if len(line) == _MOST_LINE_CHARS and not line.endswith("\n"):
            self.was_cut = True
            self._pass_over()
        return line

    def start(self) -> int:
        """Begin a record, and return the number of its first line."""
        self._read.clear()
        self.was_cut = False
        return self.number + 1

    def give_back(self) -> None:
        """Read again what follows the first line of the record: it may be records of its own."""
        again = self._read[1:]
        self._again.extendleft(reversed(again))
        self.number -= len(again)

    def _pass_over(self) -> None:
        while rest := self._file.readline(_MOST_LINE_CHARS):
            if rest.endswith("\n"):
                return


def _csv_rows(file: TicketFile, lines: _Lines) -> Iterator[Row | BadLine]:
    assert file.columns is not None  # noqa: S101  # a CSV file has them
    csv.field_size_limit(_MOST_FIELD_CHARS)
    reader = csv.reader(lines, delimiter=file.delimiter, strict=True)
    names: list[str] | None = None
    while True:
        first = lines.start()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadLine(first, None, _what_csv_says(error))
            lines.give_back()
            continue
        if names is None:
            names = [cell.strip() for cell in cells]
        elif lines.was_cut:
            yield _too_long(first)
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) != len(names):
            told = f"has another number of columns ({len(cells)}) than the first line"
            yield BadLine(first, None, f"{told} ({len(names)}); {_LOST_QUOTE}")
            lines.give_back()
        else:
            yield _row(first, dict(zip(names, cells, strict=True)), file.columns)


def _json_rows(file: TicketFile, lines: _Lines) -> Iterator[Row | BadLine]:
    while (number := lines.start()) and (line := next(lines, "")):
        if lines.was_cut:
            yield _too_long(number)
        elif line.strip():
            yield _json_row(file, number, line)


def _json_row(file: TicketFile, number: int, line: str) -> Row | BadLine:
    try:
        stated = json.loads(line)
    except (ValueError, RecursionError):
        return BadLine(number, None, "is no JSON; write one object a line")
    if not isinstance(stated, dict):
        return BadLine(number, None, "is no JSON object; write one object a line")
    try:
        columns = find_columns(list(stated), {k: v for k, v in file.stated.items() if v in stated})
    except SopError as error:  # a name cannot be missing from what was asked for by name
        return BadLine(number, None, str(error))
    texts = {}
    for field, name in columns.by_field.items():
        value = stated[name]
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return BadLine(number, field, "is no text; write it in quotation marks")
        texts[name] = str(value)
    return _row(number, texts, columns)


def _row(line: int, cells: Mapping[str, str], columns: Columns) -> Row | BadLine:
    values = {
        field: cells[name].strip()
        for field, name in columns.by_field.items()
        if cells.get(name, "").strip()
    }
    for field, value in values.items():
        if any("\udc80" <= character <= "\udcff" for character in value):
            message = "is not UTF-8; save the file so, or name the encoding it has: --encoding"
            return BadLine(line, field, f"{message} windows-1252")
    return Row(line, values)


def _too_long(line: int) -> BadLine:
    return BadLine(line, None, f"has more than {_MOST_LINE_CHARS:,} characters; shorten it")


def _what_csv_says(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"has a field of more than {_MOST_FIELD_CHARS:,} characters; {_LOST_QUOTE}"
    return "its quotation marks do not match; is one missing?"


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(_LOOK_BYTES)
    except OSError as error:
        raise SopError(f"{path}: cannot be read: {error.strerror}") from error
    is_marked = any(start.startswith(mark) for mark, _ in _MARKS)
    if not is_marked and (b"\0" in start or start.startswith(b"PK\x03\x04")):
        raise SopError(f"{path}: is no text; save the table as CSV UTF-8, or as JSON lines")
    return start


def _format_of(path: Path) -> Format:
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise SopError(f"{path}: is it CSV or JSON lines? say --format csv or --format jsonl")
    return found


def _demand_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise SopError(
            f"no encoding is named {name}; usual ones are utf-8, windows-1252, utf-16"
        ) from error


def _opened(path: Path, encoding: str) -> IO[str]:
    # Bytes that are no character stay in their line, which is then named; the rest is read.
    errors = "strict" if encoding.startswith("utf-16") else "surrogateescape"
    return path.open(encoding=encoding, errors=errors, newline="")


def _first_line(file: IO[str], path: Path) -> str:
    try:
        line = file.readline(_MOST_LINE_CHARS)
    except UnicodeDecodeError as error:
        raise SopError(f"{path}:1: cannot be read as text; name its encoding") from error
    if not line.strip():
        raise SopError(f"{path}:1: there is no line with the names of the columns")
    return line


def _cells(header: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([header], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return []


def _rank(cells: list[str]) -> tuple[int, int]:
    """Return how well a delimiter fits: fields that it finds, then columns."""
    return len(find_columns(cells, {}).by_field), len(cells)
