"""From events to gaps: who is shown, how they are called, and that they stay the same."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from support_events import NOON, asked

from search_api.insights.gaps import (
    MOST_EXAMPLE_CHARS,
    OTHERS,
    Nearest,
    UnknownGapError,
    by_week,
    examples,
    find_gaps,
    shown_text,
)
from search_api.insights.outcomes import read_outcomes

DAY = timedelta(days=1)
SINCE, UNTIL = NOON - DAY, NOON + 27 * DAY
X, NEAR_X, Y, Z = (1, 0, 0), (0.96, 0.28, 0), (0, 1, 0), (0, 0, 1)


def question(number, vector=X, **changes):
    """An abstained question by an asker of its own, with a vector to multiply by hand."""
    return asked(
        number,
        **{
            "decision": "abstain",
            "confidence": 0.1,
            "shown": 0,
            "vector": np.array(vector, np.float32),
        }
        | changes,
    )


def gaps_of(*questions, feedback=()):
    """The gaps of some questions and of a hundred that went well, all about something else."""
    rng = np.random.default_rng(1)
    fine = rng.standard_normal((100, 3))
    fine /= np.linalg.norm(fine, axis=1, keepdims=True)
    others = [asked(1000 + n, vector=row.astype(np.float32)) for n, row in enumerate(fine)]
    return find_gaps(read_outcomes([*questions, *others], feedback), SINCE, UNTIL)


def test_questions_about_one_thing_are_one_gap():
    """Near vectors are one gap, the others another; the more asked comes first."""
    found = gaps_of(
        *(question(n, X, minute=n) for n in (1, 2)),
        question(3, NEAR_X, minute=3 * 24 * 60),
        *(question(n, Y) for n in range(4, 8)),
    )
    assert [(gap.questions, gap.askers) for gap in found.gaps] == [(4, 4), (3, 3)]
    assert (found.asked, found.went_badly, found.smaller) == (107, 7, 0)
    second = found.gaps[1]
    assert (second.first_asked, second.last_asked) == (
        NOON + timedelta(minutes=1),
        NOON + 3 * DAY,
    )
    assert second.signals == {"abstained": 3}
    assert second.nearest == (Nearest("acc-001", 1.0),)
    np.testing.assert_allclose(second.space.centre, (2.96 / 3, 0.28 / 3, 0), atol=1e-6)


def test_what_went_well_is_in_no_gap():
    """A suggestion that nobody complained about is not looked at, however near."""
    fine = [asked(n, vector=np.array(X, np.float32)) for n in range(1, 4)]
    assert gaps_of(*fine).gaps == ()


def test_a_gap_is_shown_from_three_askers_on():
    """Two people who ask often are hidden, and counted; so are three whom nobody named."""
    often = [question(n, X, actor=str(n % 2)) for n in range(6)]
    nobody = [question(n, Y, actor=None) for n in range(10, 13)]
    found = gaps_of(*often, *nobody)
    assert found.gaps == ()
    assert (found.smaller, found.without_asker) == (9, 3)
    third = question(6, X, actor="2")
    assert [gap.askers for gap in gaps_of(*often, *nobody, third).gaps] == [3]


def test_languages_and_channels_of_too_few_askers_are_others():
    """How many asked in German is not told while two did."""
    questions = [question(n, X, language="en", channel="chat") for n in range(1, 4)]
    questions += [question(n, X, language="de", channel=None) for n in range(4, 6)]
    (gap,) = gaps_of(*questions).gaps
    assert gap.languages == {"en": 3, OTHERS: 2}
    assert gap.channels == {"chat": 3, OTHERS: 2}


def test_questions_of_two_encoders_are_not_compared():
    """Equal numbers of two encoders mean two things; without a vector nothing is compared."""
    one = [question(n, X) for n in range(1, 4)]
    two = [question(n, X, encoder="f" * 16) for n in range(4, 8)]
    bare = [question(8, X, encoder=None), question(9, X, encoder=None)]
    found = gaps_of(*one, *two, *bare)
    assert [gap.questions for gap in found.gaps] == [4, 3]
    assert found.without_vector == 2


def test_codes_are_told_apart():
    """An encoder cannot tell GH-1031 from GH-1061; questions without a code go with the most."""
    texts = [
        "GH-1031 again",
        "gh-1031",
        "GH-1031",
        "what is this",
        "GH-1061",
        "GH-1061!",
        "gh-1061",
    ]
    found = gaps_of(*(question(n, X, text=text) for n, text in enumerate(texts)))
    assert [(gap.label, gap.questions) for gap in found.gaps] == [("gh-1031", 4), ("gh-1061", 3)]


def test_a_code_in_few_questions_parts_nothing():
    """Where most people name no code, those who do ask the same."""
    texts = ["black video", "video is black", "the video stays black", "black video LR-4092"]
    (gap,) = gaps_of(*(question(n, X, text=text) for n, text in enumerate(texts))).gaps
    assert gap.questions == 4


def test_order_of_events_does_not_matter():
    """Whatever order the log gives, gaps and ids are the same."""
    questions = [question(n, X if n % 2 else Y, minute=n) for n in range(1, 9)]
    wanted = gaps_of(*questions)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(questions))
        assert gaps_of(*(questions[place] for place in order)) == wanted


def test_examples_are_nearest_first_and_each_by_another_asker():
    """The farther text of somebody who is quoted already is left out, and so is a repeated text."""
    questions = [
        question(1, X, text="One?", actor="a"),
        question(2, NEAR_X, text="two", actor="a"),
        question(3, X, text="one", actor="b"),
        question(4, NEAR_X, text="three", actor="c"),
        question(5, X, text="four", actor="d"),
    ]
    (gap,) = gaps_of(*questions).gaps
    assert [one.text for one in examples(gap)] == ["One?", "four", "three"]
    assert [one.text for one in examples(gap, 1)] == ["One?"]


def test_shown_texts_are_redacted_again_and_short():
    """A rule that came after a question was stored still holds, and a ticket is cut."""
    assert shown_text(asked(text="write to\n ana@example.com")) == "write to [email]"
    text = shown_text(asked(text="word " * 100))
    assert (len(text), text[-1]) == (MOST_EXAMPLE_CHARS, "…")


def test_a_gap_is_found_by_every_id_that_its_questions_give():
    """An id of yesterday, when another question named the gap, leads to the same gap."""
    questions = [question(n, X, text=f"text {n}") for n in range(1, 7)]
    (whole,) = gaps_of(*questions).gaps
    for left_out in range(6):
        rest = questions[:left_out] + questions[left_out + 1 :]
        (gap,) = gaps_of(*rest).gaps
        assert gaps_of(*questions).find(gap.id) == whole
    assert gaps_of(*questions).find(f" {whole.id.upper()} ") == whole


def test_an_unknown_id_is_refused():
    """The message says what to do."""
    with pytest.raises(UnknownGapError) as refused:
        gaps_of().find("12345678")
    assert str(refused.value) == (
        "no gap since 2026-11-02 has the id '12345678'; see sop gaps, or look further back with "
        "--days"
    )


def test_weeks_are_counted_back_from_the_end():
    """The last week is whole and has its first moment; the first one may be shorter."""
    times = [UNTIL - DAY / 2, UNTIL - 7 * DAY, UNTIL - 8 * DAY, UNTIL - 10 * DAY]
    assert by_week(times, UNTIL - 10 * DAY, UNTIL) == (2, 2)
    assert by_week([], UNTIL - 28 * DAY, UNTIL) == (0, 0, 0, 0)


def log_of_topics(seed, days=29, topics=60):
    """Questions of some weeks about topics of all sizes, in 24 dimensions."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((topics, 24))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    questions = []
    for topic, centre in enumerate(centres):
        for n in range(int(rng.integers(4, 60))):
            row = centre + 0.16 * rng.standard_normal(24)
            number = topic * 1000 + n
            questions.append(
                question(
                    number,
                    (row / np.linalg.norm(row)),
                    text=f"topic {topic} text {n}",
                    asked_at=NOON + DAY * float(rng.random() * days),
                )
            )
    return questions


