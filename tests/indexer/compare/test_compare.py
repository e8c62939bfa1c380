"""A change to a small library, compared for real: git, encoder and ranking."""

from __future__ import annotations

import hashlib
import json

import pytest
from support_git import git
from typer.testing import CliRunner

from indexer.cache import cache_folder
from indexer.compare.compare import compare
from indexer.embedding import compiled_models
from indexer.errors import SopError
from search_api.cli import app


@pytest.fixture(scope="module")
def models(encoder_folder):
    """The real default model."""
    return compiled_models("default")


def sop(library, *arguments):
    """Run the command line; return exit code and what it printed."""
    done = CliRunner().invoke(app, [*arguments, "--sop", str(library), "--model", "default"])
    return done.exit_code, done.stdout


def test_nothing_changed_changes_no_answer(library, models):
    """Both sides are the same, so every answer is."""
    found = compare(library, "main", None, models)
    assert (found.new, found.removed, found.changed) == ((), (), ())
    assert len(found.questions) == 15
    assert all(one.before == one.after for one in found.questions)
    assert found.base.startswith("main at ")
    assert found.head == "your files"


def test_article_that_takes_questions_of_others_is_told(library, models, page):
    """An article about everything comes first where it should not, and both are named."""
    questions = ["my phone shows no code at sign in", "no code on the phone", "code for sign in"]
    text = page(
        "office/printer",
        id="lib-100",
        title="Codes on the phone at sign-in",
        questions=questions,
        body="Lost phone, no code: the code never arrives when the phone is gone.",
    )
    (library / "access" / "codes.md").write_text(text, encoding="utf-8")
    found = compare(library, "main", None, models)
    assert (found.new, found.changed) == (("lib-100",), ())
    assert len(found.questions) == 15
    taken = {one.asked.text for one in found.other_first}
    assert taken
    assert taken <= {
        "lost my phone and get no code",
        "the code never arrives",
        "phone gone, no sign in code",
    }
    assert {one.before.articles[0] for one in found.other_first} == {"lib-000"}
    assert {one.after.articles[0] for one in found.other_first} == {"lib-100"}
    assert [move.article for move in found.moves if move.gain < 0] == ["lib-000"]


def test_new_question_that_finds_nothing_is_told(library, models, page):
    """A question about phones, stated by the printer, is named: three articles fit better."""
    for number, (title, questions) in enumerate(
        {
            "Move to a new phone": ["my phone is new and i cannot sign in", "phone swapped"],
            "Sign in is refused": ["i cannot sign in since my phone is gone", "sign in refused"],
        }.items()
    ):
        text = page("access/badge", id=f"lib-10{number}", title=title, questions=questions)
        (library / "access" / f"phone-{number}.md").write_text(text, encoding="utf-8")
    git(library, "add", "--all")
    git(library, "commit", "--quiet", "--message", "phones")
    wrong = "phone gone, cannot sign in"
    questions = ["the printer wants paper", "no paper in the printer", wrong]
    file = library / "office" / "printer.md"
    file.write_text(page("office/printer", questions=questions), encoding="utf-8")
    found = compare(library, "HEAD", None, models)
    assert found.changed == ("lib-003",)
    assert [(one.asked.text, one.after.rank) for one in found.unfound] == [(wrong, 4)]
    # One of the printer's three was replaced; the others and those of six articles are on both.
    assert len(found.questions) == 18


def test_overlap_that_a_change_brings_is_told(library, models, page):
    """A passage copied from another article is an overlap; it was none before."""
    passage = (
        "When the badge reader blinks red, the badge was not held still before it. "
        "Ask the user to hold it flat against the reader and to count to three. "
        "The light turns green and the door can be pushed open within five seconds."
    )
    for slug in ("access/badge", "office/printer"):
        (library / f"{slug}.md").write_text(page(slug, body=passage), encoding="utf-8")
        git(library, "add", "--all")
        git(library, "commit", "--quiet", "--message", slug)
    found = compare(library, "HEAD~1", "HEAD", models)
    assert found.changed == ("lib-003",)
    (overlap,) = found.overlaps
    assert (overlap.first.path, overlap.second.path) == (
        "sop/access/badge.md",
        "sop/office/printer.md",
    )
    assert overlap.likeness == pytest.approx(1.0, abs=0.001)


def test_base_is_where_the_branch_left_it(library, models, page):
    """What the base has learnt meanwhile is not the branch's doing."""
    git(library, "switch", "--quiet", "main")
    (library / "office" / "canteen.md").unlink()
    git(library, "commit", "--quiet", "--all", "--message", "gone")
    git(library, "switch", "--quiet", "mine")
    assert compare(library, "main", None, models).removed == ()
    assert compare(library, "main", "mine", models).removed == ()


