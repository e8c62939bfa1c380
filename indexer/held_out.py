"""An article's own questions, asked as if nobody had stated them: does the rest of it answer?

Takes an index in memory; gives for each question the rank of its article with the question's
own vector held out, and which article came first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.answer import read_question
from indexer.indexing import Indexed
from indexer.question_cache import encode_questions
from indexer.ranking import rank
from indexer.threads import one_blas_thread

# How far down the article is looked for, and how far it is found: people look no further.
DEPTH, SHOWN = 20, 3


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """An own question, and what came back.

    Attributes:
        path: of the article that states it.
        question: as it is stated.
        rank: of that article, counted from 1; None beyond `DEPTH`.
        first: path of the article that came first.
    """

    path: str
    question: str
    rank: int | None
    first: str

    @property
    def is_found(self) -> bool:
        """Whether its article is among the first `SHOWN`."""
        return self.rank is not None and self.rank <= SHOWN


def ask_own_questions(
    indexed: Indexed, wanted: Collection[str] | None = None
) -> list[AskedQuestion]:
    """Return what each own question brings with its own vector held out, in article order.

    Args:
        indexed: all articles.
        wanted: paths of articles; only their questions are asked. None for all.
    """
    asked = [
        one
        for one in indexed.own_questions()
        if wanted is None or indexed.articles[one[0]].path in wanted
    ]
    index = indexed.index
    read = [read_question(index, text) for _, _, text in asked]
    questions = encode_questions(index, read, remember=True)
    everything = np.ones(len(index), dtype=np.bool_)
    with one_blas_thread():
        # No article is overdue on the first day of the calendar: what was found yesterday is
        # found tomorrow.
        rankings = [
            rank(index, question, everything, date.min, DEPTH, held_out=row)
            for (_, row, _), question in zip(asked, questions, strict=True)
        ]
    found = []
    for (article, _, text), ranking in zip(asked, rankings, strict=True):
        order = [one.article for one in ranking.articles]
        found.append(
            AskedQuestion(
                path=indexed.articles[article].path,
                question=text,
                rank=order.index(article) + 1 if article in order else None,
                first=indexed.articles[order[0]].path,
            )
        )
    return found
