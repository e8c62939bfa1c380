"""Reports from events that can be counted by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from support_events import NOON, asked, told

from indexer.article import KnownIssue, Pin
from search_api.insights.follow_ups import follow_ups
from search_api.insights.shifts import FollowUpHours, Shift, ShiftPlan
from search_api.reports.build import daily, handover, weekly
from search_api.reports.material import Alert, ArticleChange, ArticleFacts, Loss, Material
from search_api.reports.report import Link

DAY = date(2026, 11, 3)
PLAN = ShiftPlan(
    [
        Shift(name=name, starts=time(hour), zone="Etc/UTC")
        for name, hour in (("Singapore", 0), ("Dublin", 8), ("Los Angeles", 16))
    ]
)
MISSED = {"decision": "abstain", "shown": 0}


def facts(article_id="acc-001", **changes):
    """An active article."""
    values = {
        "id": article_id,
        "title": f"Article {article_id}",
        "url": f"sop/{article_id}/",
        "owner": "user-operations",
        "status": "active",
    }
    return ArticleFacts(**values | changes)


def issue(status="Cause found", resolved=None):
    """A known issue."""
    return KnownIssue(
        reference="GATE-1",
        started=date(2026, 10, 1),
        workaround="Sign in again.",
        engineering_status=status,
        resolved=resolved,
    )


@pytest.fixture
def material():
    """Return a function that makes material as of the end of the day."""

    def make(questions=(), feedback=(), articles=(), now=None, **more):
        tickets = follow_ups(questions, feedback, FollowUpHours(), PLAN)
        return Material(
            now=now or NOON + timedelta(hours=12),
            plan=PLAN,
            questions=sorted(questions, key=lambda one: one.asked_at),
            feedback=feedback,
            follow_ups=tickets,
            articles={one.id: one for one in articles or [facts()]},
            **more,
        )

    return make


def section(report, key):
    """One section of a report."""
    return next(one for one in report.sections if one.key == key)


def rows(report, key):
    """The rows of a section's table, links as their texts."""
    return [
        tuple(value.text if isinstance(value, Link) else value for value in row)
        for row in section(report, key).table.rows
    ]


def told_first(report):
    """The sentences at the top."""
    return [one.text for one in report.highlights]


def test_daily_report_has_today_yesterday_and_a_week_before(material):
    """Each figure stands beside those of the day before and of the week before."""
    questions = [
        asked(1),
        asked(2, 5, **MISSED),
        asked(3, -24 * 60),
        *(asked(n, -7 * 24 * 60) for n in (4, 5, 6)),
    ]
    feedback = [told("resolved"), told("linked", minute=-24 * 60)]
    report = daily(material(questions, feedback), DAY)
    assert rows(report, "numbers") == [
        ("Questions", 2, 1, 3),
        ("Different people", "under 3", "under 3", 3),
        ("Tickets", 2, 1, 3),
        ("Got an article", "50 %", "100 %", "100 %"),
        ("Linked to the user", 0, "under 3", 0),
        ("Resolved", "under 3", 0, 0),
        ("Rejected suggestions", 0, 0, 0),
        ("Escalated", 0, 0, 0),
        ("Reopened", 0, 0, 0),
        ("Gaps reported", 0, 0, 0),
    ]
    hours, days = section(report, "numbers").charts
    assert hours.labels[12] == "12:00"
    assert (hours.values[12], sum(hours.values)) == (2, 2)
    assert days.labels[-1] == "2026-11-03"
    assert days.values[-8:] == (3, 0, 0, 0, 0, 0, 1, 2)
    assert told_first(report)[0] == (
        "2 questions from under 3 people; 50 % got an article (last Tuesday: 3 questions, 100 %)."
    )


def test_quiet_day_says_so(material):
    """A day without questions is one sentence, and no section is broken."""
    report = daily(material(), DAY)
    assert told_first(report) == ["Nobody asked anything (last Tuesday: 0 questions)."]
    assert section(report, "groups").text == "Nobody asked."
    assert section(report, "tickets").text == "None stands out."


def test_unusual_volume_is_a_highlight(material):
    """Sixty questions where the last four Tuesdays had ten each are told; eleven are not."""
    past = [
        asked(1000 * week + n, -week * 7 * 24 * 60 + n) for week in range(1, 5) for n in range(10)
    ]
    # A day on which the log began is not compared with: its morning is missing.
    past.append(asked(9999, -29 * 24 * 60))
    many = [asked(n, n / 2) for n in range(60)]
    assert told_first(daily(material(past + many), DAY))[1] == (
        "500 % more questions than on the last 4 Tuesdays: 60 instead of 10."
    )
    usual = told_first(daily(material(past + many[:11]), DAY))
    assert not any("Tuesdays" in one for one in usual)


