"""A sentence-transformers model becomes an ONNX encoder: the only home of torch.

Takes `default`, `multilingual`, a model's name or a folder; gives a folder that
`Encoder.open` reads. The model's whole module chain (transformer, pooling, dense layers,
normalisation) is exported, its weights are stored in few bits, and what that costs is
measured on probe texts against the original. Exports are cached by the digest of the model's
files, so an export happens once on a machine and never when only serving.
"""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoder import (
    DESCRIPTION_FILE,
    MODEL_FILE,
    OUTPUTS,
    TOKENIZER_FILE,
    Embeddings,
    Encoder,
    EncoderDescription,
    Parity,
    TextKind,
    unit,
)
from indexer.errors import ModelError
from indexer.files import replace_file
from indexer.model_files import (
    AbsentModelError,
    fill_folder,
    is_complete,
    locate,
    model_digest,
    needs_index_extra,
    weights_revision,
)
from indexer.quantization import quantize

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Raise this when the export itself changes, so that older exports are not used.
EXPORT_VERSION = 3
_LOWEST_PARITY = 0.97
_PROMPT_KINDS = {
    "query": ("query", "question", "search_query"),
    "passage": ("passage", "document", "search_document"),
}
_PROBES = (
    "I can't sign in since this morning, it says my second factor is unknown",
    "The queue is empty although the board shows 1,204 open tasks",
    "ERROR 504 upstream timed out (110: Connection timed out) while reading response header",
    "Wie beantrage ich Zugriff auf das Prüfwerkzeug?",
    "导出任务一直显示处理中",
    "reset",
    (
        "Before you start, make sure that the user's team lead has confirmed the request in "
        "writing, that the account is not under investigation, and that you are on shift for the "
        "region. Then open the user card, choose Sessions, and end every session older than one "
        "hour."
    ),
    "SELECT task_id, state, assigned_to FROM tasks WHERE queue = 'violence-eu' AND state <> 'done'",
    "Thanks, that worked! One more thing: who do I ask about the new policy on satire?",
    "Severity | Meaning | Whom to wake\nsev1 | nobody can work | on-call engineer and duty manager",
)


def export_encoder(model: str, cache: Path, notify: Callable[[str], None] | None = None) -> Path:
    """Return the folder of the compiled encoder for a model, exporting it if need be.

    Args:
        model: `default`, `multilingual`, a folder that holds a sentence-transformers
            model, or a model's name on a hub. Only a name that is not in the local hub
            cache is fetched.
        cache: where exports are kept; each in a folder named after its digest.
        notify: called with one sentence before long work starts.

    Raises:
        ModelError: the model is missing, is not safetensors, is not what its digest
            says, or loses too much when it is compiled.
    """
    latest = cache / f"{hashlib.sha256(model.encode()).hexdigest()[:16]}.latest"
    try:
        folder, name = locate(model, notify)
    except AbsentModelError:
        # A machine that only builds may have been given the cache without the model.
        if latest.is_file() and is_complete(cache / latest.read_text(encoding="utf-8")):
            return cache / latest.read_text(encoding="utf-8")
        raise
    digest = model_digest(folder, EXPORT_VERSION)
    target = cache / digest
    if not is_complete(target):
        if notify:
            notify(f"compiling {name} (once on this machine)")
        fill_folder(target, lambda aside: _export(folder, name, digest, aside))
    replace_file(latest, digest.encode())
    return target


def load_reference(model: str) -> SentenceTransformer:
    """Return the original model, from local files only.

    Raises:
        ModelError: see `export_encoder`; or the extra `index` is not installed.
    """
    return _load(locate(model)[0])


def encode_reference(
    original: SentenceTransformer,
    texts: list[str],
    description: EncoderDescription,
    kind: TextKind = "passage",
) -> Embeddings:
    """Return the original model's vectors: float32, (len(texts), dim), unit rows."""
    prompt = description.query_prompt if kind == "query" else description.passage_prompt
    vectors = original.encode([prompt + text for text in texts], show_progress_bar=False, prompt="")
    return np.stack([unit(row) for row in vectors.astype(np.float32)])


def _load(folder: Path) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise needs_index_extra() from error
    try:
        with _quiet():
            return SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
    except Exception as error:  # transformers raises many kinds for a bad folder.
        raise ModelError(f"{folder} cannot be loaded as a model: {error}") from error


