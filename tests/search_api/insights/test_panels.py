"""The dashboard's panels: each finding, its table, and who is not shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from support_events import NOON, asked, columns_of, library_article, told

from search_api.insights import health, surveyed, usage
from search_api.insights.dashboard import PANELS, make_dashboard
from search_api.insights.library import View
from search_api.insights.shifts import ShiftPlan
from search_api.insights.surveyed import FoundGap, FoundMalfunction, FoundWish, Survey
from search_api.insights.windows import window_of
from search_api.settings import Settings

PLAN = ShiftPlan(Settings().shifts)
WEEK = timedelta(days=7)
LIBRARY = {
    one.id: one
    for one in (
        library_article(review_by=date(2026, 10, 20)),
        library_article("que-001", area="queues", type="troubleshooting"),
        library_article("tip-001", area="queues", type="tip", pinned_until=date(2026, 12, 1)),
        library_article("old-001", status="archived"),
    )
}
NOW = NOON + timedelta(hours=11)


def answered_by(article):
    """What an answer has whose likeliest article is this one."""
    return [{"id": article, "score": 0.5, "confidence": 0.5}]


def view_of(questions, feedback=(), area=None, named="today"):
    """Events as the dashboard of that evening sees them."""
    return View(columns_of(questions, feedback), LIBRARY, window_of(PLAN, named, area, NOW))


def test_volume_has_every_hour_and_what_got_an_article():
    """Hours without a question are there too; the finding says when most was asked."""
    found = usage.volume(view_of([asked(1), asked(2, 5), asked(3, 70, decision="abstain")]), PLAN)
    assert len(found.rows) == 23
    assert [row for row in found.rows if row[1]] == [
        ("2026-11-03T12:00+00:00", 2, 2),
        ("2026-11-03T13:00+00:00", 1, 0),
    ]
    # Noon in UTC, told in the time zone that the plan's days are of.
    assert found.finding == "3 questions; most of them at 20:00: 2."
    assert "Asia/Singapore" in found.note


def test_rise_beyond_chance_is_trending():
    """Twenty after two is a rise, three after one is none; the share of one person is none."""
    questions = [asked(n, suggestions=answered_by("que-001")) for n in range(20)]
    questions += [
        asked(n, asked_at=NOON - WEEK, suggestions=answered_by("que-001")) for n in (30, 31)
    ]
    questions += [asked(n) for n in (40, 41, 42)]
    questions += [asked(n, actor="one", suggestions=answered_by("tip-001")) for n in range(50, 70)]
    found = usage.trending(view_of(questions))
    assert [(row[0].id, row[1], row[2]) for row in found.rows] == [("que-001", 20, 2)]
    assert found.finding == "1 topic rises; most of all “Title of que-001”, 20 after 2."


def test_nothing_rises_without_a_time_before():
    """A log that begins today cannot say what rises."""
    found = usage.trending(view_of([asked(n) for n in range(20)]))
    assert (found.rows, found.finding) == ((), "There is no time before to compare with.")


def test_kind_is_told_by_the_text_and_else_by_the_article():
    """A wish by its words, a malfunction by its troubleshooting article, else it does not say."""
    found = usage.kinds(
        view_of(
            [
                asked(1, text="please add a filter"),
                asked(2, text="queue", suggestions=answered_by("que-001")),
                asked(3, text="phone lost"),
                asked(4, text="parking", decision="abstain", suggestions=[]),
            ]
        )
    )
    assert [(row[0], row[1]) for row in found.rows] == [
        ("something does not work", 1),
        ("how to do something", 1),
        ("a wish for the product", 1),
        ("it does not say", 1),
    ]


def test_link_rate_is_told_beside_everything_else():
    """Of cases that got an article, how many had one linked or solved by it."""
    found = usage.outcomes(
        view_of(
            [asked(1), asked(2), asked(3, decision="abstain")],
            [told("linked", reference="T-1"), told("rejected", 2, reference="T-2")],
        )
    )
    cases = {str(row[0]).split(":")[-1].strip(): row[1:3] for row in found.rows}
    assert cases["got an article"] == (2, 0.6667)
    assert cases["an article was linked or solved it (link rate)"] == (1, 0.5)
    assert cases["an article was rejected"] == (1, 0.5)
    assert "no target" in found.note


def test_rejections_are_counted_by_reason():
    """The most frequent first; what nobody gave a reason for too."""
    reasons = ("outdated", "outdated", None)
    found = usage.rejections(
        view_of([asked(1)], [told("rejected", n, reason=why) for n, why in enumerate(reasons)])
    )
    assert [row[:3] for row in found.rows][:2] == [
        ("outdated", 2, 0.6667),
        ("no reason given", 1, 0.3333),
    ]


def test_group_of_fewer_than_three_people_is_not_shown():
    """Two people who ask in German are nobody's business; three who ask in English are shown."""
    questions = [asked(n) for n in (1, 2, 3)]
    questions += [asked(n, language="de") for n in (4, 5)]
    found = usage.languages(view_of(questions))
    assert [row[:3] for row in found.rows] == [("en", 3, 0)]
    assert found.note == "Groups of fewer than 3 people are not shown."


