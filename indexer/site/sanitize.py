"""The text of an article as HTML that cannot run: the only home of nh3.

Markdown lets HTML through, and attributes can be added to anything. What is kept here is
what Markdown and the theme's own extensions make; everything else is dropped or shown as
its text.
"""

from __future__ import annotations

import nh3

# The library's list, and what the theme's tabs and task lists need.
_TAGS = (nh3.ALLOWED_TAGS | {"input", "label"}) - {"area", "map"}
# Tabs are radio buttons with labels, task lists are check boxes; a form is nowhere.
_INPUT_TYPES = frozenset({"radio", "checkbox"})
_ATTRIBUTES = {
    "*": {"class", "id", "title", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "loading"},
    "input": {"name", "checked", "disabled"},
    "label": {"for"},
    "details": {"open"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "div": {"data-tabs"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
# What stands in these is no text.
_DROPPED_WHOLE = {"script", "style", "template", "iframe", "object", "noscript", "svg", "math"}


def sanitize(html: str) -> str:
    """Return HTML without scripts, styles, frames, forms, event handlers and odd addresses."""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        tag_attribute_values={"input": {"type": set(_INPUT_TYPES)}},
        clean_content_tags=set(_DROPPED_WHOLE),
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )
