"""In which language a text is written: the only home of the language detector.

English is the answer whenever there is doubt, since most articles are English and an
English question must never be treated as anything else. The detector is offline: its
tables are part of its library.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any

import eldc

DEFAULT_LANGUAGE = "en"

# Of 6,000 pieces of English questions and articles with one to ten words each, these let
# at most 0.1 % through as another language, nearly all of them codes.
_LOWEST_SCORE = 0.6
_LEAD_OVER_ENGLISH = 0.2
# Among the languages of one script, the likeliest is only given up for a clear lead.
_LEAD_IN_SCRIPT = 0.03
_MOST_CHARACTERS = 4_000
# Runs of ASCII with a digit or a sign that words do not have: codes, paths, addresses.
_CODES = re.compile(r"[!-~]*[\d_@/\\<>{}=|#$%&*+^`~][!-~]*")
_LATIN = "LATIN"
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
# One character of these says about as much as three Latin letters.
_EAST_ASIAN_WEIGHT = 3
# The languages that a script may stand for, the likeliest first.
_LANGUAGES = {
    "CJK": ("zh",),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "THAI": ("th",),
    "CYRILLIC": ("ru", "uk", "be", "bg", "sr"),
    "ARABIC": ("ar", "fa", "ur", "ku"),
    "DEVANAGARI": ("hi", "mr"),
    "GREEK": ("el",),
    "HEBREW": ("he",),
}


def detect_language(text: str) -> str:
    """Return the language that most of a text is written in; `en` when that is not sure.

    Opens no file and no connection. Safe to use from several threads.

    Args:
        text: any text; its first 4,000 characters decide. Codes, paths and addresses in
            it count for nothing.

    Returns:
        A BCP 47 primary language tag, such as `de`, `zh` or `vi`.
    """
    # Half a surrogate pair, which JSON can carry, has no UTF-8 for the detector.
    whole = text[:_MOST_CHARACTERS].encode("utf-8", "ignore").decode()
    words = _CODES.sub(" ", unicodedata.normalize("NFKC", whole))
    script = _main_script(words)
    if script is None:
        return DEFAULT_LANGUAGE
    found = _detector().detect_details(words)
    language = str(found.language)
    if script != _LATIN:
        # A script of its own leaves no doubt that this is not English, only about which it is.
        likeliest, *others = _LANGUAGES.get(script, (language,))
        lead = found.scores.get(language, 0.0) - found.scores.get(likeliest, 0.0)
        chosen = language if language in others and lead >= _LEAD_IN_SCRIPT else likeliest
        return chosen if chosen != "und" else DEFAULT_LANGUAGE
    score = found.scores.get(language, 0.0)
    lead = score - found.scores.get(DEFAULT_LANGUAGE, 0.0)
    sure = found.reliable and score >= _LOWEST_SCORE and lead >= _LEAD_OVER_ENGLISH
    return language if sure else DEFAULT_LANGUAGE


def _main_script(text: str) -> str | None:
    """Return the script that most of a text is written in, or None where there is no letter."""
    counts = Counter(_script(letter) for letter in text if letter.isalpha())
    for script in _EAST_ASIAN & counts.keys():
        counts[script] *= _EAST_ASIAN_WEIGHT
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    # Japanese mixes three scripts, of which Chinese has only one.
    if kana and kana * 10 >= counts["CJK"]:
        counts["HIRAGANA"] = kana + counts["CJK"]
    return max(counts, key=counts.__getitem__, default=None)


@cache
def _script(letter: str) -> str:
    """Return the first word of a letter's Unicode name, which is that of its script."""
    return _LATIN if letter.isascii() else unicodedata.name(letter, "").split(" ")[0]


@cache
def _detector() -> Any:
    """Return our own instance, since the library's settings are global otherwise."""
    eldc.init()
    detector = eldc.instance()
    detector.set_scores(20)
    return detector
