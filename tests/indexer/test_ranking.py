"""From a question to scored articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from by_hand import XY, ByHand, X, Y, Z, index_by_hand, question_by_hand

from indexer.answer import prepare
from indexer.filters import allowed_articles
from indexer.ranking import Evidence, best_by_group, rank, rank_weighed, weigh
from indexer.search_index import RankingSettings
from indexer.vectors import DenseIndex

TODAY = date(2026, 11, 1)
OTHER_WEIGHTS = RankingSettings(
    dense=0.3,
    lexical=0.9,
    pairs=0.7,
    title=0.4,
    tokens=0.6,
    asked_tokens=0.5,
    token_depth=4,
    overdue=0.2,
)


def ask(snapshot, question, audiences=("internal",), top_k=10, today=TODAY):
    """Return the ranked articles for a question."""
    allowed = allowed_articles(snapshot, audiences)
    index = snapshot.index
    return rank(index, prepare(index, question), allowed, today, top_k).articles


def ids(snapshot, ranked) -> list[str]:
    """Return the ids of ranked articles in order."""
    return [snapshot.articles[one.article].id for one in ranked]


def everything(index):
    """Return a mask that shows every article."""
    return np.ones(len(index), dtype=np.bool_)


def scaled(values):
    """Return values between the lowest, 0, and the highest, 1."""
    values = np.array(values)
    return (values - values.min()) / (values.max() - values.min())


def by_meaning(parts, share):
    """Return what chunks and own questions say; without questions chunks alone."""
    chunks = scaled([p.chunk for p in parts])
    asked = [p.asked for p in parts if p.asked > -1]
    if not asked:
        return chunks
    low, high = min(asked), max(asked)
    return [
        (1 - share) * chunk + share * (p.asked - low) / (high - low) if p.asked > -1 else chunk
        for chunk, p in zip(chunks, parts, strict=True)
    ]


def by_asked_words(parts):
    """Return how own questions meet the words; without questions chunks, and 0 for all without."""
    asked = [p.asked_tokens for p in parts if p.asked_tokens is not None]
    if not asked:
        return np.zeros(len(parts))
    low, high = min(asked), max(asked)
    chunks = scaled(np.array([p.tokens for p in parts], dtype=float))
    return np.array(
        [
            chunk if p.asked_tokens is None else (p.asked_tokens - low) / (high - low)
            for chunk, p in zip(chunks, parts, strict=True)
        ]
    )


def scores_by_the_formula(ranked, weights):
    """Return what the scores must be, and which articles late interaction is looked at for."""
    parts = [one.evidence for one in ranked]
    lexical = scaled([p.lexical_article for p in parts]) + scaled([p.lexical_chunk for p in parts])
    scores = (
        weights.dense * scaled(by_meaning(parts, weights.questions))
        + weights.lexical * scaled(lexical)
        + weights.title * scaled([p.title for p in parts])
        - weights.overdue * np.array([p.overdue for p in parts])
    )
    best = sorted(range(len(ranked)), key=lambda i: (-scores[i], ranked[i].article))
    best = best[: weights.token_depth]
    tokens = np.array([parts[i].tokens for i in best], dtype=float)
    scores[best] += weights.tokens * scaled(tokens)
    scores[best] += weights.asked_tokens * by_asked_words([parts[i] for i in best])
    return scores, set(best)


def assert_formula_holds(ranked, weights):
    """Every score follows from the evidence, and late interaction stands where it counts."""
    expected, best = scores_by_the_formula(ranked, weights)
    np.testing.assert_allclose([one.score for one in ranked], expected, atol=1e-4)
    assert {i for i, one in enumerate(ranked) if one.evidence.tokens is not None} == best
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


@pytest.fixture
def article(article_text):
    """Return a function that gives an article's text by number, without questions in common."""

    def text(number, body, title=None, **changed):
        values = {"questions": [f"question number {number}"], "summary": "x"}
        return article_text(
            body, id=f"acc-{number:03d}", title=title or f"Topic {number}", **(values | changed)
        )

    return text


