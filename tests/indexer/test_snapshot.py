"""A snapshot on disk: published in one step, verified byte by byte before use."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from indexer.answer import prepare
from indexer.article import FrontMatter
from indexer.calibration import Calibration, Moments
from indexer.chunking import Chunk
from indexer.encoder import ENCODER_FILES
from indexer.errors import SnapshotError
from indexer.filters import allowed_articles
from indexer.lexical import LexicalIndex
from indexer.projection import fit_projection
from indexer.ranking import rank
from indexer.search_index import RankingSettings
from indexer.snapshot import (
    Contents,
    Manifest,
    Snapshot,
    SnapshotArticle,
    prune,
    publish,
    read_pointer,
    stored_snapshots,
)
from indexer.space import SPACE_FILES, SpaceContents
from indexer.tokens import TOKEN_FILES, TokenIndex, pack
from indexer.vocabulary import Vocabulary

# Every file of a snapshot with words in it; the test below compares this with a real one.
BM25_FILES = (
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "params.index.json",
    "vocab.index.json",
)
FILES = (
    "articles.jsonl",
    "chunks.jsonl",
    *(
        f"lexical-{kind}/{name}"
        for kind in ("articles", "chunks")
        for name in (
            "count.json",
            *BM25_FILES,
            *(f"pairs/{file}" for file in (*BM25_FILES, "keys.npy", "vocabulary_size.json")),
        )
    ),
    "site/index.html",
    *(f"space-0/asked_tokens/{name}" for name in TOKEN_FILES),
    "space-0/chunks.faiss",
    *(f"space-0/encoder/{name}" for name in ENCODER_FILES),
    "space-0/projection.npy",
    "space-0/questions.faiss",
    "space-0/titles.faiss",
    *(f"space-0/tokens/{name}" for name in TOKEN_FILES),
    "vocabulary.json",
)


@pytest.fixture(scope="module")
def contents(encoder, encoder_folder, tmp_path_factory):
    """Two articles with two chunks and three questions, and a site of one page."""
    site = tmp_path_factory.mktemp("built")
    (site / "index.html").write_text("<h1>Home</h1>", encoding="utf-8")
    texts = ["Reset the lost phone.", "Pump the tyre."]
    questions = ["phone gone", "new phone", "flat tyre"]
    titles = ["Phone", "Bicycle"]
    stated = (FrontMatter(questions=tuple(questions[:2])), FrontMatter(questions=("flat tyre",)))

    packed, packed_questions = (
        [pack(one) for one in encoder.encode_tokens(values, role)]
        for values, role in ((texts, "passage"), (questions, "query"))
    )
    chunks, asked, headings = (
        encoder.encode(values, "passage") for values in (texts, questions, titles)
    )
    space = SpaceContents(
        encoder_folder=encoder_folder,
        encoder=encoder.description,
        chunks=chunks,
        questions=asked,
        titles=headings,
        tokens=TokenIndex.build(packed, encoder.token_dim),
        asked_tokens=TokenIndex.build(packed_questions, encoder.token_dim),
        projection=fit_projection(headings, chunks),
    )
    return Contents(
        articles=[
            SnapshotArticle(id=f"a/{i}", path=f"a/{i}.md", title=t, url=f"a/{i}/", front_matter=f)
            for i, (t, f) in enumerate(zip(titles, stated, strict=True))
        ],
        chunks=[Chunk(f"a/{i}", 0, (titles[i],), None, 1, 2, text) for i, text in enumerate(texts)],
        spaces=[space],
        calibrations=[Calibration(probes=7, lift=Moments(mean=0.4, spread=0.1))],
        lexical_chunks=LexicalIndex.build(texts),
        lexical_articles=LexicalIndex.build(texts),
        vocabulary=Vocabulary.build(texts, {"tyre": ("wheel",)}),
        ranking=RankingSettings(overdue=0.05),
        article_encoder="compiled",
        chunk_tokens=256,
        revision="abc",
        site=site,
    )


@pytest.fixture(scope="module")
def published(contents, tmp_path_factory):
    """A folder with one published snapshot. Do not write to it."""
    folder = tmp_path_factory.mktemp("published")
    publish(folder, contents)
    return folder


@pytest.fixture
def index(published, tmp_path):
    """A copy of that folder, to be broken."""
    return shutil.copytree(published, tmp_path / "index")


def current(index: Path) -> Path:
    """Return the folder of the current snapshot."""
    return index / "snapshots" / read_pointer(index).snapshot


def flip(path: Path, place: int) -> None:
    """Change one bit of a file."""
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)


def test_open_reads_what_publish_wrote(index, contents):
    """Articles, chunks, vectors, weights, questions and the site come back as they went in."""
    snapshot = Snapshot.open(index)
    assert snapshot.articles == tuple(contents.articles)
    assert snapshot.chunks == tuple(contents.chunks)
    assert snapshot.questions == ("phone gone", "new phone", "flat tyre")
    assert snapshot.article_rows == {"a/0": 0, "a/1": 1}
    index = snapshot.index
    assert len(index) == 2
    assert index.chunk_starts.tolist() == [0, 1, 2]
    assert index.question_starts.tolist() == [0, 2, 3]
    assert index.leads_to.tolist() == [0, 1]
    assert index.review_days.tolist() == [date.max.toordinal()] * 2
    assert index.settings == snapshot.manifest.ranking == RankingSettings(overdue=0.05)
    assert index.vocabulary.expand("flat wheel") == "flat wheel\ntyre"
    assert index.vocabulary.correct("rezet it", index.lexical_articles.knows) == "reset it"
    (before,), (after,) = contents.spaces, index.spaces
    for name in ("chunks", "questions", "titles"):
        assert getattr(after, name).vectors().tobytes() == getattr(before, name).tobytes()
    assert after.projection.tobytes() == before.projection.tobytes()
    assert after.encoder.description == before.encoder
    (stated,) = snapshot.manifest.spaces
    assert (stated.encoder, stated.calibration) == (before.encoder, contents.calibrations[0])
    assert (snapshot.site / "index.html").read_text(encoding="utf-8") == "<h1>Home</h1>"
    assert snapshot.manifest.counts.model_dump() == {"articles": 2, "chunks": 2, "questions": 3}
    assert snapshot.manifest.revision == "abc"


def test_open_ranks_like_what_was_published(index, contents):
    """A snapshot that was opened twice ranks alike, and by the vectors that were published."""
    answers = []
    for _ in range(2):
        snapshot = Snapshot.open(index)
        question = prepare(snapshot.index, "flat tyre", "en")
        assert question.encoded.vector.tobytes() == contents.spaces[0].questions[2].tobytes()
        allowed = allowed_articles(snapshot, ["internal"])
        answers.append(rank(snapshot.index, question, allowed, date(2026, 1, 1), 5))
    assert answers[0] == answers[1]
    first, second = answers[0].articles
    assert (first.article, second.article) == (1, 0)
    assert first.evidence.question == pytest.approx(1.0, abs=1e-5)
    matches = contents.spaces[0].tokens.match(question.encoded, np.array([1, 0]))
    assert [first.evidence.tokens, second.evidence.tokens] == matches.tolist()
    asked = contents.spaces[0].asked_tokens.match(question.encoded, np.array([2, 0, 1]))
    assert first.evidence.asked_tokens == asked[0]
    assert second.evidence.asked_tokens == pytest.approx(asked[1:].mean())


def test_manifest_names_every_file(index):
    """The manifest lists every file of the snapshot but itself, with its sha256."""
    home = current(index)
    manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["files"]) == sorted(FILES)
    for name, sha256 in manifest["files"].items():
        assert hashlib.sha256((home / name).read_bytes()).hexdigest() == sha256
    on_disk = {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}
    assert on_disk == {*FILES, "manifest.json"}


@pytest.mark.parametrize("name", FILES)
def test_open_refuses_one_flipped_bit(index, name):
    """One flipped bit in any file, at its start, middle or end, is refused by the file's name."""
    path = current(index) / name
    whole = path.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        flip(path, place)
        with pytest.raises(SnapshotError, match=f"altered {name};"):
            Snapshot.open(index)
        path.write_bytes(whole)
    Snapshot.open(index)


