"""A comparison as people and programs read it: text, Markdown for a pull request, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

from indexer.checks.formats import table_cell
from indexer.compare.comparison import Comparison, QuestionChange
from indexer.compare.outcomes import Outcome
from indexer.held_out import SHOWN
from indexer.overlap import Overlap

Format = Literal["text", "markdown", "json"]

# A forge takes comments of 65,536 characters at most, and nobody reads more rows than these.
_MOST_ROWS = 25
_MOST_CHARS = 160


def formatted(comparison: Comparison, output: Format) -> str:
    """Return a comparison in a format, without a line end."""
    match output:
        case "json":
            return json.dumps(_as_json(comparison), indent=1, ensure_ascii=False)
        case "markdown":
            return "\n".join(_markdown(comparison))
        case _:
            return "\n".join(_text(comparison))


def verdict(comparison: Comparison) -> str:
    """Return in a sentence whether the change may be merged as far as answers go."""
    if comparison.reasons:
        return f"fails: {'; '.join(comparison.reasons)}"
    changes = (
        comparison.lost,
        comparison.found,
        comparison.other_first,
        comparison.orphans,
        comparison.unanswered,
        comparison.answered,
        comparison.near_ties,
        comparison.unfound,
    )
    return "passes" if any(changes) else "passes: no answer changes"


def _text(found: Comparison) -> Iterator[str]:
    yield f"{found.base} -> {found.head}: {_articles(found)}"
    yield _shares(found)
    if found.near_ties:
        yield _near_ties(found)
    for heading, lines in _parts(found):
        yield ""
        yield f"{heading}:"
        yield from (f"  {line}" for line in lines)
    yield ""
    yield verdict(found)


def _markdown(found: Comparison) -> Iterator[str]:
    mark = "❌" if found.reasons else "✅"
    yield "### What this change does to the answers"
    yield ""
    yield f"{mark} **{table_cell(verdict(found))}**"
    yield ""
    yield f"{table_cell(_articles(found))}, compared with {table_cell(found.base)}."
    yield ""
    yield f"| {len(found.questions):,} questions | before | after |"
    yield "| --- | ---: | ---: |"
    rows = ("article first", f"article among the first {SHOWN}", "answered at all")
    for name, then, now in zip(rows, found.shares("before"), found.shares("after"), strict=True):
        yield f"| {name} | {then:.1%} | {now:.1%} |"
    if found.near_ties:
        yield ""
        yield _near_ties(found)
    for heading, lines in _parts(found):
        yield ""
        yield f"<details><summary>{table_cell(heading)}</summary>"
        yield ""
        yield from (f"- {table_cell(line)}" for line in lines)
        yield ""
        yield "</details>"


def _articles(found: Comparison) -> str:
    counts = (("new", found.new), ("changed", found.changed), ("removed", found.removed))
    told = [f"{len(ids)} {word}" for word, ids in counts if ids]
    return f"articles: {', '.join(told)}" if told else "no article differs"


def _shares(found: Comparison) -> str:
    then, now = found.shares("before"), found.shares("after")
    names = ("first", f"in {SHOWN}", "answered")
    told = ", ".join(f"{n} {a:.1%} -> {b:.1%}" for n, a, b in zip(names, then, now, strict=True))
    return f"{len(found.questions):,} questions: {told}"


def _near_ties(found: Comparison) -> str:
    """Return what the shares count and no part lists, so that the figures add up."""
    # By how often each was asked, as the shares are.
    every = sum(one.asked.weight for one in found.near_ties)
    now = sum(one.asked.weight for one in found.near_ties if one.after.is_answered)
    no_more = every - now
    return (
        f"{every:,} on the line of what is enough fell to its other "
        f"side: {now:,} answered now, {no_more:,} no more"
    )


def _parts(found: Comparison) -> Iterator[tuple[str, list[str]]]:
    """Yield what there is to tell: a heading and its lines, what costs most first."""
    for one, many, changes in (
        ("loses its article", "lose their article", found.lost),
        ("is no longer answered", "are no longer answered", found.unanswered),
        (
            "is new and does not find its article",
            "are new and do not find their article",
            found.unfound,
        ),
        (
            f"finds its article now, which was not among the first {SHOWN}",
            f"find their article now, which was not among the first {SHOWN}",
            found.found,
        ),
        ("is answered now", "are answered now", found.answered),
    ):
        if changes:
            told = (
                f"1 question {one}" if len(changes) == 1 else f"{len(changes):,} questions {many}"
            )
            yield told, _capped(_change(found, change) for change in changes)
    if found.other_first:
        yield _other_first(found)
    if found.orphans:
        refused = sum(not one.after.is_answered for one in found.orphans)
        heading = (
            f"{len(found.orphans):,} questions of removed articles, {refused} without an answer"
        )
        yield heading, _capped(_change(found, one) for one in found.orphans)
    if found.moves:
        yield (
            f"{len(found.moves)} articles gain or lose rank",
            _capped(
                f"{_title(found, one.article)}: {one.gain:+.2f} mean reciprocal rank over "
                f"{one.questions} questions"
                for one in found.moves
            ),
        )
    if found.overlaps:
        yield (
            f"{len(found.overlaps)} passages say the same as another article's",
            _capped(_overlap(one) for one in found.overlaps),
        )
    if found.errors:
        yield f"{len(found.errors)} files were not compared", _capped(found.errors)


def _other_first(found: Comparison) -> tuple[str, list[str]]:
    """Return the questions with another first article, those of the change itself at the top.

    With any change some near ties between other articles end the other way.
    """
    touched = {*found.new, *found.removed, *found.changed}
    own = [one for one in found.other_first if touched & {*_firsts(one)}]
    others = [one for one in found.other_first if not touched & {*_firsts(one)}]
    count = len(found.other_first)
    told = "1 question has" if count == 1 else f"{count:,} questions have"
    heading = f"{told} another first article, {len(own)} from or to an article of this change"
    return heading, _capped(_change(found, one) for one in (*own, *others))


def _firsts(change: QuestionChange) -> tuple[str, ...]:
    return (*change.before.articles[:1], *change.after.articles[:1])


def _change(found: Comparison, one: QuestionChange) -> str:
    times = f" (asked {one.asked.weight} times)" if one.asked.weight > 1 else ""
    wanted = f" [{one.asked.article}]" if one.asked.article else ""
    before, after = _outcome(found, one.before), _outcome(found, one.after)
    return f"“{_short(one.asked.text)}”{times}{wanted}: {before} -> {after}"


def _outcome(found: Comparison, outcome: Outcome) -> str:
    first = _title(found, outcome.articles[0]) if outcome.articles else "nothing"
    place = f", own at {outcome.rank}" if outcome.rank and outcome.rank > 1 else ""
    answered = "" if outcome.is_answered else f", below {outcome.threshold:.0%}: no answer"
    return f"{first} ({outcome.confidence:.0%}{place}{answered})"


def _title(found: Comparison, article: str) -> str:
    title = found.titles.get(article, "")
    return f"{title} [{article}]" if title else article


def _overlap(one: Overlap) -> str:
    return (
        f"{one.first.path}:{one.first.line} and {one.second.path}:{one.second.line} "
        f"({one.likeness:.0%} alike): “{_short(one.first.text)}”"
    )


def _capped(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = len(every) - _MOST_ROWS
    return (
        every if more <= 0 else [*every[:_MOST_ROWS], f"and {more} more; --format json lists all"]
    )


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - 1].rstrip() + "…"


def _as_json(found: Comparison) -> dict[str, object]:
    names = ("first", "shown", "answered")
    return {
        "base": found.base,
        "head": found.head,
        "passes": not found.reasons,
        "reasons": found.reasons,
        "limits_percent": {"lost": found.limits.lost, "unanswered": found.limits.unanswered},
        "articles": {
            "new": list(found.new),
            "removed": list(found.removed),
            "changed": list(found.changed),
        },
        "questions": len(found.questions),
        "before": dict(zip(names, map(_rounded, found.shares("before")), strict=True)),
        "after": dict(zip(names, map(_rounded, found.shares("after")), strict=True)),
        "lost": _changes_json(found.lost),
        "found": _changes_json(found.found),
        "unanswered": _changes_json(found.unanswered),
        "answered": _changes_json(found.answered),
        "near_ties": _changes_json(found.near_ties),
        "other_first": _changes_json(found.other_first),
        "unfound": _changes_json(found.unfound),
        "orphans": _changes_json(found.orphans),
        "moves": [
            {"article": one.article, "gain": one.gain, "questions": one.questions}
            for one in found.moves
        ],
        "overlaps": [
            {
                "likeness": one.likeness,
                "passages": [
                    {"path": p.path, "line": p.line, "last_line": p.last_line, "text": p.text}
                    for p in (one.first, one.second)
                ],
            }
            for one in found.overlaps
        ],
        "errors": list(found.errors),
    }


def _changes_json(changes: Iterable[QuestionChange]) -> list[dict[str, object]]:
    return [
        {
            "text": one.asked.text,
            "article": one.asked.article,
            "is_own": one.asked.is_own,
            "count": one.asked.weight,
            "before": _outcome_json(one.before),
            "after": _outcome_json(one.after),
        }
        for one in changes
    ]


def _outcome_json(outcome: Outcome) -> dict[str, object]:
    return {
        "articles": list(outcome.articles),
        "rank": outcome.rank,
        "answered": outcome.is_answered,
        "confidence": outcome.confidence,
    }


def _rounded(share: float) -> float:
    return round(share, 4)
