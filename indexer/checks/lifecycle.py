"""Rules about an article's life: reviews, replacement, old addresses, escalation, change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import PurePosixPath

from indexer.checks.finding import Fault
from indexer.checks.folder import Folder, Rejection, Source, as_day, meant
from indexer.pages import old_page, page_url
from indexer.proposals import LEARNED
from indexer.teams import TEAMS

_URGENT = ("sev1", "sev2")
_ALWAYS = "24x7"
# Keys whose change says nothing new about a tool.
_QUIET_KEYS = frozenset(
    {
        "questions",
        "tags",
        "related",
        "last_reviewed",
        "review_by",
        "redirect_from",
        "owner",
        LEARNED,
    }
)
_MOST_NAMED = 3
_FEWEST_REJECTIONS = 3


def dates(folder: Folder) -> Iterator[Fault]:
    """Dates are in order, and what has happened is not in the future."""
    # Writers east of UTC are up to fourteen hours ahead.
    tomorrow = folder.today + timedelta(days=1)
    for source in folder.texts:
        issue, pinned = source.part("known_issue"), source.part("pinned")
        reviewed = as_day(source.values.get("last_reviewed"))
        due = as_day(source.values.get("review_by"))
        started, resolved = as_day(issue.get("started")), as_day(issue.get("resolved"))
        until = as_day(pinned.get("until"))
        for name, day, place in (
            ("last_reviewed", reviewed, ("last_reviewed",)),
            ("known_issue.started", started, ("known_issue", "started:")),
            ("known_issue.resolved", resolved, ("known_issue", "resolved:")),
        ):
            if day and day > tomorrow:
                message = f"{name} {day} is in the future"
                yield source.fault(source.line_of(*place), message, "give the day it happened")
        for name, day, place, earlier, before in (
            ("review_by", due, ("review_by",), "last_reviewed", reviewed),
            ("known_issue.resolved", resolved, ("known_issue", "resolved:"), "started", started),
            ("pinned.until", until, ("pinned", "until:"), "last_reviewed", reviewed),
        ):
            is_early = day and before and (day < before or (name == "review_by" and day == before))
            if is_early:
                message = f"{name} {day} is not after {earlier} {before}"
                yield source.fault(source.line_of(*place), message, "put the days in order")


def overdue(folder: Folder) -> Iterator[Fault]:
    """An article is reviewed by its day, and a tip ends on its day."""
    for source in folder.texts:
        if not source.is_published or source.id is None:
            continue
        due = as_day(source.values.get("review_by"))
        until = as_day(source.part("pinned").get("until"))
        reviewed = as_day(source.values.get("last_reviewed"))
        # Of days in the wrong order the rule `dates` speaks.
        if due and due < folder.today and not (reviewed and due <= reviewed):
            message = f"the review was due on {due}"
            hint = "read it, then set last_reviewed and review_by anew"
            yield source.fault(source.line_of("review_by"), message, hint)
        if source.values.get("type") == "tip" and until and until < folder.today:
            line = source.line_of("pinned", "until:")
            yield source.fault(line, f"the tip ended on {until}", "set status: archived")


def replacement(folder: Folder) -> Iterator[Fault]:
    """A deprecated article names the article that people are led to instead."""
    for source in folder.texts:
        named = source.word("replaced_by")
        line = source.line_of("replaced_by")
        if source.values.get("status") == "deprecated" and "replaced_by" not in source.values:
            message = "a deprecated article must name its replacement"
            yield source.fault(source.line_of("status"), message, "add replaced_by")
        if named is None:
            continue
        target = next(iter(folder.claimants.get(named, [])), None)
        if source.values.get("status") != "deprecated":
            message = "replaced_by has no effect, because the article is not deprecated"
            yield source.fault(line, message, "set status: deprecated, or remove replaced_by")
        elif named == source.id:
            yield source.fault(line, f"{named} replaces itself", "name another article")
        elif target is None:
            hint = meant(named, folder.claimants, "name an article that exists")
            yield source.fault(line, f"no article has the id {named}", hint)
        elif target.values.get("status") == "deprecated":
            message = f"{named} is deprecated itself, and nobody is led on"
            after = target.word("replaced_by")
            hint = f"name {after}" if after not in (None, source.id) else "name an active article"
            yield source.fault(line, message, hint)
        elif not target.is_published:
            message = f"{named} is {target.values.get('status')}, so nobody is led to it"
            yield source.fault(line, message, "name an active article")


def redirects(folder: Folder) -> Iterator[Fault]:
    """An old address leads to one article, and is nobody's address now."""
    pages = {_address(folder, source): source for source in folder.texts}
    areas = {PurePosixPath(address).parent.as_posix() for address in pages} - {"."}
    claims: dict[str, list[Source]] = {}
    for source in folder.texts:
        for stated in source.words("redirect_from"):
            claims.setdefault(old_page(stated), []).append(source)
    for source in folder.texts:
        seen: set[str] = set()
        for stated in source.words("redirect_from"):
            old = old_page(stated)
            others = [other.path for other in claims[old] if other is not source]
            fault = _bad_redirect(stated, source, pages.get(old), _address(folder, source))
            if fault is None and old in areas:
                fault = ("is the address of an area", "remove it; that page stays what it is")
            if fault is None and old in seen:
                fault = ("stands twice", "keep one")
            if fault is None and others:
                taken = ", ".join(dict.fromkeys(others))
                fault = (f"is also claimed by {taken}", "one article can take it over")
            if fault is not None:
                line = source.line_of("redirect_from", stated)
                yield source.fault(line, f"redirect_from: {stated} {fault[0]}", fault[1])
            seen.add(old)


