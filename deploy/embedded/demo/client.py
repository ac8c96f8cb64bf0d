"""Uses Luwes as its people and neighbours do: over HTTP, signed in or with a key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import requests

from deploy.embedded.home import Home
from shared.clock import FileClock, wib_moment
from shared.sessions import COOKIE

PAGE = 500
WAIT_SECONDS = 180.0


class StoryFailed(Exception):
    """Luwes did not do what the story expects; the message says which call or what was awaited."""


@dataclass
class Client:
    """Calls to one running Luwes. *nip* signs in as that person, *key* names a machine's key."""

    home: Home
    _tokens: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, path: str, *, nip: str = "", key: str = "", expect: tuple[int, ...] = (200, 201, 202, 204),
        **options: Any,
    ) -> requests.Response:  # fmt: skip
        token = self.home.known_secret(key) if key else self._token(nip)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        answer = requests.request(
            method, self.home.origin + path, headers=headers, timeout=60, allow_redirects=False, **options
        )
        if answer.status_code not in expect:
            raise StoryFailed(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options).json()

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.call("POST", path, **options)

    def rows(self, path: str, *, nip: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All rows of a paged list."""
        page = 1
        while True:
            found = self.get(path, nip=nip, params={**params, "page": page, "page_size": PAGE})
            yield from found["rows"]
            if page * PAGE >= found["total"]:
                return
            page += 1

    def total(self, path: str, *, nip: str, **params: Any) -> int:
        return int(self.get(path, nip=nip, params={**params, "page_size": 1})["total"])

    def move_clock(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Let it be *hour*:*minute* WIB on *day* for the whole system; sessions are begun anew."""
        moment = wib_moment(day, hour, minute)
        FileClock(self.home.clock_file).move_to(moment)
        self._tokens.clear()
        return moment

    def _token(self, nip: str) -> str:
        if nip not in self._tokens:
            answer = requests.post(
                f"{self.home.origin}/schedule/login/development",
                data={"nip": nip},
                headers={"Accept": "application/json", "Origin": self.home.origin},
                timeout=30,
                allow_redirects=False,
            )
            if COOKIE not in answer.cookies:
                raise StoryFailed(f"signing in as {nip} failed: {answer.status_code} {answer.text[:300]}")
            self._tokens[nip] = answer.cookies[COOKIE]
        return self._tokens[nip]


def wait_for(what: str, reached: Callable[[], bool], *, seconds: float = WAIT_SECONDS) -> None:
    """Wait until *reached*; the work is done by other processes."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise StoryFailed(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(0.1)