def test_the_sops_answer_questions_in_other_words(sop_snapshot):
    """Each article's own questions bring it first far more often than not."""
    hits = total = 0
    for article in sop_snapshot.articles:
        for question in article.front_matter.questions[::8]:
            total += 1
            hits += ids(sop_snapshot, ask(sop_snapshot, question, top_k=1)) == [article.id]
    assert hits / total > 0.95


def test_words_are_met_by_the_two_nearest_questions(sop_snapshot):
    """Of an article's own questions the two nearest count, word by word; not one held out."""
    index = sop_snapshot.index
    question = prepare(index, "authenticator app is gone with my old phone")
    space = index.spaces[0]
    near = space.questions.similarities(question.encoded.vector)

    def expected(row, held_out=None):
        first, stop = index.question_starts[row : row + 2]
        rows = sorted({*range(first, stop)} - {held_out}, key=lambda one: -near[one])[:2]
        return space.asked_tokens.match(question.encoded, np.array(rows)).mean(), rows

    def reached(held_out=None):
        found = rank(index, question, everything(index), TODAY, 20, held_out=held_out)
        return {one.article: one.evidence.asked_tokens for one in found.articles}

    first, *others = reached()
    for row in (first, *others):
        assert reached()[row] == pytest.approx(expected(row)[0], abs=1e-6)
    _, (nearest, _) = expected(first)
    assert reached(nearest)[first] == pytest.approx(expected(first, nearest)[0], abs=1e-6)
    assert reached(nearest)[first] != reached()[first]


def test_words_of_a_whole_ticket_are_not_held_against_single_questions(sop_snapshot):
    """A text of more than 48 tokens has no late interaction with own questions."""
    index = sop_snapshot.index
    for words, is_looked_at in ((12, True), (60, False)):
        question = prepare(index, " ".join(["phone"] * words))
        found = rank(index, question, everything(index), TODAY, 5).articles
        assert all((one.evidence.asked_tokens is not None) == is_looked_at for one in found)
        assert all(one.evidence.tokens is not None for one in found)


def test_article_without_questions_goes_by_its_chunk_alone():
    """Beside articles with questions it has what its chunk reaches; alone nothing is added."""
    index = index_by_hand(
        [
            ByHand([X], X, questions=[XY], text="red door"),
            ByHand([Y], Y, questions=[(0.0, -1.0, 0.0)], text="blue door"),
            ByHand([XY], Y, text="red window"),
            ByHand([Z], Z, text="lunch"),
        ]
    )
    found = rank(index, question_by_hand(XY, "red door"), everything(index), TODAY, 4).articles
    assert {one.article for one in found if one.evidence.asked_tokens is not None} == {0, 1}
    assert_formula_holds(found, RankingSettings())
    without = index_by_hand([ByHand([X], X), ByHand([XY], Y), ByHand([Z], Z)])
    alone = rank(without, question_by_hand(XY), everything(without), TODAY, 3).articles
    heavy = replace(without, settings=RankingSettings(asked_tokens=9.0))
    assert alone == rank(heavy, question_by_hand(XY), everything(heavy), TODAY, 3).articles


def test_weights_are_the_documented_ones():
    """Without another word, ranking goes by the weights that its module states."""
    assert RankingSettings() == RankingSettings(
        dense=0.70,
        lexical=0.30,
        pairs=0.50,
        title=0.15,
        tokens=0.20,
        asked_tokens=0.15,
        token_depth=20,
        overdue=0.03,
    )


@pytest.mark.parametrize("weights", [RankingSettings(), OTHER_WEIGHTS])
@pytest.mark.parametrize(
    ("question", "today"),
    [("my authenticator phone is gone", TODAY), ("queue empty LR-4031", date(2027, 3, 1))],
)
def test_scores_are_the_weighted_sum_of_scaled_evidence(sop_snapshot, weights, question, today):
    """Every score can be worked out from the parts that stand in the evidence."""
    index = replace(sop_snapshot.index, settings=weights)
    ranked = rank(index, prepare(index, question), everything(index), today, 100).articles
    assert len(ranked) == len(sop_snapshot.articles)
    assert_formula_holds(ranked, weights)


