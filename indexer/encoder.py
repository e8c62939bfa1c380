"""The query encoder: text to unit vectors, with ONNX Runtime and no torch.

The only home of onnxruntime and tokenizers. An encoder is a folder of three files,
written by `indexer.model` and carried by every snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import onnxruntime
from pydantic import BaseModel, ConfigDict, ValidationError
from tokenizers import Tokenizer

from indexer.errors import ModelError

Embeddings = npt.NDArray[np.float32]
TextKind = Literal["query", "passage"]

MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE = "model.onnx", "tokenizer.json", "encoder.json"
ENCODER_FILES = (MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE)


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
    precision: Literal["int8", "float32"] = "int8"
    inputs: tuple[str, ...]
    parity: Parity


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
    def max_tokens(self) -> int:
        """Longest input in tokens, special tokens included; longer texts are read in windows."""
        return self.description.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in tokens as a passage, prompt and special tokens included."""
        prompt = self.description.passage_prompt
        if len(texts) == 1:
            return [len(self._tokenizer.encode(prompt + texts[0]).ids)]
        return [len(e.ids) for e in self._tokenizer.encode_batch([prompt + t for t in texts])]

    def encode(
        self,
        texts: Sequence[str],
        kind: TextKind,
        progress: Callable[[int], None] | None = None,
    ) -> Embeddings:
        """Return one unit vector for each text.

        A text longer than `max_tokens` is read in windows of that length; its vector is
        the direction of the windows' sum. So nothing of it is cut off.

        Args:
            texts: any texts; an empty one gets the vector of its prompt alone.
            kind: `query` for questions, `passage` for article texts; sets the prompt.
            progress: called with 1 after each text, from any thread.

        Returns:
            float32, shape (len(texts), dim), unit rows.
        """
        prompt = (
            self.description.query_prompt if kind == "query" else self.description.passage_prompt
        )

        def encode_one(text: str) -> Embeddings:
            vector = self._encode_text(prompt + text)
            if progress:
                progress(1)
            return vector

        if len(texts) <= 1 or self._threads == 1:
            rows = [encode_one(text) for text in texts]
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                rows = list(pool.map(encode_one, texts))
        return np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def _encode_text(self, text: str) -> Embeddings:
        """Return the unit vector of one text, shape (dim,)."""
        vectors = [self._encode_window(window) for window in self._windows(text)]
        total = np.sum(vectors, axis=0) if len(vectors) > 1 else vectors[0]
        return unit(total)

    def _encode_window(self, ids: list[int]) -> Embeddings:
        row = np.asarray([ids], dtype=np.int64)
        feeds = {
            "input_ids": row,
            "attention_mask": np.ones_like(row),
            "token_type_ids": np.zeros_like(row),
        }
        output = self._session.run(None, {name: feeds[name] for name in self.description.inputs})
        vector: Embeddings = np.asarray(output[0], dtype=np.float32)[0]
        return unit(vector)

    def _windows(self, text: str) -> Iterator[list[int]]:
        """Yield the token ids of a text in windows of at most `max_tokens`."""
        ids: list[int] = self._tokenizer.encode(text).ids
        if len(ids) <= self.max_tokens:
            yield ids
            return
        empty: list[int] = self._tokenizer.encode("").ids
        plain: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        # The special tokens of an empty text are what stands around every text.
        before = empty[: len(empty) // 2] if len(empty) > 1 else []
        after = empty[len(before) :]
        step = self.max_tokens - len(empty)
        for start in range(0, len(plain), step):
            yield [*before, *plain[start : start + step], *after]


def unit(vector: Embeddings) -> Embeddings:
    """Return the vector scaled to length 1; a zero vector stays zero."""
    norm = float(np.linalg.norm(vector))
    scaled: Embeddings = (vector / norm).astype(np.float32) if norm > 0 else vector
    return scaled
