"""Asks a snapshot every question of a dataset, the way the service would.

Besides the product's own ranking it keeps what each kind of evidence would have done
alone. Asks only; `indexer.evaluation.result` judges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.answer import answer
from indexer.calibration import Decision
from indexer.evaluation.dataset import Question
from indexer.question import clean_question
from indexer.ranking import RankedArticle
from indexer.snapshot import Snapshot
from indexer.tickets.characters import make_visible
from indexer.tickets.normalize import normalize

DEPTH = 10
PRODUCT, BM25, DENSE = "product", "BM25 alone", "dense alone"

# The systems of one snapshot: what each ranks by, higher first.
SYSTEMS: tuple[tuple[str, Callable[[RankedArticle], float]], ...] = (
    (PRODUCT, lambda found: -found.rank),
    (BM25, lambda found: found.evidence.lexical_article),
    (DENSE, lambda found: found.evidence.similarity),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came back.

    Attributes:
        ranked: ids of each system's first ten articles, best first, by the system's name.
        confidence: of the product's first article, in [0, 1]; 0 where it ranks none.
        decision: the product's own.
    """

    question: Question
    ranked: dict[str, tuple[str, ...]]
    confidence: float
    decision: Decision


def ask(
    snapshot: Snapshot,
    questions: Sequence[Question],
    today: date,
    is_redacted: bool = True,
    progress: Callable[[int], None] | None = None,
) -> list[Asked]:
    """Ask every question, in order.

    Args:
        snapshot: what to ask; every article in it may be shown.
        questions: as they came; they are cleaned here.
        today: decides which articles are past their review date.
        is_redacted: whether personal data is taken out first, as the service does. The
            difference is what redaction costs.
        progress: called with 1 after each question.
    """
    asked = []
    for question in questions:
        text = clean_question(question.text, None, None) if is_redacted else _raw(question.text)
        asked.append(ask_clean(snapshot, question, text, today))
        if progress:
            progress(1)
    return asked


def ask_clean(snapshot: Snapshot, question: Question, text: str, today: date) -> Asked:
    """Ask one question by its cleaned text, which may be empty; see `ask`."""
    if not text:
        # The service refuses a question of which nothing is left.
        return Asked(question, {name: () for name, _ in SYSTEMS}, 0.0, "abstain")
    allowed = np.ones(len(snapshot.articles), dtype=np.bool_)
    found = answer(snapshot, text, allowed, today, len(snapshot.articles))
    return Asked(
        question=question,
        ranked={name: _first_ids(snapshot, found.ranked, value) for name, value in SYSTEMS},
        confidence=found.confidences[0] if found.confidences else 0.0,
        decision=found.decision,
    )


def _raw(text: str) -> str:
    """Clean a question the way `clean_question` does, but leave personal data in."""
    return normalize(make_visible(text).strip())


def _first_ids(
    snapshot: Snapshot, ranked: Sequence[RankedArticle], value: Callable[[RankedArticle], float]
) -> tuple[str, ...]:
    """Return the ids of the first ten by a value; equal values in article order."""
    best = sorted(ranked, key=lambda found: (-value(found), found.article))[:DEPTH]
    return tuple(snapshot.articles[found.article].id for found in best)
