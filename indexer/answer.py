"""A question becomes an answer: the one path that service, command line and evaluation share.

Question -> vector -> ranked articles with their confidence -> decision. Takes a clean
question (see `clean_question`), and knows neither callers nor HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indexer.calibration import Decision
from indexer.ranking import RankedArticle, rank
from indexer.snapshot import Snapshot
from indexer.vectors import Mask

# The decision looks equally deep whatever number of articles is wanted.
DECISION_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a snapshot says to one question.

    Attributes:
        ranked: the best articles, best first.
        likeliest: the one that the decision rests on; None where no article is allowed.
        decision: `suggest` when that one is likely enough to answer.
    """

    ranked: tuple[RankedArticle, ...]
    likeliest: RankedArticle | None
    decision: Decision


def answer(snapshot: Snapshot, question: str, allowed: Mask, today: date, top_k: int) -> Answer:
    """Return the best articles for a question, and whether one of them is likely to answer.

    Args:
        snapshot: where to search.
        question: clean text, not empty.
        allowed: bool, shape (articles,); what this caller may be shown, see `allowed_articles`.
        today: decides which articles are past their review date.
        top_k: articles wanted, at least 1.
    """
    vector = snapshot.encoder.encode([question], "query")[0]
    depth = max(top_k, DECISION_DEPTH)
    ranked = rank(snapshot, question, vector, allowed, today, depth)
    likeliest = max(ranked[:DECISION_DEPTH], key=lambda found: found.confidence, default=None)
    confidence = likeliest.confidence if likeliest else 0.0
    return Answer(
        ranked=tuple(ranked[:top_k]),
        likeliest=likeliest,
        decision=snapshot.manifest.calibration.decide(confidence),
    )
