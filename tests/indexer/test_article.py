"""Front matter and article parsing."""

from __future__ import annotations

import time
from datetime import date

import pytest

from indexer.article import MAX_ARTICLE_BYTES, parse_article, readable_name, without_suffix
from indexer.errors import ArticleError


def refused(raw: bytes, path: str = "a.md") -> ArticleError:
    """Return the error with which a file is refused."""
    with pytest.raises(ArticleError) as caught:
        parse_article(path, raw)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}: ")
    return caught.value


def test_parse_article_reads_our_front_matter(article_text):
    """An article with a valid id takes id, title and questions from its front matter."""
    article = parse_article("access/reset.md", article_text().encode())
    assert (article.id, article.title) == ("acc-001", "Reset a lost second factor")
    assert article.front_matter.questions == ("phone lost", "no code arrives", "new phone, old app")
    assert article.body.strip() == "Call the desk."
    assert (article.body_line, article.id_line) == (12, 2)


def test_parse_article_reads_every_nested_part(article_text):
    """Escalation, known issue and pin are read with their types."""
    front_matter = parse_article(
        "a.md",
        article_text(
            escalation={
                "team": "access",
                "channel": "desk",
                "severity": "sev2",
                "after_minutes": 30,
                "evidence": ["user id", "time"],
            },
            known_issue={
                "reference": "T-1",
                "started": "2026-10-02",
                "workaround": "Reload",
                "engineering_status": "open",
            },
            pinned={"until": "2026-12-01", "reason": "New tool"},
            audience=["internal", "leads"],
            language="pt-BR",
        ).encode(),
    ).front_matter
    assert front_matter.escalation.severity == "sev2"
    assert front_matter.escalation.evidence == ("user id", "time")
    assert front_matter.known_issue.started == date(2026, 10, 2)
    assert front_matter.known_issue.resolved is None
    assert front_matter.pinned.until == date(2026, 12, 1)
    assert front_matter.audience == ("internal", "leads")
    assert front_matter.language == "pt-BR"


def test_parse_article_has_safe_defaults(article_text):
    """A missing audience is internal, a missing status is active, a missing language English."""
    front_matter = parse_article("a.md", article_text(status=None).encode()).front_matter
    assert (front_matter.audience, front_matter.status, front_matter.language) == (
        ("internal",),
        "active",
        "en",
    )


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("status", "actve", 6),
        ("audience", 7, 11),
        ("audience", [], 11),
        ("type", "recipe", 5),
        ("summary", "x" * 201, 4),
        ("last_reviewed", "soon", 9),
        ("replaced_by", "ACC-2", 11),
        ("language", "English language", 11),
    ],
)
def test_parse_article_names_the_line_of_a_wrong_value(article_text, key, value, line):
    """A wrong value of one of our keys is refused with file, line and field."""
    error = refused(article_text(**{key: value}).encode())
    assert (error.line, error.field) == (line, key)


def test_parse_article_names_a_wrong_nested_value(article_text):
    """A wrong value inside a nested mapping names the way to it."""
    error = refused(article_text(pinned={"until": "soon", "reason": "x"}).encode())
    assert (error.line, error.field) == (11, "pinned.until")


@pytest.mark.parametrize(
    ("key", "guard"),
    [
        ("audiance", "audience"),
        ("audiences", "audience"),
        ("statsu", "status"),
        ("Status", "status"),
        ("STATUS", "status"),
        ("AUDIENCE", "audience"),
    ],
)
def test_parse_article_refuses_a_misspelt_guarding_key(article_text, key, guard):
    """A near miss of status or audience is refused, since it would publish what it guards."""
    error = refused(article_text(status=None, **{key: "draft"}).encode())
    assert (error.line, error.field) == (10, key)
    assert guard in error.reason


def test_parse_article_tolerates_other_unknown_keys(article_text):
    """Keys that guard nothing are left to `sop check`."""
    assert parse_article("a.md", article_text(onwer="x", **{"x-y": "z"}).encode()).id == "acc-001"


def test_parse_article_refuses_a_repeated_key_of_ours(article_text):
    """A key that stands twice in our front matter is refused on its second line."""
    error = refused(article_text().replace("owner:", "status: draft\nowner:").encode())
    assert (error.line, error.field) == (7, "status")


def test_parse_article_tolerates_repeated_keys_in_foreign_front_matter():
    """Foreign front matter may repeat keys; the last title counts."""
    article = parse_article("a.md", b"---\ntitle: One\ntags: x\ntitle: Two\n---\nText\n")
    assert (article.id, article.title) == ("a", "Two")


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        ("a/b.md", "---\ntitle: '  Front  title '\n---\n# Heading\n", "Front title"),
        ("a/b.md", "---\ntitle: 7\n---\n# Heading\n", "Heading"),
        ("a/b.md", "Text first.\n\n## Second level\n\n# Late *first* `level`\n", None),
        ("a/b.md", "Setext title\n============\n\nText\n", "Setext title"),
        ("a/b.md", "```\n# a comment\n```\n\n# Real {#real}\n", "Real"),
        ("a/how-to_reset.the-phone.md", "Text\n", "How to reset the phone"),
        ("tools/index.md", "Text\n", "Tools"),
        ("tools/README.md", "Text\n", "Tools"),
        ("tools/data-desk/readme.markdown", "Text\n", "Data desk"),
        ("index.md", "Text\n", "Index"),
        ("a/page.html.md", "Text\n", "Page"),
        ("a/page.html.md.erb", "Text\n", "Page"),
        ("a/登录.md", "文字\n", "登录"),
    ],
)
def test_parse_article_finds_a_title(path, text, title):
    """The title is the front matter's, else the first level-1 heading, else the file's name."""
    assert parse_article(path, text.encode()).title == (title or "Late first level")


