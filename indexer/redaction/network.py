"""Where somebody's machine stands: IP and MAC addresses, but none that every machine has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from indexer.redaction.found import Span

_IPV4 = re.compile(
    r"(?<![0-9A-Za-z_.-])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z_]|\.\d|-\d)(?P<bits>/\d{1,2}\b)?"
)
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z_:])(?P<bits>/\d{1,3}\b)?"
)
_MAC = re.compile(
    r"(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}(?P<mark>[:-])(?:[0-9A-Fa-f]{2}(?P=mark)){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![0-9A-Za-z:-])"
)
# `version 1.2.3.4`, `upgrade from 1.2.3.4 to 1.2.3.5`, `section 4.2.1.3`.
_VERSION_BEFORE = re.compile(
    r"(?:\b(?:version|versión|versão|release|build|firmware|driver|updated?|upgraded?|upgrading"
    r"|downgraded?|section|chapter|clause|step|oid|ver|rev|revision|sdk|patch|kernel|package)s?"
    r"|版本|升级)[\s:=#.]{0,3}(?:(?:from|to|is|no|at|von|auf|到)[\s.]{0,2})?"
    r"(?:v?\d{1,5}(?:\.\d{1,5}){1,4}\s{0,2}(?:to|and|or|->|→|auf|a|到)\s{0,2})?$",
    re.IGNORECASE,
)
_VERSION_AFTER = re.compile(r"\s?(?:版本|release\b|version\b)", re.IGNORECASE)
_ADDRESS_BEFORE = re.compile(
    r"(?:\b(?:ips?|ipv4|address|addr|host|server|from|ping|ssh|src|dst|client|gateway|dns|peer)|地址)"
    r"[\s:=\[(/]{0,4}$",
    re.IGNORECASE,
)
_LOOK_BACK = 48
# Resolvers that anybody may ask: they are named to tell whether a network works at all.
_PUBLIC_RESOLVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"})
_HIGHEST_VERSION_FIRST, _HIGHEST_VERSION_PART, _HIGHEST_LONG_FIRST = 9, 31, 99
_NOBODYS_MACS = frozenset({"0" * 12, "f" * 12})
_FEWEST_GROUPS = 3


def ip_addresses(text: str) -> Iterator[Span]:
    """Yield addresses of single machines.

    Left alone: versions, loopback, unspecified, broadcast and link-local addresses, masks,
    networks, and public resolvers. A private address stays nobody's secret, but it may name
    one person's computer, so it is found.
    """
    for found in _IPV4.finditer(text):
        start = found.start()
        end = found.start("bits") if found["bits"] else found.end()
        if _is_machine(text[start:end], found["bits"]) and not _is_version(text, start, end):
            yield start, end
    for found in _IPV6.finditer(text):
        end = found.start("bits") if found["bits"] else found.end()
        if _is_machine_of_six(found[0][: end - found.start()], found["bits"]):
            yield found.start(), end


def mac_addresses(text: str) -> Iterator[Span]:
    """Yield addresses of network cards; two digits with hyphens may be a date or a part number."""
    for found in _MAC.finditer(text):
        plain = re.sub(r"\W", "", found[0]).lower()
        is_plain_number = plain.isdigit() and found["mark"] != ":"
        if plain not in _NOBODYS_MACS and not is_plain_number:
            yield found.span()


def _is_machine(written: str, bits: str | None) -> bool:
    try:
        address = IPv4Address(written)
    except AddressValueError:
        return False
    host_bits = 32 - int(bits[1:]) if bits else 0
    is_network = host_bits > 0 and int(address) % (1 << host_bits) == 0
    mask = int(address) ^ 0xFFFFFFFF
    is_mask = mask & (mask + 1) == 0 and written.startswith("255.")
    is_everybodys = address.is_loopback or address.is_unspecified or address.is_link_local
    return not (is_network or is_mask or is_everybodys or written in _PUBLIC_RESOLVERS)


def _is_machine_of_six(written: str, bits: str | None) -> bool:
    groups = [group for group in written.split(":") if group]
    # `::add` and `a::b` are code more often than addresses.
    is_code = len(groups) < _FEWEST_GROUPS and len(groups[0] if groups else "") < _FEWEST_GROUPS
    if is_code or not any(character.isdigit() for character in written):
        return False
    try:
        address = IPv6Address(written)
    except AddressValueError:
        return False
    host_bits = 128 - int(bits[1:]) if bits else 0
    is_network = host_bits > 0 and int(address) % (1 << host_bits) == 0
    return not (address.is_loopback or address.is_unspecified or is_network)


def _is_version(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start]
    if _VERSION_BEFORE.search(before) or _VERSION_AFTER.match(text, end):
        return True
    first, *others = (int(part) for part in text[start:end].split("."))
    is_small = first <= _HIGHEST_VERSION_FIRST and max(others) <= _HIGHEST_VERSION_PART
    # As `27.0.1.0`; networks of companies begin with 10.
    is_long = first <= _HIGHEST_LONG_FIRST and first != 10 and max(others) < 10
    return (is_small or is_long) and not _ADDRESS_BEFORE.search(before)
