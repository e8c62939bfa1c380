"""The writers' rules, in one ordered list: name, function, severity.

To add one: a function in the room of its theme, a line here, a folder of fixtures under
`tests/indexer/checks/fixtures`, a section in `docs/rules.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from indexer.checks.acceptance import acceptance, unused_acceptance
from indexer.checks.findability import differing_facts, overlap, own_questions
from indexer.checks.finding import Fault, Severity
from indexer.checks.folder import Folder
from indexer.checks.identity import file_name, reused_ids, unique_ids
from indexer.checks.lifecycle import (
    dates,
    escalation,
    overdue,
    redirects,
    rejected,
    replacement,
    review_affected,
)
from indexer.checks.links import anchors, images, links, related
from indexer.checks.names import owner_exists, placeholders, platform_names
from indexer.checks.schema import readable, schema
from indexer.checks.sections import (
    headings,
    leftovers,
    numbering,
    open_fences,
    sections,
    steps,
    summary,
)
from indexer.checks.wording import (
    hidden_characters,
    html,
    learned,
    passage_size,
    personal_data,
    same_question,
)

Rule = Callable[[Folder], Iterator[Fault]]

# These look at what an index tells.
MEASURED = ("own-questions", "overlap", "differing-facts")

RULES: tuple[tuple[str, Rule, Severity], ...] = (
    ("readable", readable, "error"),
    ("schema", schema, "error"),
    ("unique-ids", unique_ids, "error"),
    ("reused-ids", reused_ids, "error"),
    ("file-name", file_name, "error"),
    ("owner-exists", owner_exists, "error"),
    ("platform-names", platform_names, "error"),
    ("dates", dates, "error"),
    ("overdue", overdue, "warning"),
    ("replacement", replacement, "error"),
    ("redirects", redirects, "error"),
    ("escalation", escalation, "error"),
    ("review-affected", review_affected, "warning"),
    ("rejected", rejected, "warning"),
    ("summary", summary, "error"),
    ("same-question", same_question, "error"),
    ("learned", learned, "error"),
    ("own-questions", own_questions, "error"),
    ("overlap", overlap, "warning"),
    ("differing-facts", differing_facts, "warning"),
    ("sections", sections, "error"),
    ("steps", steps, "error"),
    ("headings", headings, "warning"),
    ("numbering", numbering, "warning"),
    ("open-fences", open_fences, "error"),
    ("leftovers", leftovers, "error"),
    ("links", links, "error"),
    ("anchors", anchors, "error"),
    ("images", images, "error"),
    ("related", related, "error"),
    ("placeholders", placeholders, "error"),
    ("hidden-characters", hidden_characters, "error"),
    ("html", html, "error"),
    ("personal-data", personal_data, "error"),
    ("passage-size", passage_size, "warning"),
    ("acceptance", acceptance, "error"),
    ("unused-acceptance", unused_acceptance, "warning"),
)