def _bad_redirect(
    stated: str, source: Source, page: Source | None, own: str
) -> tuple[str, str] | None:
    """Return what is wrong with an old address by itself, and what to do."""
    if "://" in stated or old_page(stated).startswith(".."):
        return "is no path of this site", "give the path, such as /sop/area/old/"
    if page is source:
        return "is the article's own address", "remove it"
    if page and own in map(old_page, page.words("redirect_from")):
        return f"loops: {page.path} redirects here", "keep the one of the article that moved"
    if page:
        return f"is the address of {page.path}", "remove it; that page stays what it is"
    return None


def escalation(folder: Folder) -> Iterator[Fault]:
    """Whoever is woken for sev1 or sev2 can be reached at any hour and gets the evidence."""
    for source in folder.texts:
        stated = source.part("escalation")
        level, name = stated.get("severity"), stated.get("team")
        if level not in _URGENT:
            continue
        if not stated.get("evidence"):
            message = f"{level} without evidence: what must be collected before the page"
            line = source.line_of("escalation", "severity:")
            yield source.fault(line, message, "add escalation.evidence")
        team = (folder.teams or {}).get(name) if isinstance(name, str) else None
        line = source.line_of("escalation", "team:")
        if team and team.on_call is None:
            message = f"{level} goes to {name}, which has no on_call in {TEAMS}"
            yield source.fault(line, message, "add on_call there, or name a team that is paged")
        elif team and team.hours != _ALWAYS and team.backup is None:
            message = f"{level} goes to {name}, which has no backup outside {team.hours}"
            yield source.fault(line, message, f"add backup in {TEAMS}, or name another team")


def review_affected(folder: Folder) -> Iterator[Fault]:
    """An article is looked at when another one changes what it depends on."""
    change = folder.change
    if change is None:
        return
    touched: dict[str, list[str]] = {}
    for source in folder.texts:
        if source.path in change.paths and _says_something_new(
            source, change.then.get(source.path)
        ):
            for name in (source.id, *source.words("platforms")):
                if name:
                    touched.setdefault(name, []).append(source.path)
    for source in folder.texts:
        reasons = {name: touched[name] for name in source.words("depends_on") if name in touched}
        if not reasons or source.path in change.paths or not source.is_published:
            continue
        paths = list(dict.fromkeys(path for found in reasons.values() for path in found))
        more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
        message = f"depends on {', '.join(reasons)}, which {', '.join(paths[:_MOST_NAMED])}{more}"
        line = source.line_of("depends_on", next(iter(reasons)))
        hint = "read whether it still holds; mend it here, or set last_reviewed"
        yield source.fault(line, f"{message} changed", hint)


def rejected(folder: Folder) -> Iterator[Fault]:
    """An article that specialists keep rejecting is read again, by what they said.

    What was said until the day of the last review is settled. The same person counts once
    for an article, with what they said last; a rejection by nobody in particular counts by
    itself.
    """
    said: dict[str, list[Rejection]] = {}
    for rejection in folder.rejections:
        said.setdefault(rejection.article, []).append(rejection)
    for source in folder.texts:
        reviewed = as_day(source.values.get("last_reviewed"))
        reasons = _reasons_since(said.get(source.id or "", ()), reviewed)
        count = reasons.total()
        if count >= _FEWEST_REJECTIONS and source.is_published:
            ordered = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
            told = (f"{times} {reason.replace('_', ' ')}" for reason, times in ordered)
            message = f"rejected {count} times since its last review: {', '.join(told)}"
            hint = "read it beside the questions it was suggested for, mend it, set last_reviewed"
            yield source.fault(source.line_of("last_reviewed"), message, hint)


def _reasons_since(said: Iterable[Rejection], reviewed: date | None) -> Counter[str]:
    """Return why an article was rejected since its review, and how often."""
    by_person: dict[object, str] = {}
    for place, rejection in enumerate(said):
        if reviewed is None or rejection.day > reviewed:
            by_person[rejection.actor or place] = rejection.reason
    return Counter(by_person.values())


def _says_something_new(now: Source, then: Source | None) -> bool:
    """Tell whether a change is more than questions, tags and dates.

    A new article changes nothing that others say, unless it tells of a malfunction.
    """
    if then is None:
        return now.values.get("type") == "known-issue"
    if not then.is_text:
        return True
    stated, before = (
        {key: value for key, value in source.values.items() if key not in _QUIET_KEYS}
        for source in (now, then)
    )
    bodies = (getattr(source.text, "body", "").split() for source in (now, then))
    return stated != before or next(bodies) != next(bodies)


def _address(folder: Folder, source: Source) -> str:
    """Return the address of an article's page, as `redirect_from` would have it."""
    return page_url(folder.below(source.path), folder.name).strip("/")
