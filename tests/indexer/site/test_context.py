"""What templates show: facts of articles, their areas, and the home page's lists."""

from __future__ import annotations

import json
from datetime import date

import pytest
from projects import article_file, issue, read_site

from indexer.site.context import area_context, article_context, article_list, home_context

TEAMS = """\
access: {name: Access, channel: "#access", on_call: "https://oncall.example/a",
  time_zone: Europe/Dublin, hours: "09:00-18:00", backup: platform,
  reviewers: ["@example/not-shown"]}
platform: {name: Platform, hours: "24x7", backup: last}
last: {name: Last}
"""
ESCALATION = {"team": "access", "channel": "#help", "severity": "sev2", "after_minutes": 15}


@pytest.fixture
def site_of(tmp_path, write_files):
    """Return a function that gives the articles of files, with teams."""

    def run(files: dict[str, str], teams: str | None = TEAMS, **options):
        written = {f"sop/{path}": text for path, text in files.items()}
        if teams is not None:
            written["sop/teams.yml"] = teams
        return read_site(write_files(tmp_path, written), **options)

    return run


def shown(site, path):
    """What the page of a file shows."""
    return article_context(site.by_file[f"sop/{path}"], site)


def team(key, name, **changed):
    """A team as the page's scripts read it."""
    values = {"channel": None, "on_call": None, "time_zone": "Etc/UTC", "hours": "24x7"}
    return {"key": key, "name": name} | values | changed


ACCESS = team(
    "access",
    "Access",
    channel="#access",
    on_call="https://oncall.example/a",
    time_zone="Europe/Dublin",
    hours="09:00-18:00",
)


def test_article_shows_what_its_writer_stated(site_of):
    """The card's facts are the front matter's, with the team behind the owner's key."""
    text = article_file(
        1,
        audience=["internal", "leads"],
        platforms=["web"],
        sharing="Not to users.",
        type="how-to",
    )
    found = shown(site_of({"a/one.md": text}), "a/one.md")
    keys = ("id", "title", "summary", "type", "status", "audience", "platforms", "sharing")
    assert {key: found[key] for key in keys} == {
        "id": "acc-001",
        "title": "Article 1",
        "summary": "Summary 1.",
        "type": "how-to",
        "status": "active",
        "audience": ("internal", "leads"),
        "platforms": ("web",),
        "sharing": "Not to users.",
    }
    assert (found["last_reviewed"], found["review_by"]) == (date(2026, 10, 1), date(2099, 1, 1))
    assert (found["owner"]["name"], found["owner"]["channel"]) == ("Access", "#access")
    assert (found["escalation"], found["replaced_by"], found["related"]) == (None, {}, [])


def test_scripts_read_the_escalation_with_its_team(site_of):
    """Team, hours, time zone, on-call address and backup are in what scripts read."""
    text = article_file(1, escalation=ESCALATION | {"evidence": ["the id", "the time"]})
    found = shown(site_of({"a/one.md": text}), "a/one.md")["data"]
    expected = ACCESS | {"backup": team("platform", "Platform")}
    assert json.loads(json.dumps(found)) == {
        "id": "acc-001",
        "title": "Article 1",
        "summary": "Summary 1.",
        "type": "process",
        "url": "/sop/a/one/",
        "last_reviewed": "2026-10-01",
        "review_by": "2099-01-01",
        "owner": expected,
        "escalation": {
            "team": expected,
            "channel": "#help",
            "severity": "sev2",
            "after_minutes": 15,
            "evidence": ["the id", "the time"],
        },
    }


@pytest.mark.parametrize("teams", [TEAMS, None])
def test_unknown_team_is_shown_by_its_key(site_of, teams):
    """A team that no file knows has its key as its name, and no hours but the default."""
    text = article_file(1, owner="ghosts", escalation=ESCALATION | {"team": "night-shift"})
    found = shown(site_of({"a/one.md": text}, teams), "a/one.md")
    assert found["owner"] == team("ghosts", "ghosts") | {"backup": None}
    assert found["escalation"]["team"] == team("night-shift", "night-shift") | {"backup": None}