def test_fall_in_answers_is_a_highlight(material):
    """Half of 100 questions got an article, where last week all of 100 did."""
    before = [asked(n, -7 * 24 * 60 + n / 10) for n in range(100)]
    now = [asked(200 + n, n / 10, **(MISSED if n % 2 else {})) for n in range(100)]
    report = daily(material(before + now), DAY)
    assert "Fewer questions got an article: 50 %, last Tuesday 100 %." in told_first(report)


def test_rejected_article_is_a_highlight_from_three_people_on(material):
    """Three people who reject an article are told with their reasons; two are not."""
    questions = [asked(n) for n in range(3)]
    feedback = [
        told("rejected", actor=f"{n}", reason=reason)
        for n, reason in enumerate(("outdated", "outdated", "not_related"))
    ]
    sentence = "Article acc-001 (acc-001) was rejected 3 times (2 outdated, 1 not related)."
    assert sentence in told_first(daily(material(questions, feedback), DAY))
    assert sentence not in told_first(daily(material(questions, feedback[:2]), DAY))
    assert rows(daily(material(questions, feedback), DAY), "articles") == [
        ("Article acc-001 (acc-001)", 0, 3)
    ]


def test_three_tickets_of_one_person_are_no_group(material):
    """Nothing is told of a group of one person, however many tickets it has, and it says why."""
    known = facts(known_issue=issue())
    questions = [asked(n, actor="1" * 32) for n in (1, 2, 3)]
    feedback = [
        told(event, reference=f"T-{n}", article_id="acc-001")
        for n in (1, 2, 3)
        for event in ("linked", "resolved")
    ]
    report = daily(material(questions, feedback, [known]), DAY)
    assert told_first(report) == [
        "3 questions from under 3 people; 100 % got an article (last Tuesday: 0 questions)."
    ]
    assert section(report, "articles").text == "Too few people said whether an article helped."
    assert section(report, "groups").text == "Too few people asked to show a group."
    assert rows(report, "known_issues")[0][2:4] == ("under 3 people", "under 3 people")
    assert rows(report, "numbers")[4:6] == [
        ("Linked to the user", 3, 0, 0),
        ("Resolved", 3, 0, 0),
    ]


def test_articles_count_a_ticket_once(material):
    """Three people whose tickets linked an article and were resolved by it used it three times."""
    questions = [asked(n) for n in (1, 2, 3)]
    feedback = [
        told(event, reference=f"T-{n}") for n in (1, 2, 3) for event in ("linked", "resolved")
    ]
    report = daily(material(questions, feedback), DAY)
    assert rows(report, "articles") == [("Article acc-001 (acc-001)", 3, 0)]


def test_known_issues_are_ranked_by_need(material):
    """The one that most tickets needed is first; a fixed one asks to retire its workaround."""
    articles = [
        facts("gat-001", known_issue=issue()),
        facts("gat-002", known_issue=issue("Corrected on 2026-11-01")),
        facts("gat-003", known_issue=issue()),
        facts("gat-004", known_issue=issue(resolved=date(2026, 10, 2))),
    ]

    def about(article, number, minute=0):
        ranked = [{"id": article, "score": 1.0, "confidence": 0.9}]
        return asked(number, minute, suggestions=ranked)

    questions = [
        *(about("gat-002", n) for n in range(4)),
        *(about("gat-001", n) for n in range(10, 13)),
        about("gat-003", 20),
        *(about("gat-003", n, -48 * 60) for n in range(30, 40)),
    ]
    report = daily(material(questions, articles=articles), DAY)
    assert rows(report, "known_issues") == [
        (
            "Article gat-002 (gat-002)",
            "GATE-1",
            4,
            4,
            "Corrected on 2026-11-01",
            "Retire the workaround",
        ),
        ("Article gat-001 (gat-001)", "GATE-1", 3, 3, "Cause found", "Ask engineering for a date"),
        ("Article gat-003 (gat-003)", "GATE-1", "under 3 people", 11, "Cause found", ""),
    ]
    assert told_first(report)[1:3] == [
        (
            "Article gat-002: engineering has fixed it, but 4 tickets still needed the workaround; "
            "retire it once the last of them is checked."
        ),
        "Known issue GATE-1, Article gat-001: needed for 3 tickets.",
    ]


