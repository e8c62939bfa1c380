"""The articles of this repository hold together: what they name, ask and link to exists.

`sop check` compares names with `platform.yml`; here the rest is tried: every SQL snippet
runs against the tables of `tests/platform`, and every request, placeholder, link and
section is one that the platform or the library has.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from support_database import build_database, columns, open_read_only

from indexer import markdown
from indexer.anchors import Anchors
from indexer.article import parse_article
from indexer.checks.run import check_articles
from indexer.corpus import markdown_paths
from indexer.safe_yaml import load_mapping

REPOSITORY = Path(__file__).parent.parent
SOP = REPOSITORY / "sop"
ARTICLES = {
    path: parse_article(path, (SOP / path).read_bytes()) for path in markdown_paths(SOP, [], [])
}
PAGE = (REPOSITORY / "docs" / "platform.md").read_text(encoding="utf-8")
PLACEHOLDER = re.compile(r"\{\{ *(.*?) *\}\}")
CODE_LIKE = re.compile(r"(?<![\w./-])[A-Z]{1,10}-\d{3,}(?![\w-])")
CHANNEL = re.compile(r"(?<![\w/&#])#[a-z][\w-]*")
SECTIONS = {
    "how-to": ["Before you start", "Steps", "Verify", "Escalate"],
    "troubleshooting": ["Symptoms", "Check", "Fix", "Verify", "Escalate"],
    "known-issue": ["Symptoms", "Workaround", "Status"],
}
each_article = pytest.mark.parametrize("article", ARTICLES.values(), ids=list(ARTICLES))


@cache
def names(file="platform.yml"):
    """Return what a file of names says."""
    return load_mapping((SOP / file).read_text(encoding="utf-8"), file, max_bytes=131_072).values


@pytest.fixture(scope="module")
def database_file(tmp_path_factory):
    """The support database, as a file."""
    return build_database(tmp_path_factory.mktemp("platform") / "support.db")


@pytest.fixture
def database(database_file):
    """The support database as the Query tab opens it."""
    with closing(open_read_only(database_file)) as connection:
        yield connection


def fences(body, language=None):
    """Return the texts of a body's fences, those in lists and tabs too."""
    found = [node for node in markdown.parse(body).walk() if node.type == "fence"]
    return [node.content for node in found if language in (None, node.info.strip())]


def inline(body):
    """Return the inline nodes of a body and all that lies in them."""
    for node in markdown.parse(body).walk():
        if node.type == "inline":
            yield from node.walk()


def words(article):
    """Return the article's words: what its front matter says, then its text with its code."""
    stated = article.front_matter
    issue = stated.known_issue
    texts = [article.title, stated.summary, stated.sharing or "", *stated.symptoms]
    texts += [*stated.escalation.evidence] if stated.escalation else []
    texts += [issue.reference, issue.workaround, issue.engineering_status] if issue else []
    page = markdown.parse(article.body)
    return "\n".join([*texts, *(text for _, text in markdown.page_lines(page))])


def filled(snippet):
    """Return a snippet with the example of each placeholder; an unknown one stays."""
    known = names()["placeholders"]
    return PLACEHOLDER.sub(
        lambda found: str(known.get(found[1], {}).get("example", found[0])), snippet
    )


def statements(script):
    """Return the statements of a script, one by one."""
    found, current = [], ""
    for piece in re.split(r"(?<=;)", script):
        current += piece
        if sqlite3.complete_statement(current):
            found.append(current.strip())
            current = ""
    return [*found, current.strip()] if current.strip() else found


def headings(article):
    """Return the text and the anchor of every heading, as the site gives them."""
    root = markdown.parse(article.body)
    anchors = Anchors(set(markdown.explicit_ids(root)))
    found = [markdown.heading(n.children[0]) for n in root.walk() if n.type == "heading"]
    return [(h.text, h.explicit_id or anchors.anchor(h.slug_text)) for h in found]


def test_articles_pass_the_check():
    """`sop check` has no error; a review that is due is a warning."""
    found = [finding for finding in check_articles(SOP) if finding.severity == "error"]
    assert [str(finding) for finding in found] == []


