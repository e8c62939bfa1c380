"""The pipeline: a folder becomes a snapshot, and a second time only what changed is computed."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from indexer.answer import prepare
from indexer.article import parse_article
from indexer.build import build_snapshot, index_articles
from indexer.cache import cache_folder
from indexer.corpus import read_corpus
from indexer.errors import CorpusError
from indexer.filters import allowed_articles
from indexer.projection import fit_projection
from indexer.ranking import rank
from indexer.search_index import RankingSettings
from indexer.snapshot import Snapshot, read_pointer
from indexer.tokens import TokenIndex, pack

QUESTIONS = (
    "my authenticator phone is gone",
    "queue shows nothing but there are tasks",
    "labels not saved after the laptop slept",
    "page takes forever to load",
)
TODAY = date(2026, 11, 1)
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def fresh_cache(tmp_path, encoder_folder, monkeypatch):
    """A cache without a single vector; the compiled encoder is in it."""
    cache = tmp_path / "cache" / "sop-kb"
    cache.mkdir(parents=True)
    (cache / "encoders").symlink_to(encoder_folder.parent)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder() == cache
    return cache


def ranking(index: Path, questions=QUESTIONS) -> list[list[tuple[str, float]]]:
    """Return ids and scores of the best articles for each question."""
    snapshot = Snapshot.open(index)
    allowed = allowed_articles(snapshot, ["internal"])
    answers = []
    for question in questions:
        found = rank(snapshot.index, prepare(snapshot.index, question), allowed, TODAY, 5)
        answers.append([(snapshot.articles[one.article].id, one.score) for one in found.articles])
    return answers


def test_build_publishes_what_it_read(build, tmp_path, article_text):
    """Ids, questions, chunks and links of a small folder are in the snapshot, in path order."""
    report = build({"b.md": "# B\n\nOne.\n\n## Two\n\nThree.\n", "a/x.md": article_text()})
    snapshot = Snapshot.open(tmp_path / "index")
    assert [(a.id, a.title, a.url) for a in snapshot.articles] == [
        ("acc-001", "Reset a lost second factor", "sop/a/x/"),
        ("b", "B", "sop/b/"),
    ]
    assert [(c.id, c.text, c.anchor) for c in snapshot.chunks] == [
        ("acc-001#0", "Call the desk.", None),
        ("b#0", "One.", "b"),
        ("b#1", "Three.", "two"),
    ]
    assert snapshot.questions == ("phone lost", "no code arrives", "new phone, old app")
    assert report.manifest == snapshot.manifest
    assert report.manifest.counts.model_dump() == {"articles": 2, "chunks": 3, "questions": 3}
    assert (report.hidden, report.indexed.unlinked, report.manifest.chunk_tokens) == (0, (), 256)


def test_build_vectors_are_those_of_the_texts(build, tmp_path, encoder, article_text):
    """Row by row, the snapshot's vectors are those of its chunks, questions and titles."""
    build({"b.md": "# B\n\nOne.\n\n## Two\n\nThree.\n", "a.md": article_text()})
    snapshot = Snapshot.open(tmp_path / "index")
    (space,) = snapshot.index.spaces
    for index, texts in (
        (space.chunks, [chunk.embedding_text() for chunk in snapshot.chunks]),
        (space.questions, list(snapshot.questions)),
        (space.titles, [article.title for article in snapshot.articles]),
    ):
        assert index.vectors().tobytes() == encoder.encode(texts, "passage").tobytes()


def test_build_keeps_the_words_of_every_chunk(build, tmp_path, encoder):
    """Row by row, late interaction sees the words of the chunks as the encoder reads them."""
    build({"a.md": "# A\n\nOne lease.\n\n## Two\n\nThree.\n", "b.md": "# B\n\nFour tasks.\n"})
    snapshot = Snapshot.open(tmp_path / "index")
    texts = [chunk.embedding_text() for chunk in snapshot.chunks]
    packed = [pack(one) for one in encoder.encode_tokens(texts, "passage")]
    expected = TokenIndex.build(packed, encoder.token_dim)
    (question,) = encoder.encode_tokens(["four leases of a task"], "query")
    rows = np.arange(3)
    found = snapshot.index.spaces[0].tokens.match(question, rows)
    assert found.tolist() == expected.match(question, rows).tolist()
    assert found.argmax() == 2


