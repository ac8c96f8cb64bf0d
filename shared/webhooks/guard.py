"""Where webhooks may go: public addresses, and the networks that the operator has allowed.

A subscriber names the address that we call, so it could have us call what only we can reach. Judged is therefore not
the name but each address that it leads to, and the call goes to an address judged, without asking for the name again.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_LIMIT = 500  # characters
ADDRESS_LIMIT = 4  # addresses of a name that are tried

NEVER = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "100.100.100.200/32",
        "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::/32", "fd20:ce::/32",
    )
)  # fmt: skip
"""Unspecified, link-local, multicast, broadcast, and where clouds keep their machines' credentials: never allowed."""

NOT_PUBLIC = tuple(
    ip_network(each)
    for each in (
        "192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "2001::/23", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
"""What older Pythons take for global, and tunnels to IPv4 (6to4, Teredo) whose far end we cannot see."""

UNICAST = ip_network("2000::/3")  # all that is given out of IPv6 (IANA); anything else is special
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_TARGET = re.compile(r"[!-~]*")


class Refused(Exception):
    """The address is none that we call."""


class BadUrl(ValueError):
    """What is wrong with a URL, in Indonesian."""


@dataclass(frozen=True)
class Target:
    """A URL taken apart, once: what is judged is what is called. path: with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def plain(self) -> bool:
        return self.scheme == "http"

    @property
    def header(self) -> str:
        """The Host header (RFC 9112, 3.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (80 if self.plain else 443) else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Take *url* apart; raises BadUrl for what we never call."""
    if len(url) > URL_LIMIT:
        raise BadUrl(f"Alamat paling panjang {URL_LIMIT} tanda.")
    if not _TARGET.fullmatch(url):
        raise BadUrl("Alamat hanya memuat huruf, angka, dan tanda ASCII, tanpa spasi.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadUrl("Alamat tidak dapat dibaca.") from None
    if parts.scheme not in ("https", "http"):
        raise BadUrl("Alamat dimulai dengan https://.")
    if "@" in parts.netloc or "#" in url or "\\" in url:
        raise BadUrl("Alamat tidak boleh memuat nama pengguna, kata sandi, atau bagian setelah #.")
    if not _HOST.fullmatch(host) or port == 0:
        raise BadUrl("Nama host atau porta pada alamat tidak sah.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (80 if parts.scheme == "http" else 443), path)


def check(target: Target, allowed: Sequence[Network]) -> None:
    """What can be said of *target* without asking for its name; raises BadUrl."""
    if target.plain and not allowed:
        raise BadUrl("Alamat dimulai dengan https://; http:// hanya di dalam jaringan yang diizinkan.")
    try:
        judge(ip_address(target.host), allowed, plain=target.plain)
    except ValueError:
        return  # a name: its addresses are judged at each call
    except Refused:
        raise BadUrl("Alamat ini di luar jaringan yang diizinkan.") from None


def judge(address: Address, allowed: Sequence[Network], *, plain: bool) -> None:
    """Raise Refused unless webhooks may go to *address*. plain: without TLS, as in the allowed networks only."""
    real = _unwrapped(address)
    if any(real in network for network in NEVER):
        raise Refused(f"{address} is an address that is never called")
    if any(real in network for network in allowed):
        return
    if plain:
        raise Refused(f"{address} is outside the allowed networks, where https:// is needed")
    if not _public(real):
        raise Refused(f"{address} is a private address")


def resolve(target: Target, allowed: Sequence[Network]) -> list[str]:
    """Addresses of *target*, each judged; one that is refused refuses all.

    The resolver has time-outs of its own (``/etc/resolv.conf``).
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{target.host} has no address: {error}") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        judge(ip_address(address), allowed, plain=target.plain)
    return addresses[:ADDRESS_LIMIT]


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does for one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return address.is_global and not any(address in network for network in NOT_PUBLIC)
