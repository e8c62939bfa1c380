"""Who is calling and what they may do: bearer keys, a trusted proxy, or loopback alone.

Keys are random, shown once and stored as hashes, in one small file that an operator can
read, copy and mount. Without any key, only this machine may ask.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import HTTPConnection

from indexer.errors import SopError
from indexer.files import replace_file
from search_api.settings import Settings, SettingsError

Scope = Literal["suggest", "feedback", "metrics", "site", "operate"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_ACTOR_KEY_BYTES = 32
_KEY_PREFIX = "sop_"
LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


class Key(BaseModel):
    """An API key without its secret.

    Attributes:
        id: short name for lists and logs; not secret.
        sha256: of the whole key. A fast hash is right: a key has 256 random bits.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    sha256: str
    scopes: tuple[Scope, ...]
    audiences: tuple[str, ...]
    created: datetime
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may ask.

    Attributes:
        id: key id, person or `loopback`; what the rate limit counts by.
        person: the signed-in person's id, where a trusted proxy named one.
        limited: whether the rate limit applies.
    """

    id: str
    scopes: frozenset[str]
    audiences: frozenset[str]
    person: str | None = None
    limited: bool = True


_KEYS = TypeAdapter(tuple[Key, ...])


class KeyFile:
    """The file of keys; a change on disk counts from the next request on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def keys(self) -> tuple[Key, ...]:
        """Return all keys, expired ones included.

        Raises:
            SettingsError: the file is damaged. Nobody is let in then.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        seen = (status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            try:
                self._keys = _KEYS.validate_json(self._path.read_bytes())
            except ValidationError:
                # The cause would carry what is in the file into a log.
                message = f"{self._path} is damaged; restore it, or delete it and make new keys"
                raise SettingsError(message) from None
            self._seen = seen
        return self._keys

    def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        audiences: Iterable[str],
        expires: datetime | None = None,
    ) -> tuple[Key, str]:
        """Add a key; return it and its secret, which is stored nowhere."""
        secret = _KEY_PREFIX + secrets.token_urlsafe(32)
        key = Key(
            id=secrets.token_hex(4),
            name=name,
            sha256=_hash(secret),
            scopes=tuple(scopes),
            audiences=tuple(audiences),
            created=datetime.now(UTC),
            expires=expires,
        )
        self._write((*self.keys(), key))
        return key, secret

    def revoke(self, key_id: str) -> Key:
        """Remove a key by its id.

        Raises:
            SopError: there is no such key.
        """
        keys = self.keys()
        found = next((key for key in keys if key.id == key_id), None)
        if found is None:
            raise SopError(f"no key has the id {key_id}; list them with: sop key list")
        self._write(tuple(key for key in keys if key is not found))
        return found

    def _write(self, keys: tuple[Key, ...]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._path, _KEYS.dump_json(keys, indent=1), mode=0o600)


def identify(
    connection: HTTPConnection, settings: Settings, keys: tuple[Key, ...]
) -> Caller | None:
    """Return who is calling, or None for nobody we know.

    A key counts first; then a person named by a trusted proxy; without any key and
    without a proxy, everybody on this machine.
    """
    header = connection.headers.get("authorization", "")
    if header[:7].lower() == "bearer ":
        return _by_key(header[7:].strip(), keys)
    if _from_proxy(connection, settings):
        return _by_proxy(connection, settings)
    if not keys and not settings.proxy_addresses and _is_loopback(connection):
        return Caller("loopback", frozenset(SCOPES), frozenset(settings.audiences), limited=False)
    return None


def require_safe_host(settings: Settings) -> None:
    """Refuse to listen beyond loopback while nobody has to prove who they are.

    Raises:
        SettingsError: the message says how to make a key.
    """
    has_door = KeyFile(settings.keys_file).keys() or settings.proxy_addresses
    if settings.host in LOOPBACK_HOSTS or has_door:
        return
    raise SettingsError(
        f"without a key the service listens on 127.0.0.1 only, not on {settings.host}; "
        "make a key first: sop key create NAME (or set proxy_addresses)"
    )


def actor_hash(actor: str | None, secret: bytes) -> str | None:
    """Return a keyed hash that stands for a person: HMAC-SHA256, 32 hexadecimal digits."""
    if actor is None:
        return None
    return hmac.new(secret, actor.encode(), hashlib.sha256).hexdigest()[:32]


def load_actor_key(path: Path) -> bytes:
    """Return the secret behind `actor_hash`; make it on first use, readable by its owner only.

    Raises:
        SettingsError: it cannot be read or made, or is not a whole key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_actor_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"actor_key_file: {error}") from error
    if len(key) != _ACTOR_KEY_BYTES:
        raise SettingsError(
            f"actor_key_file: {path} has {len(key)} bytes, not {_ACTOR_KEY_BYTES}; restore it, or "
            "delete it and the same people get new hashes"
        )
    return key


def _make_actor_key(path: Path) -> None:
    """Write a new key aside and put it in place whole, unless somebody else was first."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_ACTOR_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(aside)
    aside.unlink()


def _by_key(secret: str, keys: tuple[Key, ...]) -> Caller | None:
    digest = _hash(secret)
    found = None
    for key in keys:
        if hmac.compare_digest(key.sha256, digest):
            found = key
    if found is None or (found.expires is not None and found.expires <= datetime.now(UTC)):
        return None
    return Caller(f"key:{found.id}", frozenset(found.scopes), frozenset(found.audiences))


def _from_proxy(connection: HTTPConnection, settings: Settings) -> bool:
    if not settings.proxy_addresses or connection.client is None:
        return False
    try:
        address = ipaddress.ip_address(connection.client.host)
    except ValueError:
        return False
    return any(address in network for network in settings.proxy_addresses)


def _by_proxy(connection: HTTPConnection, settings: Settings) -> Caller | None:
    people = connection.headers.getlist(settings.proxy_user_header)
    groups = connection.headers.getlist(settings.proxy_audience_header)
    # A second line is one that came from outside and that the proxy let through.
    if len(people) != 1 or not people[0].strip() or len(groups) > 1:
        return None
    person = people[0].strip()
    # No header at all: the proxy does not know groups. An empty one: this person has none.
    named = groups[0].split(",") if groups else settings.audiences
    audiences = frozenset(part.strip() for part in named if part.strip())
    operates = {"operate"} if audiences & set(settings.operator_audiences) else set()
    scopes = frozenset({"suggest", "feedback", "site"} | operates)
    return Caller(f"person:{person}", scopes, audiences, person)


def _is_loopback(connection: HTTPConnection) -> bool:
    """Tell whether caller and Host header are this machine.

    The Host header is looked at too, so that no web page can reach the service through
    a name that was made to point here; and a proxy on this machine speaks for others.
    """
    client = connection.client
    # Read by hand: the framework falls back to the server's own address for an odd header.
    named = connection.headers.get("host", "").lower()
    host = named[1:].partition("]")[0] if named.startswith("[") else named.partition(":")[0]
    is_forwarded = any(name in connection.headers for name in _PROXY_HEADERS)
    is_here = client is not None and client.host in LOOPBACK_HOSTS and host in LOOPBACK_HOSTS
    return is_here and not is_forwarded


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
