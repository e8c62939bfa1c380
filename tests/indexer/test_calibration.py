"""From evidence to a probability and a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import exp, log

import numpy as np
import pytest
from by_hand import XY, XZ, ByHand, X, Y, Z, chunk, encoded_by_hand, index_by_hand

from indexer.answer import answer, prepare
from indexer.calibration import (
    DECISION_THRESHOLD,
    FOLDS,
    MOST_OWN_QUESTIONS,
    MOST_PROBES,
    Calibration,
    Features,
    Fold,
    Moments,
    OwnQuestion,
    Weights,
    choose_probes,
    draw,
    fit_calibration,
    fit_own_questions,
    read_features,
)
from indexer.language import detect_language
from indexer.lexical import LexicalIndex, analyze
from indexer.ranking import Evidence, Question, RankedArticle, Ranking, rank

TODAY = date(2026, 11, 1)
OFF_TOPIC = (
    "what is a good recipe for apple pie",
    "who won the football match",
    "how do I bake sourdough bread",
    "cheap flights to lisbon in may",
    "my cat does not eat",
    "how tall is mount everest",
    "best guitar strings for beginners",
    "what is the weather tomorrow",
    "translate hello into french",
    "when was the roman empire founded",
)
BY_HAND = Calibration(
    probes=50,
    median=0.25,
    lift=Moments(mean=0.2, spread=0.1),
    words=Moments(mean=0.4, spread=0.05),
    weights=Weights(intercept=-1.0, lift=0.5, words=0.25),
)


# What own questions set, as it is without them.
UNFITTED = {
    "own_questions": 0,
    "shift": 0.0,
    "threshold": DECISION_THRESHOLD,
    "weights": Weights(),
}


def ranking_of(*articles, median=0.25):
    """Return a ranking of articles given as (similarity, late interaction)."""
    return Ranking(
        tuple(
            RankedArticle(
                rank=place,
                article=place,
                score=1.0,
                chunk=place,
                evidence=Evidence(similarity, -1.0, -1.0, 0.0, 0.0, tokens=tokens, overdue=False),
            )
            for place, (similarity, tokens) in enumerate(articles, 1)
        ),
        median,
    )


@pytest.fixture(scope="module")
def own_confidences(sop_snapshot):
    """The confidence of two questions of each article of this repository."""
    allowed = np.ones(len(sop_snapshot.articles), dtype=np.bool_)
    return {
        question: answer(sop_snapshot, question, allowed, TODAY, 1).confidence
        for article in sop_snapshot.articles
        for question in article.front_matter.questions[:2]
    }


def test_features_are_read_from_the_evidence():
    """Lift is above a quarter of the median of all articles; a missing late interaction is 0."""
    ranking = ranking_of((0.75, 0.5), (0.5, 0.25), (0.125, None))
    assert [read_features(ranking, place, 0.9) for place in range(3)] == [
        Features(lift=0.6875, words=0.5),
        Features(lift=0.4375, words=0.25),
        Features(lift=0.0625, words=0.0),
    ]


def test_usual_median_stands_for_one_that_is_missing():
    """Where too few articles are allowed for a median, that of the corpus takes its place."""
    few = ranking_of((0.75, 0.5), median=None)
    assert read_features(few, 0, 0.5) == Features(lift=0.625, words=0.5)
    assert BY_HAND.confidences(few) == [BY_HAND.confidence(Features(lift=0.6875, words=0.5))]


def test_similarity_counts_title_and_questions():
    """The similarity that features are made of is the best of chunk, question and title."""
    by_title = Evidence(0.1, 0.2, 0.75, 0.0, 0.0, tokens=0.5, overdue=False)
    by_question = Evidence(0.1, 0.5, 0.25, 0.0, 0.0, tokens=0.5, overdue=False)
    ranking = Ranking(
        tuple(
            RankedArticle(rank=i, article=i, score=1.0, chunk=None, evidence=evidence)
            for i, evidence in enumerate((by_title, by_question), 1)
        ),
        0.25,
    )
    assert [read_features(ranking, place, 0.0).lift for place in (0, 1)] == [0.6875, 0.4375]


def test_confidence_does_not_compare_the_articles_of_an_answer():
    """An article's own evidence decides, whatever others there are and however they score."""
    alone, among = ranking_of((0.75, 0.5)), ranking_of((0.9, 0.7), (0.75, 0.5), (0.75, 0.5))
    best = replace(alone.articles[0], score=1.35)
    assert BY_HAND.confidences(alone)[0] == BY_HAND.confidences(among)[1]
    assert BY_HAND.confidences(alone)[0] == BY_HAND.confidences(among)[2]
    assert BY_HAND.confidences(alone) == BY_HAND.confidences(replace(alone, articles=(best,)))


