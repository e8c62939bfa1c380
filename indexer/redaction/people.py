"""How somebody is called in tools: e-mail addresses, handles, user ids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.redaction.found import WORD, Span

# A domain ends in letters, so that `lodash@4.17.21` is none.
_EMAIL = re.compile(
    rf"[{WORD}.+%'-]{{1,64}}@(?:[0-9A-Za-z\u00c0-\u1fff-]{{1,63}}\.){{1,8}}"
    r"[A-Za-z\u00c0-\u1fff][0-9A-Za-z\u00c0-\u1fff-]{1,62}"
)
_LOGIN = re.compile(r"://[^\s/?#]{0,300}$")
_LONGEST_LOGIN = 304
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_HANDLE = re.compile(
    rf"(?<![{WORD}.@/+=:\]-])[@＠](?P<name>[A-Za-z_\u00c0-\u1fff][{WORD}.-]{{1,38}}+"
    rf"|[{_CJK}]{{1,8}}+(?=\s|[,.;:!?，。、：！？]|$))"
    rf"(?P<host>@[0-9A-Za-z-]{{1,63}}(?:\.[0-9A-Za-z-]{{1,63}}){{1,5}})?+"
    r"(?![(/]|\s?=(?!=)|\s(?:INT|BIGINT|N?VARCHAR|DATE|TABLE|BIT)\b)"
)
# Mentions of many, decorators, annotations, rules of style sheets and tags of comments.
_NOBODY_WORDS = """
here channel everyone all room group team oncall on-call support admins moderators helpdesk
override deprecated autowired test bean component service dataclass property staticmethod
classmethod media import charset supports keyframes font-face layer page param params return
returns throws see since author todo latest next beta canary types
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
_CODE_WORDS = "app router api pytest functools abc typing dataclasses click typer jest"
_CODE_ROOTS = frozenset(_CODE_WORDS.split())
_OF_MANY = re.compile(
    r"(?:oncall|on-call|team|group|lead)s?[-_]|[-_](?:oncall|on-call|teams?|group|leads)$"
)
_USER_ID = re.compile(
    r"(?:\b(?:user|employee|staff|customer|client|member|personnel|payroll|account|subscriber"
    r"|student|patient)[ _-]?(?:id|no|number|nr)"
    r"|\b(?:benutzer|personal|mitarbeiter|kunden|mitglieds)-?(?:id|nummer|nr)"
    r"|\b(?:id|número) de (?:usuario|empleado|cliente|usuário|funcionário)"
    r"|\b(?:matricule|matrícula|numéro client|identifiant)|(?<![?&])\b(?:uid|userid|employeeid)"
    r"|用户\s?ID|用户编号|工号|员工编号|客户编号|社員番号|사번)"
    r"[\"'.]{0,2}(?:\s{0,2}[:=#：]\s{0,2}|\s(?:is|ist|es|est|é)\s|\s?(?:是|は)\s?|\s{0,2})[\"']?"
    r"(?P<value>(?=[A-Za-z_-]{0,12}\d)[0-9A-Za-z][0-9A-Za-z_.-]{2,30})",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"(?:(?<![\w.])/home/|(?<![\w.])/Users/|\b[A-Za-z]:\\{1,2}Users\\{1,2})"
    rf"(?P<value>[{WORD}][{WORD}.-]{{1,40}})"
)
_NOBODYS_HOME_WORDS = """
public shared default user users username name root admin administrator ubuntu debian centos
ec2-user runner jenkins vagrant app service git node guest www-data
"""
_NOBODYS_HOME = frozenset(_NOBODYS_HOME_WORDS.split())
_FEWEST_ID_DIGITS = 2


def emails(text: str) -> Iterator[Span]:
    """Yield e-mail addresses; `git@` stands for nobody."""
    for found in _EMAIL.finditer(text):
        start = found.start() + len(found[0]) - len(found[0].lstrip(".'-%+"))
        # What stands before a host in an address is a login, and the host may stay.
        is_login = _LOGIN.search(text[max(0, start - _LONGEST_LOGIN) : start])
        if not (is_login or text.startswith("git@", start)):
            yield start, found.end()


def handles(text: str) -> Iterator[Span]:
    """Yield mentions of one person, `@name`; not of many, and not what code writes with `@`."""
    for found in _HANDLE.finditer(text):
        name = found["name"].rstrip(".-")
        plain = name.lower()
        is_code = plain.partition(".")[0] in _CODE_ROOTS and "." in plain
        if found["host"] or not (plain in _NOBODY or is_code or _OF_MANY.search(plain)):
            yield found.start(), found.end() if found["host"] else found.start("name") + len(name)


def user_ids(text: str) -> Iterator[Span]:
    """Yield ids behind words that announce a person's, and the names of home folders."""
    for found in _USER_ID.finditer(text):
        value = found["value"].rstrip(".-_")
        if sum(character.isdigit() for character in value) >= _FEWEST_ID_DIGITS:
            yield found.start("value"), found.start("value") + len(value)
    for found in _HOME.finditer(text):
        value = found["value"].rstrip(".-")
        if value.lower() not in _NOBODYS_HOME:
            yield found.start("value"), found.start("value") + len(value)