def test_report_of_a_past_day_tells_what_was_so_on_that_day(material):
    """What engineering fixed later was not fixed yet, and what began later was not known."""
    articles = [
        facts("gat-001", known_issue=issue("Corrected on 2026-11-05, new files are right")),
        facts("gat-002", known_issue=issue(resolved=date(2026, 11, 4))),
        facts("gat-003", known_issue=issue("Corrected on 2026-11-03")),
        facts("gat-004", known_issue=issue().model_copy(update={"started": date(2026, 11, 9)})),
    ]
    ranked = [{"id": "gat-001", "score": 1.0, "confidence": 0.9}]
    questions = [asked(n, suggestions=ranked) for n in (1, 2, 3)]
    report = daily(material(questions, articles=articles), DAY)
    assert [(row[0][-8:-1], *row[4:]) for row in rows(report, "known_issues")] == [
        ("gat-001", "Not fixed yet", "Ask engineering for a date"),
        ("gat-002", "Not fixed yet", ""),
        ("gat-003", "Corrected on 2026-11-03", "Retire the workaround"),
    ]
    assert "Known issue GATE-1, Article gat-001: needed for 3 tickets." in told_first(report)


def test_handover_compares_with_the_same_shift_of_the_week_before(material):
    """Where clocks changed in between, the hours on the wall count: a Dublin morning is one."""
    plan = ShiftPlan(
        [
            Shift(name="Dublin", starts=time(8), zone="Europe/Dublin"),
            Shift(name="Los Angeles", starts=time(8), zone="America/Los_Angeles"),
        ]
    )
    shift = plan.shift_named("Dublin", date(2026, 10, 27))
    early = datetime(2026, 10, 20, 7, 30, tzinfo=NOON.tzinfo)
    questions = [asked(1, asked_at=early), asked(2, asked_at=early + timedelta(days=7, hours=1))]
    made = material(questions, now=shift.ends)
    report = handover(Material(**{**_values(made), "plan": plan}), shift)
    assert rows(report, "numbers")[0] == ("Questions", 1, 1)


def test_lost_questions_are_said(material):
    """What the log could not take is missing from the figures, and the report says so."""
    report = daily(material([asked()], losses=[Loss(NOON, 12)]), DAY)
    assert told_first(report)[1].startswith("12 answered questions could not be logged")


def test_tickets_worth_a_look_are_the_worst_first(material):
    """Came back twice, came back, escalated: in this order; a quiet ticket is not named."""
    questions = [asked(n) for n in (1, 2, 3, 4)]
    feedback = [
        told("escalated", reference="T-1", minute=60),
        told("resolved", reference="T-2"),
        told("reopened", reference="T-2", minute=5),
        told("resolved", reference="T-3"),
        told("reopened", reference="T-3", minute=2),
        told("resolved", reference="T-3", minute=3),
        told("reopened", reference="T-3", minute=4),
    ]
    report = daily(material(questions, feedback), DAY)
    assert [row[:3] for row in rows(report, "tickets")] == [
        ("T-3", "reopened", "reopened 2 times"),
        ("T-2", "reopened", "solved, and came back"),
        ("T-1", "escalated", "escalated 11 hours before the end"),
    ]


def test_tickets_worth_a_look_are_those_of_the_period(material):
    """What came back or was escalated on an earlier day was told then, and is no news."""
    questions = [asked(n, -3 * 24 * 60) for n in (1, 2, 3)]
    feedback = [
        told("escalated", reference="T-1", minute=-2 * 24 * 60),
        told("escalated", reference="T-2"),
        told("reopened", reference="T-3", minute=-2 * 24 * 60),
    ]
    made = material(questions, feedback)
    assert [row[0] for row in rows(daily(made, DAY), "tickets")] == ["T-2"]
    assert [row[0] for row in rows(daily(made, date(2026, 11, 1)), "tickets")] == ["T-3", "T-1"]


def test_ticket_that_is_asked_about_again_and_again_is_worth_a_look(material):
    """The day on which the fourth question of a waiting ticket comes has it, not the next one."""
    questions = [asked(n, (n - 5) * 24 * 60, reference="T-1") for n in range(1, 6)]
    made = material(questions)
    assert [row[:3] for row in rows(daily(made, DAY), "tickets")] == [
        ("T-1", "open", "asked about 5 times")
    ]
    assert section(daily(made, date(2026, 11, 4)), "tickets").text == "None stands out."


