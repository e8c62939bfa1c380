"""Texts to vectors, computing only what no build on this machine has computed before."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from indexer import model as models
from indexer.cache import cache_folder
from indexer.encoder import Encoder, TextKind
from indexer.model_files import DEFAULT_MODEL, MULTILINGUAL_MODEL
from indexer.progress import Progress
from indexer.question_cache import encode_remembered
from indexer.tokens import PackedText, pack
from indexer.vector_cache import VectorCache

ArticleEncoder = Literal["compiled", "reference"]


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A model that is ready to encode.

    Attributes:
        name: as it was asked for.
        folder: of the compiled encoder.
        encoder: the same, opened.
    """

    name: str
    folder: Path
    encoder: Encoder


def compiled_models(
    model: str, notify: Callable[[str], None] | None = None
) -> tuple[CompiledModel, ...]:
    """Return the model of each vector space, compiled if need be.

    The multilingual one stands beside the English one.

    Args:
        model: see `export_encoder`.
        notify: called with one sentence before long work starts.

    Raises:
        ModelError: the model cannot be used.
    """
    names: tuple[str, ...] = (model,)
    if model == MULTILINGUAL_MODEL:
        names = (DEFAULT_MODEL, MULTILINGUAL_MODEL)
    folders = [models.export_encoder(n, cache_folder() / "encoders", notify) for n in names]
    return tuple(
        CompiledModel(name, folder, Encoder.open(folder))
        for name, folder in zip(names, folders, strict=True)
    )


class Embedder:
    """Texts to vectors, computing only those that are not known yet; counts both."""

    def __init__(
        self, model: CompiledModel, article_encoder: ArticleEncoder, progress: Progress
    ) -> None:
        """Embed with a model; see `IndexReport` for what is counted."""
        self.model = model
        self._article_encoder = article_encoder
        self._progress = progress
        self.reused = self.embedded = 0
        self.seconds = 0.0

    def __call__(self, kind: TextKind, *groups: list[str]) -> list[list[PackedText]]:
        """Return the texts of each group as the encoder sees them."""
        texts = [text for group in groups for text in group]
        cache = self._cache(kind)
        known = dict(zip(texts, cache.find(texts), strict=True))
        missing = [text for text, found in known.items() if found is None]
        started = time.perf_counter()
        if missing:
            computed = self._compute(missing, kind)
            cache.store(missing, computed)
            known.update(zip(missing, computed, strict=True))
        cache.touch(texts)
        self.seconds += time.perf_counter() - started
        self.embedded += len(missing)
        self.reused += len(texts) - len(missing)
        return [[found for text in group if (found := known[text])] for group in groups]

    def remember(self, kind: TextKind, texts: list[str]) -> None:
        """Compute those of some texts that are not known, for whoever embeds them next."""
        cache = self._cache(kind)
        missing = cache.missing(texts)
        if missing:
            cache.store(missing, self._compute(missing, kind))

    def _cache(self, kind: TextKind) -> VectorCache:
        description = self.model.encoder.description
        digest = description.digest + ("" if self._article_encoder == "compiled" else "-reference")
        key = digest[:24] + digest[64:]
        if kind == "query" and description.query_prompt != description.passage_prompt:
            key += "-query"
        folder = cache_folder() / "vectors"
        return VectorCache(folder, key, description.dim, self.model.encoder.token_dim)

    def _compute(self, texts: list[str], kind: TextKind) -> list[PackedText]:
        step = self._progress.embed(len(texts))
        encoder = self.model.encoder
        # Own questions will be asked too, which takes the vectors of their words.
        compiled = (
            [pack(one) for one in encode_remembered(encoder, texts, step)]
            if kind == "query"
            else encoder.encode_each(texts, kind, pack, step)
        )
        if self._article_encoder == "compiled":
            return compiled
        # The original gives one vector a text; the words' own are the compiled encoder's.
        original = models.load_reference(self.model.name)
        vectors = models.encode_reference(original, texts, encoder.description, kind)
        return [replace(one, vector=v) for one, v in zip(compiled, vectors, strict=True)]
