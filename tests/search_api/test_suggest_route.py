"""POST /api/v1/suggest, /suggest/batch, /search and GET /api/v1/articles."""

from __future__ import annotations

import sqlite3
import unicodedata
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from indexer.answer import prepare
from indexer.ranking import rank

BADGE = """\
Use this article when a badge reader refuses somebody at the door.

## Check the reader

Look at the lamp of the reader and write down its colour. A red lamp means that the reader
has lost its line to the server room, and no badge at all will open this door until then.
Call the building desk, name the door, and stay there until a guard has come to open it.

## Replace the token

Take a blue hardware token from the safe and pair it with the badge console. The console
shows the serial number of the token; write it into the ticket before you hand it over.
"""


@pytest.fixture
def badge_index(build, article_text, tmp_path):
    """One article whose every answer field is known, among two others."""
    build(
        {
            "doors/badge.md": article_text(
                BADGE,
                id="door-001",
                title="A badge is refused",
                summary="For doors that stay closed.",
                type="troubleshooting",
                owner="facilities",
                language="en-GB",
                sharing="Do not name the safe.",
                tags=["badge", "door"],
                platforms=["Gatekeeper"],
                questions=["the door does not open", "red lamp at the door", "badge says no"],
                review_by="2020-05-06",
                last_reviewed="2020-01-02",
                escalation={
                    "team": "facilities",
                    "channel": "desk",
                    "severity": "sev2",
                    "after_minutes": 15,
                    "evidence": ["serial number", "door"],
                },
            ),
            "other/lunch.md": article_text(
                "The kitchen closes at two.\n",
                id="eat-001",
                title="Order lunch",
                type="policy",
                tags=["food"],
                questions=["what is for lunch", "when does the kitchen close", "order food"],
            ),
            "other/print.md": article_text(
                "Paper is in the cupboard.\n",
                id="prt-001",
                title="The printer has no paper",
                type="how-to",
                tags=["paper", "door"],
                platforms=["Printer"],
                questions=["printer is empty", "no paper", "where is the paper"],
            ),
        }
    )
    return tmp_path / "index"


def test_suggest_finds_the_article_for_a_question(api):
    """A question in other words than the article's brings it first."""
    answer = api.post("/api/v1/suggest", json={"query": "my authenticator phone is gone"}).json()
    assert answer["decision"] == "suggest"
    assert answer["suggestions"][0]["id"] == "acc-001"


def test_suggest_answers_in_the_documented_shape(client, badge_index):
    """A suggestion carries every documented field with what the article states."""
    question = "pair a blue hardware token with the badge console"
    with client(index=badge_index) as api:
        response = api.post("/api/v1/suggest", json={"query": question})
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert list(answer) == [
        "query_id",
        "decision",
        "threshold",
        "reason",
        "notices",
        "suggestions",
        "count",
        "took_ms",
        "index_version",
    ]
    assert (answer["decision"], answer["reason"], answer["notices"]) == ("suggest", None, [])
    assert answer["count"] == len(answer["suggestions"]) == 3
    assert [found["rank"] for found in answer["suggestions"]] == [1, 2, 3]
    first = answer["suggestions"][0]
    pieces = first.pop("highlights")
    assert "".join(piece["text"] for piece in pieces) == first["snippet"]
    assert {piece["type"] for piece in pieces} == {"plain", "match"}
    matches = {piece["text"] for piece in pieces if piece["type"] == "match"}
    assert {"blue", "hardware", "token", "pair", "console"} <= matches
    assert first.pop("snippet").startswith("Take a blue hardware token")
    assert 0.5 < first.pop("confidence") <= 1
    assert first.pop("score") > answer["suggestions"][1]["score"]
    assert first == {
        "rank": 1,
        "id": "door-001",
        "title": "A badge is refused",
        "summary": "For doors that stay closed.",
        "url": "/sop/doors/badge/#replace-the-token",
        "heading_path": ["A badge is refused", "Replace the token"],
        "matched": "chunk",
        "type": "troubleshooting",
        "status": "active",
        "owner": "facilities",
        "language": "en-GB",
        "sharing": "Do not name the safe.",
        "last_reviewed": "2020-01-02",
        "review_by": "2020-05-06",
        "overdue": True,
        "escalation": {
            "team": "facilities",
            "channel": "desk",
            "severity": "sev2",
            "after_minutes": 15,
            "evidence": ["serial number", "door"],
        },
        "known_issue": None,
        "explanation": None,
    }


