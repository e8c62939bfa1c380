"""Checks with facts from the cache, beside checks that work everything out."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from indexer.cache import cache_folder
from indexer.checks.facts import with_facts
from indexer.checks.folder import Folder, source_of
from indexer.checks.page import read_page
from indexer.checks.run import check_folder
from indexer.checks.wording import nobodys, personal_lines
from indexer.platform import Platform

SOP = Path(__file__).parents[3] / "sop"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def folder_of(**texts: str) -> Folder:
    """Return a folder of these files."""
    return Folder("sop", [source_of(f"sop/{name}.md", t.encode()) for name, t in texts.items()])


def test_pages_and_personal_data_come_back_as_they_were_found():
    """Every article of the repository has the same facts from the cache as without one."""
    files = sorted(SOP.rglob("*.md"))
    folder = Folder("sop", [source_of(f.as_posix(), f.read_bytes()) for f in files])
    patterns = nobodys(folder.platform)
    for _ in range(2):
        for plain, known in zip(folder.sources, with_facts(folder).sources, strict=True):
            assert known.facts is not None
            assert known.page == read_page(plain.text.body, plain.text.body_line)
            assert known.facts.personal == personal_lines(plain, patterns)


def test_second_check_finds_what_the_first_one_found(tmp_path):
    """The findings of a folder with faults are the same with an empty and with a full cache."""
    copy = tmp_path / "repo" / "sop"
    shutil.copytree(SOP, copy)
    broken = min(copy.rglob("*.md"))
    told = "\n\nCall +1 415 555 2671 or me@corp.com.\n\n#### Deep\n\n[gone](gone.md)\n"
    broken.write_text(broken.read_text(encoding="utf-8") + told, encoding="utf-8")
    first = check_folder(copy).findings
    assert {"personal-data", "headings", "links"} <= {one.rule for one in first}
    assert check_folder(copy).findings == first
    (cache_folder() / "facts.sqlite").unlink()
    assert check_folder(copy).findings == first


def test_personal_data_is_not_kept_in_clear():
    """A page is kept as it is in the file; of personal data, kind and line are."""
    folder = with_facts(folder_of(a="---\nx: me@corp.com\n---\n\nNothing.\n"))
    assert [(one.line, one.kind) for one in folder.sources[0].facts.personal] == [(2, "email")]
    assert b"me@corp.com" not in (cache_folder() / "facts.sqlite").read_bytes()


def test_names_of_the_platform_count():
    """What is nobody's in one folder may be somebody's in another one."""
    folder = folder_of(a="Order 4111 1111 1111 1111 came.\n")
    assert with_facts(folder).sources[0].facts.personal
    codes = Platform(error_codes=frozenset({"4111 1111 1111 1111"}))
    known = with_facts(Folder("sop", folder.sources, platform=codes))
    assert not known.sources[0].facts.personal


def test_damaged_entry_is_worked_out_again():
    """Bytes that are no facts are passed over."""
    folder = folder_of(a="# One\n\nText.\n")
    with_facts(folder)
    with sqlite3.connect(cache_folder() / "facts.sqlite") as db:
        db.execute("UPDATE entry SET value = x'7b7d'")
    assert with_facts(folder).sources[0].page == folder.sources[0].page
