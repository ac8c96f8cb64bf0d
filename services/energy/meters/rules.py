"""Rules about meter readings: which can be right, which are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

HIGHEST_JUMP = 20  # times the building's median; beyond it a digit too many is likelier than such a day

HIGHEST_DAY = 1_000_000  # kWh; a whole city's day, so no building's

Key = tuple[str, str, date]
"""(building, agency id, date)"""


@dataclass(frozen=True)
class ReadingIn:
    """One building's electricity on one day; unit_id is any unit of the agency."""

    line: int
    building: str
    unit_id: str
    date: date
    kwh: Decimal


def medians(readings: Iterable[tuple[tuple[str, str], Decimal]]) -> dict[tuple[str, str], Decimal]:
    """Median kWh by (building, agency); days without any use say nothing about a usual day."""
    values: dict[tuple[str, str], list[Decimal]] = {}
    for place, kwh in readings:
        if kwh > 0:
            values.setdefault(place, []).append(kwh)
    return {place: median(found) for place, found in values.items()}


def refusal(
    reading: ReadingIn, *, agency_id: str | None, only_agency: str | None, usual: Decimal | None, today: date
) -> str | None:
    """Why the row can't be taken in, or None. only_agency: the sender's, when they may change no other's."""
    place = f"gedung {reading.building} {reading.date}"
    if agency_id is None:
        return f"{place}: unit kerja {reading.unit_id} belum dikenal"
    if only_agency is not None and agency_id != only_agency:
        return f"{place}: unit kerja {reading.unit_id} milik perangkat daerah lain"
    if reading.date > today:
        return f"{place}: tanggal belum lewat"
    if reading.kwh < 0:
        return f"{place}: {_shown(reading.kwh)} kWh negatif"
    if usual is not None and reading.kwh > HIGHEST_JUMP * usual:
        above = f"lebih dari {HIGHEST_JUMP} kali pemakaian yang biasa ({_shown(usual)} kWh)"
        return f"{place}: {_shown(reading.kwh)} kWh {above}"
    return None


def _shown(kwh: Decimal) -> str:
    return f"{kwh:.1f}".replace(".", ",")


@dataclass(frozen=True)
class Sorted:
    """A file's good rows against what is stored; clashing rows name a second, different value for one day."""

    added: dict[Key, Decimal]
    replaced: dict[Key, Decimal]
    same: int
    clashing: list[ReadingIn]


def sort_out(rows: Sequence[tuple[Key, ReadingIn]], stored: Mapping[Key, Decimal]) -> Sorted:
    """Duplicates are replaced only where they differ; within one file the first value of a day holds."""
    added: dict[Key, Decimal] = {}
    replaced: dict[Key, Decimal] = {}
    first: dict[Key, Decimal] = {}
    same = 0
    clashing: list[ReadingIn] = []
    for key, reading in rows:
        if key in first:
            if first[key] == reading.kwh:
                same += 1
            else:
                clashing.append(reading)
            continue
        first[key] = reading.kwh
        if key not in stored:
            added[key] = reading.kwh
        elif stored[key] != reading.kwh:
            replaced[key] = reading.kwh
        else:
            same += 1
    return Sorted(added, replaced, same, clashing)
