"""Judges redaction on labelled questions: what it finds, and what it takes by mistake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import SopError
from indexer.redaction.found import Found, Span
from indexer.redaction.redactor import Redactor

# Stands inside tokens of a labelled file, so that no scanner of repositories takes them for real.
BAR = "\u2016"
# A value's label may leave out a mark that belongs to it; more would be the sentence.
_MOST_BEYOND = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and what in it is personal or secret.

    Attributes:
        about: its class; for one without values, what it looks like.
        values: class and place of each.
    """

    id: str
    about: str
    text: str
    values: tuple[tuple[str, Span], ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A value that stayed, or a text that was taken by mistake."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ClassResult:
    """How well one class is found.

    Attributes:
        values: labelled ones.
        found: those that are gone to the last character, whatever stands in their place.
        taken: what the class's rule took out.
        right: how much of that overlaps a value and goes at most three characters beyond it.
    """

    name: str
    values: int
    found: int
    taken: int
    right: int

    @property
    def recall(self) -> float:
        """Return the share of values that are gone; 1 where there are none."""
        return self.found / self.values if self.values else 1.0

    @property
    def precision(self) -> float:
        """Return the share of what was taken that was a value; 1 where nothing was taken."""
        return self.right / self.taken if self.taken else 1.0


@dataclass(frozen=True, slots=True)
class RedactionResult:
    """How well redaction does on labelled questions, by class, in order of their names."""

    classes: tuple[ClassResult, ...]
    stayed: tuple[Miss, ...]
    mistaken: tuple[Miss, ...]


def read_labelled(file: Path) -> list[Labelled]:
    """Return the questions of a file of JSON lines.

    Each line has `id`, `about`, `text` and `values`, a list of class and value in the order in
    which they stand in the text. A double bar in text and values is left out.

    Raises:
        SopError: a line is not such an object, or a value does not stand in its text.
    """
    questions = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            stated = json.loads(line)
            text, place, values = stated["text"].replace(BAR, ""), 0, []
            for name, labelled in stated["values"]:
                value = labelled.replace(BAR, "")
                start = text.index(value, place)
                place = start + len(value)
                values.append((name, (start, place)))
            questions.append(Labelled(stated["id"], stated["about"], text, tuple(values)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SopError(
                f"{file}:{number}: {error!r}; a line has id, about, text and values that stand "
                "in the text, in order"
            ) from error
    return questions


def judge_redaction(questions: Sequence[Labelled], redactor: Redactor) -> RedactionResult:
    """Return recall and precision of a redactor on labelled questions.

    A class is a rule's name; a value counts as found when all its characters are gone.
    """
    counts: dict[str, list[int]] = {}
    stayed, mistaken = [], []
    for question in questions:
        found = redactor.find(question.text)
        for name, span in question.values:
            row = counts.setdefault(name, [0] * 4)
            row[0] += 1
            if any(one.start <= span[0] and span[1] <= one.end for one in found):
                row[1] += 1
            else:
                stayed.append(Miss(question.id, name, question.text[slice(*span)]))
        for one in found:
            row = counts.setdefault(one.rule, [0] * 4)
            row[2] += 1
            if _is_right(one, (span for _, span in question.values)):
                row[3] += 1
            else:
                mistaken.append(Miss(question.id, one.rule, question.text[one.start : one.end]))
    classes = tuple(ClassResult(name, *counts[name]) for name in sorted(counts))
    return RedactionResult(classes, tuple(stayed), tuple(mistaken))


def _is_right(found: Found, values: Iterable[Span]) -> bool:
    covered = sum(max(0, min(end, found.end) - max(start, found.start)) for start, end in values)
    return covered > 0 and found.end - found.start - covered <= _MOST_BEYOND