def test_late_interaction_counts_for_the_best_twenty_only():
    """Beyond the best 20 without it, an article has no late interaction and gains nothing."""
    random = np.random.default_rng(5)

    def direction():
        vector = random.normal(size=3)
        return tuple(vector / np.linalg.norm(vector))

    words = ("phone", "badge", "door", "task", "lease")
    index = index_by_hand(
        [
            ByHand(
                chunks=[direction() for _ in range(row % 3)],
                title=direction(),
                questions=[direction() for _ in range(row % 2)],
                text=" ".join(random.choice(words, size=4)),
                review_by=date(2026, 10, 1 + row // 2),
            )
            for row in range(60)
        ]
    )
    for text in ("phone lost", "the badge opens no door", "task lease"):
        question = question_by_hand(direction(), text)
        ranked = rank(index, question, everything(index), date(2026, 10, 16), 60).articles
        assert len(ranked) == 60
        assert {one.evidence.overdue for one in ranked} == {False, True}
        assert sum(one.evidence.tokens is not None for one in ranked) == 20
        assert_formula_holds(ranked, RankingSettings())


def test_scores_multiplied_by_hand():
    """Cosines 1, 0.6 and 0 become scores by the documented weights."""
    index = index_by_hand([ByHand([X], X), ByHand([XY], Z), ByHand([Y], XY)])
    ranking = rank(index, question_by_hand(X), everything(index), TODAY, 3)
    # Chunks 1, 0.6, 0; titles 1, 0, 0.6; signs of x to those of the chunks 1, 1, -1.
    assert [(one.article, one.score) for one in ranking.articles] == [
        (0, pytest.approx(0.70 + 0.15 + 0.20, abs=1e-6)),
        (1, pytest.approx(0.70 * 0.6 + 0.20, abs=1e-6)),
        (2, pytest.approx(0.15 * 0.6, abs=1e-6)),
    ]
    tokens = [one.evidence.tokens for one in ranking.articles]
    assert tokens == pytest.approx([1 / 3**0.5, 1 / 3**0.5, -1 / 3**0.5], abs=1e-6)


def test_chunks_are_compared_with_the_question_turned_towards_passages():
    """The projection turns the question for chunks, and neither for questions nor for titles."""
    x_to_y = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32)
    index = index_by_hand([ByHand([X, Y], X, [X])], projection=x_to_y)
    (found,) = rank(index, question_by_hand(X), everything(index), TODAY, 1).articles
    assert (found.chunk, found.evidence.chunk) == (1, 1.0)
    assert (found.evidence.question, found.evidence.title) == (1.0, 1.0)


def test_evidence_is_that_of_the_vectors_and_words(sop_snapshot):
    """Chunk, question and title evidence are cosines in numpy; words are BM25."""
    index = sop_snapshot.index
    space = index.spaces[0]
    question = prepare(index, "queue looks empty but tasks exist")
    first = rank(index, question, everything(index), TODAY, 1).articles[0]
    row, evidence = first.article, first.evidence
    starts, asked = index.chunk_starts, index.question_starts
    vector = question.encoded.vector
    turned = vector @ space.projection
    turned /= np.linalg.norm(turned)
    chunks = space.chunks.vectors()[starts[row] : starts[row + 1]] @ turned
    questions = space.questions.vectors()[asked[row] : asked[row + 1]] @ vector
    assert evidence.chunk == pytest.approx(chunks.max(), abs=1e-5)
    assert first.chunk == starts[row] + int(chunks.argmax())
    assert evidence.question == pytest.approx(questions.max(), abs=1e-5)
    assert evidence.title == pytest.approx(space.titles.vectors()[row] @ vector, abs=1e-5)
    words = index.lexical_articles.scores(question.terms, pair_weight=0.5)
    assert evidence.lexical_article == pytest.approx(words[row], abs=1e-5)
    in_chunks = index.lexical_chunks.scores(question.terms, pair_weight=0.5)
    best = in_chunks[starts[row] : starts[row + 1]].max()
    assert evidence.lexical_chunk == pytest.approx(best, abs=1e-5)
    match = space.tokens.match(question.encoded, np.array([first.chunk]))
    assert evidence.tokens == pytest.approx(match[0], abs=1e-6)


