"""Time: aware UTC inside, WIB (Asia/Jakarta) for people. The clock is handed to whoever needs one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class FileClock:
    """A clock that can be moved for all processes at once, by a file holding the distance to the machine's clock.

    Settings accept it in the embedded profile only, where months are played in minutes.
    """

    path: Path

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset()

    def move_to(self, moment: datetime) -> None:
        """Set the clock so that it reads *moment* now and goes on from there."""
        seconds = (moment - datetime.now(UTC)).total_seconds()
        scratch = self.path.with_suffix(".new")
        scratch.write_text(json.dumps({"offset_seconds": seconds}))
        scratch.replace(self.path)  # readers see the old file or the new one, never half of it

    def _offset(self) -> timedelta:
        try:
            return timedelta(seconds=float(json.loads(self.path.read_text())["offset_seconds"]))
        except FileNotFoundError:
            return timedelta()


def wib_date(moment: datetime) -> date:
    """The calendar date in Metro at *moment*."""
    return moment.astimezone(WIB).date()


def wib_moment(day: date, hour: int, minute: int = 0) -> datetime:
    """UTC moment at which it is *hour*:*minute* on *day* in Metro."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=WIB).astimezone(UTC)
