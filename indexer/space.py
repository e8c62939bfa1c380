"""One encoder, and everything of a snapshot that is expressed in its vectors.

A snapshot has one vector space, or two: the first for English questions, the second for
those in other languages. Text, BM25 and front matter belong to no space.

    <space>/encoder/           the query encoder
    <space>/*.faiss            vectors of chunks, questions and titles
    <space>/tokens/            the chunks' tokens, for late interaction
    <space>/asked_tokens/      those of the articles' own questions
    <space>/projection.npy     how questions are turned towards passages
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.encoder import ENCODER_FILES, Embeddings, Encoder, EncoderDescription
from indexer.errors import SnapshotError
from indexer.tokens import TOKEN_FILES, TokenIndex
from indexer.vectors import DenseIndex

CHUNK_VECTORS, QUESTION_VECTORS, TITLE_VECTORS = "chunks.faiss", "questions.faiss", "titles.faiss"
ENCODER, PROJECTION = "encoder", "projection.npy"
TOKENS, ASKED_TOKENS = "tokens", "asked_tokens"
SPACE_FILES = (
    CHUNK_VECTORS,
    QUESTION_VECTORS,
    TITLE_VECTORS,
    PROJECTION,
    *(f"{ENCODER}/{name}" for name in ENCODER_FILES),
    *(f"{folder}/{name}" for folder in (TOKENS, ASKED_TOKENS) for name in TOKEN_FILES),
)


@dataclass(frozen=True, slots=True)
class SpaceContents:
    """What goes into a vector space, in memory.

    Attributes:
        encoder_folder: where the encoder's files are.
        encoder: what they are.
        chunks: unit vectors, one for each chunk; float32, shape (chunks, dim).
        questions: the same for the articles' own questions.
        titles: the same for titles.
        tokens: the chunks' tokens.
        asked_tokens: those of the articles' own questions.
        projection: see `fit_projection`.
    """

    encoder_folder: Path
    encoder: EncoderDescription
    chunks: Embeddings
    questions: Embeddings
    titles: Embeddings
    tokens: TokenIndex
    asked_tokens: TokenIndex
    projection: Embeddings


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """A vector space loaded for searching. Immutable, safe to share between threads."""

    encoder: Encoder
    chunks: DenseIndex
    questions: DenseIndex
    titles: DenseIndex
    tokens: TokenIndex
    asked_tokens: TokenIndex
    projection: Embeddings

    @classmethod
    def build(cls, contents: SpaceContents, encoder: Encoder) -> VectorSpace:
        """Return the space without writing it."""
        return cls(
            encoder=encoder,
            chunks=DenseIndex.build(contents.chunks, encoder.dim),
            questions=DenseIndex.build(contents.questions, encoder.dim),
            titles=DenseIndex.build(contents.titles, encoder.dim),
            tokens=contents.tokens,
            asked_tokens=contents.asked_tokens,
            projection=contents.projection,
        )

    @classmethod
    def load(
        cls, folder: Path, chunks: int, questions: int, titles: int, threads: int
    ) -> VectorSpace:
        """Read a space whose files the caller has verified.

        Raises:
            SnapshotError: a file holds another number or length of vectors than stated.
            ModelError: the encoder is not what it should be.
        """
        encoder = Encoder.open(folder / ENCODER, threads)

        def vectors(name: str, count: int) -> DenseIndex:
            return DenseIndex.from_bytes((folder / name).read_bytes(), name, count, encoder.dim)

        projection = np.load(folder / PROJECTION, allow_pickle=False)
        if projection.shape != (encoder.dim, encoder.dim):
            raise SnapshotError(f"{folder / PROJECTION} does not fit the encoder")

        def tokens(name: str, count: int) -> TokenIndex:
            found = TokenIndex.load(folder / name)
            if len(found) != count:
                raise SnapshotError(
                    f"{folder / name} holds the tokens of {len(found)} texts; "
                    f"the manifest says {count}"
                )
            return found

        return cls(
            encoder=encoder,
            chunks=vectors(CHUNK_VECTORS, chunks),
            questions=vectors(QUESTION_VECTORS, questions),
            titles=vectors(TITLE_VECTORS, titles),
            tokens=tokens(TOKENS, chunks),
            asked_tokens=tokens(ASKED_TOKENS, questions),
            projection=projection,
        )


def save_space(folder: Path, contents: SpaceContents) -> None:
    """Write `SPACE_FILES` into a new folder."""
    folder.mkdir(parents=True)
    dim = contents.encoder.dim
    for name, vectors in (
        (CHUNK_VECTORS, contents.chunks),
        (QUESTION_VECTORS, contents.questions),
        (TITLE_VECTORS, contents.titles),
    ):
        (folder / name).write_bytes(DenseIndex.build(vectors, dim).to_bytes())
    contents.tokens.save(folder / TOKENS)
    contents.asked_tokens.save(folder / ASKED_TOKENS)
    np.save(folder / PROJECTION, contents.projection, allow_pickle=False)
    (folder / ENCODER).mkdir()
    for name in ENCODER_FILES:
        shutil.copyfile(contents.encoder_folder / name, folder / ENCODER / name)
