"""What browser tests share beside fixtures: how to write, and what the hostile article says."""

from __future__ import annotations

from playwright.sync_api import Page

HIT = "window.hit = (window.hit || 0) + 1"
BIDI = "\u202eedoc\u202c"
HIDDEN_WORD = "zebrafinch"
HOSTILE_QUESTION = "quokka marmalade spills over the harpsichord"
HOSTILE_TITLE = f"<img src onerror='{HIT}'> & </script><script>{HIT}</script> {BIDI}"


def write(page: Page, text: str) -> None:
    """Write into the focused field as a paste does: keyword search runs once, not per letter."""
    page.keyboard.insert_text(text)
    # The theme listens to keys.
    page.keyboard.press("End")
