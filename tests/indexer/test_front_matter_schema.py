"""The JSON Schema of front matter: what is committed, what it accepts, what it refuses."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from indexer.article import REQUIRED_KEYS, FrontMatter, split_front_matter
from indexer.checks.run import check_articles
from indexer.front_matter_schema import front_matter_schema
from search_api.cli import app

REPOSITORY = Path(__file__).parent.parent.parent
COMMITTED = REPOSITORY / "docs" / "assets" / "front-matter.schema.json"
GOOD = {
    "id": "acc-001",
    "title": "Open the gate",
    "summary": "For whoever opens the gate before a shift.",
    "type": "reference",
    "status": "active",
    "owner": "desk",
    "questions": ["gate shut", "how open", "cannot get in"],
    "last_reviewed": "2026-10-01",
    "review_by": "2099-01-01",
}
ESCALATION = {"team": "desk", "channel": "#desk", "severity": "sev3", "after_minutes": 0}
ISSUE = {
    "reference": "T-1",
    "started": "2026-10-01",
    "workaround": "Use the door.",
    "engineering_status": "reported",
}


def faults(stated):
    """Return where front matter breaks the schema, and which keyword says so."""
    validator = Draft7Validator(
        front_matter_schema(), format_checker=Draft7Validator.FORMAT_CHECKER
    )
    return sorted((error.json_path, error.validator) for error in validator.iter_errors(stated))


def parts(schema):
    """Yield the properties of the schema and of its definitions, by name."""
    yield from schema["properties"].items()
    for name, definition in schema["definitions"].items():
        for key, value in definition["properties"].items():
            yield f"{name}.{key}", value


def test_the_committed_schema_is_what_the_command_prints():
    """Whoever changes front matter renews the file with: sop schema > docs/assets/NAME."""
    done = CliRunner().invoke(app, ["schema"])
    assert done.exit_code == 0
    assert COMMITTED.read_text(encoding="utf-8") == done.stdout
    assert json.loads(done.stdout) == front_matter_schema()
    Draft7Validator.check_schema(front_matter_schema())


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "sop").rglob("*.md")), ids=lambda path: path.stem
)
def test_every_article_follows_the_schema(path):
    """What the check accepts is no error in an editor."""
    values = split_front_matter(path.name, path.read_bytes()).mapping.values
    assert faults(json.loads(json.dumps(values, default=str))) == []


def test_every_key_is_described():
    """An editor says of each key, nested ones too, what it is for."""
    schema = front_matter_schema()
    assert [name for name, part in parts(schema) if len(part.get("description", "")) < 15] == []
    own = ["x-accept", "x-adopted"]
    assert sorted(schema["properties"]) == sorted([*FrontMatter.model_fields, *own])
    assert schema["required"] == list(REQUIRED_KEYS)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"x-own": {"a": 1}, "x-adopted": {"source": "a"}}, []),
        ({"audience": ["internal", "leads"], "language": "zh-Hans", "hide": ["toc"]}, []),
        ({"sharing": None, "replaced_by": None}, []),
        ({"escalation": ESCALATION}, []),
        ({"type": "known-issue"}, [("$", "required")]),
        ({"known_issue": {**ISSUE, "resolved": None}}, []),
        ({"known_issue": {**ISSUE, "workaround": None}}, [("$.known_issue.workaround", "type")]),
        ({"type": "tip"}, [("$", "required")]),
        ({"status": "deprecated"}, [("$", "required")]),
        ({"type": "recipe"}, [("$.type", "enum")]),
        ({"id": "ACC-1"}, [("$.id", "pattern")]),
        ({"owner": None}, [("$.owner", "type")]),
        ({"onwer": "desk"}, [("$", "additionalProperties")]),
        ({"summary": "x" * 201}, [("$.summary", "maxLength")]),
        ({"summary": "too short"}, [("$.summary", "minLength")]),
        ({"questions": ["one", "two"]}, [("$.questions", "minItems")]),
        ({"questions": ["one", "two", 3]}, [("$.questions[2]", "type")]),
        ({"last_reviewed": "soon"}, [("$.last_reviewed", "format")]),
        ({"audience": []}, [("$.audience", "minItems")]),
        ({"pinned": {"until": "2026-10-01"}}, [("$.pinned", "required")]),
        (
            {"escalation": {**ESCALATION, "after": 1}},
            [("$.escalation", "additionalProperties")],
        ),
        ({"escalation": {**ESCALATION, "severity": "sev1"}}, [("$.escalation", "required")]),
        ({"x-accept": {"headings": "why"}}, [("$['x-accept'].headings", "minLength")]),
    ],
)
def test_the_schema_and_the_check_agree(tmp_path, changed, expected):
    """What breaks the schema is an error of the check, and what keeps it is none."""
    assert faults({**deepcopy(GOOD), **changed}) == expected
    stated = "".join(f"{key}: {json.dumps(value)}\n" for key, value in {**GOOD, **changed}.items())
    text = f"---\n{stated}---\n\nOpen the gate.\n"
    (tmp_path / "sop" / "access").mkdir(parents=True)
    (tmp_path / "sop" / "access" / "a.md").write_text(text, encoding="utf-8")
    assert bool(check_articles(tmp_path / "sop")) == bool(expected)


@pytest.mark.parametrize("key", REQUIRED_KEYS)
def test_each_required_key_is_demanded(key):
    """Leaving one out is an error at the top of the file."""
    assert faults({name: value for name, value in GOOD.items() if name != key}) == [
        ("$", "required")
    ]
