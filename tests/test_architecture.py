"""The walls of the house: who imports whom, and what importing may do."""

from __future__ import annotations

import ast
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PACKAGES = ("indexer", "search_api")
# Alembic runs its environment as a script; nobody imports it.
SCRIPTS = (REPOSITORY / "search_api/events/migrations/env.py",)
FILES = sorted(
    path for name in PACKAGES for path in (REPOSITORY / name).rglob("*.py") if path not in SCRIPTS
)

# Each of these libraries is imported in its home only. `home` is a module, or a package with a dot.
HOMES = {
    "faiss": ("indexer.vectors",),
    "torch": ("indexer.model",),
    "sentence_transformers": ("indexer.model",),
    "transformers": ("indexer.model",),
    "huggingface_hub": ("indexer.model_files",),
    "onnx": ("indexer.quantization",),
    "onnxruntime.quantization": ("indexer.quantization",),
    "onnxruntime": ("indexer.encoder", "indexer.quantization"),
    "tokenizers": ("indexer.encoder",),
    "safetensors": ("indexer.multilingual",),
    "eldc": ("indexer.language",),
    "bm25s": ("indexer.lexical",),
    "Stemmer": ("indexer.lexical",),
    "yaml": ("indexer.safe_yaml",),
    "markdown_it": ("indexer.markdown", "indexer.chunking"),
    "mkdocs": ("indexer.site.",),
    "nh3": ("indexer.site.sanitize",),
    "sqlalchemy": ("search_api.events.",),
    "alembic": ("search_api.events.migrate", "search_api.events.migrations."),
    "fastapi": ("search_api.",),
    "starlette": ("search_api.",),
    "uvicorn": ("search_api.",),
    "phonenumbers": ("indexer.redaction.phones",),
    "rapidfuzz": ("indexer.vocabulary",),
    # Git, and a second Python that answers for one side of a comparison.
    "subprocess": ("indexer.repository", "indexer.compare.answers"),
}
NOWHERE = (
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "urllib.request",
)
# From a question's parts to its answer; none of these may load one that stands behind it.
PIPELINE = (
    "indexer.encoder",
    "indexer.vectors",
    "indexer.tokens",
    "indexer.space",
    "indexer.search_index",
    "indexer.ranking",
    "indexer.calibration",
    "indexer.snapshot",
    "indexer.filters",
    "indexer.answer",
    "indexer.indexing",
    "indexer.build",
)
CORE = (
    "settings",
    "schemas",
    "app",
    "suggest",
    "routes",
    "service",
    "auth",
    "live",
    "workers",
    "metrics",
    "middleware",
    "problems",
    "server",
)
MOST_CORE_LINES = 1_500
LATE_IMPORTERS = (
    "indexer.commands.",
    "search_api.cli",
    "search_api.commands.",
    # Changing tables is rare, and what does it takes a tenth of a service's start.
    "search_api.events.schema",
    "indexer.model",
    "indexer.model_files",
    "indexer.quantization",
)


def module_name(path):
    """The dotted name of a source file."""
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


@cache
def tree(name):
    """The syntax tree of one of our modules."""
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def names_of(node):
    """The modules that an import statement may load: `from a import b` may load a and a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide where something comes from"
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def imports(name):
    """Everything that a module imports anywhere, type checking included."""
    return {found for node in ast.walk(tree(name)) for found in names_of(node)}


def is_type_checking(node):
    """Whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def running_imports(name):
    """Those of our modules that are loaded when this one is: no types, no functions."""
    found = set()
    waiting = list(tree(name).body)
    while waiting:
        node = waiting.pop()
        if is_type_checking(node):
            waiting += node.orelse
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.update(names_of(node))
            waiting += ast.iter_child_nodes(node)
    return {found_name for found_name in found if found_name in MODULES} - {*PACKAGES}


def belongs(name, library):
    """Whether an imported name is that library or lies in it."""
    return name == library or name.startswith(f"{library}.")


