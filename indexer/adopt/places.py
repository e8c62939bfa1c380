"""Where adopted files go: each path becomes `area/slug.md`, and no two the same.

Pure: takes paths below the folder that is adopted, gives paths below the articles' folder.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import PurePosixPath

from indexer.article import without_suffix

_MOST_SLUG_CHARS = 100
_NEARLY_ALL, _MANY, _FEW = 0.8, 20, 4
_FALLBACK_AREA, _FALLBACK_SLUG, _FRONT_PAGE = "adopted", "page", "overview"
_FRONT_PAGES = ("index", "readme", "_index")
# `KubeAPIDown` has three words.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MARKS = re.compile(r"[\s._-]")
_WORD = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"\d{1,3}")
# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
# Behind a file's name, `js`, `io`, `py` and the like are no languages.
_LANGUAGES = (
    "ar|bg|bn|ca|cs|cy|da|de|el|en|es|et|eu|fa|fi|fr|ga|gl|he|hi|hr|hu|hy|id|is|it|ja|ka|kk|ko|lt|"
    "lv|mk|ms|nb|nl|nn|no|pl|pt|ro|ru|sk|sl|sq|sr|sv|th|tr|uk|ur|uz|vi|zh"
)
_LANGUAGE_SUFFIX = re.compile(rf"(.+)\.((?:{_LANGUAGES})(?:-[A-Za-z]{{2,4}})?)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file goes.

    Attributes:
        area: valid name of the folder.
        slug: valid name of the file, without suffix.
    """

    area: str
    slug: str

    @property
    def path(self) -> str:
        """The path below the articles' folder."""
        return f"{self.area}/{self.slug}.md"


def choose_places(
    paths: Sequence[str], top: str, area: str | None, taken: Iterable[str]
) -> dict[str, Place]:
    """Return a place for each file, in the order of the paths.

    The first folder is the area, what lies below it joins the slug. A language other than
    English stays visible: `setup/01.de.md` becomes `setup-de`. The number of a folder's only
    numbered text, and names such as `index`, say nothing and are left out.

    Args:
        paths: of the files below the folder that is adopted, with `/`.
        top: what the area of files in no sub-folder is named after.
        area: of all files; None for one by folder.
        taken: paths below the articles' folder that exist already.
    """
    used = {path.casefold() for path in taken}
    numbered = Counter(folder for folder, _ in {_numbered(path) for path in paths})
    places: dict[str, Place] = {}
    for path in paths:
        folder, stem = _numbered(path)
        own_area, parts = _area(path, top, area)
        is_silent = _NUMBER.fullmatch(stem) and numbered[folder] == 1 and parts
        name = "" if is_silent else stem
        language = language_suffix(path)
        places[path] = _free(own_area, _slug([*parts, name]), language, used)
    return places


def narrower(paths: Sequence[str]) -> str | None:
    """Return the sub-folder that nearly all files lie in, where it has sub-folders of its own.

    All of them would share one area then, and areas would better be what lies below it.
    """
    folders = Counter(path.partition("/")[0] for path in paths if "/" in path)
    name, count = max(folders.items(), key=lambda one: one[1], default=("", 0))
    split = [path.split("/") for path in paths]
    deep = [parts[1] for parts in split if parts[0] == name and len(parts) > 2]
    is_nearly_all = count >= max(_MANY, _NEARLY_ALL * len(paths))
    are_areas = 2 * len(deep) > count and len(deep) >= _FEW * len(set(deep))
    return name if is_nearly_all and are_areas else None


def language_suffix(path: str) -> str | None:
    """Return the language that a file's name ends on, as in `setup.de.md`, if it does."""
    found = _LANGUAGE_SUFFIX.fullmatch(_stem(path))
    return found[2] if found else None


def valid_name(text: str) -> str:
    """Return lower case words with hyphens made from a text; nothing where it has no such word."""
    if not _MARKS.search(text):
        text = _HUMP.sub("-", text)
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return "-".join(_WORD.findall(kept.replace("'", "").replace("\u2019", "")))


def free_name(stems: Iterable[str], suffix: str, used: set[str]) -> str:
    """Return the first of some names that is not used, else the last with a number; use it."""
    last = ""
    for last in stems:
        if f"{last}{suffix}".casefold() not in used:
            break
    name, count = last, 1
    while f"{name}{suffix}".casefold() in used:
        count += 1
        name = f"{last}-{count}"
    used.add(f"{name}{suffix}".casefold())
    return name


def _area(path: str, top: str, area: str | None) -> tuple[str, list[str]]:
    """Return the area of a file, and the folders that its slug is to tell."""
    folders = list(PurePosixPath(path).parts[:-1])
    if area is not None:
        return area, folders
    named = valid_name(folders[0]) if folders else ""
    if named:
        return named, folders[1:]
    return valid_name(top) or _FALLBACK_AREA, folders


def _numbered(path: str) -> tuple[str, str]:
    """Return the folder of a file, and its name without suffix and language."""
    stem = _stem(path)
    found = _LANGUAGE_SUFFIX.fullmatch(stem)
    return PurePosixPath(path).parent.as_posix(), found[1] if found else stem


def _stem(path: str) -> str:
    return PurePosixPath(without_suffix(path)).name.removesuffix(".html")


def _slug(parts: Sequence[str]) -> str:
    """Return a slug from folders and a file's name."""
    *folders, name = parts
    if name.lower() in _FRONT_PAGES:
        name = "" if any(map(valid_name, folders)) else _FRONT_PAGE
    words = [word for part in (*folders, name) if (word := valid_name(part))]
    # `redis/redis-cli` says the folder's name already.
    told = [
        word
        for word, after in zip_longest(words, words[1:], fillvalue="")
        if not f"{after}-".startswith(f"{word}-")
    ]
    slug = "-".join(told) or _FALLBACK_SLUG
    if len(slug) > _MOST_SLUG_CHARS:
        slug = slug[:_MOST_SLUG_CHARS].rpartition("-")[0] or slug[:_MOST_SLUG_CHARS]
    return slug


def _free(area: str, slug: str, language: str | None, used: set[str]) -> Place:
    told = valid_name(language or "")
    translated = f"{area}/{slug}-{told}"
    if told in ("", "en"):
        stems = [f"{area}/{slug}", *([translated] if told else [])]
    else:
        stems = [translated]
    name = free_name(stems, ".md", used)
    return Place(area, name.removeprefix(f"{area}/"))
