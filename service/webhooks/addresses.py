"""Where a webhook may go: an address that anybody on the internet could reach, and no other.

A host name is resolved once, every address it has is checked, and the connection goes to a checked one:
a name that resolves to something else a moment later changes nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 2_000
"""Characters."""

MOST_TRIED = 4
"""Of the addresses of a host; the next one is tried where one does not take the connection."""

Resolver = Callable[[str, int], list[str]]
"""From host and port to addresses as text; raises OSError where there are none."""

_OUTSIDE = ip_network("2000::/3")
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("::ffff:0:0:0/96"))
_INSIDE = tuple(
    ip_network(net)
    for net in (
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata lives here
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # a cloud's platform, from within
        "100.64.0.0/10",  # carriers' own; another cloud's metadata
        "3fff::/20",  # documentation
        "2001::/23",  # protocol assignments, Teredo
    )
)


class Forbidden(Exception):
    """An address that no webhook may go to; its text is the rule, and `word` the short form of it."""

    def __init__(self, word: str, rule: str) -> None:
        super().__init__(rule)
        self.word = word


@dataclass(frozen=True, slots=True)
class Place:
    """A checked place: what the address names, and the network addresses that the connection may go to."""

    tls: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        """What the request's Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def place_of(url: str, *, internal: bool, resolve: Resolver | None = None) -> Place:
    """The checked place of an address; raises Forbidden. internal: http and addresses of this network are allowed.

    >>> place_of("https://[2606:4700::1111]/hook", internal=False).addresses
    ('2606:4700::1111',)
    >>> place_of("https://10.0.0.1/hook", internal=False)
    Traceback (most recent call last):
    service.webhooks.addresses.Forbidden: a host on the internet, not in this network
    """
    parts = _split(url, internal)
    tls, host = parts.scheme == "https", str(parts.hostname)
    port = parts.port or (443 if tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(tls, host, port, path, _addresses(host, port, internal, resolve or look_up))


def _split(url: str, internal: bool) -> SplitResult:
    if not 1 <= len(url) <= LONGEST_URL or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise Forbidden("no-url", f"an address of at most {LONGEST_URL:,} printable ASCII characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("no-url", "a well-formed address") from None
    if parts.scheme != "https" and not (internal and parts.scheme == "http"):
        raise Forbidden("no-https", "an address that begins with https://")
    if "@" in parts.netloc or "#" in url:
        raise Forbidden("no-url", "an address without a user, a password and a fragment")
    if not parts.hostname or not re.fullmatch(r"[0-9a-z._-]+|[0-9a-f:.]+", parts.hostname) or port == 0:
        raise Forbidden("no-url", "an address with a host name; other alphabets as punycode")
    return parts


def _addresses(host: str, port: int, internal: bool, resolve: Resolver) -> tuple[str, ...]:
    try:
        found = [host] if _is_literal(host) else resolve(host, port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise Forbidden("unresolved", "a host name that resolves")
    if not internal and not all(is_public(address) for address in found):
        raise Forbidden("internal-address", "a host on the internet, not in this network")
    return tuple(found[:MOST_TRIED])


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """True for a unicast address of the public internet; an IPv4 address within an IPv6 one is looked at too.

    >>> [is_public(a) for a in ("1.1.1.1", "127.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "fe80::1%eth0")]
    [True, False, False, False, False]
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is not None:
            return is_public(str(inner))
        if found not in _OUTSIDE:
            return False
    return not (
        not found.is_global
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
        or any(found in net for net in _INSIDE if net.version == found.version)
    )


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, translated (NAT64) or tunnelled (6to4)."""
    if any(address in net for net in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
