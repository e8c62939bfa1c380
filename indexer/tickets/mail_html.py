"""HTML mail to lines of text, laid out like a text mail so that the same steps read both.

Quoted parts get `>` in front, and signatures that mark themselves are left out. Unlike
`indexer.markdown.html_text`, which reduces what writers put into articles, this one knows
how mail programs mark their parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser

from indexer.markdown import without_comments

_SILENT = frozenset(
    {"script", "style", "title", "head", "template", "svg", "math", "noscript", "object"}
)
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "button",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "o:p",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_CELLS = frozenset({"td", "th"})
_PARAGRAPHS = frozenset({"p", "div", "table", "blockquote", "hr", "ul", "ol"})
_QUOTED = re.compile(
    r"gmail_quote(?!_attribution)|yahoo_quoted|moz-cite|protonmail_quote|zmail_extra|type=cite"
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|(?:^| )signature|ms-outlook-mobile-signature"
    r"|applemailsignature|protonmail_signature|zd-footer"
)
# Below these everything is the older mail; none of them encloses it.
_OLDER_BELOW = re.compile(
    r"divrplyfwdmsg|appendonsend|mail-editor-reference-message"
    r"|ms-outlook-mobile-reference-message|olk_src_body_section"
)
_SEPARATOR = "-----Original Message-----"
_HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all")
# The standard library's parser reads on to the end of the text at every `<` that opens nothing.
_LONELY_BRACKET = re.compile(r"<(?![a-zA-Z/?!][^<>]*>)")
_MAX_DEPTH = 200


def mail_text(html: str) -> str:
    """Return the words of an HTML mail, a line for each block, `>` before quoted lines."""
    reader = _MailReader()
    reader.feed(_LONELY_BRACKET.sub("&lt;", without_comments(html)))
    reader.close()
    return reader.text()


class _MailReader(HTMLParser):
    """Collects lines with the number of quotes around them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[int, list[str]]] = [(0, [])]
        self._signature: list[str] = []
        # Open elements with the role each of them has: "", "quoted", "signature", "silent".
        self._open: list[tuple[str, str]] = []
        self._open_tags: Counter[str] = Counter()
        self._roles: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        values = {name: (value or "").lower() for name, value in attrs}
        marks = " ".join(f"{values.get(name, '')}" for name in ("class", "id", "data-smartmail"))
        if values.get("type") == "cite":
            marks += " type=cite"
        if _OLDER_BELOW.search(marks):
            self._lines += [(0, []), (0, [_SEPARATOR]), (0, [])]
        if tag in _CELLS:
            self.handle_data(" ")
        elif tag not in _INLINE:
            self._break(is_paragraph=tag in _PARAGRAPHS)
        if tag in _VOID or len(self._open) >= _MAX_DEPTH:
            return
        role = _role(tag, marks, values.get("style", ""))
        self._open.append((tag, role))
        self._open_tags[tag] += 1
        self._roles[role] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE and tag not in _CELLS:
            self._break(is_paragraph=tag in _PARAGRAPHS)
        if not self._open_tags[tag]:
            return
        while self._open:
            name, role = self._open.pop()
            self._open_tags[name] -= 1
            self._roles[role] -= 1
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._roles["silent"]:
            return
        if self._roles["signature"]:
            self._signature.append(data)
            return
        self._lines[-1][1].append(data)

    def text(self) -> str:
        """Return the lines; a signature only when there is nothing else."""
        lines: list[str] = []
        for depth, parts in self._lines:
            words = " ".join("".join(parts).split())
            if words or (lines and lines[-1]):
                lines.append("> " * depth + words if words else "")
        text = "\n".join(lines).strip()
        if any(c.isalnum() for c in text):
            return text
        return " ".join("".join(self._signature).split())

    def _break(self, *, is_paragraph: bool) -> None:
        depth = min(self._roles["quoted"], 9)
        if is_paragraph:
            self._lines.append((0, []))
        self._lines.append((depth, []))


def _role(tag: str, marks: str, style: str) -> str:
    if tag in _SILENT or _HIDDEN.search(style):
        return "silent"
    if _SIGNATURE.search(marks):
        return "signature"
    if tag == "blockquote" or _QUOTED.search(marks):
        return "quoted"
    return ""
