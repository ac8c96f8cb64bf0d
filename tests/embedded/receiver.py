"""A tiny webhook receiver: verifies every signature, keeps what came, and answers with scripted statuses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from standardwebhooks import Webhook

T = TypeVar("T")
SECRET = "whsec_bHV3ZXMtcmFoYXNpYS1jb250b2gtMzItYnl0ZXMhIQ=="


@dataclass
class Received:
    webhook_id: str
    timestamp: int
    body: dict[str, Any]
    status: int


@dataclass
class Receiver:
    """`answers` are used up first, one a request; then 202. A request with a wrong signature gets 401 and is noted."""

    answers: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    refused: int = 0
    url: str = ""

    def of(self, kind: str, **data: str) -> list[Received]:
        """What came of a type, with these values in its data."""
        return [
            each
            for each in list(self.received)
            if each.body["type"] == kind and data.items() <= each.body["data"].items()
        ]

    def wait_for(self, kind: str, *, taken: bool = True, timeout: float = 5.0, **data: str) -> Received:
        """The first one (accepted, if `taken`) of a type; AssertionError when none comes in time."""
        return until(
            lambda: next((each for each in self.of(kind, **data) if each.status == 202 or not taken), None), timeout
        )


def until(look: Callable[[], T | None], timeout: float = 5.0) -> T:
    """Look until there is something, or fail."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing within {timeout} s")


def start_receiver() -> tuple[Receiver, Callable[[], None]]:
    """A receiver on a free port and what stops it."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            try:
                body = Webhook(SECRET).verify(raw, dict(self.headers.items()))
            except Exception:
                receiver.refused += 1
                self._answer(401)
                return
            status = receiver.answers.pop(0) if receiver.answers else 202
            stamp = int(self.headers["webhook-timestamp"])
            receiver.received.append(Received(self.headers["webhook-id"], stamp, body, status))
            self._answer(status)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/contoh"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return receiver, stop