def test_questions_that_people_asked_count_by_how_often(library, models, tmp_path):
    """Lines are text or JSON; a label makes rank and loss known."""
    asked = tmp_path / "asked.jsonl"
    asked.write_text(
        'no paper left\n\n{"text": "door is shut", "count": 7, "article": "lib-001"}\n',
        encoding="utf-8",
    )
    found = compare(library, "main", None, models, asked)
    real = [one for one in found.questions if not one.asked.is_own]
    assert [(one.asked.text, one.asked.weight, one.after.rank) for one in real] == [
        ("no paper left", 1, None),
        ("door is shut", 7, 1),
    ]


def test_questions_that_people_asked_leave_nothing_in_a_cache(
    library, models, tmp_path, monkeypatch
):
    """Own questions stand in git and are remembered; what people typed is not, in any form."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    asked = tmp_path / "asked.txt"
    asked.write_text("zebrafinch at the door\n", encoding="utf-8")
    compare(library, "main", None, models, asked)
    files = [path.read_bytes() for path in cache_folder().rglob("*") if path.is_file()]
    encoder = models[0].encoder

    def is_kept(text):
        ids = encoder.encode_tokens([text], "query")[0].token_ids.tobytes()
        key = hashlib.sha256(text.encode()).digest()
        return [any(trace in file for file in files) for trace in (ids, key)]

    assert is_kept("no paper in the printer") == [True, True]
    assert is_kept("zebrafinch at the door") == [False, False]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "asked.jsonl:2: no JSON"),
        ('{"count": 3}', 'asked.jsonl:2: text: missing; write {"text": "…", "count": 3}'),
        ('{"text": "a", "count": 0}', "asked.jsonl:2: count: must be a whole number, 1 or more"),
        ('{"text": "a", "article": 7}', "asked.jsonl:2: article: must be an id, such as acc-001"),
    ],
)
def test_line_that_is_no_question_is_named(library, models, tmp_path, line, said):
    """File, line and remedy are said, and nothing is compared."""
    asked = tmp_path / "asked.jsonl"
    asked.write_text(f"fine\n{line}\n", encoding="utf-8")
    with pytest.raises(SopError) as refused:
        compare(library, "main", None, models, asked)
    assert said in str(refused.value)


def test_broken_file_is_told_and_the_rest_compared(library, models):
    """A file that cannot be read is named with its line, and its questions are not lost."""
    (library / "office" / "canteen.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    found = compare(library, "main", None, models)
    assert len(found.questions) == 12
    assert len(found.errors) == 1
    assert found.errors[0].startswith("office/canteen.md:")


def test_unknown_base_is_one_sentence(library, models):
    """A base that is not here says how to fetch it."""
    with pytest.raises(SopError, match="fetch it with: git fetch origin develop"):
        compare(library, "origin/develop", None, models)


def test_folder_outside_git_is_one_sentence(tmp_path, models):
    """Without git there is nothing to compare with."""
    with pytest.raises(SopError, match="is in no git repository"):
        compare(tmp_path, "main", None, models)


def test_shallow_clone_is_one_sentence(library, models, tmp_path):
    """A clone without the common commit says how to fetch the rest."""
    git(library, "commit", "--quiet", "--allow-empty", "--message", "mine")
    git(library, "switch", "--quiet", "main")
    git(library, "commit", "--quiet", "--allow-empty", "--message", "theirs")
    clone = tmp_path / "clone"
    origin = library.parent.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", origin, str(clone))
    with pytest.raises(SopError, match="git fetch --unshallow"):
        compare(clone / "sop", "origin/mine", None, models)


def test_command_fails_beyond_its_limits_and_writes_the_comment(library, page, tmp_path):
    """Exit code 1, the verdict in the file too, and 0 where the limits allow it."""
    for slug in ("access/second-factor", "access/badge"):
        text = page(slug, body="Nothing of use.", title="Notes", status="active")
        (library / f"{slug}.md").write_text(text, encoding="utf-8")
    out = tmp_path / "comment.md"
    limits = ("--max-lost", "0", "--max-unanswered", "0")
    arguments = ("compare", "main", "--format", "markdown", "--out", str(out))
    code, printed = sop(library, *arguments, *limits)
    told = json.loads(sop(library, "compare", "main", "--format", "json", *limits)[1])
    assert (code == 1) == bool(told["reasons"])
    assert told["articles"]["changed"] == ["lib-001", "lib-000"]
    assert out.read_text(encoding="utf-8") == printed
    assert sop(library, "compare", "main", "--max-lost", "100", "--max-unanswered", "100")[0] == 0