@pytest.mark.parametrize("name", FILES)
def test_open_refuses_a_missing_file(index, name):
    """A file that is gone is refused by its name."""
    (current(index) / name).unlink()
    with pytest.raises(SnapshotError, match=f"missing {name};"):
        Snapshot.open(index)


@pytest.mark.parametrize("name", FILES)
def test_open_refuses_a_truncated_file(index, name):
    """A file that lost its last byte is refused by its name."""
    path = current(index) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SnapshotError, match=f"altered {name};"):
        Snapshot.open(index)


def test_open_names_every_fault_at_once(index):
    """All missing files are named together, and so are all altered ones."""
    home = current(index)
    for name in ("articles.jsonl", "space-0/titles.faiss"):
        flip(home / name, 0)
    with pytest.raises(SnapshotError, match=r"altered articles\.jsonl, space-0/titles\.faiss;"):
        Snapshot.open(index)
    for name in ("articles.jsonl", "space-0/titles.faiss"):
        (home / name).unlink()
    with pytest.raises(SnapshotError, match=r"missing articles\.jsonl, space-0/titles\.faiss;"):
        Snapshot.open(index)


def test_open_refuses_an_altered_manifest(index):
    """Any flipped bit of the manifest is refused by name, since the pointer carries its sha256."""
    path = current(index) / "manifest.json"
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 20):
        flip(path, place)
        with pytest.raises(SnapshotError, match=r"manifest\.json was altered"):
            Snapshot.open(index)
        path.write_bytes(whole)


