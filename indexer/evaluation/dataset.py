"""Labelled questions in the BEIR layout: a folder becomes a `Dataset`, or an error says why not.

    corpus.jsonl        {"id", "title", "text"}, one article a line; may be missing where the
                        articles come from somewhere else
    queries.jsonl       {"id", "text"}, and "lang" where questions are in several languages
    qrels.tsv           question id, article id, grade; or qrels/test.tsv, as BEIR has it
    oos_queries.jsonl   {"id", "text"}: questions that nothing in the corpus answers; optional

BEIR's own `_id` is read like `id`, and a header line in the qrels is passed over. Grades
above 0 mean relevant. Nothing is dropped in silence: what was passed over is counted in
the dataset's notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.article import Article, FrontMatter
from indexer.errors import SopError

CORPUS, QUESTIONS, UNANSWERABLE = "corpus.jsonl", "queries.jsonl", "oos_queries.jsonl"
QRELS = ("qrels.tsv", "qrels/test.tsv")
_HEADER_GRADES = frozenset({"score", "grade", "relevance", "rel"})


class DatasetError(SopError):
    """A dataset cannot be used; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that was asked.

    Attributes:
        language: a code such as `de`, or None where the dataset does not say.
    """

    id: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles, questions, and which answers which.

    Attributes:
        name: of the folder.
        articles: None where there is no `corpus.jsonl`.
        questions: those with at least one relevant article.
        grades: of each question's relevant articles, by question id, then by article id.
        unanswerable: questions that no article answers.
        notes: what was passed over, one sentence each.
    """

    name: str
    articles: tuple[Article, ...] | None
    questions: tuple[Question, ...]
    grades: Mapping[str, Mapping[str, int]]
    unanswerable: tuple[Question, ...]
    notes: tuple[str, ...]


def find_datasets(folder: Path) -> list[Path]:
    """Return the folders of datasets: `folder` itself, or those directly in it, by name.

    Raises:
        DatasetError: there is none.
    """
    if (folder / QUESTIONS).is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob(f"*/{QUESTIONS}"))
    if not found:
        raise DatasetError(f"{folder} holds no {QUESTIONS}, nor does a folder in it")
    return found


def read_dataset(folder: Path) -> Dataset:
    """Read one dataset.

    Raises:
        DatasetError: a file is missing or broken, an id stands twice, a judgement names
            a question that is not there, or no question has a relevant article.
    """
    corpus = folder / CORPUS
    articles = _read_articles(corpus) if corpus.is_file() else None
    asked = _read_questions(folder / QUESTIONS)
    qrels = next((folder / name for name in QRELS if (folder / name).is_file()), None)
    if qrels is None:
        raise DatasetError(f"{folder}: there is no {QRELS[0]}; without it nothing can be judged")
    grades = _read_grades(qrels, {question.id for question in asked})
    questions = tuple(question for question in asked if grades.get(question.id))
    if not questions:
        raise DatasetError(f"{qrels}: no question has a relevant article, a grade above 0")
    oos = folder / UNANSWERABLE
    return Dataset(
        name=folder.resolve().name,
        articles=articles,
        questions=questions,
        grades={question.id: grades[question.id] for question in questions},
        unanswerable=_read_questions(oos) if oos.is_file() else (),
        notes=_notes(len(asked) - len(questions)),
    )


def contested(unanswerable: Iterable[Question], names: Iterable[str]) -> tuple[Question, ...]:
    """Return the unanswerable questions that an article has as one of its names, word for word.

    Articles are written because something had no answer, so such a label is likely to be
    older than the article.

    Args:
        unanswerable: questions that nothing is said to answer.
        names: what the articles call themselves and are asked: titles and questions.
            Letters and digits count, their case does not.
    """
    known = {_bare(name) for name in names} - {""}
    return tuple(question for question in unanswerable if _bare(question.text) in known)


