"""Asking a snapshot, and judging what came back."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from indexer.answer import answer
from indexer.evaluation.dataset import Dataset, Question
from indexer.evaluation.result import Miss, judge
from indexer.evaluation.run import BM25, DENSE, PRODUCT, Asked, ask
from indexer.question import clean_question

TODAY = date(2026, 11, 1)


def dataset(questions, grades, unanswerable=()):
    """Return a dataset named `set` without articles."""
    return Dataset("set", None, tuple(questions), grades, tuple(unanswerable), ("noted",))


def asked(name, ranked, confidence, decision="suggest", language=None):
    """Return what came back for a question, the same from every system."""
    systems = {system: tuple(ranked) for system in (PRODUCT, BM25, DENSE)}
    return Asked(Question(name, f"text of {name}", language), systems, confidence, decision)


def answered(snapshot, text):
    """Return the whole answer to a clean text, every article ranked."""
    everything = np.ones(len(snapshot.articles), dtype=np.bool_)
    return answer(snapshot, text, everything, TODAY, len(snapshot.articles))


def ids(snapshot, ranked):
    """Return the ids of the first ten ranked articles."""
    return tuple(snapshot.articles[found.article].id for found in ranked[:10])


def test_ask_gives_what_the_service_would_answer(sop_snapshot):
    """First ten, confidence of the first, and decision are those of `answer`."""
    questions = [Question("q1", "my authenticator app is gone"), Question("q2", "apple pie recipe")]
    for found, question in zip(ask(sop_snapshot, questions, TODAY), questions, strict=True):
        expected = answered(sop_snapshot, clean_question(question.text, None, None))
        assert found.ranked[PRODUCT] == ids(sop_snapshot, expected.ranked)
        assert found.confidence == expected.confidences[0]
        assert found.decision == expected.decision


def test_ask_ranks_by_words_alone_and_by_vectors_alone(sop_snapshot):
    """BM25 alone goes by whole articles' words, dense alone by the nearest chunk or question."""
    text = "queue looks empty but tasks exist"
    found = ask(sop_snapshot, [Question("q", text)], TODAY)[0]
    ranked = sorted(answered(sop_snapshot, text).ranked, key=lambda one: one.article)
    words = np.array([one.evidence.lexical_article for one in ranked])
    nearest = np.array([max(one.evidence.chunk, one.evidence.question) for one in ranked])
    for system, values in ((BM25, words), (DENSE, nearest)):
        best = [ranked[place] for place in np.argsort(-values, kind="stable")]
        assert found.ranked[system] == ids(sop_snapshot, best)
    assert found.ranked[BM25] != found.ranked[DENSE]


def test_ask_redacts_unless_told_not_to(sop_snapshot):
    """An address is taken out before anything is matched; without redaction it is asked."""
    text = "queue is empty, tell anna@example.com"
    question = Question("q", text)
    redacted, raw = (
        ask(sop_snapshot, [question], TODAY, is_redacted=is_redacted)[0]
        for is_redacted in (True, False)
    )
    clean = clean_question(text, None, None)
    assert "anna" not in clean
    assert redacted.confidence == answered(sop_snapshot, clean).confidences[0]
    assert raw.confidence == answered(sop_snapshot, text).confidences[0]
    assert raw.confidence != redacted.confidence


def test_ask_counts_its_steps_and_survives_an_empty_question(sop_snapshot):
    """What has no words left is not answered, and every question is one step."""
    steps = []
    found = ask(sop_snapshot, [Question("q", " \n")], TODAY, progress=steps.append)[0]
    assert steps == [1]
    assert (found.ranked[PRODUCT], found.confidence, found.decision) == ((), 0.0, "abstain")


def test_judge_means_each_measure_over_the_questions():
    """First and third place: success@1 a half, MRR two thirds; a miss of the first three none."""
    questions = [Question("q1", "one"), Question("q2", "two")]
    result = judge(
        dataset(questions, {"q1": {"a": 1}, "q2": {"b": 1}}),
        5,
        [asked("q1", "axy", 0.9), asked("q2", "xyb", 0.2)],
        [],
    )
    means = result.product().means
    assert (means["success@1"], means["success@3"]) == (0.5, 1.0)
    assert means["MRR@10"] == pytest.approx((1 + 1 / 3) / 2)
    assert means["nDCG@10"] == pytest.approx((1 + 1 / 2) / 2)
    assert [system.name for system in result.systems] == [PRODUCT, BM25, DENSE]
    assert (result.articles, result.questions, result.unanswerable) == (5, 2, 0)
    assert (result.misses, result.languages, result.notes) == ((), {}, ("noted",))


def test_judge_names_the_questions_that_miss_the_first_three():
    """A miss says what was asked, what was expected and what came first."""
    result = judge(
        dataset([Question("q1", "one")], {"q1": {"a": 1}}), 4, [asked("q1", "wxya", 0.9)], []
    )
    assert result.misses == (Miss("q1", "text of q1", ("a",), ("w", "x", "y")),)


def test_judge_tells_languages_apart():
    """Questions with a language are judged once more by language."""
    grades = {"q1": {"a": 1}, "q2": {"b": 1}, "q3": {"c": 1}}
    found = [
        asked("q1", "a", 0.9, language="de"),
        asked("q2", "x", 0.9, language="en"),
        asked("q3", "c", 0.9, language="en"),
    ]
    result = judge(dataset([one.question for one in found], grades), 3, found, [])
    assert {
        language: (systems[0].questions, systems[0].means["success@1"])
        for language, systems in result.languages.items()
    } == {"de": (1, 1.0), "en": (2, 0.5)}


def test_judge_takes_answerable_and_unanswerable_together():
    """Two answerable, one rightly; two unanswerable, one refused: every figure by hand.

    Confidences 0.9 (right), 0.6 (wrong), 0.7 and 0.1 (nothing answers). Of the pairs of an
    answerable and an unanswerable one, 0.6 < 0.7 alone is the wrong way round. An
    unanswerable question whose id is also an answerable one's is still never right.
    """
    result = judge(
        dataset([Question("q1", "one"), Question("q2", "two")], {"q1": {"a": 1}, "q2": {"b": 1}}),
        3,
        [asked("q1", "ab", 0.9), asked("q2", "ab", 0.6)],
        [asked("q1", "ab", 0.7), asked("o2", "ab", 0.1, "abstain")],
    )
    figures = result.abstention.figures
    assert figures["AUROC answerable"] == 3 / 4
    assert figures["AUROC first right"] == 1.0
    assert figures["ECE"] == pytest.approx((0.1 + 0.6 + 0.7 + 0.1) / 4)
    assert (figures["answered"], figures["refused"]) == (1.0, 0.5)
    assert result.abstention.decision == (3 / 4, pytest.approx(2 / 3))
    np.testing.assert_allclose(result.abstention.curve.risk, [0, 1 / 2, 2 / 3, 3 / 4])


def test_judge_without_unanswerable_questions_leaves_their_figures_open():
    """What cannot be told is no number, rather than a good one."""
    result = judge(dataset([Question("q1", "x")], {"q1": {"a": 1}}), 1, [asked("q1", "a", 0.9)], [])
    assert math.isnan(result.abstention.figures["AUROC answerable"])
    assert math.isnan(result.abstention.figures["refused"])
