"""A question becomes an answer: the one path that service, command line and evaluation share.

Question -> language -> vector -> ranked articles -> confidence -> decision. Takes a clean
question (see `clean_question`), and knows neither callers nor HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from indexer.calibration import DECISION_DEPTH, Decision
from indexer.encoder import Encoded
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.lexical import analyze
from indexer.ranking import Question, RankedArticle, rank
from indexer.search_index import SearchIndex
from indexer.snapshot import Snapshot
from indexer.vectors import Mask


@dataclass(frozen=True, slots=True)
class Answer:
    """What a snapshot says to one question.

    Attributes:
        language: of the question, two letters where they are known.
        question: as it was searched for and encoded, see `prepare`.
        ranked: the best articles, best first.
        confidences: of each of these, the calibrated probability that it answers.
        likeliest: row of the article that the decision rests on; None where none is allowed.
        confidence: its confidence; 0 where none is allowed.
        threshold: the confidence that is enough.
        decision: `suggest` when it is.
    """

    language: str
    question: Question = field(compare=False)
    ranked: tuple[RankedArticle, ...]
    confidences: tuple[float, ...]
    likeliest: int | None
    confidence: float
    threshold: float
    decision: Decision


def answer(
    snapshot: Snapshot,
    text: str,
    allowed: Mask,
    today: date,
    top_k: int,
    language: str | None = None,
) -> Answer:
    """Return the best articles for a question, and whether one of them is likely to answer.

    Args:
        snapshot: where to search.
        text: the clean question, not empty.
        allowed: bool, shape (articles,); what this caller may be shown, see `indexer.filters`.
        today: decides which articles are past their review date.
        top_k: articles wanted, at least 1.
        language: of the question, BCP 47; detected where it is not given.
    """
    read = read_question(snapshot.index, text, language)
    question = _encode(snapshot.index, read)
    calibration = snapshot.manifest.spaces[question.space].calibration
    ranking = rank(snapshot.index, question, allowed, today, max(top_k, DECISION_DEPTH))
    confidences = calibration.confidences(ranking)
    considered = zip(confidences[:DECISION_DEPTH], ranking.articles, strict=False)
    confidence, likeliest = max(considered, key=lambda pair: pair[0], default=(0.0, None))
    return Answer(
        language=read.language,
        question=question,
        ranked=ranking.articles[:top_k],
        confidences=tuple(confidences[:top_k]),
        likeliest=likeliest.article if likeliest else None,
        confidence=confidence,
        threshold=calibration.threshold,
        decision=calibration.decide(confidence),
    )


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question as it is searched for, before it is encoded.

    Attributes:
        text: corrected, with the glossary's terms.
        language: two letters where they are known.
        space: the vector space that it is asked in.
        terms: for BM25.
    """

    text: str
    language: str
    space: int
    terms: list[str]

    def encoded_as(self, encoded: Encoded) -> Question:
        """Return it as ranking takes it."""
        return Question(text=self.text, space=self.space, encoded=encoded, terms=self.terms)


def prepare(
    index: SearchIndex, text: str, language: str | None = None, space: int | None = None
) -> Question:
    """Return a question as ranking takes it; see `read_question`."""
    return _encode(index, read_question(index, text, language, space))


def read_question(
    index: SearchIndex, text: str, language: str | None = None, space: int | None = None
) -> ReadQuestion:
    """Return a question as it is searched for.

    English spelling is corrected, and terms of the glossary are added.

    Args:
        index: where it will be asked.
        text: the clean question.
        language: of the question, BCP 47; detected where it is not given.
        space: the vector space to encode it in; that of its language where none is given.
    """
    language = (language or detect_language(text)).partition("-")[0].lower()
    space = index.space_for(language) if space is None else space
    if language == DEFAULT_LANGUAGE:
        text = index.vocabulary.correct(text, lambda word: _is_word(index, word))
    text = index.vocabulary.expand(text)
    terms = analyze(text, language)
    if language != DEFAULT_LANGUAGE:
        # Names and English words in it are stemmed as the English articles are.
        known = set(terms)
        terms += [term for term in analyze(text) if term not in known]
    return ReadQuestion(text, language, space, terms)


def _encode(index: SearchIndex, read: ReadQuestion) -> Question:
    encoder = index.spaces[read.space].encoder
    return read.encoded_as(encoder.encode_tokens([read.text], "query")[0])


def _is_word(index: SearchIndex, word: str) -> bool:
    """Tell whether an English word is one: of the corpus in any form, or of the encoder.

    An encoder has a token of their own for some ten thousand words, and none for a slip.
    """
    return index.lexical_articles.knows(word) or index.spaces[0].encoder.has_token(word)
