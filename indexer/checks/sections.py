"""Rules about how an article is built: summary, sections, steps, headings, lists."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.checks.draft import SECTIONS
from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Source, meant, pairs_of
from indexer.checks.page import Block

_MOST_SUMMARY_CHARS, _FEWEST_SUMMARY_CHARS = 200, 20
_STEPS = "Steps"
# Where a draft has prompts in its front matter: the mapping, empty for the top, and its keys.
_PROMPTED = (
    ("", "summary", "questions"),
    ("known_issue", "reference", "workaround"),
    ("pinned", "reason"),
    ("escalation", "evidence"),
)


def summary(folder: Folder) -> Iterator[Fault]:
    """The summary is one or two sentences that say more than the title."""
    for source in folder.looked_at:
        text = source.word("summary")
        if text is None:
            continue
        length = len(text.strip())
        line = source.line_of("summary")
        if length > _MOST_SUMMARY_CHARS:
            message = (
                f"the summary has {length} characters, at most {_MOST_SUMMARY_CHARS} are shown"
            )
            yield source.fault(line, message, f"take {length - _MOST_SUMMARY_CHARS} out")
        elif length < _FEWEST_SUMMARY_CHARS:
            message = f"the summary has {length} characters, which says too little"
            yield source.fault(line, message, "say for whom and when the article is")
        elif _plain(text) == _plain(source.word("title") or ""):
            hint = "say for whom and when the article is"
            yield source.fault(line, "the summary repeats the title", hint)


def sections(folder: Folder) -> Iterator[Fault]:
    """An article has the sections of its type, in their order, each with a text."""
    for source in folder.looked_at:
        wanted = _wanted(source)
        found = [section.heading for section in source.page.sections]
        names = [heading.text for heading in found]
        for name in wanted:
            if name not in names:
                others = [other for other in names if other not in wanted]
                hint = meant(name, others, "")
                hint = f"rename the section {hint[13:-1]}" if hint else f"add ## {name}"
                line = found[0].line if found else source.body_line
                message = f"the section {name} is missing"
                yield source.fault(line, message, f"{hint}; the order is {', '.join(wanted)}")
        present = [heading for heading in found if heading.text in wanted]
        ordered = sorted(present, key=lambda heading: wanted.index(heading.text))
        for is_heading, should in zip(present, ordered, strict=True):
            if is_heading is not should:
                message = f"the section {is_heading.text} stands where {should.text} should"
                hint = f"the order is {', '.join(wanted)}"
                yield source.fault(is_heading.line, message, hint)
                break
        for section in source.page.sections:
            if section.is_empty and section.heading.text in wanted:
                message = f"the section {section.heading.text} is empty"
                yield source.fault(section.heading.line, message, "write it, one sentence at least")


def steps(folder: Folder) -> Iterator[Fault]:
    """The steps of a how-to are a numbered list."""
    for source in folder.looked_at:
        for section in source.page.sections if _STEPS in _wanted(source) else ():
            if section.heading.text == _STEPS and not section.has_steps and not section.is_empty:
                message = "the section Steps has no numbered list"
                hint = "write 1. and one action a step, with what one sees after it"
                yield source.fault(section.heading.line, message, hint)


def headings(folder: Folder) -> Iterator[Fault]:
    """Headings begin at the second level, skip none, and are told apart."""
    for source in folder.looked_at:
        level, seen = 1, set[str]()
        for heading in source.page.headings:
            if not heading.text:
                yield source.fault(heading.line, "an empty heading", "write or remove it")
            elif heading.level == 1 and "title" in source.values:
                message = f"{heading.text} is a second title beside the front matter's"
                yield source.fault(heading.line, message, "remove it, or begin it with ##")
            elif heading.level > level + 1:
                message = f"{heading.text} has level {heading.level} below level {level}"
                yield source.fault(heading.line, message, f"begin it with {'#' * (level + 1)}")
            elif heading.text in seen:
                message = f"{heading.text} stands twice; a link to #{heading.anchor} is fragile"
                yield source.fault(heading.line, message, "say what tells them apart")
            level = heading.level
            seen.add(heading.text)


def numbering(folder: Folder) -> Iterator[Fault]:
    """A numbered list counts from 1, as the site shows it."""
    for source in folder.looked_at:
        for found in source.page.lists:
            count = len(found.numbers)
            is_lazy = set(found.numbers) == {1}
            if not is_lazy and found.numbers != tuple(range(1, count + 1)):
                written = ", ".join(map(str, found.numbers[:6]))
                shown = f"1 to {count}" if count > 1 else "1"
                message = f"the list is numbered {written}, and the site shows {shown}"
                hint = "number it anew; indent what stands between two steps by four spaces"
                yield source.fault(found.line, message, hint)


def open_fences(folder: Folder) -> Iterator[Fault]:
    """Fenced code is closed, so that what follows it is text again."""
    for source in folder.looked_at:
        for fence in source.page.open_fences:
            message = "the fence is never closed, so all that follows is code"
            yield source.fault(fence.line, message, "close it with the same marks on a line")


def leftovers(folder: Folder) -> Iterator[Fault]:
    """What `sop new` wrote to start with is gone before an article is shown."""
    for source in folder.looked_at:
        if not source.is_published:
            continue
        for part, *keys in _PROMPTED:
            stated = source.part(part) if part else source.values
            for key, text in pairs_of(stated, *keys):
                if text in folder.prompts:
                    message = f"{key}: {text!r} comes from sop new"
                    yield source.fault(source.line_of(part or key, text), message, "write your own")
        code = [
            Block(line, text.strip())
            for block in source.page.code
            for line, text in enumerate(block.text.split("\n"), block.line)
        ]
        for block in (*source.page.prose, *code):
            if block.text in folder.prompts:
                message = f"{block.text!r} comes from sop new"
                yield source.fault(block.line, message, "write your own, or remove it")


def _wanted(source: Source) -> tuple[str, ...]:
    """Return the sections of an article's type; names in other languages are not known."""
    is_english = str(source.values.get("language", "en")).partition("-")[0] == "en"
    return SECTIONS.get(str(source.values.get("type")), ()) if is_english else ()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
