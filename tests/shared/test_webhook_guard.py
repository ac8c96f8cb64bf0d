"""The address guard: which addresses webhooks may go to, and that the call goes to the address that was judged."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from environs import Env, EnvError

from shared.durable import Context
from shared.settings import WebhookSettings, read_webhooks
from shared.testing.bench import Bench
from shared.webhooks import guard, transport
from shared.webhooks.send import serve_one
from tests.shared.subscribers import Subscriber, attempts, listening, subscribe, tell

Talk = Callable[[socket.socket], object]

CITY = [ip_network("10.20.0.0/16"), ip_network("fd12:3456::/32")]
EVERYTHING = [ip_network("0.0.0.0/0"), ip_network("::/0")]

PUBLIC = ["8.8.8.8", "103.10.60.1", "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = {
    "loopback": ["127.0.0.1", "127.1.2.3", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00::1", "fec0::1"],
    "shared by providers": ["100.64.0.1"],
    "reserved": ["240.0.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"],
    "reserved, IPv6": ["2001:db8::1", "100::1", "3fff::1", "5f00::1", "4000::1"],
    "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "::10.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1"],
    "tunnels": ["2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
}
NEVER = {
    "metadata": ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200"],
    "metadata in IPv6": ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"],
    "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "255.255.255.255"],
}


def cases(table: dict[str, list[str]]) -> list[Any]:
    return [pytest.param(address, id=f"{kind}: {address}") for kind, several in table.items() for address in several]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called_by_https_only(address: str) -> None:
    guard.judge(ip_address(address), [], plain=False)
    with pytest.raises(guard.Refused, match="https"):
        guard.judge(ip_address(address), CITY, plain=True)


@pytest.mark.parametrize("address", cases(PRIVATE))
def test_private_addresses_are_refused_unless_their_network_is_allowed(address: str) -> None:
    for allowed in ([], CITY):
        with pytest.raises(guard.Refused):
            guard.judge(ip_address(address), allowed, plain=False)
    guard.judge(ip_address(address), EVERYTHING, plain=True)


@pytest.mark.parametrize("address", cases(NEVER))
def test_some_addresses_are_refused_whatever_is_allowed(address: str) -> None:
    for allowed in ([], EVERYTHING):
        with pytest.raises(guard.Refused, match="never"):
            guard.judge(ip_address(address), allowed, plain=False)


@pytest.mark.parametrize("address", ["10.20.1.2", "::ffff:10.20.1.2", "fd12:3456::1"])
def test_the_citys_own_network_alone_may_do_without_tls(address: str) -> None:
    guard.judge(ip_address(address), CITY, plain=True)
    with pytest.raises(guard.Refused):
        guard.judge(ip_address(address), [], plain=True)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://neighbour.example/hook", guard.Target("https", "neighbour.example", 443, "/hook")),
        ("https://Neighbour.example", guard.Target("https", "neighbour.example", 443, "/")),
        ("https://neighbour.example:8443/a?b=c", guard.Target("https", "neighbour.example", 8443, "/a?b=c")),
        ("http://10.20.1.2:8080/", guard.Target("http", "10.20.1.2", 8080, "/")),
        ("https://[2606:4700::1111]/x", guard.Target("https", "2606:4700::1111", 443, "/x")),
    ],
)
def test_a_url_is_taken_apart_once(url: str, target: guard.Target) -> None:
    assert guard.parse(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "", "neighbour.example", "ftp://neighbour.example/", "file:///etc/passwd", "//neighbour.example/", "https://",
        "https://user@neighbour.example/", "https://user:secret@neighbour.example/", "https://a.example\\@b.example/",
        "https://neighbour.example/#part", "https://neighbour.example/a b", "https://neighbour.example/\r\nHost: x",
        "https://neighbour.example:0/", "https://neighbour.example:99999/", "https://neighbour.example:port/",
        "https://neighbour_.example/", "https://nëighbour.example/", "https://[::1/", "https://-x.example/",
        "https://neighbour.example./",
        "https://neighbour.example/" + "a" * 500, "https://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_a_url_that_is_odd_is_refused(url: str) -> None:
    with pytest.raises(guard.BadUrl):
        guard.parse(url)


def test_what_can_be_said_without_asking_for_the_name_is_said_at_once() -> None:
    for url in ("https://127.0.0.1/", "https://[::1]/", "http://neighbour.example/"):
        with pytest.raises(guard.BadUrl):
            guard.check(guard.parse(url), [])
    guard.check(guard.parse("https://neighbour.example/"), [])
    guard.check(guard.parse("http://neighbour.example/"), CITY)


def test_allowed_networks_are_settings_and_a_wrong_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUWES_WEBHOOK_ALLOWED_NETWORKS", "10.20.0.0/16, fd12:3456::/32")
    monkeypatch.setenv("LUWES_WEBHOOK_RETRY_SECONDS", "1,2.5")
    assert read_webhooks(Env()).allowed_networks == tuple(CITY)
    assert read_webhooks(Env()).retry_seconds == (1.0, 2.5)
    monkeypatch.setenv("LUWES_WEBHOOK_ALLOWED_NETWORKS", "10.20.0.1/16")
    with pytest.raises(EnvError, match="LUWES_WEBHOOK_ALLOWED_NETWORKS"):
        read_webhooks(Env())


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver that gives *answers* one after the other; returns the list of names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[Any]:
        if host.replace(".", "").isdecimal():  # a connection to an address asks no name server
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[len(asked) - 1]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_refused_address_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(guard.Refused, match=r"10\.0\.0\.1"):
        guard.resolve(guard.parse("https://neighbour.example/"), [])


def test_the_numbers_that_mean_loopback_in_disguise_are_refused() -> None:
    for host in ("2130706433", "0x7f.1", "0177.0.0.1", "localhost"):
        with pytest.raises(guard.Refused):
            guard.resolve(guard.parse(f"https://{host}/"), [])


def test_a_name_that_changes_its_address_after_the_check_is_not_followed(
    bench: Bench, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is judged, private when it is called. It is asked for once."""
    connected: list[str] = []

    def create_connection(address: tuple[str, int], **_: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    subscriber.url = "https://rebinding.example/hook"
    subscribe(bench, subscriber)
    tell(bench, "U1")
    asked = names(monkeypatch, ["8.8.8.8"], ["10.0.0.1"])
    monkeypatch.setattr(socket, "create_connection", create_connection)
    bench.work()
    assert (asked, connected) == (["rebinding.example"], ["8.8.8.8"])
    bench.clock.at += timedelta(seconds=10)
    bench.work()
    assert connected == ["8.8.8.8"], "the second answer is judged anew, and refused"
    assert "10.0.0.1 is a private address" in attempts(bench)[-1].outcome


def test_a_private_address_is_not_called_unless_its_network_is_allowed(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    tell(bench, "U1")
    strict = replace(bench.settings, webhooks_out=WebhookSettings())
    assert serve_one(Context(strict, bench.clock, bench.context.storage), bench.db) == 1
    assert subscriber.got == []
    assert "127.0.0.1 is outside the allowed networks" in attempts(bench)[0].outcome


def test_a_redirect_is_not_followed(bench: Bench, subscriber: Subscriber, another: Subscriber) -> None:
    subscriber.fails(307, Location=another.url)
    subscribe(bench, subscriber)
    tell(bench, "U1")
    bench.work()
    assert (len(subscriber.got), another.got) == (1, [])


def test_no_proxy_of_the_environment_is_used(
    bench: Bench, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        subscribe(bench, subscriber)
        tell(bench, "U1")
        bench.work()
        assert (len(subscriber.got), proxy.got) == (1, [])


def request_on(connection: socket.socket) -> bytes:
    """A whole request with a JSON object: who closes with something unread resets the connection."""
    request = b""
    while not request.endswith(b"}"):
        request += connection.recv(10_000)
    return request


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate of *name* and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


@contextmanager
def answering(talk: Talk) -> Iterator[int]:
    """A TCP server on loopback that lets *talk* handle its first connection; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):  # the other side may have gone away, as some tests want
            talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    thread.join(10)
    server.close()


@pytest.mark.parametrize(
    ("certified", "status"), [("neighbour.example", 204), ("somebody.example", None)], ids=["its own", "another's"]
)
def test_certificate_and_host_are_those_of_the_url_though_the_call_goes_to_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certified: str, status: int | None
) -> None:
    chain, private = certificate(tmp_path, certified)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    seen: list[Any] = []
    context.sni_callback = lambda _socket, name, _context: seen.append(name)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            seen.append(request_on(secure))
            secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    transport.tls_context.cache_clear()
    try:
        with answering(talk) as port:
            target = guard.parse(f"https://neighbour.example:{port}/hook")
            if status:
                assert transport.post(target, ["127.0.0.1"], b"{}", {}, 5.0).status == status
                assert f"Host: neighbour.example:{port}\r\n".encode() in seen[1]
            else:
                with pytest.raises(transport.CallFailed, match="CERTIFICATE_VERIFY_FAILED"):
                    transport.post(target, ["127.0.0.1"], b"{}", {}, 5.0)
        assert seen[0] == "neighbour.example"
    finally:
        transport.tls_context.cache_clear()


def says(answer: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        request_on(connection)
        connection.sendall(answer)

    return talk


def drip(connection: socket.socket) -> None:
    request_on(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (drip, "no whole answer in time|timed out"),
        (request_on, "RemoteDisconnected|without response"),
        (says(b"SSH-2.0-OpenSSH\r\n"), "BadStatusLine"),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000), "LineTooLong"),
    ],
    ids=["a byte now and then", "hangs up", "no HTTP", "a header without end"],
)
def test_a_server_that_misbehaves_is_given_up(talk: Talk, why: str) -> None:
    with answering(talk) as port, pytest.raises(transport.CallFailed, match=why):
        transport.post(guard.parse(f"http://127.0.0.1:{port}/"), ["127.0.0.1"], b"{}", {}, 0.5)


def test_what_a_server_says_can_always_be_kept(bench: Bench, subscriber: Subscriber) -> None:
    """No text of the database holds a NUL; a delivery that cannot be marked would be sent again without end."""
    with answering(says(b"\x00\xff\x1b[31m\r\n")) as port:
        subscriber.url = f"http://127.0.0.1:{port}/"
        subscribe(bench, subscriber)
        tell(bench, "U1")
        bench.work()
    assert attempts(bench)[0].outcome == "BadStatusLine: ?ÿ?[31m??"


def test_the_next_address_is_tried_when_one_cannot_be_connected_to(subscriber: Subscriber) -> None:
    target = guard.parse(subscriber.url.replace("127.0.0.1", "neighbour.example"))
    assert transport.post(target, ["127.0.0.2", "127.0.0.1"], b"{}", {"webhook-id": "w1"}, 5.0).status == 204
    assert subscriber.got[0][0]["host"] == target.header
