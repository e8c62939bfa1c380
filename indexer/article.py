"""One file becomes one article: its front matter, its body and what is derived from both.

Takes bytes, gives an `Article` or raises an `ArticleError` naming file, line and field.
Never touches the file system. Reading is tolerant: a missing or unknown key is a matter
for `sop check`. A key with a wrong value is refused here, since a wrong status or
audience could show what must not be shown.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from indexer import markdown
from indexer.errors import ArticleError
from indexer.safe_yaml import Loader, Mapping, load_mapping

MAX_ARTICLE_BYTES = 2 * 1024 * 1024
SUFFIXES = (".md", ".markdown", ".md.erb")
ID_PATTERN = r"^[a-z]{2,8}-\d{3,5}$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
# As callers and ticket tools write it (BCP 47, without its rarities).
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$"
REQUIRED_KEYS = (
    "id",
    "title",
    "summary",
    "type",
    "status",
    "owner",
    "questions",
    "last_reviewed",
    "review_by",
)
MIN_QUESTIONS = 3
# A misspelt name of one of these would publish what its writer meant to keep back.
_GUARDING_KEYS = ("status", "audience")
_KEY = re.compile(r"^[A-Za-z_][\w-]*:(\s|$)")
_ERB_TAG = re.compile(r"<%.*?%>", re.DOTALL)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ArticleId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
ArticleType = Literal[
    "how-to", "troubleshooting", "known-issue", "process", "policy", "reference", "tip"
]
Status = Literal["draft", "review", "active", "deprecated", "archived"]
Severity = Literal["sev1", "sev2", "sev3", "sev4"]


class _Part(BaseModel):
    """A nested front matter mapping; keys it does not know are left to `sop check`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Escalation(_Part):
    """Whom to involve when the article does not help, and what to bring."""

    team: Text
    """Key of a team in teams.yml."""
    channel: Text
    """Where that team is asked, such as "#support"; put quotes around a value with #."""
    severity: Severity
    """sev1 and sev2 wake somebody: they need evidence, and a team that is paged."""
    after_minutes: Annotated[int, Field(ge=0)]
    """After how many minutes without success to escalate; 0 for at once."""
    evidence: tuple[Text, ...] = ()
    """What to collect first, one thing an entry."""


class KnownIssue(_Part):
    """The state of a malfunction that engineering knows about."""

    reference: Text
    """The ticket or incident that engineering works on."""
    started: date
    """The day on which it began."""
    workaround: Text
    """One sentence that gets people working again; every answer shows it as a notice."""
    engineering_status: Text
    """Where engineering is: reported, cause found, fix on its way."""
    resolved: date | None = None
    """The day on which it ended; leave it out while it lasts."""


class Pin(_Part):
    """Why and until when an article is put forward."""

    until: date
    """The last day on which it stands on the home page."""
    reason: Text
    """Why people should know it now."""


class FrontMatter(BaseModel):
    """What a writer states about an article, by the names used in the file.

    Reading accepts a missing key; `sop check` and the JSON Schema demand `REQUIRED_KEYS`.
    The sentence below a key is what editors show a writer.
    """

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    id: ArticleId | None = None
    """Names the article for ever; `sop new` gives the next free one, and none is used again."""
    title: Text | None = None
    """The thing and what is done with it: Reset a lost second factor. Compared on its own."""
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    """For whom and when the article is, in 20 to 200 characters; stands under every suggestion."""
    type: ArticleType | None = None
    """A how-to, troubleshooting and known-issue have sections of their own; a tip has an end."""
    status: Status = "active"
    """draft and archived are seen by nobody; review is shown, marked as under review; deprecated
    leads to replaced_by."""
    owner: Text | None = None
    """The team that answers for the article: its key in teams.yml."""
    questions: tuple[Text, ...] = ()
    """At least three, in the words that people type. Each is found on its own, and belongs to one
    article only."""
    symptoms: tuple[Text, ...] = ()
    """What people see: error messages and codes, as they stand on the screen."""
    tags: tuple[Text, ...] = ()
    """What callers can filter by; those of platform.yml, where it lists any."""
    platforms: tuple[Text, ...] = ()
    """The tools that the article is about; those of platform.yml, where it lists any."""
    language: Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)] = "en"
    """Language of the text: en, de, zh-Hans."""
    audience: Annotated[tuple[Text, ...], Field(min_length=1)] = ("internal",)
    """Who may see it, on the site and in answers."""
    sharing: Text | None = None
    """One line on what may not be passed on; shown with every suggestion."""
    escalation: Escalation | None = None
    """Whom to involve when the article does not help, after how long, and what to bring."""
    known_issue: KnownIssue | None = None
    """The state of a malfunction; needed for the type known-issue."""
    last_reviewed: date | None = None
    """The day on which somebody last checked that it is right: 2026-10-14."""
    review_by: date | None = None
    """The day of the next review; after it the article is marked as overdue and ranks lower."""
    related: tuple[ArticleId, ...] = ()
    """Ids of articles that help with the same."""
    replaced_by: ArticleId | None = None
    """Id of the article that answers now; for deprecated ones only."""
    redirect_from: tuple[Text, ...] = ()
    """Addresses that the article had before: sop/access/old-name.md."""
    depends_on: tuple[Text, ...] = ()
    """Tools and ids of articles that it relies on; when they change, sop check names it."""
    pinned: Pin | None = None
    """Until when a tip stands on the home page, and why; needed for the type tip."""
    # These four belong to the site's theme.
    template: Any = None
    """Belongs to Material for MkDocs: the page's template."""
    hide: Any = None
    """Belongs to Material for MkDocs: parts of the page that are left out."""
    search: Any = None
    """Belongs to Material for MkDocs: how the site's own search treats the page."""
    icon: Any = None
    """Belongs to Material for MkDocs: the page's icon."""