def test_median_similarity_is_that_of_all_allowed_articles(sop_snapshot):
    """Half of the articles that may be shown reach it, however few are returned."""
    index = sop_snapshot.index
    question = prepare(index, "queue looks empty but tasks exist")
    allowed = everything(index)
    allowed[::3] = False
    found = rank(index, question, allowed, TODAY, 100)
    nearest = [
        max(one.evidence.chunk, one.evidence.question, one.evidence.title) for one in found.articles
    ]
    assert len(nearest) == allowed.sum()
    assert found.median_similarity == pytest.approx(np.median(nearest), abs=1e-6)
    assert rank(index, question, allowed, TODAY, 1).median_similarity == found.median_similarity


def test_median_of_a_handful_means_nothing():
    """From eight allowed articles on there is a median; the best of chunk and title counts."""
    vectors = [X, X, X, XY, XY, Y, Y, Y]
    index = index_by_hand([ByHand([vector], Z) for vector in vectors[:-1]] + [ByHand([Z], XY)])
    allowed = everything(index)
    question = question_by_hand(X)
    # Cosines 1, 1, 1, 0.6, 0.6, 0, 0, and 0.6 of the last one's title.
    assert rank(index, question, allowed, TODAY, 1).median_similarity == pytest.approx(0.6)
    allowed[3] = False
    assert rank(index, question, allowed, TODAY, 1).median_similarity is None


def test_matched_names_the_nearest_vector():
    """The nearest of chunk, question and title is named; a chunk wins a tie, then a question."""

    def evidence(chunk, question, title):
        return Evidence(chunk, question, title, 0, 0, tokens=None, overdue=False)

    assert evidence(0.5, 0.4, 0.3).matched == "chunk"
    assert evidence(0.3, 0.5, 0.4).matched == "question"
    assert evidence(0.3, 0.4, 0.5).matched == "title"
    assert evidence(0.5, 0.5, 0.5).matched == "chunk"
    assert evidence(0.1, 0.5, 0.5).matched == "question"
    assert evidence(0.2, 0.6, 0.9).similarity == 0.9
    assert evidence(0.2, 0.6, 0.5).similarity == 0.6
    assert evidence(0.7, 0.6, 0.5).similarity == 0.7


def test_a_question_and_a_title_find_an_article_without_text(open_index, article):
    """An article of front matter alone is found by its question or its title, without a chunk."""
    snapshot = open_index(
        {
            "a.md": article(1, "", title="Reset a phone", questions=["authenticator lost"]),
            "b.md": article(2, "Pump the tyre.\n", title="Bicycle"),
        }
    )
    by_question = ask(snapshot, "authenticator lost")[0]
    assert (by_question.article, by_question.chunk, by_question.evidence.matched) == (
        0,
        None,
        "question",
    )
    # Without a text no word is met, and it is still among the best.
    assert by_question.evidence.tokens == 0.0
    by_title = ask(snapshot, "reset a phone")[0]
    assert (by_title.article, by_title.evidence.matched) == (0, "title")


def test_articles_without_any_text_are_ranked():
    """A corpus of titles alone has scores from titles alone."""
    index = index_by_hand([ByHand([], XY), ByHand([], X), ByHand([], Y)])
    ranked = rank(index, question_by_hand(X), everything(index), TODAY, 3).articles
    assert [(one.article, one.chunk) for one in ranked] == [(1, None), (0, None), (2, None)]
    assert [one.score for one in ranked] == pytest.approx([0.15, 0.15 * 0.6, 0.0])


def test_a_hidden_article_never_takes_a_place(open_index, article):
    """Another audience's article is left out before the cut, and the others keep their order."""
    texts = ["Reset the phone.", "Replace the phone.", "The phone is lost.", "Pump the tyre."]
    files = {f"{i}.md": article(i, f"{text}\n") for i, text in enumerate(texts, 1)}
    open_to_all = open_index(files)
    shown_to_all = ask(open_to_all, "phone lost")
    best = shown_to_all[0].article + 1
    text = files[f"{best}.md"]
    hidden = open_index({f"{best}.md": text.replace("owner:", 'audience: ["leads"]\nowner:')})
    seen = ask(hidden, "phone lost", top_k=3)
    assert f"acc-{best:03d}" not in ids(hidden, seen)
    assert len(seen) == 3
    for one in seen:
        same = next(e for e in shown_to_all if e.article == one.article)
        assert one.evidence.similarity == pytest.approx(same.evidence.similarity, abs=1e-6)
    dense = sorted(seen, key=lambda one: -one.evidence.similarity)
    before = sorted(shown_to_all, key=lambda one: -one.evidence.similarity)
    assert [o.article for o in dense] == [o.article for o in before if o.article != best - 1]
    assert ids(hidden, ask(hidden, "phone lost", ("leads",))) == [f"acc-{best:03d}"]
    assert ask(hidden, "phone lost", ()) == ()