def test_confidence_is_logistic_in_standardized_features():
    """The probability is 1 / (1 + exp(-z)), with features in spreads from their means."""
    features = Features(lift=0.4, words=0.35)
    z = -1.0 + 0.5 * 2 + 0.25 * -1
    assert BY_HAND.standardize(features) == pytest.approx((2, -1))
    assert BY_HAND.confidence(features) == pytest.approx(1 / (1 + exp(-z)))
    assert BY_HAND.confidence(Features(lift=0.2, words=0.4)) == pytest.approx(1 / (1 + exp(1.0)))


@pytest.mark.parametrize("name", Features._fields)
@pytest.mark.parametrize("calibration", [BY_HAND, Calibration()])
def test_confidence_rises_with_every_feature(calibration, name):
    """More of one feature never lowers the confidence, and really raises it near the mean."""
    usual = Features(lift=0.3, words=0.4)

    def confidence(value):
        return calibration.confidence(usual._replace(**{name: value}))

    found = [confidence(value) for value in np.linspace(-2, 2, 81)]
    assert found == sorted(found)
    near = [confidence(value) for value in np.linspace(0.2, 0.5, 9)]
    assert all(low < high for low, high in pairwise(near))


def test_a_broken_feature_cannot_decide_alone():
    """Beyond -5 and 8 spreads a feature says no more, and nothing overflows."""
    far, bound = Moments(mean=0.5, spread=0.1), (-5.0, 8.0)
    assert (far.standardize(-1e300), far.standardize(1e300)) == bound
    assert (far.standardize(0.0), far.standardize(1.3)) == pytest.approx(bound)
    for extreme in (-1e9, 1e9):
        features = Features(lift=extreme, words=extreme)
        assert 0.0 < Calibration().confidence(features) < 1.0


def test_every_confidence_is_a_probability():
    """Whatever the evidence, every place of a ranking has a confidence in [0, 1]."""
    random = np.random.default_rng(11)
    for _ in range(50):
        rows = random.uniform(-1, 1, (30, 2)).tolist()
        ranking = ranking_of(*rows, median=float(random.uniform(-1, 1)))
        for calibration in (Calibration(), BY_HAND):
            found = calibration.confidences(ranking)
            assert len(found) == 30
            assert all(0 <= confidence <= 1 for confidence in found)
    assert Calibration().confidences(Ranking((), 0.0)) == []


def test_decide_suggests_from_the_threshold_on():
    """The threshold itself is enough; it is 0.22 unless told otherwise."""
    below = np.nextafter(DECISION_THRESHOLD, 0)
    assert DECISION_THRESHOLD == 0.22
    assert [Calibration().decide(x) for x in (0.0, below, 0.22, 1.0)] == [
        "abstain",
        "abstain",
        "suggest",
        "suggest",
    ]
    assert [Calibration(threshold=0.5).decide(x) for x in (0.49, 0.5)] == ["abstain", "suggest"]


def test_probe_is_the_middle_sentence_of_its_chunk():
    """Of the sentences about as long as a question, the one in the middle is asked."""
    chunks = [
        chunk("a", 0, "Too short. Open the red door now. Close the blue window again. Wait."),
        chunk("a", 1, "Open the red door now! Is the blue window closed?\nRing the green bell."),
        chunk("b", 0, "Only two. Words here."),
        chunk("b", 1, ""),
        chunk("c", 0, "无法登录系统。请重置多因素认证设备！联系服务台？"),
        chunk("c", 1, " ".join(f"word{number}" for number in range(40)) + "."),
    ]
    found = choose_probes(chunks, [0, 0, 1, 1, 2, 2])
    assert [tuple(probe) for probe in found] == [
        (0, "Close the blue window again."),
        (0, "Is the blue window closed?"),
        (2, "请重置多因素认证设备！"),
    ]