def test_suggest_says_what_matched(client, badge_index):
    """An article found by one of its own questions says so."""
    with client(index=badge_index) as api:
        answer = api.post("/api/v1/suggest", json={"query": "when does the kitchen close"}).json()
    assert answer["suggestions"][0]["id"] == "eat-001"
    assert answer["suggestions"][0]["matched"] == "question"


def test_suggest_explains_a_score_on_demand(api):
    """`explain` adds what a score is made of, and only then."""
    question = {"query": "authenticater app is empty after the update"}
    plain = api.post("/api/v1/suggest", json=question).json()["suggestions"][0]
    told = api.post("/api/v1/suggest", json=question | {"explain": True}).json()
    first = told["suggestions"][0]
    assert plain["explanation"] is None
    assert set(first["explanation"]) == {
        "read_as",
        "chunk_similarity",
        "question_similarity",
        "asked_similarity",
        "title_similarity",
        "lexical_article",
        "lexical_chunk",
        "token_similarity",
        "asked_token_similarity",
        "overdue",
    }
    assert first["explanation"]["question_similarity"] > 0.99
    assert 0 < first["explanation"]["token_similarity"] < 1
    assert first["explanation"]["overdue"] is False
    assert first | {"explanation": None} == plain


def test_explanation_is_the_evidence(api, sop_snapshot):
    """Every part of an explanation is what ranking saw, rounded, for every suggestion."""
    body = {"query": "queue is empty", "explain": True, "include_unlikely": True, "limit": 12}
    told = api.post("/api/v1/suggest", json=body).json()["suggestions"]
    index = sop_snapshot.index
    question = prepare(index, "queue is empty")
    allowed = np.ones(len(index), dtype=np.bool_)
    ranked = rank(index, question, allowed, datetime.now(UTC).date(), 12).articles
    assert len(told) == len(ranked) == 12
    for suggestion, found in zip(told, ranked, strict=True):
        evidence = found.evidence
        assert suggestion["score"] == pytest.approx(found.score, abs=1e-4)
        assert suggestion["explanation"] == {
            "read_as": question.text,
            "chunk_similarity": pytest.approx(evidence.chunk, abs=1e-4),
            "question_similarity": pytest.approx(evidence.question, abs=1e-4),
            "asked_similarity": pytest.approx(evidence.asked, abs=1e-4),
            "title_similarity": pytest.approx(evidence.title, abs=1e-4),
            "lexical_article": pytest.approx(evidence.lexical_article, abs=1e-4),
            "lexical_chunk": pytest.approx(evidence.lexical_chunk, abs=1e-4),
            "token_similarity": pytest.approx(evidence.tokens, abs=1e-4),
            "asked_token_similarity": pytest.approx(evidence.asked_tokens, abs=1e-4),
            "overdue": evidence.overdue,
        }


def test_explanation_has_no_late_interaction_beyond_the_best_twenty(client, build, tmp_path):
    """Where old articles lead to few new ones, those far behind have no `token_similarity`."""
    old = "---\nid: old-{0:03d}\ntitle: Red door {0}\nstatus: deprecated\n---\nOpen the red door.\n"
    files = {f"old{number}.md": old.format(number) for number in range(1, 25)}
    build(files | {"lunch.md": "# Order lunch\n\nThe kitchen closes at two.\n"})
    body = {"query": "open the red door", "explain": True, "include_unlikely": True}
    with client(index=tmp_path / "index") as api:
        (found,) = api.post("/api/v1/suggest", json=body).json()["suggestions"]
    assert found["id"] == "lunch"
    assert found["explanation"]["token_similarity"] is None
    assert found["explanation"]["asked_token_similarity"] is None
    assert found["explanation"]["question_similarity"] is None


def test_explanation_says_how_the_question_was_read(api):
    """Slips are corrected and the glossary's terms added, and only the explanation says so."""
    body = {"query": "authenticator lost on my new laptp", "include_unlikely": True}
    told = api.post("/api/v1/suggest", json=body | {"explain": True}).json()
    first, *added = told["suggestions"][0]["explanation"]["read_as"].split("\n")
    assert first.startswith("authenticator lost on my new lapt")
    assert added == ["second factor"]


