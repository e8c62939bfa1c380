"""What somebody sent becomes the question that is asked: one text, personal data removed.

First form: subject and description joined, HTML reduced to its text.
"""

from __future__ import annotations

from typing import Literal

from indexer.markdown import html_text
from indexer.redaction import redact

TextFormat = Literal["text", "html"]


def clean_question(
    query: str | None,
    subject: str | None,
    description: str | None,
    text_format: TextFormat = "text",
) -> str:
    """Return the redacted question: `query`, or the subject and below it the description.

    Args:
        query: a whole question; the other two are then None.
        subject: a ticket's first line.
        description: a ticket's text.
        text_format: `html` when the texts are HTML.
    """
    parts = [part for part in (query, subject, description) if part]
    if text_format == "html":
        parts = [html_text(part) for part in parts]
    return redact("\n".join(part.strip() for part in parts if part.strip()))
