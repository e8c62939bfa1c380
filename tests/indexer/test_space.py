"""A vector space on disk, and two of them side by side."""

from __future__ import annotations

import shutil
from datetime import date

import numpy as np
import pytest

from indexer.answer import answer, prepare
from indexer.build import build_snapshot
from indexer.encoder import ENCODER_FILES
from indexer.errors import ModelError, SnapshotError
from indexer.filters import allowed_articles
from indexer.projection import fit_projection
from indexer.snapshot import Snapshot
from indexer.space import SPACE_FILES, SpaceContents, VectorSpace, save_space
from indexer.tokens import TokenIndex, pack
from indexer.vectors import DenseIndex

TODAY = date(2026, 11, 1)
CHUNKS = ("Reset the lost phone.", "Pump the tyre.", "Oil the chain of the bicycle.")
QUESTIONS = ("phone gone", "flat tyre")
TITLES = ("Desk",)
COUNTS = (len(CHUNKS), len(QUESTIONS), len(TITLES))
# Each question means what the article of that name says.
ASKED = {
    "es": ("No puedo entrar: perdí el teléfono del segundo factor", "phone"),
    "zh": ("谁批准个人数据的导出？", "export"),
    "de": ("Die Warteschlange ist leer, obwohl Aufgaben offen sind", "queue"),
    "ru": ("Что нужно написать в конце смены?", "shift"),
    "vi": ("Trình phát chỉ hiển thị hình ảnh màu đen", "video"),
}


@pytest.fixture(scope="module")
def contents(encoder, encoder_folder):
    """A space of three chunks, two questions and one title."""
    chunks, questions, titles = (
        encoder.encode(texts, "passage") for texts in (CHUNKS, QUESTIONS, TITLES)
    )
    packed = [pack(one) for one in encoder.encode_tokens(CHUNKS, "passage")]
    asked = [pack(one) for one in encoder.encode_tokens(QUESTIONS, "query")]
    return SpaceContents(
        encoder_folder=encoder_folder,
        encoder=encoder.description,
        chunks=chunks,
        questions=questions,
        titles=titles,
        tokens=TokenIndex.build(packed, encoder.token_dim),
        asked_tokens=TokenIndex.build(asked, encoder.token_dim),
        projection=fit_projection(questions, chunks[:2]),
    )


@pytest.fixture
def folder(contents, tmp_path):
    """That space on disk."""
    save_space(tmp_path / "space", contents)
    return tmp_path / "space"


def load(folder) -> VectorSpace:
    """Load a space of as many vectors as that one."""
    return VectorSpace.load(folder, *COUNTS, threads=1)


def test_save_writes_the_files_of_a_space(folder, encoder_folder):
    """Every file that a snapshot asks for is there and no other; the encoder's are copies."""
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == set(SPACE_FILES)
    for name in ENCODER_FILES:
        assert (folder / "encoder" / name).read_bytes() == (encoder_folder / name).read_bytes()


def test_a_loaded_space_is_the_one_that_was_saved(folder, contents, encoder):
    """Vectors, words, projection and encoder come back as they went in, to the last bit."""
    loaded, built = load(folder), VectorSpace.build(contents, encoder)
    (question,) = loaded.encoder.encode_tokens(["my tyre is flat"], "query")
    (expected,) = encoder.encode_tokens(["my tyre is flat"], "query")
    assert question.vector.tobytes() == expected.vector.tobytes()
    rows = np.arange(3)
    for space in (loaded, built):
        for name in ("chunks", "questions", "titles"):
            vectors = getattr(space, name).vectors()
            assert vectors.tobytes() == getattr(contents, name).tobytes()
        assert space.projection.tobytes() == contents.projection.tobytes()
        matches = space.tokens.match(question, rows)
        assert matches.tolist() == contents.tokens.match(expected, rows).tolist()
        assert matches.argmax() == 1
        assert space.encoder.description == contents.encoder