@pytest.mark.parametrize("text", ["labels unsent after sleeping tabs", "GH-1020 after the updates"])
def test_language_given_decides_how_words_are_stemmed(api, sop_snapshot, text):
    """The request's `language` goes before the one that is detected, in a batch too."""
    body = {"query": text, "explain": True, "include_unlikely": True, "limit": 20}
    requests = [body, body | {"language": "en-GB"}, body | {"language": "de"}]
    alone = [api.post("/api/v1/suggest", json=request).json() for request in requests]
    batch = api.post("/api/v1/suggest/batch", json={"requests": requests}).json()["responses"]
    index = sop_snapshot.index
    for language, answer in zip((None, "en", "de"), alone, strict=True):
        terms = prepare(index, text, language).terms
        words = index.lexical_articles.scores(terms, index.settings.pairs)
        told = {s["id"]: s["explanation"]["lexical_article"] for s in answer["suggestions"]}
        assert len(told) == 20
        assert told == {
            name: pytest.approx(words[sop_snapshot.article_rows[name]], abs=1e-4) for name in told
        }
    assert alone[0]["suggestions"] == alone[1]["suggestions"] != alone[2]["suggestions"]
    assert [one["suggestions"] for one in batch] == [one["suggestions"] for one in alone]


def test_suggest_reads_a_ticket(api):
    """Subject and description together are a question; either alone is one, too."""
    subject, description = "cannot get in", "The authenticator app is empty after the update."
    both = api.post("/api/v1/suggest", json={"subject": subject, "description": description})
    alone = api.post("/api/v1/suggest", json={"description": description})
    assert both.json()["suggestions"][0]["id"] == "acc-001"
    assert alone.json()["suggestions"][0]["id"] == "acc-001"


def test_suggest_reads_html(api):
    """With format html, markup is no part of the question."""
    text = "yellow banner says kept on this computer"
    html = f"<style>p {{color: red}}</style><p>yellow <b>banner</b> says</p><p>{text[18:]}</p>"
    plain = api.post("/api/v1/suggest", json={"query": text, "explain": True}).json()
    marked = api.post(
        "/api/v1/suggest", json={"query": html, "format": "html", "explain": True}
    ).json()
    scores = [found["suggestions"][0]["explanation"] for found in (plain, marked)]
    assert marked["suggestions"][0]["id"] == "lab-001"
    assert scores[1]["question_similarity"] == pytest.approx(
        scores[0]["question_similarity"], abs=0.02
    )


@pytest.mark.parametrize("limit", [1, 3, 12])
def test_suggest_returns_at_most_the_limit(api, limit):
    """As many articles come back as were asked for, best first."""
    body = {"query": "the page is slow", "limit": limit, "include_unlikely": True}
    answer = api.post("/api/v1/suggest", json=body).json()
    scores = [found["score"] for found in answer["suggestions"]]
    assert len(scores) == answer["count"] == limit
    assert scores == sorted(scores, reverse=True)


def test_suggest_returns_five_unless_told(api):
    """Without a limit there are five suggestions."""
    answer = api.post("/api/v1/suggest", json={"query": "new phone and now i cant get in"})
    assert answer.json()["count"] == 5


def test_suggest_filters_before_it_ranks(client, badge_index):
    """Filters keep articles that have one name of each list, in suggest and in search."""
    kept = [
        ({"tags": ["food"]}, {"eat-001"}),
        ({"tags": ["door"]}, {"door-001", "prt-001"}),
        ({"tags": ["food", "paper"]}, {"eat-001", "prt-001"}),
        ({"platforms": ["Printer"]}, {"prt-001"}),
        ({"type": ["policy", "how-to"]}, {"eat-001", "prt-001"}),
        ({"tags": ["door"], "type": ["how-to"]}, {"prt-001"}),
        ({"tags": ["nothing"]}, set()),
        ({}, {"door-001", "eat-001", "prt-001"}),
    ]
    with client(index=badge_index) as api:
        for filters, expected in kept:
            body = {"query": "the badge reader is red", "filters": filters, "limit": 3}
            found = api.post("/api/v1/suggest", json=body | {"include_unlikely": True}).json()
            typed = api.post("/api/v1/search", json=body).json()
            assert {suggestion["id"] for suggestion in found["suggestions"]} == expected
            assert {suggestion["id"] for suggestion in typed["results"]} == expected
        first = {"query": "red lamp at the door", "filters": {"tags": ["paper"]}, "limit": 1}
        nearest = api.post("/api/v1/search", json=first).json()["results"]
    assert [suggestion["id"] for suggestion in nearest] == ["prt-001"]


