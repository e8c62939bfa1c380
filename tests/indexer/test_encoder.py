"""The compiled encoder: text to unit vectors."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest
from tokenizers import Tokenizer

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


@pytest.fixture
def tokenizer(encoder_folder):
    """The tokenizer of the default model, read without the encoder."""
    tokenizer = Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))
    tokenizer.no_truncation()
    return tokenizer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reset", ["reset"]),
        ("My phone (+49) is … gone!?", ["my", "phone", "49", "is", "gone"]),
        ("LR-4031: stuck_task", ["l", "##r", "403", "##1", "stuck", "task"]),
        ("登录失败。", ["[UNK]"] * 4),
        ("", []),
        ("?! -- … ### 😀👩‍💻 ⚠️", []),
    ],
)
def test_encode_tokens_gives_the_words_of_a_text(encoder, tokenizer, text, words):
    """Tokens with a letter or a digit come out in order, punctuation and special ones do not."""
    (encoded,) = encoder.encode_tokens([text], "passage")
    assert [tokenizer.id_to_token(token) for token in encoded.token_ids] == words
    assert encoded.token_ids.dtype == np.int32
    assert encoded.token_vectors.shape == (len(words), encoder.token_dim)


def test_encode_tokens_gives_the_vector_that_encode_gives(encoder):
    """The vector of the whole text is the same to the last bit, with its tokens or without."""
    vectors = encoder.encode(TEXTS, "passage")
    for row, encoded in zip(vectors, encoder.encode_tokens(TEXTS, "passage"), strict=True):
        assert encoded.vector.tobytes() == row.tobytes()
    assert encoder.encode_tokens([], "passage") == []


def test_encode_tokens_gives_unit_rows(encoder):
    """Every token's vector is float32 and of length 1, and has one id."""
    assert encoder.token_dim == 384
    for encoded in encoder.encode_tokens(TEXTS, "passage"):
        assert encoded.token_vectors.dtype == np.float32
        assert encoded.token_vectors.shape == (len(encoded.token_ids), 384)
        np.testing.assert_allclose(np.linalg.norm(encoded.token_vectors, axis=1), 1.0, atol=1e-5)


def test_the_same_text_has_the_same_tokens_to_the_last_bit(encoder, encoder_folder):
    """A text's tokens do not depend on its neighbours, its place, the thread or the process."""
    expected = [token_bytes(one) for one in encoder.encode_tokens(TEXTS, "passage")]
    single = Encoder.open(encoder_folder, threads=1)
    backwards = encoder.encode_tokens(TEXTS[::-1], "passage")[::-1]
    assert [token_bytes(one) for one in backwards] == expected
    assert [token_bytes(one) for one in single.encode_tokens(TEXTS, "passage")] == expected
    alone = [encoder.encode_tokens([text], "passage")[0] for text in TEXTS]
    assert [token_bytes(one) for one in alone] == expected


def token_bytes(encoded) -> tuple[bytes, bytes]:
    """Return what can be compared exactly."""
    return encoded.token_ids.tobytes(), encoded.token_vectors.tobytes()


def test_a_word_means_what_its_text_makes_of_it(encoder):
    """The same word has another vector in another text, and its own sense lies nearer."""
    river, money, cash = (
        encoded.token_vectors[-1]
        for encoded in encoder.encode_tokens(
            ["we sat on the muddy river bank", "money lies in the bank", "cash machine of a bank"],
            "passage",
        )
    )
    assert float(money @ cash) > float(river @ cash) + 0.1


def test_long_texts_keep_every_word(encoder, tokenizer):
    """A text read in windows has all its words, each once and in order, and unit rows."""
    text = " ".join(f"Step {i}: restart, wait & reload." for i in range(120))
    pieces = tokenizer.encode(text, add_special_tokens=False).tokens
    (encoded,) = encoder.encode_tokens([text], "passage")
    assert len(pieces) > 3 * encoder.max_tokens
    found = [tokenizer.id_to_token(token) for token in encoded.token_ids]
    assert found == [piece for piece in pieces if piece not in {":", ",", "&", "."}]
    assert encoded.token_vectors.shape == (len(found), 384)
    np.testing.assert_allclose(np.linalg.norm(encoded.token_vectors, axis=1), 1.0, atol=1e-5)


def test_a_window_gives_the_words_that_it_gives_alone(encoder):
    """The words of a long text's first window are those of that window's text, to the last bit."""
    start = "apple " * (encoder.max_tokens - 2)
    alone, longer = encoder.encode_tokens([start, f"{start} The tyre is flat."], "passage")
    count = len(alone.token_ids)
    assert count == encoder.max_tokens - 2
    assert len(longer.token_ids) == count + 4
    assert longer.token_vectors[:count].tobytes() == alone.token_vectors.tobytes()


def test_the_prompt_is_read_but_is_none_of_the_words(small_encoder):
    """Words behind a prompt are those of the text alone, though the prompt changes them."""
    for text in ("reset the phone", "", "query: passage", "reset the phone " * 40):
        asked, given = (
            small_encoder.encode_tokens([text], kind)[0] for kind in ("query", "passage")
        )
        words = text.replace(":", "").split()
        assert asked.token_ids.tolist() == given.token_ids.tolist()
        assert len(asked.token_ids) == len(words)
        if words:
            assert float(np.abs(asked.token_vectors - given.token_vectors).max()) > 1e-4


def test_each_window_counts_by_its_length(encoder):
    """The vector of a long text is the direction of its windows', weighed by their tokens."""
    first, rest = "apple " * (encoder.max_tokens - 2), "the tyre is flat"
    one, other, long = encoder.encode([first, rest, first + rest], "passage")
    lengths = encoder.count_tokens([first, rest])
    assert lengths == [encoder.max_tokens, 6]
    np.testing.assert_allclose(long, unit(lengths[0] * one + lengths[1] * other), atol=1e-6)


def test_encode_each_keeps_what_it_is_told_to(encoder):
    """What `keep` makes of each text comes back in the order of the texts."""
    counts = encoder.encode_each(TEXTS, "passage", lambda encoded: len(encoded.token_ids))
    assert counts == [len(one.token_ids) for one in encoder.encode_tokens(TEXTS, "passage")]
    assert counts[:2] == [1, 8]


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
