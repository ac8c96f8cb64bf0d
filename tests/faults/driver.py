"""Rings the bells and sends webhooks over HTTP, steadily, each again and again until it has been taken."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import requests

from shared.webhooks.signing import signed_headers
from tests.faults.bells.services import SOURCE, WEBHOOK_TYPE

RINGS_A_POST = 10
WEBHOOK_SHARE = 0.1
CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 5.0
AGAIN_SECONDS = 0.2
RINGING_THREADS, WEBHOOK_THREADS = 3, 2
GIVE_UP_SECONDS = 60


class Driver:
    """What was taken (answered 2xx) is in ``rung`` and ``webhooks``: for these numbers we expect effects."""

    def __init__(self, ringer_url: str, hearer_url: str, secret: str, *, per_second: float) -> None:
        self.rung: set[int] = set()
        self.webhooks: set[int] = set()
        self.retries = 0
        self._urls = f"{ringer_url}/rings", f"{hearer_url}/webhooks/{SOURCE}"
        self._secret = secret
        self._rings, self._calls = itertools.count(1), itertools.count(1)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        ringing = RINGING_THREADS * RINGS_A_POST / (per_second * (1 - WEBHOOK_SHARE))
        calling = WEBHOOK_THREADS / (per_second * WEBHOOK_SHARE)
        self._threads = [
            threading.Thread(target=self._work, args=(self.ring, ringing), daemon=True) for _ in range(RINGING_THREADS)
        ] + [
            threading.Thread(target=self._work, args=(self.call, calling), daemon=True) for _ in range(WEBHOOK_THREADS)
        ]

    @property
    def taken(self) -> int:
        with self._lock:
            return len(self.rung) + len(self.webhooks)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def hold(self, wanted: bool) -> None:
        """Pause, or go on: a load that only piles up would be timed instead of what a fault does."""
        if wanted:
            self._go.clear()
        else:
            self._go.set()

    def cease(self) -> None:
        """Begin nothing new."""
        self._stop.set()
        self._go.set()

    def stop(self) -> None:
        """Begin nothing new, and wait until what is being sent has been taken."""
        self.cease()
        for thread in self._threads:
            thread.join(GIVE_UP_SECONDS + 10)
            assert not thread.is_alive(), "the driver does not end"

    def ring(self, http: requests.Session) -> list[int]:
        """Have the next numbers rung."""
        with self._lock:
            numbers = list(itertools.islice(self._rings, RINGS_A_POST))
        body = json.dumps({"numbers": numbers}).encode()
        if self._post(http, self._urls[0], body, lambda: {"content-type": "application/json"}):
            with self._lock:
                self.rung.update(numbers)
        return numbers

    def call(self, http: requests.Session) -> list[int]:
        """Send the next webhook; its id stays the same however often it is sent."""
        with self._lock:
            number = next(self._calls)
        now = datetime.now(UTC).isoformat()
        body = json.dumps({"type": WEBHOOK_TYPE, "timestamp": now, "data": {"number": number}}).encode()

        def headers() -> dict[str, str]:
            return signed_headers(body, f"call-{number}", datetime.now(UTC), [self._secret])

        if self._post(http, self._urls[1], body, headers):
            with self._lock:
                self.webhooks.add(number)
        return [number]

    def _work(self, send: Callable[[requests.Session], object], every: float) -> None:
        with requests.Session() as http:
            while not self._stop.is_set():
                began = time.monotonic()
                self._go.wait()
                send(http)
                self._stop.wait(max(0.0, began + every - time.monotonic()))

    def _post(self, http: requests.Session, url: str, body: bytes, headers: Callable[[], dict[str, str]]) -> bool:
        """Send until the answer is 2xx; False when that took too long and nobody knows whether it was taken."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = http.post(url, data=body, headers=headers(), timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
                if 200 <= answer.status_code < 300:
                    return True
            except requests.RequestException:
                http.close()  # start afresh; the connection may be half dead
            self.retries += 1
            time.sleep(AGAIN_SECONDS)
        return False