def test_build_turns_questions_as_titles_and_questions_lie_to_their_chunks(
    build, tmp_path, article_text
):
    """The projection is learned from each title and question with each chunk of its article."""
    build({"a.md": article_text("One.\n\n## Two\n\nThree.\n"), "b.md": "# B\n\nFour.\n"})
    (space,) = Snapshot.open(tmp_path / "index").index.spaces
    titles, asked, chunks = (
        index.vectors() for index in (space.titles, space.questions, space.chunks)
    )
    # Article 0 has chunks 0 and 1 and all three questions, article 1 has chunk 2.
    expected = fit_projection(
        np.concatenate([titles[[0, 0, 1]], asked[[0, 0, 1, 1, 2, 2]]]),
        np.concatenate([chunks, chunks[[0, 1, 0, 1, 0, 1]]]),
    )
    np.testing.assert_allclose(space.projection, expected, atol=1e-6)
    assert float(np.abs(expected - np.eye(len(expected))).max()) > 1e-3


def test_build_takes_the_glossary_that_lies_beside_the_articles(build, tmp_path):
    """Terms of `synonyms.yml` bring what people call otherwise; the file is no article."""
    build(
        {
            "a.md": "# Second factor\n\nReset it at the desk.\n",
            "b.md": "# Bicycle\n\nPump the tyre.\n",
            "synonyms.yml": "second factor: [zorble]\n",
        }
    )
    assert [found[0][0] for found in ranking(tmp_path / "index", ["zorble"])] == ["a"]
    snapshot = Snapshot.open(tmp_path / "index")
    assert prepare(snapshot.index, "my zorble", "en").text == "my zorble\nsecond factor"
    assert prepare(snapshot.index, "the bycicle", "en").text == "the bycicle"
    assert prepare(snapshot.index, "the bicicle", "en").text == "the bicycle"


def test_build_names_a_glossary_that_cannot_be_read(build, tmp_path):
    """A broken glossary is in the report by file and line, and the articles are published."""
    report = build({"a.md": "# A\n\nOne.\n", "synonyms.yml": "one: [1st]\ntwo: second\n"})
    assert [(error.path, error.line, error.field) for error in report.corpus.errors] == [
        ("synonyms.yml", 2, "two")
    ]
    assert [a.id for a in Snapshot.open(tmp_path / "index").articles] == ["a"]


def test_articles_from_memory_make_the_same_snapshot(build, tmp_path, article_text):
    """Articles that never were files give the ids, rankings and snapshot of a folder of files."""
    files = {
        "a.md": article_text("Reset the phone.\n\n## Two\n\nThree.\n"),
        "b.md": "# Empty queue\n\nTasks are not shown.\n",
    }
    report = build(files | {"synonyms.yml": "queue: [line]\n"})
    articles = [parse_article(path, text.encode()) for path, text in files.items()]
    indexed = index_articles(
        articles, tmp_path / "memory", site_prefix="sop", synonyms={"queue": ("line",)}
    )
    assert indexed.manifest.id == report.manifest.id
    assert indexed.manifest.files == report.manifest.files
    assert indexed.unlinked == ()
    snapshot = Snapshot.open(tmp_path / "memory")
    assert [article.id for article in snapshot.articles] == ["acc-001", "b"]
    assert [chunk.id for chunk in snapshot.chunks] == ["acc-001#0", "acc-001#1", "b#0"]
    assert ranking(tmp_path / "memory") == ranking(tmp_path / "index")


