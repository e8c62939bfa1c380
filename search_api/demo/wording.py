"""How people put a question: another time than the article does, in a hurry, with slips.

Takes a stored question and gives what somebody would have typed; never the stored question
itself. Every text is invented, and the addresses in it are of example.com.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from indexer.question import plain_question

_Phrases = Mapping[str, tuple[str, ...]]

GREETINGS: _Phrases = {
    "en": ("Hi team,", "hello,", "Hi,", "good morning,", "hey", "Dear support,"),
    "es": ("Hola,", "Buenas,", "Hola equipo,"),
    "de": ("Hallo,", "Guten Morgen,", "Hallo zusammen,"),
    "pt": ("Oi,", "Bom dia,", "Olá pessoal,"),
    "zh": ("你好,", "您好,"),
    "ja": ("お疲れ様です。", "すみません、"),
}
THANKS: _Phrases = {
    "en": ("Thanks!", "thank you", "Thanks in advance", "cheers"),
    "es": ("Gracias", "gracias de antemano"),
    "de": ("Danke!", "Vielen Dank"),
    "pt": ("Obrigado", "valeu"),
    "zh": ("谢谢", "多谢"),
    "ja": ("よろしくお願いします。",),
}
# What a person adds that the article's question does not have.
CONTEXT: _Phrases = {
    "en": (
        "since this morning",
        "worked fine yesterday",
        "tried twice already",
        "a colleague has the same",
        "my shift ends in 20 minutes",
        "restarted the browser, no change",
        "it is urgent, tasks are waiting",
        "this is the second time this week",
        "what should i do first",
        "can you look at it please",
        "only on my computer",
        "my lead could not help",
        "asap please",
        "happened right after lunch",
        "how long does it take",
        "not sure who to ask",
    ),
    "es": (
        "desde esta mañana",
        "ayer funcionaba bien",
        "ya lo intenté dos veces",
        "es urgente por favor",
        "a un compañero le pasa lo mismo",
        "mi turno termina pronto",
    ),
    "de": (
        "seit heute früh",
        "gestern ging es noch",
        "schon zweimal versucht",
        "ist dringend",
        "ein Kollege hat das auch",
        "was soll ich tun",
    ),
    "pt": (
        "desde hoje cedo",
        "ontem funcionava",
        "já tentei duas vezes",
        "é urgente por favor",
        "um colega também está com isso",
        "o que eu faço",
    ),
    "zh": ("从今天早上开始", "昨天还好好的", "已经试了两次", "比较急", "同事也一样", "应该怎么办"),
    "ja": (
        "今朝からです",
        "昨日は大丈夫でした",
        "二回試しました",
        "急ぎです",
        "同僚も同じです",
        "どうすればいいですか",
    ),
}
# What nobody should put into a ticket, and people do; none of it passes redaction.
_PRIVATE = (
    "you can write to me at desk.{number}@example.com",
    "my private mail is night.shift{number}@example.com",
    "password: Autumn-leaf-{number}",
)
_SHORTER = (
    ("cannot", "cant"),
    ("can not", "cant"),
    ("please", "pls"),
    ("because", "bc"),
    ("i am", "im"),
    ("i have", "ive"),
    ("does not", "doesnt"),
    ("message", "msg"),
    ("second", "2nd"),
    ("minutes", "min"),
    ("people", "ppl"),
    ("with", "w/"),
)
_SPACELESS = ("zh", "ja")
_LONG_WORD = re.compile(r"(?<![\w-])[^\W\d_]{5,}(?![\w-])")
_PRIVATE_SHARE, _SLIP_SHARE, _MERGE_SHARE, _GREET_SHARE = 0.015, 0.35, 0.22, 0.5


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody sends: a chat message, or a ticket with a subject.

    Attributes:
        query: the message, in a chat.
        subject: the ticket's first line.
        description: its text.
    """

    query: str | None = None
    subject: str | None = None
    description: str | None = None