@pytest.mark.parametrize("count", [1, 12, 119, 120, 121, 200, 5_000])
def test_probes_are_spread_evenly_and_never_more_than_120(count):
    """Every part of a corpus is asked alike; a small one is asked as a whole."""
    chunks = [chunk("a", number, f"Open door number{number} right now.") for number in range(count)]
    found = choose_probes(chunks, list(range(count)))
    rows = [probe.article for probe in found]
    assert len(rows) == min(count, MOST_PROBES)
    assert MOST_PROBES == 120
    assert [probe.text for probe in found] == [chunks[row].text for row in rows]
    assert rows[0] == 0
    # Neighbours are as far apart as everywhere else, the last from the end too.
    steps = {after - before for before, after in zip(rows, [*rows[1:], count], strict=True)}
    assert steps <= {count // len(rows), -(-count // len(rows))}


def test_probes_of_nothing_are_none():
    """A corpus without a sentence gives no probe."""
    assert choose_probes([], []) == []
    assert choose_probes([chunk("a", 0, "No.")], [0]) == []


def by_hand_index(count=9):
    """Articles x, y and between them, and as many as wanted that are far from these."""
    far = [ByHand([vector], vector) for vector in (XZ, Z) * 3]
    return index_by_hand([ByHand([X], X), ByHand([Y], Y), ByHand([XY], XY), *far][:count])


def by_hand_probes(repeats):
    """Of the first three articles, what their only chunk says, as often as wanted."""
    chunks = [chunk("a", row, "Open the red door.") for row in range(3)]
    probes = choose_probes(chunks, range(3)) * repeats
    return probes, [(encoded_by_hand(vector), []) for vector in (X, Y, XY)] * repeats


def test_fit_takes_each_probes_own_article_away():
    """Moments are those of features worked out by hand, each probe without its own article.

    Highest cosine and median of the other eight: x 0.6 and 0.14; y 0.8 and 0; between
    them 0.8 and 0.168.
    """
    found = fit_calibration(by_hand_index(), 0, *by_hand_probes(4))
    medians = np.array([0.14, 0.0, 0.168])
    lifts = np.array([0.6, 0.8, 0.8]) - medians / 4
    # A word meets the signs (1, 1, -1) twice, and 0.6 and 0.8 meet (-1, 1, -1).
    words = np.array([1.0, 1.0, 0.2]) / 3**0.5
    assert found.probes == 12
    for moments, values in ((found.lift, lifts), (found.words, words)):
        assert moments.mean == pytest.approx(values.mean(), abs=1e-5)
        assert moments.spread == pytest.approx(values.std(), abs=1e-5)
    assert found.median == pytest.approx(medians.mean(), abs=1e-5)
    assert found.weights == Weights()
    assert found.threshold == DECISION_THRESHOLD
    assert found.is_measured


def test_fit_of_a_small_corpus_uses_what_is_typical():
    """With fewer than 12 probes, or 8 other articles, moments and median are fixed numbers."""
    probes, asked = by_hand_probes(4)
    few = fit_calibration(by_hand_index(), 0, probes[:11], asked[:11])
    assert few == Calibration(probes=11)
    assert not few.is_measured
    assert fit_calibration(by_hand_index(8), 0, probes, asked) == Calibration(probes=0)
    own = [probe._replace(article=0) for probe in probes]
    assert fit_calibration(by_hand_index(1), 0, own, asked) == Calibration(probes=0)
    assert fit_calibration(by_hand_index(), 0, [], []) == Calibration()


def test_fit_never_gives_a_spread_of_zero():
    """Probes that are all alike still give a spread to divide by."""
    index = index_by_hand([ByHand([X], X)] * 9)
    probes = choose_probes([chunk("a", 0, "Open the red door.")], [0]) * 12
    found = fit_calibration(index, 0, probes, [(encoded_by_hand(X), [])] * 12)
    assert (found.median, found.lift.mean) == (1.0, 0.75)
    assert [found.lift.spread, found.words.spread] == [0.02] * 2


def test_fit_looks_past_review_dates():
    """The same corpus gives the same calibration whatever is overdue, on any day."""
    # Were an article overdue, the one that is a little further would come first.
    probes = choose_probes([chunk("a", 0, "Open the red door.")], [9]) * 12
    asked = [(encoded_by_hand(XY), [])] * 12

    def fitted(review_by):
        near = (0.59, (1 - 0.59**2) ** 0.5, 0.0)
        far = [ByHand([Z], Z)] * 7
        articles = [ByHand([XY], XY, review_by=review_by), ByHand([near], near), *far]
        return fit_calibration(index_by_hand([*articles, ByHand([XY], XY)]), 0, probes, asked)

    assert fitted(None).probes == 12
    assert fitted(None) == fitted(date(1999, 1, 1))


def test_fit_of_the_sops_is_that_of_their_own_sentences(sop_snapshot):
    """The snapshot's calibration is what its chunks' middle sentences give, asked as questions."""
    index, encoder = sop_snapshot.index, sop_snapshot.index.spaces[0].encoder
    owners = [sop_snapshot.article_rows[one.article_id] for one in sop_snapshot.chunks]
    probes = choose_probes(sop_snapshot.chunks, owners)
    texts = [probe.text for probe in probes]
    encoded = encoder.encode_tokens(texts, "query")
    asked = [(one, analyze(text)) for one, text in zip(encoded, texts, strict=True)]
    found = fit_calibration(index, 0, probes, asked)
    stored = sop_snapshot.manifest.spaces[0].calibration
    assert found == stored.model_copy(update=UNFITTED)
    assert found.probes == len(probes) >= 12
    assert len({probe.article for probe in probes}) >= 0.9 * len(index)
    for probe in probes:
        first, stop = index.chunk_starts[probe.article : probe.article + 2]
        assert any(probe.text in one.text for one in sop_snapshot.chunks[first:stop])


def own_question(index, article, row, vector):
    """Return a question with this vector that an article says it answers."""
    return OwnQuestion(article, row, Question("asked", 0, encoded_by_hand(vector), []))


def in_folds(index, number):
    """Return so many folds, each of which holds out the vectors of other own questions."""
    rows = np.arange(index.question_starts[-1]) % number
    return [Fold(index, rows == fold) for fold in range(number)]


def asking_index():
    """Nine articles of which the first two have a question each, near to their chunk."""
    near_x, near_y = (0.96, 0.28, 0.0), (0.28, 0.96, 0.0)
    far = [ByHand([Z], Z)] * 7
    asking = [ByHand([X], X, questions=[near_x]), ByHand([Y], Y, questions=[near_y])]
    return index_by_hand([*asking, *far]), near_x, near_y


def test_own_questions_move_the_weights_to_the_least_loss():
    """Intercept and both weights are where a step either way costs more, the ridge included."""
    index, near_x, near_y = asking_index()
    own = [own_question(index, 0, 0, near_x), own_question(index, 1, 1, near_y)] * 6
    fitted = fit_own_questions(in_folds(index, 2), BY_HAND, own)
    assert fitted.own_questions == 12
    unfitted = UNFITTED | {"weights": BY_HAND.weights}
    assert fitted.model_copy(update=unfitted) == BY_HAND
    assert fitted.weights.intercept == BY_HAND.weights.intercept

    def loss(shift, lift, words):
        before = BY_HAND.weights
        weights = Weights(intercept=-1.0, lift=lift, words=words)
        tried = BY_HAND.model_copy(update={"shift": shift, "weights": weights})
        total = 0.05 * (shift**2 + (lift - before.lift) ** 2 + (words - before.words) ** 2)
        for one in own[:2]:
            for taken_away, share, is_right in ((False, 3 / 4, True), (True, 1 / 4, False)):
                allowed = np.ones(len(index), dtype=np.bool_)
                allowed[one.article] = not taken_away
                found = rank(index, one.question, allowed, TODAY, 1, held_out=one.row)
                (p,) = tried.confidences(found)
                total -= share * log(p if is_right else 1 - p) / 2
        return total

    best = np.array([fitted.shift, fitted.weights.lift, fitted.weights.words])
    for step in np.eye(3) * 0.01:
        assert loss(*best) < min(loss(*(best - step)), loss(*(best + step)))


def test_more_of_a_feature_never_speaks_against_an_article():
    """Where own questions would turn a weight around, it becomes 0."""
    # Taken away, its questions' words are met by another article, and there: by none.
    index = index_by_hand([ByHand([Z], X, questions=[X]), *[ByHand([X], Z)] * 8])
    own = [own_question(index, 0, 0, X)] * 12
    steep = BY_HAND.model_copy(update={"weights": Weights(intercept=0, lift=0.01, words=0.01)})
    fitted = fit_own_questions(in_folds(index, 1), steep, own)
    assert min(fitted.weights.lift, fitted.weights.words) == 0.0


def test_an_own_question_is_asked_without_its_own_vector():
    """A question that only its own vector finds counts as one that its article misses."""
    apart = [ByHand([Z], Z, questions=[X]), *[ByHand([Y], Y)] * 8]
    index = index_by_hand(apart)
    lost = fit_own_questions(
        in_folds(index, 2), BY_HAND, [own_question(index, 0, 0, (0.6, 0.8, 0.0))] * 12
    )
    index, near_x, _ = asking_index()
    found = fit_own_questions(in_folds(index, 2), BY_HAND, [own_question(index, 0, 0, near_x)] * 12)
    assert lost.shift < found.shift


def by_lift(mean, spread):
    """A calibration whose logit is the similarity less this mean, in these spreads."""
    lift = Moments(mean=mean, spread=spread)
    return BY_HAND.model_copy(
        update={"lift": lift, "weights": Weights(intercept=0.0, lift=1.0, words=0.0)}
    )


def reached(index, calibration, question):
    """The highest confidence of the articles that decide, without the question's own vector."""
    allowed = np.ones(len(index), dtype=np.bool_)
    found = rank(index, question.question, allowed, TODAY, 5, held_out=question.row)
    return max(calibration.confidences(found))


@pytest.mark.parametrize(
    ("mean", "expected"),
    [(0.4, None), (1.5, 0.08), (-1.0, 0.30)],
    ids=["between", "too-low", "too-high"],
)
def test_threshold_is_what_all_but_a_twentieth_of_own_questions_reach(mean, expected):
    """It is the confidence at the 5 % quantile, as fitted, and never out of bounds.

    Of 21 cosines 0, 0.05, ... 1 a twentieth lies below the second one. All other articles
    have the cosine 0, and so has the median.
    """
    calibration = by_lift(mean, 1 / 4)
    index = index_by_hand([ByHand([X], X, questions=[X]), *[ByHand([Z], Z)] * 8])
    vectors = [(step / 20, (1 - (step / 20) ** 2) ** 0.5, 0.0) for step in range(21)]
    own = [own_question(index, 0, 0, vector) for vector in vectors]
    found = fit_own_questions(in_folds(index, 1), calibration, own)
    second = sorted(reached(index, found, one) for one in own)[1]
    if expected is None:
        assert 0.08 < second < 0.30
    else:
        assert min(0.30, max(0.08, second)) == expected
    assert found.threshold == pytest.approx(expected or second, abs=2e-6)
    backwards = fit_own_questions(in_folds(index, 1), calibration, own[::-1])
    assert backwards.threshold == found.threshold


@pytest.mark.parametrize(("before", "decides"), [(1, True), (4, True), (5, False)])
def test_threshold_sees_the_five_articles_that_decide(before, decides):
    """The likeliest of the first five counts, though it is not the first; a sixth does not.

    Articles with the cosine 0.9 and a title to match come before one with the cosine 1 and
    a title elsewhere.
    """
    near = (0.9, 0.19**0.5, 0.0)
    titled, likelier, far = ByHand([near], near), ByHand([X], Z), ByHand([Z], Z)
    asking = ByHand([Z], Z, questions=[Z])
    index = index_by_hand([*[titled] * before, likelier, *[far] * 8, asking])
    own = [own_question(index, len(index) - 1, 0, X)] * 12
    found = fit_own_questions(in_folds(index, 1), by_lift(1.15, 0.2), own)
    allowed = np.ones(len(index), dtype=np.bool_)
    ranking = rank(index, own[0].question, allowed, TODAY, 6, held_out=0)
    confidences = found.confidences(ranking)
    assert confidences[before] == max(confidences) > confidences[0]
    expected = confidences[before] if decides else confidences[0]
    assert found.threshold == pytest.approx(expected, abs=2e-6)
    assert 0.08 < found.threshold < 0.30


def test_few_own_questions_shift_nothing():
    """With fewer than 12 the calibration stays as it is, and no shift grows without bound."""
    index, near_x, _ = asking_index()
    own = [own_question(index, 0, 0, near_x)]
    assert fit_own_questions(in_folds(index, 2), BY_HAND, own * 11) is BY_HAND
    assert fit_own_questions(in_folds(index, 2), BY_HAND, []) is BY_HAND
    assert abs(fit_own_questions(in_folds(index, 2), BY_HAND, own * 120).shift) < 3


def test_shift_of_the_sops_comes_from_their_own_questions(sop_snapshot):
    """Questions of all articles are asked, and neither shift nor threshold goes astray."""
    calibration = sop_snapshot.manifest.spaces[0].calibration
    asked = sum(len(a.front_matter.questions) for a in sop_snapshot.articles)
    assert calibration.own_questions == min(asked, MOST_OWN_QUESTIONS)
    assert calibration.shift != 0
    assert abs(calibration.shift) < 1.5
    assert 0.08 <= calibration.threshold <= 0.30


def test_own_questions_of_the_sops_are_asked_without_their_fold(sop_snapshot):
    """All is fitted to indexes in which no article has the words of the fold that is asked."""
    index, articles = sop_snapshot.index, sop_snapshot.articles
    stored = sop_snapshot.manifest.spaces[0].calibration
    pairs = [(row, text) for row, a in enumerate(articles) for text in a.front_matter.questions]
    languages = [a.front_matter.language for a in articles]
    folds = []
    for fold in range(FOLDS):
        held_out = [draw(text) % FOLDS == fold for _, text in pairs]
        texts = [[a.title, a.front_matter.summary, *a.front_matter.symptoms] for a in articles]
        for (row, text), is_held_out in zip(pairs, held_out, strict=True):
            texts[row] += [text] * (not is_held_out)
        for one in sop_snapshot.chunks:
            texts[sop_snapshot.article_rows[one.article_id]] += [*one.heading_path[1:], one.text]
        lexical = LexicalIndex.build(["\n".join(parts) for parts in texts], languages)
        folds.append(Fold(replace(index, lexical_articles=lexical), np.array(held_out)))
    asked = [
        (number, row, text)
        for number, (row, text) in enumerate(pairs)
        if index.leads_to[row] == row and detect_language(text) == "en"
    ]
    drawn = sorted(asked, key=lambda one: draw(one[2]))[:MOST_OWN_QUESTIONS]
    own = [OwnQuestion(row, number, prepare(index, text)) for number, row, text in drawn]
    unfitted = stored.model_copy(update=UNFITTED)
    assert fit_own_questions(folds, unfitted, own) == stored
    with_words = [fold._replace(rest=index) for fold in folds]
    assert fit_own_questions(with_words, unfitted, own) != stored


def test_calibration_reads_back_as_it_was(sop_snapshot):
    """What stands in the manifest gives the same confidences again."""
    calibration = sop_snapshot.manifest.spaces[0].calibration
    assert Calibration.model_validate_json(calibration.model_dump_json()) == calibration


def test_every_own_question_of_the_sops_is_suggested(sop_snapshot, own_confidences):
    """What an article says it answers is suggested, and mostly with more than even odds."""
    assert len(own_confidences) > 50
    values = list(own_confidences.values())
    assert min(values) > sop_snapshot.manifest.spaces[0].calibration.threshold
    assert np.median(values) > 0.5


def test_questions_about_something_else_are_not_suggested(sop_snapshot, own_confidences):
    """At most two of ten are suggested, and none is as likely as any question of an article."""
    allowed = np.ones(len(sop_snapshot.articles), dtype=np.bool_)
    found = [answer(sop_snapshot, question, allowed, TODAY, 5) for question in OFF_TOPIC]
    threshold = sop_snapshot.manifest.spaces[0].calibration.threshold
    for one, question in zip(found, OFF_TOPIC, strict=True):
        assert one.threshold == threshold
        assert (one.decision == "abstain") == (one.confidence < threshold)
        if one.decision == "suggest":
            print(f"{one.confidence:.2f}: {question}")
    assert sum(one.confidence < threshold for one in found) >= 8
    assert max(one.confidence for one in found) < min(own_confidences.values())
    own = np.mean(list(own_confidences.values()))
    assert np.mean([one.confidence for one in found]) < own - 0.6


def test_a_question_about_what_is_missing_is_less_likely(sop_snapshot, own_confidences):
    """With its article taken away, the same question nearly always loses confidence."""
    lower = []
    for row, article in enumerate(sop_snapshot.articles):
        others = np.ones(len(sop_snapshot.articles), dtype=np.bool_)
        others[row] = False
        lower += [
            answer(sop_snapshot, question, others, TODAY, 1).confidence < own_confidences[question]
            for question in article.front_matter.questions[:2]
        ]
    assert np.mean(lower) > 0.95
