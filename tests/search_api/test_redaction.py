"""An installation's own patterns reach everything that redacts."""

from __future__ import annotations

import json
import sqlite3

import pytest

from indexer.redaction.redactor import STANDARD
from search_api.insights.confirmations import what_is_asked
from search_api.redaction import redactor_of
from search_api.settings import Settings, SettingsError
from search_api.settings_file import load_settings

PATTERN = r"\bmod-(?:sg|ie|us)-\d{4}\b"
SETTINGS = Settings(redact_patterns={"user-id": PATTERN}, phone_regions=("FR",))


def test_redactor_has_the_settings_patterns_and_regions():
    """What the settings say is what is found."""
    redactor = redactor_of(SETTINGS)
    assert redactor.redact("mod-sg-0412, 06 12 34 56 78") == "[user-id], [phone]"
    assert redactor_of(Settings()) == STANDARD


def test_service_redacts_questions_and_comments_by_own_patterns(client, tmp_path, stored_bytes):
    """A work name reaches neither the log's questions nor its comments nor any file."""
    with client(redact_patterns={"user-id": PATTERN}) as api:
        asked = api.post("/api/v1/suggest", json={"query": "mod-sg-0412 cannot sign in"})
        told = {"page": "/users/mod-sg-0412", "event": "gap", "comment": "ask mod-ie-0031"}
        assert (asked.status_code, api.post("/api/v1/feedback", json=told).status_code) == (
            200,
            201,
        )
    with sqlite3.connect(tmp_path / "events.db") as db:
        assert db.execute("SELECT text FROM question").fetchall() == [("[user-id] cannot sign in",)]
        assert db.execute("SELECT page, comment FROM feedback").fetchall() == [
            ("/users/[user-id]", "ask [user-id]")
        ]
    assert b"mod-sg-0412" not in stored_bytes()


def test_ask_redacts_by_own_patterns(sop, settings_file):
    """`sop ask` reads the question as the service does."""
    asked = ("ask", "mod-sg-0412 cannot sign in", "--unlikely", "--json")
    plain = json.loads(sop(*asked).stdout)
    with settings_file.open("a", encoding="utf-8") as file:
        file.write(f"[redact_patterns]\nuser-id = '{PATTERN}'\n")
    own = json.loads(sop(*asked).stdout)
    assert "mod sg" in plain["suggestions"][0]["explanation"]["read_as"].replace("-", " ")
    assert "mod sg" not in own["suggestions"][0]["explanation"]["read_as"].replace("-", " ")


def test_learning_leaves_out_what_own_patterns_find():
    """A question of the log is judged by today's patterns, whatever it was stored by."""
    text = "how does mod-sg-0412 get the role back?"
    assert what_is_asked(text)[1] is None
    assert what_is_asked(text, redactor_of(SETTINGS)) == ("", "redacted")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"user-id": "E\\\\d+"}', "user-id: pattern .* any number of ways"),
        ('{"User": "QQ"}', "no name for a placeholder"),
        ('{"user-id', "written as JSON"),
        ('["QQ"]', "valid dictionary"),
    ],
)
def test_wrong_patterns_of_a_variable_are_named(tmp_path, value, reason):
    """A variable's table is JSON; what is wrong with it names the variable and the setting."""
    with pytest.raises(SettingsError, match=f"SOPKB_REDACT_PATTERNS: redact_patterns: .*{reason}"):
        load_settings(tmp_path / "sop.toml", {"SOPKB_REDACT_PATTERNS": value})


def test_patterns_of_file_and_variable_are_read(tmp_path):
    """A table of the file and JSON of a variable give the same patterns."""
    file = tmp_path / "sop.toml"
    file.write_text("[redact_patterns]\nuser-id = ['\\bE\\d{6}\\b', 'QQ']\n", encoding="utf-8")
    from_file = load_settings(file, {}).redact_patterns
    variable = {"SOPKB_REDACT_PATTERNS": json.dumps({"user-id": ["\\bE\\d{6}\\b", "QQ"]})}
    assert from_file == {"user-id": ("\\bE\\d{6}\\b", "QQ")}
    assert load_settings(tmp_path / "none", variable).redact_patterns == from_file


def test_wrong_pattern_and_region_of_the_file_are_named(tmp_path):
    """The file's name, the setting, the pattern and what to write instead."""
    file = tmp_path / "sop.toml"
    file.write_text("[redact_patterns]\nuser-id = 'E\\d+'\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"sop\.toml: redact_patterns: .*E\\d\+ .*\{1,20\}"):
        load_settings(file, {})
    file.write_text('phone_regions = ["UK"]\n', encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"phone_regions\.0: 'UK' is no country; write two capital"
    ):
        load_settings(file, {})