def reworded(questions: Sequence[str], language: str, dice: Random) -> str:
    """Return one of some questions as another person types it, at times two of them at once."""
    stated = dice.choice(questions)
    for _ in range(20):
        text = _changed(stated, questions, language, dice)
        if plain_question(text) != plain_question(stated):
            return text
    return _joined([stated, dice.choice(_of(CONTEXT, language))], language, dice)


def ticket(text: str, language: str, name: str, dice: Random) -> Wording:
    """Return a text as a ticket: a short subject, and greetings around the rest."""
    head, tail = _halves(text, language, dice)
    lines = [tail]
    if dice.random() < _GREET_SHARE:
        lines.insert(0, dice.choice(_of(GREETINGS, language)))
    if dice.random() < 0.3:
        lines.append(f"Work name: {name}")
    if dice.random() < 0.1:
        lines.append(f"Task: T-{dice.randrange(48_000_000, 49_000_000)}")
    if dice.random() < _PRIVATE_SHARE:
        lines.append(dice.choice(_PRIVATE).format(number=dice.randrange(10, 99)))
    if dice.random() < _GREET_SHARE:
        lines.append(dice.choice(_of(THANKS, language)))
    return Wording(subject=head, description="\n".join(line for line in lines if line) or None)


def message(text: str, language: str, dice: Random) -> Wording:
    """Return a text as a chat message."""
    if dice.random() < _GREET_SHARE / 2:
        text = f"{dice.choice(_of(GREETINGS, language))} {text}"
    if dice.random() < _PRIVATE_SHARE:
        text = f"{text}\n{dice.choice(_PRIVATE).format(number=dice.randrange(10, 99))}"
    return Wording(query=text)


def _changed(stated: str, questions: Sequence[str], language: str, dice: Random) -> str:
    parts = [stated]
    if len(questions) > 1 and dice.random() < _MERGE_SHARE:
        parts.append(dice.choice([one for one in questions if one != stated]))
    if dice.random() < 0.55:
        parts.append(dice.choice(_of(CONTEXT, language)))
    text = _joined(parts, language, dice)
    if language in _SPACELESS:
        return text
    if language == "en" and dice.random() < 0.4:
        text = _shortened(text, dice)
    if dice.random() < _SLIP_SHARE:
        text = _with_slip(text, dice)
    if dice.random() < 0.15:
        text = _without_a_word(text, dice)
    return text.lower() if dice.random() < 0.3 else text


def _joined(parts: Sequence[str], language: str, dice: Random) -> str:
    if language in _SPACELESS:
        return ("，" if language == "zh" else "。").join(parts)  # noqa: RUF001  # their own comma
    return dice.choice((". ", ", ", " - ", "\n")).join(parts)


def _shortened(text: str, dice: Random) -> str:
    """Return the text with one word as people shorten it, where it has such a word."""
    there = [pair for pair in _SHORTER if re.search(rf"\b{pair[0]}\b", text, re.IGNORECASE)]
    if not there:
        return text
    long, short = dice.choice(there)
    return re.sub(rf"\b{long}\b", short, text, flags=re.IGNORECASE)


def _with_slip(text: str, dice: Random) -> str:
    """Return the text with a slip in one long word: letters swapped, left out or doubled."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    found = dice.choice(words)
    word, place = found[0], dice.randrange(1, len(found[0]) - 2)
    slips = (
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
    )
    return text[: found.start()] + dice.choice(slips) + text[found.end() :]


def _without_a_word(text: str, dice: Random) -> str:
    words = text.split(" ")
    if len(words) > 5:
        del words[dice.randrange(1, len(words) - 1)]
    return " ".join(words)


def _halves(text: str, language: str, dice: Random) -> tuple[str, str]:
    """Return what stands in the subject, and what stands below it."""
    first, _, rest = text.partition("\n")
    if not rest and language not in _SPACELESS and ". " in text:
        first, _, rest = text.partition(". ")
    if rest:
        return first, rest
    more = [one for one in _of(CONTEXT, language) if one not in text.lower()]
    return text, dice.choice(more) if dice.random() < 0.6 else ""


def _of(phrases: _Phrases, language: str) -> tuple[str, ...]:
    return phrases.get(language, phrases["en"])
