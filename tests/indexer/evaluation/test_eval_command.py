"""`sop eval` as people and scripts run it: tables, JSON, floors and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CORPUS = [
    {"id": "phone", "title": "Lost phone", "text": "Ask the desk for a new second factor."},
    {"id": "queue", "title": "Empty queue", "text": "Reload the board; tasks come every hour."},
    {"id": "export", "title": "Export hangs", "text": "Cancel the export and start it by night."},
]
QUESTIONS = [
    {"id": "q1", "text": "my phone was stolen, how do I get a second factor", "lang": "en"},
    {"id": "q2", "text": "board shows no tasks in the queue", "lang": "en"},
    {"id": "q3", "text": "Export startet nicht", "lang": "de"},
]
UNANSWERABLE = [{"id": "o1", "text": "who won the football match last night"}]


def lines(values) -> str:
    """Return one JSON object a line."""
    return "".join(json.dumps(value) + "\n" for value in values)


FILES = {
    "corpus.jsonl": lines(CORPUS),
    "queries.jsonl": lines(QUESTIONS),
    "oos_queries.jsonl": lines(UNANSWERABLE),
    "qrels.tsv": "q1\tphone\t1\nq2\tqueue\t1\nq3\texport\t1\n",
}


@pytest.fixture
def desk(tmp_path, write_files, encoder_folder) -> Path:
    """A dataset of three articles, three questions and one that nothing answers."""
    return write_files(tmp_path / "desk", FILES)


@pytest.fixture
def sop_eval(tmp_path):
    """Return a function that runs `sop eval` in an empty folder."""
    home = tmp_path / "home"
    home.mkdir()

    def run(*words) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from search_api.cli import main; main()", "eval", *words]
        return subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=home,
        )

    return run


def test_eval_prints_the_product_beside_words_and_vectors_alone(sop_eval, desk):
    """One row for each system, those of each language, and what abstaining is worth."""
    done = sop_eval("--dataset", desk)
    assert done.returncode == 0, done.stderr
    ranking, abstention = done.stdout.split("\n\n")
    rows = [row.split() for row in ranking.splitlines()]
    assert rows[0][:3] == ["set", "questions", "system"]
    assert [row[:2] for row in rows[1:]] == [
        *[["desk", "3"]] * 3,
        *[["desk", "de"]] * 3,
        *[["desk", "en"]] * 3,
    ]
    assert abstention.splitlines()[1].split()[:3] == ["desk", "3", "1"]


def test_eval_of_a_folder_of_datasets_as_json(sop_eval, desk, tmp_path, write_files):
    """Every dataset in it is measured, and `mean` is the product's over all."""
    write_files(tmp_path / "desk2", FILES | {"qrels.tsv": "q1\tphone\t1\nq2\tphone\t1\n"})
    done = sop_eval("--dataset", tmp_path, "--json")
    told = json.loads(done.stdout)
    assert [one["name"] for one in told["sets"]] == ["desk", "desk2"]
    firsts = [one["systems"][0]["means"]["success@1"] for one in told["sets"]]
    assert firsts == [1.0, 0.5]
    assert told["mean"]["success@1"] == 0.75
    assert told["sets"][1]["notes"] == ["questions without a relevant article, not asked: 1"]
    assert "not asked: 1" in done.stderr


def test_eval_below_a_floor_is_exit_code_1(sop_eval, desk):
    """A floor that holds changes nothing; one that does not is named on standard error."""
    assert sop_eval("--dataset", desk, "--floor", "success@1=1").returncode == 0
    (desk / "qrels.tsv").write_text("q1\tphone\t1\nq2\tgone\t1\nq3\texport\t1\n")
    done = sop_eval("--dataset", desk, "--floor", "success@1=1", "--misses")
    assert done.returncode == 1
    assert "floor: success@1 is 0.6667, below the floor of 1" in done.stderr
    assert "desk q2: board shows no tasks in the queue\n    expected gone\n" in done.stdout


def test_eval_in_one_language_asks_those_questions_only(sop_eval, desk):
    """A language that nobody asked in is an error that names those there are."""
    told = json.loads(sop_eval("--dataset", desk, "--language", "de", "--json").stdout)
    assert told["sets"][0]["questions"] == 1
    refused = sop_eval("--dataset", desk, "--language", "fr")
    assert refused.returncode == 2
    assert "no question is in fr; there are: de, en" in refused.stderr


def test_eval_writes_the_curve(sop_eval, desk, tmp_path):
    """--svg gives a drawing that names the dataset."""
    assert sop_eval("--dataset", desk, "--svg", tmp_path / "curve.svg").returncode == 0
    assert "desk, area" in (tmp_path / "curve.svg").read_text(encoding="utf-8")


def test_eval_without_corpus_uses_the_articles_of_the_folder(
    sop_eval, tmp_path, write_files, article_text, encoder_folder
):
    """The ids of the qrels are those of the articles; what is not there counts as not found."""
    home = write_files(
        tmp_path,
        {
            "sop/a.md": article_text(id="acc-001"),
            "sop/b.md": article_text(id="acc-002", title="Empty queue", body="Reload the board."),
            "asked/queries.jsonl": lines(QUESTIONS),
            "asked/qrels.tsv": "q1\tacc-001\t1\nq2\tacc-002\t1\nq3\tacc-009\t1\n",
        },
    )
    done = sop_eval("--dataset", home / "asked", "--sop", home / "sop", "--json", "--misses")
    told = json.loads(done.stdout)["sets"][0]
    assert (told["articles"], told["systems"][0]["means"]["success@3"]) == (2, pytest.approx(2 / 3))
    assert [miss["question_id"] for miss in told["misses"]] == ["q3"]
    assert "not in the index, counted as not found: 1 (acc-009)" in done.stderr


def test_eval_asks_an_index_that_is_there(sop_eval, sop_index, tmp_path, write_files):
    """With --index nothing is built, and a corpus beside the questions is not used."""
    home = write_files(
        tmp_path / "asked",
        {
            "queries.jsonl": '{"id": "q", "text": "new phone, cannot sign in"}\n',
            "qrels.tsv": "q\tacc-001\t1\n",
        },
    )
    done = sop_eval("--dataset", home, "--index", sop_index, "--json", "--floor", "success@3=1")
    assert done.returncode == 0
    assert "indexing" not in done.stderr
    assert json.loads(done.stdout)["sets"][0]["articles"] > 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--dataset", "nowhere"), "nowhere holds no queries.jsonl"),
        (("--dataset", "{desk}", "--floor", "success=1"), "no measure is named success"),
        (("--dataset", "{desk}", "--index", "nothing"), "nothing holds no snapshot"),
    ],
)
def test_eval_of_what_cannot_be_used_is_exit_code_2(sop_eval, desk, words, message):
    """One sentence on standard error, nothing on standard output."""
    done = sop_eval(*(word.format(desk=desk) for word in words))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
