"""Reading labelled questions, and what is said when they cannot be read."""

from __future__ import annotations

import pytest

from indexer.evaluation.dataset import (
    DatasetError,
    Question,
    contested,
    find_datasets,
    missing_articles,
    read_dataset,
)

FILES = {
    "corpus.jsonl": '{"id": "a", "title": "Apples", "text": "# Apples\\n\\nRed."}\n'
    '{"id": "b", "title": "", "text": "Pears."}\n',
    "queries.jsonl": '{"id": "q1", "text": "red?"}\n{"id": "q2", "text": "grün?", "lang": "de"}\n',
    "qrels.tsv": "q1\ta\t2\nq1\tb\t0\nq2\tb\t1\n",
}


@pytest.fixture
def folder(tmp_path, write_files):
    """Return a function that writes the dataset above, changed as named, None leaving out."""

    def write(**changed):
        named = {name.replace("__", "/").replace("_", "."): t for name, t in changed.items()}
        files = {name: text for name, text in (FILES | named).items() if text is not None}
        return write_files(tmp_path / "fruit", files)

    return write


def test_dataset_holds_articles_questions_and_grades_above_zero(folder):
    """Each line becomes what it says; a grade of 0 says not relevant."""
    dataset = read_dataset(folder())
    assert dataset.name == "fruit"
    assert [(a.id, a.title, a.body) for a in dataset.articles] == [
        ("a", "Apples", "# Apples\n\nRed."),
        ("b", "", "Pears."),
    ]
    assert dataset.questions == (Question("q1", "red?"), Question("q2", "grün?", "de"))
    assert dataset.grades == {"q1": {"a": 2}, "q2": {"b": 1}}
    assert (dataset.unanswerable, dataset.notes) == ((), ())


def test_dataset_without_corpus_leaves_the_articles_to_the_caller(folder):
    """No corpus.jsonl is no error: articles are None."""
    assert read_dataset(folder(corpus_jsonl=None)).articles is None


def test_dataset_reads_the_layout_of_beir_itself(folder):
    """`_id`, qrels/test.tsv and a header line are read like our own."""
    home = folder(
        queries_jsonl='{"_id": "q1", "text": "red?", "metadata": {}}\n',
        qrels_tsv=None,
        qrels__test_tsv="query-id\tcorpus-id\tscore\r\nq1\ta\t1\r\n",
    )
    dataset = read_dataset(home)
    assert (dataset.questions, dataset.grades) == ((Question("q1", "red?"),), {"q1": {"a": 1}})


def test_numbers_as_ids_are_read_as_texts(folder):
    """An id 7 in a corpus is the article `7` of the qrels."""
    home = folder(
        corpus_jsonl='{"id": 7, "title": "", "text": "Seven."}',
        queries_jsonl='{"id": 1, "text": "seven"}',
        qrels_tsv="1\t7\t1",
    )
    assert read_dataset(home).grades == {"1": {"7": 1}}


def test_contested_questions_are_those_that_an_article_is_named_by():
    """Letters and digits decide, not case, blanks and signs; a name of neither is none."""
    asked = [Question(f"o{i}", t) for i, t in enumerate(("Who won?", "who  won", "Who", "?!"))]
    assert contested(asked, ["", "WHO WON!", "else"]) == (asked[0], asked[1])
    assert contested(asked, []) == contested([], ["who won"]) == ()


def test_unanswerable_questions_stand_apart(folder):
    """oos_queries.jsonl needs no judgement."""
    home = folder()
    (home / "oos_queries.jsonl").write_text('{"id": "q1", "text": "who won?"}\n')
    assert read_dataset(home).unanswerable == (Question("q1", "who won?"),)


def test_questions_without_a_relevant_article_are_counted(folder):
    """They are not asked, and a note says how many there were."""
    dataset = read_dataset(folder(qrels_tsv="q1\ta\t1\nq2\tb\t0\n"))
    assert [question.id for question in dataset.questions] == ["q1"]
    assert dataset.notes == ("questions without a relevant article, not asked: 1",)


def test_missing_articles_are_the_relevant_ones_that_are_not_there(folder):
    """A relevant article that no corpus holds can be named."""
    dataset = read_dataset(folder(qrels_tsv="q1\tz\t1\nq1\ta\t1\nq2\ty\t1\n"))
    assert missing_articles(dataset, {"a", "b"}) == ["y", "z"]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("queries.jsonl", None, "queries.jsonl is missing"),
        ("qrels.tsv", None, "there is no qrels.tsv"),
        ("qrels.tsv", "q1 a 1\n", "qrels.tsv:1: has 1 columns"),
        ("qrels.tsv", "q1\ta\t1\nq9\ta\t1\n", "qrels.tsv:2: question id: q9 is not in"),
        ("qrels.tsv", "q1\ta\tyes\n", "qrels.tsv:1: grade: 'yes' is no whole number"),
        ("qrels.tsv", "q1\ta\t1\nq1\ta\t0\n", "qrels.tsv:2: q1 and a are judged twice"),
        ("qrels.tsv", "q1\ta\t0\n", "no question has a relevant article"),
        ("corpus.jsonl", "\n", "corpus.jsonl: holds no article"),
        ("corpus.jsonl", '{"id": "a", "title": "x"}\n', "corpus.jsonl:1: text: is missing"),
        ("corpus.jsonl", '{"id": "a", "text": 3}\n', "corpus.jsonl:1: text: is int, not a text"),
        ("corpus.jsonl", "[]\n", "corpus.jsonl:1: must be one JSON object"),
        ("queries.jsonl", '{"id": "q1"\n', "queries.jsonl:1: not JSON"),
        ("queries.jsonl", '\n{"text": "x"}\n', "queries.jsonl:2: id: must be a text"),
        ("queries.jsonl", '{"id": true, "text": "x"}\n', "queries.jsonl:1: id: must be a text"),
        ("queries.jsonl", '{"id": "q1", "text": " "}\n', "queries.jsonl:1: text: is empty"),
        (
            "queries.jsonl",
            '{"id": "q1", "text": "x"}\n{"id": "q1", "text": "y"}\n',
            "queries.jsonl:2: id: q1 stands twice",
        ),
        ("queries.jsonl", '{"id": "q1", "text": "\\ud800"}\n', "queries.jsonl:1: text: holds half"),
        ("queries.jsonl", b'{"id": "q1"}\n\xff\n', "queries.jsonl:2: not UTF-8"),
    ],
)
def test_a_broken_dataset_is_refused_with_file_line_and_field(folder, file, text, message):
    """The message leads to the line that has to be mended."""
    home = folder()
    (home / file).unlink()
    if text is not None:
        (home / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DatasetError) as caught:
        read_dataset(home)
    assert message in str(caught.value)


def test_find_datasets_takes_a_folder_or_the_folders_in_it(tmp_path, write_files):
    """One dataset is itself; a folder of them gives each by name; others are left alone."""
    home = write_files(tmp_path, {f"{name}/queries.jsonl": "" for name in ("b", "a")})
    write_files(tmp_path, {"notes/read.me": ""})
    assert find_datasets(home / "b") == [home / "b"]
    assert find_datasets(home) == [home / "a", home / "b"]


def test_find_datasets_refuses_a_folder_without_any(tmp_path):
    """An empty or misspelt folder is an error that names it."""
    with pytest.raises(DatasetError, match=r"nowhere holds no queries\.jsonl"):
        find_datasets(tmp_path / "nowhere")
