"""The handbook's page on privacy shows what redaction does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from indexer.redaction.patterns import read_patterns
from indexer.redaction.redactor import KINDS, STANDARD, Redactor

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[a-z-]+`.*) \|$", PAGE, re.MULTILINE)


def test_table_lists_every_kind_and_no_other():
    """Each placeholder stands in the table."""
    kinds = [kind for row in ROWS for kind in re.findall("`([a-z-]+)`", row.split(" | ")[0])]
    assert sorted(kinds) == sorted(KINDS)


@pytest.mark.parametrize("row", ROWS)
def test_example_is_stored_as_the_table_says(row):
    """Each example becomes what stands beside it; where one stands there, all become that."""
    shown, stored = (re.findall("`([^`]+)`", cell) for cell in row.split(" | ")[2:])
    if len(stored) == 1:
        stored *= len(shown)
    assert [STANDARD.redact(example) for example in shown] == stored


def test_example_settings_are_allowed_and_find_what_they_name():
    """The patterns on the page are taken."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    stated = tomllib.loads(example)
    own = Redactor(read_patterns(stated["redact_patterns"]), tuple(stated["phone_regions"]))
    assert own.redact("mod-sg-0412 has E123456, badge B17, 06 12 34 56 78") == (
        "[user-id] has [badge], badge [badge], [phone]"
    )


def test_what_the_page_says_stays_stays():
    """The examples of what is not taken out are not."""
    for example in (
        "Maria Santos cannot sign in",
        "jo at example dot com",
        "2125550142",
        "10.0.0.0/8",
    ):
        assert f"`{example}`" in PAGE
        assert STANDARD.redact(example) == example
