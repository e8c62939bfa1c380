"""The JSON Schema of an article's front matter, for editors and for other programs.

Made from `FrontMatter` and from what `sop check` demands beyond it. It is stricter than
reading: what is needed has a value. Names in `teams.yml` and `platform.yml`, ids of other
articles and the order of dates are matters for `sop check` alone.
"""

from __future__ import annotations

from typing import Any

from indexer.article import MIN_QUESTIONS, REQUIRED_KEYS, FrontMatter

# The newest draft that the YAML support of all common editors reads.
_DRAFT = "http://json-schema.org/draft-07/schema#"
_DEFINITIONS = "#/definitions/{model}"
_FEWEST_SUMMARY_CHARS, _FEWEST_REASON_CHARS = 20, 10
_WAKING = ("sev1", "sev2")
# Where the key has the value, the other key is needed too.
_NEEDS = (
    ("type", "known-issue", "known_issue"),
    ("type", "tip", "pinned"),
    ("status", "deprecated", "replaced_by"),
)
_OWN_KEYS = {
    "x-accept": {
        "type": "object",
        "additionalProperties": {"type": "string", "minLength": _FEWEST_REASON_CHARS},
        "description": "Findings of sop check that may stay: a rule's name, and why.",
    },
    "x-adopted": {
        "type": "object",
        "description": "Where sop adopt found the text, and what it said about itself there.",
    },
}


def front_matter_schema() -> dict[str, Any]:
    """Return the JSON Schema, draft 7, with a description for every key."""
    made = FrontMatter.model_json_schema(ref_template=_DEFINITIONS)
    properties = _properties(made)
    properties["summary"]["minLength"] = _FEWEST_SUMMARY_CHARS
    properties["questions"]["minItems"] = MIN_QUESTIONS
    definitions = {
        name: {**part, "properties": _properties(part), "additionalProperties": False}
        for name, part in made["$defs"].items()
    }
    definitions["Escalation"] |= {
        "if": {"properties": {"severity": {"enum": list(_WAKING)}}, "required": ["severity"]},
        "then": {"properties": {"evidence": {"minItems": 1}}, "required": ["evidence"]},
    }
    return {
        "$schema": _DRAFT,
        "title": "Front matter of an article",
        "description": "The YAML between two lines of three hyphens at the top of an article.",
        "type": "object",
        "required": list(REQUIRED_KEYS),
        "properties": {**properties, **_OWN_KEYS},
        "patternProperties": {"^x-": {"description": "A key of your own."}},
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {key: {"const": value}}, "required": [key]},
                "then": {"required": [needed]},
            }
            for key, value, needed in _NEEDS
        ],
        "definitions": definitions,
    }


def _properties(made: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of a mapping's keys.

    One that is needed has a value; another text or date may be left empty.
    """
    return {
        key: _stated(value, is_needed=key in REQUIRED_KEYS)
        for key, value in made["properties"].items()
    }


def _stated(made: dict[str, Any], *, is_needed: bool) -> dict[str, Any]:
    kept = {key: value for key, value in made.items() if key not in ("title", "anyOf")}
    for choice in made.get("anyOf", ()):
        kept |= choice if choice != {"type": "null"} else {}
    if "anyOf" in made and "type" in kept and not is_needed:
        kept["type"] = [kept["type"], "null"]
    if is_needed or not kept.get("default"):
        kept.pop("default", None)
    if "description" in kept:
        kept["description"] = " ".join(kept["description"].split())
    if "$ref" in kept:
        # Beside a reference draft 7 reads nothing else.
        return {"allOf": [{"$ref": kept.pop("$ref")}], **kept}
    return kept