@pytest.mark.parametrize(
    ("path", "article_id"),
    [
        ("guide.md", "guide"),
        ("a/b/c.md", "a/b/c"),
        ("a/b.markdown", "a/b"),
        ("a/b.html.md", "a/b.html"),
        ("a/b.md.erb", "a/b"),
        ("a/b.html.md.erb", "a/b.html"),
        ("a/B.MD", "a/B"),
        ("a/index.md", "a/index"),
    ],
)
def test_parse_article_makes_an_id_of_the_path(path, article_id):
    """Without a valid id in the front matter, the path without suffix is the id."""
    assert parse_article(path, b"Text\n").id == article_id
    assert without_suffix(path) == article_id


def test_parse_article_takes_little_from_foreign_front_matter():
    """Front matter without a valid id gives its title and language, and is active."""
    raw = b"---\nid: Page_7\ntitle: T\nlanguage: de\nstatus: odd\nquestions: no\n---\nX\n"
    article = parse_article("a/b.md", raw)
    stated = article.front_matter
    assert (article.id, article.title, stated.language) == ("a/b", "T", "de")
    assert (stated.id, stated.status, stated.questions) == (None, "active", ())


@pytest.mark.parametrize(
    "front_matter",
    ['language: "en\\n"', 'title: "\\ud800"', 'title: "a\\0b"', "language: [x]", "title: {a: b}"],
)
def test_parse_article_survives_odd_foreign_values(front_matter):
    """No value in foreign front matter raises anything but an `ArticleError`."""
    try:
        parse_article("a.md", f"---\n{front_matter}\n---\n# Head\n".encode()).title.encode()
    except ArticleError as error:
        line = error.line
    else:
        line = 2
    assert line == 2


def test_parse_article_reads_windows_files(article_text):
    """A byte order mark and CRLF line ends change nothing, line numbers included."""
    plain = parse_article("a.md", article_text("One\n\nTwo\n").encode())
    raw = b"\xef\xbb\xbf" + article_text("One\n\nTwo\n").replace("\n", "\r\n").encode()
    assert parse_article("a.md", raw) == plain
    assert plain.body == "\nOne\n\nTwo\n"


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nJust a rule on top.\n",
        "---\n\nText between rules.\n\n---\n\nMore text.\n",
        "---\n",
        "----\ntitle: no\n----\n",
        "# H\n\n---\na: b\n---\n",
    ],
)
def test_parse_article_keeps_a_thematic_break(text):
    """Rules on top of a page without front matter are body, and nothing of it is lost."""
    article = parse_article("a.md", text.encode())
    assert (article.body, article.body_line) == (text, 1)


def test_parse_article_reads_an_empty_block_as_no_front_matter():
    """An empty block is dropped and the lines behind it keep their numbers."""
    article = parse_article("a.md", b"---\n---\nText\n")
    assert (article.id, article.body, article.body_line) == ("a", "Text\n", 3)


def test_parse_article_drops_template_code_and_keeps_the_lines():
    """In an ERB file, code goes and its line breaks stay."""
    article = parse_article("a.html.md.erb", b"One\n<% if x\n  y %>Two <%= z %>\nThree\n")
    assert article.body == "One\n\nTwo \nThree\n"


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"One\nTwo \xff\n", 2, "UTF-8"),
        (b"\xef\xbb\xbfa\n\xff\n", 2, "UTF-8"),
        (b"One\r\nTwo\r\nThr\xe9e\r\n", 3, "UTF-8"),
        (b"One\n\nTwo\0\n", 3, "NUL"),
        ("One".encode("utf-16"), 1, "NUL"),
        (b"---\nid: acc-001\ntitle: [a\nstatus: active\n---\n", 4, "broken YAML"),
        (b"---\nid: acc-001\nlast_reviewed: 2026-02-30\n---\n", 3, "day"),
        (b"---\nid: acc-001\ntitle: *x\n---\n", 3, "aliases"),
        (b"---\nid: acc-001\ntitle: &x y\n---\n", 3, "anchors"),
        (b"---\nid: acc-001\ntitle: !x y\n---\n", 3, "tags"),
        (b"---\na: " + b"[" * 100_000 + b"\n---\n", 2, "bytes"),
        (b"---\na: " + b"[" * 10_000 + b"\n---\n", 2, "deeper"),
        (b"---\na: " + b"x" * 16_400 + b"\n---\n", 2, "16,384"),
    ],
)
def test_parse_article_refuses_bad_bytes_with_the_line(raw, line, words):
    """What is no text or no safe YAML is refused, and the line is named."""
    started = time.monotonic()
    error = refused(raw)
    assert error.line == line
    assert words in error.reason
    assert time.monotonic() - started < 2


def test_parse_article_reads_up_to_the_size_limit():
    """A file of exactly the limit is read, one byte more is refused."""
    assert parse_article("a.md", b"x" * MAX_ARTICLE_BYTES).id == "a"
    assert "2,097,153 bytes" in refused(b"x" * (MAX_ARTICLE_BYTES + 1)).reason


def test_readable_name_of_nothing_is_empty():
    """A name of punctuation alone gives no title, and the article is then untitled."""
    assert readable_name("---.md") == ""
    assert parse_article("---.md", b"Text\n").title == "Untitled"