@pytest.mark.parametrize("depth", [3, 20])
def test_a_hidden_article_changes_no_score(sop_snapshot, depth):
    """However near a hidden article comes, ranks, scores, evidence and the median are the same."""
    settings = RankingSettings(token_depth=depth)
    index = replace(sop_snapshot.index, settings=settings)
    space = index.spaces[0]
    question = prepare(index, "queue looks empty but tasks exist")
    vector = question.encoded.vector
    hidden = 4
    allowed = everything(index)
    allowed[hidden] = False

    def all_at_the_question(vectors, first, stop):
        moved = vectors.vectors().copy()
        moved[first:stop] = vector
        return DenseIndex.build(moved, space.encoder.dim)

    nearer = replace(
        index,
        review_days=np.where(np.arange(len(index)) == hidden, 1, index.review_days),
        spaces=(
            replace(
                space,
                chunks=all_at_the_question(space.chunks, *index.chunk_starts[hidden : hidden + 2]),
                questions=all_at_the_question(
                    space.questions, *index.question_starts[hidden : hidden + 2]
                ),
                titles=all_at_the_question(space.titles, hidden, hidden + 1),
            ),
        ),
    )
    seen = rank(nearer, question, everything(index), TODAY, 100)
    moved = next(one for one in seen.articles if one.article == hidden)
    assert moved.evidence.similarity == pytest.approx(1.0, abs=1e-5)
    assert moved.evidence.overdue
    assert rank(nearer, question, allowed, TODAY, 100) == rank(index, question, allowed, TODAY, 100)


def test_no_allowed_article_is_no_article(sop_snapshot):
    """Where nothing may be shown, nothing is, and nothing is divided by zero."""
    index = sop_snapshot.index
    found = rank(index, prepare(index, "phone lost"), ~everything(index), TODAY, 5)
    assert (found.articles, found.median_similarity) == ((), None)


def test_the_only_allowed_article_is_the_best_there_is(sop_snapshot):
    """One article left by a filter has the highest score, so that it can still be suggested."""
    index = sop_snapshot.index
    allowed = ~everything(index)
    allowed[2] = True
    own = sop_snapshot.articles[2].front_matter.questions[0]
    (found,) = rank(index, prepare(index, own), allowed, TODAY, 5).articles
    assert (found.article, found.score) == (2, pytest.approx(0.70 + 0.30 + 0.15 + 0.20 + 0.15))


def test_values_that_do_not_differ_are_all_best_or_all_nothing():
    """Equal articles gain alike from what they have, and nothing from what they lack."""
    index = index_by_hand([ByHand([X], Y), ByHand([X], Y)])
    ranked = rank(index, question_by_hand(X), everything(index), TODAY, 2).articles
    assert [one.article for one in ranked] == [0, 1]
    assert [one.score for one in ranked] == pytest.approx([0.70 + 0.20] * 2)


def test_equal_scores_come_in_article_order():
    """Equal articles stand in the order of the corpus, and a cut keeps the first."""
    index = index_by_hand([ByHand([XY], X, text="Same text.") for _ in range(30)])
    for top_k in (1, 2, 21, 30):
        ranked = rank(index, question_by_hand(Z, "unrelated"), everything(index), TODAY, top_k)
        # Late interaction is looked at for the first 20 of these, and is below 0 for all.
        assert [one.article for one in ranked.articles] == list(range(top_k))


