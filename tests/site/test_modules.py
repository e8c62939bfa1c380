"""The scripts' functions that need no page, tested by Node's own runner.

Playwright brings a Node of its own, so nothing else has to be installed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import playwright
import pytest

NODE = Path(playwright.__file__).parent / "driver" / "node"
FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_functions_of_the_scripts(file):
    """Shifts, placeholders, confidence in words, replies and hand-off texts are as promised."""
    done = subprocess.run(
        [NODE, "--test", file], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_such_tests():
    """No file of tests would be no test at all."""
    assert FILES
