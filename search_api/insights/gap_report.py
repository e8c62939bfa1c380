"""A list of gaps as people and programs read it. No question's text is in it unless it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.gap_kinds import KINDS
from search_api.insights.gaps import Gap, GapList
from search_api.insights.outcomes import SIGNALS
from search_api.insights.practice import Topic
from search_api.insights.practice import as_json as topics_as_json
from search_api.insights.practice import as_lines as topics_as_lines
from search_api.insights.practice import as_markdown as topics_as_markdown

Texts = Mapping[str, Sequence[str]]


def as_json(
    found: GapList, gaps: Sequence[Gap], texts: Texts, failed: Sequence[Topic] = ()
) -> dict[str, Any]:
    """Return a list of gaps as plain values.

    Args:
        found: the whole list.
        gaps: those of it to show.
        texts: examples by the gap's id; a gap without any gets none.
        failed: what trainees fail.
    """
    return {
        "since": found.since.isoformat(timespec="seconds"),
        "until": found.until.isoformat(timespec="seconds"),
        "asked": found.asked,
        "went_badly": found.went_badly,
        "in_smaller_groups": found.smaller,
        "without_vector": found.without_vector,
        "without_asker": found.without_asker,
        "gaps": [gap_as_json(gap, texts.get(gap.id, ())) for gap in gaps],
        "trainees_fail": topics_as_json(failed),
    }


def gap_as_json(gap: Gap, texts: Sequence[str]) -> dict[str, Any]:
    """Return one gap as plain values."""
    shown = {
        "id": gap.id,
        "label": gap.label,
        "kind": gap.kind,
        "articles": list(gap.articles),
        "questions": gap.questions,
        "askers": gap.askers,
        "first_asked": f"{gap.first_asked:%Y-%m-%d}",
        "last_asked": f"{gap.last_asked:%Y-%m-%d}",
        "weeks": list(gap.weeks),
        "signals": dict(gap.signals),
        "languages": dict(gap.languages),
        "channels": dict(gap.channels),
        "nearest": [{"article": one.article, "share": one.share} for one in gap.nearest],
    }
    return shown | ({"examples": list(texts)} if texts else {})


def as_lines(
    found: GapList, gaps: Sequence[Gap], texts: Texts, failed: Sequence[Topic] = ()
) -> list[str]:
    """Return a list of gaps for a terminal; see `as_json`."""
    lines = [
        (
            f"{found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}: {found.asked:,} questions, "
            f"{found.went_badly:,} went badly"
        ),
        "",
    ]
    for gap in gaps:
        lines += [*_summary(gap), *_quoted(texts.get(gap.id, ())), ""]
    if not gaps:
        lines += ["no gap", ""]
    lines += topics_as_lines(failed)
    hidden = len(found.gaps) - len(gaps)
    if hidden:
        lines.append(f"and {hidden} more; see --top and --kind")
    if found.smaller:
        lines.append(
            f"and {found.smaller:,} questions in groups of fewer than {FEWEST_ASKERS} askers"
        )
    return lines if lines[-1] else lines[:-1]


def as_markdown(found: GapList, gaps: Sequence[Gap], failed: Sequence[Topic] = ()) -> list[str]:
    """Return a list of gaps as a table of Markdown; no question's text is in it."""
    rows = [
        f"| `{gap.id}` | {_cell(gap.label)} | {_task(gap)} | {gap.questions} | {gap.askers} | "
        f"{' '.join(map(str, gap.weeks))} |"
        for gap in gaps
    ]
    head = [
        "| gap | about | what to do | questions | askers | by week |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    hidden = [
        "",
        f"And {found.smaller:,} questions in groups of fewer than {FEWEST_ASKERS} askers.",
    ]
    shown = [*(head if rows else ["No gap."]), *rows, *(hidden if found.smaller else [])]
    return [*shown, *topics_as_markdown(failed)]


def gap_as_lines(gap: Gap, texts: Sequence[str], weeks: Sequence[tuple[int, int]]) -> list[str]:
    """Return one gap with everything that may be told of it.

    Args:
        gap: what to show.
        texts: examples.
        weeks: how many asked about it in each week, and how many of these went badly.
    """
    asked = " ".join(f"{one:>4}" for one, _ in weeks)
    badly = " ".join(f"{one:>4}" for _, one in weeks)
    return [
        *_summary(gap),
        f"  asked by week      {asked}",
        f"  went badly by week {badly}",
        f"  languages: {_counts(gap.languages)}",
        f"  channels: {_counts(gap.channels)}",
        *_quoted(texts),
    ]


def _summary(gap: Gap) -> list[str]:
    signals = ", ".join(f"{SIGNALS[signal]} ({count})" for signal, count in gap.signals.items())
    nearest = ", ".join(f"{one.article} {one.share:.0%}" for one in gap.nearest) or "none"
    return [
        f"{gap.id}  {gap.label}",
        (
            f"  {_task(gap)}: {gap.questions} questions by {gap.askers} people, "
            f"{gap.first_asked:%Y-%m-%d} to {gap.last_asked:%Y-%m-%d}, "
            f"by week {' '.join(map(str, gap.weeks))}"
        ),
        f"  {signals}",
        f"  nearest: {nearest}",
    ]


def _task(gap: Gap) -> str:
    articles = ", ".join(gap.articles)
    return f"{KINDS[gap.kind]} ({articles})" if articles else KINDS[gap.kind]


def _quoted(texts: Sequence[str]) -> list[str]:
    return [f"  - {text}" for text in texts]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
