"""What a photo's traces say. Signals are for the superior's eye; none of them rejects a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

LONGEST_TEXT = 100
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100


@dataclass(frozen=True)
class EarlierUse:
    """A report that carried the very same file."""

    report_id: str
    employee_id: str
    date: date


def exif_moment(stamp: object, offset: object, local_zone: tzinfo) -> datetime | None:
    """EXIF ``DateTimeOriginal`` (``2026:04:10 09:15:00``) with ``OffsetTimeOriginal`` (``+07:00``), which many cameras
    leave out: then it is *local_zone*'s time."""
    if not isinstance(stamp, str) or len(stamp) > LONGEST_TEXT:
        return None
    try:
        local = datetime.strptime(stamp.strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    try:
        zone = datetime.strptime(str(offset).strip("\x00 "), "%z").tzinfo
    except ValueError:
        zone = local_zone
    # Cameras without a set clock write year 0 or 1; such a time says nothing.
    return local.replace(tzinfo=zone) if EARLIEST_YEAR <= local.year <= LATEST_YEAR else None


def signals(taken_on: date | None, day: date, employee_id: str, earlier: Sequence[EarlierUse]) -> list[dict[str, Any]]:
    """Signals of a photo taken on *taken_on* for a duty on *day*, both in the city's calendar: {kind, text} with kind
    fresh, other_day, no_time or same_photo."""
    found: list[dict[str, Any]] = []
    if taken_on is None:
        # Many phones and chat applications strip it: its absence proves nothing.
        found.append({"kind": "no_time", "text": "foto tanpa catatan waktu"})
    elif taken_on == day:
        found.append({"kind": "fresh", "text": "foto diambil pada hari tugas"})
    else:
        found.append({"kind": "other_day", "text": f"foto tercatat diambil {taken_on:%d-%m-%Y}"})
    for use in earlier:
        whose = "" if use.employee_id == employee_id else " pegawai lain"
        text = f"foto sama dengan laporan{whose} tanggal {use.date:%d-%m-%Y}"
        found.append({"kind": "same_photo", "text": text, "report_id": use.report_id})
    return found
