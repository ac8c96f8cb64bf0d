"""Webhook intake against the least that a JSON route can do, under the same gunicorn and the same load."""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from shared.webhooks.signing import signed_headers
from tests.bench.stage import SECRET, Stage, running
from tests.servers import free_port

PATH = "/webhooks/outside"
CONNECTIONS = 16
DEADLINE = 60.0


def requests(count: int) -> list[bytes]:
    """*count* different signed webhooks, ready for the wire."""
    now, made = datetime.now(UTC), []
    for number in range(count):
        body = json.dumps(
            {"type": "bell.rung", "timestamp": now.isoformat(), "data": {"number": number, "note": "x" * 200}}
        ).encode()
        headers = signed_headers(body, f"msg_{number}_{now.timestamp()}", now, [SECRET])
        head = [f"POST {PATH} HTTP/1.1", "host: localhost", f"content-length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        made.append("\r\n".join([*head, "", ""]).encode() + body)
    return made


def rate(stage: Stage, app: str, count: int) -> float:
    """Requests a second that *app* (a function of tests.bench.parts) answers with 202, all of *count*."""
    port = free_port()
    stage.environment |= {"LUWES_BIND": f"127.0.0.1:{port}"}
    server = stage.start("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", f"tests.bench.parts:{app}()")
    with running(server):
        _wait(port)
        answered(port, requests(200))  # the first ones connect to the database and compile statements
        load = requests(count)
        began = time.monotonic()
        answered(port, load)
        return count / (time.monotonic() - began)


def answered(port: int, load: Sequence[bytes]) -> None:
    """Send *load* over a few kept connections, one request at a time on each; raises unless each is answered 202."""
    waiting = iter(load)
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        _next(selector, socket.create_connection(("127.0.0.1", port)), waiting)
    end = time.monotonic() + DEADLINE
    while selector.get_map():
        if time.monotonic() > end:
            raise RuntimeError("requests were not answered")
        for key, _ in selector.select(1.0):
            sock, answer = key.fileobj, key.data + key.fileobj.recv(65_536)  # type: ignore[union-attr]
            selector.unregister(sock)
            if not _whole(answer):
                selector.register(sock, selectors.EVENT_READ, answer)
                continue
            if not answer.startswith(b"HTTP/1.1 202"):
                raise RuntimeError(f"answered {answer[:300]!r}")
            if b"connection: close" in answer.lower():
                sock.close()  # type: ignore[union-attr]
                sock = socket.create_connection(("127.0.0.1", port))
            _next(selector, sock, waiting)  # type: ignore[arg-type]
    selector.close()


def _next(selector: selectors.BaseSelector, sock: socket.socket, waiting: Iterator[bytes]) -> None:
    request = next(waiting, None)
    if request is None:
        sock.close()
        return
    sock.sendall(request)
    selector.register(sock, selectors.EVENT_READ, b"")


def _whole(answer: bytes) -> bool:
    """Whether head and body have both come; gunicorn sends them apart."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return bool(end) and length is not None and len(body) >= int(length[1])


def _wait(port: int) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")