def test_open_refuses_every_altered_pointer(index):
    """A flipped bit anywhere in the pointer is refused, and the message names the pointer."""
    path = index / "current.json"
    whole = path.read_bytes()
    silent = []
    for place in range(len(whole)):
        flip(path, place)
        with pytest.raises(SnapshotError) as caught:
            Snapshot.open(index)
        if "current.json" not in str(caught.value):
            silent.append(place)
    path.write_bytes(whole)
    assert silent == []


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"\xff\xfe", b'{"snapshot": 1}'])
def test_open_refuses_a_pointer_that_is_none(index, content):
    """A pointer that says nothing usable is refused by name with what to do."""
    (index / "current.json").write_bytes(content)
    with pytest.raises(SnapshotError, match=r"current\.json is damaged; .* sop build"):
        Snapshot.open(index)


def test_open_refuses_a_folder_without_a_snapshot(tmp_path):
    """A folder without a snapshot says how to make one."""
    with pytest.raises(SnapshotError, match="holds no snapshot; make one with: sop build"):
        Snapshot.open(tmp_path)


def test_open_refuses_a_missing_manifest(index):
    """A snapshot without its manifest was not published whole and is refused by name."""
    (current(index) / "manifest.json").unlink()
    with pytest.raises(SnapshotError, match=r"manifest\.json is missing"):
        Snapshot.open(index)


def listed(index: Path) -> dict[str, str]:
    """Return the files that the current manifest lists, with their sha256."""
    manifest = (current(index) / "manifest.json").read_text(encoding="utf-8")
    files: dict[str, str] = json.loads(manifest)["files"]
    return files


