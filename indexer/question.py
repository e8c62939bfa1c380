"""What somebody sent becomes the question that is asked: one text, personal data removed.

The order is: make visible, redact, normalise, redact again. Redaction comes first because
normalising takes words away that announce a secret (`Ana: password: x` loses a name,
a key its first line), and again because what stood apart may now stand together. Characters
that hide an address from redaction are removed before both.
"""

from __future__ import annotations

import re
from typing import Literal

from indexer.redaction.redactor import STANDARD, Redactor
from indexer.tickets.characters import make_visible
from indexer.tickets.mail_html import mail_text
from indexer.tickets.normalize import normalize

TextFormat = Literal["text", "html"]

# Redaction shortens what normalising left, which seldom uncovers more; never so often.
_MOST_PASSES = 4
_MARKS = re.compile(r"[^\w\s]")


def clean_question(
    query: str | None,
    subject: str | None,
    description: str | None,
    text_format: TextFormat = "text",
    redactor: Redactor = STANDARD,
) -> str:
    """Return the redacted question: `query`, or the subject and below it the description.

    What surrounds the problem is left out: greetings, signatures, older mails, stack frames.
    Codes stay, and a text with words never becomes empty. Cleaning twice changes nothing more.

    Args:
        query: a whole question; the other two are then None.
        subject: a ticket's first line.
        description: a ticket's text.
        text_format: `html` when the texts are HTML.
        redactor: what takes personal data out; a service gives its own.
    """
    parts = [part for part in (query, subject, description) if part]
    if text_format == "html":
        parts = [mail_text(part) for part in parts]
    visible = (make_visible(part).strip() for part in parts)
    question = redactor.redact("\n".join(part for part in visible if part))
    for _ in range(_MOST_PASSES):
        shorter = normalize(question)
        if shorter == question:
            break
        question = redactor.redact(shorter)
    return question


def plain_question(question: str) -> str:
    """Return a question without capitals, marks and odd spaces, to tell whether two are one."""
    return " ".join(_MARKS.sub(" ", question.casefold()).split())
