"""Files of tickets: every common way to write a table is read, and what is broken is named."""

from __future__ import annotations

import csv

import pytest

from indexer.errors import SopError
from search_api.importing.rows import BadLine, Row, look_at, read_rows

HEAD = "reference,opened,subject\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a file and reads it back."""

    def run(content: str | bytes, name: str = "t.csv", stated=None, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_rows(look_at(path, stated or {}, **options)))

    return run


def told(found):
    """What is wrong, as people read it."""
    return [one.told("t.csv") for one in found if isinstance(one, BadLine)]


def subjects(found):
    """The subjects that were read, with the lines where they start."""
    return [(one.line, one.values.get("subject")) for one in found if isinstance(one, Row)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(read, delimiter):
    """Commas, semicolons, tabs and bars part columns, whatever else stands in the texts."""
    text = HEAD.replace(",", delimiter) + delimiter.join(('"A,1;2|3\t4"', "now", "x"))
    (row,) = read(text)
    assert row == Row(2, {"reference": "A,1;2|3\t4", "opened": "now", "subject": "x"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encoding_with_a_mark_is_found(read, encoding):
    """A byte order mark says how a file is written; without one it is UTF-8."""
    assert subjects(read((HEAD + "A,now,größe 漢字\n").encode(encoding))) == [(2, "größe 漢字")]


def test_other_encoding_is_stated(read):
    """A file in an old encoding is read when it is named; otherwise its lines are, not guessed."""
    text = (HEAD + "A,now,größe\nB,now,plain\n").encode("windows-1252")
    found = read(text)
    assert subjects(found) == [(3, "plain")]
    (message,) = told(found)
    assert message == (
        "t.csv:2: subject: is not UTF-8; save the file so, or name the encoding it has: "
        "--encoding windows-1252"
    )
    assert subjects(read(text, encoding="windows-1252")) == [(2, "größe"), (3, "plain")]


def test_lines_of_a_text_count(read):
    """A text over several lines is one ticket, and those behind it keep their line numbers."""
    found = read(HEAD + 'A,now,"one\ntwo, ""three"""\n\nB,now,x\r\nC,now,y\n')
    assert subjects(found) == [(2, 'one\ntwo, "three"'), (5, "x"), (6, "y")]


def test_missing_quotation_mark_costs_one_line(read):
    """A quotation mark that never ends names its line; the tickets that it hides are read."""
    found = read(HEAD + 'A,now,"open\nB,now,x\nC,now,y\n')
    assert told(found) == ["t.csv:2: its quotation marks do not match; is one missing?"]
    assert subjects(found) == [(3, "x"), (4, "y")]
    found = read(HEAD + 'A,now,"open\nB,now,"x"\nC,now,y\n')
    assert told(found) == ["t.csv:2: its quotation marks do not match; is one missing?"]
    assert subjects(found) == [(3, "x"), (4, "y")]


def test_ragged_line_is_named(read):
    """A line with more or fewer columns than the first is refused, and the next one is read."""
    found = read(HEAD + "A,now\nB,now,x,y\nC\nD,now,z\n")
    assert [line.partition(";")[0] for line in told(found)] == [
        "t.csv:2: has another number of columns (2) than the first line (3)",
        "t.csv:3: has another number of columns (4) than the first line (3)",
        "t.csv:4: has another number of columns (1) than the first line (3)",
    ]
    assert subjects(found) == [(5, "z")]


def test_field_that_is_too_long_is_named(read):
    """A field beyond the limit is refused by its line; the limit is Python's own."""
    found = read(HEAD + f"A,now,{'x' * 131_073}\nB,now,y\n")
    assert told(found) == [
        "t.csv:2: has a field of more than 131,072 characters; is a quotation mark missing?"
    ]
    assert subjects(found) == [(3, "y")]
    assert csv.field_size_limit() == 131_072


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_line_without_end_is_named(read, name):
    """A line of megabytes is refused without reading it into memory, and the next one is read."""
    many = 5 * 1024 * 1024
    long, short = ("x," * many, "B,now,y") if name == "t.csv" else ("[" * many, '{"subject": "y"}')
    found = read((HEAD if name == "t.csv" else "\n") + f"{long}\n{short}\n", name)
    assert told(found) == ["t.csv:2: has more than 4,194,304 characters; shorten it"]
    assert subjects(found) == [(3, "y")]


def test_formulas_are_text(read):
    """A cell that a spreadsheet would compute stays the text that it is."""
    assert subjects(read(HEAD + 'A,now,"=HYPERLINK(""http://x"")"\nB,now,+1\n')) == [
        (2, '=HYPERLINK("http://x")'),
        (3, "+1"),
    ]


def test_json_lines_are_read(read):
    """An object a line: numbers are texts, nothing is an empty field, blank lines are passed."""
    found = read('{"id": 17, "subject": "x", "opened": null}\n\n{"id": "B"}', "t.jsonl")
    assert found == [Row(1, {"reference": "17", "subject": "x"}), Row(3, {"reference": "B"})]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is no JSON; write one object a line"),
        ("[" * 100_000, "is no JSON; write one object a line"),
        ('["a"]', "is no JSON object; write one object a line"),
        ('{"subject": ["a"]}', "subject: is no text; write it in quotation marks"),
        ('{"subject": true}', "subject: is no text; write it in quotation marks"),
    ],
)
def test_line_that_is_no_object_is_named(read, line, message):
    """What is no JSON object of texts is refused by its line, and the rest is read."""
    found = read(f'{{"subject": "a"}}\n{line}\n{{"subject": "b"}}\n', "t.ndjson")
    assert told(found) == [f"t.csv:2: {message}"]
    assert subjects(found) == [(1, "a"), (3, "b")]


def test_columns_are_named(read):
    """A column that a person names is taken, also when another has the usual name."""
    text = "id,key,created,Problem\nA,B,now,x\n"
    (row,) = read(text, stated={"text": "Problem", "reference": "key"})
    assert row.values == {"reference": "B", "opened": "now", "text": "x"}
    found = read('{"id": "A", "Problem": "x"}\n', "t.jsonl", {"text": "Problem"})
    assert found == [Row(1, {"reference": "A", "text": "x"})]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"t.csv:1: there is no line with the names"),
        ("a,b\n", r"1: no column for reference and opened and subject or text; there are: a, b;"),
        ("id,opened\n", r"1: no column for subject or text.*name it: --map subject=COLUMN"),
        (b"PK\x03\x04rest", r"is no text; save the table as CSV UTF-8, or as JSON lines"),
        (b"a\0b", r"is no text"),
    ],
)
def test_file_that_is_no_table_is_refused(read, content, message):
    """An empty file, one without the columns that count, and a workbook are one sentence each."""
    with pytest.raises(SopError, match=message):
        read(content)


def test_file_without_names_shows_no_ticket(read):
    """Where the first line is a ticket already, what it says is redacted and cut."""
    with pytest.raises(SopError) as caught:
        read("T-1,2026-11-03T10:00Z,ana@example.com called and was very angry about it all\n")
    assert "there are: T-1, 2026-11-03T10:00Z, [email] called and was very an; name it" in str(
        caught.value
    )


def test_options_that_cannot_be_are_refused(read, tmp_path):
    """An unknown encoding, column, format or file is named with what to do."""
    for options, message in (
        ({"encoding": "utf-9"}, "no encoding is named utf-9; usual ones are utf-8"),
        ({"stated": {"text": "Subjekt"}}, "1: no column is named Subjekt; did you mean subject"),
        ({"name": "t.xlsx"}, "is it CSV or JSON lines"),
    ):
        with pytest.raises(SopError, match=message):
            read(HEAD, **options)
    with pytest.raises(SopError, match="cannot be read: No such file"):
        look_at(tmp_path / "none.csv", {})
    with pytest.raises(SopError, match=r"t.csv:1: is not utf-16; name the encoding"):
        read(HEAD.encode("utf-16") + b"\x00\xd8\x00", encoding="utf-16")