def rewrite_manifest(index: Path, **changed: object) -> None:
    """Change the manifest and let the pointer agree with it."""
    path = current(index) / "manifest.json"
    values = json.loads(path.read_text(encoding="utf-8")) | changed
    path.write_text(json.dumps(values), encoding="utf-8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    pointer = {"snapshot": path.parent.name, "manifest_sha256": sha256}
    (index / "current.json").write_text(json.dumps(pointer), encoding="utf-8")


@pytest.mark.parametrize("version", [0, 1, 2, 4, None, "3"])
def test_open_refuses_another_format(index, version):
    """A snapshot of another format says which it has, which is read, and what to do."""
    rewrite_manifest(index, format_version=version)
    with pytest.raises(
        SnapshotError, match=f"has format {version}, this version reads 3; build the index again"
    ):
        Snapshot.open(index)


def test_open_refuses_counts_that_disagree(index):
    """Vectors of another number than chunks are refused by the file's name."""
    home = current(index) / "space-0"
    shutil.copyfile(home / "questions.faiss", home / "chunks.faiss")
    files = listed(index)
    rewrite_manifest(
        index, files=files | {"space-0/chunks.faiss": files["space-0/questions.faiss"]}
    )
    with pytest.raises(SnapshotError, match=r"chunks\.faiss: holds 3 vectors"):
        Snapshot.open(index)


def test_open_refuses_a_required_file_that_the_manifest_leaves_out(index, contents):
    """A manifest that lists too little is refused with what is not there, in every space."""
    publish(index, replace(contents, spaces=contents.spaces * 2, calibrations=[Calibration()] * 2))
    files = listed(index)
    required = ["articles.jsonl", "chunks.jsonl", "vocabulary.json"]
    required += [f"space-{number}/{name}" for number in (0, 1) for name in SPACE_FILES]
    for name in required:
        rewrite_manifest(index, files={k: v for k, v in files.items() if k != name})
        with pytest.raises(SnapshotError, match=f"missing {name};"):
            Snapshot.open(index)
    rewrite_manifest(index, files=files)
    Snapshot.open(index)


def test_a_second_space_has_a_folder_of_its_own(index, contents):
    """Two spaces lie side by side, each with its encoder, and come back in their order."""
    first = contents.spaces[0]
    second = replace(first, chunks=first.chunks[::-1], projection=first.projection * 2)
    calibrations = [Calibration(probes=1), Calibration(probes=2)]
    publish(index, replace(contents, spaces=[first, second], calibrations=calibrations))
    assert {*FILES, *(f"space-1/{name}" for name in SPACE_FILES)} == set(listed(index))
    snapshot = Snapshot.open(index)
    assert [space.calibration.probes for space in snapshot.manifest.spaces] == [1, 2]
    for stored, given in zip(snapshot.index.spaces, (first, second), strict=True):
        assert stored.chunks.vectors().tobytes() == given.chunks.tobytes()
        assert stored.projection.tobytes() == given.projection.tobytes()


def test_open_reads_an_older_snapshot_by_its_id(index, contents):
    """A snapshot that is no longer current can still be opened by its id."""
    first = read_pointer(index).snapshot
    publish(index, replace(contents, revision="def"))
    assert Snapshot.open(index).manifest.revision == "def"
    assert Snapshot.open(index, first).manifest.revision == "abc"
    with pytest.raises(SnapshotError, match=r"nothing/manifest\.json is missing"):
        Snapshot.open(index, "nothing")


def test_publish_again_gives_the_same_id(index, contents):
    """The same contents have the same id, and nothing is stored twice."""
    first = read_pointer(index)
    assert publish(index, contents).id == first.snapshot
    assert read_pointer(index) == first
    assert stored_snapshots(index) == [first.snapshot]
    assert publish(index, replace(contents, chunk_tokens=128)).id != first.snapshot


def test_publish_mends_a_damaged_snapshot_of_the_same_id(index, contents):
    """Publishing the same contents over a damaged snapshot leaves a whole one."""
    (current(index) / "space-0" / "titles.faiss").unlink()
    publish(index, contents)
    assert Snapshot.open(index).articles == tuple(contents.articles)


def test_a_failed_publish_leaves_the_old_snapshot(index, contents, tmp_path):
    """When writing fails, the old snapshot serves on and nothing half-written stays."""
    before = (index / "current.json").read_bytes()
    space = replace(contents.spaces[0], encoder_folder=tmp_path / "nowhere")
    broken = replace(contents, revision="def", spaces=[space])
    with pytest.raises(FileNotFoundError):
        publish(index, broken)
    assert (index / "current.json").read_bytes() == before
    assert [p.name for p in (index / "snapshots").iterdir()] == [read_pointer(index).snapshot]
    assert Snapshot.open(index).manifest.revision == "abc"


def test_a_publish_that_cannot_be_pointed_to_leaves_the_old_snapshot(index, contents):
    """When even the pointer cannot be replaced, the old snapshot serves on."""
    blocker = index / f".current.json.{os.getpid()}"
    blocker.mkdir()
    with pytest.raises(OSError, match="directory"):
        publish(index, replace(contents, revision="def"))
    assert Snapshot.open(index).manifest.revision == "abc"


def test_a_snapshot_holds_no_pickle(index):
    """Every array file loads with pickling forbidden, and no other file starts like a pickle."""
    home = current(index)
    arrays = list(home.rglob("*.npy"))
    # Of each of two BM25 indexes three by words and four by pairs; of a space nine.
    assert len(arrays) == 2 * (3 + 4) + 9
    for path in arrays:
        assert np.load(path, allow_pickle=False).dtype != object
    for path in home.rglob("*"):
        if path.is_file():
            assert not path.read_bytes().startswith(
                (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
            )


def aged(index: Path, days: dict[str, int]) -> None:
    """Make snapshots older: copies of the current one under other names, days ago."""
    home = current(index)
    manifest = Manifest.model_validate_json((home / "manifest.json").read_bytes())
    for name, age in days.items():
        other = index / "snapshots" / name
        other.mkdir(exist_ok=True)
        created = datetime.now(UTC) - timedelta(days=age)
        text = manifest.model_copy(update={"created": created}).model_dump_json()
        (other / "manifest.json").write_text(text, encoding="utf-8")
        os.utime(other, (created.timestamp(), created.timestamp()))


def test_prune_keeps_the_newest_by_count(index):
    """Only the newest stay, the deleted are named oldest first."""
    aged(index, {"d1": 1, "d2": 2, "d3": 3, "d4": 4})
    assert prune(index, keep=3, max_age_days=100) == ["d4", "d3"]
    assert stored_snapshots(index) == [read_pointer(index).snapshot, "d1", "d2"]


def test_prune_deletes_by_age(index):
    """What is older than the limit goes, however few there are."""
    aged(index, {"d1": 1, "d50": 50, "d100": 100})
    assert prune(index, keep=10, max_age_days=40) == ["d100", "d50"]
    assert stored_snapshots(index) == [read_pointer(index).snapshot, "d1"]


def test_prune_always_keeps_the_current_one_and_the_one_before(index):
    """However old they are, one serves and one is there to fall back on."""
    name = read_pointer(index).snapshot
    aged(index, {"d401": 401, "d500": 500, name: 400})
    assert prune(index, keep=0, max_age_days=30) == ["d500"]
    assert stored_snapshots(index) == [name, "d401"]


def test_prune_leaves_alone_what_it_cannot_read(index):
    """A folder that is no snapshot of this version is neither offered nor deleted."""
    (index / "snapshots" / "ruin").mkdir()
    assert stored_snapshots(index) == [read_pointer(index).snapshot]
    assert prune(index, keep=1, max_age_days=40) == []
    assert (index / "snapshots" / "ruin").is_dir()


def test_prune_clears_up_after_a_build_that_was_killed(index):
    """What was left aside goes after a day, and not while a build may still be writing it."""
    old, new = index / "snapshots" / ".aside-old", index / "snapshots" / ".aside-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    prune(index, keep=10, max_age_days=40)
    assert [old.exists(), new.exists()] == [False, True]


def test_stored_snapshots_of_nothing_are_none(tmp_path):
    """A folder without snapshots has none."""
    assert stored_snapshots(tmp_path) == []