@each_article
def test_sql_runs_read_only(article, database):
    """Each SQL snippet runs, statement by statement, once its placeholders are filled in."""
    for snippet in fences(article.body, "sql"):
        for statement in statements(filled(snippet)):
            try:
                database.execute(statement).fetchall()
            except sqlite3.Error as error:
                pytest.fail(f"{error}\n{statement}")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM users",
        "UPDATE users SET state = 'active'",
        "INSERT INTO ticket_tags VALUES ('SUP-104233', 'promise')",
        "CREATE TABLE copies (a)",
        "DROP TABLE users",
        "ATTACH DATABASE ':memory:' AS other",
        "PRAGMA query_only = OFF",
        "SELECT load_extension('x')",
    ],
)
def test_the_database_refuses_what_is_no_query(database, statement):
    """The database of these tests runs queries only, so a snippet that writes would fail."""
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        database.execute(statement)


def test_the_database_refuses_a_second_statement(database):
    """Two statements at once are no query; the tests split a snippet before."""
    with pytest.raises(sqlite3.ProgrammingError, match="one statement"):
        database.execute("SELECT 1; SELECT 2")
    assert statements("SELECT ';';\nSELECT 2;\n") == ["SELECT ';';", "SELECT 2;"]


def test_platform_names_the_tables_of_the_database(database):
    """Tables and columns in `platform.yml` are those of the schema, in its order."""
    assert names()["database"] == columns(database)


def test_every_table_has_rows(database):
    """Each table has rows to find."""
    empty = [
        table
        for table in columns(database)
        if not database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 (names of the schema)
    ]
    assert empty == []


@each_article
def test_placeholders_are_defined_and_fenced(article):
    """A placeholder stands in a fence only, and `platform.yml` says what it means."""
    used = {name for text in fences(article.body) for name in PLACEHOLDER.findall(text)}
    assert sorted(used - set(names()["placeholders"])) == []
    prose = [node.content for node in inline(article.body) if not node.children]
    assert [text for text in prose if "{{" in text] == []


def test_placeholders_have_meaning_and_example():
    """Each placeholder says what it means, and an example that is an id looks like one."""
    patterns = names()["ids"]
    for name, stated in names()["placeholders"].items():
        assert sorted(stated) == ["example", "means"], name
        assert all(isinstance(text, str) and text for text in stated.values()), name
        kind = {"request_id": "privacy_request", "schedule_id": "export_schedule"}.get(
            name, name.removeprefix("other_").removesuffix("_id")
        )
        if kind in patterns:
            assert re.fullmatch(patterns[kind], stated["example"]), name


@each_article
def test_requests_are_those_of_the_platform(article):
    """Each HTTP snippet is a GET of an endpoint that `platform.yml` lists for its host."""
    tools = {host: tool for tool, host in names()["hosts"].items()}
    for snippet in fences(article.body, "http"):
        first, *rest = snippet.strip().split("\n")
        method, path, version = first.split(" ")
        headers = dict(line.split(": ", 1) for line in rest)
        assert (method, version) == ("GET", "HTTP/1.1")
        listed = names()["endpoints"][tools[headers["Host"]]]
        patterns = [re.sub(r"\\\{\w+\\\}", r"[\\w{}-]+", re.escape(one)) for one in listed]
        assert any(re.fullmatch(pattern, path) for pattern in patterns), path


@each_article
def test_codes_and_ids_are_known(article):
    """Whatever looks like `XX-1234` is an error code or an id as `platform.yml` describes it."""
    patterns = "|".join(names()["ids"].values())
    unknown = {
        code for code in CODE_LIKE.findall(words(article)) if not re.fullmatch(patterns, code)
    }
    assert sorted(unknown - set(names()["error_codes"])) == []


@each_article
def test_channels_are_known(article):
    """Each `#channel` in the text exists; an anchor in a link is no text."""
    assert sorted(set(CHANNEL.findall(words(article))) - set(names()["channels"])) == []