def test_suggest_abstains_with_a_reason(api):
    """A question that no article answers gets status 200, no suggestion and a reason."""
    response = api.post("/api/v1/suggest", json={"query": "how do I bake sourdough bread"})
    answer = response.json()
    assert response.status_code == 200
    assert (answer["decision"], answer["suggestions"], answer["count"]) == ("abstain", [], 0)
    assert "likely" in answer["reason"]


@pytest.mark.parametrize(
    "question", ["how do I bake sourdough bread", "who won the football match"]
)
def test_reason_names_the_likeliest_article(api, sop_snapshot, question):
    """An abstention says which article came nearest, how likely it was, and what it takes."""
    body = {"query": question, "include_unlikely": True, "limit": 5}
    answer = api.post("/api/v1/suggest", json=body).json()
    likeliest = max(answer["suggestions"], key=lambda found: found["confidence"])
    threshold = sop_snapshot.manifest.spaces[0].calibration.threshold
    assert answer["reason"] == (
        f"No article is likely enough to answer: the likeliest, “{likeliest['title']}”, "
        f"has a confidence of {likeliest['confidence']:.2f}, below {threshold:.2f}."
    )
    # It is the same article however many are wanted.
    fewer = api.post("/api/v1/suggest", json={"query": question, "limit": 1}).json()
    assert fewer["reason"] == answer["reason"]


def test_suggest_abstains_where_filters_leave_nothing(api):
    """Filters without any article give a reason that says so."""
    body = {"query": "phone lost", "filters": {"tags": ["no-such-tag"]}}
    answer = api.post("/api/v1/suggest", json=body).json()
    assert answer["decision"] == "abstain"
    assert "filters" in answer["reason"]


def test_include_unlikely_shows_the_nearest_and_leaves_the_decision(api, sop_snapshot):
    """The nearest articles come with their confidence, and it is still an abstention."""
    body = {"query": "how do I bake sourdough bread", "include_unlikely": True, "limit": 2}
    plain = api.post("/api/v1/suggest", json=body | {"include_unlikely": False}).json()
    answer = api.post("/api/v1/suggest", json=body).json()
    assert (answer["decision"], answer["reason"]) == ("abstain", plain["reason"])
    assert answer["count"] == 2
    threshold = sop_snapshot.manifest.spaces[0].calibration.threshold
    assert all(found["confidence"] < threshold for found in answer["suggestions"])


def test_suggest_composes_characters(client, build, article_text, tmp_path):
    """A question typed with combining marks is the same question."""
    build({"a.md": article_text("Prüfgerät einschalten.\n", questions=["Prüfgerät läuft nicht"])})
    composed = "Prüfgerät läuft nicht"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    with client(index=tmp_path / "index") as api:
        answers = [
            api.post(
                "/api/v1/suggest", json={"query": text, "explain": True, "include_unlikely": True}
            ).json()
            for text in (composed, decomposed)
        ]
    assert answers[0]["suggestions"] == answers[1]["suggestions"]
    assert answers[0]["suggestions"][0]["explanation"]["question_similarity"] > 0.999


def test_suggest_counts_characters_after_composing_them(api):
    """4,000 characters written as 8,000 code points are not too long."""
    text = unicodedata.normalize("NFD", "ü" * 4_000)
    assert api.post("/api/v1/suggest", json={"query": text}).status_code == 200
    assert api.post("/api/v1/suggest", json={"query": text + "x"}).status_code == 422


def test_suggest_gives_every_answer_an_id_of_its_own(api):
    """The same question asked twice has two query ids and one answer."""
    one, two = (api.post("/api/v1/suggest", json={"query": "phone lost"}).json() for _ in range(2))
    assert one["query_id"] != two["query_id"]
    assert one["suggestions"] == two["suggestions"]


def test_batch_answers_in_order(api):
    """Each request of a batch gets the answer it would get alone, in its place."""
    requests = [
        {"query": "yellow banner says kept on this computer", "limit": 1},
        {"query": "how do I bake sourdough bread"},
        {"subject": "GH-1020", "description": "code is wrong EVERY time", "limit": 2},
    ]
    batch = api.post("/api/v1/suggest/batch", json={"requests": requests}).json()
    alone = [api.post("/api/v1/suggest", json=request).json() for request in requests]
    assert list(batch) == ["responses"]
    assert [answer["decision"] for answer in batch["responses"]] == [
        "suggest",
        "abstain",
        "suggest",
    ]
    changing = {"query_id": "", "took_ms": 0}
    assert [a | changing for a in batch["responses"]] == [a | changing for a in alone]


