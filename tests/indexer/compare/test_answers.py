"""A side that a second process answers for, beside the same side answered here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.compare.answers import Task, answers_elsewhere, answers_of, answers_of_both
from indexer.compare.outcomes import Asked, own_questions
from indexer.compare.sides import Library, index_side
from indexer.corpus import read_corpus
from indexer.embedding import CompiledModel, compiled_models
from indexer.vocabulary import read_synonyms

SOP = Path(__file__).parents[3] / "sop"
# As many articles as it takes for both processes to have some to do.
ARTICLES = 12


@pytest.fixture(scope="module")
def models(encoder_folder):
    """The real default model."""
    return compiled_models("default")


@pytest.fixture(scope="module")
def task():
    """Articles of this repository, with their own questions and one that somebody asked."""
    published = tuple(one for one in read_corpus(SOP).articles if one.is_published)[:ARTICLES]
    library = Library("sop", published, read_synonyms(SOP), ())
    asked = (*own_questions(library), Asked("where do i park", None, is_own=False, weight=3))
    return Task(library, asked, frozenset(one.id for one in published[:5]))


def test_own_questions_are_those_that_the_index_asks(task, models):
    """A library knows its own questions without an index, deprecated articles left out."""
    first, *others = task.library.articles
    gone = first.front_matter.model_copy(
        update={"status": "deprecated", "replaced_by": others[0].id}
    )
    library = replace(task.library, articles=(replace(first, front_matter=gone), *others))
    indexed = index_side(library, models).indexed
    stated = [Asked(text, indexed.articles[row].id) for row, _, text in indexed.own_questions()]
    assert first.id not in {one.article for one in stated}
    assert own_questions(library) == stated


def test_second_process_answers_as_this_one_does(task, models):
    """Outcomes and overlaps of a library are the same from either process."""
    expected = answers_of(task, models)
    assert len(expected.outcomes) == len(task.asked) > 200
    assert answers_elsewhere(task, models) == expected


def test_both_sides_are_answered_in_their_order(task, models):
    """The base's answers come first, whichever process gave them."""
    fewer = replace(task, library=replace(task.library, articles=task.library.articles[4:]))
    one_by_one = answers_of(fewer, models), answers_of(task, models)
    assert one_by_one[0] != one_by_one[1]
    assert answers_of_both(fewer, task, models) == one_by_one


def test_side_is_answered_here_where_the_second_process_fails(task, models, tmp_path):
    """A process that finds no encoder gives nothing, and this one does its work."""
    lost = [CompiledModel(one.name, tmp_path / "gone", one.encoder) for one in models]
    assert answers_elsewhere(task, lost) is None
    before, after = answers_of_both(task, task, lost)
    assert before == after


def test_module_in_the_articles_folder_is_not_run(task, models, tmp_path, monkeypatch):
    """The second process imports nothing from where it was started."""
    (tmp_path / "numpy.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    few = replace(task, asked=task.asked[:3], touched=frozenset())
    assert answers_elsewhere(few, models) is not None