def test_article_without_front_matter_shows_its_file(site_of):
    """A foreign file has an id, a title and an address, and claims nothing else."""
    found = shown(site_of({"a/foreign.md": "# Foreign one\n\nText.\n"}), "a/foreign.md")
    assert (found["id"], found["title"], found["owner"]) == ("a/foreign", "Foreign one", None)
    assert found["data"] == {
        "id": "a/foreign",
        "title": "Foreign one",
        "summary": "",
        "type": None,
        "url": "/sop/a/foreign/",
        "last_reviewed": None,
        "review_by": None,
        "owner": None,
        "escalation": None,
    }


def test_related_lists_visible_articles_in_the_writers_order(site_of):
    """Drafts, archived, other audiences' and unknown articles are left out of what is related."""
    related = ["acc-006", "acc-004", "acc-002", "acc-003", "acc-999", "acc-005"]
    site = site_of(
        {
            "a/one.md": article_file(1, related=related),
            "b/two.md": article_file(2),
            "b/draft.md": article_file(3, status="draft"),
            "b/gone.md": article_file(4, status="archived"),
            "b/leads.md": article_file(5, audience=["leads"]),
            "b/old.md": article_file(6, status="deprecated"),
        }
    )
    assert shown(site, "a/one.md")["related"] == [
        {
            "id": "acc-006",
            "title": "Article 6",
            "summary": "Summary 6.",
            "type": "process",
            "url": "sop/b/old/",
        },
        {
            "id": "acc-002",
            "title": "Article 2",
            "summary": "Summary 2.",
            "type": "process",
            "url": "sop/b/two/",
        },
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "acc-002"),
        ({"status": "draft"}, None),
        ({"status": "archived"}, None),
        ({"audience": ["leads"]}, None),
    ],
)
def test_replacement_is_shown_where_it_is_visible(site_of, changed, expected):
    """A deprecated article leads to its replacement, and never to one that has no page here."""
    site = site_of(
        {
            "a/old.md": article_file(1, status="deprecated", replaced_by="acc-002"),
            "a/new.md": article_file(2, **changed),
        }
    )
    found = shown(site, "a/old.md")
    assert found["status"] == "deprecated"
    assert found["replaced_by"].get("id") == expected


def test_areas_list_their_articles_in_path_order(site_of):
    """Each folder is an area with its own articles, those of the root are one too."""
    site = site_of(
        {
            "b/two.md": article_file(2),
            "b/one.md": article_file(1),
            "b/deep/three.md": article_file(3),
            "a/four.md": article_file(4),
            "five.md": article_file(5),
            "hidden/draft.md": article_file(6, status="draft"),
        }
    )
    found = {folder: [one["id"] for one in area_context(folder, site)] for folder in site.areas()}
    assert found == {
        ".": ["acc-005"],
        "a": ["acc-004"],
        "b": ["acc-001", "acc-002"],
        "b/deep": ["acc-003"],
    }
    assert area_context("hidden", site) == []


def test_home_lists_what_is_broken_now_newest_first(site_of):
    """Known issues that are not resolved, by the day they started, the latest first."""
    resolved = issue("2026-11-09", "LR-4", resolved=date(2026, 11, 10))
    site = site_of(
        {
            "a/one.md": article_file(1, known_issue=issue("2026-11-01", "LR-1")),
            "a/two.md": article_file(2, known_issue=issue("2026-11-08", "LR-2")),
            "b/three.md": article_file(3, known_issue=issue("2026-10-01", "LR-3")),
            "b/four.md": article_file(4, known_issue=resolved),
            "b/five.md": article_file(5, known_issue=issue("2026-11-20", "LR-5"), status="draft"),
            "b/six.md": article_file(6, known_issue=issue("2026-11-21"), audience=["leads"]),
            "b/seven.md": article_file(7),
        }
    )
    issues = home_context(site)["issues"]
    assert [(one["id"], one["issue"].reference) for one in issues] == [
        ("acc-002", "LR-2"),
        ("acc-001", "LR-1"),
        ("acc-003", "LR-3"),
    ]
    assert issues[0]["url"] == "sop/a/two/"