def test_handover_lists_its_next_shift_first_and_few_of_what_is_late(material):
    """Dozens of old tickets do not hide what is due in the next shift; the note counts them."""
    shift = PLAN.shift_at(NOON)
    late = [asked(n, -n * 60) for n in range(10, 50)]
    questions = [*late, asked(1, 3 * 60), asked(2, 2 * 60)]
    report = handover(material(questions, now=shift.ends), shift)
    assert [(row[0], row[3]) for row in rows(report, "due")] == [
        ("T-2", ""),
        ("T-1", ""),
        *((f"T-{n}", "overdue") for n in range(10, 15)),
    ]
    assert section(report, "due").note == "35 more are overdue; sop follow-ups lists them."


def test_report_never_holds_what_was_asked(material):
    """Neither a question nor a comment is anywhere in a report, in no format."""
    questions = [asked(n, text="the words of a person") for n in range(5)]
    feedback = [told("rejected", comment="more words", actor=f"{n}") for n in range(5)]
    content = daily(material(questions, feedback), DAY).model_dump_json()
    assert "words" not in content
    assert questions[0].actor not in content


def test_handover_lists_what_the_next_shift_needs(material):
    """Malfunctions that last, follow-ups due before the next shift ends, pins and changes."""
    shift = PLAN.shift_at(NOON)
    until = shift.ends + timedelta(hours=2)
    pinned = facts("tip-001", pinned=Pin(until=date(2026, 11, 9), reason="Audit week"))
    old = facts("tip-002", pinned=Pin(until=date(2026, 11, 2), reason="Over"))
    questions = [asked(1), asked(2, 1), asked(3, 2)]
    feedback = [told("linked", reference="T-2"), told("resolved", reference="T-3", minute=3)]
    report = handover(
        material(
            questions,
            feedback,
            [facts(), pinned, old],
            now=shift.ends,
            alerts=[
                Alert("Gatehouse signs people out", NOON, until, "acc-001"),
                Alert("Over at noon", NOON - timedelta(hours=3), NOON),
            ],
            changes=[
                ArticleChange(NOON, "changed", "acc-001", "First try"),
                ArticleChange(NOON + timedelta(hours=1), "changed", "acc-001", "Say who resets"),
                ArticleChange(shift.starts - timedelta(hours=1), "added", "tip-001", "Early"),
            ],
        ),
        shift,
    )
    assert report.title == "Handover Dublin to Los Angeles, 2026-11-03"
    assert rows(report, "malfunctions") == [
        (
            "Gatehouse signs people out",
            "2026-11-03 12:00",
            "2026-11-03 18:00",
            "Article acc-001 (acc-001)",
        )
    ]
    assert rows(report, "due") == [
        ("T-1", "open", "2026-11-03 16:00", "overdue", "Article acc-001 (acc-001)")
    ]
    assert rows(report, "pins") == [("Article tip-001 (tip-001)", "2026-11-09", "Audit week")]
    assert rows(report, "changes") == [
        ("2026-11-03 13:00", "changed", "Article acc-001 (acc-001)", "Say who resets")
    ]


def test_weekly_report_is_of_seven_whole_days(material):
    """A week that ends on a day has its events and those of the six days before, none twice."""
    questions = [asked(n, -n * 24 * 60) for n in range(14)]
    report = weekly(material(questions), DAY)
    assert (report.starts.day, report.ends.day) == (28, 4)
    assert rows(report, "numbers")[0] == ("Questions", 7, 7)
    days = section(report, "numbers").charts[0]
    assert (len(days.values), sum(days.values)) == (28, 14)


def test_day_of_clock_change_counts_each_event_once(material):
    """Over the hours that Dublin's clocks repeat, the shifts' counts add up to the day's."""
    plan = ShiftPlan(
        [
            Shift(name="Singapore", starts=time(8), zone="Asia/Singapore"),
            Shift(name="Dublin", starts=time(1), zone="Europe/Dublin"),
        ]
    )
    midnight = datetime.combine(date(2026, 10, 25), time(0), NOON.tzinfo)
    questions = [
        asked(n, asked_at=midnight + timedelta(minutes=10 * n), actor=f"{n}")
        for n in range(-6, 150)
    ]
    made = material(questions, now=midnight + timedelta(days=2))
    report = daily(Material(**{**_values(made), "plan": plan}), date(2026, 10, 25))
    total = rows(report, "numbers")[0][1]
    by_shift = {row[1]: row[2] for row in rows(report, "groups") if row[0] == "Shift"}
    assert total == 144
    assert sum(by_shift.values()) == total


def _values(material):
    return {name: getattr(material, name) for name in type(material).__dataclass_fields__}
