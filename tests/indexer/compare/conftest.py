"""What tests of comparisons share: articles, and a small library with a history."""

from __future__ import annotations

import pytest
from support_git import git

from indexer.article import parse_article

# Slug: title, questions, body.
LIBRARY = {
    "access/second-factor": (
        "Reset a lost second factor",
        ["lost my phone and get no code", "the code never arrives", "phone gone, no sign in code"],
        "The user lost the phone that shows the code. Remove the old phone, send a new link.",
    ),
    "access/badge": (
        "Badge does not open the door",
        ["my badge does not open the door", "the door stays shut", "badge reader blinks red"],
        "Hold the badge still before the reader until the door opens.",
    ),
    "queues/empty": (
        "Queue without tasks",
        ["the board has tasks and i get none", "queue looks empty", "no tasks for me today"],
        "The board counts tasks and the moderator gets none. Check the membership of the queue.",
    ),
    "office/printer": (
        "Printer out of paper",
        ["the printer wants paper", "no paper in the printer", "how do i fill the printer"],
        "Open the tray and put paper into the printer.",
    ),
    "office/canteen": (
        "Hours of the canteen",
        ["when does the canteen open", "is there lunch on sunday", "lunch hours please"],
        "The canteen serves lunch from noon until two.",
    ),
}


@pytest.fixture
def articles_of(article_text):
    """Return a function that makes articles of path, id and title."""

    def run(files):
        return [
            parse_article(path, article_text(id=article_id, title=title).encode())
            for path, (article_id, title) in files.items()
        ]

    return run


@pytest.fixture
def page(article_text):
    """Return a function that gives the text of an article of the small library."""

    def run(slug, **changed):
        title, questions, body = LIBRARY[slug]
        number = list(LIBRARY).index(slug)
        body = changed.pop("body", body)
        keys = {"id": f"lib-{number:03}", "title": title, "questions": questions} | changed
        return article_text(f"{body}\n", **keys)

    return run


@pytest.fixture
def library(tmp_path, page):
    """The small library in a git work tree, committed on `main`; on the branch `mine`."""
    root = tmp_path / "repo"
    git_root = root / "sop"
    git_root.mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    for slug in LIBRARY:
        file = git_root / f"{slug}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(page(slug), encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "library")
    git(root, "switch", "--quiet", "--create", "mine")
    return git_root