def _export(folder: Path, name: str, digest: str, target: Path) -> None:
    """Write the three files of the compiled encoder into `target`."""
    original = _load(folder)
    try:
        inputs = _export_graph(original, target / "float.onnx")
        with _quiet():
            precision = quantize(target / "float.onnx", target / MODEL_FILE)
    except Exception as error:  # torch, onnx and onnxruntime raise dozens of kinds.
        raise ModelError(f"{name} cannot be compiled: {error}") from error
    (target / "float.onnx").unlink()
    _write_tokenizer(original, folder, target / TOKENIZER_FILE)

    description = EncoderDescription(
        name=name,
        revision=weights_revision(folder),
        digest=digest,
        dim=_dimension(original),
        max_tokens=int(original.max_seq_length or 512),
        query_prompt=_prompt(original.prompts, "query"),
        passage_prompt=_prompt(original.prompts, "passage"),
        precision=precision,
        inputs=inputs,
        parity=Parity(texts=0, mean_cosine=1.0, min_cosine=1.0),
    )
    _write_description(description, target)
    parity = measure_parity(original, Encoder.open(target), _PROBES)
    if parity.mean_cosine < _LOWEST_PARITY:
        raise ModelError(
            f"{name}: compiled vectors agree with the original's by {parity.mean_cosine:.3f} "
            f"on average, below {_LOWEST_PARITY}; this model cannot be used"
        )
    _write_description(description.model_copy(update={"parity": parity}), target)


def measure_parity(
    original: SentenceTransformer, compiled: Encoder, texts: Iterable[str]
) -> Parity:
    """Return how close the compiled encoder's vectors are to the original's, by cosine.

    Texts that are longer than the encoder reads at once are left out, since the two
    treat those differently on purpose: the original cuts, ours reads on in windows.
    """
    probes = [
        text
        for text, length in zip(texts, compiled.count_tokens(list(texts)), strict=True)
        if length <= compiled.max_tokens
    ]
    reference = encode_reference(original, probes, compiled.description)
    cosines = np.sum(reference * compiled.encode(probes, "passage"), axis=1)
    return Parity(
        texts=len(probes),
        mean_cosine=round(float(cosines.mean()), 5),
        min_cosine=round(float(cosines.min()), 5),
    )


def _export_graph(original: SentenceTransformer, target: Path) -> tuple[str, ...]:
    """Write the model's whole module chain as a float32 ONNX graph; return its input names."""
    import torch

    class ModuleChain(torch.nn.Module):
        """Runs the modules as SentenceTransformer does, on plain tensors."""

        def __init__(self, names: tuple[str, ...]) -> None:
            super().__init__()
            self.chain = torch.nn.ModuleList(list(original))
            self.names = names

        def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
            features: dict[str, torch.Tensor] = dict(zip(self.names, tensors, strict=True))
            for module in self.chain:
                features = module(features)
            return tuple(features[name] for name in OUTPUTS)

    example = original.preprocess(["one text", "another text that is somewhat longer"])
    inputs = tuple(
        name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example
    )
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with torch.no_grad(), _quiet():
        torch.onnx.export(
            ModuleChain(inputs).eval(),
            tuple(example[name] for name in inputs),
            str(target),
            input_names=list(inputs),
            output_names=list(OUTPUTS),
            dynamic_shapes=(tuple(axes for _ in inputs),),
            dynamo=True,
            external_data=False,
        )
    return inputs


def _write_tokenizer(original: SentenceTransformer, folder: Path, target: Path) -> None:
    """Write the tokenizer as one file that the `tokenizers` library reads."""
    backend = getattr(original.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(f"{folder} has no fast tokenizer (tokenizer.json); it cannot be compiled")
    target.write_text(backend.to_str(), encoding="utf-8")


def _write_description(description: EncoderDescription, target: Path) -> None:
    text = json.dumps(description.model_dump(), indent=2, sort_keys=True) + "\n"
    (target / DESCRIPTION_FILE).write_text(text, encoding="utf-8")


def _dimension(original: SentenceTransformer) -> int:
    dimension = original.get_embedding_dimension()
    if dimension is None:
        raise ModelError("the model does not say how long its vectors are")
    return int(dimension)


def _prompt(prompts: Mapping[str, str | None], kind: str) -> str:
    """Return the prompt that a model names for questions or for passages, or none."""
    return next((text for name in _PROMPT_KINDS[kind] if (text := prompts.get(name))), "")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' progress bars and advice from a person who cannot act on them."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(StringIO()),
            redirect_stderr(StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