def test_batch_has_at_most_100_requests(api):
    """100 requests are answered; 101 are refused by the field's name, none of them asked."""
    full = api.post("/api/v1/suggest/batch", json={"requests": [{"query": "x"}] * 100})
    over = api.post("/api/v1/suggest/batch", json={"requests": [{"query": "x"}] * 101})
    none = api.post("/api/v1/suggest/batch", json={"requests": []})
    assert (full.status_code, len(full.json()["responses"])) == (200, 100)
    assert [over.status_code, none.status_code] == [422, 422]
    assert over.json()["errors"][0]["field"] == "requests"


def test_search_returns_the_nearest_without_a_decision(api):
    """Search answers what is nearest to a few letters, in the same shape as suggestions."""
    answer = api.post("/api/v1/search", json={"query": "lost second fac", "limit": 2}).json()
    suggested = api.post("/api/v1/suggest", json={"query": "second factor"}).json()
    assert list(answer) == ["results", "threshold", "count", "took_ms", "index_version"]
    assert "acc-001" in [found["id"] for found in answer["results"]]
    assert answer["count"] == len(answer["results"]) == 2
    assert list(answer["results"][0]) == list(suggested["suggestions"][0])


def test_search_logs_nothing(client, tmp_path, stored_bytes):
    """What somebody types as they go is in no file; a question asked after it is."""
    with client() as api:
        api.post("/api/v1/search", json={"query": "xylophonist typed"})
        api.post("/api/v1/suggest", json={"query": "zeppelin asked"})
    with sqlite3.connect(tmp_path / "events.db") as db:
        assert db.execute("SELECT text FROM question").fetchall() == [("zeppelin asked",)]
    assert b"xylophonist" not in stored_bytes()


def test_article_is_given_as_it_is_indexed(client, badge_index):
    """An article comes with its metadata and its sections, each with its own link."""
    with client(index=badge_index) as api:
        answer = api.get("/api/v1/articles/door-001").json()
    sections = answer.pop("sections")
    assert [section["heading_path"][-1] for section in sections] == [
        "A badge is refused",
        "Check the reader",
        "Replace the token",
    ]
    assert sections[2]["url"] == "/sop/doors/badge/#replace-the-token"
    assert sections[2]["text"].startswith("Take a blue hardware token")
    assert answer.pop("index_version")
    assert answer == {
        "id": "door-001",
        "title": "A badge is refused",
        "summary": "For doors that stay closed.",
        "url": "/sop/doors/badge/",
        "type": "troubleshooting",
        "status": "active",
        "owner": "facilities",
        "language": "en-GB",
        "tags": ["badge", "door"],
        "platforms": ["Gatekeeper"],
        "questions": ["the door does not open", "red lamp at the door", "badge says no"],
        "related": [],
        "sharing": "Do not name the safe.",
        "last_reviewed": "2020-01-02",
        "review_by": "2020-05-06",
        "overdue": True,
        "updated": None,
        "escalation": {
            "team": "facilities",
            "channel": "desk",
            "severity": "sev2",
            "after_minutes": 15,
            "evidence": ["serial number", "door"],
        },
        "known_issue": None,
    }


def test_article_ids_may_hold_slashes_and_any_letters(client, build, tmp_path):
    """An article of a foreign folder is reached by its path, with or without escapes."""
    build(
        {
            "guide/deep/set-up.md": "# Set up\n\nPlug it in.\n",
            "инструкции/первый шаг.md": "# Первый шаг\n\n## Как войти\n\nОткройте дверь.\n",
        }
    )
    with client(index=tmp_path / "index") as api:
        plain = api.get("/api/v1/articles/guide/deep/set-up")
        escaped = api.get("/api/v1/articles/guide%2Fdeep%2Fset-up")
        russian = api.get("/api/v1/articles/инструкции/первый шаг")
    assert plain.json()["title"] == escaped.json()["title"] == "Set up"
    assert russian.json()["id"] == "инструкции/первый шаг"


