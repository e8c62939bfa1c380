"""Which files are pages of the site: the handbook, the articles, their areas and attachments.

Takes MkDocs' configuration and the articles' folder; gives files and the menu. Articles
outside the site's audience, drafts and archived ones are left out here, so that nothing
behind this module ever sees them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from indexer.article import Article, readable_name
from indexer.corpus import read_corpus
from indexer.errors import ArticleError, CorpusError
from indexer.pages import page_url
from indexer.site.attachments import attachments
from indexer.site.meta import as_title
from indexer.teams import Team, read_teams

# MkDocs turns warnings of its own loggers into failures under --strict.
_logger = logging.getLogger("mkdocs.plugins.sop")
_ASSETS = Path(__file__).parent / "assets"
ASSETS_URL = "assets/sop/"
_DEFAULT_FOLDER, _DEFAULT_API = "sop", "/api/v1/"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `extra.sop` in mkdocs.yml says.

    Attributes:
        root: folder of the configuration.
        folder: of the articles, below it.
        audience: who reads this site.
        api: address of the service's API.
    """

    root: Path
    folder: str
    audience: frozenset[str]
    api: str

    @property
    def path(self) -> Path:
        """The articles' folder."""
        return self.root / self.folder


@dataclass(frozen=True, slots=True)
class SiteArticles:
    """The articles that are pages of this site, and the teams they name.

    Attributes:
        settings: of the site.
        by_file: each article by the name of its file, as MkDocs knows it.
        teams: by key; empty without a `teams.yml`.
        area_pages: folder of articles by the name of the page that is made for it.
    """

    settings: Settings
    by_file: Mapping[str, Article]
    teams: Mapping[str, Team]
    area_pages: Mapping[str, str]

    def url(self, article: Article) -> str:
        """Return the address of an article's page below the site's root."""
        return quote(page_url(article.path, self.settings.folder))

    def areas(self) -> dict[str, list[Article]]:
        """Return the articles of each folder, by the folder's name, in path order."""
        areas: dict[str, list[Article]] = {}
        for article in self.by_file.values():
            areas.setdefault(_area(article), []).append(article)
        return areas

    def area_url(self, folder: str) -> str:
        """Return the address of the page of a folder of articles below the site's root."""
        return quote(page_url(_area_index(self.settings.folder, folder)))


def read_settings(config: MkDocsConfig) -> Settings:
    """Return what the configuration says about the articles.

    Raises:
        PluginError: their folder does not exist.
    """
    stated: dict[str, Any] = config.extra.get("sop", {})
    # The path of the configuration is relative with `mkdocs -f`.
    settings = Settings(
        root=Path(config.config_file_path).resolve().parent,
        folder=stated.get("folder", _DEFAULT_FOLDER),
        audience=frozenset(stated.get("audience", ["internal"])),
        api=stated.get("api", _DEFAULT_API),
    )
    if not settings.path.is_dir():
        message = f"extra.sop.folder: {settings.path} is no folder"
        raise PluginError(message)
    return settings


def read_articles(settings: Settings) -> SiteArticles:
    """Return the articles that are pages here; files that cannot be read are named.

    Raises:
        PluginError: there is no article at all.
    """
    try:
        corpus = read_corpus(settings.path)
    except CorpusError as error:
        raise PluginError(str(error)) from error
    for refused in corpus.errors:
        _logger.warning("%s/%s", settings.folder, refused)
    try:
        teams = read_teams(settings.path) or {}
    except ArticleError as error:
        _logger.warning("%s/%s", settings.folder, error)
        teams = {}
    visible = {
        f"{settings.folder}/{article.path}": article
        for article in corpus.articles
        if article.is_published and not settings.audience.isdisjoint(article.front_matter.audience)
    }
    return SiteArticles(settings, visible, teams, _area_pages(settings.folder, visible))


def add_articles(files: Files, site: SiteArticles, config: MkDocsConfig) -> None:
    """Give every page its path in the repository, and add articles, areas and attachments."""
    settings = site.settings
    docs = Path(config.docs_dir).resolve()
    for file in list(files):
        if file.src_dir and Path(file.src_dir).resolve() == docs:
            files.remove(file)
            files.append(_moved(file, docs, settings, config))
    beside = attachments(settings.path, site.by_file.values())
    for name in (*site.by_file, *(f"{settings.folder}/{path}" for path in beside)):
        files.append(_file(name, settings.root, name, config))
    for name in site.area_pages:
        # The template lists the articles.
        files.append(File.generated(config, name, content=""))


def add_assets(files: Files, config: MkDocsConfig) -> None:
    """Add our scripts and styles, and what others wrote with its licence, in `vendor/`."""
    for path in sorted(_ASSETS.rglob("*")):
        if path.suffix in (".js", ".css", ".txt"):
            name = path.relative_to(_ASSETS).as_posix()
            files.append(_file(name, _ASSETS, f"{ASSETS_URL}{name}", config))


def menu(entries: list[Any], site: SiteArticles) -> list[Any]:
    """Return the navigation with the entry `sop/` replaced by areas and their articles."""
    return [_with_areas(entry, site) for entry in entries]


def area_name(folder: str, site: SiteArticles) -> str:
    """Return an area's name for people."""
    return readable_name(PurePosixPath(folder).name or site.settings.folder)


def _with_areas(entry: Any, site: SiteArticles) -> Any:
    if not isinstance(entry, dict):
        return entry
    folder = f"{site.settings.folder}/"
    return {title: _areas(site) if target == folder else target for title, target in entry.items()}


def _areas(site: SiteArticles) -> list[dict[str, list[str]]]:
    prefix = site.settings.folder
    made = {folder: [name] for name, folder in site.area_pages.items()}
    return [
        {
            as_title(area_name(folder, site)): [
                *made.get(folder, ()),
                *(f"{prefix}/{article.path}" for article in articles),
            ]
        }
        for folder, articles in site.areas().items()
    ]


def _area_pages(prefix: str, by_file: Mapping[str, Article]) -> dict[str, str]:
    """Return name and folder of a page for each area at whose address no article stands.

    A `README.md` stands there as well as an `index.md`, and so does `sop/a.md` for `sop/a/`.
    """
    taken = {page_url(name) for name in by_file}
    indexes = {_area_index(prefix, _area(article)): _area(article) for article in by_file.values()}
    return {name: folder for name, folder in indexes.items() if page_url(name) not in taken}


def _area(article: Article) -> str:
    return PurePosixPath(article.path).parent.as_posix()


def _area_index(prefix: str, folder: str) -> str:
    return (PurePosixPath(prefix) / folder / "index.md").as_posix()


def _file(name: str, folder: Path, address: str, config: MkDocsConfig) -> File:
    """Return a file of the site; only a file that is no page is told its address."""
    file = File(
        name,
        src_dir=str(folder),
        dest_dir=config.site_dir,
        use_directory_urls=config.use_directory_urls,
        dest_uri=None if name == address else address,
    )
    # The theme prints the edit link as it is, so the name must be an address here.
    file.edit_uri = quote(name)
    return file


def _moved(file: File, docs: Path, settings: Settings, config: MkDocsConfig) -> File:
    """Return a handbook file under its repository path, at the address it had."""
    return File(
        (docs.relative_to(settings.root) / file.src_uri).as_posix(),
        src_dir=str(settings.root),
        dest_dir=config.site_dir,
        use_directory_urls=config.use_directory_urls,
        dest_uri=file.dest_uri,
        inclusion=file.inclusion,
    )
