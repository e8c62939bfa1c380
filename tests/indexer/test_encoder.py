"""The compiled encoder: text to unit vectors."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest

from indexer.encoder import ENCODER_FILES, Encoder, unit
from indexer.errors import ModelError

TEXTS = [
    "reset",
    "I lost my phone and cannot sign in",
    "The queue is empty although the board shows 1,204 open tasks. " * 12,
    "导出任务一直显示处理中",
    "",
    "ERROR 504 upstream timed out (110: Connection timed out)",
]


def test_encode_gives_unit_vectors(encoder):
    """Every row is float32 and of length 1, also that of an empty text."""
    vectors = encoder.encode(TEXTS, "passage")
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_encode_of_nothing_gives_no_rows(encoder):
    """No texts give an array of no rows with the right length."""
    assert encoder.encode([], "query").shape == (0, 384)


def test_a_vector_does_not_depend_on_its_neighbours(encoder, encoder_folder):
    """A text has the same vector to the last bit, alone, in a batch, in any order and thread."""
    together = encoder.encode(TEXTS, "passage")
    backwards = encoder.encode(TEXTS[::-1], "passage")[::-1]
    single = Encoder.open(encoder_folder, threads=1).encode(TEXTS, "passage")
    for row, text in enumerate(TEXTS):
        alone = encoder.encode([text], "passage")[0].tobytes()
        assert together[row].tobytes() == alone
        assert backwards[row].tobytes() == alone
        assert single[row].tobytes() == alone


def test_encode_brings_like_to_like(encoder):
    """A question is nearer to its answer than to something else."""
    question = encoder.encode(["my phone was stolen, how do I log in"], "query")[0]
    near, far = encoder.encode(
        ["Reset a lost second factor", "Export a data set as a spreadsheet"], "passage"
    )
    assert question @ near > question @ far + 0.2


def test_long_texts_are_read_to_their_end(encoder):
    """A change in the last words of a text of 2,000 words changes its vector."""
    start = "The user waits for the queue. " * 333
    one = encoder.encode([f"{start} Bananas are yellow."], "passage")[0]
    other = encoder.encode([f"{start} The firewall blocks port 8080."], "passage")[0]
    assert encoder.count_tokens([start])[0] > 7 * encoder.max_tokens
    assert float(one @ other) < 0.9999


def test_a_long_text_has_the_direction_of_its_windows_sum(encoder):
    """Two windows of the same words have the vector of one of them."""
    special = len(["[CLS]", "[SEP]"])
    words = "apple " * (encoder.max_tokens - special)
    assert encoder.count_tokens([words]) == [encoder.max_tokens]
    one, two = encoder.encode([words, words + words], "passage")
    assert float(one @ two) == pytest.approx(1.0, abs=1e-6)


def test_count_tokens_counts_like_the_tokenizer(encoder):
    """Counts include the special tokens and are the same one by one and together."""
    assert encoder.count_tokens(["", "reset", "second factor"]) == [2, 3, 4]
    assert [encoder.count_tokens([text])[0] for text in TEXTS] == encoder.count_tokens(TEXTS)


def test_encode_reports_progress_once_a_text(encoder):
    """Progress is told 1 after each text."""
    told: list[int] = []
    encoder.encode(TEXTS, "passage", told.append)
    assert told == [1] * len(TEXTS)


def test_encode_is_the_same_from_many_threads(encoder):
    """Callers in several threads get the vectors that one caller gets."""
    expected = encoder.encode(TEXTS, "query").tobytes()
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(encoder.encode(TEXTS, "query").tobytes()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_open_refuses_a_folder_without_one_of_its_files(encoder_folder, tmp_path, name):
    """A missing file is named."""
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name} missing; build the index again"):
        Encoder.open(folder)


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_open_refuses_a_file_that_is_none(encoder_folder, tmp_path, name):
    """A file that holds something else is a `ModelError`, not a library's own error."""
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    (folder / name).write_bytes(b"nothing of use")
    with pytest.raises(ModelError):
        Encoder.open(folder)


def test_unit_scales_to_length_one():
    """A vector keeps its direction; a zero vector stays zero."""
    np.testing.assert_allclose(unit(np.array([3, 4], dtype=np.float32)), [0.6, 0.8], rtol=1e-6)
    assert unit(np.zeros(2, dtype=np.float32)).tolist() == [0.0, 0.0]
