"""Columns of ticket tools and the fields that they are."""

from __future__ import annotations

import pytest

from indexer.errors import SopError
from search_api.importing.columns import find_columns, missing_fields, stated_columns


def test_usual_names_are_known():
    """Capitals, spaces and underscores do not count, and the first known name is taken."""
    found = find_columns(["Ticket ID", "createdAt", "SHORT_DESCRIPTION", "Status", "Mood"], {})
    assert found.by_field == {
        "reference": "Ticket ID",
        "opened": "createdAt",
        "subject": "SHORT_DESCRIPTION",
        "outcome": "Status",
    }
    assert found.left_out == ("Mood",)
    assert missing_fields(found) is None


def test_column_is_one_field_only():
    """A column that was named for a field is not found for another one."""
    found = find_columns(["id", "title"], {"text": "title"})
    assert found.by_field == {"reference": "id", "text": "title"}
    assert missing_fields(found) == "opened"


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("subject", "--map subject: write field=column, such as --map subject=Title"),
        ("subject=", "write field=column"),
        ("subjekt=Title", "no field is named subjekt; did you mean subject?"),
        ("x=Title", "no field is named x; there are: reference, subject, text, opened"),
    ],
)
def test_map_that_names_nothing_is_refused(pair, message):
    """A pair without a column, or with a field that does not exist, is one sentence."""
    with pytest.raises(SopError) as caught:
        stated_columns([pair])
    assert message in str(caught.value)


def test_map_names_columns():
    """Blanks around both are no part of them; a column may have an equals sign."""
    assert stated_columns(["subject = My = title"]) == {"subject": "My = title"}
