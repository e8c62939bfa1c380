"""Tickets as they come find what the clean question finds.

`tickets.jsonl` holds tickets over the first twelve articles of this repository, six or
more for each, with the question that a colleague would type instead. They were written
before any was run. A new kind of noise gets new lines; a line that fails stays. The other
articles are there to be mistaken for the right one.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from indexer.answer import answer
from indexer.filters import allowed_articles
from indexer.markdown import html_text
from indexer.question import clean_question
from indexer.redaction.redactor import STANDARD

TODAY = date(2026, 11, 25)
LINES = (Path(__file__).parent / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
TICKETS = [json.loads(line) for line in LINES]
# Articles that came later and answer a ticket as well as the one that it names, or better:
# each was read beside the other, and stands here for what it says and not for its rank.
ALSO_RIGHT = {
    # Which lines developers want, with an example: all that this article is about.
    "esc-001-d": "esc-002",
    # How a request over 500,000 rows is cut, and how to see it beforehand.
    "exp-001-e": "tip-005",
    # `live-urgent` was open and is not, and nobody changed anything: the certificate ended.
    "per-001-e": "per-002",
    # Only the clips do not play, and a colleague sees them: the media of one user.
    "web-001-d": "rev-002",
}
# So many tickets bring a right article first, and in the first three: one fewer than measured
# on 2026-11-22 with 83 articles and 4,481 own questions.
FLOORS = {"clean": (54, 73), "noisy": (45, 66)}
# The encoder reads so many words at once; a longer text gets the mean of several windows.
ONE_WINDOW_WORDS = 180


def clean(ticket):
    """The question without the ticket around it."""
    return clean_question(ticket["question"], None, None)


def noisy(ticket):
    """The ticket as the service reads it."""
    return clean_question(None, ticket["subject"], ticket["description"], ticket["format"])


def joined(ticket):
    """The ticket with its text in one piece and redacted, but not normalised."""
    parts = [ticket["subject"], ticket["description"]]
    if ticket["format"] == "html":
        parts = [html_text(part) for part in parts]
    return STANDARD.redact("\n".join(parts))


def ranked_ids(snapshot, text):
    """Return the ids of all articles for a question, best first."""
    allowed = allowed_articles(snapshot, ("internal",))
    found = answer(snapshot, text, allowed, TODAY, len(snapshot.articles))
    return [snapshot.articles[one.article].id for one in found.ranked]


def right_ids(ticket):
    """Return the ids of the articles that answer a ticket."""
    return {ticket["article"], ALSO_RIGHT.get(ticket["id"], ticket["article"])}


def first_place(ids, wanted):
    """Return the rank, from 1, of the first of some articles."""
    return min(ids.index(one) for one in wanted) + 1


@pytest.fixture(scope="module")
def ranks(sop_snapshot):
    """For each form, the rank of the right article by ticket id."""
    return {
        form.__name__: {
            ticket["id"]: first_place(ranked_ids(sop_snapshot, form(ticket)), right_ids(ticket))
            for ticket in TICKETS
        }
        for form in (clean, joined, noisy)
    }


def success(ranks, k, tickets=TICKETS):
    """Return the share of tickets whose article is among the first k."""
    return sum(ranks[ticket["id"]] <= k for ticket in tickets) / len(tickets)


def test_tickets_cover_every_article_and_every_noise(sop_snapshot):
    """Every article that is named has six tickets or more, and every kind of noise has five."""
    articles = Counter(ticket["article"] for ticket in TICKETS)
    known = {article.id for article in sop_snapshot.articles}
    assert len(articles) >= 12
    assert set(articles) | set(ALSO_RIGHT.values()) <= known
    assert set(ALSO_RIGHT) <= {ticket["id"] for ticket in TICKETS}
    assert min(articles.values()) >= 6
    assert len({ticket["id"] for ticket in TICKETS}) == len(TICKETS)
    kinds = Counter(kind for ticket in TICKETS for kind in ticket["noise"])
    wanted = ("greeting", "signature", "quoted-mail", "stack-trace", "log-lines", "html", "long")
    assert min(kinds[kind] for kind in (*wanted, "several-messages", "ticket-system")) >= 5


def test_noisy_tickets_find_what_clean_questions_find(ranks):
    """A right article comes first nearly as often as for the clean question.

    It is 0.10 less often first, and 0.11 in the first three, with 83 articles: what is lost are
    long texts. Further wordings raised both, and those of clean questions more.
    """
    print_table(ranks)
    found, wanted = ranks["noisy"], ranks["clean"]
    assert success(found, 1) >= success(wanted, 1) - 0.12
    assert success(found, 3) >= success(wanted, 3) - 0.12
    for form, (first, in_three) in FLOORS.items():
        assert success(ranks[form], 1) >= first / len(TICKETS)
        assert success(ranks[form], 3) >= in_three / len(TICKETS)


def test_tickets_of_one_window_find_what_clean_questions_find(ranks):
    """Noise alone costs next to nothing; what is left of the gap are very long texts."""
    short = [ticket for ticket in TICKETS if len(noisy(ticket).split()) <= ONE_WINDOW_WORDS]
    assert len(short) >= 60
    assert success(ranks["noisy"], 1, short) >= success(ranks["clean"], 1, short) - 0.08
    assert success(ranks["noisy"], 3, short) >= success(ranks["clean"], 3, short) - 0.03


def test_normalising_is_what_does_it(ranks):
    """The same tickets merely joined are lost far more often, so the noise does hurt."""
    assert success(ranks["joined"], 1) <= success(ranks["noisy"], 1) - 0.25
    assert success(ranks["joined"], 3) <= success(ranks["noisy"], 3) - 0.15


def test_codes_of_the_message_survive():
    """An error code that the clean question names is still there in the ticket's own form."""
    codes = {"GH", "LR", "QB", "LB", "DX"}
    for ticket in TICKETS:
        words = [word.strip(",.?") for word in ticket["question"].split()]
        for word in words:
            if word[:2] in codes and word[2:3] == "-":
                assert word in noisy(ticket)


def print_table(ranks):
    """Print success by form and kind of noise, and the tickets that miss, for writers."""
    kinds = defaultdict(list)
    for ticket in TICKETS:
        for kind in ("all", *ticket["noise"]):
            kinds[kind].append(ticket)
    print(f"\n{'':18}  n   " + "".join(f"{form:^16}" for form in ranks))
    for kind, tickets in sorted(kinds.items(), key=lambda item: -len(item[1])):
        cells = [
            f"{success(r, 1, tickets):.3f}  {success(r, 3, tickets):.3f}" for r in ranks.values()
        ]
        print(f"{kind:18}{len(tickets):4}  " + "   ".join(cells))
    for ticket in TICKETS:
        if (found := ranks["noisy"][ticket["id"]]) > 3:
            print(f"{ticket['id']}: rank {found}: {noisy(ticket)[:200]!r}")
