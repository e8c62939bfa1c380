"""Late interaction: the words of a question met by those of a chunk."""

from __future__ import annotations

from math import log1p, sqrt

import numpy as np
import pytest

from indexer.encoder import Encoded
from indexer.tokens import TOKEN_FILES, PackedText, TokenIndex, pack

# Three numbers a token, so that a row of signs is one byte whose first three bits count.
X, Y, Z = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]


def encoded(ids, rows, dim=3) -> Encoded:
    """Return an encoded text with these tokens."""
    return Encoded(
        vector=np.zeros(dim, dtype=np.float32),
        token_ids=np.array(ids, dtype=np.int32),
        token_vectors=np.array(rows, dtype=np.float32).reshape(len(ids), dim),
    )


def chunk(ids, rows=None) -> PackedText:
    """Return a chunk of these tokens, which all point along x unless stated."""
    return pack(encoded(ids, [X] * len(ids) if rows is None else rows))


def random_text(rng, length: int, dim: int, most: int) -> Encoded:
    """Return a text of random tokens out of `most`, each with a unit vector."""
    rows = rng.normal(size=(length, dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return encoded(rng.integers(0, most, length), rows, dim)


def match_by_hand(chunks: list[Encoded], question: Encoded, row: int) -> float:
    """Return what `match` promises, one number at a time."""
    own = [set(one.token_ids.tolist()) for one in chunks]

    def having(token: int) -> int:
        return sum(token in tokens for tokens in own)

    def weight(token: int) -> float:
        return log1p((len(chunks) - having(token) + 0.5) / (having(token) + 0.5))

    kept = [
        np.where(vector > 0, 1.0, -1.0) / sqrt(len(vector))
        for token, vector in zip(chunks[row].token_ids, chunks[row].token_vectors, strict=True)
        if having(token) <= max(3, len(chunks) / 4)
    ]
    if not kept:
        return 0.0
    rarest = sorted(range(len(question.token_ids)), key=lambda i: -weight(question.token_ids[i]))
    total = summed = 0.0
    for i in rarest[:24]:
        best = max(float(question.token_vectors[i] @ signs) for signs in kept)
        summed += weight(question.token_ids[i]) * best
        total += weight(question.token_ids[i])
    return summed / total


def test_pack_keeps_the_signs_only():
    """A number above 0 becomes a set bit, first number first, whole bytes a token."""
    packed = pack(encoded([7, 8], [[0.5, -0.1, 0.2], [0.0, 0.3, -1.0]]))
    assert [f"{row[0]:08b}" for row in packed.token_signs] == ["10100000", "01000000"]
    assert packed.token_signs.dtype == np.uint8
    assert packed.token_ids.tolist() == [7, 8]
    wide = pack(encoded([1], [np.ones(20)], 20))
    assert wide.token_signs.tolist() == [[255, 255, 240]]
    assert pack(encoded([], [])).token_signs.shape == (0, 1)


def test_match_is_the_mean_of_the_best_tokens_by_hand():
    """Each question token takes its best chunk token; rare question tokens weigh more."""
    # Signs (+ + -) and (- - +) in chunk 0, (+ - -) in chunk 1; token 5 is in both chunks.
    index = TokenIndex.build(
        [chunk([5, 6], [[1, 1, -1], [-1, -1, 1]]), chunk([5], [[1, -1, -1]])], 3
    )
    half = 1 / sqrt(3)
    for ids, rows, expected in (
        ([6], [X], [half, half]),
        ([6], [Y], [half, -half]),
        ([6], [Z], [half, -half]),
        ([6], [[0.6, 0.8, 0.0]], [1.4 * half, -0.2 * half]),
    ):
        found = index.match(encoded(ids, rows), np.array([0, 1]))
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    # In both of two chunks: log(1 + 0.5 / 2.5); in one: log(1 + 1.5 / 1.5); in none: 2.5 / 0.5.
    common, rare, unseen = log1p(0.2), log1p(1.0), log1p(5.0)
    found = index.match(encoded([5, 6, 9], [X, Y, Z]), np.array([0, 1]))
    expected = [half, (common - rare - unseen) * half / (common + rare + unseen)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("dim", [3, 8, 20])
@pytest.mark.parametrize("words", [4, 60])
def test_match_agrees_with_plain_numpy(dim, words):
    """Over random texts, scores are those of the formula written out, in the order asked for."""
    rng = np.random.default_rng(dim * words)
    chunks = [random_text(rng, length, dim, words) for length in (5, 0, 1, 12, 3, 40, 7, 2)]
    index = TokenIndex.build([pack(one) for one in chunks], dim)
    for length in (1, 3, 24, 25, 60):
        question = random_text(rng, length, dim, words + 5)
        rows = rng.permutation(len(chunks))[:6]
        found = index.match(question, rows)
        assert found.dtype == np.float32
        expected = [match_by_hand(chunks, question, int(row)) for row in rows]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_match_gives_each_row_what_it_gives_alone():
    """A chunk's score does not depend on which others are asked for, or how often."""
    rng = np.random.default_rng(1)
    texts = [random_text(rng, length, 16, 30) for length in (4, 0, 6)]
    index = TokenIndex.build([pack(one) for one in texts], 16)
    question = random_text(rng, 5, 16, 30)
    alone = [float(index.match(question, np.array([row]))[0]) for row in range(3)]
    found = index.match(question, np.array([2, 2, 0, 1, 0]))
    np.testing.assert_allclose(found, [alone[row] for row in (2, 2, 0, 1, 0)], atol=1e-6)
    assert index.match(question, np.array([], dtype=np.int64)).shape == (0,)


def test_tokens_of_most_chunks_are_left_out():
    """A token in more than a quarter of the chunks, and in more than three, meets nothing."""
    # Of 16 chunks a quarter is 4: token 1 is in 4 of them and stays, token 2 in 5 and goes.
    chunks = [chunk([1]) for _ in range(4)] + [chunk([2]) for _ in range(5)]
    chunks += [chunk([40 + i]) for i in range(7)]
    index = TokenIndex.build(chunks, 3)
    found = index.match(encoded([99], [X]), np.arange(16))
    np.testing.assert_allclose(found, [1 / sqrt(3)] * 4 + [0.0] * 5 + [1 / sqrt(3)] * 7, rtol=1e-6)


def test_in_a_small_corpus_no_token_is_common():
    """In up to three chunks every token counts, in four the one that all of them have goes."""
    question = encoded([1], [X])
    for count, expected in ((1, 1 / sqrt(3)), (3, 1 / sqrt(3)), (4, 0.0)):
        index = TokenIndex.build([chunk([1])] * count, 3)
        found = index.match(question, np.arange(count))
        np.testing.assert_allclose(found, [expected] * count, rtol=1e-6)


def test_a_token_counts_once_a_chunk():
    """Repeats within a chunk make a token neither common nor less telling."""
    once = TokenIndex.build([chunk([1], [Y]), chunk([2], [X])], 3)
    often = TokenIndex.build([chunk([1] * 9, [Y] * 9), chunk([2], [X])], 3)
    question = encoded([1, 2], [X, [-1.0, 0.0, 0.0]])
    for row in (0, 1):
        rows = np.array([row])
        assert often.match(question, rows).tolist() == once.match(question, rows).tolist()


def test_a_chunk_without_tokens_scores_zero():
    """An empty chunk scores 0, also where the other chunks score below."""
    index = TokenIndex.build([chunk([]), chunk([1]), chunk([])], 3)
    away = encoded([1], [[-1.0, 0.0, 0.0]])
    found = index.match(away, np.array([0, 1, 2]))
    np.testing.assert_allclose(found, [0.0, -1 / sqrt(3), 0.0], rtol=1e-6)
    assert index.match(away, np.array([2, 0])).tolist() == [0.0, 0.0]


def test_a_question_without_tokens_matches_nothing():
    """A question of punctuation alone scores 0 everywhere."""
    index = TokenIndex.build([chunk([1]), chunk([2])], 3)
    assert index.match(encoded([], []), np.array([0, 1])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("chunks", [[], [chunk([])], [chunk([1])] * 4])
def test_an_index_without_tokens_scores_zero(tmp_path, chunks):
    """Where nothing is left to compare with, every score is 0, also after saving."""
    index = TokenIndex.build(chunks, 3)
    index.save(tmp_path / "tokens")
    for one in (index, TokenIndex.load(tmp_path / "tokens")):
        found = one.match(encoded([1, 2], [X, Y]), np.arange(len(chunks)))
        assert found.tolist() == [0.0] * len(chunks)


def test_only_the_24_rarest_tokens_of_a_question_count():
    """A longer question is read by its 24 rarest tokens; of equal ones by the first."""
    known = [chunk([1]), chunk([1, 2])]
    index = TokenIndex.build(known, 3)
    rows = np.array([0, 1])
    unseen = list(range(100, 124))
    rare = encoded(unseen, [X] * 24)
    # Tokens 1 and 2 point away from the chunks, and are more common than the others.
    longer = encoded([1, 2, *unseen, 1, 2], [[-1.0, 0.0, 0.0]] * 2 + [X] * 24 + [[-1.0, 0, 0]] * 2)
    assert index.match(longer, rows).tolist() == index.match(rare, rows).tolist()
    equal = encoded([*unseen, 200, 201], [X] * 24 + [[-1.0, 0.0, 0.0]] * 2)
    assert index.match(equal, rows).tolist() == index.match(rare, rows).tolist()
    shorter = encoded([*unseen[:23], 1], [X] * 23 + [[-1.0, 0.0, 0.0]])
    assert index.match(shorter, rows).max() < index.match(rare, rows).min()


def test_load_matches_like_what_was_saved(tmp_path):
    """An index that was saved and loaded gives the same scores, to the last bit."""
    rng = np.random.default_rng(3)
    texts = [random_text(rng, length, 20, 40) for length in (9, 0, 30, 4, 17)]
    index = TokenIndex.build([pack(one) for one in texts], 20)
    index.save(tmp_path / "tokens")
    assert sorted(path.name for path in (tmp_path / "tokens").iterdir()) == sorted(TOKEN_FILES)
    loaded = TokenIndex.load(tmp_path / "tokens")
    for length in (1, 8, 40):
        question = random_text(rng, length, 20, 50)
        rows = np.arange(5)
        assert loaded.match(question, rows).tolist() == index.match(question, rows).tolist()


def test_signs_stay_on_disk(tmp_path):
    """The signs of a loaded index are mapped from their file, everything small is in memory."""
    TokenIndex.build([chunk([1], [Y]), chunk([2], [X])], 3).save(tmp_path / "tokens")
    loaded = TokenIndex.load(tmp_path / "tokens")
    question, rows = encoded([1], [X]), np.array([0, 1])
    before = loaded.match(question, rows)
    np.testing.assert_allclose(before, [-1 / sqrt(3), 1 / sqrt(3)], rtol=1e-6)
    for name in TOKEN_FILES:
        path = tmp_path / "tokens" / name
        array = np.load(path, allow_pickle=False)
        turned = array[::-1] if name == "signs.npy" else np.zeros_like(array)
        with path.open("r+b") as file:
            file.seek(path.stat().st_size - array.nbytes)
            file.write(np.ascontiguousarray(turned).tobytes())
    assert loaded.match(question, rows).tolist() == before[::-1].tolist()


def test_save_is_the_same_bytes_again(tmp_path):
    """The same chunks give the same files, loaded or not."""
    rng = np.random.default_rng(4)
    packed = [pack(random_text(rng, length, 20, 40)) for length in (9, 0, 30)]
    TokenIndex.build(packed, 20).save(tmp_path / "one")
    TokenIndex.build(packed, 20).save(tmp_path / "two")
    TokenIndex.load(tmp_path / "one").save(tmp_path / "three")
    for name in TOKEN_FILES:
        raw = (tmp_path / "one" / name).read_bytes()
        assert (tmp_path / "two" / name).read_bytes() == raw
        assert (tmp_path / "three" / name).read_bytes() == raw


def test_save_refuses_a_folder_that_is_there(tmp_path):
    """What was saved is never written over."""
    index = TokenIndex.build([chunk([1])], 3)
    index.save(tmp_path / "tokens")
    with pytest.raises(FileExistsError):
        index.save(tmp_path / "tokens")


def test_the_chunk_with_the_questions_words_matches_best(encoder):
    """With the real encoder, details of a passage decide between two about the same matter."""
    texts = [
        "A task whose lease has expired goes back into the queue and is given to somebody else.",
        "A task that was paused stays in the queue until a lead takes it on again.",
        "Write the hand-over note before the shift ends.",
    ]
    packed = [pack(one) for one in encoder.encode_tokens(texts, "passage")]
    index = TokenIndex.build(packed, encoder.token_dim)
    (question,) = encoder.encode_tokens(["what happens when the lease of a task runs out"], "query")
    found = index.match(question, np.arange(3)).tolist()
    assert found == sorted(found, reverse=True)
    assert found[0] > found[1] + 0.05
    assert 0.2 < found[0] < 0.8
