"""What tests of the demonstration share: articles to ask about."""

from __future__ import annotations

import pytest

from search_api.demo.month import Topic


@pytest.fixture(scope="session")
def topics():
    """Twelve articles with questions in two languages, one of them a known issue."""
    return [
        Topic(
            f"acc-{number:03d}",
            "known-issue" if number == 3 else "how-to",
            {
                "en": (f"how do i open door number {number}", f"door {number} does not open"),
                "de": (f"wie geht Tür {number} auf",),
            },
        )
        for number in range(1, 13)
    ]