def test_links_are_percent_encoded(client, build, tmp_path):
    """Paths and anchors in other scripts are links that any program can follow."""
    body = "# Первый шаг\n\nВступление.\n\n## Как войти\n\n" + "Откройте дверь ключом. " * 40
    build({"инструкции/первый шаг.md": body})
    with client(index=tmp_path / "index") as api:
        answer = api.get("/api/v1/articles/инструкции/первый шаг").json()
    page = (
        "/sop/%D0%B8%D0%BD%D1%81%D1%82%D1%80%D1%83%D0%BA%D1%86%D0%B8%D0%B8/"
        "%D0%BF%D0%B5%D1%80%D0%B2%D1%8B%D0%B9%20%D1%88%D0%B0%D0%B3/"
    )
    assert answer["url"] == page
    assert answer["sections"][-1]["url"] == (
        f"{page}#%D0%BA%D0%B0%D0%BA-%D0%B2%D0%BE%D0%B9%D1%82%D0%B8"
    )


def test_unknown_article_is_404(api):
    """An id that no article has is a 404 problem, also with slashes and odd letters."""
    for name in ("acc-999", "no/such/article", "%00", "..%2f..%2fsecret"):
        response = api.get(f"/api/v1/articles/{name}")
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("public_url", ["https://kb.example.test/desk", "https://kb.example.test/"])
def test_public_url_makes_links_absolute(client, public_url):
    """Every link in an answer starts with the public address, with one slash between."""
    base = public_url.rstrip("/")
    with client(public_url=public_url) as api:
        asked = api.post("/api/v1/suggest", json={"query": "GH-1020"}).json()
        typed = api.post("/api/v1/search", json={"query": "GH-1020"}).json()
        article = api.get("/api/v1/articles/acc-001").json()
    assert article["url"] == f"{base}/sop/access/reset-second-factor/"
    links = [part["url"] for part in asked["suggestions"] + asked["notices"] + typed["results"]]
    links += [section["url"] for section in article["sections"]]
    assert links
    assert all(link.startswith(f"{base}/sop/") for link in links)


def test_notices_are_open_known_issues_only(client, build, article_text, tmp_path):
    """A resolved issue, a draft, and one for another audience are no notices."""
    issue = {
        "reference": "BUG-7",
        "started": "2026-03-04",
        "workaround": "Reload once.",
        "engineering_status": "in test",
    }
    known = {"type": "known-issue", "title": "Map stays grey", "known_issue": issue}
    build(
        {
            "open.md": article_text(id="bug-001", **known),
            "done.md": article_text(
                id="bug-002", **known | {"known_issue": issue | {"resolved": "2026-03-05"}}
            ),
            "draft.md": article_text(id="bug-003", status="draft", **known),
            "secret.md": article_text(id="bug-004", audience=["partner"], **known),
            "none.md": article_text(id="bug-005"),
            "old.md": article_text(
                id="bug-006", status="deprecated", replaced_by="bug-001", **known
            ),
        }
    )
    with client(index=tmp_path / "index") as api:
        answer = api.post("/api/v1/suggest", json={"query": "how do I bake bread"}).json()
    assert answer["notices"] == [
        {
            "kind": "known_issue",
            "article_id": "bug-001",
            "title": "Map stays grey",
            "url": "/sop/open/",
            "reference": "BUG-7",
            "workaround": "Reload once.",
            "engineering_status": "in test",
            "started": "2026-03-04",
            "platforms": [],
            "expires": None,
        }
    ]


def test_overdue_begins_the_day_after_review_by(client, build, article_text, tmp_path):
    """On its last day an article is not overdue yet, on the next it is."""
    today = datetime.now(UTC).date()
    build(
        {
            "a.md": article_text(id="day-001", review_by=today),
            "b.md": article_text(id="day-002", review_by=today - timedelta(days=1)),
        }
    )
    body = {"query": "phone lost", "include_unlikely": True}
    with client(index=tmp_path / "index") as api:
        found = api.post("/api/v1/suggest", json=body).json()["suggestions"]
        read = {name: api.get(f"/api/v1/articles/{name}").json() for name in ("day-001", "day-002")}
    assert {suggestion["id"]: suggestion["overdue"] for suggestion in found} == {
        "day-001": False,
        "day-002": True,
    }
    assert [read["day-001"]["overdue"], read["day-002"]["overdue"]] == [False, True]