@pytest.fixture(scope="module")
def days():
    """Lists of gaps of 28 days, for four logs: as it was, a day on, and without its first day."""

    def listed(questions, first, last):
        some = [one for one in questions if first <= (one.asked_at - NOON) / DAY < last]
        return find_gaps(read_outcomes(some, []), NOON, NOON + 29 * DAY)

    logs = [log_of_topics(seed) for seed in range(4)]
    return [[listed(log, *ends) for ends in ((0, 28), (0, 29), (1, 28))] for log in logs]


@pytest.mark.parametrize("change", [1, 2], ids=["a day comes", "the oldest day goes"])
def test_gaps_keep_their_ids_from_one_day_to_the_next(days, change):
    """Nine of ten gaps, and nine of ten of their questions, are called as the day before."""
    gaps_kept, questions_kept = [], []
    for log in days:
        before, after = ({gap.id for gap in found.gaps} for found in (log[0], log[change]))
        gaps_kept.append(len(before & after) / len(before))
        names = [
            {one.question.query_id: gap.id for gap in found.gaps for one in gap.members}
            for found in (log[0], log[change])
        ]
        both = names[0].keys() & names[1].keys()
        questions_kept.append(np.mean([names[0][one] == names[1][one] for one in both]))
    assert np.mean(gaps_kept) >= 0.9
    assert np.mean(questions_kept) >= 0.9


def test_an_id_of_the_day_before_leads_to_the_same_questions(days):
    """What was written down yesterday finds the gap that has most of its questions today."""
    kept = []
    for before, after, _ in days:
        for gap in before.gaps:
            old = {one.question.query_id for one in gap.members}
            new = {one.question.query_id for one in after.find(gap.id).members}
            kept.append(len(old & new) * 2 > len(old))
    assert np.mean(kept) >= 0.97


def test_kind_and_nearest_come_from_the_questions(encoder):
    """Real questions about two things are two gaps: one to write, one to edit."""
    badge = [
        "my badge does not open the gate",
        "badge reader at the gate stays red",
        "the gate won't open with my badge",
        "badge not recognised at the entrance gate",
    ]
    export = [
        "the export of labels takes hours",
        "label export never finishes",
        "exporting labels is stuck",
        "why is the label export so slow",
    ]
    other = ["when is lunch", "change my shift", "black video", "sev1 at night", "lost my phone"]
    texts = [*badge, *export, *other]
    near = {"confidence": 0.3, "threshold": 0.4}
    questions = [
        question(n, vector, text=text, **(near if text in export else {}))
        for n, (text, vector) in enumerate(zip(texts, encoder.encode(texts, "query"), strict=True))
    ]
    found = find_gaps(read_outcomes(questions, []), SINCE, UNTIL)
    assert {gap.label: (gap.kind, gap.articles, gap.questions) for gap in found.gaps} == {
        "badge not gate": ("write", (), 4),
        "export label": ("edit", ("acc-001",), 4),
    }
    assert found.smaller == 5


def test_progress_is_told():
    """Whoever waits hears how many questions are compared."""
    said = []
    questions = [question(n, X) for n in range(1, 4)]
    find_gaps(read_outcomes([*questions, asked(9)], []), SINCE, UNTIL, said.append)
    assert said == ["comparing 3 of 4 questions"]