@each_article
def test_names_in_code_are_known(article):
    """A `snake_case` name is explained or stands in a snippet; no name nearly spells another."""
    listed = {*names()["roles"], *names()["queues"], *names()["tickets"]["tags"]}
    for table, its_columns in names()["database"].items():
        listed |= {table, *its_columns}
    explained = listed | set(re.findall(r"[\w-]+", PAGE + "\n".join(fences(article.body))))
    used = {node.content for node in inline(article.body) if node.type == "code_inline"}
    unknown = {name for name in used if re.fullmatch(r"[a-z]+(?:[_-][a-z0-9]+)+", name)} - explained
    assert sorted(name for name in unknown if "_" in name) == []
    near = {name: get_close_matches(name, listed, n=1, cutoff=0.85) for name in unknown}
    assert {name: found for name, found in near.items() if found} == {}


@each_article
def test_links_lead_to_articles_and_headings(article):
    """Each link without a scheme leads to a published article, and its anchor to a heading."""
    here = PurePosixPath(article.path).parent
    for node in inline(article.body):
        if node.type != "link":
            continue
        target, _, anchor = str(node.attrs["href"]).partition("#")
        assert "://" not in target, target
        parts: list[str] = []
        for part in (here / target).parts if target else PurePosixPath(article.path).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        linked = ARTICLES.get("/".join(parts))
        assert linked, target
        assert linked.is_published, target
        assert not anchor or anchor in [slug for _, slug in headings(linked)], (target, anchor)


@each_article
def test_related_articles_exist(article):
    """Ids in front matter are those of other articles."""
    stated = article.front_matter
    named = {*stated.related, *filter(None, [stated.replaced_by])}
    assert sorted(named - {one.id for one in ARTICLES.values()}) == []
    assert article.id not in named


@each_article
def test_sections_are_those_of_the_type(article):
    """A how-to, a troubleshooting and a known issue have their sections in order."""
    tops = [
        node.children[0].content
        for node in markdown.parse(article.body).children
        if node.type == "heading" and node.tag in ("h1", "h2")
    ]
    expected = SECTIONS.get(article.front_matter.type)
    assert expected is None or tops == expected


@each_article
def test_dates_and_escalation_fit(article):
    """Dates are in order, and one escalates to the team's channel or to that for incidents."""
    stated = article.front_matter
    assert date(2026, 1, 1) < stated.last_reviewed < stated.review_by
    if stated.escalation:
        channels = {names("teams.yml")[stated.escalation.team]["channel"], "#lantern-oncall"}
        assert stated.escalation.channel in channels


def test_teams_fit_the_platform():
    """A team's channel is one of the platform's, and its backup is another team."""
    for key, team in names("teams.yml").items():
        assert team["channel"] in names()["channels"], key
        assert team["backup"] in set(names("teams.yml")) - {key}


def test_error_codes_begin_with_the_prefix_of_a_tool():
    """Each code belongs to a tool."""
    prefixes = {tool["prefix"] for tool in names()["tools"].values()}
    assert {code.partition("-")[0] for code in names()["error_codes"]} == prefixes - {None}


def test_platform_page_explains_every_name():
    """The handbook page has each tool, code with its meaning, queue, role, channel and table."""
    rows = {tuple(map(str.strip, line.strip("|").split("|"))) for line in PAGE.splitlines()}
    platform = names()
    assert [pair for pair in platform["error_codes"].items() if pair not in rows] == []
    assert [tool for tool in platform["tools"] if f"### {tool}\n" not in PAGE] == []
    quoted = [*platform["queues"], *platform["roles"], *platform["regions"], *platform["channels"]]
    quoted += [*platform["tickets"]["states"], *platform["tickets"]["tags"]]
    quoted += [name for table, its in platform["database"].items() for name in (table, *its)]
    quoted += [*platform["hosts"].values()]
    assert [name for name in quoted if f"`{name}`" not in PAGE] == []
    paths = [
        path.replace("{", "{{").replace("}", "}}")
        for paths in platform["endpoints"].values()
        for path in paths
    ]
    assert [path for path in paths if path not in PAGE] == []