def test_a_model_whose_words_have_other_vectors_than_its_texts_can_be_used(
    build, tmp_path, fresh_cache, small_model
):
    """A dense layer behind the pooling changes the length of a text's vector only."""
    files = {"a.md": "# A\n\nOne lease.\n", "b.md": "# B\n\nTwo tasks.\n"}
    first = build(files, model=str(small_model))
    assert (first.indexed.embedded, first.indexed.reused) == (4, 0)
    (space,) = Snapshot.open(tmp_path / "index").index.spaces
    assert (space.encoder.dim, space.encoder.token_dim) == (24, 32)
    assert space.projection.shape == (24, 24)
    (question,) = space.encoder.encode_tokens(["one lease"], "query")
    assert space.tokens.match(question, np.array([0, 1])).argmax() == 0
    second = build(files, model=str(small_model))
    assert (second.indexed.embedded, second.indexed.reused) == (0, 4)
    assert second.manifest.id == first.manifest.id


def test_build_leaves_out_drafts_and_archived_articles(build, tmp_path, article_text):
    """Drafts and archived articles are in no file of the snapshot; others of any status are."""
    report = build(
        {
            f"{status}.md": article_text(f"Body{status}.\n", id=f"acc-00{i}", status=status)
            for i, status in enumerate(("draft", "review", "active", "deprecated", "archived"))
        }
    )
    snapshot = Snapshot.open(tmp_path / "index")
    assert [a.front_matter.status for a in snapshot.articles] == ["active", "deprecated", "review"]
    assert report.hidden == 2
    everything = b"".join(p.read_bytes() for p in snapshot.folder.glob("*.jsonl"))
    assert b"Bodydraft" not in everything
    assert b"Bodyarchived" not in everything


def test_build_publishes_the_rest_of_a_folder_with_bad_files(build, tmp_path, article_text):
    """A refused file is in the report, and every other article is in the snapshot."""
    report = build(
        {
            "bad.md": "---\nid: acc-009\ntitle: [x\n---\n",
            "latin.md": b"caf\xe9",
            "one.md": article_text(),
            "two.md": article_text(),
        }
    )
    assert [(error.path, error.line) for error in report.corpus.errors] == [
        ("bad.md", 3),
        ("latin.md", 1),
        ("two.md", 2),
    ]
    assert [a.id for a in Snapshot.open(tmp_path / "index").articles] == ["acc-001"]


def test_build_refuses_a_folder_with_nothing_to_publish(build, tmp_path, article_text):
    """When nothing is left, the build says why and leaves the current snapshot alone."""
    build({"a.md": "# A\n\nText.\n"})
    before = read_pointer(tmp_path / "index")
    (tmp_path / "sop" / "a.md").unlink()
    with pytest.raises(CorpusError, match="holds no Markdown file"):
        build({})
    with pytest.raises(CorpusError, match=r"no article can be published$"):
        build({"a.md": article_text(status="draft")})
    with pytest.raises(CorpusError, match=r"the first of 1 errors: a\.md:1: not UTF-8"):
        build({"a.md": b"\xff"})
    assert read_pointer(tmp_path / "index") == before


def test_a_second_build_embeds_nothing(build, fresh_cache, tmp_path, article_text):
    """An unchanged folder is built again from known vectors alone, with the same snapshot id."""
    files = {"a.md": article_text("One.\n\n## Two\n\nThree.\n"), "b.md": "# B\n\nFour.\n"}
    first = build(files)
    # Three chunks, three questions and two titles.
    assert (first.indexed.embedded, first.indexed.reused) == (8, 0)
    answers = ranking(tmp_path / "index")
    second = build(files)
    assert (second.indexed.embedded, second.indexed.reused) == (0, 8)
    assert second.manifest.id == first.manifest.id
    assert second.indexed.embed_s == 0 or second.indexed.embed_s < first.indexed.embed_s
    assert ranking(tmp_path / "index") == answers


