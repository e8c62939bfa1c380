"""MkDocs hook: publishes the articles' folder beside `docs/`, as one site.

Every file is known by its path in the repository, so relative links and edit links work
on the forge and on the site alike. Articles outside the site's audience, drafts and
archived ones are no pages. Headings get the anchors that the index gives them.

In `mkdocs.yml`:

    hooks: [path/to/indexer/site.py]     # or a one-line file: from indexer.site import *
    edit_uri: edit/main/
    extra:
      sop:
        folder: sop                      # the articles
        audience: [internal]             # who reads this site
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from indexer.anchors import slugify
from indexer.article import Article, readable_name
from indexer.corpus import read_corpus
from indexer.errors import CorpusError

__all__ = ("on_config", "on_files", "on_page_markdown")

# MkDocs turns warnings of its own loggers into failures under --strict.
_logger = logging.getLogger("mkdocs.plugins.sop")
_ATTACHMENTS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".pdf", ".csv", ".txt")
_UNMARKED = ("active", "review")
_DEFAULT_FOLDER = "sop"


@dataclass(frozen=True, slots=True)
class _Settings:
    """What `extra.sop` in mkdocs.yml says."""

    root: Path
    folder: str
    audience: frozenset[str]

    @property
    def path(self) -> Path:
        return self.root / self.folder


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Watch the articles, and give the site our anchors."""
    settings = _settings(config)
    watched = str(settings.path)
    if watched not in config.watch:
        config.watch.append(watched)
    config.mdx_configs.setdefault("toc", {})["slugify"] = slugify
    return config


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Give every page its path in the repository, and add the articles, in the menu too.

    Runs before other plugins' `on_files`, so that they see the articles too.
    """
    settings = _settings(config)
    docs = Path(config.docs_dir).resolve()
    for file in list(files):
        if file.src_dir and Path(file.src_dir).resolve() == docs:
            files.remove(file)
            files.append(_moved(file, docs, settings, config))
    articles = _articles(settings)
    if config.nav is not None:
        config.nav = [_with_areas(entry, articles, settings) for entry in config.nav]
    bodies = "".join(article.body for article in articles)
    for article in articles:
        files.append(_file(f"{settings.folder}/{article.path}", settings, config))
    for name in _attachments(settings, bodies):
        files.append(_file(f"{settings.folder}/{name}", settings, config))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Leave the theme's status mark to the articles that need one."""
    if page.meta.get("status") in _UNMARKED:
        del page.meta["status"]
    return markdown


def _settings(config: MkDocsConfig) -> _Settings:
    stated: dict[str, Any] = config.extra.get("sop", {})
    # The path of the configuration is relative with `mkdocs -f`.
    root = Path(config.config_file_path).resolve().parent
    settings = _Settings(
        root=root,
        folder=stated.get("folder", _DEFAULT_FOLDER),
        audience=frozenset(stated.get("audience", ["internal"])),
    )
    if not settings.path.is_dir():
        message = f"extra.sop.folder: {settings.path} is no folder"
        raise PluginError(message)
    return settings


def _file(name: str, settings: _Settings, config: MkDocsConfig) -> File:
    return File(
        name,
        src_dir=str(settings.root),
        dest_dir=config.site_dir,
        use_directory_urls=config.use_directory_urls,
    )


def _moved(file: File, docs: Path, settings: _Settings, config: MkDocsConfig) -> File:
    """Return a handbook file under its repository path, at the address it had."""
    return File(
        (docs.relative_to(settings.root) / file.src_uri).as_posix(),
        src_dir=str(settings.root),
        dest_dir=config.site_dir,
        use_directory_urls=config.use_directory_urls,
        dest_uri=file.dest_uri,
        inclusion=file.inclusion,
    )


def _articles(settings: _Settings) -> list[Article]:
    """Return the articles that are pages here; files that cannot be read are named."""
    try:
        corpus = read_corpus(settings.path)
    except CorpusError as error:
        raise PluginError(str(error)) from error
    for refused in corpus.errors:
        _logger.warning("%s/%s", settings.folder, refused)
    return [
        article
        for article in corpus.articles
        if article.is_published and not settings.audience.isdisjoint(article.front_matter.audience)
    ]


def _attachments(settings: _Settings, bodies: str) -> list[str]:
    """Return pictures and documents that a visible article names, and no other file.

    What only a hidden article shows stays hidden, and a link must not lead out of the folder.
    """
    root = settings.path.resolve()
    return [
        path.relative_to(settings.path).as_posix()
        for path in sorted(settings.path.rglob("*"))
        if path.suffix.lower() in _ATTACHMENTS
        and path.is_file()
        and path.resolve().is_relative_to(root)
        and path.name in bodies
    ]


def _with_areas(entry: Any, articles: list[Article], settings: _Settings) -> Any:
    """Replace the navigation entry `sop/` by the areas and their articles."""
    if not isinstance(entry, dict):
        return entry
    return {
        title: _areas(articles, settings) if target == f"{settings.folder}/" else target
        for title, target in entry.items()
    }


def _areas(articles: list[Article], settings: _Settings) -> list[dict[str, list[str]]]:
    areas: dict[str, list[str]] = {}
    for article in articles:
        area = readable_name(PurePosixPath(article.path).parent.name or settings.folder)
        areas.setdefault(area, []).append(f"{settings.folder}/{article.path}")
    return [{area: pages} for area, pages in areas.items()]
