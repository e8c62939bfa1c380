"""The one path from a question to an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from indexer.answer import DECISION_DEPTH, answer, prepare
from indexer.calibration import Calibration
from indexer.language import detect_language
from indexer.lexical import analyze
from indexer.ranking import rank

TODAY = date(2026, 11, 1)
QUESTIONS = ("my authenticator phone is gone", "queue empty although tasks exist", "apple pie")
GERMAN = "Die Aufgaben hängen in der Warteschlange und niemand bekommt neue"


@pytest.fixture
def everything(sop_snapshot):
    """A mask that shows every article."""
    return np.ones(len(sop_snapshot.articles), dtype=np.bool_)


@pytest.fixture
def two_spaces(sop_snapshot):
    """The same snapshot with its space twice, and a calibration that never suggests beside it."""
    index, manifest = sop_snapshot.index, sop_snapshot.manifest
    (space,), (described,) = index.spaces, manifest.spaces
    strict = described.model_copy(update={"calibration": Calibration(threshold=1.0)})
    return replace(
        sop_snapshot,
        index=replace(index, spaces=(space, space)),
        manifest=manifest.model_copy(update={"spaces": (described, strict)}),
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_ranking_and_calibration_joined(sop_snapshot, everything, question):
    """Articles, confidences and the decision are what the two parts give by themselves."""
    index = sop_snapshot.index
    calibration = sop_snapshot.manifest.spaces[0].calibration
    ranking = rank(index, prepare(index, question), everything, TODAY, 20)
    confidences = calibration.confidences(ranking)
    found = answer(sop_snapshot, question, everything, TODAY, 4)
    assert found.ranked == ranking.articles[:4]
    assert found.confidences == tuple(confidences[:4])
    assert found.confidence == max(confidences[:DECISION_DEPTH])
    place = confidences.index(found.confidence)
    assert found.likeliest == ranking.articles[place].article
    assert found.decision == calibration.decide(found.confidence)
    assert found.threshold == calibration.threshold
    assert found.question.text == prepare(index, question).text


@pytest.mark.parametrize("question", QUESTIONS)
def test_how_many_are_wanted_changes_nothing_else(sop_snapshot, everything, question):
    """With 1, 5 or 100 articles wanted, decision, likeliest and confidences are the same."""
    most = answer(sop_snapshot, question, everything, TODAY, 100)
    assert len(most.ranked) == len(most.confidences) == len(sop_snapshot.articles)
    assert all(0 <= confidence <= 1 for confidence in most.confidences)
    for top_k in (1, 5, 20):
        found = answer(sop_snapshot, question, everything, TODAY, top_k)
        assert found.ranked == most.ranked[:top_k]
        assert found.confidences == most.confidences[:top_k]
        assert (found.likeliest, found.confidence, found.decision) == (
            most.likeliest,
            most.confidence,
            most.decision,
        )


def test_decision_rests_on_the_likeliest_of_the_first_five(sop_snapshot, everything):
    """The likeliest need not be the first, and what comes after five has no say."""
    for article in sop_snapshot.articles:
        found = answer(sop_snapshot, article.title, everything, TODAY, 20)
        rows = [one.article for one in found.ranked[:DECISION_DEPTH]]
        assert found.likeliest in rows
        assert found.confidence == max(found.confidences[:DECISION_DEPTH])
        assert found.confidences[rows.index(found.likeliest)] == found.confidence


def test_nothing_allowed_is_an_abstention(sop_snapshot, everything):
    """Without any article there is no likeliest one, and the confidence is 0."""
    found = answer(sop_snapshot, "phone lost", ~everything, TODAY, 5)
    assert (found.ranked, found.confidences) == ((), ())
    assert (found.likeliest, found.confidence, found.decision) == (None, 0.0, "abstain")


def test_likeliest_is_always_one_that_is_allowed(sop_snapshot, everything):
    """With the best article hidden, the decision rests on another one."""
    question = QUESTIONS[0]
    best = answer(sop_snapshot, question, everything, TODAY, 1).likeliest
    everything[best] = False
    found = answer(sop_snapshot, question, everything, TODAY, 20)
    assert found.likeliest != best
    assert best not in [one.article for one in found.ranked]


def test_one_article_left_is_not_suggested_for_any_question(sop_snapshot, everything):
    """Alone, an article is the likeliest one, and still answers nothing about something else."""
    for row in range(len(sop_snapshot.articles)):
        only = ~everything
        only[row] = True
        found = answer(sop_snapshot, "how do I bake sourdough bread", only, TODAY, 1)
        assert (found.likeliest, found.decision) == (row, "abstain")


def test_one_article_left_is_suggested_for_its_own_questions(sop_snapshot, everything):
    """A filter or an audience that leaves the right article does not keep it from answering."""
    decisions = []
    for row, article in enumerate(sop_snapshot.articles):
        only = ~everything
        only[row] = True
        decisions += [
            answer(sop_snapshot, question, only, TODAY, 1).decision
            for question in article.front_matter.questions[:3]
        ]
    assert decisions.count("suggest") / len(decisions) > 0.9


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", None])
def test_english_is_asked_in_the_first_space(two_spaces, language):
    """English, by whatever tag or by detection, is encoded in space 0 and stemmed as English."""
    found = prepare(two_spaces.index, "no tasks in the queue", language)
    assert found.space == 0
    assert found.terms == analyze("no tasks in the queue")


@pytest.mark.parametrize("language", ["de", "de-AT", "DE", None])
def test_other_languages_are_asked_in_the_last_space(two_spaces, language):
    """German, by whatever tag or by detection, is encoded in the other space."""
    assert detect_language(GERMAN) == "de"
    found = prepare(two_spaces.index, GERMAN, language)
    assert found.space == 1
    assert found.terms[: len(analyze(GERMAN, "de"))] == analyze(GERMAN, "de")
    (vector,) = two_spaces.index.spaces[1].encoder.encode([found.text], "query")
    np.testing.assert_allclose(found.encoded.vector, vector, atol=1e-6)


def test_language_given_goes_before_language_detected(two_spaces):
    """Whoever calls knows better than the detector, in both directions."""
    index = two_spaces.index
    english = "no tasks in the queue this morning"
    assert [prepare(index, english).space, prepare(index, GERMAN).space] == [0, 1]
    assert [prepare(index, english, "de").space, prepare(index, GERMAN, "en").space] == [1, 0]
    assert prepare(index, GERMAN, "en").terms == analyze(GERMAN, "en")


def test_one_space_answers_every_language(sop_snapshot):
    """Where there is no space of its own for them, other languages are asked in the only one."""
    assert prepare(sop_snapshot.index, GERMAN).space == 0


def test_question_is_read_in_the_words_of_the_corpus(sop_snapshot):
    """A slip is corrected, a word of the glossary never, and the glossary's terms are added."""
    index = sop_snapshot.index

    def read(text, language=None):
        return prepare(index, text, language).text

    assert read("labels are not visable in the brwser", "en").split("\n")[0].endswith("browser")
    # One question of an article says "authenticater"; the glossary knows the right word.
    assert read("my authenticator phone is gone").split("\n") == [
        "my authenticator phone is gone",
        "second factor",
    ]
    found = prepare(index, "my authenticator phone is gone")
    assert found.terms == analyze("my authenticator phone is gone\nsecond factor")
    # A word that no article has is left alone where it is one.
    assert read("translate hello into french") == "translate hello into french"
    assert read("labels im brwser", "de") == "labels im brwser"


def test_terms_of_another_language_and_of_english(sop_snapshot):
    """English words in a German question are stemmed as in English articles too, none twice."""
    text = "Die labels werden im browser nicht gespeichert, LABEL-2207, sleeping tabs"
    german, english = analyze(text, "de"), analyze(text, "en")
    found = prepare(sop_snapshot.index, text, "de").terms
    assert found[: len(german)] == german
    assert found[len(german) :] == [term for term in english if term not in german]
    assert "sleep" in found
    assert "sleep" not in german
    assert found.count("label-2207") == german.count("label-2207")


def test_each_space_has_a_calibration_of_its_own(two_spaces, everything):
    """The decision is that of the space the question was asked in."""
    text = "my authenticator phone is gone"
    english = answer(two_spaces, text, everything, TODAY, 3, "en")
    forced = answer(two_spaces, text, everything, TODAY, 3, "de")
    assert (english.decision, forced.decision) == ("suggest", "abstain")
    assert english == answer(two_spaces, text, everything, TODAY, 3)
    assert forced.confidences != english.confidences
