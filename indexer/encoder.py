"""The query encoder: text to unit vectors, with ONNX Runtime and no torch.

The only home of onnxruntime and tokenizers. An encoder is a folder of three files,
written by `indexer.model` and carried by every snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
from pydantic import BaseModel, ConfigDict, ValidationError
from tokenizers import Tokenizer

from indexer.errors import ModelError

Embeddings = npt.NDArray[np.float32]
TokenIds = npt.NDArray[np.int32]
TextKind = Literal["query", "passage"]
Precision = Literal["int4", "int8", "float32"]
Kept = TypeVar("Kept")

MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE = "model.onnx", "tokenizer.json", "encoder.json"
ENCODER_FILES = (MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE)
# What a compiled model gives: the text's vector, and one for each token.
OUTPUTS = ("sentence_embedding", "token_embeddings")


class Parity(BaseModel):
    """How close the compiled encoder's vectors are to the original model's.

    Cosines, in [-1, 1], over `texts` probe texts.
    """

    model_config = ConfigDict(frozen=True)

    texts: int
    mean_cosine: float
    min_cosine: float


class EncoderDescription(BaseModel):
    """What a snapshot says about one of its encoders.

    Attributes:
        name: the model's name as a person knows it.
        revision: the first 12 digits of its weights' sha256.
        digest: sha256 over the model's files and the export's settings; two encoders
            with one digest give the same vectors.
        dim: length of a vector.
        max_tokens: longest input, special tokens included.
        query_prompt: what is put in front of a question.
        passage_prompt: what is put in front of an article's text.
        precision: of the weights.
        inputs: names of the model's inputs.
        parity: measured when the model was exported.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    revision: str
    digest: str
    dim: int
    max_tokens: int
    query_prompt: str = ""
    passage_prompt: str = ""
    precision: Precision = "int8"
    inputs: tuple[str, ...]
    parity: Parity


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the encoder sees it.

    Attributes:
        vector: of the whole text; float32, shape (dim,), unit length.
        token_ids: of its tokens that hold a letter or a digit, in order; the prompt's and
            special ones left out. int32, shape (n,).
        token_vectors: of the same tokens, each in its context; float32,
            shape (n, token_dim), unit rows.
    """

    vector: Embeddings
    token_ids: TokenIds
    token_vectors: Embeddings


@dataclass(frozen=True, slots=True)
class _Window:
    """What the model reads at once, and which places of it are words of the text."""

    ids: list[int]
    words: list[int]


class Encoder:
    """Turns texts into unit vectors whose inner product is their cosine similarity.

    Texts are encoded one at a time, several at once: int8 scales are set by the whole
    input, so a text's vector would otherwise depend on its neighbours in a batch, and
    on a CPU no padding is also the fastest way.

    Safe to use from several threads.
    """

    def __init__(
        self,
        description: EncoderDescription,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        threads: int,
    ) -> None:
        self.description = description
        self._session = session
        self._tokenizer = tokenizer
        self._threads = threads

    @classmethod
    def open(cls, folder: Path, threads: int = 2) -> Encoder:
        """Load the encoder that `folder` holds.

        Raises:
            ModelError: a file is missing or is not what it should be.
        """
        missing = [name for name in ENCODER_FILES if not (folder / name).is_file()]
        if missing:
            raise ModelError(f"{folder}: {', '.join(missing)} missing; build the index again")
        files = {name: (folder / name).read_bytes() for name in ENCODER_FILES}
        return cls.from_bytes(files, threads)

    @classmethod
    def from_bytes(cls, files: dict[str, bytes], threads: int = 2) -> Encoder:
        """Load an encoder from the bytes of its files, by the names in `ENCODER_FILES`.

        Raises:
            ModelError: a file is not what it should be.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # The deeper levels take longer to load and answer no faster, and depend on the processor.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 3
        try:
            description = EncoderDescription.model_validate_json(files[DESCRIPTION_FILE])
            session = onnxruntime.InferenceSession(
                files[MODEL_FILE], options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_str(files[TOKENIZER_FILE].decode())
        except ValidationError as error:
            raise ModelError(f"{DESCRIPTION_FILE}: {error.errors()[0]['msg']}") from error
        except Exception as error:  # Both libraries raise bare exceptions of their own.
            raise ModelError(f"the encoder cannot be loaded: {error}") from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(description, session, tokenizer, max(1, threads))

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.description.dim

    @property
    def token_dim(self) -> int:
        """Length of a token's vector; not `dim` where a dense layer follows the pooling."""
        shapes = {output.name: output.shape for output in self._session.get_outputs()}
        return int(shapes[OUTPUTS[1]][-1])

    @property
    def max_tokens(self) -> int:
        """Longest input in tokens, special tokens included; longer texts are read in windows."""
        return self.description.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in tokens as a passage, prompt and special tokens included."""
        prompt = self.description.passage_prompt
        if len(texts) == 1:
            return [len(self._tokenizer.encode(prompt + texts[0]).ids)]
        return [len(e.ids) for e in self._tokenizer.encode_batch([prompt + t for t in texts])]

    def has_token(self, word: str) -> bool:
        """Tell whether a word is one token, as frequent words are."""
        # Vocabularies made by SentencePiece mark the start of a word.
        return any(
            self._tokenizer.token_to_id(token) is not None for token in (word, f"\u2581{word}")
        )

    def encode(
        self,
        texts: Sequence[str],
        kind: TextKind,
        progress: Callable[[int], None] | None = None,
    ) -> Embeddings:
        """Return one unit vector for each text: float32, shape (len(texts), dim).

        See `encode_each`, which sees the tokens' vectors as well.
        """
        rows = self.encode_each(texts, kind, lambda encoded: encoded.vector, progress)
        return np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def encode_each(
        self,
        texts: Sequence[str],
        kind: TextKind,
        keep: Callable[[Encoded], Kept],
        progress: Callable[[int], None] | None = None,
    ) -> list[Kept]:
        """Encode texts, and return what `keep` makes of each.

        A text longer than `max_tokens` is read in windows of that length; its vector is
        the direction of the windows' sum, each counting by its length. So nothing of it
        is cut off.

        Args:
            texts: any texts; an empty one gets the vector of its prompt alone.
            kind: `query` for questions, `passage` for article texts; sets the prompt.
            keep: called from any thread. The vectors of all tokens of a corpus would not
                fit into memory, so what is not needed is dropped here.
            progress: called with 1 after each text, from any thread.
        """
        prompt = (
            self.description.query_prompt if kind == "query" else self.description.passage_prompt
        )

        def encode_one(text: str) -> Kept:
            kept = keep(self._encode_text(prompt, text))
            if progress:
                progress(1)
            return kept

        if len(texts) <= 1 or self._threads == 1:
            return [encode_one(text) for text in texts]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(encode_one, texts))

    def encode_tokens(
        self,
        texts: Sequence[str],
        kind: TextKind,
        progress: Callable[[int], None] | None = None,
    ) -> list[Encoded]:
        """Return each text's vector and those of its tokens; meant for few texts."""
        return self.encode_each(texts, kind, lambda encoded: encoded, progress)

    def _encode_text(self, prompt: str, text: str) -> Encoded:
        vectors, ids, token_vectors = [], [], []
        for window in self._windows(prompt, text):
            whole, tokens = self._run(window.ids)
            vectors.append(unit(whole) * len(window.ids))
            ids += [window.ids[place] for place in window.words]
            token_vectors.append(tokens[window.words])
        rows = np.concatenate(token_vectors)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return Encoded(
            vector=unit(np.sum(vectors, axis=0)),
            token_ids=np.array(ids, dtype=np.int32),
            token_vectors=(rows / np.maximum(norms, 1e-9)).astype(np.float32),
        )

    def _run(self, ids: list[int]) -> tuple[Embeddings, Embeddings]:
        """Return the vector of one window, shape (dim,), and of its tokens, (tokens, token_dim)."""
        row = np.asarray([ids], dtype=np.int64)
        feeds = {
            "input_ids": row,
            "attention_mask": np.ones_like(row),
            "token_type_ids": np.zeros_like(row),
        }
        inputs = {name: feeds[name] for name in self.description.inputs}
        whole, tokens = self._session.run(OUTPUTS, inputs)
        return np.asarray(whole[0], dtype=np.float32), np.asarray(tokens[0], dtype=np.float32)

    def _windows(self, prompt: str, text: str) -> Iterator[_Window]:
        """Yield the tokens of a text in windows of at most `max_tokens`."""
        whole = self._tokenizer.encode(prompt + text)
        if len(whole.ids) <= self.max_tokens:
            special = whole.special_tokens_mask
            words = [place for place in _words(prompt, text, whole.offsets) if not special[place]]
            yield _Window(whole.ids, words)
            return
        empty: list[int] = self._tokenizer.encode("").ids
        plain = self._tokenizer.encode(prompt + text, add_special_tokens=False)
        # The special tokens of an empty text are what stands around every text.
        before = empty[: len(empty) // 2] if len(empty) > 1 else []
        after = empty[len(before) :]
        step = self.max_tokens - len(empty)
        all_words = _words(prompt, text, plain.offsets)
        for start in range(0, len(plain.ids), step):
            words = [place - start for place in all_words if start <= place < start + step]
            yield _Window(
                [*before, *plain.ids[start : start + step], *after],
                [place + len(before) for place in words],
            )


def _words(prompt: str, text: str, offsets: list[tuple[int, int]]) -> list[int]:
    """Return the places of the tokens behind the prompt that hold a letter or a digit.

    What they stand for decides, not how they are written: `[UNK]` may be an emoji.
    """
    whole = prompt + text
    return [
        place
        for place, (start, end) in enumerate(offsets)
        if end > len(prompt) and any(map(str.isalnum, whole[start:end]))
    ]


def unit(vector: Embeddings) -> Embeddings:
    """Return the vector scaled to length 1; a zero vector stays zero."""
    norm = float(np.linalg.norm(vector))
    scaled: Embeddings = (vector / norm).astype(np.float32) if norm > 0 else vector
    return scaled
