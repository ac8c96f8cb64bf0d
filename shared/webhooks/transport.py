"""One POST to an address already judged: no redirect, no proxy, no cookie; status and Retry-After are all that is read.

On sockets of the standard library, since every HTTP library asks for the name again by itself. A library that pins the
address (requests-hardened) knows no list of allowed networks and tries the first address only.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.webhooks.guard import Target


class CallFailed(Exception):
    """No answer: the connection, TLS or the protocol failed, or time ran out."""


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None


def post(target: Target, addresses: Sequence[str], body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    """Send *body* to the first of *addresses* that can be connected to.

    seconds: for connecting, for the TLS handshake, and for request and answer, each.
    """
    try:
        with _connect(target, addresses, seconds) as connected:
            deadline = time.monotonic() + seconds
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = connected
            connected.settimeout(seconds)
            connection.request("POST", target.path, body, {**headers, "Host": target.header, "Connection": "close"})
            response = http.client.HTTPResponse(_Answering(connected, deadline), method="POST")  # type: ignore[arg-type]
            response.begin()
            return Answer(response.status, response.headers.get("Retry-After"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        told = "".join(
            sign if sign.isprintable() else "?" for sign in str(error)[:200]
        )  # some of it is the other side's
        raise CallFailed(f"{type(error).__name__}: {told}") from error


def _connect(target: Target, addresses: Sequence[str], seconds: float) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            plain = socket.create_connection((address, target.port), timeout=seconds / len(addresses))
        except OSError as error:
            failure = error
            continue
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body leave apart, but at once
        if target.plain:
            return plain
        try:
            plain.settimeout(seconds)
            return tls_context().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    raise failure or OSError("no address")


@cache
def tls_context() -> ssl.SSLContext:
    """Trusts the machine's authorities; ``SSL_CERT_FILE`` names others, such as the city's own."""
    return ssl.create_default_context()


class _Answering:
    """What HTTPResponse reads from, with one deadline for all reads: a byte now and then keeps no thread busy."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._connected, self._deadline = connected, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Timed(self._connected, self._deadline))


class _Timed(io.RawIOBase):
    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._connected, self._deadline = connected, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no whole answer in time")
        self._connected.settimeout(left)
        return self._connected.recv_into(buffer)