def test_area_is_that_of_the_likeliest_article():
    """What has no article at all is in no area; an area alone has only its own."""
    questions = [asked(n, suggestions=answered_by("que-001")) for n in (1, 2, 3)]
    questions += [asked(n, decision="abstain", suggestions=[]) for n in (4, 5, 6, 7)]
    rows = usage.areas(view_of(questions)).rows
    assert [(row[0], row[1], row[3]) for row in rows] == [("no area", 4, 0.0), ("queues", 3, 1.0)]
    alone = usage.areas(view_of(questions, area="queues")).rows
    assert [(row[0], row[1]) for row in alone] == [("queues", 3)]


def test_stale_articles_are_ranked_by_use():
    """Past its review date and used; what is archived is no article any more."""
    view = view_of([asked(n) for n in range(6)])
    used, rejected = health.uses(view), health.rejected_by_several(view)
    found = health.stale(view, used)
    assert [(row[0].id, row[1], row[2]) for row in found.rows] == [("acc-001", 6, "2026-10-20")]
    assert "used in 6 cases" in found.finding
    counts = dict(health.health(view, used, rejected).rows)
    assert counts == {
        "serve": 3,
        "past their review date": 1,
        "past it and much used": 1,
        "never used in this time": 2,
        "rejected by three people or more": 0,
    }


def test_opened_article_is_not_never_used():
    """Neither answering nor opened, linked or solving: only then it was never used."""
    view = view_of([asked(1)], [told("viewed", article_id="que-001")])
    found = health.unused(view, health.uses(view))
    assert [row[0].id for row in found.rows] == ["tip-001"]


def test_article_is_told_as_rejected_from_three_people_on():
    """Three rejections of one person say little; three people's are told with their reason."""
    feedback = [
        told("rejected", n, actor=str(n), reason="outdated", article_id="que-001") for n in range(3)
    ]
    feedback += [told("rejected", n, actor="one") for n in range(3)]
    view = view_of([asked(1)], feedback)
    found = health.rejected_articles(view, health.rejected_by_several(view))
    assert [(row[0].id, *row[1:]) for row in found.rows] == [("que-001", 3, "outdated", 3)]


def test_tips_tell_how_often_they_helped():
    """Likeliest answer, opened, linked or solved, and until when it is pinned."""
    view = view_of(
        [asked(1, suggestions=answered_by("tip-001"))],
        [told("viewed", article_id="tip-001"), told("linked", article_id="tip-001")],
    )
    (row,) = health.tips(view).rows
    assert (row[0].id, *row[1:]) == ("tip-001", 1, 1, 1, "2026-12-01")


def survey():
    """What a survey found: a gap, a wish in each area, a malfunction of last week."""
    values = {"askers": 4, "first_asked": date(2026, 10, 9), "last_asked": date(2026, 11, 2)}
    return Survey(
        since=NOON - 4 * WEEK,
        until=NOON,
        gaps=(
            FoundGap(
                id="0badcafe",
                label="parking permit",
                kind="edit",
                articles=("acc-001",),
                questions=7,
                article="acc-001",
                **values,
            ),
        ),
        wishes=(
            FoundWish(id="1", label="dark mode", questions=9, weeks=3, article=None, **values),
            FoundWish(id="2", label="sort", questions=5, weeks=2, article="que-001", **values),
        ),
        malfunctions=(
            FoundMalfunction(
                id="m-1",
                platforms=("Board",),
                first_seen=NOON - WEEK,
                last_seen=NOON - WEEK,
                questions=12,
                askers=11,
                article="que-001",
                state="over",
            ),
        ),
    )


def test_survey_is_told_with_its_own_time():
    """Gaps, wishes and malfunctions say of which days they are, whatever time is chosen."""
    view = view_of([asked(1)])
    gaps, wishes = surveyed.gaps(view, survey()), surveyed.wishes(view, survey())
    assert gaps.rows[0][:4] == ("parking permit", "edit this one, acc-001", 7, 4)
    assert gaps.note.startswith("Of the 28 days up to 2026-11-03 12:00 UTC")
    assert [row[0] for row in wishes.rows] == ["dark mode", "sort"]
    assert wishes.finding.endswith("9 times by 4 people in 3 weeks.")
    past = surveyed.malfunctions(view, survey(), ())
    assert (past.rows[0][0], past.rows[0][4]) == ("Board", 12)
    assert past.finding.startswith("Nothing is broken for many people now.")


def test_survey_of_an_area_is_that_of_its_articles():
    """A gap belongs to the area of its nearest article; what has none is in no area."""
    view = view_of([asked(1)], area="queues")
    assert surveyed.gaps(view, survey()).rows == ()
    assert [row[0] for row in surveyed.wishes(view, survey()).rows] == ["sort"]


def test_before_the_first_survey_that_is_said():
    """No list is shown that could be taken for an empty one."""
    assert "still being looked through" in surveyed.gaps(view_of([]), None).finding


@pytest.mark.parametrize("area", [None, "queues"])
def test_dashboard_has_all_panels_also_of_an_empty_log(area):
    """Nobody has asked: every panel says so in words, and no figure is 0 %."""
    window = window_of(PLAN, "28d", area, datetime(2026, 11, 3, 12, tzinfo=UTC))
    found = make_dashboard(columns_of([]), LIBRARY, window, PLAN, None, (), is_demo=False)
    assert tuple(one.key for one in found.panels) == PANELS
    assert [one.value for one in found.headlines] == [None] * 4
    assert (found.questions, found.log_begins, found.areas) == (0, None, ("access", "queues"))
    assert all(one.finding for one in found.panels)
