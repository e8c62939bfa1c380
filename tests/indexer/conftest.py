"""What tests of the indexer share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from indexer.cache import cache_folder
from indexer.encoder import Encoder
from indexer.model import export_encoder
from indexer.model_files import DEFAULT_MODEL, locate
from indexer.snapshot import Snapshot


@pytest.fixture
def words() -> Callable[[Sequence[str]], list[int]]:
    """A token counter to calculate with: one token a word, and one at each end."""

    def count(texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    return count


@pytest.fixture
def open_index(build, tmp_path: Path) -> Callable[..., Snapshot]:
    """Return a function that builds files and opens the snapshot."""

    def run(files: dict[str, str | bytes], **options: object) -> Snapshot:
        build(files, **options)
        return Snapshot.open(tmp_path / "index")

    return run


@pytest.fixture(scope="session")
def small_model(tmp_path_factory) -> Path:
    """A small random BERT with first-token pooling, a dense layer and prompts, on disk."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Normalize,
        Pooling,
        Transformer,
    )
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("small")
    torch.manual_seed(7)
    tokenizer = AutoTokenizer.from_pretrained(str(locate(DEFAULT_MODEL)[0]))
    bert = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=128,
        )
    )
    bert.save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=64)
    chain = [
        transformer,
        Pooling(32, pooling_mode="cls"),
        Dense(32, 24, activation_function=torch.nn.Tanh()),
        Normalize(),
    ]
    prompts = {"query": "query: ", "document": "passage: "}
    SentenceTransformer(modules=chain, prompts=prompts, device="cpu").save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="session")
def small_encoder(small_model, one_at_a_time) -> Encoder:
    """The small model, compiled."""
    with one_at_a_time:
        return Encoder.open(export_encoder(str(small_model), cache_folder() / "encoders"))
