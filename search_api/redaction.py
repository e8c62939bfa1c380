"""What may be kept of what callers send: texts, pages and labels without personal data."""

from __future__ import annotations

import re

from indexer.redaction.patterns import read_patterns
from indexer.redaction.redactor import Redactor
from search_api.auth import actor_hash
from search_api.settings import Settings

_PLAIN_LABEL = re.compile(r"[#\w][\w .:/#-]{0,99}")


def redactor_of(settings: Settings) -> Redactor:
    """Return the redactor that these settings describe; everything that redacts uses it."""
    return Redactor(read_patterns(settings.redact_patterns), settings.phone_regions)


def safe_text(text: str | None, redactor: Redactor) -> str | None:
    """Return a caller's text without personal data, as it may be stored."""
    return redactor.redact(text) if text else None


def safe_page(page: str | None, redactor: Redactor) -> str | None:
    """Return a page's path: what stands behind `?` or `#` may be what somebody typed."""
    return safe_text(re.split(r"[?#]", page)[0], redactor) if page else None


def safe_label(label: str | None, secret: bytes) -> str | None:
    """Return a ticket's or channel's name as it may be stored.

    A plain id stays as it is, also where its digits look like a telephone number: it must
    go on naming one ticket. Anything else becomes a keyed hash, which still does.
    """
    if label is None or _PLAIN_LABEL.fullmatch(label):
        return label
    return actor_hash(label, secret)