def test_after_one_edit_only_its_changed_chunks_are_embedded(
    build, fresh_cache, tmp_path, article_text
):
    """Editing one section computes one chunk; all else is reused."""
    body = "One.\n\n## Two\n\nThree.\n\n## Four\n\nFive.\n"
    build({"a.md": article_text(body), "b.md": "# B\n\nSix.\n\n## C\n\nSeven.\n"})
    report = build({"a.md": article_text(body.replace("Three", "Changed"))})
    assert (report.indexed.embedded, report.indexed.reused) == (1, 9)
    report = build({"a.md": article_text("New on top.\n\n" + body)})
    assert (report.indexed.embedded, report.indexed.reused) == (1, 9)
    (tmp_path / "sop" / "b.md").rename(tmp_path / "sop" / "moved.md")
    report = build({})
    assert (report.indexed.embedded, report.indexed.reused) == (0, 10)


def test_builds_from_nothing_agree(build, fresh_cache, tmp_path, article_text):
    """Vectors computed anew give the same ids, texts, files, rankings and snapshot id."""
    files = {
        "a.md": article_text("Reset the phone.\n\n## Two\n\nThree.\n"),
        "b.md": "# Empty queue\n\nTasks are not shown.\n",
        "z/README.md": "# Slow page\n\nThe page loads slowly.\n",
    }
    first = build(files)
    answers = ranking(tmp_path / "index")
    texts = [chunk.text for chunk in Snapshot.open(tmp_path / "index").chunks]
    for path in (fresh_cache / "vectors").iterdir():
        path.unlink()
    second = build_snapshot(tmp_path / "sop", tmp_path / "other")
    assert second.indexed.embedded == first.indexed.embedded
    assert second.manifest.id == first.manifest.id
    assert second.manifest.files == first.manifest.files
    assert ranking(tmp_path / "other") == answers
    assert [chunk.text for chunk in Snapshot.open(tmp_path / "other").chunks] == texts


def test_equal_texts_are_computed_once(build, fresh_cache, tmp_path, article_text):
    """A question of two articles is embedded once and stands in the snapshot twice."""
    report = build(
        {
            "a.md": article_text("One.\n", id="acc-001", title="First"),
            "b.md": article_text("Two.\n", id="acc-002", title="Second"),
        }
    )
    assert (report.indexed.embedded, report.indexed.reused) == (7, 3)
    snapshot = Snapshot.open(tmp_path / "index")
    vectors = snapshot.index.spaces[0].questions.vectors()
    assert snapshot.questions[:3] == snapshot.questions[3:]
    assert vectors[:3].tobytes() == vectors[3:].tobytes()


