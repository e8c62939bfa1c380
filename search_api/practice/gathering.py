"""Questions of the log that trainees may practise with: confirmed by people, and told of nobody.

What one article resolved, as `sop learn` groups it, and what no article answers, as `sop gaps`
does. The read is recorded before anything of it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from indexer.article import Article
from indexer.language import detect_language
from indexer.question import plain_question
from indexer.redaction.redactor import Redactor, was_redacted
from indexer.snapshot import Snapshot
from search_api.events.audit import AuditRecord, append_record
from search_api.events.place import has_log
from search_api.events.reading import read_feedback, read_questions, read_resolved
from search_api.events.store import read_store
from search_api.insights.alike import confirmed_alike, stated_words
from search_api.insights.askers import FEWEST_ASKERS
from search_api.insights.confirmations import Confirmation, read_confirmations
from search_api.insights.gap_drafts import fit_questions
from search_api.insights.gaps import find_gaps
from search_api.insights.outcomes import read_outcomes
from search_api.practice.exercises import Exercise, exercise_id, own_rows
from search_api.practice.tries import is_fair

_DAYS, _GAP_DAYS = 90, 28
# One question in four may have no answer: more would teach to give up.
_ANSWERED_FOR_EACH_GAP = 3
_WHO, _COMMAND, _TARGET = "the service", "practice", "the practice page"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read from the log.

    Attributes:
        exercises: by id.
        is_demo: whether all of it was made up.
    """

    exercises: dict[str, Exercise]
    is_demo: bool = False


def gather(
    url: str, snapshot: Snapshot, redactor: Redactor, secret: bytes, now: datetime
) -> Gathered:
    """Read what people asked, and record it; nothing is recorded where there is nothing to show.

    Raises:
        EventStoreError: the log cannot be read, or the record cannot be written.
        SettingsError: the log's address is none.
    """
    if not has_log(url):
        return Gathered({})
    articles = _articles(snapshot)
    since = now - timedelta(days=_DAYS)
    confirmed, _ = read_confirmations(*read_resolved(url, since), redactor)
    found = _resolved(confirmed, snapshot, articles, secret)
    answered = {plain_question(one.text) for one in confirmed}
    unanswered = _unanswered(url, snapshot, articles, redactor, secret, now)
    open_ones = (one for one in unanswered if plain_question(one.text) not in answered)
    found += islice(open_ones, len(found) // _ANSWERED_FOR_EACH_GAP)
    if not found:
        return Gathered({})
    named = sorted({one.article for one in found if one.article})
    append_record(url, AuditRecord(now, _WHO, _COMMAND, len(found), named, _TARGET))
    return Gathered({one.id: one for one in found}, read_store(url).is_demo)


def _resolved(
    confirmed: Sequence[Confirmation],
    snapshot: Snapshot,
    articles: Sequence[Article],
    secret: bytes,
) -> list[Exercise]:
    """Return what one article resolved, asked and confirmed by three people or more."""
    encoder = snapshot.index.spaces[0].encoder
    alike = confirmed_alike(confirmed, articles, lambda texts: encoder.encode(texts, "query"))
    # What helps with one thing here and with another there, such as "can you look at it", has
    # no one right answer, however few say so.
    pairs = {(plain_question(one.text), one.article) for one in confirmed}
    owners = Counter(text for text, _ in pairs)
    own = own_rows(snapshot)
    found = [
        Exercise(
            id=exercise_id(secret, "asked", one.article, one.text),
            text=one.text,
            language=one.language,
            article=one.article,
            area_of=one.article,
            source="asked",
            held_out=own.get(plain_question(one.text)),
            askers=one.askers,
        )
        for one in alike.questions
        if one.askers >= FEWEST_ASKERS and owners[plain_question(one.text)] == 1
    ]
    return [one for one in found if is_fair(snapshot, one)]


def _unanswered(
    url: str,
    snapshot: Snapshot,
    articles: Sequence[Article],
    redactor: Redactor,
    secret: bytes,
    now: datetime,
) -> Iterator[Exercise]:
    """Give what three people or more asked and no article answers, then or now."""
    since = now - timedelta(days=_GAP_DAYS)
    questions = read_questions(url, since, now, with_vectors=True, with_requests=False)
    outcomes = read_outcomes(questions, read_feedback(url, since, now))
    gaps = [gap for gap in find_gaps(outcomes, since, now).gaps if gap.kind == "write"]
    stated = stated_words(articles)
    for gap in gaps:
        near = [one.article for one in gap.nearest if one.article in snapshot.article_rows]
        texts = [one for one in fit_questions(gap, stated, redactor) if not was_redacted(one)]
        if not (near and texts):
            continue
        one = Exercise(
            id=exercise_id(secret, "asked", None, texts[0]),
            text=texts[0],
            language=detect_language(texts[0]),
            article=None,
            area_of=near[0],
            source="asked",
            askers=gap.askers,
        )
        if is_fair(snapshot, one):
            yield one


def _articles(snapshot: Snapshot) -> list[Article]:
    """Return a snapshot's articles as the rules for words want them; text without markup."""
    starts = snapshot.index.chunk_starts
    return [
        Article(
            id=one.id,
            path=one.path,
            title=one.title,
            front_matter=one.front_matter,
            body="\n".join(chunk.text for chunk in snapshot.chunks[starts[row] : starts[row + 1]]),
            body_line=1,
        )
        for row, one in enumerate(snapshot.articles)
    ]
