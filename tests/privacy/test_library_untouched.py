"""Redaction takes nothing that the library's own articles and questions live by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.corpus import read_corpus
from indexer.redaction.patterns import read_patterns
from indexer.redaction.redactor import STANDARD, Redactor
from search_api.settings_file import load_settings

REPOSITORY = Path(__file__).parents[2]
RETRIEVAL = REPOSITORY / "tests" / "retrieval"
# These were written with somebody's number and work name in them, for the article on that.
PERSONAL = {"i014": ["user-id"], "i089": ["phone"]}


def lines(name):
    """The objects of a file of JSON lines."""
    text = (RETRIEVAL / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def articles():
    """The articles of this repository."""
    return read_corpus(REPOSITORY / "sop").articles


def test_no_line_of_the_platform_is_touched():
    """Every name, code, id, host, endpoint and example of `platform.yml` stays."""
    text = (REPOSITORY / "sop" / "platform.yml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if STANDARD.find(line)] == []


def test_no_question_of_an_article_is_touched(articles):
    """What people ask for an article, in any language, reaches it as it is."""
    asked = [question for article in articles for question in article.front_matter.questions]
    assert len(asked) > 1_000
    assert [question for question in asked if STANDARD.find(question)] == []


def test_no_line_of_an_article_is_touched(articles):
    """Symptoms, steps, statements and requests stay, as somebody would paste them."""
    told = [
        line
        for article in articles
        for line in (article.title, *article.front_matter.symptoms, *article.body.splitlines())
    ]
    assert len(told) > 5_000
    assert [line for line in told if STANDARD.find(line)] == []


@pytest.mark.parametrize("name", ["queries.jsonl", "oos_queries.jsonl"])
def test_only_what_is_personal_goes_from_test_questions(name):
    """Of the questions that measure retrieval, only those with something personal change."""
    touched = {
        line["_id" if "_id" in line else "id"]: STANDARD.find(line["text"]) for line in lines(name)
    }
    kinds = {id_: [one.kind for one in found] for id_, found in touched.items() if found}
    assert kinds == {id_: kinds for id_, kinds in PERSONAL.items() if id_ in touched}


def test_own_patterns_of_this_repository_take_work_names_only(articles):
    """What `sop.toml` adds finds a work name, and of the articles' questions only one has one."""
    settings = load_settings(REPOSITORY / "sop.toml", {})
    own = Redactor(read_patterns(settings.redact_patterns), settings.phone_regions)
    assert own.redact("mod-sg-0412 lost the role moderator_urgent, GH-1060") == (
        "[user-id] lost the role moderator_urgent, GH-1060"
    )
    asked = [question for article in articles for question in article.front_matter.questions]
    found = {question: own.redact(question) for question in asked if own.find(question)}
    work_name = "typed mod-ie-0077 up there and get a long list of hits"
    assert found == {work_name: work_name.replace("mod-ie-0077", "[user-id]")}