def tip(number, until, **changed):
    """A tip that is put forward until a day."""
    pinned = {"until": date.fromisoformat(until), "reason": "New."}
    return article_file(number, type="tip", pinned=pinned, **changed)


def test_home_lists_tips_by_their_end(site_of):
    """Pinned tips come in the order in which they end; others are left out."""
    pinned = {"until": date(2030, 1, 1), "reason": "New."}
    site = site_of(
        {
            "a/one.md": tip(1, "2099-03-01"),
            "a/two.md": tip(2, "2099-01-01"),
            "a/three.md": tip(3, "2099-02-01"),
            "a/draft.md": tip(4, "2099-01-02", status="draft"),
            "a/leads.md": tip(5, "2099-01-02", audience=["leads"]),
            "a/six.md": article_file(6, type="tip"),
            "a/seven.md": article_file(7, type="process", pinned=pinned),
        }
    )
    tips = home_context(site)["tips"]
    assert [(one["id"], one["until"].isoformat()) for one in tips] == [
        ("acc-002", "2099-01-01"),
        ("acc-003", "2099-02-01"),
        ("acc-001", "2099-03-01"),
    ]


def test_tips_that_have_ended_hide_no_current_one(site_of):
    """However many tips have ended, one that has not is still in the page."""
    files = {f"a/{number}.md": tip(number, f"2020-01-{number:02d}") for number in range(1, 12)}
    site = site_of(files | {"b/now.md": tip(99, "2099-01-01")})
    assert "acc-099" in [one["id"] for one in home_context(site)["tips"]]


def test_home_lists_every_area_with_all_its_articles(site_of):
    """Each area has a name for people, its address and all of its articles."""
    site = site_of(
        {
            "data-export/two.md": article_file(2),
            "data-export/one.md": article_file(1),
            "access/three.md": article_file(3),
        }
    )
    areas = home_context(site)["areas"]
    assert [(one["name"], one["url"]) for one in areas] == [
        ("Access", "sop/access/"),
        ("Data export", "sop/data-export/"),
    ]
    assert [[a["id"] for a in one["articles"]] for one in areas] == [
        ["acc-003"],
        ["acc-001", "acc-002"],
    ]


def test_list_for_scripts_names_visible_articles_with_addresses_from_the_root(site_of):
    """The list has every visible article with its area, and no other."""
    site = site_of(
        {
            "b/two.md": article_file(2),
            "a-b/one.md": article_file(1),
            "b/draft.md": article_file(3, status="draft"),
            "b/gone.md": article_file(4, status="archived"),
            "b/leads.md": article_file(5, audience=["leads"]),
        }
    )
    assert article_list(site) == [
        {
            "id": f"acc-00{number}",
            "title": f"Article {number}",
            "summary": f"Summary {number}.",
            "type": "process",
            "url": f"/sop/{path}/",
            "area": area,
            "updated": None,
        }
        for number, path, area in ((1, "a-b/one", "A b"), (2, "b/two", "B"))
    ]


def test_each_audience_has_its_own_site(site_of):
    """What one audience sees is in its lists, and the other articles are in the other's."""
    files = {
        "a/one.md": article_file(1),
        "a/two.md": article_file(2, audience=["leads"]),
        "a/both.md": article_file(3, audience=["leads", "internal"]),
    }
    found = {
        name: [one["id"] for one in article_list(site_of(files, audience=(name,)))]
        for name in ("internal", "leads", "nobody")
    }
    assert found == {
        "internal": ["acc-003", "acc-001"],
        "leads": ["acc-003", "acc-002"],
        "nobody": [],
    }
