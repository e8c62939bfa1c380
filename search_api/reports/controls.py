"""What acts on a terminal instead of being read there."""

from __future__ import annotations

import re

# Control characters but tab and new line, and those that turn the direction of writing.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    """Return a text without characters that would act on a terminal."""
    return _CONTROLS.sub("", text)