def test_save_refuses_a_folder_that_is_there(folder, contents):
    """What was saved is never written over."""
    with pytest.raises(FileExistsError):
        save_space(folder, contents)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("chunks", r"chunks\.faiss: holds 2 vectors of length 384; .* says 3 of length 384"),
        ("questions", r"questions\.faiss: holds 1 vectors of length 384; .* says 2 of length 384"),
        ("titles", r"titles\.faiss: holds 0 vectors of length 384; .* says 1 of length 384"),
    ],
)
def test_load_refuses_another_number_of_vectors(folder, contents, name, message):
    """A file that lacks a vector is refused by its name, with what it holds and should hold."""
    fewer = DenseIndex.build(getattr(contents, name)[:-1], 384)
    (folder / f"{name}.faiss").write_bytes(fewer.to_bytes())
    with pytest.raises(SnapshotError, match=message):
        load(folder)


@pytest.mark.parametrize("name", ["chunks", "questions", "titles"])
def test_load_refuses_vectors_of_another_length(folder, contents, name):
    """Vectors that another encoder made are refused by the file's name."""
    shorter = DenseIndex.build(np.ascontiguousarray(getattr(contents, name)[:, :12]), 12)
    (folder / f"{name}.faiss").write_bytes(shorter.to_bytes())
    with pytest.raises(SnapshotError, match=rf"{name}\.faiss: holds \d vectors of length 12"):
        load(folder)


@pytest.mark.parametrize("name", ["chunks", "questions", "titles"])
def test_load_refuses_bytes_that_are_no_vectors(folder, name):
    """A file that faiss cannot read is refused by its name."""
    (folder / f"{name}.faiss").write_bytes(b"nothing of use")
    with pytest.raises(SnapshotError, match=rf"{name}\.faiss: faiss cannot read it"):
        load(folder)


@pytest.mark.parametrize("shape", [(384,), (384, 24), (24, 24), (1, 384, 384), (0, 0)])
def test_load_refuses_a_projection_of_another_shape(folder, shape):
    """A projection that does not turn this encoder's vectors into such is refused by name."""
    np.save(folder / "projection.npy", np.zeros(shape, dtype=np.float32))
    with pytest.raises(SnapshotError, match=r"projection\.npy does not fit the encoder"):
        load(folder)


@pytest.mark.parametrize("kept", [0, 2])
def test_load_refuses_the_words_of_another_number_of_chunks(folder, encoder, kept):
    """Words that belong to other chunks are refused by their folder's name."""
    shutil.rmtree(folder / "tokens")
    packed = [pack(one) for one in encoder.encode_tokens(CHUNKS[:kept], "passage")]
    TokenIndex.build(packed, encoder.token_dim).save(folder / "tokens")
    with pytest.raises(SnapshotError, match=f"tokens holds the tokens of {kept} texts; .* says 3"):
        load(folder)


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_load_refuses_a_space_without_its_encoder(folder, name):
    """An encoder that lacks a file is refused by the file's name."""
    (folder / "encoder" / name).unlink()
    with pytest.raises(ModelError, match=f"{name} missing"):
        load(folder)


def ask(snapshot, text, language=None) -> list[str]:
    """Return the ids of the articles that answer a question, best first."""
    allowed = allowed_articles(snapshot, ["internal"])
    found = answer(snapshot, text, allowed, TODAY, 5, language)
    return [snapshot.articles[one.article].id for one in found.ranked]


def test_the_multilingual_model_stands_beside_the_english_one(multilingual_snapshot):
    """Such a snapshot has two spaces of the same chunks, each with its encoder's vectors."""
    snapshot = multilingual_snapshot
    stated = snapshot.manifest.spaces
    assert [space.encoder.name for space in stated] == ["all-MiniLM-L6-v2", "multilingual-e5-small"]
    assert snapshot.manifest.counts.model_dump() == {"articles": 5, "chunks": 5, "questions": 0}
    texts = [chunk.embedding_text() for chunk in snapshot.chunks]
    titles = [article.title for article in snapshot.articles]
    for space in snapshot.index.spaces:
        for index, expected in ((space.chunks, texts), (space.titles, titles)):
            vectors = space.encoder.encode(expected, "passage")
            assert index.vectors().tobytes() == vectors.tobytes()
        assert len(space.tokens) == 5


