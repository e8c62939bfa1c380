"""Characters and tokens that carry no meaning: invisible ones, emoji, encoded data, addresses."""

from __future__ import annotations

import re

# Zero-width, direction and soft-hyphen characters, and control characters but tab and line end.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160"
    "\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
# Joiners shape letters of Arabic and Indic scripts; anywhere else they only hide what stands there.
_JOINERS = re.compile("(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])")
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe00-\ufe0f\u20e3\U000e0020-\U000e007f]+"
)
_SHORTCODE = re.compile(r"(?<![\w:]):(?:\+1|-1|[a-z][a-z0-9_+-]{1,30}):(?![\w:])")
_SMILEY = re.compile(r"(?<!\S)(?:[:;]-?[)(DPp/|]+|\^\^|<3)(?!\S)")
_DATA_URI = re.compile(r"\bdata:[\w/+.;=-]{0,80};base64,[A-Za-z0-9+/=_-]*")
_ENCODED_RUN = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{60,}={0,2}")
_URL = re.compile(r"\b(?:https?|ftp)://(?P<rest>[^\s<>\"']{1,4000})", re.IGNORECASE)
_PATH_QUERY = re.compile(r"(?P<path>(?<!\S)/[\w./%~-]{1,300})\?[^\s\"']*")
_MAILTO = re.compile(r"<(?:mailto:)?(?:\[email\]|https?://[^\s<>]{1,300})>", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\[(?:image|cid|bild|inline image)(?::[^\]\n]{0,200})?\]|<Media omitted>", re.IGNORECASE
)


def make_visible(text: str) -> str:
    """Return the text with what hides characters removed, and plain spaces and line ends.

    Runs before redaction: an address with an invisible character inside is an address.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    return _JOINERS.sub("", _INVISIBLE.sub("", text))


def drop_encoded(lines: list[str]) -> list[str]:
    """Leave out data that was pasted as base64."""
    return [_ENCODED_RUN.sub(_without_encoded, _DATA_URI.sub("", line)) for line in lines]


def drop_emoji(lines: list[str]) -> list[str]:
    """Leave out emoji, their short codes and smileys; the encoder knows none of them."""
    return [_SMILEY.sub("", _SHORTCODE.sub("", _EMOJI.sub(" ", line))) for line in lines]


def shorten_addresses(lines: list[str]) -> list[str]:
    """Cut web addresses to host and path: session, campaign and time parameters say nothing."""
    return [
        _PATH_QUERY.sub(r"\g<path>", _URL.sub(_host_and_path, _drop_marks(line))) for line in lines
    ]


def _drop_marks(line: str) -> str:
    return _PLACEHOLDER.sub("", _MAILTO.sub("", line))


def _host_and_path(found: re.Match[str]) -> str:
    address = re.split(r"[?#]", found["rest"], maxsplit=1)[0]
    return address.rstrip("/")


def _without_encoded(found: re.Match[str]) -> str:
    """Keep a long run that is a path or a word: encoded data mixes cases and digits."""
    run = found[0]
    is_mixed = (
        any(c.isdigit() for c in run)
        and any(c.isupper() for c in run)
        and any(c.islower() for c in run)
    )
    return "" if is_mixed and run.count("/") < len(run) / 12 else run