@dataclass(frozen=True, slots=True)
class Article:
    r"""One SOP as it was read.

    Attributes:
        id: the front matter's `id`, or the path without suffix where there is none.
        path: the file below the folder that was read, with `/`.
        title: front matter, else first level-1 heading, else the file's name made readable.
        front_matter: what the writer stated; of a foreign file only what is safe to take over.
        body: the Markdown after the front matter, with `\n` line ends.
        body_line: the line of the file on which `body` starts, counted from 1.
        id_line: the line of the `id` key; 1 where the id comes from the path.
        updated: when the file last changed in git, if known.
    """

    id: str
    path: str
    title: str
    front_matter: FrontMatter
    body: str
    body_line: int
    id_line: int = 1
    updated: datetime | None = field(default=None, compare=False)

    @property
    def is_published(self) -> bool:
        """Whether anybody may be shown it: drafts and archived articles are nobody's."""
        return self.front_matter.status not in ("draft", "archived")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to suggest: no text, and nothing that a writer stated."""
        return not self.body.strip() and not self.front_matter.id


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file split at its front matter; `mapping` is None where there is none."""

    mapping: Mapping | None
    body: str
    body_line: int


def parse_article(path: str, raw: bytes) -> Article:
    """Return the article that a file holds.

    Args:
        path: the file below the folder being read, with `/`; gives id and title where
            the front matter does not.
        raw: the file's bytes: UTF-8, at most `MAX_ARTICLE_BYTES`.

    Raises:
        ArticleError: the bytes are no text, the front matter is broken or dangerous, or
            one of our keys has a value that is not allowed.
    """
    return article_of(path, split_front_matter(path, raw))


def article_of(path: str, source: SourceText) -> Article:
    """Return the article that a split file holds; see `parse_article`."""
    stated = source.mapping
    if stated:
        _refuse_near_guards(stated, path)
    if stated and is_ours(stated.values):
        front_matter = _validated(stated, path)
    else:
        front_matter = _foreign(stated.values if stated else {})
    title = (
        front_matter.title or markdown.first_title(source.body) or readable_name(path) or "Untitled"
    )
    return Article(
        id=front_matter.id or without_suffix(path),
        path=path,
        title=title,
        front_matter=front_matter,
        body=source.body,
        body_line=source.body_line,
        id_line=stated.lines["id"] if stated and front_matter.id else 1,
    )


def split_front_matter(path: str, raw: bytes, load: Loader = load_mapping) -> SourceText:
    """Decode a file and separate its front matter from its body.

    Args:
        path: see `parse_article`.
        raw: see `parse_article`.
        load: reads the YAML.

    Raises:
        ArticleError: see `parse_article`.
    """
    text = _decoded(path, raw)
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        _refuse_hidden_fence(path, lines)
        return SourceText(None, text, 1)
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        if len(lines) > 1 and _KEY.match(lines[1]):
            raise ArticleError(path, 1, "front matter is opened with --- here and never closed")
        return SourceText(None, text, 1)
    mapping = load("\n".join(lines[1:end]), path, 2)
    if mapping is None:
        # Two thematic breaks with prose between them, or an empty block.
        empty = not "".join(lines[1:end]).strip()
        return SourceText(
            None, "\n".join(lines[end + 1 :]) if empty else text, end + 2 if empty else 1
        )
    return SourceText(mapping, "\n".join(lines[end + 1 :]), end + 2)


def _refuse_hidden_fence(path: str, lines: list[str]) -> None:
    """Raise where front matter is meant but would be read as prose.

    A blank line, a space or a fourth hyphen is enough to make it prose, and then nothing
    that it says would hold the article back.
    """
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or not re.fullmatch(r"\s*-{3,}\s*", lines[first]):
        return
    for line in lines[first + 1 :]:
        if not line.strip() or line.strip().startswith("---"):
            return
        if line.partition(":")[0].strip().lower() in ("id", "draft", *_GUARDING_KEYS):
            reason = "front matter must begin on line 1 with exactly three hyphens"
            raise ArticleError(path, first + 1, reason)


def is_ours(values: dict[str, Any]) -> bool:
    """Tell whether front matter follows our schema: it has a valid `id`."""
    return isinstance(values.get("id"), str) and re.fullmatch(ID_PATTERN, values["id"]) is not None


def without_suffix(path: str) -> str:
    """Return a path without its Markdown suffix."""
    suffix = max((s for s in SUFFIXES if path.lower().endswith(s)), key=len, default="")
    return path[: len(path) - len(suffix)]


def readable_name(path: str) -> str:
    """Return a title made from a file's name; of an index file, from its folder's name."""
    parts = PurePosixPath(without_suffix(path).removesuffix(".html")).parts
    names = [part for part in parts if part.lower() not in ("index", "readme")] or list(parts)
    words = re.sub(r"[-_.]+", " ", names[-1] if names else "").strip()
    return words[:1].upper() + words[1:]


def _decoded(path: str, raw: bytes) -> str:
    """Return the text of a file; say on which line it stops being text."""
    if len(raw) > MAX_ARTICLE_BYTES:
        raise ArticleError(
            path, 1, f"the file is {len(raw):,} bytes; at most {MAX_ARTICLE_BYTES:,} are read"
        )
    if (nul := raw.find(b"\0")) >= 0:
        raise ArticleError(path, raw.count(b"\n", 0, nul) + 1, "NUL byte: this is no text file")
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ArticleError(path, line, "not UTF-8; save the file in that encoding") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if path.lower().endswith(".erb"):
        # Template code is no prose; its line breaks stay, so that line numbers hold.
        text = _ERB_TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text)
    return text


def _validated(stated: Mapping, path: str) -> FrontMatter:
    """Return our front matter, or raise for the first key whose value is not allowed."""
    for key in stated.repeated:
        raise ArticleError(path, stated.lines[key], "stands twice; keep one", field=key)
    try:
        return FrontMatter.model_validate(stated.values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        name = ".".join(str(part) for part in first["loc"])
        raise ArticleError(path, stated.lines[key], first["msg"], field=name) from error


def _is_text(text: str) -> bool:
    """Tell whether there is a text that can be written as UTF-8."""
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def _refuse_near_guards(stated: Mapping, path: str) -> None:
    """Raise for a key that nearly spells one which would keep the article back."""
    for key in stated.values:
        if key not in FrontMatter.model_fields and not key.startswith("x-"):
            for guard in get_close_matches(key.lower(), _GUARDING_KEYS, n=1, cutoff=0.8):
                raise ArticleError(
                    path, stated.lines[key], f"unknown key: did you mean {guard}?", field=key
                )


def _foreign(values: dict[str, Any]) -> FrontMatter:
    """Return what can be taken over from front matter that is not ours.

    A status or an audience that we know counts here too: it may be ours with a mistake in
    the id, and must not show what its writer meant to keep back.
    """
    taken: dict[str, Any] = {}
    status = str(values.get("status", "")).lower()
    if values.get("draft") is True:
        status = "draft"
    if status in get_args(Status):
        taken["status"] = status
    if "audience" in values:
        named = values["audience"]
        names = named if isinstance(named, list) else [named]
        readable = [str(name).strip() for name in names if _is_text(str(name).strip())]
        taken["audience"] = readable or ["nobody"]
    title, language = values.get("title"), values.get("language")
    if isinstance(title, str) and title.strip() and _is_text(title):
        taken["title"] = " ".join(title.split())
    if isinstance(language, str) and re.fullmatch(LANGUAGE_PATTERN, language):
        taken["language"] = language
    return FrontMatter(**taken)
