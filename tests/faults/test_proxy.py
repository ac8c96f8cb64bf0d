"""The proxy does to a connection what it says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.proxy import HOST, Proxy

PATIENCE = 5.0


def echo_until_closed(listener: socket.socket) -> None:
    """Answer every connection with what it sends."""

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    connection.sendall(data)
            except ConnectionError:
                return  # cut off, as the tests do

    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # the test is over
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=echo_until_closed, args=(listener,), daemon=True).start()
        made = Proxy((HOST, listener.getsockname()[1]))
        made.start()
        yield made
        made.close()
        listener.shutdown(socket.SHUT_RDWR)


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection((HOST, proxy.port), PATIENCE)


def echo(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    return connection.recv(1000)


def test_lets_through_both_ways(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        assert echo(connection, b"one") == b"one"
        assert echo(connection, b"two") == b"two"


def test_cut_resets_what_is_open_and_lets_new_connections_through(proxy: Proxy) -> None:
    with connect(proxy) as old:
        assert echo(old, b"one") == b"one"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            old.recv(1000)
    with connect(proxy) as new:
        assert echo(new, b"two") == b"two"


def test_refuses_until_healed_on_the_same_port(proxy: Proxy) -> None:
    port = proxy.port
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.heal()
    assert proxy.port == port
    with connect(proxy) as connection:
        assert echo(connection, b"again") == b"again"


def test_swallows_until_healed_and_then_delivers(proxy: Proxy) -> None:
    with connect(proxy) as old:
        assert echo(old, b"one") == b"one"
        proxy.swallow()
        with connect(proxy) as new:  # accepted, yet nothing comes back
            for connection in (old, new):
                connection.settimeout(0.2)
                connection.sendall(b"late")
                with pytest.raises(TimeoutError):
                    connection.recv(1000)
            proxy.heal()
            for connection in (old, new):
                connection.settimeout(PATIENCE)
                assert connection.recv(1000) == b"late"


def test_slows_down_until_healed(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        proxy.slow(0.2)
        began = time.monotonic()
        assert echo(connection, b"one") == b"one"
        assert time.monotonic() - began >= 0.4  # there and back
        proxy.heal()
        assert echo(connection, b"two") == b"two"


def test_a_caller_is_reset_when_nobody_listens_behind(tmp_path: Path) -> None:
    lonely = Proxy(tmp_path / "no-such-socket")
    lonely.start()
    with connect(lonely) as connection, pytest.raises(ConnectionResetError):
        echo(connection, b"anybody?")
    lonely.close()
