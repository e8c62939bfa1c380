"""MkDocs hook: publishes the articles' folder beside `docs/`, as one site people can work with.

Every file is known by its path in the repository, so relative links and edit links work
on the forge and on the site alike. Articles outside the site's audience, drafts and
archived ones are no pages. Headings get the anchors that the index gives them, the text
of articles is cleaned of what could run, and each page gets what its template shows.

In `mkdocs.yml`:

    hooks: [path/to/indexer/site/hook.py]   # or a file with: from indexer.site.hook import *
    edit_uri: edit/main/
    extra:
      sop:
        folder: sop                      # the articles
        audience: [internal]             # who reads this site
        api: /api/v1/                    # where the service is
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from indexer.anchors import slugify
from indexer.site.context import area_context, article_context, article_list, home_context
from indexer.site.meta import article_meta, as_title
from indexer.site.pages import (
    ASSETS_URL,
    SiteArticles,
    add_articles,
    add_assets,
    area_name,
    menu,
    read_articles,
    read_settings,
)
from indexer.site.publish import write_article_list, write_policy, write_redirects
from indexer.site.sanitize import sanitize

__all__ = (
    "on_config",
    "on_env",
    "on_files",
    "on_page_content",
    "on_page_context",
    "on_page_markdown",
    "on_post_build",
)

_THEME = Path(__file__).parent / "theme"
# What the site's own build knows stands where its templates can see it.
_KNOWN = "sop_site"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Watch the articles, and give the site our anchors, templates, scripts and styles."""
    settings = read_settings(config)
    watched = str(settings.path)
    if watched not in config.watch:
        config.watch.append(watched)
    config.mdx_configs.setdefault("toc", {})["slugify"] = slugify
    # A style attribute on each cell would need a policy that allows them.
    config.mdx_configs.setdefault("tables", {})["use_align_attribute"] = True
    if str(_THEME) not in config.theme.dirs:
        config.theme.dirs.insert(0, str(_THEME))
    script = ExtraScriptValue(f"{ASSETS_URL}site.js")
    script.type = "module"
    config.extra_javascript.append(script)
    config.extra_css.insert(0, f"{ASSETS_URL}sop.css")
    # The theme would print a page's depth into a script, so that only pages of articles had
    # that script; the policy takes none from them.
    config.extra.setdefault("scope", urlsplit(config.site_url or "").path or "/")
    return config


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Give every page its path in the repository, and add the articles, in the menu too.

    Runs before other plugins' `on_files`, so that they see the articles too.
    """
    site = read_articles(read_settings(config))
    config.extra[_KNOWN] = site
    if config.nav is not None:
        config.nav = menu(config.nav, site)
    add_articles(files, site, config)
    add_assets(files, config)
    return files


def on_env(env: Environment, config: MkDocsConfig, **_: Any) -> Environment:
    """Give every template, that of the page for a wrong address too, what all of them show."""
    env.globals["sop"] = _shown_everywhere(config)
    return env


@event_priority(100)
def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Tell the theme of articles and areas only what is text, and of other pages their title.

    Runs before other plugins' `on_page_markdown`, so that they read no more than the theme,
    and what they add stays.
    """
    site, name = _site(config), page.file.src_uri
    if (article := site.by_file.get(name)) is not None:
        page.meta = article_meta(name, article, page.meta, config.theme.dirs)
    elif (folder := site.area_pages.get(name)) is not None:
        page.meta = {"title": as_title(area_name(folder, site))}
    elif "title" in page.meta:
        page.meta["title"] = as_title(str(page.meta["title"]))
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Clean an article's text of what could run; the handbook is part of the product."""
    return sanitize(html) if page.file.src_uri in _site(config).by_file else html


def on_page_context(
    context: TemplateContext, page: Page, config: MkDocsConfig, **_: Any
) -> TemplateContext:
    """Give the templates what a page shows beside its text, as `sop`."""
    site = _site(config)
    shown = _shown_everywhere(config)
    article = site.by_file.get(page.file.src_uri)
    if article is not None:
        shown["article"] = article_context(article, site)
    elif page.is_homepage:
        shown["home"] = home_context(site)
    elif (folder := site.area_pages.get(page.file.src_uri)) is not None:
        shown["area"] = area_context(folder, site)
    return cast("TemplateContext", {**context, "sop": shown})


@event_priority(-100)
def on_post_build(config: MkDocsConfig) -> None:
    """Write redirects, the list of articles and the policy beside the pages.

    Runs after other plugins' `on_post_build`, so that no redirect takes the place of a file
    that they write.
    """
    site, folder = _site(config), Path(config.site_dir)
    write_redirects(folder, site)
    write_article_list(folder, article_list(site))
    write_policy(folder, (*site.by_file, *site.area_pages))


def _shown_everywhere(config: MkDocsConfig) -> dict[str, Any]:
    return {"api": _site(config).settings.api, "assets": ASSETS_URL}


def _site(config: MkDocsConfig) -> SiteArticles:
    known: SiteArticles = config.extra[_KNOWN]
    return known
