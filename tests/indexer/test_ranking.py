"""From a question to scored articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from indexer.lexical import analyze
from indexer.ranking import Evidence, allowed_articles, best_by_group, rank

TODAY = date(2026, 11, 1)


def ask(snapshot, question, audiences=("internal",), top_k=10, today=TODAY, **filters):
    """Return the ranked articles for a question."""
    vector = snapshot.encoder.encode([question], "query")[0]
    allowed = allowed_articles(snapshot, audiences, **filters)
    return rank(snapshot, question, vector, allowed, today, top_k)


def ids(snapshot, ranked) -> list[str]:
    """Return the ids of ranked articles in order."""
    return [snapshot.articles[one.article].id for one in ranked]


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
        for question in article.front_matter.questions:
            total += 1
            hits += ids(sop_snapshot, ask(sop_snapshot, question, top_k=1)) == [article.id]
    assert hits / total > 0.95


def test_scores_are_the_weighted_sum_of_scaled_evidence(sop_snapshot):
    """Every score can be worked out from the parts that stand in the evidence."""
    ranked = ask(sop_snapshot, "my authenticator phone is gone", top_k=100)
    assert len(ranked) == len(sop_snapshot.articles)

    def scaled(values):
        values = np.array(values)
        return (values - values.min()) / (values.max() - values.min())

    parts = [one.evidence for one in ranked]
    lexical = scaled([p.lexical_article for p in parts]) + scaled([p.lexical_chunk for p in parts])
    expected = (
        0.70 * scaled([p.similarity for p in parts])
        + 0.30 * scaled(lexical)
        + 0.15 * scaled([p.title for p in parts])
        - 0.03 * np.array([p.overdue for p in parts])
    )
    np.testing.assert_allclose([one.score for one in ranked], expected, atol=1e-4)
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_evidence_is_that_of_the_vectors_and_words(sop_snapshot):
    """Chunk, question and title evidence are cosines in numpy; words are BM25."""
    question = "queue looks empty but tasks exist"
    vector = sop_snapshot.encoder.encode([question], "query")[0]
    first = ask(sop_snapshot, question)[0]
    row, evidence = first.article, first.evidence
    starts, asked = sop_snapshot.chunk_starts, sop_snapshot.question_starts
    chunks = sop_snapshot.chunk_vectors.vectors()[starts[row] : starts[row + 1]] @ vector
    questions = sop_snapshot.question_vectors.vectors()[asked[row] : asked[row + 1]] @ vector
    assert evidence.chunk == pytest.approx(chunks.max(), abs=1e-5)
    assert first.chunk == starts[row] + int(chunks.argmax())
    assert evidence.question == pytest.approx(questions.max(), abs=1e-5)
    assert evidence.title == pytest.approx(
        sop_snapshot.title_vectors.vectors()[row] @ vector, abs=1e-5
    )
    words = sop_snapshot.lexical_articles.scores(analyze(question))
    assert evidence.lexical_article == pytest.approx(words[row], abs=1e-5)


def test_matched_names_the_nearest_vector():
    """The nearest of chunk, question and title is named; a chunk wins a tie, then a question."""

    def matched(chunk, question, title):
        return Evidence(chunk, question, title, 0, 0, overdue=False).matched

    assert matched(0.5, 0.4, 0.3) == "chunk"
    assert matched(0.3, 0.5, 0.4) == "question"
    assert matched(0.3, 0.4, 0.5) == "title"
    assert matched(0.5, 0.5, 0.5) == "chunk"
    assert matched(0.1, 0.5, 0.5) == "question"
    assert Evidence(0.2, 0.6, 0.9, 0, 0, overdue=False).similarity == 0.6


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
    by_title = ask(snapshot, "reset a phone")[0]
    assert (by_title.article, by_title.evidence.matched) == (0, "title")


def test_a_hidden_article_never_takes_a_place(open_index, article):
    """Another audience's article is left out before the cut, and the others keep their order."""
    texts = ["Reset the phone.", "Replace the phone.", "The phone is lost.", "Pump the tyre."]
    files = {f"{i}.md": article(i, f"{text}\n") for i, text in enumerate(texts, 1)}
    open_to_all = open_index(files)
    everything = ask(open_to_all, "phone lost")
    best = everything[0].article + 1
    text = files[f"{best}.md"]
    hidden = open_index({f"{best}.md": text.replace("owner:", 'audience: ["leads"]\nowner:')})
    seen = ask(hidden, "phone lost", top_k=3)
    assert f"acc-{best:03d}" not in ids(hidden, seen)
    assert len(seen) == 3
    for one in seen:
        same = next(e for e in everything if e.article == one.article)
        assert one.evidence.similarity == pytest.approx(same.evidence.similarity, abs=1e-6)
    dense = sorted(seen, key=lambda one: -one.evidence.similarity)
    before = sorted(everything, key=lambda one: -one.evidence.similarity)
    assert [o.article for o in dense] == [o.article for o in before if o.article != best - 1]
    assert ids(hidden, ask(hidden, "phone lost", ("leads",))) == [f"acc-{best:03d}"]
    assert ask(hidden, "phone lost", ()) == []


def test_filters_apply_before_the_cut(open_index, article):
    """A filter keeps what has one of its names, and the answer is still full."""
    snapshot = open_index(
        {
            "1.md": article(1, "Phone one.\n", tags=["a"], platforms=["P"], type="how-to"),
            "2.md": article(2, "Phone two.\n", tags=["a", "b"], type="policy"),
            "3.md": article(3, "Tyre three.\n", tags=["c"], platforms=["P", "Q"]),
            "4.md": "# Foreign\n\nPhone four.\n",
        }
    )

    def found(**filters):
        return sorted(ids(snapshot, ask(snapshot, "phone", top_k=2, **filters)))

    assert found(tags=["b", "c"]) == ["acc-002", "acc-003"]
    assert found(platforms=["Q"]) == ["acc-003"]
    assert found(types=["policy", "process"]) == ["acc-002", "acc-003"]
    assert found(tags=["a"], platforms=["P"]) == ["acc-001"]
    assert found(tags=["nothing"]) == []
    assert len(found()) == 2


def test_equal_scores_come_in_article_order(sop_snapshot, open_index):
    """Articles of the same words stand in the order of the corpus, and a cut keeps the first."""
    snapshot = open_index({f"{name}/same.md": "Same text.\n" for name in "dbac"})
    vector = snapshot.encoder.encode(["unrelated"], "query")[0]
    level = replace(snapshot, title_vectors=_all_like_the_first(snapshot.title_vectors))
    level = replace(level, chunk_vectors=_all_like_the_first(snapshot.chunk_vectors))
    allowed = allowed_articles(level, ["internal"])
    for top_k in (1, 2, 4):
        ranked = rank(level, "", vector, allowed, TODAY, top_k)
        assert [one.article for one in ranked] == list(range(top_k))


def _all_like_the_first(index):
    rows = index.vectors()
    return type(index).build(np.tile(rows[0], (len(rows), 1)), rows.shape[1])


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
