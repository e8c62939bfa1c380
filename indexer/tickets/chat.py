"""Several chat messages in one text: who and when go, bots go, what people said stays."""

from __future__ import annotations

import re
from collections import Counter

_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_NAME = r"(?P<name>(?!\d)\w[\w.'’-]{0,24}(?: [\w.'’()-]{1,24}){0,3})"
# As in "[10:32] Ana: …" and "[23/11/2026, 15:58:02] Jun Hao: …".
_BRACKETED = re.compile(rf"\s*\[(?:{_DATE},? )?{_TIME}\] {_NAME}: ?(?P<text>.*)")
# As in "23/11/2026, 15:58 - Jun Hao: …" and "10:32 AM Ana: …".
_DATED = re.compile(rf"\s*(?:{_DATE},? )?{_TIME} (?:- )?{_NAME}: (?P<text>.*)")
# As in "Ana  10:32 AM", "**Tuan** [03:12]" and "Esther Mwangi, 12:31"; the text stands below.
_HEADING = re.compile(rf"\s*\**{_NAME}\**[, ]\s*\[?(?:{_DATE},? )?{_TIME}\]?\s*")
_COMMENT = re.compile(
    rf"\s*(?:comment by|kommentar von|comentari?o de|commentaire de) {_NAME},? .{{0,60}}",
    re.IGNORECASE,
)
_TIME_ALONE = re.compile(rf"\s*\[?{_TIME}\]?\s*")
_NAMED = re.compile(rf"{_NAME}: (?P<text>.*)")
# Words before a colon that are no speaker.
_NO_SPEAKER = re.compile(
    r"(?:error|warn(?:ing)?|info|debug|trace|fatal|severe|critical|notice|note|caused by|queue"
    r"|region|user|tool|code|message|ts"
    r"|status|url|page|time|date|steps?|expected|actual|result|name|password|passwd|pwd|login"
    r"|pin|token|secret|key|subject|from|to"
    r"|sent|cc|tel|phone|mobile|fax|e-?mail|host|version|browser|os|id|p\.?s\.?|re|fw|fwd"
    r"|(?:\w+ )?(?:id|code|number|name|key))",
    re.IGNORECASE,
)
_BOT = re.compile(
    r"(?:.*\b|)(?:bot|assistant|automation|system|virtual|robot|no-?reply|agent|helpdesk)\b.*"
    r"|support(?: team)?",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"\W*(?:this message was deleted|media omitted|joined|left|missed voice call)\W*", re.IGNORECASE
)
_MAX_HEAD = 200


def keep_what_people_said(lines: list[str]) -> list[str]:
    """Take names and times off chat messages, and leave out what bots and agents wrote."""
    has_names = _has_speakers(lines)
    has_headings = sum(_is_heading(line) for line in lines) > 1
    kept: list[str] = []
    is_bot = False
    for line in lines:
        speaker, text = _speaker_and_text(line, has_names, has_headings)
        if speaker is not None:
            is_bot = bool(_BOT.fullmatch(speaker))
        if not is_bot and not _DELETED.fullmatch(text[:_MAX_HEAD]):
            kept.append(text)
    return kept


def _speaker_and_text(line: str, has_names: bool, has_headings: bool) -> tuple[str | None, str]:
    """Return who begins to speak in a line, None for nobody new, and what is said in it."""
    if found := _message(line, has_names):
        return found["name"], found["text"]
    if has_headings and (heading := _heading(line)):
        return heading["name"], ""
    if has_headings and _TIME_ALONE.fullmatch(line[:_MAX_HEAD]):
        return None, ""
    return None, line


def _message(line: str, has_names: bool) -> re.Match[str] | None:
    """Return speaker and text of a line that is one message."""
    found = _BRACKETED.fullmatch(line) or _DATED.fullmatch(line)
    if found and " " in found["name"] and not found["name"].istitle():
        return None
    if found is None and has_names:
        found = _NAMED.fullmatch(line)
    return None if found is None or _NO_SPEAKER.fullmatch(found["name"]) else found


def _heading(line: str) -> re.Match[str] | None:
    head = line[:_MAX_HEAD]
    return _HEADING.fullmatch(head) or _COMMENT.fullmatch(head)


def _is_heading(line: str) -> bool:
    return _heading(line) is not None


def _has_speakers(lines: list[str]) -> bool:
    """Tell a chat "ana: hi" from a form "Region: ie": the same names speak again and again."""
    filled = [line for line in lines[1:] if line.strip()]
    names = [found["name"] for line in filled if (found := _NAMED.match(line))]
    speakers = Counter(name for name in names if not _NO_SPEAKER.fullmatch(name))
    said = sum(speakers.values())
    return said >= 3 and said >= 0.6 * len(filled) and len(speakers) <= max(2, said // 2)
