"""What opens a door: tokens, private keys, passwords, and credentials inside addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import Match

from indexer.redaction.found import VALUE, Span, spans

PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)"
    r"|\bAGE-SECRET-KEY-1[0-9A-Z]{40,80}",
    re.DOTALL,
)
# Tokens that name themselves by how they start, as their issuers document it.
TOKEN = re.compile(
    r"(?<![0-9A-Za-z_])(?P<value>gh[pousr]_\w{20,255}|github_pat_\w{20,255}"
    r"|gl(?:pat|dt|rt|ptt|ft|cbt|soat)-[\w-]{20,255}|xox[abeprs]-[\w-]{10,255}|xapp-[\w-]{10,255}"
    r"|sk-[\w-]{16,255}|(?:sk|rk|pk)_(?:live|test)_\w{10,255}|whsec_\w{16,255}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,2000}|GOCSPX-[\w-]{20,64}"
    r"|sop_[\w-]{20,255}|npm_\w{30,64}|pypi-[\w-]{16,1000}|dckr_pat_[\w-]{20,64}|hf_\w{30,64}"
    r"|SG\.[\w-]{16,32}\.[\w-]{16,64}|hv[sb]\.[\w-]{20,400}|dop_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}"
    r"|shp(?:at|ca|pa|ss)_\w{32}|glsa_\w{32,64}|sntry[su]_[\w=+/.-]{20,400}|lin_api_\w{32,64}"
    r"|NRAK-[0-9A-Z]{27}|ATATT3[\w=-]{20,400}|sq0(?:atp|csp)-[\w-]{20,64}"
    r"|\d{8,10}:AA[\w-]{30,36}|eyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{0,2000}"
    r"|(?<=hooks\.slack\.com/services/)T\w{6,20}/B\w{6,20}/\w{16,40}"
    r"|(?<=/api/webhooks/)\d{10,25}/[\w-]{30,100})"
)
URL_LOGIN = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<value>[^\s/?#]{1,300})@")
_URL_PARAMETER = re.compile(
    r"[?&](?:(?P<sure>[\w-]{0,30}?(?:token|signature|secret|passw(?:or)?d|api_?key|jwt|credential)"
    r"|sig|auth|pwd|pw|otp|hmac)|(?P<weak>code|key|session|session_?id|sid))"
    r"=(?P<value>[^&\s#\"'<>]{4,4000})",
    re.IGNORECASE,
)
_MOST_LOOKED_AT = 200
_GOES_ON = re.compile(f"{VALUE}*")
# `password: x`, `client_secret=x`, `API key is x`, `密码是x`.
_NAMED = re.compile(
    r"(?:(?P<scheme>\b(?:authorization[\"']?\s{0,2}[:=]\s{0,2}[\"']?)?(?:bearer|basic|token)\s{1,3})"
    r"|(?:\b[\w-]{0,40}?(?:api[ _-]?key|(?:access|secret|account|sharedaccess|private|encryption|"
    r"signing)[ _-]?key|token|secret|password|passwd|pwd|passcode|passphrase|passwort|kennwort"
    r"|contraseña|contrasena|clave|mot de passe|senha|wachtwoord|hasło|lösenord|parola|пароль)"
    r"|\b(?P<short>pw|pass|mdp|key)|密码|密碼|口令|パスワード|비밀번호)[\"']?"
    r"(?:(?P<assigned>(?P<via> [(]?[^\W\d_]{2,12}[)]?)?\s{0,3}(?:[:=：]|=>)\s{0,3})"
    r"|(?P<told>\s{1,3}(?:is|was|lautet|ist|es|est|è|é|to|jest)\s{1,3}|\s?(?:是|为|は|は、)\s?)|\s{1,3}))"
    rf"(?:\"(?P<quoted>[^\"\n]{{4,200}})\"|(?P<value>'?{VALUE}{{4,{_MOST_LOOKED_AT}}}))",
    re.IGNORECASE,
)
# One of these stands in every text in which `named_secrets` finds something.
ANNOUNCING = """
key token secret passw passc passp passwort kennwort contrase clave passe senha wachtwoord hasło
lösenord parola пароль pw pass mdp 密码 密碼 口令 パスワード 비밀번호 bearer basic pin otp cvv cvc
code código bestätigungscode 验证码 驗證碼 認証コード 인증번호 curl --user
"""
_NUMBER_CODE = re.compile(
    r"(?:\b(?:pin|otp|totp|cvv2?|cvc2?|passcode"
    r"|(?:security|verification|one[ -]time|recovery|backup|sms|authenticator"
    r"|2fa|mfa|second[ -]factor) code"
    r"|código de verificación|bestätigungscode|code de vérification)"
    r"|验证码|驗證碼|認証コード|인증번호)"
    r"(?: (?:code|number))?(?:\s{0,2}[:=：]\s{0,2}|\s(?:is|ist|es|est)\s|\s?(?:是|は)\s?|\s)?"
    r"(?P<value>\d{3,8})(?![\w.:/-])",
    re.IGNORECASE,
)
_CURL_LOGIN = re.compile(
    r"(?:\bcurl\b[^\n]{0,80}?\s-u|\s--user)[ =][\"']?(?P<value>[^\s:\"']{1,100}:[^\s\"']{1,200})"
)
# What a form says about a password, and what a sentence goes on with.
_STATUS_WORDS = """
invalid incorrect expired missing required rejected unknown refused denied failed wrong empty
none null true false reset changed locked blocked correct optional hidden stored disabled
enabled revoked forgotten cannot policy error nothing something please where which would
should could after before again always never still unable doesn't doesnt rotated rotation
vergessen abgelaufen falsch ungültig gesperrt geändert incorrecta olvidada caducada expirado
expirada incorrect oublié expiré inválida esquecida errada
"""
_STATUS = frozenset(_STATUS_WORDS.split())
# Ids of tasks and tickets, error codes, dates: what stands behind a word without being its value.
_ID = re.compile(r"[A-Za-z]{1,10}-\d{1,10}|0x[0-9A-Fa-f]{1,16}|\d{4}-\d\d-\d\d")
_STAND_IN = re.compile(r"\{|<|\$|%7B|\*{3}|•|\.{3}|…|[xX]{4}")
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
_FEWEST_KEY_CHARS, _FEWEST_MADE_CHARS, _FEWEST_TOLD_CHARS = 16, 8, 6


def url_parameters(text: str) -> Iterator[Span]:
    """Yield values of parameters that let somebody in; a page number is none."""
    for found in _URL_PARAMETER.finditer(text):
        value = found["value"]
        is_made = len(value) >= _FEWEST_KEY_CHARS and bool(_DIGIT.search(value))
        if not _STAND_IN.match(value) and (found["sure"] or is_made):
            yield found.span("value")


def named_secrets(text: str) -> Iterator[Span]:
    """Yield what words announce as a password, a key or a code."""
    place = 0
    while found := _NAMED.search(text, place):
        # What looked like a value may be the word that announces one: `token: password: x`.
        place = found.end()
        value = _value(found)
        if value is None:
            place = found.start("quoted" if found["quoted"] else "value")
        else:
            yield value
    yield from spans(_NUMBER_CODE, text)
    yield from spans(_CURL_LOGIN, text)


def _value(found: Match[str]) -> Span | None:
    """Return where a secret stands, or None where a sentence only goes on."""
    group = "quoted" if found["quoted"] else "value"
    start, end = found.span(group)
    raw, is_parameter = found[group], found.string[found.start() - 1 : found.start()] in ("?", "&")
    if is_parameter:
        raw = re.split("[&#]", raw, maxsplit=1)[0]
    value = raw.lstrip("'").rstrip("'.):?!")
    if not value or _STAND_IN.match(value) or not _is_secret(found, value):
        return None
    start += len(raw) - len(raw.lstrip("'"))
    if is_parameter or len(raw) < _MOST_LOOKED_AT:
        # A mark behind a value is more likely its last character than the sentence's.
        return start, found.start(group) + len(raw.rstrip("'.):?"))
    # Only what is a secret is followed to its end: a text of such words takes no long time.
    goes_on = _GOES_ON.match(found.string, end)
    return start, goes_on.end() if goes_on else end


def _is_secret(found: Match[str], value: str) -> bool:
    has_digit, has_letter = bool(_DIGIT.search(value)), bool(_LETTER.search(value))
    is_id = bool(_ID.fullmatch(value))
    is_made = has_digit and not is_id and len(value) >= _FEWEST_MADE_CHARS
    if found["scheme"]:
        return is_made or "authorization" in found["scheme"].lower()
    is_announced = bool(found["assigned"] or found["told"])
    if found["short"] and found["short"].lower() == "key":
        is_mixed = is_made and value.lower() != value and len(value) >= _FEWEST_KEY_CHARS
        return is_announced and is_mixed
    if found["assigned"] and not found["via"]:
        is_word = value.isalpha() and (value.lower() in _STATUS or len(value) < _FEWEST_TOLD_CHARS)
        return not is_word
    if is_announced or found["quoted"]:
        return has_digit and not is_id and len(value) >= _FEWEST_TOLD_CHARS
    return is_made and has_letter and not found["short"]