def test_only_english_questions_are_turned_towards_passages(multilingual_snapshot):
    """English titles teach nothing about questions in other languages, which stay as they are."""
    english, other = multilingual_snapshot.index.spaces
    assert float(np.abs(english.projection - np.eye(384)).max()) > 1e-3
    assert other.projection.tolist() == np.eye(384).tolist()


@pytest.mark.parametrize("language", ASKED)
def test_a_question_in_another_language_finds_the_english_article(multilingual_snapshot, language):
    """Its language is detected, and the article that answers comes first."""
    text, article = ASKED[language]
    assert ask(multilingual_snapshot, text)[0] == article
    assert ask(multilingual_snapshot, text, language)[0] == article


@pytest.mark.parametrize(("language", "text"), [(key, text) for key, (text, _) in ASKED.items()])
def test_a_question_in_another_language_is_encoded_by_the_second_space(
    multilingual_snapshot, multilingual_encoder, language, text
):
    """Its vector and words are those of the multilingual encoder, whatever the region."""
    (expected,) = multilingual_encoder.encode_tokens([text], "query")
    for stated in (None, language, f"{language}-XX", language.upper()):
        question = prepare(multilingual_snapshot.index, text, stated)
        assert question.space == 1
        assert question.encoded.vector.tobytes() == expected.vector.tobytes()
        assert question.encoded.token_ids.tolist() == expected.token_ids.tolist()


def test_an_english_question_is_encoded_by_the_first_space(multilingual_snapshot, encoder):
    """Its vector is that of the English encoder, and its answer that of an English index."""
    text = "my authenticator phone is gone"
    (expected,) = encoder.encode_tokens([text], "query")
    for stated in (None, "en", "en-GB", "EN"):
        question = prepare(multilingual_snapshot.index, text, stated)
        assert question.space == 0
        assert question.encoded.vector.tobytes() == expected.vector.tobytes()
        assert question.encoded.token_ids.tolist() == expected.token_ids.tolist()
    assert ask(multilingual_snapshot, text)[0] == "phone"


def test_english_questions_are_answered_as_without_the_second_space(
    multilingual_home, multilingual_snapshot, tmp_path
):
    """Articles, scores and confidences are the same with one space and with two."""
    build_snapshot(multilingual_home / "sop", tmp_path / "index")
    english = Snapshot.open(tmp_path / "index")
    for text in ("my authenticator phone is gone", "who approves an export", "empty board"):
        one, two = (
            answer(snapshot, text, allowed_articles(snapshot, ["internal"]), TODAY, 5, "en")
            for snapshot in (english, multilingual_snapshot)
        )
        assert one == two


def test_an_index_of_one_space_takes_questions_in_every_language(sop_snapshot):
    """Without a multilingual model, all questions are encoded by the only encoder."""
    text = "No puedo entrar con mi teléfono nuevo"
    assert prepare(sop_snapshot.index, text, "es").space == 0
    assert prepare(sop_snapshot.index, text, "en").space == 0


def test_a_second_build_of_two_spaces_embeds_nothing(
    multilingual_home, multilingual_snapshot, tmp_path
):
    """Every text is known to both encoders, and the snapshot is the same."""
    report = build_snapshot(multilingual_home / "sop", tmp_path / "index", model="multilingual")
    # Five chunks and five titles, in two spaces.
    assert (report.indexed.embedded, report.indexed.reused) == (0, 20)
    assert report.manifest.id == multilingual_snapshot.manifest.id
