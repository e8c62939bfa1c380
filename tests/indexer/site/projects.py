"""Projects to build: a configuration, articles written from plain values, and what pages hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from indexer.site.pages import Settings, SiteArticles, read_articles

CONFIG = """\
site_name: Test
site_url: https://sop.example/
repo_url: https://git.example/team/sop
edit_uri: edit/main/
docs_dir: docs
hooks: [hook.py]
theme:
  name: material
  font: false
  features: [content.action.edit, navigation.indexes, navigation.tabs, navigation.footer]
plugins: [search, tags]
markdown_extensions:
  - admonition
  - attr_list
  - tables
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - toc: {permalink: true}
validation:
  links: {not_found: warn, anchors: warn, absolute_links: warn, unrecognized_links: warn}
extra: {sop: {folder: sop, audience: [internal]}}
nav:
  - Home: docs/index.md
  - Procedures: sop/
"""
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source")


def mkdocs(root: Path, *options: str, out: str = "out") -> subprocess.CompletedProcess[str]:
    """Run `mkdocs build` in a project."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", out, *options],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def project(root: Path, write_files, files: dict[str, str], config: str = CONFIG) -> Path:
    """Write a project with a home page, the hook and these files."""
    fixed = {
        "mkdocs.yml": config,
        "hook.py": "from indexer.site.hook import *  # noqa: F403\n",
        "docs/index.md": "# Home\n\nWelcome.\n",
    }
    return write_files(root, fixed | files)


def built_site(root: Path, write_files, files: dict[str, str], config: str = CONFIG) -> Path:
    """Write and build a project, and give the folder of its pages."""
    project(root, write_files, files, config)
    done = mkdocs(root)
    assert done.returncode == 0, done.stderr
    return root / "out"


def article_file(number: int, body: str = "Call.\n", **changed: Any) -> str:
    """Return an article's file with any values, those that need quotes too; None leaves out."""
    values: dict[str, Any] = {
        "id": f"acc-{number:03d}",
        "title": f"Article {number}",
        "summary": f"Summary {number}.",
        "type": "process",
        "status": "active",
        "owner": "access",
        "questions": ["phone lost", "no code arrives", "new phone, old app"],
        "last_reviewed": date(2026, 10, 1),
        "review_by": date(2099, 1, 1),
    }
    values |= changed
    stated = {key: value for key, value in values.items() if value is not None}
    return f"---\n{yaml.safe_dump(stated, allow_unicode=True)}---\n\n{body}"


def issue(day: str, reference: str = "LR-1", **more: Any) -> dict[str, Any]:
    """Return the front matter of a known issue that started on a day."""
    return {
        "reference": reference,
        "started": date.fromisoformat(day),
        "workaround": f"Work around {reference}.",
        "engineering_status": f"Status of {reference}.",
    } | more


def read_site(root: Path, audience: tuple[str, ...] = ("internal",)) -> SiteArticles:
    """Return the articles below `root / "sop"` that this audience sees."""
    return read_articles(Settings(root, "sop", frozenset(audience), "/api/v1/"))


@dataclass
class Element:
    """An element of a page: its name, attributes, and the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def has_class(self, name: str) -> bool:
        """Tell whether a class is among the element's."""
        return name in self.attributes.get("class", "").split()


class Page(HTMLParser):
    """A page's elements in order, each with its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    @classmethod
    def read(cls, path: Path) -> Page:
        """Return the page that a file holds."""
        return cls(path.read_text(encoding="utf-8"))

    def all(self, tag: str, name: str | None = None) -> list[Element]:
        """Return the elements of a name, of a class too where one is given."""
        return [e for e in self.elements if e.tag == tag and (name is None or e.has_class(name))]

    def links(self, tag: str, name: str) -> list[tuple[str, str]]:
        """Return address and text of the links inside elements of a class, in order."""
        return [
            (link.attributes["href"], link.text)
            for outer in self.all(tag, name)
            for link in outer.inside
            if link.tag == "a"
        ]

    def facts(self, name: str) -> dict[str, str]:
        """Return a description list as a dictionary."""
        (found,) = self.all("dl", name)
        terms = [" ".join(e.text.split()) for e in found.inside if e.tag == "dt"]
        values = [" ".join(e.text.split()) for e in found.inside if e.tag == "dd"]
        return dict(zip(terms, values, strict=True))

    def article_json(self) -> dict[str, Any]:
        """Return what the page's scripts read."""
        (found,) = [e for e in self.all("div") if e.attributes.get("id") == "sop-article"]
        return json.loads(found.attributes["data-sop-article"])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        for outer in self._open:
            outer.inside.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and what was left open in it."""
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position].tag == tag:
                del self._open[position:]
                return

    def handle_data(self, data: str) -> None:
        """Add text to every open element."""
        for outer in self._open:
            outer.text += data


def harmful(html: str) -> list[str]:
    """Return what in a text of HTML could run, load or send something."""
    found = []
    for element in Page(html).elements:
        if element.tag in _RUNNING:
            found.append(f"<{element.tag}>")
        for name, value in element.attributes.items():
            address = re.sub(r"[\x00-\x20]", "", value).lower()
            runs = name.startswith("on") or name in ("style", "srcdoc", "formaction", "action")
            if runs or re.match(r"(javascript|data|vbscript|file|blob):", address):
                found.append(f"{element.tag} {name}={value}")
    return found


_RUNNING = (
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "form",
    "button",
    "textarea",
    "select",
    "svg",
    "math",
    "base",
    "meta",
    "link",
    "template",
    "video",
    "audio",
    "source",
    "frame",
    "frameset",
    "map",
    "area",
)