def test_an_overdue_article_loses_rank_and_stays(open_index, article):
    """Past its review date an article costs 0.03 and is still there; on the day it is not past."""
    snapshot = open_index(
        {
            "1.md": article(1, "Phone one.\n", review_by="2026-10-31"),
            "2.md": article(2, "Tyre two.\n", review_by="2026-11-01"),
        }
    )
    before = {o.article: o for o in ask(snapshot, "phone", today=date(2026, 10, 31))}
    after = {o.article: o for o in ask(snapshot, "phone", today=date(2026, 11, 1))}
    assert [before[i].evidence.overdue for i in (0, 1)] == [False, False]
    assert [after[i].evidence.overdue for i in (0, 1)] == [True, False]
    assert after[0].score == pytest.approx(before[0].score - 0.03, abs=1e-6)
    assert after[1].score == pytest.approx(before[1].score, abs=1e-6)
    late = ask(snapshot, "phone", today=date(2030, 1, 1))
    assert len(late) == 2


def deprecated(article, number, text, follower=None):
    """Return a deprecated article's text."""
    more = {"replaced_by": follower} if follower else {}
    return article(number, text, status="deprecated", **more)


def test_a_deprecated_article_leads_to_its_replacement(open_index, article):
    """What replaces an article is shown in its place, with its own chunk, through a chain too."""
    snapshot = open_index(
        {
            "1.md": deprecated(article, 1, "Reset the lost phone.\n", "acc-002"),
            "2.md": deprecated(article, 2, "Old way.\n", "acc-003"),
            "3.md": article(3, "Something new.\n"),
            "4.md": article(4, "Pump the tyre.\n"),
        }
    )
    ranked = ask(snapshot, "reset the lost phone")
    assert ids(snapshot, ranked) == ["acc-003", "acc-004"]
    assert snapshot.chunks[ranked[0].chunk].text == "Something new."
    assert ranked[0].evidence.chunk > ranked[1].evidence.chunk


@pytest.mark.parametrize("follower", [None, "acc-099", "acc-001", "acc-002", "acc-005"])
def test_a_deprecated_article_that_leads_nowhere_is_not_shown(open_index, article, follower):
    """Without a replacement, with a missing, looping or unpublished one, an article is left out."""
    snapshot = open_index(
        {
            "1.md": deprecated(article, 1, "Reset the lost phone.\n", follower),
            "2.md": deprecated(article, 2, "Reset the phone.\n", "acc-001"),
            "4.md": article(4, "Pump the tyre.\n"),
            "5.md": article(5, "Reset the phone soon.\n", status="draft"),
        }
    )
    assert ids(snapshot, ask(snapshot, "reset the lost phone")) == ["acc-004"]


def test_a_replacement_for_another_audience_is_not_shown(open_index, article):
    """A deprecated article does not lead a caller to what is hidden from them."""
    snapshot = open_index(
        {
            "1.md": deprecated(article, 1, "Reset the lost phone.\n", "acc-002"),
            "2.md": article(2, "New way.\n", audience=["leads"]),
            "4.md": article(4, "Pump the tyre.\n"),
        }
    )
    assert ids(snapshot, ask(snapshot, "reset the lost phone")) == ["acc-004"]
    both = ask(snapshot, "reset the lost phone", ("internal", "leads"))
    assert ids(snapshot, both) == ["acc-002", "acc-004"]


def test_best_by_group_takes_the_highest_of_each():
    """Each group gives its maximum, an empty one what is named."""
    values = np.array([1, 5, -2, 3], dtype=np.float32)
    starts = np.array([0, 2, 2, 3, 4, 4], dtype=np.int64)
    assert best_by_group(values, starts, -1.0).tolist() == [5.0, -1.0, -2.0, 3.0, -1.0]
    assert best_by_group(values[:0], np.zeros(1, dtype=np.int64), 0.0).tolist() == []


def test_evidence_gathered_once_ranks_like_asked_anew(sop_snapshot):
    """One gathering of evidence serves every mask and depth, in any order, to the last digit."""
    index = sop_snapshot.index
    rng = np.random.default_rng(7)
    masks = [rng.random(len(index)) < share for share in (1.0, 0.5, 0.9, 0.05, 0.0)]
    for text in ("new phone, cannot sign in", "no tasks for me today", "zzz"):
        question = prepare(index, text)
        weighed = weigh(index, question, held_out=3)
        for mask in masks:
            for depth in (1, 10):
                asked_anew = rank(index, question, mask, date.min, depth, held_out=3)
                assert rank_weighed(weighed, mask, date.min, depth) == asked_anew
