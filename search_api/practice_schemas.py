"""What the practice page's routes send and take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from search_api.practice.exercises import Source
from search_api.practice.room import Origin
from search_api.schemas import HighlightPiece

Turn = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class PracticeArea(BaseModel):
    """A folder of articles, and how many questions there are to it."""

    area: str
    name: str
    questions: int


class PracticeLanguage(BaseModel):
    """A language, BCP 47, and how many questions there are in it."""

    language: str
    questions: int


class PracticeResponse(BaseModel):
    """Ids of the questions that this caller may practise with, those that people asked first.

    `origin` says whether those that people asked are among them, or why they are not.
    """

    asked: list[str]
    own: list[str]
    origin: Origin
    areas: list[PracticeArea]
    languages: list[PracticeLanguage]
    is_demo: bool


class PracticeChoice(BaseModel):
    """An article to choose."""

    id: str
    title: str
    summary: str
    area: str
    language: str


class PracticeQuestion(BaseModel):
    """A question with its choices; which one is right is told to a pick only."""

    id: str
    text: str
    language: str
    source: Source
    askers: int
    choices: list[PracticeChoice]
    index_version: str


class PracticePick(BaseModel):
    """What a trainee chose; `again` where this browser has tried the question before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    turn: Turn
    article_id: Annotated[str, Field(min_length=1, max_length=500)] | None
    mode: Literal["choose", "search"] = "choose"
    again: bool = False


class PracticePassage(BaseModel):
    """An article, and the passage of it that is nearest to the question."""

    id: str
    title: str
    summary: str
    url: str | None
    area: str
    language: str
    heading_path: list[str]
    highlights: list[HighlightPiece]


class PracticeVerdict(BaseModel):
    """Whether a pick was right, and why.

    `answer` is the article that answers, `null` where none does; `left_out` says that it was
    not among the choices, so that none of them was right.
    """

    right: bool
    area: str
    area_name: str
    left_out: bool
    answer: PracticePassage | None
    chosen: PracticePassage | None
    counted: bool


class PracticeTopics(BaseModel):
    """The topics that trainees fail, the most failed first; see `sop gaps`."""

    days: int
    topics: list[dict[str, Any]]