def missing_articles(dataset: Dataset, present: set[str]) -> list[str]:
    """Return the ids of relevant articles that are not among those present, in order."""
    relevant = {article for grades in dataset.grades.values() for article in grades}
    return sorted(relevant - present)


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _notes(without: int) -> tuple[str, ...]:
    if not without:
        return ()
    return (f"questions without a relevant article, not asked: {without}",)


def _read_articles(path: Path) -> tuple[Article, ...]:
    """Return the articles of a corpus, in its order; their path is their id."""
    articles: dict[str, Article] = {}
    for line, values in _json_lines(path):
        name = _id_of(values, path, line, articles)
        articles[name] = Article(
            id=name,
            path=name,
            title=_text_of(values, "title", path, line, default=""),
            front_matter=FrontMatter(),
            body=_text_of(values, "text", path, line),
            body_line=1,
        )
    if not articles:
        raise DatasetError(f"{path}: holds no article")
    return tuple(articles.values())


def _read_questions(path: Path) -> tuple[Question, ...]:
    """Return the questions of a file, in its order."""
    questions: dict[str, Question] = {}
    for line, values in _json_lines(path):
        name = _id_of(values, path, line, questions)
        text = _text_of(values, "text", path, line)
        if not text.strip():
            raise DatasetError(f"{path}:{line}: text: is empty; take the question out")
        language = _text_of(values, "lang", path, line, default="") or None
        questions[name] = Question(name, text, language)
    return tuple(questions.values())


def _read_grades(path: Path, question_ids: set[str]) -> dict[str, dict[str, int]]:
    """Return the grades above 0, by question and article."""
    grades: dict[str, dict[str, int]] = {}
    judged = set()
    for line, text in _lines(path):
        cells = text.split("\t")
        if len(cells) != 3:
            raise DatasetError(
                f"{path}:{line}: has {len(cells)} columns; there must be three with tabs "
                f"between them: question id, article id, grade"
            )
        question, article, grade = (cell.strip() for cell in cells)
        if line == 1 and grade.lower() in _HEADER_GRADES:
            continue
        if question not in question_ids:
            raise DatasetError(f"{path}:{line}: question id: {question} is not in {QUESTIONS}")
        if (question, article) in judged:
            raise DatasetError(f"{path}:{line}: {question} and {article} are judged twice")
        judged.add((question, article))
        if _whole_number(grade, path, line) > 0:
            grades.setdefault(question, {})[article] = int(grade)
    return grades


def _whole_number(grade: str, path: Path, line: int) -> int:
    try:
        return int(grade)
    except ValueError as error:
        reason = f"grade: {grade!r} is no whole number; 0 is not relevant, 1 or more relevant"
        raise DatasetError(f"{path}:{line}: {reason}") from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""Yield number and text of the lines that are not blank; only `\n` ends a line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise DatasetError(f"{path} is missing") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DatasetError(f"{path}:{line}: not UTF-8; save the file in that encoding") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip():
            yield line, row


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in _lines(path):
        try:
            values = json.loads(row)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{path}:{line}: not JSON: {error}") from error
        if not isinstance(values, dict):
            raise DatasetError(f"{path}:{line}: must be one JSON object")
        yield line, values


def _id_of(values: dict[str, Any], path: Path, line: int, known: Mapping[str, object]) -> str:
    """Return the id of a line's object: a text, or a number as text."""
    name = values.get("id", values.get("_id"))
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name.strip():
        raise DatasetError(f"{path}:{line}: id: must be a text that is not empty")
    if name in known:
        raise DatasetError(f"{path}:{line}: id: {name} stands twice; keep one")
    return name


def _text_of(
    values: dict[str, Any], key: str, path: Path, line: int, default: str | None = None
) -> str:
    """Return a field's text; a missing one is an error unless there is a default."""
    text = values.get(key)
    if text is None:
        text = default
    if not isinstance(text, str):
        found = "is missing" if text is None else f"is {type(text).__name__}, not a text"
        raise DatasetError(f"{path}:{line}: {key}: {found}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        reason = "holds half of a surrogate pair, which is no character"
        raise DatasetError(f"{path}:{line}: {key}: {reason}") from error
    return text
