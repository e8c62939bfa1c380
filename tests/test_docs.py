"""The handbook and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from indexer.article import FrontMatter
from indexer.checks.rules import RULES
from indexer.search_index import RankingSettings
from search_api.app import create_app
from search_api.auth import SCOPES
from search_api.cli import app as sop
from search_api.schemas import Explanation
from search_api.settings import PREFIX, Settings

REPOSITORY = Path(__file__).parent.parent
DOCS = REPOSITORY / "docs"


def page(name: str) -> str:
    """Return the text of a handbook page."""
    return (DOCS / name).read_text(encoding="utf-8")


def test_settings_page_lists_every_setting_and_no_other():
    """Each setting stands in the table with its variable and its description."""
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.*) \|$", page("settings.md"), re.MULTILINE)
    assert [name for name, _, _ in rows] == list(Settings.model_fields)
    for name, variable, rest in rows:
        assert variable == PREFIX + name.upper()
        assert Settings.model_fields[name].description in rest


def test_api_page_names_every_route(tmp_path):
    """Each path of the API's description is explained on the API page."""
    app = create_app(Settings(actor_key_file=tmp_path / "actor.key"))
    text = page("api.md")
    assert [path for path in app.openapi()["paths"] if path not in text] == []


@pytest.mark.parametrize("name", ["api.md", "architecture.md"])
def test_every_part_of_an_explanation_is_explained(name):
    """Each field that `explain` adds stands in the table of both pages, and no other does."""
    tables = re.findall(r"(?:^\|.*\|$\n)+", page(name), re.MULTILINE)
    (table,) = (rows for rows in tables if "`lexical_chunk`" in rows)
    cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    assert sorted(re.findall(r"`(\w+)`", "".join(cells))) == sorted(Explanation.model_fields)


def test_formulas_have_the_weights_of_the_code():
    """Each weight of ranking stands in front of what it weighs on the architecture page."""
    weights = RankingSettings()
    assert weights.questions == 2 / 3
    text = page("architecture.md")
    for line in (
        f"score = {weights.dense:.2f} * s(1/3 * s(chunk_similarity) + 2/3 * s(asked_similarity))",
        f"+ {weights.lexical:.2f} * s(s(lexical_article) + s(lexical_chunk))",
        f"+ {weights.title:.2f} * s(title_similarity)",
        f"- {weights.overdue:.2f}   if overdue",
        f"+ {weights.tokens:.2f} * s(token_similarity)",
        f"+ {weights.asked_tokens:.2f} * s(asked_token_similarity)",
        f"for the {weights.token_depth} articles",
        f"+ {weights.pairs:.1f} * sum over its pairs",
    ):
        assert line in text


@pytest.mark.parametrize("scope", SCOPES)
def test_api_page_names_every_scope(scope):
    """Each scope of a key is explained on the API page."""
    assert f"`{scope}`" in page("api.md")


def test_writing_page_explains_every_front_matter_key():
    """Each key that a writer may set stands in the table of the writer's page."""
    text = page("writing.md")
    assert [key for key in FrontMatter.model_fields if f"`{key}`" not in text] == []


def test_rules_page_has_a_section_for_every_rule():
    """Each rule of `sop check` has its section and no other has one, in the order of the rules."""
    headings = re.findall(r"^### (.+)$", page("rules.md"), re.MULTILINE)
    assert headings == [name for name, _, _ in RULES]


@pytest.mark.parametrize(("name", "severity"), [(name, severity) for name, _, severity in RULES])
def test_rules_page_shows_severity_and_message(name, severity):
    """A section says first how severe the rule is, and shows a message that a fixture plants."""
    (section,) = re.findall(rf"(?ms)^### {name}\n\n(.*?)(?=^##|\Z)", page("rules.md"))
    assert section.startswith(severity.capitalize())
    (example,) = re.findall(r"^```text\n(.*)\n```$", section, re.MULTILINE)
    found = re.fullmatch(
        rf"sop/access/[\w-]+\.md:\d+: {name}: (.+?) \(.+?\)( \[warning\])?", example
    )
    assert (found[2] is not None) == (severity == "warning")
    folder = REPOSITORY / "tests" / "indexer" / "checks" / "fixtures" / name
    planted = "".join(path.read_text(encoding="utf-8") for path in folder.glob("bad*"))
    assert found[1].replace("'", "''") in planted.replace("''", "'").replace("'", "''")


def test_changelog_counts_the_rules():
    """The changelog says how many rules there are."""
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{len(RULES)} rules" in text


def test_every_command_is_in_the_handbook():
    """Each command of `sop` is shown somewhere in the handbook."""
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))
    names = get_command(sop).commands
    assert [name for name in names if f"sop {name}" not in text] == []


def test_readme_names_no_file_that_is_not_there():
    """Each path that the README links to or shows exists."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)[^)]*\)", text)
    assert links
    assert [link for link in links if not (REPOSITORY / link).exists()] == []
