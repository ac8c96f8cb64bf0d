"""The fake BSrE over HTTP, and the schedule service set up to sign through it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import update

from deploy.embedded.fakes.bsre import create_app
from services.schedule.models import Employee
from services.schedule.settings import BsreAccess, ScheduleSettings
from shared.testing.bench import Bench
from tests.servers import served


@dataclass(frozen=True)
class FakeBsre:
    """Where the fake answers, and its switches."""

    url: str

    def access(self, api: str = "v2", password: str = "rahasia") -> BsreAccess:
        return BsreAccess(self.url, api, "luwes", password)

    def fail(self, mode: str, **options: Any) -> None:
        # Not requests.post: tests have e-office stand in its place.
        body = {"mode": mode, **options}
        answer = requests.request("POST", f"{self.url}/_fake/faults", json=body, timeout=5)
        assert answer.status_code == 200, answer.text


@contextmanager
def fake_bsre() -> Iterator[FakeBsre]:
    with served(create_app()) as url:
        yield FakeBsre(url)


@contextmanager
def configured(bench: Bench, **changes: Any) -> Iterator[ScheduleSettings]:
    """The service with other settings while the block runs."""
    before = bench.context.settings
    assert isinstance(before, ScheduleSettings)
    after = dataclasses.replace(before, **changes)
    object.__setattr__(bench.context, "settings", after)  # the bench outlives this test
    try:
        yield after
    finally:
        object.__setattr__(bench.context, "settings", before)


def give_email(bench: Bench, employee_id: str, email: str | None) -> None:
    with bench.db.transaction() as session:
        session.execute(update(Employee).where(Employee.id == employee_id).values(email=email))


def text_of(folder: Path) -> bytes:
    """All that is in the files below *folder*."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