def python(code):
    """Run code in a fresh interpreter that writes no bytecode; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_indexer_never_imports_the_service():
    """The indexer knows nothing of HTTP: no module of it imports search_api, not even late."""
    for name in MODULES:
        if name.startswith("indexer"):
            assert not [found for found in imports(name) if belongs(found, "search_api")], name


@pytest.mark.parametrize("library", HOMES)
def test_library_is_imported_at_home_only(library):
    """A heavy or dangerous library has one home, so that it can be exchanged there."""
    homes = HOMES[library]
    users = {name for name in MODULES if any(belongs(found, library) for found in imports(name))}
    strangers = {
        name
        for name in users
        if not any(
            f"{name}.".startswith(home) if home.endswith(".") else name == home for home in homes
        )
    }
    assert strangers == set()


def test_every_home_is_lived_in():
    """The list above names modules that exist and, but for spare rooms, import their library."""
    for library, homes in HOMES.items():
        for home in homes:
            assert any(f"{name}.".startswith(home.rstrip(".") + ".") for name in MODULES), home
        if library != "transformers":
            assert any(belongs(f, library) for name in MODULES for f in imports(name)), library


def test_imports_stand_at_the_top():
    """Only commands, and what is rarely needed and heavy, import inside functions."""
    for name in MODULES:
        if any(f"{name}.".startswith(f"{late.rstrip('.')}.") for late in LATE_IMPORTERS):
            continue
        for function in ast.walk(tree(name)):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                late = [node.lineno for node in ast.walk(function) if names_of(node)]
                assert not late, f"{name}:{late}"


def test_package_files_are_empty():
    """Importing a package pulls nothing in."""
    for path in FILES:
        if path.name == "__init__.py":
            assert path.read_text(encoding="utf-8").strip() == "", path


def test_modules_import_each_other_one_way():
    """There is no circle among modules, late imports of commands included."""
    done, open_names = set(), []

    def visit(name):
        assert name not in open_names, " -> ".join([*open_names, name])
        if name not in done:
            open_names.append(name)
            for found in sorted(running_imports(name)):
                visit(found)
            open_names.pop()
            done.add(name)

    for name in MODULES:
        visit(name)
    assert done == set(MODULES)


def all_running_imports(name):
    """Those of our modules that are loaded when this one is, through others too."""
    found, waiting = set(), [name]
    while waiting:
        waiting += (new := running_imports(waiting.pop()) - found)
        found |= new
    return found


def test_pipeline_is_imported_from_its_end_to_its_start():
    """Ranking knows no snapshot, calibration ranks, a snapshot holds a calibration."""
    for place, name in enumerate(PIPELINE):
        assert all_running_imports(name).isdisjoint(PIPELINE[place:]), name
    assert "indexer.ranking" in running_imports("indexer.calibration")
    assert "indexer.calibration" in running_imports("indexer.snapshot")
    assert "indexer.snapshot" in running_imports("indexer.answer")


def test_nothing_that_runs_foreign_code_is_used():
    """No pickle, no eval or exec, no torch.load, no code from a model, no shell."""
    for name in MODULES:
        used = [found for found in imports(name) if any(belongs(found, bad) for bad in NOWHERE)]
        assert used == [], name
        for node in ast.walk(tree(name)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "compile", "__import__", "os.system"), name
            assert called not in ("torch.load", "os.popen", "importlib.import_module"), name
            given = {word.arg: ast.unparse(word.value) for word in node.keywords}
            assert given.get("trust_remote_code", "False") == "False", name
            assert given.get("allow_pickle", "False") == "False", name
            assert given.get("shell", "False") == "False", name
            if called.endswith("np.load"):
                assert given.get("allow_pickle") == "False", name


def test_service_loads_nothing_heavy():
    """Importing the application loads no torch, no model library and no site builder."""
    heavy = ("torch", "transformers", "sentence_transformers", "onnx", "onnxscript", "mkdocs")
    code = f"import sys, search_api.app; print([n for n in {heavy} if n in sys.modules])"
    assert python(code) == "[]"


def test_command_help_loads_no_index_library():
    """`sop --help` is instant: the command module loads no faiss, no encoder, no web framework."""
    heavy = ("faiss", "onnxruntime", "numpy", "fastapi", "sqlalchemy", "torch", "bm25s")
    code = f"import sys, search_api.cli; print([n for n in {heavy} if n in sys.modules])"
    assert python(code) == "[]"


def test_importing_does_nothing():
    """Importing every module writes no file, starts no thread or process and adds no handler."""
    code = f"""
import logging, os, sys, threading
environment = dict(os.environ)
done = []
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and path != os.devnull:
            done.append((event, path))
    elif event in ("socket.connect", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename",
                   "sqlite3.connect", "_thread.start_new_thread"):
        done.append((event, arguments))
sys.addaudithook(watch)
for name in {sorted(MODULES)}:
    __import__(name)
changed = {{k for k in environment.keys() | os.environ.keys()
           if environment.get(k) != os.environ.get(k)}}
ours = ("sop", "indexer", "search_api", "mkdocs.plugins.sop")
handlers = [n for n, logger in logging.root.manager.loggerDict.items()
            if n.split(".")[0] in ours and getattr(logger, "handlers", None)]
print(done, logging.root.handlers, handlers, threading.active_count(), changed)
"""
    assert python(code) == "[] [] [] 1 set()"


def code_lines(path):
    """How many lines hold code: no blanks, comments or docstrings."""
    with path.open("rb") as file:
        skipped = (
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
            tokenize.ENCODING,
            tokenize.ENDMARKER,
        )
        lines = {
            line
            for token in tokenize.tokenize(file.readline)
            if token.type not in skipped
            for line in range(token.start[0], token.end[0] + 1)
        }
    for node in ast.walk(tree(module_name(path))):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            lines -= set(range(body[0].lineno, body[0].end_lineno + 1))
    return len(lines)


def test_core_of_the_service_stays_small():
    """A newcomer can read the whole core: at most 1,500 lines of code."""
    total = sum(code_lines(REPOSITORY / "search_api" / f"{name}.py") for name in CORE)
    assert 500 < total <= MOST_CORE_LINES
