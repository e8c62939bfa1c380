"""An adopted file's text: our front matter, what the old one said, and the body as it was.

Pure. The body keeps its bytes: only a title that went into the front matter, and addresses
of links, differ.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from indexer import markdown
from indexer.article import FrontMatter, SourceText, split_front_matter
from indexer.errors import ArticleError
from indexer.safe_yaml import scalar

ADOPTED_KEY = "x-adopted"
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Original:
    r"""A foreign file, taken apart.

    Attributes:
        path: below the folder that is adopted.
        stated: its front matter; empty where it has none.
        front_matter: the same as it was written, without the lines around it.
        body: with `\n` line ends; of `.erb` files the template code too.
        line_end: what the file's lines end with; `\n` where it has several kinds.
        digest: of the file's bytes, to see whether it has changed.
    """

    path: str
    stated: Mapping[str, Any]
    front_matter: str
    body: str
    line_end: str
    digest: str


@dataclass(frozen=True, slots=True)
class Titled:
    """A body and the title that was taken off it.

    Attributes:
        body: without the title.
        heading: the heading's lines as they were written; empty where the body has no title.
    """

    body: str
    heading: str


def read_original(path: str, raw: bytes) -> Original:
    """Take a file apart.

    Raises:
        ArticleError: see `split_front_matter`.
    """
    # Template code is text here: nothing of a file is to be lost.
    source = split_front_matter(path.removesuffix(".erb"), raw)
    text = raw.removeprefix(codecs.BOM_UTF8).decode()
    pairs = text.count("\r\n")
    is_windows = 0 < pairs == text.count("\n") == text.count("\r")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Original(
        path=path,
        stated=source.mapping.values if source.mapping else {},
        front_matter="\n".join(lines[1 : source.body_line - 2]) if source.mapping else "",
        body=source.body,
        line_end="\r\n" if is_windows else "\n",
        digest=f"sha256-{hashlib.sha256(raw).hexdigest()[:12]}",
    )


def without_title(body: str, title: str) -> Titled:
    """Return a body without the level-1 heading that opens it, where that is the title.

    Comments may stand before it. The empty lines behind it go with it.
    """
    for node in markdown.parse(body).children:
        if node.type == "html_block" and not markdown.html_text(node.content):
            continue
        if node.type != "heading" or node.tag != "h1" or node.map is None:
            break
        text = markdown.heading(node.children[0]).text
        if " ".join(text.split()) != " ".join(title.split()):
            break
        lines = body.split("\n")
        start, end = node.map
        heading = "\n".join(lines[start:end])
        while end < len(lines) - 1 and not lines[end].strip():
            end += 1
        return Titled("\n".join([*lines[:start], *lines[end:]]), heading)
    return Titled(body, "")


def compose(
    original: Original, source: str, values: Mapping[str, Any], titled: Titled, body: str
) -> bytes:
    """Return the article that a file becomes, checked by reading it back.

    Args:
        original: the file.
        source: what it is recognised by later.
        values: our front matter, in order.
        titled: what was taken off its body.
        body: what was left, with its links rewritten.

    Raises:
        ArticleError: its front matter cannot be carried over.
    """
    lines = ["---", *_front_matter(values), f"{ADOPTED_KEY}:", f"  source: {scalar(source)}"]
    lines.append(f"  digest: {scalar(original.digest)}")
    # What the plain title does not say, such as a link in it, must not be lost.
    if titled.heading and titled.heading != f"# {values['title']}":
        lines.append(f"  heading: {scalar(titled.heading)}")
    if original.front_matter:
        lines.append("  front_matter:")
        lines += [_INDENT + line if line else "" for line in original.front_matter.split("\n")]
    gap = "" if body.startswith("\n") else "\n"
    text = "\n".join([*lines, "---", ""]) + gap + body
    _verify(original, text, gap + body)
    return text.replace("\n", original.line_end).encode()


def adopted_as(source: SourceText) -> tuple[str, str] | None:
    """Return source and digest of an article that was adopted; None for another one."""
    stated = source.mapping.values.get(ADOPTED_KEY) if source.mapping else None
    if not isinstance(stated, dict) or not isinstance(stated.get("source"), str):
        return None
    return stated["source"], str(stated.get("digest"))


def _front_matter(values: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, value in values.items():
        if isinstance(value, list):
            lines += [f"{key}:", *(f"  - {scalar(one)}" for one in value)]
        else:
            lines.append(f"{key}: {scalar(value) if isinstance(value, str) else value}")
    return lines


def _verify(original: Original, text: str, body: str) -> None:
    """Raise where an article would not be read as it is meant."""
    try:
        written = split_front_matter(original.path.removesuffix(".erb"), text.encode())
        stated = written.mapping.values if written.mapping else {}
        kept = (stated.get(ADOPTED_KEY) or {}).get("front_matter") or {}
        FrontMatter.model_validate(stated)
        is_whole = written.body == body and repr(kept) == repr(dict(original.stated))
    except (ArticleError, ValidationError) as error:
        reason = error.reason if isinstance(error, ArticleError) else "a value is not allowed"
        raise ArticleError(
            original.path, 1, f"its front matter cannot be carried over: {reason}; shorten it"
        ) from error
    if not is_whole:
        raise ArticleError(
            original.path, 1, "its front matter cannot be carried over; write it in plain YAML"
        )
