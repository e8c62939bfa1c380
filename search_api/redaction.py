"""What takes personal data out of texts here: the standard rules and an installation's own."""

from __future__ import annotations

from indexer.redaction.patterns import read_patterns
from indexer.redaction.redactor import Redactor
from search_api.settings import Settings


def redactor_of(settings: Settings) -> Redactor:
    """Return the redactor that these settings describe; everything that redacts uses it."""
    return Redactor(read_patterns(settings.redact_patterns), settings.phone_regions)