@pytest.mark.parametrize("damage", ["header", "schema", "rows", "cut", "garbage"])
def test_a_damaged_vector_cache_is_set_aside(build, fresh_cache, tmp_path, damage):
    """A damaged cache costs work, never a build: it is set aside and filled anew."""
    files = {f"{i}.md": f"# Title {i}\n\nText number {i}.\n" for i in range(12)}
    first = build(files)
    (cache,) = (fresh_cache / "vectors").glob("*.sqlite")
    raw = bytearray(cache.read_bytes())
    if damage == "header":
        raw[:16] = b"not a database!!"
    elif damage == "schema":
        raw[1024:4096] = b"\xa5" * 3072
    elif damage == "rows":
        raw[4096:] = b"\xa5" * (len(raw) - 4096)
    elif damage == "cut":
        del raw[len(raw) // 2 :]
    else:
        raw = bytearray(b"\x00\xff" * 5000)
    cache.write_bytes(raw)
    second = build(files)
    assert second.manifest.id == first.manifest.id
    assert second.indexed.embedded == 24
    assert build(files).indexed.embedded == 0
    assert [path.name for path in (fresh_cache / "vectors").glob("*.damaged")] == [
        cache.with_suffix(".damaged").name
    ]


def page(*ids: str) -> str:
    """Return a page with headings of these ids."""
    return "".join(f"<h2 id='{one}'>x</h2>" for one in ids)


def test_build_links_only_to_what_the_site_has(build, tmp_path, write_files):
    """Missing pages and anchors are named, and no article or chunk links to them."""
    site = write_files(
        tmp_path / "site",
        {
            "index.html": "home",
            "sop/a/index.html": page("a", "there"),
            "sop/c/index.html": page("c"),
        },
    )
    report = build(
        {
            "a.md": "# A\n\nOne.\n\n## There\n\nTwo.\n\n## Gone\n\nThree.\n",
            "b.md": "# B\n\nFour.\n",
            "c.md": "# C\n\nFive.\n",
        },
        site=site,
    )
    assert report.indexed.unlinked == (
        "b: the site has no page sop/b/",
        "a#2: its page has no heading #gone",
    )
    snapshot = Snapshot.open(tmp_path / "index")
    assert [a.url for a in snapshot.articles] == ["sop/a/", None, "sop/c/"]
    assert [c.anchor for c in snapshot.chunks] == ["a", "there", None, None, "c"]
    assert (snapshot.site / "sop" / "a" / "index.html").is_file()


def test_build_takes_another_prefix(build, tmp_path):
    """Pages may lie elsewhere below the site's root."""
    build({"a/b.md": "# B\n\nText.\n", "index.md": "# Home\n\nText.\n"}, site_prefix="")
    snapshot = Snapshot.open(tmp_path / "index")
    assert [a.url for a in snapshot.articles] == ["a/b/", ""]


def test_reference_vectors_give_the_same_first_three(tmp_path, encoder_folder):
    """Articles embedded by the original model answer with nearly the same first three articles."""
    for area in ("access", "queues"):
        shutil.copytree(REPOSITORY / "sop" / area, tmp_path / "sop" / area)
    report = build_snapshot(tmp_path / "sop", tmp_path / "reference", article_encoder="reference")
    assert report.manifest.article_encoder == "reference"
    build_snapshot(tmp_path / "sop", tmp_path / "compiled")
    reference, compiled = (
        Snapshot.open(tmp_path / name).index.spaces[0] for name in ("reference", "compiled")
    )
    assert reference.chunks.vectors().tobytes() != compiled.chunks.vectors().tobytes()
    ours, theirs = ranking(tmp_path / "compiled"), ranking(tmp_path / "reference")
    for one, other in zip(ours, theirs, strict=True):
        assert one[0][0] == other[0][0]
        # Behind the first, int8 weights may exchange neighbours.
        assert len({i for i, _ in one[:3]} & {i for i, _ in other[:3]}) >= 2


def test_a_build_tells_its_progress(tmp_path, fresh_cache, write_files):
    """Every computed text counts once, and nothing is announced when all are known."""

    class Told:
        """Remembers what it was told."""

        def __init__(self):
            self.said, self.totals, self.done = [], [], 0

        def say(self, message):
            self.said.append(message)

        def embed(self, total):
            self.totals.append(total)
            return self._count

        def _count(self, done):
            self.done += done

    sop = write_files(tmp_path / "sop", {"a.md": "# A\n\nOne.\n\n## B\n\nTwo.\n"})
    first, second = Told(), Told()
    build_snapshot(sop, tmp_path / "index", progress=first)
    build_snapshot(sop, tmp_path / "index", progress=second)
    assert (first.said, first.totals, first.done) == ([], [3], 3)
    assert (second.totals, second.done) == ([], 0)


def test_the_manifest_says_how_the_snapshot_was_made(sop_index):
    """Encoder, parity, limits, counts, weights and calibration stand in it as plain JSON."""
    home = sop_index / "snapshots" / read_pointer(sop_index).snapshot
    stated = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    (space,) = stated["spaces"]
    assert space["encoder"]["name"] == "all-MiniLM-L6-v2"
    assert space["encoder"]["parity"]["mean_cosine"] >= 0.99
    assert space["calibration"]["probes"] > 50
    assert (stated["format_version"], stated["chunk_tokens"]) == (3, 256)
    published = [one for one in read_corpus(REPOSITORY / "sop").articles if one.is_published]
    assert stated["counts"]["articles"] == len(published) >= 67
    assert stated["counts"]["questions"] == sum(len(a.front_matter.questions) for a in published)
    assert stated["ranking"] == RankingSettings().model_dump()
    assert stated["article_encoder"] == "compiled"
